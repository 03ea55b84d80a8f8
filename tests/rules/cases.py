"""For each alert: series that make it fire, when, and the exact labels and annotations that it then has."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

RUNBOOKS = "https://github.com/bootsource-exporter/bootsource-exporter/blob/main/docs/runbooks"
LOGS = "kubectl logs -n bootsource-exporter -l app.kubernetes.io/name=bootsource-exporter"
OWN = "bootsource_exporter_"
IMAGES = "openshift-virtualization-os-images"


@dataclass(frozen=True)
class Series:
    """One series: its value, or a start and what is added each minute."""

    name: str
    labels: dict[str, str]
    value: str = "1+0"


@dataclass(frozen=True)
class Case:
    """One alert, as an on-call engineer gets it. Times are minutes."""

    alert: str
    series: tuple[Series, ...]
    fires_at: int
    labels: dict[str, str]
    summary: str
    description: str
    keeps: int = 0
    lingers: int = 0
    """How long the expression holds after the series are gone: of a rate its window."""
    command: str = f"{LOGS} --tail=50"
    around: tuple[Series, ...] = ()
    """What goes on when the problem is over: the exporter still works."""
    dated: bool = False
    """Its series tell that it exists since the first minute."""
    page: str = ""
    anchor: str = ""
    dashboard: str = "/d/bootsource-overview"

    def annotations(self, minute: int) -> dict[str, str]:
        """What it says at this time."""
        texts = {"summary": self.summary, "description": self.description, "command": self.command}
        texts |= {"since": f"1970-01-01T00:01:00Z ({_age(minute - 1)})"} if self.dated else {}
        texts |= {"page_url": self.page} if self.page else {}
        runbook = f"{RUNBOOKS}/{self.alert}.md{self.anchor}"
        return {**texts, "runbook_url": runbook, "dashboard_url": self.dashboard}


def _age(minutes: int) -> str:
    """As Prometheus writes it."""
    return f"{minutes // 60}h {minutes % 60}m 0s" if minutes >= 60 else f"{minutes}m 0s"


def root(alert: str, area: str, check: str, kind: str, name: str, look: str, fires_at: int, **stated: object) -> Case:
    """A root cause in the namespace of images that affects five objects, known since the epoch's first minute."""
    severity = str(stated.get("severity", "warning"))
    namespace = IMAGES if stated.get("namespaced", True) else ""
    cluster = str(stated.get("cluster", ""))
    labels = {"check": check, "kind": kind, "object_namespace": namespace, "object": name, "severity": severity}
    of_cluster = {"cluster": cluster} if cluster else {}
    thing = f"{kind} {namespace}/{name}" if namespace else f"{kind} {name}"
    alone = {"namespace": namespace} if area == "references" else {}
    return Case(
        alert=alert,
        series=(
            Series("bootsource_finding_root_dependents", labels | of_cluster, "5+0"),
            Series("bootsource_finding_since_timestamp_seconds", labels | of_cluster, "60+0"),
        ),
        around=(
            Series("bootsource_check_info", {"check": check, "title": f"Title of {check}", "area": area} | of_cluster),
            Series("bootsource_check_effect_info", {"check": check, "effect": "Things break."} | of_cluster),
            Series("bootsource_check_status", {"check": check, "status": "fail"} | of_cluster),
            Series(OWN + "last_evaluation_timestamp_seconds", of_cluster, "0+60"),
        ),
        fires_at=fires_at,
        keeps=15,
        labels={
            **{k: v for k, v in labels.items() if v},
            **of_cluster,
            **alone,
            "team": "virtualization",
            "operator_health_impact": "none",
        },
        summary=f"Title of {check}{'' if kind == 'Cluster' else f': {thing}'} (5 affected)",
        description=("Effect: Things break. Affected objects: 5"),
        command=look,
        dated=True,
        page=f"/checks/{check}",
        anchor=f"#{check}",
    )


def health(  # noqa: PLR0917  (as in the list below: what each is stands in its text)
    alert: str,
    series: tuple[Series, ...],
    fires_at: int,
    summary: str,
    description: str,
    labels: dict[str, str] | None = None,
    keeps: int = 0,
    lingers: int = 0,
    command: str = f"{LOGS} --tail=50",
    page: str = "",
) -> Case:
    """An alert about the exporter."""
    common = {"severity": "warning", "team": "monitoring", "operator_health_impact": "none"}
    return Case(
        *(alert, series, fires_at, {**common, **(labels or {})}, summary, description),
        keeps=keeps,
        lingers=lingers,
        command=command,
        page=page,
        dashboard="/d/bootsource-exporter",
    )


NO_DEFAULT = partial(
    root,
    *("BootSourceMachineCreationBroken", "storage", "no-default-storage-class", "Cluster", ""),
    "kubectl get storageclass,hyperconverged,ssp,cdi -A",
    10,
    severity="critical",
    namespaced=False,
)
FROZEN = partial(
    root,
    *("BootSourceNotPolled", "polling", "polling-frozen", "DataImportCron", "fedora-image-cron"),
    f"kubectl describe dataimportcron fedora-image-cron -n {IMAGES}",
    60,
)
_NAMED = ("DataImportCron", "fedora-image-cron", f"kubectl describe dataimportcron fedora-image-cron -n {IMAGES}")
_HCO = "kubevirt-hyperconverged"
_CONFIGURATION = "The configuration file has a mistake."
_EXPIRED = "Effect: once it has expired, Prometheus cannot scrape"
CASES = (
    NO_DEFAULT(),
    NO_DEFAULT(cluster="prod"),
    FROZEN(),
    FROZEN(cluster="prod"),
    root(
        *("BootSourceOperatorStalled", "operators", "ssp-paused", "SSP", f"ssp-{_HCO}"),
        f"kubectl describe ssp ssp-{_HCO} -n {IMAGES}",
        60,
    ),
    root("BootSourceConfigurationIneffective", "entries", "cron-drifted", *_NAMED, 60),
    root(
        *("BootSourceStorageAmbiguous", "storage", "incomplete-storage-profile", "StorageProfile", "fast"),
        "kubectl describe storageprofile fast",
        15,
        namespaced=False,
    ),
    root(
        *("BootSourceImportFailing", "imports", "import-failing", "DataVolume", "fedora-0123"),
        f"kubectl describe datavolume fedora-0123 -n {IMAGES}",
        60,
    ),
    root(
        *("BootSourceDataSourceBroken", "datasources", "data-source-not-ready", "DataSource", "fedora"),
        f"kubectl describe datasource fedora -n {IMAGES}",
        60,
    ),
    root(
        *("BootSourceReferenceBroken", "references", "machine-source-not-ready", "VirtualMachine", "web"),
        f"kubectl describe virtualmachine web -n {IMAGES}",
        30,
    ),
    # Hygiene, unless something worse follows from it.
    root(
        *("BootSourceConfigurationIneffective", "entries", "common-boot-images-off", "HyperConverged", _HCO),
        f"kubectl describe hyperconverged {_HCO} -n {IMAGES}",
        60,
    ),
    # Usually a warning.
    root("BootSourceMachineCreationBroken", "polling", "polling-frozen", *_NAMED, 10, severity="critical"),
    # A check, and an area, that the rules have never heard of.
    root("BootSourceConfigurationIneffective", "weather", "of-tomorrow", *_NAMED, 60),
    Case(
        alert="BootSourceFreshnessBudgetBurning",
        series=(
            Series(
                "bootsource_dataimportcron_proven_newest_timestamp_seconds",
                {"object_namespace": IMAGES, "dataimportcron": "fedora-image-cron"},
                "0+0",
            ),
            Series("bootsource_freshness_target_seconds", {}, "3600+0"),
        ),
        fires_at=127,  # stale after 60, a tenth of all samples is stale at 67, and then the hour of `for`
        keeps=30,
        lingers=6 * 60,
        labels={
            "kind": "DataImportCron",
            "object_namespace": IMAGES,
            "object": "fedora-image-cron",
            "dataimportcron": "fedora-image-cron",
            "severity": "warning",
            "team": "virtualization",
            "operator_health_impact": "none",
        },
        summary=f"DataImportCron {IMAGES}/fedora-image-cron: too often not proven to have the newest image",
        description=(
            "In 52.34% of the last six hours it was not proven within the freshness target that this boot source has "
            "the newest image, and its error budget is spent. "
            "Effect: virtual machines may be created from an image without the newest fixes"
        ),
        command=f"kubectl describe dataimportcron fedora-image-cron -n {IMAGES}",
    ),
    health(
        "BootSourcePermissionMissing",
        (Series("bootsource_resource_state", {"resource": "ssps", "state": "forbidden"}),),
        15,
        "bootsource-exporter has no permission to list ssps",
        "The API server refuses to let bootsource-exporter list or watch ssps. Effect: every check that needs them is "
        "blind",
        labels={"resource": "ssps"},
        command="kubectl get clusterrolebinding -o wide | grep bootsource-exporter",
        keeps=5,
    ),
    health(
        "BootSourcePermissionMissing",
        (Series("bootsource_resource_hidden_namespaces", {"resource": "pods", "state": "forbidden"}),),
        15,
        "bootsource-exporter has no permission to list pods",
        "The API server refuses to let bootsource-exporter list or watch pods. Effect: every check that needs them is "
        "blind",
        labels={"resource": "pods"},
        command="kubectl get clusterrolebinding -o wide | grep bootsource-exporter",
        keeps=5,
    ),
    health(
        "BootSourceWatchStale",
        (Series("bootsource_resource_state", {"resource": "ssps", "state": "stale"}),),
        15,
        "bootsource-exporter cannot watch ssps",
        "bootsource-exporter cannot list or watch ssps at present. Effect: what it reports of them is old, and checks "
        "that need them are blind, or will be soon",
        labels={"resource": "ssps"},
        keeps=5,
    ),
    health(
        "BootSourceWatchStale",
        # Its state may say that it is live: it was last heard at the beginning, and ten minutes are allowed.
        (Series(OWN + "watch_last_alive_timestamp_seconds", {"resource": "ssps"}, "0+0"),),
        26,
        "bootsource-exporter cannot watch ssps",
        "bootsource-exporter cannot list or watch ssps at present. Effect: what it reports of them is old, and checks "
        "that need them are blind, or will be soon",
        labels={"resource": "ssps"},
        keeps=5,
    ),
    health(
        "BootSourceAuditBlind",
        tuple(
            Series("bootsource_check_status", {"check": check, "status": "blind"})
            for check in ("ssp-paused", "ssp-degraded")
        ),
        20,
        "Checks of boot sources are blind, so problems may be missed",
        "A resource that some checks read is not known. Effect: the problems that they would find are not noticed. "
        "Which, and why, is on the page of the exporter and in the report of `bootsource-exporter audit`",
        labels={"reason": "checks-blind"},
        page="/",
        keeps=5,
    ),
    health(
        "BootSourceAuditBlind",
        (Series("bootsource_resource_rejected_objects", {"resource": "pods"}, "2+0"),),
        20,
        "Objects of the cluster cannot be read, so problems may be missed",
        "bootsource-exporter cannot decode some objects. Effect: whether they are in order is unknown. "
        "Which, and why, is on the page of the exporter and in the report of `bootsource-exporter audit`",
        labels={"reason": "objects-rejected"},
        page="/",
        keeps=5,
    ),
    *(
        health(
            "BootSourceExporterFailing",
            (series,),
            fires_at,
            f"bootsource-exporter has a bug: {reason}",
            "A check, a metric, a watch or the HTTP server of bootsource-exporter crashes, one of its threads has "
            "ended, or the checks have not been evaluated for five minutes. Effect: part of what it should report is "
            "missing",
            labels={"reason": reason},
            keeps=15,
            lingers=lingers,
        )
        for reason, series, fires_at, lingers in (
            # An increase takes two samples, and lasts as long as its window.
            ("check-crashes", Series(OWN + "check_failures_total", {"check": "ssp-paused"}, "0+1"), 16, 15),
            ("metric-crashes", Series(OWN + "family_failures_total", {"family": "bootsource_cdi_info"}, "0+1"), 16, 15),
            ("http-crashes", Series(OWN + "http_failures_total", {"part": "connection"}, "0+1"), 16, 15),
            (
                "watch-crashes",
                Series(OWN + "watch_requests_total", {"resource": "pods", "outcome": "crashed"}, "0+1"),
                16,
                15,
            ),
            ("thread-ended", Series(OWN + "thread_alive", {"thread": "evaluation"}, "0+0"), 15, 0),
            # The last evaluation was at the beginning: five minutes are allowed, fifteen have to pass.
            ("not-judging", Series(OWN + "last_evaluation_timestamp_seconds", {}, "0+0"), 21, 0),
        )
    ),
    *(
        health(
            "BootSourceExporterReloadRefused",
            (series,),
            15,
            f"bootsource-exporter works with an old file: {reason}",
            description,
            labels={"reason": reason},
            command=f"{LOGS} --tail=-1 | grep -e refused -e certificate",
            keeps=5,
        )
        for reason, series, description in (
            (
                "configuration-refused",
                Series("bootsource_config_last_reload_successful", {}, "0+0"),
                f"{_CONFIGURATION} Effect: the last good one applies, and the exporter will not start again",
            ),
            (
                "certificate-refused",
                Series(OWN + "tls_last_reload_successful", {}, "0+0"),
                f"The TLS certificate files cannot be used, those read before are. {_EXPIRED}",
            ),
            (
                "certificate-expires",
                Series(OWN + "tls_certificate_expiry_timestamp_seconds", {}, "600000+0"),
                f"The TLS certificate expires within a week. {_EXPIRED}",
            ),
        )
    ),
)
DOWN = health(
    "BootSourceExporterDown",
    (Series("bootsource_exporter_build_info", {"version": "1"}),),
    10,
    "bootsource-exporter is down: Prometheus receives nothing from it",
    "Effect: new problems of boot sources are not noticed. Alerts that fire already go on firing, since it is not "
    "known whether their problems are fixed",
    command="kubectl get pods -A -l app.kubernetes.io/name=bootsource-exporter",
)

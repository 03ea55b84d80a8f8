"""For each alert: series that make it fire, when, and the exact labels and annotations that it then has."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

RUNBOOKS = "https://github.com/bootsource-exporter/bootsource-exporter/blob/main/docs/runbooks"
LOGS = "oc logs -n bootsource-exporter -l app.kubernetes.io/name=bootsource-exporter"
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
    anchor: str = ""
    dashboard: str = "/d/bootsource-overview"
    annotations: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        runbook = f"{RUNBOOKS}/{self.alert}.md{self.anchor}"
        texts = {"summary": self.summary, "description": self.description}
        object.__setattr__(self, "annotations", {**texts, "runbook_url": runbook, "dashboard_url": self.dashboard})


def root(alert: str, check: str, kind: str, name: str, problem: str, effect: str, look: str, **told: object) -> Case:
    """A root cause in the namespace of images, on which five objects depend, known since the epoch's first minute."""
    severity, fires_at = str(told.get("severity", "warning")), told["fires_at"]
    namespace = IMAGES if told.get("namespaced", True) else ""
    cluster = str(told.get("cluster", ""))
    labels = {"check": check, "kind": kind, "object_namespace": namespace, "object": name, "severity": severity}
    labels |= {"cluster": cluster} if cluster else {}
    thing = f"{kind} {namespace}/{name}" if namespace else f"{kind} {name}".strip()
    where = f" in {cluster}" if cluster else ""
    named = where if kind == "Cluster" else f": {thing}{where}"
    thing = ("The cluster" if kind == "Cluster" else thing) + where
    assert isinstance(fires_at, int)
    return Case(
        alert=alert,
        series=(
            Series("bootsource_finding_root_dependents", labels, "5+0"),
            Series("bootsource_finding_since_timestamp_seconds", labels, "60+0"),
        ),
        fires_at=fires_at,
        keeps=15,
        labels={**{k: v for k, v in labels.items() if v}, "team": "virtualization", "operator_health_impact": "none"},
        summary=f"{problem}{named}.",
        description=(
            f"{thing} has this problem since 1970-01-01 00:01:00 +0000 UTC. 5 objects fail or wait because of it. "
            f"Effect: {effect} Cause and remedy: `bootsource-exporter explain {check}`. Look at it: `{look}`"
        ),
        anchor=f"#{check}",
    )


def health(
    alert: str,
    series: tuple[Series, ...],
    fires_at: int,
    summary: str,
    description: str,
    labels: dict[str, str] | None = None,
    keeps: int = 0,
    lingers: int = 0,
) -> Case:
    """An alert about the exporter."""
    common = {"severity": "warning", "team": "monitoring", "operator_health_impact": "none"}
    return Case(
        *(alert, series, fires_at, {**common, **(labels or {})}, summary, description),
        keeps=keeps,
        lingers=lingers,
        dashboard="/d/bootsource-exporter",
    )


NO_DEFAULT = partial(
    root,
    *("BootSourceMachineCreationBroken", "no-default-storage-class", "Cluster", ""),
    "There is no default StorageClass for virtual machine images",
    "Virtual machines cannot be created from the boot sources that depend on it.",
    "oc get storageclass,hyperconverged,ssp,cdi -A",
    fires_at=10,
    severity="critical",
    namespaced=False,
)
FROZEN = partial(
    root,
    *("BootSourceNotPolled", "polling-frozen", "DataImportCron", "fedora-image-cron"),
    "A boot source is not polled any more",
    "Machines go on to be created from an image that grows older, without the security fixes of newer ones.",
    f"oc describe dataimportcron fedora-image-cron -n {IMAGES}",
    fires_at=60,
)
CASES = (
    NO_DEFAULT(),
    NO_DEFAULT(cluster="prod"),
    FROZEN(),
    FROZEN(cluster="prod"),
    root(
        *("BootSourceOperatorStalled", "ssp-paused", "SSP", "ssp-kubevirt-hyperconverged", "SSP is paused"),
        "Changes of boot sources are not carried out; what drifts stays wrong.",
        f"oc describe ssp ssp-kubevirt-hyperconverged -n {IMAGES}",
        fires_at=60,
    ),
    root(
        *("BootSourceConfigurationIneffective", "cron-drifted", "DataImportCron", "fedora-image-cron"),
        "A DataImportCron does not match its entry",
        "A boot source is missing, or differs from what somebody has asked for.",
        f"oc describe dataimportcron fedora-image-cron -n {IMAGES}",
        fires_at=60,
    ),
    root(
        *("BootSourceStorageAmbiguous", "incomplete-storage-profile", "StorageProfile", "fast"),
        "A StorageProfile does not say which access and volume mode to use",
        "The next image may go to another StorageClass or format than wanted, or not be imported at all.",
        "oc describe storageprofile fast",
        fires_at=15,
        namespaced=False,
    ),
    root(
        *("BootSourceImportFailing", "import-failing", "DataVolume", "fedora-0123"),
        "The import of a newer image fails",
        "Machines are created from an older image, or with disks that are slow to clone.",
        f"oc describe datavolume fedora-0123 -n {IMAGES}",
        fires_at=60,
    ),
    root(
        *("BootSourceDataSourceBroken", "data-source-not-ready", "DataSource", "fedora", "A DataSource is not ready"),
        "New machines from the templates that use it wait for ever, or boot an old image.",
        f"oc describe datasource fedora -n {IMAGES}",
        fires_at=60,
    ),
    root(
        *("BootSourceReferenceBroken", "machine-source-not-ready", "VirtualMachine", "web"),
        "A virtual machine waits for a DataSource that is not ready",
        "Machines that are created from it do not start.",
        f"oc describe virtualmachine web -n {IMAGES}",
        fires_at=30,
    ),
    root(
        *("BootSourceConfigurationIneffective", "common-boot-images-off", "HyperConverged", "kubevirt-hyperconverged"),
        "Common boot sources are switched off",  # hygiene, unless something worse follows from it
        "A boot source is missing, or differs from what somebody has asked for.",
        f"oc describe hyperconverged kubevirt-hyperconverged -n {IMAGES}",
        fires_at=60,
    ),
    root(
        *("BootSourceMachineCreationBroken", "polling-frozen", "DataImportCron", "fedora-image-cron"),
        "A boot source is not polled any more",  # usually a warning
        "Virtual machines cannot be created from the boot sources that depend on it.",
        f"oc describe dataimportcron fedora-image-cron -n {IMAGES}",
        fires_at=10,
        severity="critical",
    ),
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
        summary=f"DataImportCron {IMAGES}/fedora-image-cron is too often not known to have the newest image.",
        description=(
            f"In 52.34% of the last three days nobody could tell that DataImportCron {IMAGES}/fedora-image-cron has "
            "the newest image within the freshness target; 5 % are allowed. "
            "Effect: machines may be created from an image "
            f"without the newest fixes. Look at it: `oc describe dataimportcron fedora-image-cron -n {IMAGES}`"
        ),
    ),
    health(
        "BootSourcePermissionMissing",
        (Series("bootsource_resource_state", {"resource": "ssps", "state": "forbidden"}),),
        15,
        "bootsource-exporter may not list ssps.",
        "The API server refuses bootsource-exporter to list or watch ssps. Effect: every check that needs them is "
        "blind. Look at it: `oc get clusterrolebinding -o wide | grep bootsource-exporter`",
        labels={"resource": "ssps"},
        keeps=5,
    ),
    health(
        "BootSourcePermissionMissing",
        (Series("bootsource_resource_hidden_namespaces", {"resource": "pods", "state": "forbidden"}),),
        15,
        "bootsource-exporter may not list pods.",
        "The API server refuses bootsource-exporter to list or watch pods. Effect: every check that needs them is "
        "blind. Look at it: `oc get clusterrolebinding -o wide | grep bootsource-exporter`",
        labels={"resource": "pods"},
        keeps=5,
    ),
    health(
        "BootSourceWatchStale",
        (Series("bootsource_resource_state", {"resource": "ssps", "state": "stale"}),),
        15,
        "bootsource-exporter has lost sight of ssps.",
        "bootsource-exporter cannot list or watch ssps at present. Effect: what it says of them is old, and checks "
        "that need them are or become blind. "
        f"Look at it: `{LOGS} --tail=50`",
        labels={"resource": "ssps"},
        keeps=5,
    ),
    health(
        "BootSourceWatchStale",
        # Its state may say that it is live: it was last heard at the beginning, and ten minutes are allowed.
        (Series(OWN + "watch_last_alive_timestamp_seconds", {"resource": "ssps"}, "0+0"),),
        26,
        "bootsource-exporter has lost sight of ssps.",
        "bootsource-exporter cannot list or watch ssps at present. Effect: what it says of them is old, and checks "
        "that need them are or become blind. "
        f"Look at it: `{LOGS} --tail=50`",
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
        "2 checks of boot sources cannot judge.",
        "2 checks are blind, because a resource that they read is not known. Effect: the problems that they would find "
        "are not noticed. Which, and why: `bootsource-exporter audit`",
        keeps=5,
    ),
    *(
        health(
            "BootSourceExporterFailing",
            (series,),
            fires_at,
            f"bootsource-exporter has a defect: {reason}.",
            "A check, a metric, a watch or the HTTP server of bootsource-exporter crashes, one of its threads has "
            "ended, or the checks have not been evaluated for five minutes. Effect: part of what it should say is "
            f"missing. Look at it: `{LOGS} --tail=50`",
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
    health(
        "BootSourceExporterFailing",
        (Series("bootsource_config_last_reload_successful", {}, "0+0"),),
        15,
        "bootsource-exporter refuses its configuration file.",
        "The configuration file was changed to one that bootsource-exporter refuses. Effect: what stood there before "
        "still counts, and it will not start again with what stands there now. Which line, and why: "
        f"`{LOGS} --tail=-1 | grep 'configuration file is refused'`",
        labels={"reason": "configuration-refused"},
        keeps=15,
    ),
)
DOWN = health(
    "BootSourceExporterDown",
    (Series("bootsource_exporter_build_info", {"version": "1"}),),
    10,
    "Nobody watches the boot sources: Prometheus receives nothing from bootsource-exporter.",
    "Prometheus has no metrics of any bootsource-exporter. Effect: problems of boot sources are not noticed, and no "
    "other alert about them can fire. Look at it: `oc get pods -A -l app.kubernetes.io/name=bootsource-exporter`",
)

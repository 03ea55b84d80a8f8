"""Every option that can be set. Which command takes which stands in `exporter/settings/commands.py`."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from exporter.settings import values as read
from exporter.settings.settings import Option
from exporter.settings.values import Address

if TYPE_CHECKING:
    from exporter.cluster.resource import Resource

SERVE: Final = "serve"
AUDIT: Final = "audit"
COLLECT: Final = "collect"
WHAT_IF: Final = "what-if"
EXPLAIN: Final = "explain"
LINT: Final = "lint"
LIST: Final = "list"
COMPLETION: Final = "completion"
DEMO: Final = "demo"
CONFIG_CHECK: Final = "config check"
DOCTOR: Final = "doctor"
KUBERNETES: Final = "kubernetes"


_FORMATS: Final = ("logfmt", "json")
_LEVELS: Final = ("debug", "info", "warning", "error")
REPORT_OUTPUTS: Final = ("table", "json", "markdown", "html", "junit", "sarif", "github")
LINT_OUTPUTS: Final = ("table", "json", "markdown", "junit", "sarif", "github")
LIST_OUTPUTS: Final = ("table", "wide", "json", "yaml", "name")
DOCTOR_OUTPUTS: Final = ("table", "json")
OUTPUTS: Final = tuple(dict.fromkeys((*REPORT_OUTPUTS, *LIST_OUTPUTS, *DOCTOR_OUTPUTS)))
SEVERITIES: Final = ("info", "warning", "critical")

CONFIG: Final[Option[Path | None]] = Option(
    name="config",
    help="YAML file with options and more",
    detail="Options by their names, and the only place for what to think of checks and what to mute. `serve` notices "
    "when it changes, as a mounted ConfigMap does; a file with a mistake is refused, and the last good one counts.",
    parse=read.parse_one(read.parse_config_file),
    default=None,
    metavar="FILE",
    in_file=False,
)
LISTEN: Final[Option[Address]] = Option(
    name="listen",
    help="where to serve HTTP",
    detail="An empty host means all interfaces: in a pod, Prometheus and the probes come from outside. "
    "The demo listens on loopback only, since it usually runs on somebody's desk. Port 0 takes any free port.",
    parse=read.parse_one(read.parse_address),
    schema=read.ADDRESS,
    default=Address("", 8080),
    defaults={DEMO: Address("127.0.0.1", 8080)},
    metavar="HOST:PORT",
)
TLS_CERT: Final[Option[Path | None]] = Option(
    name="tls-cert",
    help="serve HTTPS with this certificate",
    detail="PEM, followed by the certificates of intermediate authorities. It is read again when it or one of the "
    "other files changes, as a mounted secret does; files that are no good are reported, and those before stay in use.",
    parse=read.parse_one(read.parse_path),
    default=None,
    metavar="FILE",
)
TLS_KEY: Final[Option[Path | None]] = Option(
    name="tls-key",
    help="its private key",
    detail="PEM, without a passphrase.",
    parse=read.parse_one(read.parse_path),
    default=None,
    metavar="FILE",
)
TLS_CLIENT_CA: Final[Option[Path | None]] = Option(
    name="tls-client-ca",
    help="believe client certificates of this CA",
    detail="PEM. With `--auth none` all but the probes needs such a certificate. With `--auth kubernetes` it is one "
    "way to say who one is, beside tokens: its common name is the user, its organizations are the groups.",
    parse=read.parse_one(read.parse_path),
    default=None,
    metavar="FILE",
)
AUTH: Final[Option[str]] = Option(
    name="auth",
    help="who may see it: none (all) or kubernetes (RBAC)",
    detail="With `kubernetes` the API server is asked who sends a request (TokenReview) and whether they may `get` the "
    "nonResourceURL `/metrics`, or for another path that path with `/bootsource` in front (SubjectAccessReview). The "
    "probes `/healthz` and `/readyz` are open to all. The exporter then needs to be allowed to create both kinds of "
    "review. Of several clusters the first one is asked.",
    parse=read.parse_one(read.choice_parser("none", KUBERNETES)),
    default="none",
    metavar="HOW",
    choices=lambda: ("none", KUBERNETES),
)
AUTH_AUDIENCE: Final[Option[tuple[str, ...]]] = Option(
    name="auth-audience",
    help="tokens must be for this audience (repeatable)",
    detail="Without it they must be for the API server itself, as the usual ones of service accounts are.",
    parse=read.parse_names,
    default=(),
    metavar="NAME",
    repeatable=True,
)
FROM: Final[Option[tuple[str, ...]]] = Option(
    name="from",
    short="-f",
    help="read this dump, not a cluster (repeatable)",
    detail="A directory, a file, a tar archive, or - for standard input, any of them gzipped: a must-gather, or what "
    "`oc get -o yaml` prints. Several are read as one dump.",
    parse=read.parse_several,
    default=(),
    metavar="PATH|-",
    repeatable=True,
    in_file=False,
)
AT: Final[Option[datetime | None]] = Option(
    name="at",
    help="evaluate as of this instant",
    detail="Without it a live audit uses now, and a dump the time at which it was taken.",
    parse=read.parse_one(read.parse_rfc3339),
    default=None,
    metavar="RFC3339",
    in_file=False,
)
COMPLETE: Final[Option[bool]] = Option(
    name="complete",
    help="the dump holds everything: what it lacks is not there",
    detail="Without it a kind of which the dump holds no object is unknown, since it may not have been collected.",
    parse=read.parse_one(read.parse_switch),
    default=False,
    switch=True,
    in_file=False,
)
OUTPUT: Final[Option[str]] = Option(
    name="output",
    short="-o",
    help="the format: table, json, and others by command",
    detail="Each command has its own formats; where the variable or the file names one that a command does not have, "
    "the command prints a table.",
    parse=read.parse_one(read.choice_parser(*OUTPUTS)),
    default="table",
    metavar="FORMAT",
    choices=lambda: OUTPUTS,
    narrowed={
        AUDIT: REPORT_OUTPUTS,
        LINT: LINT_OUTPUTS,
        DOCTOR: DOCTOR_OUTPUTS,
        WHAT_IF: DOCTOR_OUTPUTS,
        LIST: LIST_OUTPUTS,
    },
)
FAIL_ON: Final[Option[str]] = Option(
    name="fail-on",
    help="exit 1 from here on: info, warning, critical",
    parse=read.parse_one(read.choice_parser(*SEVERITIES)),
    default="warning",
    metavar="SEVERITY",
    choices=lambda: SEVERITIES,
)
TIMEOUT: Final[Option[timedelta]] = Option(
    name="timeout",
    help="for reading a live cluster",
    detail="What has not been read by then is unknown.",
    parse=read.parse_one(read.duration_parser("1s", "24h", "90s or 5m")),
    schema=read.DURATION,
    default=timedelta(minutes=2),
    shown_default="2m",
    metavar="DURATION",
)
KUBECONFIG: Final[Option[Path | None]] = Option(
    name="kubeconfig",
    help="how to reach the cluster",
    detail="Without it: $KUBECONFIG, the service account of the pod, ~/.kube/config.",
    parse=read.parse_one(read.parse_file),
    default=None,
    metavar="FILE",
)
CONTEXT: Final[Option[tuple[str, ...]]] = Option(
    name="context",
    help="context of the kubeconfig",
    detail="Without it the kubeconfig's current context. With several of them `serve` watches as many clusters at "
    "once, and every series about a cluster has the label `cluster` with the name of its context; with one it has not.",
    parse=read.parse_names,
    default=(),
    metavar="NAME",
    repeatable=True,
)
DISABLE: Final[Option[frozenset[Resource[Any]]]] = Option(
    name="disable",
    help="do not look at these (list, repeatable)",
    detail="Checks that need a resource which is switched off are blind and say so.",
    parse=read.parse_disabled,
    default=frozenset(),
    shown_default="none",
    metavar="RESOURCE",
    choices=read.switchable_names,
    repeatable=True,
)
NAMESPACES: Final[Option[frozenset[str]]] = Option(
    name="namespaces",
    help="read images only here (list, repeatable)",
    detail="For an account whose permission to read PersistentVolumeClaims, VolumeSnapshots, ImageStreams and pods "
    "comes from Roles in these namespaces. Other resources are read in all namespaces. Checks that need objects of "
    "another namespace are unknown there and say so.",
    parse=read.parse_namespaces,
    schema=read.NAMESPACE,
    default=frozenset(),
    shown_default="all",
    metavar="NAMESPACE",
    repeatable=True,
)
FRESHNESS_TARGET: Final[Option[timedelta]] = Option(
    name="freshness-target",
    help="proof of a newest image at most so old",
    detail="A boot source is fresh if it was polled with success, and had nothing newer, within this time. The metric "
    "bootsource_freshness_target_seconds tells it to the rules, which count an error budget. Findings do not change.",
    parse=read.parse_one(read.duration_parser("1h", "365d", "36h or 3d")),
    schema=read.DURATION,
    default=timedelta(days=3),
    shown_default="3d",
    metavar="DURATION",
)
CONSOLE_URL: Final[Option[str]] = Option(
    name="console-url",
    help="OpenShift console that the pages link to",
    detail="`oc whoami --show-console` prints it. Without it the pages have no such links; nor do they with several "
    "contexts, since each cluster has a console of its own.",
    parse=read.parse_one(read.parse_url),
    default="",
    metavar="URL",
)
LOG_FORMAT: Final[Option[str]] = Option(
    name="log-format",
    help="logfmt or json",
    parse=read.parse_one(read.choice_parser(*_FORMATS)),
    default="logfmt",
    metavar="FORMAT",
    choices=lambda: _FORMATS,
)
LOG_LEVEL: Final[Option[str]] = Option(
    name="log-level",
    help="debug, info, warning, error",
    parse=read.parse_one(read.choice_parser(*_LEVELS)),
    default="info",
    defaults=dict.fromkeys((AUDIT, LIST, WHAT_IF, COLLECT, DOCTOR), "error"),
    metavar="LEVEL",
    choices=lambda: _LEVELS,
    live=True,
)
CHECK: Final[Option[str]] = Option(
    name="check",
    help="the check to explain; without one: list all",
    choices=read.check_names,
    parse=read.parse_one(read.parse_text),
    default="",
    positional=True,
    in_file=False,
)
FILE: Final[Option[str]] = Option(
    name="file",
    help="where to write; - for standard output",
    detail="Gzipped if the name ends in .gz. Without it: bootsource-TIME.json.gz in the current directory.",
    parse=read.parse_one(read.parse_text),
    default="",
    positional=True,
    in_file=False,
)
PATHS: Final[Option[tuple[str, ...]]] = Option(
    name="path",
    help="files and folders of manifests; - for standard input",
    detail="YAML and JSON, several documents and Lists, also in archives. Templates that are no YAML yet are skipped: "
    "lint what `helm template` or `kustomize build` prints.",
    parse=read.parse_several,
    default=(),
    positional=True,
    repeatable=True,
    in_file=False,
)
FOR: Final[Option[str]] = Option(
    name="for",
    help="releases: one, or FIRST..LAST",
    detail="Releases of OpenShift Virtualization, such as 4.22, or of HCO, such as 1.18. A message that is not about "
    "all of them says about which it is.",
    parse=read.parse_one(read.parse_text),
    default="4.18..4.23",
    metavar="VERSIONS",
    in_file=False,
)
FIX: Final[Option[bool]] = Option(
    name="fix",
    help="correct in the files what is safe to correct",
    detail="Only the characters concerned change: comments and layout stay. With - the result goes to standard output, "
    "and the report to standard error.",
    parse=read.parse_one(read.parse_switch),
    default=False,
    switch=True,
    in_file=False,
)
BASELINE: Final[Option[Path | None]] = Option(
    name="baseline",
    help="show what is new since this JSON report",
    detail="A report that `audit --output json` has printed, or that /api/v1/findings has served. What is new, has "
    "changed or is fixed is shown, and only what is new or has become worse makes the audit fail. What a check cannot "
    "judge any more is not fixed, and shown as such. For `lint` it is what `lint --output json` has printed.",
    parse=read.parse_one(read.parse_report_file),
    default=None,
    metavar="FILE",
    in_file=False,
)

PROMETHEUS: Final[Option[str]] = Option(
    name="prometheus",
    help="is it scraping us, with our rules?",
    detail="Address of a Prometheus, or of what answers for it; the path under which it is served belongs to it.",
    parse=read.parse_one(read.parse_url),
    default="",
    metavar="URL",
)
ALERTMANAGER: Final[Option[str]] = Option(
    name="alertmanager",
    help="would it notify somebody?",
    detail="Address of an Alertmanager. With `--prometheus` it is also asked for the alerts that fire now.",
    parse=read.parse_one(read.parse_url),
    default="",
    metavar="URL",
)
TOKEN_FILE: Final[Option[Path | None]] = Option(
    name="token-file",
    help="bearer token for these two",
    detail="It is never sent unencrypted, except to this machine. In a shell: `--token-file <(oc whoami -t)`.",
    parse=read.parse_one(read.parse_path),
    default=None,
    metavar="FILE",
)
CA_FILE: Final[Option[Path | None]] = Option(
    name="ca-file",
    help="CA that has issued their certificates",
    detail="PEM. Without it the CAs count that this machine trusts. There is no way to trust any certificate.",
    parse=read.parse_one(read.parse_ca_file),
    default=None,
    metavar="FILE",
)

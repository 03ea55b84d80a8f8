"""OPTIONS: everything that can be set."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from exporter import option_values as read
from exporter.option_values import Address
from exporter.settings import Option

if TYPE_CHECKING:
    from exporter.resource import Resource

SERVE: Final = "serve"
AUDIT: Final = "audit"
EXPLAIN: Final = "explain"
DEMO: Final = "demo"
GENERATE: Final = "generate"
STDIN: Final = "-"


_ALL_RUNNING: Final = frozenset({SERVE, AUDIT, DEMO})
_CONNECTING: Final = frozenset({SERVE, AUDIT})
_FORMATS: Final = ("logfmt", "json")
_LEVELS: Final = ("debug", "info", "warning", "error")
OUTPUTS: Final = ("table", "json", "markdown", "junit", "sarif")
_SEVERITIES: Final = ("info", "warning", "critical")

LISTEN: Final[Option[Address]] = Option(
    name="listen",
    help="where to serve HTTP",
    detail="An empty host means all interfaces: in a pod, Prometheus and the probes come from outside. "
    "The demo listens on loopback only, since it usually runs on somebody's desk. Port 0 takes any free port.",
    commands=frozenset({SERVE, DEMO}),
    parse=read.one(read.address),
    default=Address("", 8080),
    defaults={DEMO: Address("127.0.0.1", 8080)},
    metavar="HOST:PORT",
)
FROM: Final[Option[tuple[str, ...]]] = Option(
    name="from",
    help="audit this dump, not a cluster (repeatable)",
    detail="A directory, a file, a tar archive, or - for standard input, any of them gzipped: a must-gather, or what "
    "`oc get -o yaml` prints. Several are read as one dump.",
    commands=frozenset({AUDIT}),
    parse=read.several,
    default=(),
    metavar="PATH|-",
    repeatable=True,
)
AT: Final[Option[datetime | None]] = Option(
    name="at",
    help="judge as of this instant",
    detail="Without it a live audit uses now, and a dump the time at which it was taken.",
    commands=frozenset({AUDIT}),
    parse=read.one(read.instant),
    default=None,
    metavar="RFC3339",
)
COMPLETE: Final[Option[bool]] = Option(
    name="complete",
    help="the dump holds everything: what it lacks is not there",
    detail="Without it a kind of which the dump holds no object is unknown, since it may not have been collected.",
    commands=frozenset({AUDIT}),
    parse=read.one(read.switch),
    default=False,
    switch=True,
)
OUTPUT: Final[Option[str]] = Option(
    name="output",
    help=", ".join(OUTPUTS),
    commands=frozenset({AUDIT}),
    parse=read.one(read.choice(*OUTPUTS)),
    default="table",
    metavar="FORMAT",
    choices=lambda: OUTPUTS,
)
FAIL_ON: Final[Option[str]] = Option(
    name="fail-on",
    help="exit 1 from here on: info, warning, critical",
    commands=frozenset({AUDIT}),
    parse=read.one(read.choice(*_SEVERITIES)),
    default="warning",
    metavar="SEVERITY",
    choices=lambda: _SEVERITIES,
)
TIMEOUT: Final[Option[timedelta]] = Option(
    name="timeout",
    help="for reading a live cluster",
    detail="What has not been read by then is unknown.",
    commands=frozenset({AUDIT}),
    parse=read.one(read.duration),
    default=timedelta(minutes=2),
    shown_default="2m",
    metavar="DURATION",
)
KUBECONFIG: Final[Option[Path | None]] = Option(
    name="kubeconfig",
    help="how to reach the cluster",
    detail="Without it: $KUBECONFIG, the service account of the pod, ~/.kube/config.",
    commands=_CONNECTING,
    parse=read.one(read.file),
    default=None,
    metavar="FILE",
)
CONTEXT: Final[Option[str]] = Option(
    name="context",
    help="context of the kubeconfig",
    detail="Without it the kubeconfig's current context.",
    commands=_CONNECTING,
    parse=read.one(read.text),
    default="",
    metavar="NAME",
)
DISABLE: Final[Option[frozenset[Resource[Any]]]] = Option(
    name="disable",
    help="do not look at these (list, repeatable)",
    detail="Checks that need a resource which is switched off are blind and say so.",
    commands=_CONNECTING,
    parse=read.disabled,
    default=frozenset(),
    shown_default="none",
    metavar="RESOURCE",
    choices=read.switchable,
    repeatable=True,
)
FRESHNESS_TARGET: Final[Option[timedelta]] = Option(
    name="freshness-target",
    help="proof of a newest image at most so old",
    detail="A boot source is fresh if it was polled with success, and had nothing newer, within this time. The metric "
    "bootsource_freshness_target_seconds tells it to the rules, which count an error budget. Findings do not change.",
    commands=frozenset({SERVE, DEMO}),
    parse=read.one(read.days),
    default=timedelta(days=3),
    shown_default="3d",
    metavar="DURATION",
)
LOG_FORMAT: Final[Option[str]] = Option(
    name="log-format",
    help="logfmt or json",
    commands=_ALL_RUNNING,
    parse=read.one(read.choice(*_FORMATS)),
    default="logfmt",
    metavar="FORMAT",
    choices=lambda: _FORMATS,
)
LOG_LEVEL: Final[Option[str]] = Option(
    name="log-level",
    help="debug, info, warning, error",
    commands=_ALL_RUNNING,
    parse=read.one(read.choice(*_LEVELS)),
    default="info",
    defaults={AUDIT: "warning"},
    metavar="LEVEL",
    choices=lambda: _LEVELS,
)
CHECK: Final[Option[str]] = Option(
    name="check",
    help="the check to explain; without one: list all",
    commands=frozenset({EXPLAIN}),
    parse=read.one(read.text),
    default="",
    positional=True,
)
VERIFY: Final[Option[bool]] = Option(
    name="check",
    help="write nothing; exit 1 if a file is not as generated",
    commands=frozenset({GENERATE}),
    parse=read.one(read.switch),
    default=False,
    switch=True,
)

OPTIONS: Final[tuple[Option[Any], ...]] = (
    FROM,
    AT,
    COMPLETE,
    OUTPUT,
    FAIL_ON,
    LISTEN,
    KUBECONFIG,
    CONTEXT,
    TIMEOUT,
    DISABLE,
    FRESHNESS_TARGET,
    LOG_FORMAT,
    LOG_LEVEL,
    CHECK,
    VERIFY,
)

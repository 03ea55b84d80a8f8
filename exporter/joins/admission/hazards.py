"""What CDI admits in a DataImportCron, and what fails later all the same, or has no effect.

Sources: server-side dry runs against CDI 1.61 and 1.66 for what is admitted, CDI's controllers and importer for what
becomes of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from exporter.joins.admission.field_values import object_at, quote, text_at, value_at
from exporter.joins.admission.names import as_subdomain, is_subdomain
from exporter.joins.admission.sources import REGISTRY
from exporter.joins.admission.urls import SCHEMES, is_pinned, is_reference, scheme_of
from exporter.joins.admission.verdict import REMOVE, AdmissionRule, FieldChange, Hazard, Path
from exporter.joins.admission.volumes import AT as VOLUME
from exporter.model.raw import Raw
from exporter.schedule.grammar import parse_schedule
from exporter.schedule.schedule import Schedule

LONGEST_POLLED_NAME: Final = 43
"""Characters: a CronJob's name has at most 52, and CDI appends a dash and eight of the DataImportCron's UID."""
ARCHITECTURES: Final = ("amd64", "arm64", "s390x", "ppc64le")
"""What Kubernetes calls the architectures for which KubeVirt exists or is built."""
_ALIASES: Final = {"x86_64": "amd64", "x86-64": "amd64", "aarch64": "arm64"}
_VOLUME_MODES: Final = ("Block", "Filesystem")
_RETENTIONS: Final = ("None", "All")


def hazards_of(manifest: Raw) -> Iterator[Hazard]:
    """What will go wrong with a manifest that is admitted, as the schema leaves it."""
    spec = object_at(manifest, "spec") or {}
    volume = object_at(spec, "template", "spec") or {}
    registry = object_at(volume, "source", "registry")
    yield from _name_hazards(text_at(spec, "managedDataSource") or "")
    if registry is not None:
        yield from _image(registry)
        yield from _architecture(registry)
        yield from _credentials(registry)
        yield from _poller(manifest, spec, registry)
    yield from _volume(volume)
    yield from _retention(spec)
    yield from _never_fires(spec)


def without_effect(path: Path, since: int) -> Hazard:
    """A field that this version of CDI does not have yet."""
    return Hazard(
        rule=AdmissionRule.TOO_NEW,
        path=path,
        consequence=f"{path[-1]} has no effect, since CDI knows it only from 1.{since} on",
        observed="set",
        expected="not set",
        change=FieldChange(path, REMOVE),
        silent=True,
    )


def _name_hazards(name: str) -> Iterator[Hazard]:
    if not name or is_subdomain(name):
        return
    path = ("spec", "managedDataSource")
    better = as_subdomain(name)
    yield Hazard(
        rule=AdmissionRule.MANAGED_NAME,
        path=path,
        consequence=f"CDI cannot create a DataSource named {quote(name)}, and so never imports anything",
        observed=quote(name),
        expected="lower-case letters, digits and -, beginning and ending with a letter or digit",
        change=FieldChange(path, better) if better else None,
    )


def _image(registry: Raw) -> Iterator[Hazard]:
    url, method = text_at(registry, "url"), text_at(registry, "pullMethod")
    if url is None or scheme_of(url) not in SCHEMES:
        return
    path = (*REGISTRY, "url")
    scheme, _, rest = url.partition("://")
    if scheme_of(url) == "oci-archive":
        where = "a node cannot pull it" if method == "node" else "it is a file in the importer's pod, where none is"
        said = f"no image can be imported from {quote(url)}: {where}"
        yield Hazard(
            rule=AdmissionRule.ARCHIVE, path=path, consequence=said, observed=quote(url), expected="a docker:// URL"
        )
    elif scheme != "docker":
        better = f"docker://{rest}"
        yield Hazard(
            rule=AdmissionRule.REFERENCE,
            path=path,
            consequence="the importer knows docker:// in lower case only, and every poll fails",
            observed=quote(url),
            expected=quote(better),
            change=FieldChange(path, better) if is_reference(rest) else None,
        )
    elif is_pinned(rest):
        yield Hazard(
            rule=AdmissionRule.DIGEST,
            path=path,
            consequence="CDI appends the digest that it polled to the one that is there, and the import fails",
            observed=quote(url),
            expected=quote(f"{url.partition('@')[0]}:TAG"),
        )
    elif not is_reference(rest):
        yield _no_reference(path, url, rest)


def _no_reference(path: Path, url: str, rest: str) -> Hazard:
    better = rest.strip()
    better = better if is_reference(better) else better.lower()
    return Hazard(
        rule=AdmissionRule.REFERENCE,
        path=path,
        consequence=f"{quote(url)} does not name an image, and every poll fails",
        observed=quote(url),
        expected="docker://HOST/REPOSITORY:TAG, the repository in lower case",
        change=FieldChange(path, f"docker://{better}") if is_reference(better) else None,
    )


def _architecture(registry: Raw) -> Iterator[Hazard]:
    name, path = text_at(registry, "platform", "architecture"), (*REGISTRY, "platform", "architecture")
    if name and name not in ARCHITECTURES:
        better = _ALIASES.get(name.lower(), name.strip().lower())
        yield Hazard(
            rule=AdmissionRule.ARCHITECTURE,
            path=path,
            consequence=f"no node and no image has the architecture {quote(name)}, and every import waits or fails",
            observed=quote(name),
            expected=f"one of {', '.join(ARCHITECTURES)}",
            change=FieldChange(path, better) if better in ARCHITECTURES else None,
        )


def _credentials(registry: Raw) -> Iterator[Hazard]:
    """Nodes pull with the credentials and certificates that the nodes have."""
    if text_at(registry, "pullMethod") != "node":
        return
    for name in ("secretRef", "certConfigMap"):
        value = text_at(registry, name)
        if value:
            path = (*REGISTRY, name)
            yield Hazard(
                rule=AdmissionRule.CREDENTIALS,
                path=path,
                consequence=f"{name} has no effect, since with pullMethod node the nodes pull with what they have",
                observed=quote(value),
                expected="not set, or pullMethod pod",
                change=FieldChange(path, REMOVE),
                silent=True,
            )


def _poller(manifest: Raw, spec: Raw, registry: Raw) -> Iterator[Hazard]:
    """Source: the CronJob API's validation, tried on a server."""
    if text_at(registry, "url") is None or text_at(registry, "pullMethod") == "node" or not spec.get("schedule"):
        return
    name, schedule = text_at(manifest, "metadata", "name") or "", text_at(spec, "schedule") or ""
    if len(name) > LONGEST_POLLED_NAME:
        yield Hazard(
            rule=AdmissionRule.CRON_JOB,
            path=("metadata", "name"),
            consequence="the name is too long",
            observed=f"{len(name)} characters",
            expected=f"at most {LONGEST_POLLED_NAME} characters",
        )
    read = parse_schedule(schedule)
    if isinstance(read, Schedule) and read.cronjob_problem is not None:
        path = ("spec", "schedule")
        change = FieldChange(path, schedule.partition(" ")[2].strip()) if read.zone in ("UTC", "Local") else None
        yield Hazard(
            rule=AdmissionRule.CRON_JOB,
            path=path,
            consequence=read.cronjob_problem,
            observed=quote(schedule),
            expected="the same schedule in UTC, without a time zone",
            change=change,
        )


def _volume(volume: Raw) -> Iterator[Hazard]:
    for kind in ("storage", "pvc"):
        claim = object_at(volume, kind)
        if claim is None:
            continue
        path = (*VOLUME, kind, "storageClassName")
        if claim.get("storageClassName") == "":
            yield Hazard(
                rule=AdmissionRule.EMPTY_CLASS,
                path=path,
                consequence="an empty storageClassName is used as it is: there is no fallback to a default class, and "
                "no volume can be made",
                observed="empty",
                expected="not set, or the name of a StorageClass",
                change=FieldChange(path, REMOVE),
            )
        mode = claim.get("volumeMode")
        if isinstance(mode, str) and mode and mode not in _VOLUME_MODES:
            yield _volume_mode((*VOLUME, kind, "volumeMode"), mode)


def _volume_mode(path: Path, mode: str) -> Hazard:
    better = next((m for m in _VOLUME_MODES if m.lower() == mode.strip().lower()), None)
    return Hazard(
        rule=AdmissionRule.VOLUME_MODE,
        path=path,
        consequence=f"the API server refuses every volume, since {quote(mode)} is not a volumeMode",
        observed=quote(mode),
        expected="Block or Filesystem, or left out",
        change=FieldChange(path, better or REMOVE),
    )


def _retention(spec: Raw) -> Iterator[Hazard]:
    policy, path = text_at(spec, "retentionPolicy"), ("spec", "retentionPolicy")
    if policy is not None and policy not in _RETENTIONS:
        better = next((p for p in _RETENTIONS if p.lower() == policy.strip().lower()), None)
        yield Hazard(
            rule=AdmissionRule.RETENTION,
            path=path,
            consequence="CDI reads whatever is not None as All: images stay when the DataImportCron is deleted",
            observed=quote(policy),
            expected="None or All",
            change=FieldChange(path, better or "All"),
            silent=True,
        )
    keep = spec.get("importsToKeep")
    if isinstance(keep, int | float) and keep == 0 and spec.get("garbageCollect") != "Never":
        path = ("spec", "importsToKeep")
        yield Hazard(
            rule=AdmissionRule.KEEPS_NONE,
            path=path,
            consequence="each image is deleted when it is imported, and imported again",
            observed="0",
            expected="1 or more",
            change=FieldChange(path, 1),
        )


def _never_fires(spec: Raw) -> Iterator[Hazard]:
    """`@every` on a source that CDI's controller polls is postponed by each reconcile."""
    schedule = text_at(spec, "schedule") or ""
    read = parse_schedule(schedule)
    if not isinstance(read, Schedule):
        return
    registry = object_at(spec, "template", "spec", "source", "registry")
    by_cron_job = registry is not None and text_at(registry, "pullMethod") != "node"
    starves = read.interval is not None and not by_cron_job and value_at(spec, "template", "spec", "source") is not None
    if starves or not (read.fires or read.interval):
        yield Hazard(
            rule=AdmissionRule.NEVER_FIRES,
            path=("spec", "schedule"),
            consequence="CDI postpones an @every poll at each reconcile" if starves else "no date fits it",
            observed=quote(schedule),
            expected="a plain five-field schedule, for example 0 3 * * *",
        )

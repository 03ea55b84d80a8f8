"""What CDI's webhook has against the source of a DataImportCron."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from exporter.joins.admission.field_values import object_at, quote, text_at
from exporter.joins.admission.schema import SOURCE
from exporter.joins.admission.urls import SCHEMES, scheme_of
from exporter.joins.admission.verdict import REMOVE, AdmissionRule, FieldChange, Path, Refusal, cdi_refusal
from exporter.joins.admission.version import CdiVersion
from exporter.model.raw import Raw

AT: Final[Path] = ("spec", "template", "spec", "source")
REGISTRY: Final[Path] = (*AT, "registry")
_CLAIMS_SINCE: Final = 62
"""CDI 1.62 copies claims as well; before, it knows registries alone (PR 3617)."""


def source_refusals(volume: Raw, cdi: CdiVersion) -> Iterator[Refusal]:
    """What is wrong with the source of the DataVolume that the cron would make."""
    source, kinds = object_at(volume, "source") or {}, source_kinds(volume)
    if "registry" not in kinds and not ("pvc" in kinds and cdi.since(_CLAIMS_SINCE)):
        yield _missing(kinds, _allowed(cdi))
        return
    if len(kinds) > 1:
        yield cdi_refusal(
            AdmissionRule.SOURCES,
            AT,
            f"it has {len(kinds)} sources at once",
            "Multiple Data volume sources",
            ", ".join(kinds),
            f"one of {' and '.join(_allowed(cdi))}",
        )
        return
    registry = object_at(source, "registry")
    yield from _claim(source) if registry is None else _registry(registry)


def _allowed(cdi: CdiVersion) -> tuple[str, ...]:
    return ("registry", "pvc") if cdi.since(_CLAIMS_SINCE) else ("registry",)


def source_kinds(volume: Raw) -> list[str]:
    """The kinds of source that a DataVolume's spec names."""
    return [kind for kind in SOURCE.fields if object_at(volume, "source", kind) is not None]


def has_source(manifest: Raw) -> bool:
    """A source of some kind is given, be it one that a DataImportCron cannot have."""
    return bool(source_kinds(object_at(manifest, "spec", "template", "spec") or {}))


def _missing(kinds: list[str], allowed: tuple[str, ...]) -> Refusal:
    says = "Missing source" if "pvc" in allowed else "Missing registry source"
    if not kinds:
        expected = " or ".join(allowed)
        return cdi_refusal(AdmissionRule.SOURCE_MISSING, AT, "it has no source", says, "not set", expected)
    old = "" if "pvc" in allowed or kinds != ["pvc"] else ", as this CDI is older than 1.62"
    reason = f"a DataImportCron cannot have a source of kind {', '.join(kinds)}{old}"
    return cdi_refusal(AdmissionRule.SOURCE_KIND, AT, reason, says, ", ".join(kinds), " or ".join(allowed) + old)


def _claim(source: Raw) -> Iterator[Refusal]:
    for part in ("namespace", "name"):
        if not text_at(source, "pvc", part):
            reason = f"the {part} of the claim to copy is empty"
            says = "Template.source.PVC source PVC is not valid"
            yield cdi_refusal(
                AdmissionRule.CLAIM_SOURCE, (*AT, "pvc", part), reason, says, "empty", f"the claim's {part}"
            )
            return


def _registry(registry: Raw) -> Iterator[Refusal]:
    """The first mistake: CDI looks at one after the other. A field that is there and empty counts as there."""
    url, stream = text_at(registry, "url"), text_at(registry, "imageStream")
    method = text_at(registry, "pullMethod")
    if (url is None) == (stream is None):
        observed = "neither url nor imageStream" if url is None else "url and imageStream"
        says = "Source registry should have either URL or ImageStream"
        reason = f"the registry has {'both url and imageStream' if url is not None else observed}"
        change = FieldChange((*REGISTRY, "imageStream"), REMOVE) if url and not stream else None
        change = FieldChange((*REGISTRY, "url"), REMOVE) if stream and not url else change
        yield cdi_refusal(AdmissionRule.REGISTRY, REGISTRY, reason, says, observed, "either url or imageStream", change)
        return
    problem = _url_problem(url) if url is not None else None
    problem = problem or (_method_problem(method) if method is not None else None)
    problem = problem or (_stream_problem(stream, method) if stream is not None else None)
    if problem is not None:
        yield problem


def _url_problem(url: str) -> Refusal | None:
    scheme, path = scheme_of(url), (*REGISTRY, "url")
    if scheme in SCHEMES:
        return None
    parsed = "Illegal registry source URL" if scheme is None else "Illegal registry source URL scheme"
    reason = f"the URL {quote(url)} " + (
        "cannot be parsed"
        if scheme is None
        else f"does not begin with {'://, '.join(SCHEMES).replace(', ', ' or ')}://"
    )
    expected = "a URL that begins with docker:// or oci-archive://"
    return cdi_refusal(
        AdmissionRule.URL, path, reason, f"{parsed} {url}".rstrip(), quote(url), expected, _with_scheme(url)
    )


def _with_scheme(url: str) -> FieldChange | None:
    """A URL without scheme, or with that of the web, most likely names an image in a registry."""
    text = url.strip()
    for scheme in ("https://", "http://"):
        text = text.removeprefix(scheme)
    better = f"docker://{text}"
    return FieldChange((*REGISTRY, "url"), better) if text and "://" not in text and scheme_of(better) else None


def _method_problem(method: str) -> Refusal | None:
    if method in ("pod", "node"):
        return None
    lower = method.strip().lower()
    path = (*REGISTRY, "pullMethod")
    change = FieldChange(path, lower) if lower in ("pod", "node") else None
    change = FieldChange(path, REMOVE) if not lower else change
    says = f'ImportMethod {method} is neither pod, node or ""'
    reason = f"pullMethod is {quote(method)}, which is neither pod nor node"
    return cdi_refusal(AdmissionRule.PULL_METHOD, path, reason, says, quote(method), "pod or node, or left out", change)


def _stream_problem(stream: str, method: str | None) -> Refusal | None:
    path = (*REGISTRY, "imageStream")
    if not stream:
        reason = "the name of the ImageStream is empty"
        return cdi_refusal(
            AdmissionRule.REGISTRY, path, reason, "Source registry ImageStream is not valid", "empty", "a name"
        )
    if method == "node":
        return None
    path = (*REGISTRY, "pullMethod")
    says = "Source registry ImageStream is supported only with node pull import method"
    reason = "an ImageStream can only be imported with pullMethod node"
    expected = "node, as there is an imageStream"
    return cdi_refusal(
        AdmissionRule.PULL_METHOD, path, reason, says, method or "not set", expected, FieldChange(path, "node")
    )

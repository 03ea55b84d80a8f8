"""The options of `what-if`: the changes that can be asked for, and when to fail."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple, TypeVar

from exporter.settings import values as read
from exporter.settings.settings import Option

T = TypeVar("T")
STOPS: Final = ("loss", "reimport", "finding")
_SWITCH: Final = ("on", "off")
_FORMATS: Final = ("pvc", "snapshot")


class ClassFormat(NamedTuple):
    """CLASS=FORMAT."""

    storage_class: str
    form: str


class Named(NamedTuple):
    """KIND/NAME or KIND/NAMESPACE/NAME."""

    kind: str
    namespace: str
    name: str


def _parse_formats(texts: Sequence[str]) -> tuple[ClassFormat, ...]:
    found = []
    for text in texts:
        name, _, form = text.partition("=")
        if not name or form not in _FORMATS:
            raise ValueError(f"is not CLASS=FORMAT with the format {' or '.join(_FORMATS)}")
        found.append(ClassFormat(name, form))
    return tuple(found)


def _parse_objects(texts: Sequence[str]) -> tuple[Named, ...]:
    found = []
    for text in texts:
        parts = text.split("/")
        if len(parts) not in (2, 3) or not all(parts):
            raise ValueError("is not KIND/NAME or KIND/NAMESPACE/NAME; write for instance volumesnapshotclass/rbd")
        found.append(Named(parts[0], parts[1] if len(parts) == 3 else "", parts[-1]))
    return tuple(found)


def _parse_stops(texts: Sequence[str]) -> frozenset[str]:
    found = frozenset(read.parse_names(texts))
    for word in sorted(found):
        read.choice_parser(*STOPS)(word)
    return found


def _change(
    name: str,
    words: str,
    detail: str,
    parse: Callable[[Sequence[str]], T],
    default: T,
    **others: Any,  # noqa: ANN401  (further ones)
) -> Option[T]:
    """An option about one cluster and one run: it has no variable, and stands in no file."""
    return Option(
        name=name,
        help=words,
        detail=detail,
        parse=parse,
        default=default,
        in_file=False,
        in_environment=False,
        **others,
    )


DEFAULT_STORAGE_CLASS: Final[Option[str]] = _change(
    "default-storage-class",
    "make this class the Kubernetes default",
    "The annotation is taken from all other classes, after this one has it.",
    read.parse_one(read.parse_text),
    "",
    metavar="NAME",
)
VIRT_DEFAULT: Final[Option[str]] = _change(
    "virt-default",
    "make this class the virt default",
    "The default for virtual machine images, which goes before the Kubernetes default.",
    read.parse_one(read.parse_text),
    "",
    metavar="NAME",
)
NO_DEFAULT: Final[Option[bool]] = _change(
    "no-default",
    "take both default annotations from all classes",
    "What happens between two defaults when the old one is removed first.",
    read.parse_one(read.parse_switch),
    False,
    switch=True,
)
COMMON_BOOT_IMAGES: Final[Option[str]] = _change(
    "common-boot-images",
    "set enableCommonBootImageImport: on or off",
    "At the path that the cluster's version of HyperConverged has for it.",
    read.parse_one(read.choice_parser(*_SWITCH)),
    "",
    metavar="on|off",
)
DISABLE_ENTRY: Final[Option[tuple[str, ...]]] = _change(
    "disable",
    "switch this entry off (list, repeatable)",
    "An entry of HyperConverged by its name, common or not.",
    read.parse_names,
    (),
    metavar="ENTRY",
    repeatable=True,
)
ENABLE_ENTRY: Final[Option[tuple[str, ...]]] = _change(
    "enable",
    "switch this entry on (list, repeatable)",
    "An entry of HyperConverged by its name, common or not.",
    read.parse_names,
    (),
    metavar="ENTRY",
    repeatable=True,
)
FORMAT: Final[Option[tuple[ClassFormat, ...]]] = _change(
    "format",
    "keep images on a class so (repeatable)",
    "Sets `dataImportCronSourceFormat` in the spec of the class's StorageProfile to pvc or snapshot.",
    _parse_formats,
    (),
    metavar="CLASS=FORMAT",
    repeatable=True,
)
UPGRADE: Final[Option[str]] = _change(
    "upgrade",
    "upgrade to this version of OpenShift Virtualization or HCO",
    "As in 4.22 or 1.18. The other changes are then made under the rules of the new version.",
    read.parse_one(read.parse_text),
    "",
    metavar="VERSION",
)
MANIFESTS: Final[Option[tuple[str, ...]]] = _change(
    "filename",
    "apply these manifests (repeatable)",
    "A file or directory of YAML or JSON, or - for standard input. Each is merged into what is there, as server-side "
    "apply and merge patches do it: maps are merged, lists replaced, null removes.",
    read.parse_several,
    (),
    metavar="PATH|-",
    short="-f",
    repeatable=True,
)
DELETE: Final[Option[tuple[Named, ...]]] = _change(
    "delete",
    "delete this object (repeatable)",
    "For instance `volumesnapshotclass/rbd` or `persistentvolumeclaim/NAMESPACE/NAME`.",
    _parse_objects,
    (),
    metavar="KIND/[NAMESPACE/]NAME",
    repeatable=True,
)
STOP_ON: Final[Option[frozenset[str]]] = _change(
    "fail-on",
    "exit 1 for loss, reimport or finding (list, repeatable)",
    "`loss`: an image or the source of templates is gone, and nothing replaces it by itself. `reimport`: an image is "
    "deleted or imported again. `finding`: a finding above info appears.",
    _parse_stops,
    frozenset(),
    metavar="WHAT",
    choices=lambda: STOPS,
    repeatable=True,
)
CHANGES: Final[tuple[Option[Any], ...]] = (
    DEFAULT_STORAGE_CLASS,
    VIRT_DEFAULT,
    NO_DEFAULT,
    COMMON_BOOT_IMAGES,
    DISABLE_ENTRY,
    ENABLE_ENTRY,
    FORMAT,
    UPGRADE,
    MANIFESTS,
    DELETE,
)
"""In the order in which --help shows them."""

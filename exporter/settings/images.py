"""The section `images` of the configuration file: how old images may be, and until when releases are maintained."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from exporter.base.durations import parse_duration
from exporter.joins.lifecycle import ImagePolicy
from exporter.joins.operating_systems import parse_system
from exporter.settings.settings import Section

if TYPE_CHECKING:  # without a file nothing reads YAML, which costs a megabyte
    from exporter.settings.yaml_document import YamlDocument, YamlValue

IMAGES_KEY: Final = "images"
ABOUT_IMAGES: Final = {
    "max-age": (
        "how old images may be, instead of the threshold of boot-image-old: by operating system, such as "
        '"Red Hat Enterprise Linux*", or by namespace and name of the DataSource, such as "team-a/*"; '
        "the first that matches counts"
    ),
    "end-of-life": (
        "the last day on which a release is maintained, such as 2028-06-30, instead of what the table of the exporter "
        "says, by operating system and release as `list` shows them; never: the release is not judged"
    ),
}
NEVER: Final = "never"
MOST_ENTRIES: Final = 200
LONGEST_KEY: Final = 256
IMAGES: Final = Section("images", ImagePolicy())


def parse_images(document: YamlDocument, value: YamlValue | None) -> ImagePolicy:
    """Parse the section. Mistakes are added to `document.mistakes`, and their entries left out."""
    parts = document.mapping(value, ABOUT_IMAGES) if value is not None else {}
    ages, ends = parts.get("max-age"), parts.get("end-of-life")
    return ImagePolicy(
        end_of_life=dict(_parse_ends(document, ends)) if ends is not None and not ends.nothing else {},
        max_age=tuple(_parse_ages(document, ages)) if ages is not None and not ages.nothing else (),
    )


def _entries(document: YamlDocument, value: YamlValue) -> Iterator[tuple[str, YamlValue, str]]:
    for key, inner in document.entries(value, MOST_ENTRIES).items():
        if len(key) > LONGEST_KEY:
            document.wrong(inner, f"has a key of more than {LONGEST_KEY} characters")
        elif text := document.text(inner):
            yield key, inner, text


def _parse_ages(document: YamlDocument, value: YamlValue) -> Iterator[tuple[str, timedelta]]:
    for pattern, inner, text in _entries(document, value):
        try:
            yield pattern, parse_duration(text)
        except ValueError as error:
            document.wrong(inner, f"{text!r} {error}")


def _parse_ends(document: YamlDocument, value: YamlValue) -> Iterator[tuple[str, date | None]]:
    for release, inner, text in _entries(document, value):
        system = parse_system(release)
        try:
            day = None if text == NEVER else date.fromisoformat(text)
        except ValueError:
            document.wrong(inner, f"{text!r} is not a day such as 2028-06-30, and not {NEVER}")
            continue
        if day is not None and not 1990 <= day.year <= 2200:
            document.wrong(inner, f"{text!r} is not between 1990 and 2200")
        elif system is None or not system.version:
            document.wrong(inner, f"{release!r} is not an operating system with a release, such as Fedora 42")
        else:
            yield str(system), day

"""The section `images` of the configuration file."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from exporter.joins.lifecycle import ImagePolicy
from exporter.settings.file import load_file
from exporter.settings.images import IMAGES
from exporter.settings.settings import SettingsError


def loaded(folder: Path, text: str) -> ImagePolicy:
    path = folder / "config.yaml"
    path.write_text(text)
    policy = load_file(path).sections[IMAGES]
    assert isinstance(policy, ImagePolicy)
    return policy


def test_ages_and_dates(tmp_path: Path) -> None:
    text = """
images:
  max-age:
    Windows Server*: 60d
    team-a/*: 12h
  end-of-life:
    rhel 7: 2028-06-30
    Ubuntu 22.04: 2032-04-30
    Fedora 39: never
"""
    assert loaded(tmp_path, text) == ImagePolicy(
        max_age=(("Windows Server*", timedelta(days=60)), ("team-a/*", timedelta(hours=12))),
        end_of_life={
            "Red Hat Enterprise Linux 7": date(2028, 6, 30),
            "Ubuntu 22.04": date(2032, 4, 30),
            "Fedora 39": None,
        },
    )


@pytest.mark.parametrize("text", ["", "images:", "images: {max-age: , end-of-life: }"])
def test_nothing_is_configured(tmp_path: Path, text: str) -> None:
    assert loaded(tmp_path, text) == ImagePolicy()


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("images: 7", "images: is '7', not a mapping"),
        ("images: {max-ages: {}}", "images.max-ages: is no key; did you mean 'max-age'?"),
        ("images: {max-age: [60d]}", "images.max-age: is a list, not a mapping"),
        ("images: {max-age: {a: soon}}", "images.max-age.a: 'soon' is not a span of time"),
        ("images: {max-age: {a: 1d, a: 2d}}", "images.max-age.a: stands twice, first in line 1"),
        ("images: {max-age: {[a]: 1d}}", "has a key that is not a single value"),
        ("images: {max-age: {a: [1d]}}", "images.max-age.a: is a list, not a single value"),
        ("images: {end-of-life: {Fedora 40: tomorrow}}", "'tomorrow' is not a day such as 2028-06-30, and not never"),
        ("images: {end-of-life: {Fedora 40: 0001-01-01}}", "'0001-01-01' is not between 1990 and 2200"),
        ("images: {end-of-life: {Fedora: 2026-01-01}}", "'Fedora' is not an operating system with a release"),
        ("images: {end-of-life: {Corp OS 3: 2026-01-01}}", "'Corp OS 3' is not an operating system with a release"),
    ],
)
def test_mistakes_are_told_with_their_place(tmp_path: Path, text: str, mistake: str) -> None:
    with pytest.raises(SettingsError) as raised:
        loaded(tmp_path, text)
    assert mistake in "\n".join(raised.value.lines)


def test_the_section_is_bounded(tmp_path: Path) -> None:
    many = "\n".join(f"    a{n}: 1d" for n in range(201))
    with pytest.raises(SettingsError) as raised:
        loaded(tmp_path, f"images:\n  max-age:\n{many}\n    {'b' * 300}: 1d\n")
    assert "has 202 entries; at most 200 are read" in "\n".join(raised.value.lines)

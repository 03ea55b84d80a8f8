"""The version of this program."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed


def installed_version() -> str:
    """The version in the metadata of the installed package."""
    try:
        return installed("bootsource-exporter")
    except PackageNotFoundError:
        return "0+not.installed"

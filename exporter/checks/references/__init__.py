"""Checks on those who use boot sources: templates and virtual machines."""

from __future__ import annotations

from typing import Final

from exporter.checks.check import Check
from exporter.checks.references.custom_source_unused import custom_source_unused
from exporter.checks.references.deprecated_template import deprecated_template
from exporter.checks.references.machine_clone_unauthorized import machine_clone_unauthorized
from exporter.checks.references.machine_source_missing import machine_source_missing
from exporter.checks.references.machine_source_not_ready import machine_source_not_ready
from exporter.checks.references.machine_template_source_missing import machine_template_source_missing
from exporter.checks.references.template_source_missing import template_source_missing

REFERENCES: Final[tuple[Check, ...]] = (
    template_source_missing,
    machine_template_source_missing,
    machine_source_missing,
    machine_source_not_ready,
    machine_clone_unauthorized,
    custom_source_unused,
    deprecated_template,
)

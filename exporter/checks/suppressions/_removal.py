"""How a suppression is taken away."""

from __future__ import annotations

from exporter.checks.check import Context
from exporter.checks.fixes import Fix, command, named
from exporter.checks.suppression import CONFIGURATION, Statement
from exporter.model.wire import SUPPRESS


def removal(statement: Statement, ctx: Context) -> Fix | None:
    """Takes one suppression off its object and keeps the others. None for the configuration: that is a file."""
    if ctx.ref == CONFIGURATION:
        return None
    client, target = ctx.platform.client, named(ctx.ref)
    rest = (f"{SUPPRESS}={statement.others}", "--overwrite") if statement.others else (f"{SUPPRESS}-",)
    shown = "jsonpath={.metadata.annotations}"
    return Fix(command(client, "annotate", *target, *rest), command(client, "get", *target, "-o", shown), "")


def place(ctx: Context) -> str:
    """Where the suppressions at hand stand, for sentences."""
    return "in the configuration" if ctx.ref == CONFIGURATION else f"on {ctx.ref}"

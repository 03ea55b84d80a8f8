"""How a suppression is taken away."""

from __future__ import annotations

from collections.abc import Iterable

from exporter.checks.check import Context
from exporter.checks.fixes import Fix, command, object_args
from exporter.checks.suppression import CONFIGURATION, LEFT_OUT, Statement
from exporter.model.wire import SUPPRESS


def removal(statement: Statement, statements: Iterable[Statement], ctx: Context) -> Fix | None:
    """Takes one suppression off its object and keeps the others, which are in `statements`.

    None for the configuration: that is a file. Where not all of an annotation was read, an editor: a command would lose
    the rest.
    """
    if ctx.ref == CONFIGURATION:
        return None
    client, target = ctx.platform.client, object_args(ctx.ref)
    verify = command(client, "get", *target, "-o", "jsonpath={.metadata.annotations}")
    texts = [each.text for each in statements]
    if LEFT_OUT in texts:
        return Fix(command(client, "edit", *target), verify)
    others = "\n".join(text for text in texts if text != statement.text)
    rest = (f"{SUPPRESS}={others}", "--overwrite") if others else (f"{SUPPRESS}-",)
    return Fix(command(client, "annotate", *target, *rest), verify)


def place(ctx: Context) -> str:
    """Where the suppressions at hand stand, for sentences."""
    return "in the configuration" if ctx.ref == CONFIGURATION else f"on {ctx.ref}"

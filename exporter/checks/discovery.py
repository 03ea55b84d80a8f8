"""Which checks there are: every module of a layer whose name does not begin with an underscore is one."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from pkgutil import iter_modules

from exporter.checks.check import Check


def checks_in(package: str, path: Iterable[str]) -> tuple[Check, ...]:
    """The checks of a layer, by name. A check is called like its module.

    Raises AttributeError or TypeError, which name the module, if a module without an underscore holds no such check.
    """
    names = sorted(module.name for module in iter_modules(path) if not module.name.startswith("_"))
    return tuple(_check_of(f"{package}.{name}", name) for name in names)


def _check_of(module: str, name: str) -> Check:
    check = getattr(import_module(module), name)
    if not isinstance(check, Check):
        raise TypeError(f"{module}.{name} is not a check; begin the names of modules that hold none with an underscore")
    return check

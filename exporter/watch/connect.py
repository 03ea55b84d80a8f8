"""Connections to the clusters that the settings name."""

from __future__ import annotations

import os

from exporter.base.clock import Clock
from exporter.kube.client import Client
from exporter.kube.credentials import discover
from exporter.kube.errors import ConfigurationError
from exporter.settings.options import CONTEXT, KUBECONFIG
from exporter.settings.settings import Settings, SettingsError


def connect(settings: Settings, clock: Clock) -> Client:
    """A client for the one cluster that the settings name. Raises SettingsError."""
    if len(settings[CONTEXT]) > 1:
        raise SettingsError(f"{settings.origin(CONTEXT)}: {settings.command} looks at one cluster; give one context")
    (client,) = connections(settings, clock).values()
    return client


def connections(settings: Settings, clock: Clock) -> dict[str, Client]:
    """A client for each cluster, by the name of its context; a single one is called "". Raises SettingsError."""
    kubeconfig = str(settings[KUBECONFIG]) if settings[KUBECONFIG] else None
    contexts = settings[CONTEXT]
    try:
        if len(contexts) > 1:
            return {name: Client(discover(kubeconfig, name, os.environ, clock)) for name in contexts}
        return {"": Client(discover(kubeconfig, contexts[0] if contexts else None, os.environ, clock))}
    except ConfigurationError as error:
        raise SettingsError(str(error)) from None

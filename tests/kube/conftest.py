"""The fake API, and a clock that does not really wait."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from exporter.base.clock import SystemClock
from tests.kube.fake import FakeApi, Waits


@pytest.fixture
def api() -> Iterator[FakeApi]:
    with FakeApi() as running:
        yield running


@pytest.fixture
def clock() -> Waits:
    return Waits(SystemClock())

"""A certificate authority, and a certificate for the server, for tests of TLS."""

from __future__ import annotations

import pytest

from tests.rig.pki import Authority, Certificate


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("pki"))


@pytest.fixture(scope="module")
def pair(authority: Authority) -> Certificate:
    return authority.issue("server")

"""Fixtures and settings shared by all tests."""

import os

from hypothesis import settings

pytest_plugins = ["tests.rig.plugin"]

# Tests say nothing about absolute time: the machine may be busy.
settings.register_profile("any machine", deadline=None)
settings.register_profile("fuzz", deadline=None, max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "any machine"))

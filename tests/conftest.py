"""Fixtures and settings shared by all tests."""

from hypothesis import settings

pytest_plugins = ["tests.rig.plugin"]

# Tests say nothing about absolute time: the machine may be busy.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")

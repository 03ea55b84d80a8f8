"""A change of the file counts at once if it is valid, and else the last good one counts."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from exporter.base.clock import SystemClock
from exporter.settings.options import LOG_LEVEL, SERVE
from exporter.settings.policy import POLICY
from exporter.settings.reload import ConfigReloader
from exporter.settings.settings import FileValues, Settings
from exporter.settings.sources import settings_of


@dataclass
class Follower:
    """A file, and what is heard of its changes."""

    path: Path
    adopted: list[Settings] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.settings = settings_of(SERVE, {"config": [str(self.path)]}, {})
        self.reloading = ConfigReloader(self.settings, SystemClock(), self.adopted.append, self.refused.append)

    def look(self) -> None:
        assert isinstance(self.settings.file, FileValues)
        self.reloading.look(self.settings.file)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file as a mounted ConfigMap has it: behind two symbolic links, the first of which is swapped."""
    (tmp_path / "..1").mkdir()
    (tmp_path / "..1" / "config.yaml").write_text("log-level: info\n")
    (tmp_path / "..data").symlink_to("..1")
    path = tmp_path / "config.yaml"
    path.symlink_to("..data/config.yaml")
    return path


def swap(path: Path, text: str) -> None:
    """Write a new version as a kubelet does."""
    folder = path.parent
    new = folder / f"..{len(list(folder.iterdir()))}x"
    new.mkdir()
    (new / "config.yaml").write_text(text)
    link = folder / "..data_tmp"
    link.symlink_to(new.name)
    link.replace(folder / "..data")


def test_what_has_not_changed_is_left_alone(file: Path) -> None:
    follower = Follower(file)
    follower.look()
    swap(file, "log-level: info\n")
    follower.look()
    assert (follower.adopted, follower.refused) == ([], [])


def test_a_valid_version_counts_at_once(file: Path) -> None:
    follower = Follower(file)
    swap(file, "log-level: debug\nchecks: {polling-frozen: {enabled: false}}\n")
    follower.look()
    follower.look()
    (told,) = follower.adopted
    assert told[LOG_LEVEL] == "debug"
    assert told.section(POLICY).disabled == {"polling-frozen"}


def test_one_with_a_mistake_is_refused_once(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    follower = Follower(file)
    swap(file, "log-level: loud\nlisen: x\n")
    follower.look()
    follower.look()
    assert follower.adopted == []
    (mistake,) = follower.refused
    assert mistake.startswith(f"{file}: line 1: log-level: 'loud' is not one of")
    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    assert "the last good one counts" in record.message
    assert (vars(record)["mistake"], vars(record)["mistakes"]) == (mistake, 2)


def test_a_file_that_is_gone_is_refused_and_its_return_counts(file: Path) -> None:
    follower = Follower(file)
    (file.parent / "..data").rename(file.parent / "..away")
    follower.look()
    assert len(follower.refused) == 1
    (file.parent / "..away").rename(file.parent / "..data")
    follower.look()
    assert [told[LOG_LEVEL] for told in follower.adopted] == ["info"]


def test_an_option_that_cannot_change_at_run_time_needs_a_restart(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    follower = Follower(file)
    swap(file, "log-level: debug\nlisten: ':9000'\nlog-format: json\ntimeout: 3m\n")
    follower.look()
    assert len(follower.adopted) == 1
    (record,) = [r for r in caplog.records if r.levelno == logging.WARNING]
    assert "needs a restart" in record.message
    assert vars(record)["options"] == "listen, log-format"


def test_a_flag_still_wins(file: Path) -> None:
    settings = settings_of(SERVE, {"config": [str(file)], "log-level": ["error"]}, {})
    adopted: list[Settings] = []
    reloading = ConfigReloader(settings, SystemClock(), adopted.append, lambda _: None)
    swap(file, "log-level: debug\n")
    assert settings.file is not None
    reloading.look(settings.file)
    assert [told[LOG_LEVEL] for told in adopted] == ["error"]


def test_without_a_file_nothing_runs() -> None:
    with ConfigReloader(settings_of(SERVE, {}, {}), SystemClock(), lambda _: None, lambda _: None) as reloading:
        assert not reloading._thread.is_alive()

"""Whatever a dump claims to be, reading it is bounded, and what was too much is named."""

from __future__ import annotations

import gzip
import io
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest

from exporter.cluster.resources import DATA_SOURCES, STORAGE_CLASSES
from exporter.dump import load
from exporter.dump.archives import Unpacked
from exporter.dump.limits import LIMITS, ReadBudget
from exporter.dump.yaml_text import YamlSyntaxError, parse_yaml
from exporter.kube.contract import State
from tests.dump.samples import FixedClock, a_data_source, a_list, a_storage_class, load_dump, names

GIB = 1 << 30


def _tar(path: Path, *members: tuple[tarfile.TarInfo, bytes], mode: str = "w:gz") -> Path:
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for info, data in members:
            archive.addfile(info, io.BytesIO(data))
    return path


def _member(name: str, data: bytes) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.size = len(data)
    return info, data


def _sparse(name: str, size: int) -> bytes:
    """The header of a sparse file of GNU tar that claims a size and holds nothing."""
    info = tarfile.TarInfo(name)
    info.type = tarfile.GNUTYPE_SPARSE
    header = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    header[386:398] = b"%011o " % 0
    header[398:410] = b"%011o " % 0
    header[483:495] = b"\x80" + size.to_bytes(11, "big")
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    return bytes(header)


def test_a_member_that_claims_to_be_huge_is_named_and_nothing_of_it_is_read(tmp_path: Path) -> None:
    data = _sparse("huge.yaml", 64 * GIB)
    good = _tar(tmp_path / "good.tar", _member("ds.yaml", a_data_source().encode()), mode="w").read_bytes()
    (tmp_path / "mg.tar.gz").write_bytes(gzip.compress(data + good))
    cluster, facts = load_dump(tmp_path / "mg.tar.gz")
    assert facts.problems == (f"{tmp_path}/mg.tar.gz:huge.yaml is a sparse file, which no tool puts into a dump",)
    assert names(cluster[DATA_SOURCES]) == ["images/fedora"]


def test_a_size_in_a_header_costs_nothing(tmp_path: Path) -> None:
    info = tarfile.TarInfo("huge.yaml")
    info.size = 64 * GIB
    (tmp_path / "mg.tar").write_bytes(info.tobuf(tarfile.GNU_FORMAT) + b"kind: x\n")
    _, facts = load_dump(tmp_path / "mg.tar")
    assert facts.problems[0] == f"{tmp_path}/mg.tar:huge.yaml is larger than 256 MiB; split it into one file per kind"
    assert "mg.tar is a broken archive" in facts.problems[1]


def test_a_long_name_that_claims_to_be_huge_is_not_kept_in_memory(tmp_path: Path) -> None:
    info = tarfile.TarInfo("././@LongLink")
    info.type, info.size = tarfile.GNUTYPE_LONGNAME, 64 * GIB
    (tmp_path / "mg.tar").write_bytes(info.tobuf(tarfile.GNU_FORMAT) + b"x" * (8 << 20))
    assert load_dump(tmp_path / "mg.tar")[1].problems == (
        f"{tmp_path}/mg.tar is a broken archive: a header in it is larger than 4 MiB",
    )


@pytest.mark.parametrize("name", ["bomb.yaml.gz", "bomb.tar.gz"])
def test_what_unpacks_to_far_more_than_its_size_is_refused(name: str, tmp_path: Path) -> None:
    content = b"\0" * (64 << 20)
    if name.endswith(".tar.gz"):
        _tar(tmp_path / name, _member("log.txt", content))
    else:
        (tmp_path / name).write_bytes(gzip.compress(content))
    assert load_dump(tmp_path / name)[1].problems == (
        f"{tmp_path / name} unpacks to more than 250 times its size, which no dump does",
    )


def test_a_packed_member_of_an_archive_is_bounded_like_a_file(tmp_path: Path) -> None:
    bomb = _member("bomb.yaml.gz", gzip.compress(b"\0" * (64 << 20)))
    _tar(tmp_path / "mg.tar", bomb, _member("ds.yaml", a_data_source().encode()), mode="w")
    cluster, facts = load_dump(tmp_path / "mg.tar")
    assert names(cluster[DATA_SOURCES]) == ["images/fedora"]
    assert [p.partition("mg.tar:")[2] for p in facts.problems] == [
        "bomb.yaml.gz unpacks to more than 250 times its size, which no dump does"
    ]


def test_streams_of_gzip_in_a_row_are_one(tmp_path: Path) -> None:
    one, two = a_data_source("one"), a_data_source("two")
    packed = gzip.compress(one.encode()) + gzip.compress(f"---\n{two}".encode()) + b"\0" * 700
    (tmp_path / "x.yaml.gz").write_bytes(packed)
    assert names(load_dump(tmp_path)[0][DATA_SOURCES]) == ["images/one", "images/two"]


@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_unpacking_gives_every_byte(size: int) -> None:
    data = bytes(range(256)) * 700
    stream = Unpacked(io.BytesIO(gzip.compress(data)), ReadBudget(LIMITS, FixedClock().monotonic))
    given = b""
    while chunk := stream.read(size):
        given += chunk
    assert given == data


@pytest.mark.parametrize(
    ("limits", "why"),
    [
        (replace(LIMITS, entries=3), "it holds more than 3 files"),
        (replace(LIMITS, objects=3), "it holds more than 3 documents and objects"),
        (replace(LIMITS, unpacked=100), "it holds more than 0 MiB"),
    ],
    ids=["files", "objects", "bytes"],
)
def test_more_than_is_read_leaves_everything_unknown(limits: object, why: str, tmp_path: Path) -> None:
    for number in range(5):
        (tmp_path / f"{number}.yaml").write_text(a_data_source(f"ds-{number}"))
    cluster, facts = load_dump(tmp_path, complete=True, limits=limits)  # type: ignore[arg-type]
    assert why in facts.problems[0]
    assert {table.state for table in cluster} == {State.FAILED}


def test_reading_ends_in_time(tmp_path: Path) -> None:
    class Slow(FixedClock):
        """Each look at it takes a minute."""

        minutes = 0

        def monotonic(self) -> float:
            self.minutes += 1
            return self.minutes * 60.0

    from exporter.cluster.resources import WATCHED
    from exporter.cluster.store import Store

    (tmp_path / "x.yaml").write_text(a_list(*(a_data_source(f"ds-{n}") for n in range(30))))
    facts = load([str(tmp_path)], Store(WATCHED, Slow()), WATCHED)
    assert "reading it takes more than 15 minutes" in facts.problems[0]


@pytest.mark.parametrize("name", ["x.yaml", "x.json"])
def test_one_object_that_is_too_large_costs_only_itself(name: str, tmp_path: Path) -> None:
    filler = "x" * (9 << 20)
    if name == "x.yaml":
        text = a_list(a_data_source("one"), a_data_source("two", extra=f"status: {filler}\n"))
    else:
        text = f'{{"apiVersion":"v1","kind":"Secret","data":"{filler}"}}'
        (tmp_path / "good.yaml").write_text(a_data_source("one"))
    (tmp_path / name).write_text(text)
    cluster, facts = load_dump(tmp_path)
    assert names(cluster[DATA_SOURCES]) == ["images/one"]
    assert "larger than 4 MiB" in facts.problems[0]


def test_many_values_in_a_row_are_read_through_a_window(tmp_path: Path) -> None:
    one = '{"apiVersion":"cdi.kubevirt.io/v1beta1","kind":"DataSource","metadata":{"name":"ds-%d","namespace":"n"}}'
    (tmp_path / "x.json").write_text("\n".join(one % number for number in range(500)))
    cluster, facts = load_dump(tmp_path, limits=replace(LIMITS, document=200))
    assert (len(cluster[DATA_SOURCES]), facts.problems) == (500, ())


def test_many_markers_and_problems_stay_few_lines(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("---\n" * 100_000 + a_storage_class() + "---\nkind: [\n" * 1000)
    cluster, facts = load_dump(tmp_path)
    assert names(cluster[STORAGE_CLASSES]) == ["fast"]
    assert (len(facts.problems), facts.problems[-1]) == (201, "800 more parts could not be read")


def test_deep_text_is_refused_before_the_slow_loader_sees_it() -> None:
    with pytest.raises(YamlSyntaxError, match="nested too deeply"):
        parse_yaml("a: " + "[" * 600 + "]" * 600 + "\n" + "b: c\n" * 100_000)

"""The file of a collection: JSON documents, one List per resource and namespace, and the record at the end."""

from __future__ import annotations

import gzip
import json
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, Final

from exporter.cluster.resource import Resource

STDOUT: Final = "-"


class CollectionWriter:
    """Writes documents to a stream. Every one is complete, also if reading it from the cluster breaks off."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def write_list(self, resource: Resource[Any], version: str, items: Iterable[dict[str, Any]]) -> None:
        """A List, one object a line; one without objects proves that there were none. Raises what `items` raises."""
        group_version = f"{resource.group}/{version}" if resource.group else version
        head = f'{{"apiVersion":{json.dumps(group_version)},"kind":"{resource.kind}List","metadata":{{}},"items":['
        self._stream.write(head.encode())
        separator = b"\n"
        try:
            for item in items:
                line = json.dumps(item, separators=(",", ":")).encode()
                self._stream.write(separator + line)
                separator = b",\n"
        finally:
            self._stream.write(b"]}\n")

    def write_document(self, document: dict[str, Any]) -> None:
        """A document of its own."""
        self._stream.write(json.dumps(document, separators=(",", ":")).encode() + b"\n")


@contextmanager
def open_output(path: str) -> Iterator[IO[bytes]]:
    """A stream to the file of this name, which appears only when it is complete; gzipped if its name ends in .gz.

    Only its owner may read the file. Raises OSError.
    """
    if path == STDOUT:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    partial = f"{path}.partial"
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as raw:
            if path.endswith(".gz"):
                with gzip.GzipFile(fileobj=raw, mode="wb", compresslevel=6, filename="", mtime=0) as packed:
                    yield packed  # type: ignore[misc]
            else:
                yield raw
        Path(partial).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(partial).unlink()
        raise

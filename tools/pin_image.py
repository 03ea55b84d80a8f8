"""Names the image by its digest in what a release installs: the Kustomize base and the chart. Needs Python alone.

    python tools/pin_image.py sha256:DIGEST [FOLDER]

The digest exists only once the image is built, so a commit cannot hold it: the release workflow runs this in its
checkout and publishes the result. FOLDER is a checkout, by default the one that this file is in.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

IMAGE = "ghcr.io/bootsource-exporter/bootsource-exporter"
BASE = "deploy/kustomize/base/kustomization.yaml"
CHART = "deploy/helm/bootsource-exporter/Chart.yaml"
ANNOTATION = "bootsource-exporter/image-digest"
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def pin(folder: Path, digest: str) -> None:
    """Write the digest into both files. Raises ValueError if it is malformed or there is one already.

    In the chart it is an annotation, which `image.digest` and `image.tag` of a site win over: as a value it would
    silently win over the tag that a site sets.
    """
    if not _DIGEST.fullmatch(digest):
        raise ValueError(f"{digest!r} is not a digest; write sha256: and 64 hexadecimal digits")
    texts = {
        BASE: f"images:\n  - name: {IMAGE}\n    digest: {digest}\n",
        # Annotations are the last key of the chart.
        CHART: f"  {ANNOTATION}: {digest}\n",
    }
    before = {path: (folder / path).read_text() for path in texts}
    for path, addition in texts.items():
        key = addition.partition(":")[0]
        if f"\n{key}:" in before[path]:
            raise ValueError(f"{path} has {key.strip()} already; run this once, in a clean checkout")
    for path, addition in texts.items():
        (folder / path).write_text(before[path] + addition)


def main(words: list[str]) -> int:
    """Pin as the command line says; the exit code."""
    if len(words) not in (1, 2):
        sys.stderr.write("usage: pin_image.py sha256:DIGEST [FOLDER]\n")
        return 2
    folder = Path(words[1]) if len(words) == 2 else Path(__file__).parent.parent
    try:
        pin(folder, words[0])
    except (OSError, ValueError) as error:
        sys.stderr.write(f"pin_image.py: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

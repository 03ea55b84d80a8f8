"""Limits on what one object may hold: a tenant who can write one object must not decide what the program costs."""

from __future__ import annotations

from typing import Final

MOST_REFERENCES: Final = 256
"""References to DataSources of one VirtualMachine or template; KubeVirt attaches far fewer disks."""
LONGEST_NAME: Final = 1024
"""Characters of a name in a reference: a name has at most 253, and the rest leaves room for `${...}`."""
LONGEST_ANNOTATION: Final = 16_384
"""Characters that are kept of an annotation; all of an object's together may have 256 KiB."""
LONGEST_MESSAGE: Final = 4096
"""Characters that are kept of a condition's message."""
LONGEST_TEXT: Final = 2000
"""Characters of each text of a finding, and of a reason why something was not judged."""

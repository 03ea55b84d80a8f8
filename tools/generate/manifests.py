"""Objects of a cluster as YAML, as people write them: in the order given, text as blocks, everything written out."""

from __future__ import annotations

from typing import Any

import yaml


class _Dumper(yaml.SafeDumper):
    """Writes text of several lines as a block, and what stands twice twice: anchors and aliases are for machines."""

    def ignore_aliases(self, _: object) -> bool:
        """Even if it stands there twice."""
        return True


def _represent_text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None)


_Dumper.add_representer(str, _represent_text)


def dump_documents(*documents: Any) -> str:  # noqa: ANN401  (what YAML can say)
    """Documents as YAML, keys in the order in which they are written."""
    texts = (yaml.dump(d, Dumper=_Dumper, sort_keys=False, width=1_000_000, allow_unicode=True) for d in documents)
    return "---\n".join(texts)

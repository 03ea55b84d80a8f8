"""deploy/rbac-auth.yaml: the roles that go with `--auth kubernetes`."""

from __future__ import annotations

from exporter.generate.resources import role
from exporter.kube.reviews import ACCESS_REVIEWS, TOKEN_REVIEWS
from exporter.web.guard import VIEWING


def rbac_auth() -> str:
    """A role for the exporter, to ask who somebody is and what they may do, and one for those who may see it all."""
    reviews = ((TOKEN_REVIEWS, "who sends a request"), (ACCESS_REVIEWS, "whether they may see what they ask for"))
    lines = [
        "# For the exporter itself, beside the role of rbac.yaml. Reviews are questions: nothing is stored by them.",
        *role("bootsource-exporter-auth"),
        *(line for (group, resource), why in reviews for line in _rule(group, resource, why)),
        "---",
        "# For those who may see all that it serves. Prometheus needs /metrics alone, and often has it.",
        *role("bootsource-exporter-view"),
        f"  - nonResourceURLs: [{', '.join(VIEWING)}]",
        "    verbs: [get]",
    ]
    return "\n".join(lines) + "\n"


def _rule(group: str, resource: str, why: str) -> list[str]:
    return [f"  # {why}", f"  - apiGroups: [{group}]", f"    resources: [{resource}]", "    verbs: [create]"]

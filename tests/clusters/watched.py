"""A cluster that changes at random while one process evaluates it all the time."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from random import Random

from exporter.checks.engine import Memory
from exporter.checks.evaluate import evaluate_cluster
from exporter.cluster.resources import WATCHED
from exporter.cluster.store import Store
from exporter.kube.contract import State
from exporter.report import Report
from tests.clusters.files import load_cluster
from tests.metrics.scraping import HandClock
from tests.worlds import Manifest

BY_KIND = {resource.kind: resource for resource in WATCHED}


class Watched:
    """A cluster that changes while one process evaluates it all the time."""

    def __init__(self, name: str, seed: int) -> None:
        self.random = Random(seed)
        self.clock = HandClock()
        self.store = Store(WATCHED, self.clock)
        self.objects = {json.dumps(at): m for m in load_cluster(name) if (at := place(m))[0] in BY_KIND}
        self.gone: dict[str, Manifest] = {}
        self.memory: Memory | None = None
        for resource in WATCHED:
            self.store.sink(resource).state(State.LIVE)
        for manifest in self.objects.values():
            self.apply(manifest)

    def apply(self, manifest: Manifest) -> None:
        resource = BY_KIND[manifest["kind"]]
        self.store.sink(resource).apply(resource.codec().from_value(manifest))

    def evaluate(self) -> Report:
        evaluation = evaluate_cluster(self.store.freeze(), self.clock.now(), self.memory)
        assert evaluation.crashed == {}
        self.memory = evaluation.memory
        return evaluation.report

    def change(self) -> None:
        """Delete, bring back, edit or break something, some minutes later."""
        self.clock.passed += timedelta(minutes=self.random.randint(0, 20))
        self.random.choice((self._delete, self._restore, self._edit, self._fault))()

    def _delete(self) -> None:
        at = self.random.choice(sorted(self.objects))
        self.gone[at] = manifest = self.objects.pop(at)
        item = BY_KIND[manifest["kind"]].codec().from_value(manifest)
        self.store.sink(BY_KIND[manifest["kind"]]).remove(item.key)

    def _restore(self) -> None:
        if self.gone:
            at = self.random.choice(sorted(self.gone))
            manifest = json.loads(json.dumps(self.gone.pop(at)))
            manifest["metadata"]["creationTimestamp"] = written(self.clock.now())
            self.objects[at] = manifest
            self.apply(manifest)

    def _edit(self) -> None:
        at = self.random.choice(sorted(self.objects))
        manifest = json.loads(json.dumps(self.objects[at]))
        for condition in (manifest.get("status") or {}).get("conditions") or ():
            if self.random.random() < 0.5:
                condition["status"] = {"True": "False", "False": "True"}.get(condition["status"], "True")
                condition["lastTransitionTime"] = written(self.clock.now())
        if self.random.random() < 0.3:
            manifest["metadata"]["annotations"] = {}
        self.objects[at] = manifest
        self.apply(manifest)

    def _fault(self) -> None:
        """A watch is lost, the process evaluates without it, and it comes back."""
        resource = self.random.choice(WATCHED)
        sink = self.store.sink(resource)
        sink.state(self.random.choice((State.STALE, State.FORBIDDEN, State.FAILED)))
        self.evaluate()
        sink.state(State.LIVE)
        for manifest in self.objects.values():
            if manifest["kind"] == resource.kind:
                self.apply(manifest)


def place(manifest: Manifest) -> tuple[str, str, str]:
    meta = manifest["metadata"]
    return manifest["kind"], meta.get("namespace", ""), meta["name"]


def written(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")

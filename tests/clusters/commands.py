"""What the commands of findings do to the objects of a sample cluster: oc and kubectl in small."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from tests.checks.entries.clusters import apply_command
from tests.clusters.controllers import delete_cron, image_stream, settle
from tests.clusters.sample import RBAC_API, Sample
from tests.worlds import Manifest, manifest

LOOKS = frozenset({"edit", "logs", "get", "describe"})
"""Commands that change nothing by themselves: a person reads, and decides."""


def verb_of(command: str) -> str:
    """The second word."""
    return shlex.split(command)[1]


def run(sample: Sample, command: str) -> None:
    """Do what a command line says, and let the controllers work."""
    apply(sample, command)
    settle(sample)


def apply(sample: Sample, command: str) -> None:
    """Do what a command line says, one command after the other, and nothing else."""
    for words in _commands(shlex.split(command)):
        _VERBS[words[1]](sample, words[2:])


def _commands(words: list[str]) -> Iterator[list[str]]:
    while "&&" in words:
        end = words.index("&&")
        yield words[:end]
        words = words[end + 1 :]
    yield words


def _split(words: list[str], *valued: str) -> tuple[list[str], dict[str, str]]:
    """Plain words and options; `valued` are the options that take the next word."""
    plain: list[str] = []
    options: dict[str, str] = {}
    rest = iter(words)
    for word in rest:
        if word in ("-n", *valued):
            options[word] = next(rest)
        elif word.startswith("--"):
            name, _, value = word.partition("=")
            options[name] = value
        else:
            plain.append(word)
    return plain, options


def _kind(word: str) -> str:
    """A kind as the client takes it: in lower case, plural or not, with or without its group."""
    return word.partition(".")[0].rstrip("s").lower()


def _named_objects(sample: Sample, kind: str, names: list[str], namespace: str) -> Iterator[Manifest]:
    for each in sample.objects:
        meta = each["metadata"]
        if _kind(each["kind"]) == _kind(kind) and meta["name"] in names and meta.get("namespace", "") == namespace:
            yield each


def _patch(sample: Sample, words: list[str]) -> None:
    (kind, name), options = _split(words, "--type", "-p")
    (target,) = _named_objects(sample, kind, [name], options.get("-n", ""))
    changed = apply_command(shlex.join(["oc", "patch", *words]), target)
    if changed["spec"] != target["spec"]:
        changed["metadata"] = {**changed["metadata"], "generation": target["metadata"].get("generation", 1) + 1}
    sample.objects[sample.objects.index(target)] = changed


def _mark(sample: Sample, words: list[str], where: str) -> None:
    plain, options = _split(words)
    kind, *rest = plain
    names = [w for w in rest if "=" not in w and not w.endswith("-")]
    for target in _named_objects(sample, kind, names, options.get("-n", "")):
        marks = target["metadata"].setdefault(where, {})
        for word in rest:
            key, set_, value = word.partition("=")
            if set_:
                assert key not in marks or "--overwrite" in options, f"{key} is there already"
                marks[key] = value.replace("DIGEST", "ab" * 32)
            elif word not in names:
                marks.pop(word.removesuffix("-"), None)


def _delete(sample: Sample, words: list[str]) -> None:
    (kinds, *names), options = _split(words, "-l")
    key, _, value = options.get("-l", "=").partition("=")
    kept = {_kind(k) for k in kinds.split(",")}
    gone = [
        o
        for o in sample.objects
        if _kind(o["kind"]) in kept
        and o["metadata"].get("namespace", "") == options.get("-n", "")
        and (o["metadata"]["name"] in names or (key and o["metadata"].get("labels", {}).get(key) == value))
    ]
    assert gone, f"there is nothing to delete: {words}"
    for each in gone:
        _goes(sample, each)


def _goes(sample: Sample, gone: Manifest) -> None:
    """With what it owns."""
    meta = gone["metadata"]
    if gone["kind"] == "DataImportCron":
        delete_cron(sample, gone)
    if gone["kind"] == "DataVolume":
        sample.drop("PersistentVolumeClaim", meta["name"], meta["namespace"])
    sample.drop(gone["kind"], meta["name"], meta.get("namespace", ""))


def _create(sample: Sample, words: list[str]) -> None:
    (what, name), options = _split(words)
    if what == "rolebinding":
        sample.put(_binding(name, options, words))
        return
    kinds = {"namespace": "Namespace", "job": "Job"}
    made = manifest("v1", kinds[what], name, options.get("-n", ""), status={"phase": "Active"})
    if what == "job":
        assert sample.has("CronJob", options["--from"].partition("/")[2], options["-n"])
    sample.put(made)


def _binding(name: str, options: dict[str, str], words: list[str]) -> Manifest:
    """A RoleBinding to a ClusterRole, with a subject for each flag."""
    accounts = [w.partition("=")[2].split(":") for w in words if w.startswith("--serviceaccount=")]
    subjects = [{"kind": "ServiceAccount", "namespace": space, "name": account} for space, account in accounts]
    role = {"kind": "ClusterRole", "name": options["--clusterrole"]}
    return manifest(RBAC_API, "RoleBinding", name, options["-n"], roleRef=role, subjects=subjects)


def _roll_out(sample: Sample, words: list[str]) -> None:
    (what, deployment), _ = _split(words)
    assert what == "restart"
    sample.down.discard(deployment.partition("/")[2])


def _import_image(sample: Sample, words: list[str]) -> None:
    """The registry answers this time."""
    (image,), options = _split(words)
    name, _, tag = image.partition(":")
    sample.put(image_stream(name, options["-n"], name.removesuffix("-guest"), tag))


_VERBS = {
    "patch": _patch,
    "annotate": lambda sample, words: _mark(sample, words, "annotations"),
    "label": lambda sample, words: _mark(sample, words, "labels"),
    "delete": _delete,
    "create": _create,
    "rollout": _roll_out,
    "import-image": _import_image,
}

"""CDI and KubeVirt in small: what is cloned from images."""

from __future__ import annotations

from tests.clusters.sample import CDI_API, Sample
from tests.worlds import condition, manifest


def provision(sample: Sample) -> None:
    """Pointers follow their target, and machines that wait get their disk once there is something to clone."""
    ready = {
        (o["metadata"]["namespace"], o["metadata"]["name"])
        for o in sample.all("DataSource")
        if o["status"]["conditions"][0]["status"] == "True"
    }
    for source in sample.all("DataSource"):
        pointer = source["spec"]["source"].get("dataSource")
        space = source["metadata"]["namespace"]
        if pointer and (pointer.get("namespace", space), pointer["name"]) in ready:
            target = sample.get("DataSource", pointer["name"], space)
            if "dataSource" not in target["spec"]["source"]:
                told = condition("Ready", "True", "Ready", "DataSource is ready to be consumed", hours=1)
                source["status"] = {"source": target["spec"]["source"], "conditions": [told]}
                ready.add((space, source["metadata"]["name"]))
    _finish_clones(sample)
    for machine in sample.all("VirtualMachine"):
        for volume in machine["spec"].get("dataVolumeTemplates", ()):
            name, space = volume["metadata"]["name"], machine["metadata"]["namespace"]
            ref = volume["spec"]["sourceRef"]
            allowed = "not authorized" not in str(machine["status"]) or sample.all(
                "RoleBinding", ref.get("namespace", space)
            )
            if (
                (ref.get("namespace", space), ref["name"]) in ready
                and allowed
                and not sample.has("DataVolume", name, space)
            ):
                sample.put(manifest(CDI_API, "DataVolume", name, space, spec={}, status={"phase": "Succeeded"}))
                machine["status"] = {"created": True}


def _finish_clones(sample: Sample) -> None:
    """Clones of a claim go on once no VirtualMachine that runs mounts it."""
    held = {
        (machine["metadata"]["namespace"], volume["persistentVolumeClaim"]["claimName"])
        for machine in sample.all("VirtualMachine")
        if machine["status"].get("created")
        for volume in machine["spec"].get("template", {}).get("spec", {}).get("volumes", ())
        if "persistentVolumeClaim" in volume
    }
    for clone in sample.all("DataVolume"):
        source = clone["spec"].get("source", {}).get("pvc")
        there = source and sample.has("PersistentVolumeClaim", source["name"], source["namespace"])
        if there and (source["namespace"], source["name"]) not in held:
            clone["status"] = {"phase": "Succeeded"}

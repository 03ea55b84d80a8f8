"""deploy/kustomize: a base that runs on any cluster, an overlay per monitoring, and components to add."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from exporter.base.project import IMAGE
from exporter.base.version import installed_version
from exporter.joins.platform import DOWNSTREAM_IMAGES, UPSTREAM_IMAGES
from tools.generate.dashboards.definitions import DASHBOARDS
from tools.generate.deploy import values as v
from tools.generate.deploy.common import APP, LABELS, NAMESPACE
from tools.generate.deploy.objects import MANIFESTS
from tools.generate.deploy.patches import build_patch
from tools.generate.deploy.tree import DeploySite, Manifest, When
from tools.generate.deploy.yaml_text import dump_document
from tools.generate.output import Output

_SOURCE: Final = "tools/generate/deploy"
_FOLDER: Final = "deploy/kustomize"
_BASE: Final = f"{_FOLDER}/base"
_ENFORCED: Final = "pod-security.kubernetes.io/enforce"
CERTIFICATE: Final = "bootsource-exporter-tls"
"""The name of a secret, of the kind that cert-manager makes."""
NAMESPACE_OBJECT: Final = Manifest(
    "namespace",
    {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {
            "name": NAMESPACE,
            "labels": {
                **LABELS,
                _ENFORCED: "restricted",
                # With this label the platform's own Prometheus looks here, and that of user workloads does not.
                "openshift.io/cluster-monitoring": When(v.ON_PLATFORM, "true"),
            },
        },
    },
)
_ALL: Final = (NAMESPACE_OBJECT, *MANIFESTS)


def default_site(**settings: Any) -> DeploySite:  # noqa: ANN401  (whatever a value holds)
    """Where kustomizations are for; settings by the paths of values, with _ for a dot."""
    named = {value.path.replace(".", "_"): value for value in v.VALUES}
    values = {v.MONITORED: False, **{named[name]: value for name, value in settings.items()}}
    only = ",".join(values.get(v.NAMESPACES, ()))
    names = {
        "image": f"{IMAGE}:{installed_version()}",
        "instance": APP,
        "version": installed_version(),
        "namespaces": only,
    }
    return DeploySite(APP, values, names)


@dataclass(frozen=True)
class Layer:
    """A folder that changes what the base makes."""

    folder: str
    purpose: str
    site: DeploySite
    more: tuple[str, ...] = ()
    """Other folders that belong to it."""
    component: bool = False


BASE: Final = default_site()
LAYERS: Final = (
    Layer(
        "overlays/prometheus-operator",
        "For Kubernetes with the Prometheus Operator; dashboards for the sidecar of Grafana's chart.",
        default_site(monitoring_enabled=True),
        ("rules/operator", "dashboards/configmaps"),
    ),
    Layer(
        "overlays/prometheus-operator-tls",
        f"The same with HTTPS, and only for those who may, with the certificate in the secret {CERTIFICATE}.",
        default_site(monitoring_enabled=True, tls_secretName=CERTIFICATE),
        ("rules/operator", "dashboards/configmaps"),
    ),
    Layer(
        "overlays/openshift-user-workload",
        "For OpenShift's monitoring of user workloads; dashboards in the console. HTTPS, and only for those who may.",
        default_site(monitoring_enabled=True, platform=v.USER_WORKLOAD),
        ("rules/openshift-user-workload", "dashboards/openshift"),
    ),
    Layer(
        "overlays/openshift-platform",
        "For OpenShift's monitoring of the platform; dashboards in the console. HTTPS, and only for those who may.",
        default_site(monitoring_enabled=True, platform=v.PLATFORM_MONITORING),
        ("rules/openshift-platform", "dashboards/openshift"),
    ),
    *(
        Layer(
            f"components/namespaced-{platform}",
            f"Reads PersistentVolumeClaims, VolumeSnapshots, ImageStreams and pods in {images} alone.",
            default_site(rbac_scope=v.NAMESPACED, rbac_namespaces=[images]),
            component=True,
        )
        for platform, images in (("kubernetes", UPSTREAM_IMAGES), ("openshift", DOWNSTREAM_IMAGES))
    ),
    Layer(
        "components/high-availability",
        "Two replicas, one of which stays when a node is drained. Goes with any overlay.",
        default_site(replicas=2),
        component=True,
    ),
)
_DRAWN: Final = tuple(f"{board.uid}.yaml" for board in DASHBOARDS)
_RULE: Final = ("prometheusrule.yaml",)
_FOLDERS: Final[Mapping[str, tuple[tuple[str, ...], str]]] = {
    **{
        f"rules/{name}": (_RULE, "")
        for name in ("operator", "openshift-user-workload", "openshift-platform", "kubevirt")
    },
    "dashboards/configmaps": (_DRAWN, APP),
    "dashboards/grafana-operator": (_DRAWN, ""),
    "dashboards/openshift": (_DRAWN, ""),
    "dashboards/perses/v1alpha1": (_DRAWN, ""),
    "dashboards/perses/v1alpha2": (_DRAWN, ""),
}
"""What is generated elsewhere, and the namespace that it gets here; "" leaves that as it is."""


def _kustomization(kind: str = "Kustomization", **fields: Any) -> str:  # noqa: ANN401
    group = "kustomize.config.k8s.io"
    api = f"{group}/v1alpha1" if kind == "Component" else f"{group}/v1beta1"
    return dump_document({"apiVersion": api, "kind": kind, **{key: field for key, field in fields.items() if field}})


def _objects(manifest: Manifest, where: DeploySite) -> str:
    return "---\n".join(map(dump_document, manifest.at(where)))


def _base() -> Iterator[Output]:
    there = [manifest for manifest in _ALL if manifest.at(BASE)]
    files = [f"{manifest.file}.yaml" for manifest in there]
    yield Output(f"{_BASE}/kustomization.yaml", _SOURCE, lambda: _kustomization(resources=files))
    for manifest in there:
        yield Output(f"{_BASE}/{manifest.file}.yaml", _SOURCE, partial(_objects, manifest, BASE))


def _layer(layer: Layer) -> Iterator[Output]:
    folder = f"{_FOLDER}/{layer.folder}"
    made: list[str] = [] if layer.component else ["../../base"]
    patched = []
    for manifest in _ALL:
        before, after = manifest.at(BASE), manifest.at(layer.site)
        if after == before or not after:
            continue
        if not before:
            made.append(f"{manifest.file}.yaml")
            yield Output(f"{folder}/{made[-1]}", _SOURCE, partial(_objects, manifest, layer.site))
        else:
            patched.append({"path": f"{manifest.file}.patch.yaml"})
            yield Output(
                f"{folder}/{patched[-1]['path']}", _SOURCE, partial(dump_document, build_patch(before[0], after[0]))
            )
    made += [f"../../../../{other}" for other in layer.more]
    kind = "Component" if layer.component else "Kustomization"
    text = f"# {layer.purpose}\n{_kustomization(kind, resources=made, patches=patched)}"
    yield Output(f"{folder}/kustomization.yaml", _SOURCE, lambda: text)


def _folder(path: str) -> Output:
    files, namespace = _FOLDERS[path]
    return Output(
        f"{path}/kustomization.yaml",
        _SOURCE,
        lambda: _kustomization(namespace=namespace, resources=list(files)),
    )


KUSTOMIZE: Final = (*_base(), *(output for layer in LAYERS for output in _layer(layer)), *map(_folder, _FOLDERS))

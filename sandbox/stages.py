"""What kwok does in place of kubelets and operators: it writes the statuses that they would write."""

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final

from gitops.documents import from_yaml
from gitops.objects import Manifest
from gitops.policies.health_gates import CONDITIONS
from sandbox.modules import downloaded, pinned

FAIL: Final = "sandbox.homelab/fail"
"""The annotation of pods that never become ready, and of custom resources that are not healthy while they have it."""

DELAY: Final = "pod-ready.stage.kwok.x-k8s.io/delay"
"""The annotation that says after how long a pod becomes ready, in the words of kwok's own slow stages."""

_API_VERSION: Final = "kwok.x-k8s.io/v1alpha1"
_KWOK: Final = "sigs.k8s.io/kwok"
# What kwok loads by itself, as long as Stages are no CRD.
_BUILT_IN: Final = ("node/fast", "node/heartbeat-with-lease", "pod/fast")
_SERVICE_ADDRESSES: Final = ("metallb.io/loadBalancerIPs", "lbipam.cilium.io/ips")


def stages(failing: Collection[str] = ()) -> tuple[Manifest, ...]:
    """The Stages of a cluster with `--enable-crds Stage`, kwok's own among them.

    Args:
        failing: Kinds of custom resources that strict gates on, as `ClusterIssuer`, whose operators report from the
            beginning that they are not healthy. kwok looks at an object when it changes: one that exists already
            follows a change of Stages only then, and so is better annotated with `FAIL`.

    Raises:
        ModuleError: Go cannot bring kwok's own.
    """
    kwok = pinned(_KWOK)
    root = downloaded([kwok])[kwok] / "kustomize" / "stage"
    own = (item for name in _BUILT_IN for item in _built_in(root / name))
    gates = (stage for kind in CONDITIONS for stage in _gates(kind, failing=kind[1] in failing))
    return (*map(_with_switches, own), _pod_failing(), *gates, *map(_address, _SERVICE_ADDRESSES))


def _built_in(folder: Path) -> Iterator[Manifest]:
    for file in sorted(folder.glob("*.yaml")):
        yield from (item for item in from_yaml(file.read_text(encoding="utf-8")) if item["kind"] == "Stage")


def _with_switches(stage: Manifest) -> Manifest:
    """Pods become ready when their annotations say so, and at once where they say nothing."""
    if stage["metadata"]["name"] != "pod-ready":
        return stage
    expressions = [*stage["spec"]["selector"]["matchExpressions"], _expression(_annotation(FAIL), "DoesNotExist")]
    delay = {"durationMilliseconds": 0, "durationFrom": {"expressionFrom": _annotation(DELAY)}}
    return {**stage, "spec": {**stage["spec"], "selector": {"matchExpressions": expressions}, "delay": delay}}


def _pod_failing() -> Manifest:
    template = """\
containerStatuses:
{{ range .spec.containers }}
- image: {{ .image | Quote }}
  name: {{ .name | Quote }}
  ready: false
  restartCount: 1
  started: false
  state:
    waiting:
      reason: CrashLoopBackOff
      message: the sandbox was asked to fail
{{ end }}
phase: Running
startTime: {{ Now | Quote }}
"""
    selector = (
        _expression(_annotation(FAIL), "Exists"),
        _expression(".metadata.deletionTimestamp", "DoesNotExist"),
        _expression(".status.phase", "In", "Pending"),
    )
    return _stage("pod-failing", ("v1", "Pod"), selector, (_status(template),))


def _gates(resource: tuple[str, str], *, failing: bool) -> Iterator[Manifest]:
    """What the operator of a kind reports, also of objects that are to fail, once the kind is served."""
    name = resource[1].lower()
    yield _gate(name, resource, "DoesNotExist", "False" if failing else "True")
    yield _gate(f"{name}-failing", resource, "Exists", "False")
    yield _served(resource)


def _gate(name: str, resource: tuple[str, str], annotated: str, status: str) -> Manifest:
    condition = CONDITIONS[resource]
    template = f"""\
conditions:
- type: {condition}
  status: "{status}"
  reason: {"StandIn" if status == "True" else "StandInFailing"}
  message: written by the sandbox in place of the operator
  lastTransitionTime: {{{{ Now | Quote }}}}
"""
    current = f'.status.conditions.[] | select( .type == "{condition}" ) | .status'
    selector = (_expression(_annotation(FAIL), annotated), _expression(current, "NotIn", status))
    made = (_secret(),) if resource[1] == "ExternalSecret" and status == "True" else ()
    return _stage(name, resource, selector, (*made, _status(template)))


def _served(resource: tuple[str, str]) -> Manifest:
    """Makes kwok look again for a kind that no CRD served when the Stage of it was applied.

    kwok gives a kind up that it does not find, until a Stage changes: so the CRD changes the kind's Stage.
    """
    api_version, kind = resource
    template = f"""\
apiVersion: {_API_VERSION}
kind: Stage
metadata:
  name: {kind.lower()}
  annotations:
    sandbox.homelab/served-by: {{{{ .metadata.uid | Quote }}}}
spec:
  resourceRef:
    apiGroup: {api_version}
    kind: {kind}
"""
    selector = (
        _expression(".spec.group", "In", api_version.partition("/")[0]),
        _expression(".spec.names.kind", "In", kind),
        _expression('.status.conditions.[] | select( .type == "Established" ) | .status', "In", "True"),
    )
    crd = ("apiextensions.k8s.io/v1", "CustomResourceDefinition")
    stage = _stage(f"{kind.lower()}-served", crd, selector, ({"apply": {"template": template}},))
    # The API server describes a kind a moment after it says that it serves it; a busy machine's takes seconds.
    return {**stage, "spec": {**stage["spec"], "delay": {"durationMilliseconds": 3000}}}


def _secret() -> Manifest:
    """External Secrets' Secret, its values in name only."""
    template = """\
apiVersion: v1
kind: Secret
metadata:
  name: {{ .spec.target.name | Quote }}
  ownerReferences:
  - apiVersion: {{ .apiVersion | Quote }}
    kind: {{ .kind | Quote }}
    name: {{ .metadata.name | Quote }}
    uid: {{ .metadata.uid | Quote }}
    controller: true
stringData:
{{ range .spec.data }}
  {{ .secretKey | Quote }}: stand-in
{{ end }}
"""
    return {"apply": {"template": template}}


def _address(annotation: str) -> Manifest:
    """The owner of LoadBalancer addresses gives a Service the one that it asks for."""
    selector = (
        _expression(".spec.type", "In", "LoadBalancer"),
        _expression(_annotation(annotation), "Exists"),
        _expression(".status.loadBalancer.ingress", "DoesNotExist"),
    )
    template = f"""\
loadBalancer:
  ingress:
  - ip: {{{{ index .metadata.annotations "{annotation}" | Quote }}}}
    ipMode: VIP
"""
    return _stage(f"service-{annotation.partition('.')[0]}", ("v1", "Service"), selector, (_status(template),))


def _stage(
    name: str, resource: tuple[str, str], selector: tuple[Manifest, ...], steps: tuple[Manifest, ...]
) -> Manifest:
    api_version, kind = resource
    return {
        "apiVersion": _API_VERSION,
        "kind": "Stage",
        "metadata": {"name": name},
        "spec": {
            "resourceRef": {"apiGroup": api_version, "kind": kind},
            "selector": {"matchExpressions": list(selector)},
            "steps": list(steps),
        },
    }


def _status(template: str) -> Manifest:
    return {"patch": {"root": "status", "subresource": "status", "template": template}}


def _expression(key: str, operator: str, *values: str) -> Manifest:
    return {"key": key, "operator": operator, **({"values": list(values)} if values else {})}


def _annotation(name: str) -> str:
    return f'.metadata.annotations["{name}"]'

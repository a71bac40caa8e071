"""Objects as Flux leaves them on an API server, for one platform."""

from dataclasses import dataclass, field
from typing import Any

from gitops.flux import NAMESPACE
from gitops.objects import Manifest
from gitops.platform import Platform
from gitops.policies.revision import revision_of
from gitops.rollout import Rollout

KUSTOMIZATION = "kustomize.toolkit.fluxcd.io/v1"


def condition(status: str, reason: str = "", message: str = "", *, kind: str = "Ready") -> Manifest:
    return {"type": kind, "status": status, "reason": reason, "message": message}


def stalled() -> Manifest:
    return condition("True", kind="Stalled")


READY = condition("True", "ReconciliationSucceeded", "applied")


@dataclass
class Cluster:
    """What a rollout is shown; every object that is put gets a new resourceVersion."""

    rollout: Rollout
    now: float = 0.0
    writes: int = field(default=0)

    @classmethod
    def of(cls, platform: Platform) -> "Cluster":
        return cls(Rollout(platform))

    def put(self, manifest: Manifest, *conditions: Manifest, **status: Any) -> None:
        self.writes += 1
        metadata = {"generation": 1} | manifest["metadata"] | {"resourceVersion": str(self.writes)}
        shown = {"conditions": list(conditions)} | status
        self.rollout.see(manifest | {"metadata": metadata, "status": shown})

    def kustomization(self, name: str, *conditions: Manifest, **fields: Any) -> None:
        """A bundle's Kustomization; `revision` of the variables, `applied` and `attempted` revisions of the source."""
        revision = fields.get("revision", revision_of(self.rollout.platform))
        spec = {"postBuild": {"substitute": {"revision": revision}}} if revision else {}
        self.put(
            {"apiVersion": KUSTOMIZATION, "kind": "Kustomization", "metadata": _metadata(name), "spec": spec},
            *conditions,
            lastAppliedRevision=fields.get("applied", self.source),
            lastAttemptedRevision=fields.get("attempted", self.source),
        )

    def resource_set(self, name: str, *conditions: Manifest) -> None:
        self.put(self.declared("ResourceSet", name), *conditions)

    def declared(self, kind: str, name: str) -> Manifest:
        """An object as the platform declares it to Pulumi, or to Flux."""
        platform = self.rollout.platform
        registered = self.rollout._asked.values()
        bundled = (item.manifest() for bundle in platform.bundles for item in bundle.objects)
        found = (item for item in (*registered, *bundled) if item["kind"] == kind and item["metadata"]["name"] == name)
        return next(found)

    @property
    def source(self) -> str:
        cluster = self.rollout.platform.cluster
        commit = cluster.git.commit if cluster.git else None
        return f"{cluster.git_branch}@sha1:{commit}" if commit else f"{cluster.git_branch}@sha1:anything"

    def wait(self, seconds: float = 0.0) -> None:
        self.now += seconds
        self.rollout.judge(self.now)


def _metadata(name: str) -> Manifest:
    return {"name": name, "namespace": NAMESPACE}

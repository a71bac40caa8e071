"""Why a cluster must not be adopted: found before anything is changed, all at once."""

from collections.abc import Iterator

from gitops.adoption.live import Live
from gitops.delivery import delivery_of
from gitops.errors import Problem
from gitops.existing import strange
from gitops.flux import NAMESPACE
from gitops.installation import installation
from gitops.objects import ObjectKey, object_key
from gitops.platform import Platform
from gitops.variables import CLUSTER_VARS


def refusals(platform: Platform, live: Live) -> Iterator[Problem]:
    """Everything that speaks against it; without Flux the cluster has nothing more to say."""
    yield from _of_stack(platform)
    if not live.serves_flux:
        what = "its API server knows no Kustomizations: Flux is not there"
        yield _problem("flux", "the cluster", what, "choose another kubeconfig; homelab up needs no adoption")
        return
    yield from _of_cluster(platform, live)
    yield from _of_releases(platform, live)


def _of_stack(platform: Platform) -> Iterator[Problem]:
    cluster = platform.cluster
    if cluster.delivery != "git":
        what = f"delivery {cluster.delivery} cannot take over from a sync in place"
        fix = "adopt with homelab:delivery: git, then switch: homelab diff STACK --delivery NAME lists the steps"
        yield _problem("delivery", "homelab:delivery", what, fix)
    if cluster.bootstrap.use == "install":
        what = "Pulumi would install a Flux that is there already"
        yield _problem("bootstrap", "homelab:bootstrap", what, "set homelab:bootstrap: existing")


def _of_cluster(platform: Platform, live: Live) -> Iterator[Problem]:
    key = ObjectKey("", "ConfigMap", NAMESPACE, CLUSTER_VARS)
    if key in live.objects:
        yield from strange(platform.cluster.name, [live.objects[key]])
    else:
        what = "it is not there, so nobody can tell which cluster this is"
        yield _problem("cluster", str(key), what, "choose another kubeconfig, or run homelab up where nothing is yet")


def _of_releases(platform: Platform, live: Live) -> Iterator[Problem]:
    """Helm releases whose name or place would change: helm-controller would uninstall them, and install others."""
    expanded = delivery_of(platform).expand(platform)
    wanted = {key: installation(item) for key, item in expanded.items() if key.kind == "HelmRelease"}
    taken = {item[:2]: key for key, item in wanted.items()}
    for item in live.releases:
        key, found = object_key(item), installation(item)
        if key in wanted and found != wanted[key]:
            what = f"it has installed {found}, and would uninstall that for {wanted[key]}"
            fix = "set its releaseName, targetNamespace and storageNamespace in the add-on to what is installed"
            yield _problem("release", str(key), what, fix)
        elif key not in wanted and found[:2] in taken:
            what = f"it has installed {found}, which {taken[found[:2]]} of the stack would install anew"
            yield _problem("release", str(key), what, "name the stack's as this one is, or switch its add-on off")


def _problem(name: str, where: str, what: str, fix: str) -> Problem:
    return Problem(rule=f"adopt/{name}", where=where, what=what, fix=fix)

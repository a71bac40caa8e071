"""Lets Flux react to the variables themselves."""

from dataclasses import replace

from gitops.flux import WATCH_LABEL
from gitops.objects import ConfigMap
from gitops.platform import Platform


def watch(platform: Platform) -> Platform:
    """A variable that is changed by hand reconciles at once, instead of at the next interval."""
    return replace(platform, variables=tuple(_watched(item) for item in platform.variables))


def _watched(item: ConfigMap) -> ConfigMap:
    labels = {**item.metadata.labels, WATCH_LABEL: "Enabled"}
    return replace(item, metadata=replace(item.metadata, labels=labels))

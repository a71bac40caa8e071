"""What VictoriaMetrics and VictoriaLogs share: a store that is written to from outside and read from inside."""

from addons.infra import longhorn
from addons.logging import ingress
from gitops.addon import Addon, controllers, namespace
from gitops.chart import Chart
from gitops.duration import Duration


def store(name: str, chart: Chart, *, host: str, path: str, retention: str) -> Addon:
    """A store in a namespace of its own; other clusters write to `path` of `host`, and nobody reads there."""
    values = {
        "server": {
            "fullnameOverride": name,
            "retentionPeriod": retention,
            "persistentVolume": {"enabled": True, "size": "20Gi"},
            "ingress": ingress.victoria(host, path),
        }
    }
    release = chart.release(name, namespace=name, values=values, timeout=Duration.minutes(10))
    after = (longhorn.CONTROLLERS, "nginx-controllers")
    return Addon(name=name, controllers=controllers(name, namespace(name), *release, after=after))

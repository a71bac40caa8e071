"""The logging layer."""

from components.component import Component


class LoggingLayer(Component):
    """VictoriaMetrics, VictoriaLogs and Grafana; on management clusters only."""

    component = "log"

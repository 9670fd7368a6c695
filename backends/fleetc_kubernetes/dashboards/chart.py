"""What a dashboard shows, before it is anything of Grafana's: rows of charts, with their expressions."""

from __future__ import annotations

from typing import Final

from fleetc.tuples import NamedTuple

INTERVAL: Final = "$__rate_interval"
"""What Grafana puts for it: at least four times as long as samples are apart."""


class Query(NamedTuple):
    """An expression, and how its series are called: {{LABEL}} is a label's value; "" leaves that to Grafana."""

    expr: str
    legend: str


class Chart(NamedTuple):
    """Lines over time. `unit` is one of Grafana's; `limits` are where it draws a line."""

    title: str
    unit: str
    description: str
    queries: tuple[Query, ...]
    limits: tuple[float, ...] = ()


class Row(NamedTuple):
    """Charts below one title."""

    title: str
    charts: tuple[Chart, ...]


def rate(series: str, matchers: str) -> str:
    """How much a counter grows in a second."""
    return f"rate({series}{{{matchers}}}[{INTERVAL}])" if matchers else f"rate({series}[{INTERVAL}])"


def grouped(operation: str, by: str, expr: str) -> str:
    """An aggregation by labels; of everything where there are none."""
    return f"{operation} by ({by}) ({expr})" if by else f"{operation}({expr})"


def quantile(part: str, by: str, series: str, matchers: str) -> str:
    """A quantile of a histogram."""
    labels = f"le, {by}" if by else "le"
    return f"histogram_quantile({part}, {grouped('sum', labels, rate(f'{series}_bucket', matchers))})"

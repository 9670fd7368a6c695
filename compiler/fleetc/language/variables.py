"""Variables in expressions of a dashboard: what Grafana puts for them before Prometheus is asked."""

from __future__ import annotations

import re
from typing import Final

KNOWN: Final = ("$__rate_interval", "$__interval", "$__range")
"""Lengths of time: of which samples a rate is made, between two points that are drawn, and all that is shown."""
_LENGTH: Final = "5m"
_VARIABLE: Final = re.compile(r"\$\{(\w+)(?::\w+)?\}|\$(\w+)|\[\[(\w+)(?::\w+)?\]\]")


def unknown(expr: str) -> tuple[str, ...]:
    """The variables of an expression that are not KNOWN, as they are written, each once. In strings, too: Grafana reads
    an expression as a text."""
    found = [match for match in _VARIABLE.finditer(expr) if not _is_group(expr, match)]
    return tuple(dict.fromkeys(match[0] for match in found if match[0] not in KNOWN))


def _is_group(expr: str, match: re.Match[str]) -> bool:
    """`$1` in a string is a group of label_replace; Grafana has no variables of such names."""
    name = match[1] or match[2] or match[3]
    return name.isdigit()


def filled(expr: str, length: str = _LENGTH) -> str:
    """An expression as Prometheus reads it."""
    return re.sub(r"\$__(?:rate_interval|interval|range)\b", length, expr)

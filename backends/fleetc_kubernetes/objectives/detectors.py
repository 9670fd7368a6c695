"""Detectors of what is unusual: bands that follow the week, and sudden changes.

A band is around what a signal was one, two and three weeks ago, an hour before to an hour after this time of the week.
Its width follows from how much it varied within those hours, and between the weeks.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from fleetc.emission.site import ObjectiveSite
from fleetc.language.amounts import share
from fleetc.language.burning import decimal
from fleetc.language.objective import Anomaly, Signal
from fleetc.tuples import NamedTuple
from fleetc_kubernetes.objectives.alert import Said, alert, labels_of, of
from fleetc_kubernetes.objectives.indicator import Subject, failures_of, latency_of, waiting_of
from fleetc_kubernetes.rules import ACTIVE, quoted, recording

if TYPE_CHECKING:
    from fleetc_kubernetes.rules import Rule

_BASE: Final = "5m"
_WEEKS: Final = (("1", "167h"), ("2", "335h"), ("3", "503h"))
"""Weeks ago, and how far back the two hours around that time end."""
FLOORS: Final[dict[Signal, str]] = {"latency": "0", "errors": "0.01", "utilization": "0.05", "queue": "1"}
"""What a signal counts as at least before a sudden change: from nothing, anything would be a change."""
_TITLES: Final[dict[Signal, str]] = {
    "latency": "Latency",
    "errors": "Errors",
    "utilization": "Utilization",
    "queue": "Queue",
}


_VALUE: Final = "The value is {{ $value | humanize }}."


class Recorded(NamedTuple):
    """A signal: under which name it is recorded, and its expression."""

    name: str
    expr: str


def detectors(s: ObjectiveSite, subject: Subject) -> Iterator[Rule]:
    """The rules of all anomalies that are looked for."""
    for anomaly in s.objective.anomalies:
        signal = signal_of(s, subject, anomaly.signal)
        if signal is None:
            continue
        yield recording(signal.name, signal.expr, labels_of(s, subject))
        if "seasonal" in anomaly.methods:
            yield from _seasonal(s, subject, anomaly, signal)
        if "change" in anomaly.methods:
            yield _change(s, subject, anomaly, signal)


def signal_of(s: ObjectiveSite, subject: Subject, signal: Signal) -> Recorded | None:
    """What is looked at; None where it is not measured, which is checked before. What cannot be told is left out: a
    mean of nothing would spoil every mean that it is in."""
    selector = subject.selector
    match signal:
        case "latency":
            found = latency_of(s, subject)
            if found is None:
                return None
            total, count = (f"sum(rate({found.name}_{part}{{{selector}}}[{_BASE}]))" for part in ("sum", "count"))
            return Recorded(f"objective:latency:mean{_BASE}", f"{total}\n/ {count} > 0")
        case "errors":
            failures = failures_of(subject)
            if failures is None:
                return None
            expr = f"{failures.bad(_BASE)}\n/ ({failures.total(_BASE)} > 0)"
            return Recorded(f"objective:errors:ratio_rate{_BASE}", expr)
        case "utilization":
            model = f"namespace={quoted(subject.namespace)}, model={quoted(subject.name)}"
            return Recorded("objective:utilization:avg", f"avg({ACTIVE}{{{model}}})")
        case "queue":
            waiting = waiting_of(subject)
            if waiting is None:
                return None
            return Recorded("objective:queue:sum", f"sum({waiting.name}{{{selector}}})")


def _seasonal(s: ObjectiveSite, subject: Subject, anomaly: Anomaly, signal: Recorded) -> Iterator[Rule]:
    mine, base = of(s), f"objective:{anomaly.signal}"
    for weeks, back in _WEEKS:
        for part in ("avg", "stdvar"):
            past = f"{part}_over_time({signal.name}{mine}[2h] offset {back})"
            yield recording(f"{base}_past:{part}2h", past, {**labels_of(s, subject), "weeks": weeks})
    means, variances = f"{base}_past:avg2h{mine}", f"{base}_past:stdvar2h{mine}"
    # Of one week alone nobody knows what is usual.
    known = f"count without (weeks) ({means}) > 1"
    yield recording(f"{base}_expected:avg3w", f"avg without (weeks) ({means})\nand {known}", labels_of(s, subject))
    spread = f"sqrt(avg without (weeks) ({variances})\n+ stdvar without (weeks) ({means}))"
    yield recording(f"{base}_spread:stddev3w", spread, labels_of(s, subject))
    now, expected, width = (
        f"{name}{mine}" for name in (signal.name, f"{base}_expected:avg3w", f"{base}_spread:stddev3w")
    )
    away = f"abs({now} - {expected})" if anomaly.signal == "utilization" else f"({now} - {expected})"
    wide, least = _number(anomaly.deviations), decimal(share(anomaly.margin))
    expr = f"{away} > {wide} * {width}\nand {away} > {least} * {expected}"
    what = f"{_TITLES[anomaly.signal]} of {subject.name} is not what it is at this time of the week"
    yield _alert(s, subject, anomaly, f"Unusual{_TITLES[anomaly.signal]}", expr, what, "15m")


def _change(s: ObjectiveSite, subject: Subject, anomaly: Anomaly, signal: Recorded) -> Rule:
    mine, floor = of(s), FLOORS[anomaly.signal]
    now, before = f"avg_over_time({signal.name}{mine}[10m])", f"avg_over_time({signal.name}{mine}[1h] offset 10m)"
    times = _number(anomaly.factor)
    expr = f"{now}\n> {times} * clamp_min({before}, {floor})"
    if anomaly.signal == "utilization":
        expr = f"({expr})\nor (({before} > {floor}) > {times} * {now})"
    what = f"{_TITLES[anomaly.signal]} of {subject.name} changed suddenly"
    return _alert(s, subject, anomaly, f"Sudden{_TITLES[anomaly.signal]}", expr, what, "5m")


def _number(text: str) -> str:
    """A number as PromQL reads it: that of a spec may have an exponent."""
    return f"{Decimal(text):f}"


def _alert(s: ObjectiveSite, subject: Subject, anomaly: Anomaly, name: str, expr: str, what: str, lasting: str) -> Rule:
    return alert(s, subject, name, expr, anomaly.severity, Said(what, _VALUE), lasting)

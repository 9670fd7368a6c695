"""The rules of an Objective: its indicator over each window, its budget, and alerts for when that burns."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Final, Literal

from fleetc.catalogue.components import served_in
from fleetc.emission.site import ObjectiveSite
from fleetc.language.amounts import share, time
from fleetc.language.burning import burns, decimal, duration, windows
from fleetc.language.measures import is_latency
from fleetc_kubernetes.metadata import team_metadata
from fleetc_kubernetes.objectives.alert import Said, alert, goal, labels_of, of
from fleetc_kubernetes.objectives.detectors import detectors
from fleetc_kubernetes.objectives.indicator import Indicator, Subject, indicator_of, subject_of
from fleetc_kubernetes.rules import GROUP, recording

if TYPE_CHECKING:
    from fleetc_kubernetes.rules import PrometheusRule, Rule

ERRORS: Final = "objective:sli_errors:ratio_rate"
BUDGET: Final = "objective:error_budget_remaining:ratio"
_NAMES: Final[dict[Literal["page", "ticket"], str]] = {
    "page": "ErrorBudgetBurnsFast",
    "ticket": "ErrorBudgetBurnsSlowly",
}


def prometheus_rules(s: ObjectiveSite) -> Iterator[PrometheusRule]:
    """One object, where there is a model or a queue, and something that evaluates rules."""
    version = served_in(s.cluster.components, GROUP, "PrometheusRule", "v1")
    subject = subject_of(s)
    indicator = indicator_of(s, subject) if subject is not None else None
    if version is None or subject is None or indicator is None:
        return
    name = s.objective.name
    made: PrometheusRule = {
        "apiVersion": version,
        "kind": "PrometheusRule",
        "metadata": team_metadata(s, name, subject.namespace),
        "spec": {"groups": [{"name": name, "rules": [*_recorded(s, subject, indicator), *_alerts(s, subject)]}]},
    }
    unusual = list(detectors(s, subject))
    if unusual:
        made["spec"]["groups"].append({"name": f"{name}-anomalies", "rules": unusual})
    yield made


def _recorded(s: ObjectiveSite, subject: Subject, indicator: Indicator) -> Iterator[Rule]:
    """Whole budgets are summed up from rates that are recorded: over weeks, raw series would be too many."""
    window, labels = time(s.objective.window), labels_of(s, subject)
    every = [duration(seconds) for seconds in windows(window)]
    for each in every:
        yield recording(ERRORS + each, f"{indicator.bad(each)}\n/ {indicator.total(each)}", dict(labels))
    base, long, mine = every[0], s.objective.window, of(s)
    yield recording(f"objective:sli_bad:rate{base}", indicator.bad(base), dict(labels))
    yield recording(f"objective:sli_total:rate{base}", indicator.total(base), dict(labels))
    yield recording("objective:target:ratio", f"vector({decimal(share(s.objective.target))})", dict(labels))
    bad, total = (f"sum_over_time(objective:sli_{part}:rate{base}{mine}[{long}])" for part in ("bad", "total"))
    left = f"1 - ({bad}\n/ {total})\n/ {decimal(1 - share(s.objective.target))}"
    yield recording(BUDGET + _whole(long), left, dict(labels))


def _whole(window: str) -> str:
    """A length of time in the name of a metric: `4w` is `28d`."""
    return duration(int(time(window)))


def _alerts(s: ObjectiveSite, subject: Subject) -> Iterator[Rule]:
    budget, mine = 1 - share(s.objective.target), of(s)
    for severity, name in _NAMES.items():
        conditions = [
            _burning(mine, burn.long, burn.short, burn.rate * budget)
            for burn in burns(time(s.objective.window))
            # More than all requests are never bad.
            if burn.severity == severity and burn.rate * budget < 1
        ]
        if conditions:
            how = "fast" if severity == "page" else "slowly"
            summary = f"The error budget of {s.objective.name} burns {how}: {goal(s)}"
            yield alert(s, subject, name, "\nor ".join(conditions), severity, Said(summary, _SHARE))
    if subject.kind == "model" and _promised(s, subject.name):
        yield from _silent(s, subject)


_SHARE: Final = "{{ $value | humanizePercentage }} are bad."


def _burning(mine: str, long: int, short: int, ratio: Fraction) -> str:
    """Over both windows more are bad: the long one says that it matters, the short one that it still is so."""
    both = [f"{ERRORS}{duration(window)}{mine} > {decimal(ratio)}" for window in (long, short)]
    return f"({both[0]}\nand {both[1]})"


def _promised(s: ObjectiveSite, model: str) -> bool:
    """Whether a server is there at all times: what is scaled to none says nothing when it is asked nothing."""
    serving = s.servings.get(model)
    return serving is not None and any(part.least for part in serving.parts)


def _silent(s: ObjectiveSite, subject: Subject) -> Iterator[Rule]:
    """Without a server nothing is counted, and no budget burns."""
    severity: Literal["page", "ticket"] = "ticket" if is_latency(s.objective) else "page"
    summary = f"No server of {subject.name} tells how it is, though one is promised at all times"
    expr = f"absent(up{{{subject.selector}}} == 1)"
    said = Said(summary, "Prometheus reads no server of it.")
    yield alert(s, subject, "NoServerMeasured", expr, severity, said, "10m")

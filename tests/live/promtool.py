"""promtool: rules checked, and run on synthetic series."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from fleetc_rehearsal.finder import binary


class Segment(NamedTuple):
    """So many minutes at one value: a gauge's own, or how much a counter grows in each."""

    minutes: int
    value: float


Timeline = Sequence[Segment]


class Series(NamedTuple):
    """A series with its labels, a sample each minute."""

    name: str
    values: str


class Asked(NamedTuple):
    """An expression, after so many minutes, and the one value that it has; None where it has none."""

    expr: str
    minutes: int
    value: float | None


def counter(name: str, labels: Mapping[str, str], timeline: Timeline) -> Series:
    """A counter that grows so much in each minute: by so many of 65,536 parts, so that sums are exact. Of one that
    falls by a rounding error, Prometheus thinks that it began anew."""
    total, parts = 0.0, ["0"]
    for minutes, grows in timeline:
        value = round(grows * 65536) / 65536
        parts.append(f"{total + value!r}+{value!r}x{minutes - 1}")
        total += minutes * value
    return Series(_named(name, labels), " ".join(parts))


def gauge(name: str, labels: Mapping[str, str], timeline: Timeline) -> Series:
    """A gauge."""
    return Series(_named(name, labels), " ".join(f"{float(value)!r}x{minutes - 1}" for minutes, value in timeline))


def _named(name: str, labels: Mapping[str, str]) -> str:
    matchers = ", ".join(f'{key}="{value}"' for key, value in labels.items())
    return f"{name}{{{matchers}}}"


def firing(alert: str, minutes: int, *, fires: bool, within: int = 1) -> Asked:
    """Whether an alert was told at some time within the last minutes."""
    expr = f'max_over_time((count(ALERTS{{alertname="{alert}", alertstate="firing"}}))[{within}m:1m])'
    return Asked(expr, minutes, 1.0 if fires else None)


def check(rules: Iterable[Mapping[str, Any]], folder: Path) -> str:
    """What `promtool check rules` says of PrometheusRules, "" when all is well."""
    files = [_file(rule, folder / f"rules-{n}.yaml") for n, rule in enumerate(rules)]
    assert files
    return _run("check", "rules", "--lint=all", "--lint-fatal", *map(str, files))


def run(rule: Mapping[str, Any], series: Iterable[Series], asked: Iterable[Asked], folder: Path, every: str) -> str:
    """What `promtool test rules` says of a PrometheusRule that is evaluated so often, "" when all is as asked."""
    test = {
        "rule_files": [_file(rule, folder / "rules.yaml").name],
        "evaluation_interval": every,
        "tests": [
            {
                "interval": "1m",
                "input_series": [{"series": one.name, "values": one.values} for one in series],
                "promql_expr_test": [_asked(one) for one in asked],
            }
        ],
    }
    path = folder / "test.yaml"
    path.write_text(yaml.safe_dump(test, width=10**6), encoding="utf-8")
    return _run("test", "rules", str(path))


def _asked(one: Asked) -> dict[str, Any]:
    samples = [] if one.value is None else [{"labels": "{}", "value": one.value}]
    return {"expr": one.expr, "eval_time": f"{one.minutes}m", "exp_samples": samples}


def _file(rule: Mapping[str, Any], path: Path) -> Path:
    path.write_text(yaml.safe_dump(rule["spec"], width=10**6), encoding="utf-8")
    return path


def _run(*arguments: str) -> str:
    words = [str(binary("promtool")), *arguments]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr

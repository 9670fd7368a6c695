"""Variables of Grafana in expressions."""

from __future__ import annotations

import pytest

from fleetc.language.variables import KNOWN, filled, unknown


@pytest.mark.parametrize("name", KNOWN)
def test_known_ones_are_lengths_of_time(name: str) -> None:
    assert unknown(f"rate(up[{name}])") == ()
    assert filled(f"rate(up[{name}])") == "rate(up[5m])"
    assert filled(f"rate(up[{name}:{name}])", "1h") == "rate(up[1h:1h])"


@pytest.mark.parametrize(
    ("expr", "names"),
    [
        ("up", ()),
        ('up{job="$job"}', ("$job",)),
        ('up{job=~"${job:regex}", pod="[[pod]]"}', ("${job:regex}", "[[pod]]")),
        ("rate(up[$__rate_interval_ms]) + $__rate_interval_ms", ("$__rate_interval_ms",)),
        ("rate(up[${__interval}])", ("${__interval}",)),
        ('label_replace(up, "a", "$1", "b", "(.*)")', ()),
        ('up{path=~"/v1/.*$"}', ()),
    ],
)
def test_others_are_named(expr: str, names: tuple[str, ...]) -> None:
    assert unknown(expr) == names


def test_longer_names_are_not_filled() -> None:
    assert filled("$__interval_ms $__range_s") == "$__interval_ms $__range_s"

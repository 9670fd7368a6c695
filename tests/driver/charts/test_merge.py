"""Values over values, as helm merges several files."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleetc.catalogue.installs import Install, install_of, merged

NAMES = st.sampled_from("abc")
LEAVES = st.none() | st.integers(0, 3)
TREES = st.dictionaries(NAMES, LEAVES | st.dictionaries(NAMES, LEAVES, max_size=2), max_size=2)


@pytest.mark.parametrize(
    ("low", "high", "made"),
    [
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 3}}, {"a": {"b": 3, "c": 2}}),
        ({"a": [1, 2]}, {"a": [3]}, {"a": [3]}),
        ({"a": {"b": 1}}, {"a": None}, {"a": None}),
        ({"a": 1}, {"a": {"b": 2}}, {"a": {"b": 2}}),
    ],
)
def test_examples(low: Any, high: Any, made: Any) -> None:
    assert merged(low, high) == made


@given(TREES, TREES)
@settings(deadline=None)
def test_what_is_stronger_holds(low: Any, high: Any) -> None:
    made = merged(low, high)
    assert merged(made, high) == made
    assert merged({}, low) == merged(low, {}) == low
    assert set(made) == set(low) | set(high)


def test_a_user_is_stronger_than_the_catalogue() -> None:
    install = install_of("cert-manager", "1.21.1")
    assert isinstance(install, Install)
    assert install.with_values({"crds": {"keep": False}}) == {"crds": {"enabled": True, "keep": False}}
    assert install.with_values({"crds": {"enabled": False}}) == {"crds": {"enabled": False}}
    assert install.values == {"crds": {"enabled": True}}

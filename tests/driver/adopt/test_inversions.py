"""What is tried in a spec, so that something else is emitted."""

from __future__ import annotations

from typing import Any

import pytest

from fleetc.driver.adopt.inversions import MOST, inversions


@pytest.mark.parametrize(
    ("written", "before", "after", "meant"),
    [
        ("cc-1", "cc-1", "cc-2", "cc-2"),
        (8, 8, 9, 9),
        (8, "8", "9", 9),
        ("4", "3", "6", "8"),
        ("4", "3", "3750m", "5"),
        (2, 6, 9, 3),
        ("30s", 30, 45, "45s"),
        ("5m", 300, 600, "10m"),
        ("8Gi", "6Gi", "12Gi", "16Gi"),
        ("vllm", "registry/vllm:v1", "registry/sglang:v1", "sglang"),
        ("namespace/gateway:8080", 8080, 9090, "namespace/gateway:9090"),
        ("10.40.0.0/16:443", "10.40.0.0/16", "10.41.0.0/16", "10.41.0.0/16:443"),
        (True, "true", "false", False),
        (True, 1, 0, False),
        (["a"], ["a"], ["a", "b"], ["a", "b"]),
    ],
)
def test_what_is_meant_is_among_them(written: Any, before: Any, after: Any, meant: Any) -> None:
    found = inversions(written, before, after)
    assert repr(meant) in map(repr, found)
    assert len(found) <= MOST
    assert repr(written) not in map(repr, found)

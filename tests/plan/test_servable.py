"""What stands against serving a model as planned."""

from __future__ import annotations

from typing import Any

import pytest
from tests.backends.serving.sites import HUB, part, site, wide

from fleetc.plan.servable import obstacles

PLAIN = {"kubernetes": "1.35"}


@pytest.mark.parametrize(
    ("parts", "more", "says"),
    [
        ([part()], {"here": PLAIN}, []),
        ([wide()], {"here": PLAIN}, []),
        ([part()], {"here": {"kubernetes": "1.34"}}, ["image volumes are off on cluster c1, which has 1.34"]),
        ([part()], {"here": {"kubernetes": "1.34"}, "spec": {"source": HUB}}, []),
        ([wide()], {"here": PLAIN, "components": {}}, ["on 2 nodes each, for which on cluster c1 there is no"]),
        ([wide()], {"here": PLAIN, "planned": {"version": "0.11.0"}}, ["vllm 0.11.0 is not known to run on such"]),
        ([part()], {"here": PLAIN, "components": {}, "planned": {"version": "0.11.0"}}, []),
        ([wide("p" * 43)], {"here": PLAIN}, []),
        ([wide("p" * 44)], {"here": PLAIN}, ["50 characters, of 49 at most"]),
    ],
)
def test_obstacles(parts: list[Any], more: dict[str, Any], says: list[str]) -> None:
    at = site(*parts, **more)
    found = list(obstacles(at.model, at.serving, at.cluster, at.components))
    assert len(found) == len(says)
    assert all(text in obstacle.message for obstacle, text in zip(found, says, strict=True))
    assert all(obstacle.hint for obstacle in found)

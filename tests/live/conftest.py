"""One cluster at a time, for all tests that ask for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import pytest
from tests.live.clusters import CLUSTERS, Live, live


@pytest.fixture(scope="session", params=CLUSTERS)
def running(request: pytest.FixtureRequest) -> Iterator[Live]:
    """Each cluster of the example fleet in turn."""
    with live(cast(str, request.param)) as made:
        yield made

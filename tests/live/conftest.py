"""One cluster at a time, for all tests that ask for it, on the server that `--server` names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, cast

import pytest
from tests.live.clusters import CLUSTERS, IN_KIND, SERVERS, Live, Serve, live
from tests.live.kind import missing_docker

_SERVER: Final = "--server"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Known where tests/live is named on the command line, as `make e2e-kind` does."""
    words = "what the tests of one cluster run on: a rehearsal, or a cluster of kind in Docker"
    parser.addoption(_SERVER, choices=sorted(SERVERS), default="rehearsal", help=words)


def pytest_configure(config: pytest.Config) -> None:
    """Without Docker there is an error, and not a row of skipped tests."""
    why = missing_docker() if _named(config) == "kind" else ""
    if why:
        raise pytest.UsageError(why)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On kind, only what a server alone decides, and only of clusters that kind makes."""
    if _named(config) == "kind":
        left = [item for item in items if not _is_for_kind(item)]
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if _is_for_kind(item)]


@pytest.fixture(scope="session")
def serve(pytestconfig: pytest.Config) -> Serve:
    """What starts a server for objects."""
    return SERVERS[_named(pytestconfig)]


@pytest.fixture(scope="session", params=CLUSTERS)
def running(request: pytest.FixtureRequest, serve: Serve) -> Iterator[Live]:
    """Each cluster of the example fleet in turn."""
    with live(cast(str, request.param), serve=serve) as made:
        yield made


def _named(config: pytest.Config) -> str:
    return cast(str, config.getoption(_SERVER, "rehearsal"))


def _is_for_kind(item: pytest.Item) -> bool:
    """Marked so; of a test for each cluster, the clusters of kind."""
    call = getattr(item, "callspec", None)
    cluster = call.params.get("running") if call else None
    return item.get_closest_marker("kind") is not None and cluster in (None, *IN_KIND)

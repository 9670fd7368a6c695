"""Any edit of any emitted value: it is adopted, and then a build gives it; or it is refused, with a reason."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.driver.fleets import acme

from fleetc.driver.adopt.carry import Carried, Carrier
from fleetc.driver.adopt.wishes import Wish
from fleetc.driver.explain import Explainer, explainer, value_at
from fleetc.driver.layout import comments_of
from fleetc.driver.live.drift import is_manifest
from fleetc.emission.compare import Base, leaves
from fleetc.emission.site import Object

Files = dict[str, list[Object]]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return acme(tmp_path_factory.mktemp("random") / "fleet")


@pytest.fixture(scope="module")
def fleet(root: Path) -> Explainer:
    return explainer(root)


@pytest.fixture(scope="module")
def files(fleet: Explainer) -> Files:
    return {page.file: page.objects for page in fleet.pages() if is_manifest(fleet, page.file)}


def other(value: Any) -> Iterator[Any]:
    """Other values of the same sort."""
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield from (value + 1, value * 2, 0)
    elif isinstance(value, str):
        digits = "".join(c for c in value if c.isdigit())
        yield from ([value.replace(digits, str(int(digits) * 2))] if digits else []) + [f"{value}x", "other"]
    else:
        yield "other"


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_it_is_adopted_and_built_or_refused(root: Path, fleet: Explainer, files: Files, data: st.DataObject) -> None:
    file = data.draw(st.sampled_from(sorted(files)))
    page = fleet.find_page(file)
    assert page is not None
    position = data.draw(st.integers(0, len(page.objects) - 1))
    path, before = data.draw(st.sampled_from([*leaves(page.objects[position])]))
    after = data.draw(st.sampled_from([*other(before)]))
    more, here = data.draw(st.booleans()), data.draw(st.booleans())
    wish = Wish(page, position, path, before, after, 1)
    found = Carrier(fleet, [wish], more=more, only_here=here).carry(partly=False)
    if found.refused:
        assert (found.changes, found.steps) == ((), ())
        assert all(d.message and d.hint for d in found.refused)
        return
    assert more or not found.moved
    holds(root, files, wish, found)


def holds(root: Path, files: Files, wish: Wish, found: Carried) -> None:
    """Another run on the changed files gives what was wished, and nothing moves but what was told."""
    try:
        for change in found.changes:
            (root / change.file).write_bytes(change.after)
            assert comments_of(change.after.decode()) == comments_of(change.before.decode())
        again = explainer(root)
        now = {page.file: page.objects for page in again.pages() if is_manifest(again, page.file)}
    finally:
        for change in found.changes:
            (root / change.file).write_bytes(change.before)
    assert value_at(now[wish.page.file][wish.position], wish.path) == wish.after
    told = {(one.file, one.path) for one in found.moved} | {(wish.page.file, wish.place)}
    for file in {*files, *now}:
        moved = Base(files.get(file, [])).moved(now.get(file, []))
        assert {(file, path) for path in moved} <= told

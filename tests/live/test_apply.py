"""All that is emitted, before a real API server of the cluster's minor."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from tests.live.blame import blame
from tests.live.clusters import Emitted, Live, apply_all, explained_fleet

from fleetc.source.span import Path, render_path
from fleetc_rehearsal import Refused, until

pytestmark = [pytest.mark.live, pytest.mark.kind]


def test_nothing_is_refused(running: Live) -> None:
    refused = [(o, a) for o, a in zip(running.emitted, running.answers, strict=True) if isinstance(a, Refused)]
    assert running.emitted
    assert not refused, "\n\n".join(blame(explained_fleet(), one, answer) for one, answer in refused)


def test_applied_again_nothing_changes(running: Live) -> None:
    """No field fights a default, and no controller fights a field: not even the version of an object moves."""
    until(lambda: all(_is_known(running, one) for one in running.taken), "controllers that know every Deployment", 60)
    before = [running.client.get(*address(one.object)) for one in running.taken]
    again = apply_all(running.client, running.taken)
    changed = [
        f"{one.about}: {', '.join(render_path(path) for path in differences(old, new))}"
        for one, old, new in zip(running.taken, before, again, strict=True)
        if isinstance(new, Refused) or moved(old, new)
    ]
    assert changed == []


def test_what_is_read_back_holds_what_was_emitted(running: Live) -> None:
    lost = [
        f"{one.about}: {render_path(path)}"
        for one in running.taken
        for path in missing(one.object, running.client.get(*address(one.object)))
    ]
    assert lost == []


def _is_known(running: Live, one: Emitted) -> bool:
    """Whether the controller of a Deployment has written what it writes first, its revision."""
    if one.object["kind"] != "Deployment":
        return True
    found = running.client.get(*address(one.object))
    return "deployment.kubernetes.io/revision" in found["metadata"].get("annotations", {})


def address(obj: dict[str, Any]) -> tuple[str, str, str, str]:
    """Where an object is read."""
    meta = obj["metadata"]
    return obj["apiVersion"], obj["kind"], meta["name"], meta.get("namespace", "")


def moved(old: dict[str, Any], new: dict[str, Any]) -> bool:
    """Whether anything changed but who wrote it, and, where controllers report a status, that and the versions. A
    controller may report its first one between the two."""
    reported = "status" in old or "status" in new
    return settled(old, reported=reported) != settled(new, reported=reported)


def settled(obj: dict[str, Any], *, reported: bool) -> dict[str, Any]:
    """What must not move."""
    meta = {k: v for k, v in obj["metadata"].items() if k != "managedFields"}
    if reported:
        del meta["resourceVersion"]
    return {**{k: v for k, v in obj.items() if k != "status"}, "metadata": meta}


def differences(old: Any, new: Any, path: Path = ()) -> Iterator[Path]:
    """Where two documents differ."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted({*old, *new}):
            yield from differences(old.get(key), new.get(key), (*path, key))
    elif old != new:
        yield path


def missing(wanted: Any, found: Any, path: Path = ()) -> Iterator[Path]:
    """Where something that was emitted is not, or is something else."""
    if isinstance(wanted, dict) and isinstance(found, dict):
        for key, value in wanted.items():
            yield from missing(value, found.get(key), (*path, key))
    elif isinstance(wanted, list) and isinstance(found, list) and len(wanted) == len(found):
        for n, (one, two) in enumerate(zip(wanted, found, strict=True)):
            yield from missing(one, two, (*path, n))
    elif wanted != found or type(wanted) is not type(found):
        yield path

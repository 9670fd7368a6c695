"""Every damage of every distinct object before a real server of its minor: a second opinion on the checks.

The result is docs/checks/agreement.md. With FLEETC_UPDATE=1 it is written instead of compared.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any, Final, NamedTuple, cast

import pytest
from tests.check.damage.places import Object
from tests.check.goldens import ROOT, distinct, golden
from tests.check.mutations import DAMAGES
from tests.check.test_mutations import LIMITS, UPDATE
from tests.live.clusters import WITHOUT, Emitted, crds_of

from fleetc.check.schemas import check_object
from fleetc.check.states import State
from fleetc_rehearsal import Client, Refused, control_plane
from fleetc_rehearsal.manifests import group_of

pytestmark = pytest.mark.live

PAGE: Final = ROOT / "docs/checks/agreement.md"
MINORS: Final = sorted({cluster.kubernetes for cluster in golden().world.clusters})
HEADERS: Final = ("apiVersion", "kind")
WAYS: Final = {**DAMAGES, **LIMITS}

ONLY_SERVER: Final[dict[str, list[tuple[str, str]]]] = {
    "broken_rule_of_a_custom_kind": [
        ("CiliumNetworkPolicy *", "a CEL rule of the CRD, which the checks count as partial")
    ],
}
"""Why the server alone refuses a damage: the first reason whose pattern matches the object's kind and name."""
ONLY_CHECKS: Final[dict[str, list[tuple[str, str]]]] = {
    "bad_pod_setting": [
        ("Deployment *", "a claim that names no device: 1.33, where such claims are off, drops the field unseen")
    ],
    "duplicate_item": [("Deployment *", "two variables of one name: only server-side apply refuses that")],
    "null_in_custom": [("*", "the server drops a null where it takes none, and who wrote it meant something")],
}
"""The same, where the checks alone do."""


class Opinion(NamedTuple):
    """What both say of one damaged object."""

    minor: str
    damage: str
    about: str
    checks: bool
    """The checks refuse it."""
    server: str
    """The server's words against it, empty where it takes it."""

    @property
    def why(self) -> str:
        """The reason for which they disagree; empty where there is none."""
        known = ONLY_CHECKS if self.checks else ONLY_SERVER
        return next((r for pattern, r in known.get(self.damage, ()) if fnmatchcase(self.about, pattern)), "")


def test_checks_and_server_agree() -> None:
    found = [opinion for minor in MINORS for opinion in opinions(minor)]
    odd = [o for o in found if o.checks != bool(o.server) and not o.why]
    assert odd == [], "\n".join(f"{o.minor} {o.damage}: {o.about}: {o.server or 'taken'}" for o in odd[:20])
    known = {(o.damage, o.why) for o in found if o.why}
    told = [(name, why) for table in (ONLY_SERVER, ONLY_CHECKS) for name, rows in table.items() for _, why in rows]
    assert known == {*told}, "a reason that is not needed any more"
    page = written(found)
    if UPDATE:
        PAGE.write_text(page, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page, "run it with FLEETC_UPDATE=1"


def test_what_is_emitted_is_taken_by_both() -> None:
    """Else a refusal would say nothing: an object is refused for the damage, and for nothing else."""
    for minor in MINORS:
        mine = objects(minor)
        with control_plane(minor, crds=crds_of([Emitted("", 0, obj) for obj in mine])) as cluster:
            prepare(cluster.client, mine)
            assert [said for obj in mine if (said := against(cluster.client, obj))] == []


def objects(minor: str) -> list[Object]:
    """The distinct objects that are first met on a cluster of a minor."""
    clusters = golden().world.clusters
    mine = [cast(Object, s.object) for place, s in distinct() if clusters[place.cluster].kubernetes == minor]
    return [obj for obj in mine if group_of(str(obj["apiVersion"])) not in WITHOUT]


def opinions(minor: str) -> Iterator[Opinion]:
    """All damages of the objects of a minor."""
    mine = objects(minor)
    with control_plane(minor, crds=crds_of([Emitted("", 0, obj) for obj in mine])) as cluster:
        prepare(cluster.client, mine)
        for obj in mine:
            about = f"{obj['kind']} {obj['metadata']['name']}"
            for name, damage in WAYS.items():
                for damaged in damage(dict(obj)):
                    checks = check_object(damaged, minor).state is State.INVALID
                    yield Opinion(minor, name, about, checks, against(cluster.client, damaged))


def prepare(client: Client, mine: list[Object]) -> None:
    """The namespaces in which the objects are."""
    names = {obj["metadata"].get("namespace") for obj in mine} - {None}
    for name in sorted(names):
        if client.look("v1", "Namespace", name) is None:
            client.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})


def against(client: Client, obj: dict[str, Any]) -> str:
    """What the server has against an object as a new one; empty where it would take it."""
    metadata = obj["metadata"] if isinstance(obj.get("metadata"), dict) else {}
    if not all(isinstance(obj.get(name), str) and obj[name] for name in HEADERS) or not metadata.get("name"):
        return "no client knows where to apply it"
    namespace = metadata.get("namespace")
    try:
        # A namespace that is no text can stand in no address, and is sent as kubectl sends what names none.
        path = client.path(obj["apiVersion"], obj["kind"], namespace if isinstance(namespace, str) else "")
        client.request("POST", path, obj, query={"fieldValidation": "Strict", "dryRun": "All"})
    except Refused as refused:
        # That there is such an object already is found last, when nothing else is wrong.
        return "" if refused.reason == "AlreadyExists" else str(refused)
    return ""


def written(found: list[Opinion]) -> str:
    """The page."""
    refused, taken = sum(o.checks and bool(o.server) for o in found), sum(not o.checks and not o.server for o in found)
    odd = [o for o in found if o.checks != bool(o.server)]
    counts = Counter(o.minor for o in found)
    lines = [
        "# The checks and the server",
        "",
        "Generated by tests/live/test_agreement.py (`make live`): every damage of [mutations](mutations.md) that one",
        "object shows by itself, before a real API server of the object's minor, as a dry run of a new object with",
        f"strict validation. {len(found):,} damages ({', '.join(f'{n:,} on {m}' for m, n in sorted(counts.items()))}):",
        f"{refused:,} are refused by both, {taken:,} are taken by both, and {len(odd):,} by one of the two, each for a",
        "reason.",
        "",
        "| Damage | Damaged | Both refuse | Both take | Only the server refuses | Only the checks refuse |",
        "|---|---:|---:|---:|---|---|",
    ]
    rows: dict[str, list[Opinion]] = defaultdict(list)
    for opinion in found:
        rows[opinion.damage].append(opinion)
    lines += [_row(name, rows[name]) for name in WAYS if rows[name]]
    return "\n".join(lines) + "\n"


def _row(name: str, mine: list[Opinion]) -> str:
    what = (WAYS[name].__doc__ or "").strip().rstrip(".")
    both = sum(o.checks and bool(o.server) for o in mine)
    neither = sum(not o.checks and not o.server for o in mine)
    server = Counter(o.why for o in mine if not o.checks and o.server)
    checks = Counter(o.why for o in mine if o.checks and not o.server)
    said = ["; ".join(f"{n:,}: {why}" for why, n in sorted(odd.items())) or "0" for odd in (server, checks)]
    return f"| {what} | {len(mine):,} | {both:,} | {neither:,} | {said[0]} | {said[1]} |"

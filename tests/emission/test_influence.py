"""`influence` against a brute-force oracle: a large space of values for each read, and for pairs of reads."""

from __future__ import annotations

import contextlib
import functools
import itertools
from collections.abc import Iterator, Mapping, Set
from typing import Any

import pytest
from tests.emission.hard import CASES, Case
from tests.emission.nodes import known

from fleetc.emission.alternatives import Known, allowed, is_set
from fleetc.emission.compare import APPEARS, RANK, Base, How, Moved, leaves
from fleetc.emission.influence import Influence, influence
from fleetc.emission.recorder import NAMES, PRESENT, Read, run, traced
from fleetc.emission.site import Lowering, TeamSite
from fleetc.emission.vary import Copied, varied
from fleetc.language.schema import Items, Keyed, Scalar, Schema, Table
from fleetc.language.team import Peer, TeamNamespace
from fleetc.source.span import Path

TEXTS = (
    *("", "a", "b", "c", "d", "zz", "0", "1", "7", "A", "low", "high", "other", "r1", "r2", "eu-1", "eu-2", "x"),
    *("cc-1207", "cc-1", "ops@acme.example", "sre-x@acme.example", "sre-", "ops@acme.examplf"),
    *("someone-with-a-long-name@elsewhere.example", "4Gi", "5Gi", "3Ti", "2Ti", "1Mi", "500m", "7k"),
    *("53", "443", "444", "1-2", "100-900/UDP", "53/UDP", "team/risk", "team/zz", "namespace/zz", "10.1.0.0/16"),
    *("fd00::/8", "a.example", "*.b.example", "10.0.0.0/8"),
)
NUMBERS = (*range(-1, 64), 91, 92, 95, 96, 97, 101, 142, 999, 1000, 1001, 50_000)
FEW_NUMBERS = (0, 1, 2, 3, 4, 5, 6, 9, 10, 37, 38, 42, 50, 95, 96, 101, 1001)
UNFIT = (ValueError, TypeError, IndexError, KeyError, AssertionError, ZeroDivisionError)
"""What a lowering may raise on a value that no valid spec gives it."""
MOST_PAIRED = 14
Found = dict[Path, dict[Read, How]]


def texts(schema: Schema | None, value: Any) -> Iterator[Any]:
    """Many scalars that a field may hold."""
    choices = schema.choices if isinstance(schema, Scalar) else ()
    for candidate in (*choices, *TEXTS, *NUMBERS, True, False):
        if repr(candidate) != repr(value) and allowed(schema, candidate, value):
            yield candidate


def space(field: Known, value: Any) -> Iterator[Any]:
    """Many values that a read could have given."""
    schema = field.schema
    if field.optional and is_set(value):
        yield None
    if isinstance(schema, Keyed):
        yield from keyed(schema, value)
    elif isinstance(schema, Items):
        for size in range(len(value) + 1):
            yield from itertools.permutations(value, size)
        for other in texts(schema.item, None):
            yield from ((*value, other), (other, *value), (other,))
            yield from ((*value[:n], other, *value[n + 1 :]) for n in range(len(value)))
    elif isinstance(schema, Table):
        for keys in itertools.chain.from_iterable(itertools.combinations(value, n) for n in range(len(value) + 1)):
            yield {key: value[key] for key in keys}
        yield from ({**value, key: text} for key in value for text in texts(schema.value, value[key]))
        yield {**value, "added": "1"}
    elif isinstance(value, Mapping):
        yield {}
    else:
        yield from texts(schema, value)


def keyed(schema: Keyed, keys: tuple[str, ...]) -> Iterator[tuple[Any, ...]]:
    for size in range(len(keys) + 1):
        yield from itertools.permutations(keys, size)
    field = schema.item.fields[schema.item.key or ""].schema
    if isinstance(field, Scalar) and field.text:
        for name in [x for x in texts(field, None) if x not in keys]:
            for key in keys:
                yield (*keys, Copied(key, name))
                yield (Copied(key, name), *keys)
    if not keys and schema.item.cls is TeamNamespace:
        yield (TeamNamespace(name="new", share=1, labels={}, annotations={}, pod_security=None),)
    if not keys and schema.item.cls is Peer:
        yield (Peer(to="team/new", ports=()),)


class Oracle:
    """Runs the lowering on everything."""

    def __init__(self, case: Case) -> None:
        self.case = case
        objects, self.reads = traced(case.lower, case.site)
        self.later = dict(self.reads)
        self.base = Base(objects)
        self.leaves = {path for path, _ in leaves(objects)}

    def values(self, read: Read, value: Any) -> Iterator[Any]:
        """Many values that a read could have given."""
        root, path = read
        field = known(self.case.elsewhere)(read)
        if path == (PRESENT,):
            yield from (None,) if value else field.values
        elif path == (NAMES,):
            for size in range(len(value) + 1):
                yield from itertools.combinations(value, size)
            yield from ((*value, node) for node in field.values)
        else:
            # No two items of a list have one name.
            taken = self.reads.get((root, path[:-2]), ()) if path[-2:-1] == (value,) else ()
            yield from (x for x in space(field, value) if x not in taken)

    def moved(self, changes: Mapping[Read, Any]) -> Moved:
        try:
            return self.base.moved(run(self.case.lowering, varied(self.case.site, changes)))
        except UNFIT:
            return {}

    def single(self) -> Found:
        """For each leaf: the reads that move it when they alone change, and how."""
        out: Found = {}
        for read, value in self.reads.items():
            for other in self.values(read, value):
                for path, how in self.moved({read: other}).items():
                    if path in self.leaves or path[-1:] == (APPEARS,):
                        keep(out, path, read, how)
        return out

    def pairs(self, still: Set[Path]) -> dict[Path, set[frozenset[Read]]]:
        """For each leaf: the pairs of reads whose joint change alters its value; some are only read after a change."""
        out: dict[Path, set[frozenset[Read]]] = {}
        self.behind()
        for one, two in itertools.combinations(self.later, 2):
            if one in self.reads or two in self.reads:
                for a, b in itertools.product(*[self.some(read, self.later[read]) for read in (one, two)]):
                    for leaf, how in self.moved({one: a, two: b}).items():
                        if how == "value" and leaf in still:
                            out.setdefault(leaf, set()).add(frozenset((one, two)))
        return out

    def behind(self) -> None:
        """What is only read when some other read gives another value."""
        for read, value in self.reads.items():
            for other in self.some(read, value):
                # What is read of an item that was added is no read of this site.
                if not (isinstance(other, tuple) and any(isinstance(x, Copied) for x in other)):
                    with contextlib.suppress(*UNFIT):
                        found = traced(self.case.lower, varied(self.case.site, {read: other}))[1]
                        self.later = {**found, **self.later}

    def some(self, read: Read, value: Any) -> Iterator[Any]:
        """A few values, far from one another."""
        found = [x for x in self.values(read, value) if type(x) is not int or x in FEW_NUMBERS]
        yield from found if len(found) <= MOST_PAIRED else [*found[:6], *found[6 :: len(found) // 6]]


def keep(out: Found, path: Path, read: Read, how: How) -> None:
    here = out.setdefault(path, {})
    if read not in here or RANK[how] < RANK[here[read]]:
        here[read] = how


@functools.cache
def alone(name: str) -> Found:
    return Oracle(CASES[name]).single()


@functools.cache
def found_by_us(name: str) -> Influence:
    case = CASES[name]
    return influence(case.lowering, case.site, known(case.elsewhere))


def claims(found: Influence) -> Found:
    """The claims on leaves, and on what appears, by read."""
    out: Found = {}
    wanted = {path for path, _ in leaves(found.objects)}
    for path, units in found.moves.items():
        for unit, how in units.items():
            if path in wanted or path[-1:] == (APPEARS,):
                keep(out, path, (unit.root, unit.path), how)
    return out


def beyond(ones: Found, others: Found) -> list[tuple[Path, Read, How, How | None]]:
    """The claims of the first that are stronger than those of the second."""
    return [
        (path, read, how, other)
        for path, reads in ones.items()
        for read, how in reads.items()
        if (other := others.get(path, {}).get(read)) is None or RANK[how] < RANK[other]
    ]


@pytest.mark.parametrize("name", CASES)
def test_nothing_is_claimed_that_the_oracle_does_not_find(name: str) -> None:
    assert beyond(claims(found_by_us(name)), alone(name)) == []


@pytest.mark.parametrize("name", CASES)
def test_all_is_claimed_that_the_oracle_finds(name: str) -> None:
    assert beyond(alone(name), claims(found_by_us(name))) == []


@pytest.mark.parametrize("name", CASES)
def test_only_jointly_is_what_pairs_move_and_nothing_alone_does(name: str) -> None:
    oracle, found = Oracle(CASES[name]), found_by_us(name)
    expected = oracle.pairs({leaf for leaf in oracle.leaves if "value" not in alone(name).get(leaf, {}).values()})
    assert found.jointly.keys() == expected.keys()
    for leaf, units in found.jointly.items():
        assert frozenset((u.root, u.path) for u in units) in expected[leaf]


def test_the_oracle_knows_what_only_moves_jointly() -> None:
    assert {name for name in CASES if found_by_us(name).jointly} == {
        "either_of_two", "neither", "both_of_two", "two_of_three",
    }  # fmt: skip


@pytest.mark.parametrize("name", ["merged", "related", "either_of_two"])
def test_what_one_object_follows_from_is_the_same_alone_and_among_all(name: str) -> None:
    case = CASES[name]

    def lower(s: TeamSite) -> Iterator[Mapping[str, Any]]:
        yield {"kind": "First", "pods": s.team.quota.pods}
        yield from case.lower(s)
        yield {"kind": "Last", "region": s.cluster.region}

    three = Lowering("three", lower)
    whole = influence(three, case.site, known())
    for n in range(3):
        alone = influence(three, case.site, known(), n)
        assert alone.moves == {path: units for path, units in whole.moves.items() if path[0] == n}
        assert alone.jointly.keys() == {path for path in whole.jointly if path[0] == n}

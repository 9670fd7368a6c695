"""Named tuples of ours are those of `typing`: what tells them apart is how long their classes take."""

from __future__ import annotations

import copy
import pickle
import typing
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleetc.tuples import NamedTuple


class Point(NamedTuple):
    """A place."""

    x: int
    y: str = "up"
    z: tuple[int, ...] = ()
    """How high."""

    @property
    def both(self) -> tuple[int, str]:
        return self.x, self.y

    @classmethod
    def at(cls, x: int) -> Point:
        return cls(x)


class Nothing(NamedTuple):
    """Has no fields."""


class Theirs(typing.NamedTuple):
    """A place."""

    x: int
    y: str = "up"
    z: tuple[int, ...] = ()


VALUES = st.fixed_dictionaries({"x": st.integers()}, optional={"y": st.text(max_size=3), "z": st.tuples(st.integers())})
LOOSE = st.dictionaries(st.sampled_from(["x", "y", "z", "w"]), st.integers(), max_size=4)


@given(VALUES)
def test_values_are_the_same(values: dict[str, Any]) -> None:
    one: Any = Point(**values)
    other: Any = Theirs(**values)
    assert one == other == tuple(one)
    assert hash(one) == hash(other)
    assert repr(one) == repr(other).replace("Theirs", "Point")
    assert one._asdict() == other._asdict()
    assert [*one._asdict()] == [*other._asdict()]
    assert Point._make(other) == one
    assert Point(*one) == one
    assert (one.x, one.y, one.z) == (other.x, other.y, other.z)


@given(st.lists(st.integers(), max_size=5), LOOSE)
def test_the_same_calls_are_refused(given: list[int], named: dict[str, int]) -> None:
    def tried(cls: Any) -> Any:
        try:
            return tuple(cls(*given, **named))
        except TypeError as error:
            return str(error).rpartition("__new__")[2]

    assert tried(Point) == tried(Theirs)


@given(VALUES, LOOSE)
def test_the_same_is_replaced(values: dict[str, Any], changes: dict[str, int]) -> None:
    def tried(one: Any) -> Any:
        try:
            return tuple(one._replace(**changes))
        except (TypeError, ValueError):  # theirs raises the other before Python 3.13
            return None

    assert tried(Point(**values)) == tried(Theirs(**values))


@given(VALUES)
def test_copies(values: dict[str, Any]) -> None:
    one = Point(**values)
    for made in (pickle.loads(pickle.dumps(one)), copy.copy(one), copy.deepcopy(one), one._replace()):
        assert made == one
        assert type(made) is Point


def test_classes_are_the_same() -> None:
    ours, theirs = {**vars(Point)}, {**vars(Theirs)}
    for name in (
        "_fields",
        "_field_defaults",
        "__match_args__",
        "__slots__",
        "__doc__",
        "__module__",
    ):
        assert ours[name] == theirs[name]
    assert type(Point) is type
    assert issubclass(Point, tuple)
    assert typing.get_type_hints(Point) == typing.get_type_hints(Theirs)
    assert typing.get_type_hints(Nothing) == {}
    assert Nothing() == ()
    assert repr(Nothing()) == "Nothing()"
    assert Point.at(1).both == (1, "up")
    assert Point(1).__sizeof__() == Theirs(1).__sizeof__()


def test_nothing_can_be_set() -> None:
    one: Any = Point(1)
    for name in ("x", "w"):
        with pytest.raises(AttributeError):
            setattr(one, name, 2)


def test_they_match() -> None:
    match Point(1, "down"):
        case Point(1, y):
            assert y == "down"
        case _:
            pytest.fail("no match")


def test_too_few_and_too_many_values() -> None:
    for values in ([1], [1, "a", (), 4]):
        with pytest.raises(TypeError, match="Point has 3 fields"):
            Point._make(values)


def test_classes_that_are_refused() -> None:
    class Other: ...

    base: Any = NamedTuple
    made: Any = type(base)
    with pytest.raises(TypeError, match="no other base"):
        made("Two", (base, Other), {"__annotations__": {"x": "int"}, "__qualname__": "Two"})
    with pytest.raises(TypeError, match="behind one that has it"):
        made("Late", (base,), {"__annotations__": {"x": "int", "y": "int"}, "x": 1, "__qualname__": "Late"})
    # As Python 3.14 makes the body of a class without the import that keeps annotations as text.
    with pytest.raises(TypeError, match="from __future__"):
        made("Lazy", (base,), {"__annotate_func__": print, "__qualname__": "Lazy"})

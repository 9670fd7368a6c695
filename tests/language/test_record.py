"""Records: what `dataclasses` would make of the same declarations, and the same messages for the same mistakes."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from typing import Any, ClassVar

import pytest

from fleetc.language.record import Record, field_names


class One(Record):
    KEY: ClassVar[str] = "name"

    name: str
    size: int | None


class Two(One):
    """A record with a field more."""

    more: tuple[str, ...]

    def shout(self) -> str:
        return self.name.upper()


@dataclasses.dataclass(frozen=True, kw_only=True)
class Same:
    name: str
    size: int | None
    more: tuple[str, ...]


def test_fields_are_those_of_the_bases_first() -> None:
    assert field_names(One) == ("name", "size")
    assert field_names(Two) == ("name", "size", "more")
    assert field_names(Record) == ()


def test_it_is_what_a_dataclass_is() -> None:
    made, same = Two(name="a", size=1, more=("b",)), Same(name="a", size=1, more=("b",))
    assert repr(made) == repr(same).replace("Same", "Two")
    assert list(vars(made)) == list(vars(same))
    assert (made.name, made.size, made.more, made.shout()) == ("a", 1, ("b",), "A")
    again = Two(more=("b",), name="a", size=1)
    assert (made == again, hash(made) == hash(again)) == (True, True)
    assert made != Two(name="a", size=2, more=("b",))
    assert made != same
    assert One(name="a", size=1) != made
    assert made.__replace__(size=2) == Two(name="a", size=2, more=("b",))
    assert pickle.loads(pickle.dumps(made)) == copy.deepcopy(made) == made


@pytest.mark.parametrize("values", [{}, {"name": "a"}, {"name": "a", "size": 1, "odd": 2}])
def test_all_fields_and_no_others(values: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="One has the fields name, size"):
        One(**values)


def test_nothing_changes() -> None:
    made: Any = One(name="a", size=1)
    for name in ("size", "odd"):
        with pytest.raises(AttributeError, match="One is immutable"):
            setattr(made, name, 2)
    with pytest.raises(AttributeError, match="One is immutable"):
        del made.size

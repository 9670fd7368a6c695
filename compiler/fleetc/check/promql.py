"""PromQL: whether an expression is one, and which series and labels it reads. With promql-parser, where it is there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from fleetc.tuples import NamedTuple

if TYPE_CHECKING:
    from promql_parser import Expr

NOT_INSTALLED: Final = "promql-parser is not installed, with which PromQL is read"
_LABEL_MAKERS: Final = ("label_replace", "label_join")


class NotPromQLError(ValueError):
    """Text that is no PromQL; `word`: what of it is wrong, where that is known."""

    def __init__(self, message: str, word: str = "") -> None:
        super().__init__(message)
        self.word = word


class NotInstalledError(RuntimeError):
    """The library is not there."""


class Read(NamedTuple):
    """A selector: the series that it reads ("" where a pattern says which), and the labels that it looks at."""

    series: str
    labels: tuple[str, ...]


class Group(NamedTuple):
    """An aggregation `by` labels that come from these series unchanged."""

    labels: tuple[str, ...]
    series: tuple[str, ...]


class Query(NamedTuple):
    """What an expression reads, in the order in which it stands there."""

    reads: tuple[Read, ...]
    groups: tuple[Group, ...]


@lru_cache(maxsize=1)
def _library() -> Any:
    try:
        # Imported here: only where there are expressions.
        import promql_parser  # noqa: PLC0415
    except ImportError:
        return None
    return promql_parser


@lru_cache(maxsize=4096)
def query(text: str) -> Query:
    """What an expression reads. Raises NotPromQLError, and NotInstalledError."""
    library = _library()
    if library is None:
        raise NotInstalledError(NOT_INSTALLED)
    try:
        found = library.parse(text)
    except ValueError as error:
        message = str(error)
        named = re.search(r"'([^']+)'", message)
        raise NotPromQLError(message, named[1] if named else "") from None
    nodes = list(_nodes(library, found))
    reads = tuple([_read(library, node) for node in nodes if isinstance(node, library.VectorSelector)])
    groups = [_group(library, node) for node in nodes if isinstance(node, library.AggregateExpr)]
    return Query(reads, tuple([group for group in groups if group is not None]))


def _nodes(library: Any, top: Expr) -> Iterator[Any]:
    """An expression and all in it, from left to right."""
    yield top
    match top:
        case library.BinaryExpr():
            inner = [top.lhs, top.rhs]
        case library.AggregateExpr():
            inner = [top.param, top.expr]
        case library.Call():
            inner = list(top.args)
        case library.UnaryExpr() | library.ParenExpr() | library.SubqueryExpr():
            inner = [top.expr]
        case library.MatrixSelector():
            inner = [top.vector_selector]
        case _:
            inner = []
    for node in inner:
        if isinstance(node, library.Expr):
            yield from _nodes(library, node)


def _read(library: Any, selector: Any) -> Read:
    alternatives = [selector.matchers.matchers, *selector.matchers.or_matchers]
    matchers = [matcher for some in alternatives for matcher in some]
    names = [m.value for m in matchers if m.name == "__name__" and m.op == library.MatchOp.Equal]
    series = selector.name or (names[0] if len(names) == 1 else "")
    return Read(series, tuple(dict.fromkeys(m.name for m in matchers if m.name != "__name__")))


def _group(library: Any, node: Any) -> Group | None:
    """The labels that an aggregation keeps; None where some of them may be made, or brought, by what is below it."""
    if node.modifier is None or node.modifier.type != library.AggModifierType.By:
        return None
    below = list(_nodes(library, node.expr))
    made = any(isinstance(n, library.Call) and n.func.name in _LABEL_MAKERS for n in below)
    brought = any(isinstance(n, library.BinaryExpr) and n.modifier and n.modifier.group_labels for n in below)
    counted = any(isinstance(n, library.AggregateExpr) and str(n.op) == "count_values" for n in below)
    if made or brought or counted:
        return None
    series = tuple([_read(library, n).series for n in below if isinstance(n, library.VectorSelector)])
    return Group(tuple(node.modifier.labels), series)

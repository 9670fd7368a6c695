"""One spec document in canonical form, and where its values stand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fleetc.source.span import Path, Span

Tree = dict[str, Any]
"""Canonical data: keyed lists are mappings from key to item, short forms are expanded."""

Moves = dict[Path, tuple[int, Path]]
"""Where what stands at a canonical path was written, where the path differs: index into `Doc.sources`, path there."""

Locate = Callable[[str, int, Path, bool], Span]
"""The span of a path in a file's n-th document; of its key (True) or its value (False). Nearest parent when it is not
there."""


class Doc:
    """A document.

    - `sources`: files and document indices: its own first, then those of files that it includes
    - `tree`: has `metadata`, `spec`, `overrides` and `defaults`
    - `moves`: like `tree`, it may be given as a function, and is then read when it is asked for
    - `defaults`: the kinds that there are defaults for
    """

    __slots__ = ("_moves", "_tree", "defaults", "kind", "name", "sources")

    def __init__(
        self,
        kind: str,
        name: str,
        sources: tuple[tuple[str, int], ...],
        tree: Tree | Callable[[], Tree],
        moves: Moves | Callable[[], Moves],
        defaults: tuple[str, ...] | None = None,
    ) -> None:
        """`defaults` has to be given where `tree` is a function."""
        self.kind = kind
        self.name = name
        self.sources = sources
        self._moves = moves
        self._tree = tree
        if defaults is None:
            defaults = tuple(self.tree.get("defaults", ()))
        self.defaults = defaults

    @property
    def tree(self) -> Tree:
        """Canonical data."""
        if not isinstance(self._tree, dict):
            self._tree = self._tree()
        return self._tree

    @property
    def moves(self) -> Moves:
        """Where what was moved was written."""
        if not isinstance(self._moves, dict):
            self._moves = self._moves()
        return self._moves

    @property
    def id(self) -> str:
        """`Kind/name`."""
        return f"{self.kind}/{self.name}"

    def data(self) -> tuple[str, str, tuple[tuple[str, int], ...], Tree, Moves]:
        """All of it as plain data, from which it can be made again."""
        return self.kind, self.name, self.sources, self.tree, self.moves

    def place(self, path: Path) -> tuple[str, int, Path]:
        """File, document index and path as written of a canonical path."""
        for length in range(len(path), 0, -1):
            moved = self.moves.get(path[:length])
            if moved is not None:
                file, index = self.sources[moved[0]]
                return file, index, moved[1] + path[length:]
        return (*self.sources[0], path)

    def span(self, locate: Locate, path: Path, key: bool = False) -> Span:
        """The span of a canonical path."""
        return locate(*self.place(path), key)


def lookup(tree: Any, path: Path) -> tuple[bool, Any]:
    """Whether something stands at a canonical path, and what."""
    for step in path:
        if isinstance(tree, dict) and step in tree:  # noqa: SIM114 - type checkers narrow one branch at a time
            tree = tree[step]
        elif isinstance(tree, list) and isinstance(step, int) and step < len(tree):
            tree = tree[step]
        else:
            return False, None
    return True, tree

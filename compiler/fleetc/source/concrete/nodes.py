"""What a file holds as written. Unlike all else these values are changed in place: a layout is made by moving them."""

from __future__ import annotations

from fleetc.tuples import NamedTuple


class Comment(NamedTuple):
    """A comment from its `#` on; `blank`: a blank line stands before it. `column` from 0."""

    text: str
    column: int
    blank: bool


class Scalar:
    """A scalar: what it reads as, and its style (None: plain). `lines` are those of a text that goes over several,
    without the indentation; `keep`: the blank lines after a block are part of it."""

    __slots__ = ("anchor", "keep", "lines", "style", "value")

    def __init__(self, value: str, style: str | None = None, lines: tuple[str, ...] = (), keep: bool = False) -> None:
        self.value = value
        self.style = style
        self.lines = lines
        self.keep = keep
        self.anchor: str | None = None

    @property
    def is_block(self) -> bool:
        """Whether it was written as a block."""
        return self.style in ("|", ">")


class Alias:
    """`*name`."""

    __slots__ = ("anchor", "name")

    def __init__(self, name: str) -> None:
        self.name = name
        self.anchor: str | None = None


class Collection:
    """A mapping or a sequence. `tail` are comments after its last entry; `column` is where its entries start."""

    __slots__ = ("anchor", "column", "entries", "flow", "is_map", "tail")

    def __init__(self, is_map: bool, flow: bool, column: int = 0) -> None:
        self.is_map = is_map
        self.flow = flow
        self.column = column
        self.entries: list[Entry] = []
        self.tail: list[Comment] = []
        self.anchor: str | None = None


Node = Scalar | Alias | Collection


class Entry:
    """An entry of a mapping, or without a key of a sequence; `blank`: a blank line stands before it.

    Comments: `lead` on lines before it, `trail` on its line, `after` on further lines that are indented below it.
    """

    __slots__ = ("after", "blank", "column", "key", "lead", "trail", "value")

    def __init__(self, key: Scalar | Alias | None, value: Node, column: int = 0, blank: bool = False) -> None:
        self.key = key
        self.value = value
        self.column = column
        self.blank = blank
        self.lead: list[Comment] = []
        self.trail: Comment | None = None
        self.after: list[Comment] = []

    @property
    def commented(self) -> bool:
        """Whether any comment belongs to it."""
        return bool(self.lead or self.trail or self.after)

    @property
    def name(self) -> str | None:
        """Its key's text."""
        return self.key.value if isinstance(self.key, Scalar) else None


class Document:
    """A document; `top` stands for its root: its `lead` are the comments before the first entry, its `after` those
    that nothing else has. `marker` is the comment beside its `---`."""

    __slots__ = ("marker", "top")

    def __init__(self) -> None:
        self.top = Entry(None, Scalar(""), -1)
        self.marker: Comment | None = None

    @property
    def root(self) -> Node:
        """Its value."""
        return self.top.value


def is_nothing(node: Node) -> bool:
    """Whether nothing was written there."""
    return isinstance(node, Scalar) and node.style is None and not node.value and node.anchor is None


def is_empty(node: Node) -> bool:
    """Whether it is a mapping or sequence without entries."""
    return isinstance(node, Collection) and not node.entries


def has_names(node: Node) -> bool:
    """Whether an anchor or alias stands in it: then its place among others matters."""
    if isinstance(node, Alias) or node.anchor is not None:
        return True
    if isinstance(node, Scalar):
        return False
    return any(has_names(e.value) or (e.key is not None and has_names(e.key)) for e in node.entries)

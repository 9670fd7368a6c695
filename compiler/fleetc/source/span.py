"""Where something stands in a file."""

from __future__ import annotations

from fleetc.tuples import NamedTuple

Step = str | int
"""One step into a YAML value: a mapping's key or a sequence's index."""

Path = tuple[Step, ...]
"""The steps from a document's root to a value."""


class Word(str):
    """A last step to a word within a text."""

    __slots__ = ()


class Span(NamedTuple):
    """A place in a file: `file` relative to the root with `/`, `line` and `column` from 1, `length` in characters (0:
    unknown)."""

    file: str
    line: int
    column: int
    length: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class Mark(NamedTuple):
    """Where one entry of a document stands: its key (the item itself in a sequence) and its value, lines and columns
    from 1."""

    key_line: int
    key_column: int
    line: int
    column: int
    end_line: int
    """The last line that the value takes, inclusive."""


Marks = dict[Path, Mark]
"""The marks of one document, by path; the root is `()`."""


def render_path(path: Path, out: str = "") -> str:
    """A data path as people write it: `spec.namespaces[0].name`; `out`: what stands before it."""
    for step in path:
        if isinstance(step, int):
            out += f"[{step}]"
        elif step.replace("_", "").replace("-", "").isalnum():
            out += f".{step}" if out else step
        else:
            out += f"[{step!r}]"
    return out

"""Reading YAML 1.2: values, and on demand where each of them stands.

Our own composer over libyaml's events: it is iterative, so that no input exhausts the stack; it refuses what readers
disagree on (see `scalars`), duplicate keys, and aliases that expand to far more than was written; and it goes on after
such findings, so that one run reports all of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, cast

import yaml

from fleetc.source.quick import documents as documents_of
from fleetc.source.scalars import Ambiguous, resolve
from fleetc.source.span import Mark, Marks, Path
from fleetc.source.text import BREAK, decode, place
from fleetc.tuples import NamedTuple

MAX_BYTES: Final = 16 * 2**20
"""A larger file is refused."""
MAX_DEPTH: Final = 100
"""Deeper nesting is refused; Kubernetes' own types need less than 30."""
MAX_ALIASED: Final = 100_000
"""Aliases may add this many values to what is written in a document."""


class _Broken:
    """Stands where a value could not be read: that has been said, and nothing more follows from it."""

    def __repr__(self) -> str:
        return "<broken>"


BROKEN: Final = _Broken()
_LOST: Final = cast("str", BROKEN)
"""The step, in the paths of marks, to what is below a refused key; no path of a finished document has it."""

PROBLEM_NAMES: Final = (
    "invalid_yaml",
    "duplicate_key",
    "ambiguous_scalar",
    "tab_indentation",
    "alias_bomb",
    "too_deep",
    "too_large",
    "not_utf8",
    "unsupported_yaml",
)


class Problem(NamedTuple):
    """What is wrong, by the name of its code; lines and columns from 1. `related`: line, column and text."""

    name: str
    message: str
    line: int
    column: int
    hint: str = ""
    related: tuple[tuple[int, int, str], ...] = ()


class Document(NamedTuple):
    """One document: plain data, and the marks of its values where they were asked for."""

    value: Any
    marks: Marks | None


class Parsed(NamedTuple):
    """What a file holds, up to a syntax error. Documents without a value are left out."""

    documents: list[Document]
    problems: list[Problem]


def parse(data: bytes, *, marks: bool = False) -> Parsed:
    """Every document of a file."""
    text = decode(data, MAX_BYTES)
    if not isinstance(text, str):
        return Parsed([], [Problem(*text)])
    data = text.encode()
    if not marks:
        quick = documents_of(yaml.CSafeLoader(data).get_event, MAX_DEPTH)
        if quick is not None:
            return Parsed([Document(value, None) for value in quick if value is not None], [])
    composer = _Composer(yaml.CSafeLoader(data), text, marks=marks)
    documents = composer.stream()
    return Parsed(documents, sorted(composer.problems, key=lambda p: (p.line, p.column)))


class _TooDeep(Exception):  # noqa: N818 - it ends the reading of a file
    """Nothing below is worth reading: its paths would only grow."""


class _Anchor(NamedTuple):
    value: Any
    size: int
    height: int
    path: Path | None


class _Frame:
    """A collection that is being read. In a mapping, `key` is set between a key and its value."""

    __slots__ = (
        "anchor",
        "end",
        "flow",
        "has_key",
        "height",
        "is_map",
        "key",
        "key_mark",
        "keys",
        "mark",
        "out",
        "path",
        "size",
    )

    def __init__(self, event: Any, is_map: bool, path: Path) -> None:
        mark = event.start_mark
        self.out: Any = {} if is_map else []
        self.is_map = is_map
        self.mark = mark
        self.flow: bool = event.flow_style
        self.anchor: str | None = event.anchor
        self.path = path
        self.key: Any = None
        self.has_key = False
        self.key_mark: Any = mark
        self.keys: dict[str, Any] = {}
        self.size = 1
        self.height = 1
        self.end = mark.line + 1


class _Composer:
    def __init__(self, parser: Any, text: str, *, marks: bool) -> None:
        self._get: Callable[[], Any] = parser.get_event
        self._text = text
        self._lines = BREAK.split(text) if marks else None
        self.problems: list[Problem] = []
        self._anchors: dict[str, _Anchor] = {}
        self._open: dict[str, int] = {}
        self._marks: Marks | None = None
        self._aliased = 0
        self._stack: list[_Frame] = []

    def stream(self) -> list[Document]:
        """All documents; a syntax error ends it."""
        out: list[Document] = []
        try:
            while not isinstance(event := self._get(), yaml.StreamEndEvent):
                if isinstance(event, yaml.DocumentStartEvent):
                    self._directives(event)
                    value = self._document()
                    if value is not None:
                        out.append(Document(value, self._marks))
        except _TooDeep:
            pass
        except yaml.MarkedYAMLError as error:
            self._syntax(error)
        except UnicodeDecodeError:  # of a tag's %-escapes, which libyaml lets through
            line, column = place(self._text[: self._text.find("%")])
            self._problem("invalid_yaml", "not YAML: a tag's escapes are not UTF-8", line, column, "remove the tag")
        except yaml.YAMLError as error:  # the reader's; `decode` finds what it refuses first
            self._problem("invalid_yaml", f"the file is not YAML: {error}", 1, 1)
        return out

    def _problem(self, name: str, message: str, line: int, column: int, hint: str = "") -> None:
        self.problems.append(Problem(name, message, line, column, hint))

    def _directives(self, event: Any) -> None:
        if event.version or event.tags:
            mark = event.start_mark
            hint = "remove the line that starts with %"
            self._problem("unsupported_yaml", "specs take no YAML directives", mark.line + 1, mark.column + 1, hint)

    def _syntax(self, error: Any) -> None:
        mark = error.problem_mark or error.context_mark
        end = place(self._text)  # libyaml counts a line after the last one
        line, column = min((mark.line + 1, mark.column + 1), end)
        problem = str(error.problem or error.context or "this is not YAML")
        at_tab = self._text[mark.index : mark.index + 1] == "\t"
        if "tab character" in problem or ("cannot start any token" in problem and at_tab):
            hint = "indent with spaces"
            self._problem("tab_indentation", "a tab may not be used as indentation", line, column, hint)
            return
        context = f" {error.context}" if error.context and error.problem else ""
        where = error.context_mark or mark
        start = min((where.line + 1, where.column + 1), end)
        related = ((*start, "it starts here"),) if start[0] != line else ()
        message = f"not YAML:{context}{',' if context else ''} {problem}"
        hint = "check indentation, quotes and brackets here and just above"
        self.problems.append(Problem("invalid_yaml", message, line, column, hint, related))

    def _document(self) -> Any:
        """The value of one document, whose start event is read."""
        self._marks = {} if self._lines is not None else None
        self._anchors, self._open, self._aliased = {}, {}, 0
        root: list[Any] = []
        stack = self._stack = []
        get = self._get
        while True:
            event = get()
            cls = type(event)
            if cls is yaml.ScalarEvent:
                self._scalar(event, root)
            elif cls is yaml.MappingStartEvent or cls is yaml.SequenceStartEvent:
                self._start(event, cls is yaml.MappingStartEvent)
            elif cls is yaml.MappingEndEvent or cls is yaml.SequenceEndEvent:
                frame = stack.pop()
                self._end(frame, event)
                self._put(frame.out, frame.size, frame.height, frame.end, frame.mark, root)
            elif cls is yaml.AliasEvent:
                self._alias(event, root)
            else:
                if self._marks is not None and self.problems:
                    self._marks = {p: m for p, m in self._marks.items() if _LOST not in p}
                return root[0] if root else None

    def _start(self, event: Any, is_map: bool) -> None:
        mark = event.start_mark
        if event.tag is not None:
            self._tag(event)
        if len(self._stack) == MAX_DEPTH:
            hint = "flatten it, or keep it in a file of its own"
            message = f"values are nested more than {MAX_DEPTH} deep"
            self._problem("too_deep", message, mark.line + 1, mark.column + 1, hint)
            raise _TooDeep
        path: Path = ()
        if self._marks is not None and self._stack:
            path = self._here()
        frame = _Frame(event, is_map, path)
        if event.anchor is not None:
            self._open[event.anchor] = self._open.get(event.anchor, 0) + 1
        self._stack.append(frame)

    def _here(self) -> Path:
        """The path of the value that comes next."""
        top = self._stack[-1]
        if not top.is_map:
            return (*top.path, len(top.out))
        if top.has_key and top.key is not BROKEN:
            return (*top.path, top.key)
        # Below a refused key, or in a key. These marks are kept until the document ends, for an alias may copy them.
        return (*top.path, _LOST)

    def _end(self, frame: _Frame, event: Any) -> None:
        if frame.flow:
            frame.end = event.end_mark.line + 1
        if frame.anchor is not None:
            self._open[frame.anchor] -= 1
            path = frame.path if self._marks is not None else None
            self._anchors[frame.anchor] = _Anchor(frame.out, frame.size, frame.height, path)

    def _scalar(self, event: Any, root: list[Any]) -> None:
        mark = event.start_mark
        stack = self._stack
        is_key = bool(stack) and stack[-1].is_map and not stack[-1].has_key
        value = event.value
        if event.tag is not None:
            self._tag(event)
        elif event.implicit[0]:
            value = self._plain(value, mark, is_key, event.anchor)
        end = mark.line + 1
        if mark.index == event.end_mark.index and stack and stack[-1].has_key and stack[-1].key_mark.line < mark.line:
            mark = stack[-1].key_mark  # libyaml marks what follows the missing value of a `? key`
            end = mark.line + 1
        elif self._lines is not None and not is_key:
            end = self._last_line(event)
        if event.anchor is not None:
            self._anchors[event.anchor] = _Anchor(value, 1, 1, None)
        self._put(value, 1, 0, end, mark, root)

    def _plain(self, text: str, mark: Any, is_key: bool, anchor: str | None) -> Any:
        value = resolve(text)
        if is_key and (type(value) is str or (isinstance(value, Ambiguous) and text.isalpha() and anchor is None)):
            # A key is always text; one that only YAML 1.1 takes for a boolean (`on`) is what it looks like.
            return text
        if is_key:
            self._bad_key(value, mark.line + 1, mark.column + 1)
            return BROKEN
        if isinstance(value, Ambiguous):
            self._problem("ambiguous_scalar", value.why, mark.line + 1, mark.column + 1, value.hint)
            return BROKEN
        return value

    def _last_line(self, event: Any) -> int:
        end, lines = event.end_mark, self._lines or []
        last = end.line + 1
        if event.style in ("|", ">"):
            last -= end.column == 0
            while last > event.start_mark.line + 1 and not lines[last - 1].strip():
                last -= 1
        return int(last)

    def _tag(self, event: Any) -> None:
        mark = event.start_mark
        hint = "remove the tag; quote the value when it is a string"
        self._problem(
            "unsupported_yaml", f"specs take no tags such as {event.tag}", mark.line + 1, mark.column + 1, hint
        )

    def _alias(self, event: Any, root: list[Any]) -> None:
        mark, name = event.start_mark, event.anchor
        line, column = mark.line + 1, mark.column + 1
        anchor = self._anchors.get(name)
        value: Any = BROKEN
        size, height = 1, 1
        if self._open.get(name):
            self._problem(
                "alias_bomb", f"the alias *{name} stands inside of the value it names", line, column, "write it out"
            )
        elif anchor is None:
            hint = "anchors do not reach across documents; define it above, or write the value out"
            self._problem("invalid_yaml", f"the alias *{name} names nothing in this document", line, column, hint)
        elif self._aliased + anchor.size > MAX_ALIASED or anchor.height + len(self._stack) > MAX_DEPTH:
            if self._aliased <= MAX_ALIASED:  # once a document is enough
                message = f"aliases expand to more than {MAX_ALIASED:,} values, or too deep"
                self._problem("alias_bomb", message, line, column, "write out what is meant")
            self._aliased = MAX_ALIASED + 1
        else:
            self._aliased += anchor.size
            value, size, height = anchor.value, anchor.size, anchor.height
            if self._marks is not None and anchor.path is not None:
                self._copy_marks(self._marks, anchor.path, value)
        self._put(value, size, height, line, mark, root)

    def _copy_marks(self, marks: Marks, source: Path, value: Any) -> None:
        """What stands below an alias is written where its anchor is."""
        todo = [(source, self._here(), value)] if self._stack else []
        while todo:
            old, new, value = todo.pop()
            steps = value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
            for step in steps:
                marks[*new, step] = marks[*old, step]
                todo.append(((*old, step), (*new, step), value[step]))

    def _put(self, value: Any, size: int, height: int, end: int, mark: Any, root: list[Any]) -> None:
        """A finished value goes where it belongs."""
        if not self._stack:
            root.append(value)
            if self._marks is not None:
                self._marks[()] = Mark(mark.line + 1, mark.column + 1, mark.line + 1, mark.column + 1, end)
            return
        top = self._stack[-1]
        top.size += size
        if height >= top.height:
            top.height = height + 1
        top.end = max(top.end, end)
        if not top.is_map:
            self._note(top, mark, mark, len(top.out), end)
            top.out.append(value)
        elif not top.has_key:
            self._key(top, value, mark)
        else:
            top.has_key = False
            if top.key is not BROKEN:
                self._note(top, top.key_mark, mark, top.key, end)
                top.out[top.key] = value

    def _key(self, top: _Frame, key: Any, mark: Any) -> None:
        top.has_key, top.key, top.key_mark = True, key, mark
        line, column = mark.line + 1, mark.column + 1
        if key is BROKEN:
            pass  # it has been said
        elif type(key) is not str:
            top.key = BROKEN
            self._bad_key(key, line, column)
        elif key in top.keys:
            first = top.keys[key]
            related = ((first.line + 1, first.column + 1, "first here"),)
            self.problems.append(
                Problem(
                    "duplicate_key", f"the key `{key}` stands here twice", line, column, "remove one of them", related
                )
            )
            top.key = BROKEN
        else:
            top.keys[key] = mark

    def _bad_key(self, key: Any, line: int, column: int) -> None:
        if isinstance(key, dict | list):
            message, hint = "a mapping or list cannot be a key", "use a string"
            self._problem("unsupported_yaml", message, line, column, hint)
        else:
            message, hint = "a key must be a string", "write it in quotes; merge keys (<<) are not supported"
            self._problem("ambiguous_scalar", message, line, column, hint)

    def _note(self, top: _Frame, key: Any, mark: Any, step: str | int, end: int) -> None:
        if self._marks is not None:
            self._marks[(*top.path, step)] = Mark(
                key.line + 1, key.column + 1, mark.line + 1, mark.column + 1, max(end, mark.line + 1)
            )

"""What a spec value moves, in text: lines that move together are one row, wherever they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from fleetc.cli.explained import short
from fleetc.cli.style import Style
from fleetc.driver.edits import Target
from fleetc.driver.explain import Page, holds_more, value_at
from fleetc.driver.forward import Forward, Move
from fleetc.emission.compare import APPEARS
from fleetc.source.span import Path, render_path
from fleetc.tuples import NamedTuple

_MOST_ROWS: Final = 40
_APPEARS: Final = "appears"
_FILE: Final = "file"
"""The kind of a block that is a whole file."""


class _Block(NamedTuple):
    """Neighbouring lines of one object that move in one way."""

    file: str
    lines: range
    how: str
    kind: str
    path: Path


def moved(forward: Forward, target: Target, moves: Sequence[Move], style: Style) -> list[str]:
    """A target, and all that moves with it."""
    head = f"{style.bold(f'{target.doc.id} {render_path(target.at)}')} = {short(target.value)}"
    files = len({move.file for move in moves})
    if not files:
        return [head, "  moves nothing: no other valid value changes what is emitted"]
    rows = rows_of(forward, moves)
    out = [head, f"  moves something in {files} file{'s' if files > 1 else ''}"]
    out += _table(rows[:_MOST_ROWS], style)
    if len(rows) > _MOST_ROWS:
        out.append(style.dim(f"  and {len(rows) - _MOST_ROWS} more rows; --output json has all of them"))
    return out


def rows_of(forward: Forward, moves: Sequence[Move]) -> list[tuple[str, str, str, str]]:
    """What moves together is one row: how, where first, what, and where else."""
    by_file: dict[str, dict[Path, Move]] = {}
    for move in moves:
        by_file.setdefault(move.file, {})[move.path] = move
    rows: dict[object, list[_Block]] = {}
    for file, here in by_file.items():
        for block in _blocks(forward.page(file), file, here):
            size = 0 if block.how == "value" else len(block.lines)
            rows.setdefault((block.how, block.path, size), []).append(block)
    return [_cells(forward, blocks) for blocks in rows.values()]


def _table(rows: Sequence[tuple[str, str, str, str]], style: Style) -> Iterator[str]:
    width = [max((len(row[n]) for row in rows), default=0) for n in range(3)]
    for how, where, what, more in rows:
        cells = (how.ljust(width[0]), where.ljust(width[1]), what.ljust(width[2]), style.dim(more))
        yield f"  {'  '.join(cells)}".rstrip()


def _cells(forward: Forward, blocks: Sequence[_Block]) -> tuple[str, str, str, str]:
    """How, where first, what, and where else."""
    first = blocks[0]
    lines = f"{first.lines.start}-{first.lines.stop - 1}" if len(first.lines) > 1 else str(first.lines.start)
    kinds = {block.kind for block in blocks}
    kind = first.kind if len(kinds) == 1 else f"{len(kinds)} kinds"
    clusters = {forward.explainer.outputs.place(block.file)[0] for block in blocks}
    rest = len(blocks) - 1
    more = f"and {rest} more, on {len(clusters)} cluster{'s' if len(clusters) > 1 else ''}" if rest else ""
    return first.how, f"{first.file}:{lines}", f"{kind} {render_path(first.path)}".strip(), more


def _blocks(page: Page | None, file: str, here: Mapping[Path, Move]) -> Iterator[_Block]:
    """What moves in a file, in blocks of neighbouring lines."""
    if page is None:
        yield _Block(file, range(1, 2), _APPEARS, _FILE, ())
        return
    if all((n,) in here and here[n,].how == "presence" for n in range(len(page.objects))):
        yield _Block(file, range(1, page.length + 1), "presence", _FILE, ())
        here = {path: move for path, move in here.items() if move.how != "presence"}
    last: dict[str, _Block] = {}
    for block in sorted(_singles(page, here), key=lambda b: (b.lines.start, b.lines.stop)):
        before = last.get(block.how)
        joined = _joined(before, block) if before else None
        if before is not None and joined is None:
            yield before
        last[block.how] = joined or block
    yield from last.values()


def _singles(page: Page, here: Mapping[Path, Move]) -> Iterator[_Block]:
    """Leaves with another value; the outermost of what comes and goes, and of what changes its place."""
    for path, move in here.items():
        if path == (APPEARS,):
            yield _Block(page.file, range(1, 2), _APPEARS, "object", ())
            continue
        kind, lines = str(page.objects[int(path[0])].get("kind")), page.place(path)
        if move.appears:
            yield _Block(page.file, lines[:1], _APPEARS, kind, path[1:-1])
        elif move.how == "value":
            if not holds_more(value_at(page.opened, path)):
                yield _Block(page.file, lines, "value", kind, path[1:])
        elif path[:-1] not in here or here[path[:-1]].how != move.how:
            yield _Block(page.file, lines, move.how, kind, path[1:])


def _joined(one: _Block, two: _Block) -> _Block | None:
    """One block of two that are neighbours: within one thing, unless they come and go or change their place whole."""
    shared = 0
    while shared < min(len(one.path), len(two.path)) and one.path[shared] == two.path[shared]:
        shared += 1
    near = two.lines.start <= one.lines.stop + 1 and one.kind == two.kind
    if not near or one.how == _APPEARS or (one.how == "value" and not shared):
        return None
    lines = range(one.lines.start, max(one.lines.stop, two.lines.stop))
    return one._replace(lines=lines, path=one.path[:shared])

"""`fleetc explain`: an emitted line, a spec line, a code, or everything."""

from __future__ import annotations

import argparse
import json
import sys
from importlib import resources
from pathlib import Path
from typing import Any

from fleetc.cli import render
from fleetc.cli.main import EXIT_CLEAN, EXIT_FINDINGS
from fleetc.cli.printing import say
from fleetc.cli.style import Style, style_for
from fleetc.diagnostics import CODES, Code, Diagnostic, Failure, codes
from fleetc.driver.explain import Entry, Explainer, Findings, Page, explainer, not_there
from fleetc.driver.files import SPECS, root_of
from fleetc.driver.forward import Forward, Move, Target
from fleetc.driver.trace import Origin
from fleetc.emission.compare import APPEARS
from fleetc.source.span import Span, render_path

_MOST_VALUE = 60


def command(options: argparse.Namespace) -> int:
    """Run it; returns the exit status."""
    target = options.target or ""
    if (options.all is None) == (not target):
        hint = "use fleetc explain FILE:LINE, fleetc explain CODE or fleetc explain --all DIR"
        raise Failure(Diagnostic(codes.BAD_USAGE, "explain takes either a place or --all DIR", hint=hint))
    code = CODES.get(target.upper()) or next((c for c in CODES.values() if c.name == target), None)
    if code is not None:
        say(_page_of(code, options))
        return EXIT_CLEAN
    root = root_of(options.root)
    try:
        fleet = explainer(root)
    except Findings as found:
        sys.stderr.write(render.text(found.diagnostics, found.sources.text, style_for(options.color)))
        return EXIT_FINDINGS
    if options.all is not None:
        return _all(fleet, _relative(root, options.all), options)
    file, line = _file_and_line(root, target)
    if file == SPECS or file.startswith(f"{SPECS}/") or file in fleet.front.included:
        return _forward(fleet, file, line, options)
    return _backward(fleet, file, line, options)


def _page_of(code: Code, options: argparse.Namespace) -> str:
    # The wheel holds the pages in the package; in a checkout they stand where people read them.
    packaged = resources.files("fleetc.diagnostics").joinpath("pages")
    pages = packaged if packaged.is_dir() else Path(__file__).parents[3] / "docs/diagnostics"
    text = pages.joinpath(f"{code.code}.md").read_text(encoding="utf-8")
    if options.output == "json":
        return json.dumps({"code": code.code, "name": code.name, "title": code.title, "page": text}, indent=2) + "\n"
    return text


def _file_and_line(root: Path, target: str) -> tuple[str, int]:
    file, _, line = target.rpartition(":")
    if file.rpartition(":")[2].isdigit():
        file, _, line = file.rpartition(":")  # FILE:LINE:COLUMN, as our own messages print it
    if not file or not line.isdigit():
        near = f"`{target}` is neither FILE:LINE nor a code"
        raise not_there(near, "write something like golden/hub/cluster.yaml:12, specs/fleet.yaml:5 or FLT121")
    return _relative(root, file), int(line)


def _relative(root: Path, file: str) -> str:
    path = Path(file)
    for base in [path] if path.is_absolute() else [Path.cwd() / path, root / path]:
        try:
            relative = base.resolve().relative_to(root)
        except ValueError:
            continue
        if base.exists():
            return relative.as_posix()
    raise not_there(
        f"there is no {file} below {root.name}/", "check the name; paths are relative to where you are, or to the root"
    )


def _all(fleet: Explainer, folder: str, options: argparse.Namespace) -> int:
    entries: list[dict[str, Any]] = []
    for page in sorted(fleet.pages(), key=lambda p: p.file):
        if page.file.startswith(f"{folder}/") or page.file == folder or folder == ".":
            placed = [_origin(o) for o in fleet.placed(page)]
            entries += [_entry(e) | {"placed": placed} for e in fleet.entries(page)]
    if not entries:
        raise not_there(f"nothing is emitted in {folder}", f"name a folder in {fleet.output}/")
    if options.output == "json":
        say(json.dumps(entries, indent=1) + "\n")
    else:
        constants = sum("constant" in e for e in entries)
        joint = sum(e.get("exact") is False for e in entries)
        say(
            f"{len(entries):,} leaves: {len(entries) - constants - joint:,} traced to specs and tables, {constants:,} constants, "
            f"{joint:,} ({joint / len(entries):.1%}) that no single change moves\n"
        )
    return EXIT_CLEAN


def _entry(entry: Entry) -> dict[str, Any]:
    base = {"file": entry.file, "line": entry.line, "path": _data_path(entry), "value": entry.value}
    if not entry.why.origins:
        return base | {"constant": entry.why.lowering}
    return base | {"origins": [_origin(o) for o in entry.why.origins], "exact": entry.why.exact}


def _data_path(entry: Entry) -> str:
    return f"[{entry.path[0]}].{render_path(entry.path[1:])}"


def _origin(origin: Origin) -> dict[str, Any]:
    span = origin.span
    return {
        "file": span.file, "line": span.line, "column": span.column,
        "via": origin.via, "role": origin.role, "how": origin.how,
    }  # fmt: skip


def _backward(fleet: Explainer, file: str, line: int, options: argparse.Namespace) -> int:
    page = fleet.find_page(file)
    if page is None:
        raise not_there(
            f"{file} is no emitted file of this fleet", f"name a file in {fleet.output}/, or one in {SPECS}/"
        )
    entries = fleet.at(page, line)
    if options.output == "json":
        data = [_entry(e) | {"placed": [_origin(o) for o in fleet.placed(page)]} for e in entries]
        say(json.dumps(data, indent=2) + "\n")
        return EXIT_CLEAN
    style = style_for(options.color)
    standing = fleet.root / file
    if standing.is_file() and standing.read_bytes() != page.text.encode():
        say(f"{style.yellow('note')}: {file} is not what the specs give now; `fleetc build` renews it\n")
    if not entries:
        say(f"{file}:{line}: made by fleetc for {page.subject.id}; nothing of the specs stands on this line\n")
    for entry in entries:
        say("\n".join(_backward_text(fleet, entry, style)) + "\n")
    say(_placed_text(fleet, page, style))
    return EXIT_CLEAN


def _backward_text(fleet: Explainer, entry: Entry, style: Style) -> list[str]:
    value = "" if isinstance(entry.value, dict | list) and entry.value else f" = {_short(entry.value)}"
    out = [f"{style.bold(f'{entry.file}:{entry.line}')} {render_path(entry.path[1:])}{value}   [{entry.why.lowering}]"]
    if not entry.why.origins:
        return [*out, f"  constant of the lowering {entry.why.lowering}"]
    if not entry.why.exact:
        out.append("  no single change moves it; these do together:")
    width = max(len(str(o.span)) for o in entry.why.origins)
    order = {"value": 0, "selector": 1, "placement": 2, "beaten": 3, "unmatched": 4}
    strength = {"value": 0, "presence": 1, "order": 2}
    for origin in sorted(entry.why.origins, key=lambda o: (strength[o.how], order[o.role], o.via == "table")):
        shown = _source_line(fleet, origin.span)
        out.append(f"  {str(origin.span).ljust(width)}  {_words(origin).ljust(26)} {style.dim(shown)}")
    return out


def _words(origin: Origin) -> str:
    role = {"value": origin.via, "selector": "selects", "placement": "places", "beaten": f"{origin.via}, beaten",
            "unmatched": f"{origin.via}, not matched"}[origin.role]  # fmt: skip
    return role if origin.how == "value" else f"{role} ({origin.how})"


def _placed_text(fleet: Explainer, page: Page, style: Style) -> str:
    spans = sorted({str(o.span) for o in fleet.placed(page) if o.via == "spec"})
    return style.dim(f"  on this cluster because of {', '.join(spans)}") + "\n"


def _source_line(fleet: Explainer, span: Span) -> str:
    content = fleet.sources.text(span.file)
    lines = content.split("\n") if content else []
    return _cut(lines[span.line - 1].strip()) if 0 < span.line <= len(lines) else ""


def _short(value: Any) -> str:
    return _cut(json.dumps(value, ensure_ascii=False))


def _cut(text: str) -> str:
    return text if len(text) <= _MOST_VALUE else f"{text[: _MOST_VALUE - 3]}..."


def _forward(fleet: Explainer, file: str, line: int, options: argparse.Namespace) -> int:
    forward = Forward(fleet)
    targets = forward.targets(file, line)
    if not targets:
        raise not_there(f"no value of a spec stands at {file}:{line}", "name the line of a field")
    moves = [(target, list(forward.moves(target))) for target in targets]
    if options.output == "json":
        say(json.dumps([_forward_json(t, m) for t, m in moves], indent=2) + "\n")
        return EXIT_CLEAN
    style = style_for(options.color)
    for target, moved in moves:
        say("\n".join(_forward_text(target, moved, style)) + "\n")
    return EXIT_CLEAN


def _forward_json(target: Target, moves: list[Move]) -> dict[str, Any]:
    return {
        "spec": target.doc.id,
        "path": render_path(target.path),
        "value": target.value,
        "moves": [
            {
                "file": m.file,
                "line": m.line,
                "path": render_path(m.path[1:]),
                "how": "appears" if m.path[-1:] == (APPEARS,) else m.how,
            }
            for m in moves
        ],
    }


def _forward_text(target: Target, moves: list[Move], style: Style) -> list[str]:
    out = [f"{style.bold(f'{target.doc.id} {render_path(target.path)}')} = {_short(target.value)}"]
    if not moves:
        return [*out, "  moves nothing: no other valid value changes what is emitted"]
    folded: dict[tuple[str, int, str, str], list[str]] = {}
    for move in moves:
        output, cluster, rest = move.file.split("/", 2) if move.file.count("/") > 1 else ("", "", move.file)
        how = "appears" if move.path[-1:] == (APPEARS,) else move.how
        key = (rest, move.line, render_path(tuple(s for s in move.path[1:] if s != APPEARS)), how)
        folded.setdefault(key, []).append(f"{output}/{cluster}")
    clusters = sorted({c for group in folded.values() for c in group})
    out.append(f"  {len(moves):,} lines on {len(clusters)} clusters")
    for (rest, line, path, how), group in sorted(folded.items()):
        where = group[0] if len(group) == 1 else f"{group[0]} and {len(group) - 1} more"
        out.append(f"  {how.ljust(8)}  {rest}:{line}  {path}  {style.dim(where)}")
    return out

"""`fleetc explain`: an emitted line, a spec line, a code, or everything."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fleetc.cli.explained import between, explained, placed, standing
from fleetc.cli.main import EXIT_CLEAN, EXIT_FINDINGS
from fleetc.cli.printing import say
from fleetc.cli.style import Style, style_for
from fleetc.diagnostics import CODES, Code, Diagnostic, Failure, codes
from fleetc.driver.explain import Entry, Explainer, Findings, Page, explainer, not_there
from fleetc.driver.files import LOCK, SPECS, root_of
from fleetc.driver.trace import Origin
from fleetc.source.span import render_path

if TYPE_CHECKING:
    from fleetc.driver.forward import Move


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
    root = Path(root_of(options.root))
    try:
        fleet = explainer(root)
    except Findings as found:
        from fleetc.cli.findings import Report, tell

        return tell(Report(found.diagnostics, EXIT_FINDINGS, found.sources.text, str(root)), options)
    if options.all is not None:
        return _all(fleet, _relative(root, options.all), options)
    file, line = _file_and_line(root, target)
    if file.endswith(LOCK):
        return _planned(fleet, file, line, options)
    if file == SPECS or file.startswith(f"{SPECS}/") or file in fleet.front.included:
        return _forward(fleet, file, line, options)
    return _backward(fleet, file, line, options)


def _page_of(code: Code, options: argparse.Namespace) -> str:
    from fleetc.cli.pages import page_of

    text = page_of(code)
    if options.output == "json":
        return json.dumps({"code": code.code, "name": code.name, "title": code.title, "page": text}, indent=2) + "\n"
    return text


def _file_and_line(root: Path, target: str) -> tuple[str, int]:
    file, _, line = target.rpartition(":")
    if file.rpartition(":")[2].isdigit():
        file, _, line = file.rpartition(":")  # FILE:LINE:COLUMN, as our own messages print it
    if not file or not line.isdigit():
        near = f"`{target}` is neither FILE:LINE nor a code"
        raise not_there(near, "write something like golden/hub/platform/cluster.yaml:12, specs/fleet.yaml:5 or FLT121")
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
        if page.file.startswith(f"{folder}/") or folder in (page.file, "."):
            why = {"placed": [_origin(o) for o in fleet.placed(page)]}
            entries += [_entry(e) | why for e in fleet.entries(page)]
    if not entries:
        raise not_there(f"nothing is emitted in {folder}", f"name a folder in {fleet.output}/")
    if options.output == "json":
        # A line for each: the encoder that indents is ten times slower.
        say("[\n" + ",\n".join([json.dumps(entry) for entry in entries]) + "\n]\n")
        return EXIT_CLEAN
    if options.output == "markdown":
        from fleetc.cli import marked

        kinds = [(e["file"], "constant" if "constant" in e else "traced" if e["exact"] else "joint") for e in entries]
        say(marked.fitted(marked.everything(kinds)))
        return EXIT_CLEAN
    constants = sum("constant" in e for e in entries)
    joint = sum(not e["exact"] for e in entries)
    traced = len(entries) - constants - joint
    say(
        f"{len(entries):,} leaves: {traced:,} follow from specs and tables ({traced / len(entries):.1%}), {joint:,} do "
        f"when several change ({joint / len(entries):.1%}), {constants:,} are constants of their lowering\n"
    )
    return EXIT_CLEAN


def _entry(entry: Entry) -> dict[str, Any]:
    why = entry.why
    out = {"file": entry.file, "line": entry.line, "path": _data_path(entry), "value": entry.value}
    out |= {"origins": [_origin(o) for o in why.origins], "exact": why.exact}
    return out | {"constant": why.lowering} if why.constant else out


def _data_path(entry: Entry) -> str:
    return f"[{entry.path[0]}].{render_path(entry.path[1:])}"


def _origin(origin: Origin) -> dict[str, Any]:
    span = origin.span
    return {
        "file": span.file, "line": span.line, "column": span.column,
        "via": origin.via, "role": origin.role, "how": origin.how, "path": render_path(origin.path),
    }  # fmt: skip


def _backward(fleet: Explainer, file: str, line: int, options: argparse.Namespace) -> int:
    page = fleet.find_page(file)
    if page is None:
        raise not_there(
            f"{file} is no emitted file of this fleet", f"name a file in {fleet.output}/, or one in {SPECS}/"
        )
    if not 0 < line <= page.length:
        raise not_there(f"{file} has no line {line}", f"name one of its {page.length} lines")
    entries = fleet.at(page, line)
    if options.output == "json":
        say(json.dumps(_backward_json(fleet, page, line, entries), indent=2) + "\n")
        return EXIT_CLEAN
    if options.output == "markdown":
        from fleetc.cli import marked

        say(marked.fitted(marked.backward(fleet, page, line, entries)))
        return EXIT_CLEAN
    style = style_for(options.color)
    say(standing(fleet, page, style))
    for entry in entries:
        say("\n".join(explained(fleet, entry, style)) + "\n")
    if not entries:
        say(between(page, line))
    say(placed(fleet, page, style))
    return EXIT_CLEAN


def _backward_json(fleet: Explainer, page: Page, line: int, entries: list[Entry]) -> list[dict[str, Any]]:
    why = {"placed": [_origin(o) for o in fleet.placed(page)]}
    if not entries:
        return [{"file": page.file, "line": line, "origins": [], "exact": True} | why]
    return [_entry(e) | why for e in entries]


def _planned(fleet: Explainer, file: str, line: int, options: argparse.Namespace) -> int:
    from fleetc.cli.decided import Told
    from fleetc.driver.decided import Decision
    from fleetc.driver.planned import plan_of

    made, locks = plan_of(fleet)
    lock = next((lock for lock in locks.by_model.values() if lock.path == file), None)
    if locks.diagnostics:
        raise Failure(*locks.diagnostics)
    if lock is None:
        raise not_there(f"{file} is the lock of no model of this fleet", "`fleetc build` removes it")
    style = style_for(options.color) if options.output == "text" else Style(False)
    told = Told(Decision(fleet, made, lock), style)
    if options.output == "json":
        say(json.dumps(told.data(), indent=2) + "\n")
        return EXIT_CLEAN
    if options.output == "markdown":
        from fleetc.cli import marked

        say(marked.fitted(marked.lock(told, line)))
        return EXIT_CLEAN
    say("\n".join(told.text(line)) + "\n")
    return EXIT_CLEAN


def _forward(fleet: Explainer, file: str, line: int, options: argparse.Namespace) -> int:
    from fleetc.cli.decided import consequence_data, moved_in_plan
    from fleetc.cli.moved import moved
    from fleetc.driver.decided import consequences
    from fleetc.driver.forward import Forward

    forward = Forward(fleet)
    targets = forward.targets(file, line)
    if not targets:
        raise not_there(f"no value of a spec stands at {file}:{line}", "name the line of a field")
    found = [(target, list(forward.moves(target).values()), consequences(fleet, target)) for target in targets]
    if options.output == "json":
        data = [
            {
                "spec": target.doc.id,
                "file": target.file,
                "path": render_path(target.at),
                "value": target.value,
                "moves": [_move(m) for m in moves],
                "plan": [consequence_data(one) for one in planned],
            }
            for target, moves, planned in found
        ]
        say(json.dumps(data, indent=2) + "\n")
        return EXIT_CLEAN
    if options.output == "markdown":
        from fleetc.cli import marked

        say(marked.fitted(marked.forward(forward, found)))
        return EXIT_CLEAN
    style = style_for(options.color)
    for target, moves, planned in found:
        say("\n".join([*moved(forward, target, moves, style), *moved_in_plan(planned)]) + "\n")
    return EXIT_CLEAN


def _move(move: Move) -> dict[str, Any]:
    from fleetc.driver.forward import shown_edit

    return {
        "file": move.file,
        "line": move.line,
        "path": render_path(move.path[1:]),
        "how": "appears" if move.appears else move.how,
        "edit": {"path": render_path(move.edit.at), "value": shown_edit(move.edit)},
    }

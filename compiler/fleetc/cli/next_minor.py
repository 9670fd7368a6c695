"""`fleetc check --next-minor`: what breaks and what changes with the next Kubernetes minor, by spec line."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path as FilePath
from typing import Any, Final

from fleetc.cli import render
from fleetc.cli.findings import Report, tell, tell_ci
from fleetc.cli.main import EXIT_CLEAN, EXIT_FINDINGS
from fleetc.cli.printing import say
from fleetc.cli.style import Style, style_for, style_for_errors
from fleetc.diagnostics import Severity
from fleetc.driver.crds import read_crds
from fleetc.driver.explain import Explainer, Findings, explainer
from fleetc.driver.folders import folders_of
from fleetc.driver.next_minor import Rehearsal, Step, next_minor
from fleetc.emission.changed import Change, changed
from fleetc.language.document import Doc
from fleetc.plan import CLUSTER_SUBJECT
from fleetc.source.span import Path, Span, render_path

_PART: Final = "next-minor"


def command(options: argparse.Namespace, root: str) -> int:
    """Run it; returns the exit status: 1 when something breaks, or, with `--strict`, when a cluster has no next minor
    here. Raises Failure."""
    try:
        fleet = explainer(FilePath(root))
        made = next_minor(fleet, read_crds(folders_of(root, options.crds)))
    except Findings as found:
        return tell(Report(found.diagnostics, EXIT_FINDINGS, found.sources.text, root, part=_PART), options)
    broken = any(d.code.severity is Severity.ERROR for d in made.breaks)
    unknown = [step for step in made.steps if options.strict and not step.next]
    status = EXIT_FINDINGS if broken or unknown else EXIT_CLEAN
    match options.output:
        case "json":
            say(json.dumps(_data(fleet, made), indent=2) + "\n")
        case "text":
            sys.stderr.write(render.text(made.breaks, fleet.sources.text, style_for_errors(options.color)))
            say("\n".join(_text(fleet, made, style_for(options.color))) + "\n")
        case _:
            notes = tuple(f"cluster {s.cluster}: no schemas of a minor later than {s.minor} here" for s in unknown)
            tell_ci(Report(made.breaks, status, fleet.sources.text, root, notes, _PART), options)
    return status


def _data(fleet: Explainer, made: Rehearsal) -> dict[str, Any]:
    changes: list[dict[str, Any]] = []
    for change in _changes(made):
        span = _span(fleet, _owner(fleet, change))
        changes.append({**change._asdict(), "path": list(change.path), "file": span.file, "line": span.line})
    steps = [
        {"cluster": s.cluster, "minor": s.minor, "next": s.next or None, "file": s.span.file, "line": s.span.line}
        for s in made.steps
    ]
    return {
        "command": "check",
        "clusters": steps,
        "diagnostics": render.json(made.breaks),
        "compared": made.after is not None,
        "changes": changes,
    }


def _changes(made: Rehearsal) -> list[Change]:
    return [*changed(made.before, made.after)] if made.before is not None and made.after is not None else []


def _text(fleet: Explainer, made: Rehearsal, style: Style) -> Iterator[str]:
    yield from _steps(made.steps, style)
    by_owner: dict[str, tuple[Doc, list[Change]]] = {}
    for change in _changes(made):
        owner = _owner(fleet, change)
        by_owner.setdefault(owner.id, (owner, []))[1].append(change)
    for id, (owner, changes) in by_owner.items():
        yield f"{style.bold(str(_span(fleet, owner)))} {id}"
        yield from _folded(changes, style)
    if made.after is None:
        yield style.yellow("what would change is not known: the fleet would not be built")
    elif not by_owner:
        yield "nothing else changes"


def _steps(steps: Iterable[Step], style: Style) -> Iterator[str]:
    rows: dict[tuple[str, str], list[str]] = {}
    for step in steps:
        rows.setdefault((step.minor, step.next), []).append(step.cluster)
    for (minor, after), clusters in sorted(rows.items()):
        names = ", ".join(clusters)
        if after:
            yield f"{style.bold(f'{minor} -> {after}')}  {names}"
        else:
            yield f"{style.bold(minor)}  {names}: {style.yellow('skipped, no schemas of a later minor here')}"


def _folded(changes: Iterable[Change], style: Style) -> Iterator[str]:
    """The places of objects that change in the same ways together, and each way once."""
    places: dict[tuple[str, Path], tuple[dict[str, None], dict[str, dict[str, None]]]] = {}
    for change in changes:
        names, ways = places.setdefault((change.kind, change.path), ({}, {}))
        names[change.name] = None
        ways.setdefault(_words(change), {})[change.cluster] = None
    alike: dict[tuple[str, str], list[Path]] = {}
    told: dict[tuple[str, str], dict[str, dict[str, None]]] = {}
    for (kind, path), (names, ways) in places.items():
        key = (f"  {kind} {', '.join(names)}", repr(ways))
        alike.setdefault(key, []).append(path)
        told[key] = ways
    for key, paths in alike.items():
        yield key[0]
        yield from (f"    {render_path(path)}" for path in paths if path)
        for words, clusters in told[key].items():
            yield f"      {words}  {style.dim('on ' + ', '.join(clusters))}"


def _words(change: Change) -> str:
    before, after = (json.dumps(value, ensure_ascii=False) for value in (change.before, change.after))
    if not change.path:
        return change.how
    match change.how:
        case "changed":
            return f"{before} -> {after}"
        case "added":
            return f"added: {after}"
        case _:
            return f"removed: {before}"


def _owner(fleet: Explainer, change: Change) -> Doc:
    """The spec that an object is of."""
    planned = fleet.plan
    index = planned.world.index[change.cluster]
    return planned.doc(planned.subjects.get(change.subject) or planned.subjects[CLUSTER_SUBJECT], index)


def _span(fleet: Explainer, doc: Doc) -> Span:
    return doc.span(fleet.sources.locate, ("metadata", "name"))

"""`fleetc conformance`: what of Kubernetes AI Conformance each cluster meets, and the lines that show it."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from fleetc.check.conformance.decide import Decided
from fleetc.check.conformance.facts import Status, Verdict
from fleetc.cli import render
from fleetc.cli.findings import Report, tell, tell_ci
from fleetc.cli.main import EXIT_CLEAN, EXIT_FINDINGS
from fleetc.cli.planning.table import Column, line, table, widths, wrapped
from fleetc.cli.printing import say
from fleetc.cli.style import Style, style_for, style_for_errors
from fleetc.cli.test import blocks
from fleetc.diagnostics import Diagnostic, Failure, codes, sort_key
from fleetc.driver.conformance.files import Folder
from fleetc.driver.conformance.seen import Conforming, conforming
from fleetc.driver.explain import Explainer, Findings, explainer
from fleetc.driver.files import root_of
from fleetc.driver.testing.current import Finding
from fleetc.language.wording import did_you_mean
from fleetc.tuples import NamedTuple

_LEVELS: Final = {"must": ("MUST",), "should": ("MUST", "SHOULD")}
_COLUMNS: Final = tuple(map(Column, ("requirement", "level", "status", "by", "evidence")))
_WIDE: Final = 120


class _Told(NamedTuple):
    """All that there is to tell."""

    clusters: list[Conforming]
    required: list[Diagnostic]
    stale: list[Finding]
    written: tuple[str, ...]
    deleted: tuple[str, ...]


def command(options: argparse.Namespace) -> int:
    """Run it; returns the exit status. Raises Failure for names that are not known, and for what cannot be written."""
    if options.check and options.out is None:
        hint = "use fleetc conformance --out DIR --check"
        raise Failure(Diagnostic(codes.BAD_USAGE, "`--check` compares what stands in a folder", hint=hint))
    root = root_of(options.root)
    try:
        fleet = explainer(Path(root))
    except Findings as found:
        return tell(Report(found.diagnostics, EXIT_FINDINGS, found.sources.text, root), options)
    clusters = list(conforming(fleet, _names(fleet, options.clusters)))
    levels = _LEVELS.get(options.require, ())
    required = sorted((d for c in clusters for d in c.unmet(levels)) if levels else (), key=sort_key)
    stale: list[Finding] = []
    written: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()
    if options.out is not None:
        folder = Folder(root, options.out, fleet.plan.world.fleet, whole=not options.clusters)
        if options.check:
            stale = folder.stale(clusters)
        else:
            written, deleted = folder.write(clusters)[:2]
    return _tell(_Told(clusters, required, stale, written, deleted), fleet, options, root)


def _names(fleet: Explainer, asked: Sequence[str]) -> list[str]:
    """The clusters that are asked for; all of them where none is. Raises Failure, with all that are not known."""
    known = [doc.name for doc in fleet.plan.world.cluster_docs]
    unknown = [name for name in dict.fromkeys(asked) if name not in known]
    if unknown:
        raise Failure(
            *(
                Diagnostic(
                    codes.BAD_USAGE, f"there is no cluster `{name}`", hint=did_you_mean(name, known, "clusters are")
                )
                for name in unknown
            )
        )
    return list(asked) or known


def _tell(told: _Told, fleet: Explainer, options: argparse.Namespace, root: str) -> int:
    found = [*told.required, *(f.diagnostic for f in told.stale)]
    status = EXIT_FINDINGS if found else EXIT_CLEAN
    if options.output == "json":
        say(json.dumps(_data(told, found), indent=2) + "\n")
        return status
    if tell_ci(Report(found, status, fleet.sources.text, root), options):
        return status
    if found:
        style = style_for_errors(options.color)
        found_in = blocks([*(Finding(d) for d in told.required), *told.stale], fleet.sources.text, style)
        sys.stderr.write("\n\n".join([*found_in, render.count(found, style)]) + "\n")
    style = style_for(options.color)
    shown = told.clusters if options.out is None or options.verbose else []
    lines = [text for cluster in shown for text in (*_cluster(cluster, style, verbose=options.verbose), "")]
    say("\n".join([*lines, *_summary(told, options)]) + "\n")
    return status


def _cluster(cluster: Conforming, style: Style, *, verbose: bool) -> Iterator[str]:
    """One cluster, as people read it."""
    here = cluster.cluster
    devices = ", ".join(sorted({p.accelerator.name for p in cluster.here.pools}))
    what = f"Kubernetes {here.kubernetes} on {here.provider}, {devices or 'no accelerators'}"
    yield f"{style.bold(here.name)}  {what}"
    if not cluster.listed:
        yield "  there is no list of requirements for this minor"
        return
    if verbose:
        for one in cluster.decided:
            yield from _at_length(one, style)
        return
    rows = [_row(one) for one in cluster.decided]
    yield from table(_COLUMNS, rows, style, "  ")
    for one in cluster.decided:
        if one.verdict.status in (Status.NOT, Status.PARTIALLY):
            yield from wrapped(f"{one.requirement.id}: {one.verdict.note}", _WIDE, "  ", "    ")
            yield from wrapped(f"fix: {one.verdict.fix}", _WIDE, "    ", "      ")


def _row(one: Decided) -> tuple[str, ...]:
    verdict = one.verdict
    return one.requirement.id, one.level, str(verdict.status), _by(verdict), _first(verdict)


def _by(verdict: Verdict) -> str:
    return "" if verdict.by in ("context", "nothing") else verdict.by


def _first(verdict: Verdict) -> str:
    """The first line of evidence, and how many more there are."""
    if not verdict.evidence:
        return ""
    first, *more = verdict.evidence
    return f"{first.file}:{first.line}" + (f" and {len(more)} more" if more else "")


def _at_length(one: Decided, style: Style) -> Iterator[str]:
    by = _by(one.verdict)
    yield f"  {style.bold(one.requirement.id)}  {one.level}  {one.verdict.status}{f', {by}' if by else ''}"
    yield from wrapped(one.verdict.note, _WIDE, "    ", "    ")
    if one.verdict.fix:
        yield from wrapped(f"fix: {one.verdict.fix}", _WIDE, "    ", "      ")
    rows = [(f"{e.file}:{e.line}", e.what) for e in one.verdict.evidence]
    columns = (Column(""), Column(""))
    yield from (line(columns, widths(columns, rows), row, "      ") for row in rows)


def _summary(told: _Told, options: argparse.Namespace) -> Iterator[str]:
    """How many clusters meet how much; what was written."""
    for level in ("MUST", "SHOULD"):
        of = [one.verdict.status for cluster in told.clusters for one in cluster.decided if one.level == level]
        if not of:
            continue
        counts = [f"{of.count(status)} {str(status).lower()}" for status in Status if status in of]
        yield f"{level.ljust(6)}  {len(of)}: {', '.join(counts).replace('n/a', 'N/A')}"
    if options.out is not None and not options.check:
        gone = f", {len(told.deleted)} deleted" if told.deleted else ""
        wrote = f"{len(told.written)} written{gone} in {options.out}"
        yield f"files   {wrote if told.written or told.deleted else f'{options.out} is up to date'}"
    elif options.out is not None:
        yield f"files   {f'{len(told.stale)} not current' if told.stale else 'current'}"


def _data(told: _Told, found: Sequence[Diagnostic]) -> dict[str, Any]:
    return {
        "apiVersion": "fleetc.conformance/v1",
        "clusters": [_cluster_data(cluster) for cluster in told.clusters],
        "written": list(told.written),
        "deleted": list(told.deleted),
        "diagnostics": render.json(found),
    }


def _cluster_data(cluster: Conforming) -> dict[str, Any]:
    return {
        "cluster": cluster.cluster.name,
        "kubernetes": cluster.cluster.kubernetes,
        "provider": cluster.cluster.provider,
        "accelerators": sorted({p.accelerator.name for p in cluster.here.pools}),
        "listed": cluster.listed,
        "requirements": [_decided_data(one) for one in cluster.decided],
    }


def _decided_data(one: Decided) -> dict[str, Any]:
    verdict = one.verdict
    return {
        "id": one.requirement.id,
        "group": one.requirement.group,
        "level": one.level,
        "status": str(verdict.status),
        "by": verdict.by,
        "evidence": [evidence._asdict() for evidence in verdict.evidence],
        "note": verdict.note,
        "fix": verdict.fix,
    }

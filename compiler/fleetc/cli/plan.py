"""`fleetc plan`: what runs where and why, what a loss would do, and how to empty a cluster."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from fleetc.cli.main import EXIT_CLEAN, EXIT_FINDINGS
from fleetc.cli.planning.table import Screen
from fleetc.cli.printing import say
from fleetc.cli.style import style_for
from fleetc.diagnostics import Diagnostic, Failure, codes
from fleetc.driver.files import root_of
from fleetc.plan.placement import LostCluster, LostPool, LostZone, drain, lose
from fleetc.plan.placement.model import Problem
from fleetc.plan.placement.result import Result
from fleetc.plan.placement.whatif import Lost, WhatIf
from fleetc.plan.view import PlanView, Refused
from fleetc.tuples import NamedTuple

_ZONE: Final = "zone:"
_WIDE: Final = 120
"""Columns where there is no terminal."""


class Planning(NamedTuple):
    """What the driver does for the command; both take the root.

    `planned` makes the plan; `relock` writes the lock files of a result and returns their paths below the root, of
    those only that it changed.
    """

    planned: Callable[[str], PlanView | Refused]
    relock: Callable[[str, Result], tuple[str, ...]]


def command(options: argparse.Namespace, planning: Planning) -> int:
    """Run it; returns the exit status. Raises Failure for names that are not known."""
    root = root_of(options.root)
    view = planning.planned(root)
    if isinstance(view, Refused):
        return _tell(view, EXIT_FINDINGS, root, options)
    if options.workloads and (options.lose or options.drain):
        hint = "name workloads, or use --lose or --drain"
        raise Failure(Diagnostic(codes.BAD_USAGE, "what a loss or a drain does concerns all workloads", hint=hint))
    if options.output not in ("text", "json"):
        return _for_ci(view, root, options)
    if options.lose is not None:
        question = lost_of(options.lose, view.result.problem)
        return _told(view, lose(view.result.problem, question), _without(question), options, None)
    if options.drain is not None:
        cluster = _known(options.drain, {p.cluster for p in view.result.problem.pools}, "cluster")
        found = drain(view.result.problem, cluster)
        # A drain that breaks a promise is not carried out.
        wrote = () if found.broken else planning.relock(root, found.after)
        return _told(view, found, f"With cluster {cluster} drained, as in maintenance", options, wrote)
    return _plan(view, options)


def _tell(found: Refused, status: int, root: str, options: argparse.Namespace) -> int:
    from fleetc.cli.findings import Report, tell

    return tell(Report(found.diagnostics, status, found.text, root), options)


def _for_ci(view: PlanView, root: str, options: argparse.Namespace) -> int:
    """Which promises of the whole plan have no room, at the lines of the specs. Raises Failure for other questions."""
    if options.workloads or options.lose is not None or options.drain is not None:
        message = f"--output {options.output} tells of the whole plan as it is"
        raise Failure(Diagnostic(codes.BAD_USAGE, message, hint="use --output text or json for other questions"))
    return _tell(view.short, EXIT_FINDINGS if view.short.diagnostics else EXIT_CLEAN, root, options)


def lost_of(name: str, problem: Problem) -> Lost:
    """What `--lose` names: a cluster, a pool (`CLUSTER/POOL`), or a zone (`zone:ZONE`, or `zone:REGION/ZONE`)."""
    zones = {(p.region, z) for p in problem.pools for z in p.zones}
    if name.startswith(_ZONE):
        return _zone_of(name.removeprefix(_ZONE), zones)
    clusters, pools = {p.cluster for p in problem.pools}, {p.id for p in problem.pools}
    if name in clusters:
        return LostCluster(name)
    if name in pools:
        return LostPool(name)
    known = {*clusters, *pools, *(f"{_ZONE}{zone}" for _, zone in zones)}
    _known(name, known, "cluster, pool or zone")
    raise AssertionError(name)


def _zone_of(name: str, zones: set[tuple[str, str]]) -> LostZone:
    region, slash, zone = name.rpartition("/")
    found = sorted((r, z) for r, z in zones if z == zone and (not slash or r == region))
    if not found:
        known = {f"{_ZONE}{r}/{z}" if slash else f"{_ZONE}{z}" for r, z in zones}
        _known(f"{_ZONE}{name}", known, "zone")
    if len(found) > 1:
        hint = "name its region: " + " or ".join(f"{_ZONE}{r}/{z}" for r, z in found)
        raise Failure(Diagnostic(codes.BAD_USAGE, f"zone `{name}` is in several regions", hint=hint))
    return LostZone(*found[0])


def _without(lost: Lost) -> str:
    match lost:
        case LostCluster():
            return f"Without cluster {lost.cluster}"
        case LostPool():
            return f"Without pool {lost.pool}"
        case LostZone():
            return f"Without zone {lost.zone} of {lost.region}"


def _known(name: str, known: Iterable[str], what: str) -> str:
    """The name, if it is known."""
    known = sorted(known)
    if name in known:
        return name
    from fleetc.language.wording import nearest

    near = f"{_ZONE}{name}" if f"{_ZONE}{name}" in known else nearest(name, known)
    hint = f"did you mean `{near}`?" if near else f"known are {', '.join(known[:8])}{', ...' if len(known) > 8 else ''}"
    raise Failure(
        Diagnostic(
            codes.BAD_USAGE, f"there is no {what} `{name.removeprefix(_ZONE)}`", hint=hint if known else "there is none"
        )
    )


def _plan(view: PlanView, options: argparse.Namespace) -> int:
    every = {w.id for w in view.result.problem.workloads}
    ids = [_known(id, every, "workload") for id in dict.fromkeys(options.workloads)]
    if options.output == "json":
        from fleetc.cli.planning.data import plan_data

        say(json.dumps(plan_data(view, ids, verbose=options.verbose), indent=2) + "\n")
    else:
        from fleetc.cli.planning.report import named, report

        screen = screen_for(options.color)
        lines = named(view, ids, screen) if ids else report(view, screen, verbose=options.verbose)
        say("\n".join(lines) + "\n")
    left = {u.workload for u in view.result.unplaced}
    return EXIT_FINDINGS if left & set(ids or left) else EXIT_CLEAN


def _told(view: PlanView, found: WhatIf, title: str, options: argparse.Namespace, wrote: tuple[str, ...] | None) -> int:
    """Tell what a loss or a drain does; `wrote` are the lock files, or None where that was not asked."""
    if options.output == "json":
        from fleetc.cli.planning.data import whatif_data

        question = {"lose": options.lose} if wrote is None else {"drain": options.drain}
        say(json.dumps(whatif_data(found, question, view.currency, wrote), indent=2) + "\n")
    else:
        from fleetc.cli.planning.whatif import Question, whatif

        screen = screen_for(options.color)
        lines = [*whatif(found, Question(title, view.currency), screen, folded=not options.verbose)]
        say("\n".join([*lines, *_written(found, wrote)]) + "\n")
    return EXIT_FINDINGS if found.broken else EXIT_CLEAN


def _written(found: WhatIf, wrote: tuple[str, ...] | None) -> list[str]:
    if wrote is None:
        return []
    if found.broken:
        return ["", "nothing is written: a promise would break"]
    return ["", *([f"wrote {file}" for file in wrote] or ["lock files are up to date"]), *_until(found)]


def _until(found: WhatIf) -> Iterator[str]:
    """What keeps a drained cluster empty: without it, the next build may place something there again."""
    if not found.after.placed:
        return
    yield "next  write `maintenance: true` in its pools, until they are back"
    if found.narrowed:
        which = ", ".join(found.narrowed)
        yield f"next  take back `failover`, `spread` or `count` of {which} until then: builds keep to them"


def screen_for(color: str) -> Screen:
    """What the standard output shows: as wide as its terminal or COLUMNS says, and what its encoding can."""
    encoding = (sys.stdout.encoding or "ascii").lower()
    return Screen(style_for(color), _columns(), encoding.startswith("utf"))


def _columns() -> int:
    given = os.environ.get("COLUMNS", "")
    if given.isdecimal() and int(given):
        return int(given)
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or _WIDE
    except (OSError, ValueError):
        return _WIDE

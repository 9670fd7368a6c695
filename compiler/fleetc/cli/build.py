"""`fleetc build` and `fleetc check`."""

from __future__ import annotations

import argparse
import os
import sys
import time

from fleetc.cli.main import EXIT_CANNOT_RUN, EXIT_CLEAN, EXIT_FINDINGS
from fleetc.cli.printing import say
from fleetc.cli.style import Style, style_for, style_for_errors
from fleetc.diagnostics import Diagnostic, Failure, Severity, codes
from fleetc.driver.build import Options, Outcome, run
from fleetc.driver.files import root_of
from fleetc.driver.folders import CRDS, folders_of, shown
from fleetc.driver.summary import Summary
from fleetc.tuples import NamedTuple

_CANNOT_RUN = (codes.CANNOT_WRITE, codes.DISK_FULL, codes.OTHER_FILESYSTEM)
_LENIENT = {"referenced": ("valid", "referenced"), "all": ("valid",)}


def command(options: argparse.Namespace) -> int:
    """Run it; returns the exit status."""
    started = time.perf_counter()
    root = root_of(options.root)
    writes = options.command == "build"
    guarded = not writes and _is_guarded(options)
    if not writes and options.next_minor:
        from fleetc.cli import next_minor

        return next_minor.command(options, root)
    folders = folders_of(root, options.crds)
    crds = _Crds([shown(folder, root) for folder in folders], os.path.isdir(f"{root}/{CRDS}"))
    outcome = options.held = run(_options(options, root, folders, writes=writes))
    if guarded and outcome.summary is not None:
        from fleetc.cli.guard import guard

        guard(root, options.base, options.allow or (), outcome)
    if not writes and options.charts is not None and outcome.summary is not None:
        from fleetc.cli.charts import check as check_charts

        check_charts(root, options.charts, folders, outcome)
    elapsed = time.perf_counter() - started
    failing = _not_strict_enough(options, outcome)
    status = _status(outcome, failing)
    match options.output:
        case "text":
            _print_text(options, outcome, failing, elapsed, crds)
        case "json":
            _print_json(options, outcome, failing, crds)
        case _:
            _print_for_ci(options, outcome, failing, root)
    if options.stats:
        _print_stats(outcome, elapsed)
    return status


def _options(options: argparse.Namespace, root: str, crds: tuple[str, ...], *, writes: bool) -> Options:
    return Options(
        root,
        write=writes,
        jobs=options.jobs if writes else 1,
        discard_edits=writes and options.discard_edits,
        cold=options.cold,
        locked=options.locked,
        crds=crds,
        date=options.date or "",
    )


def _status(outcome: Outcome, failing: dict[str, int]) -> int:
    if any(d.code in _CANNOT_RUN for d in outcome.diagnostics):
        return EXIT_CANNOT_RUN
    # What a guard refuses is told beside the summary of a fleet that is all right.
    refused = any(d.code.severity is Severity.ERROR for d in outcome.diagnostics)
    return EXIT_FINDINGS if outcome.summary is None or failing or refused else EXIT_CLEAN


def _is_guarded(options: argparse.Namespace) -> bool:
    """Whether the run is held against a revision. Raises Failure for options that do not go together."""
    if options.base is not None and options.next_minor:
        hint = "run `fleetc check` twice"
        raise Failure(Diagnostic(codes.BAD_USAGE, "--base and --next-minor ask two questions", hint=hint))
    if options.allow and options.base is None:
        hint = "add --base REV: without it nothing is refused that could be allowed"
        raise Failure(Diagnostic(codes.BAD_USAGE, "--allow is given without --base", hint=hint))
    return options.base is not None


def _print_for_ci(options: argparse.Namespace, outcome: Outcome, failing: dict[str, int], root: str) -> None:
    from fleetc.cli.findings import Report, nothing_read, tell_ci

    read = outcome.sources.text if outcome.sources else nothing_read
    notes = (f"not strict enough: {_listed(failing)}",) if failing else ()
    tell_ci(Report(outcome.diagnostics, _status(outcome, failing), read, root, notes), options)


def _listed(failing: dict[str, int]) -> str:
    return ", ".join(f"{count} {state}" for state, count in sorted(failing.items()))


def _not_strict_enough(options: argparse.Namespace, outcome: Outcome) -> dict[str, int]:
    """The checks that `--strict` does not accept, by state."""
    if outcome.summary is None or not options.strict:
        return {}
    accepted = _LENIENT[options.strict]
    return {state: count for state, count in outcome.summary.states().items() if state not in accepted and count}


class _Crds(NamedTuple):
    """The folders of CRDs that were taken, as messages name them, and whether the root has one of its own."""

    taken: list[str]
    own: bool

    def told(self) -> str | None:
        """What the summary says of them; never nothing where the root has some."""
        if self.taken:
            return ", ".join(self.taken)
        return f"none; {CRDS} is left out" if self.own else None


def _print_text(
    options: argparse.Namespace, outcome: Outcome, failing: dict[str, int], elapsed: float, crds: _Crds
) -> None:
    style = style_for(options.color)
    if outcome.diagnostics:
        from fleetc.cli import render

        read = outcome.sources.text if outcome.sources else lambda _: None
        sys.stderr.write(render.text(outcome.diagnostics, read, style_for_errors(options.color)))
    if outcome.summary is not None:
        say("\n".join(_summary(options, outcome, outcome.summary, style, elapsed, crds)) + "\n")
    if failing:
        said = style_for_errors(options.color).red("not strict enough")
        sys.stderr.write(f"{said}: {_listed(failing)}; run it without --strict to see why\n")


def _summary(
    options: argparse.Namespace, outcome: Outcome, found: Summary, style: Style, elapsed: float, crds: _Crds
) -> list[str]:
    rows = [
        ("clusters", f"{found.clusters:,}"),
        ("teams", f"{found.teams:,}"),
        ("manifests", f"{found.manifests:,}"),
        *(
            [("models", f"{found.models:,} on {found.pools:,} pools; `fleetc plan` tells where")]
            if found.models
            else []
        ),
        ("objects", f"{found.objects:,} in {found.files:,} files"),
        ("shapes", f"{found.shapes:,} distinct objects; the rest is shared between clusters"),
        *([("crds", told)] if (told := crds.told()) else []),
        ("checks", _states(found.states(), style)),
    ]
    out = [f"{style.bold(label.rjust(10))}  {value}" for label, value in rows]
    width = max(map(len, found.checks), default=0)
    for rule, states in sorted(found.checks.items()):
        out.append(f"{' ' * 12}{style.dim(rule.ljust(width))}  {_states(states, style)}")
    for rule, state, reason, count in found.notes:
        out.append(f"{' ' * 12}{style.dim(f'{count:,} {state} ({rule}): {reason}')}")
    out.append(f"{style.bold('files'.rjust(10))}  {_written(options, outcome)}")
    if outcome.patch:
        out.append(f"{style.bold('edits'.rjust(10))}  saved in {outcome.patch}")
    out.append(f"{style.bold('time'.rjust(10))}  {elapsed:.2f} s")
    return out


def _states(states: dict[str, int], style: Style) -> str:
    order = ("valid", "referenced", "partial", "skipped", "invalid", "failed")
    colours = {"valid": style.green, "invalid": style.red, "failed": style.red}
    shown = [colours.get(s, style.yellow)(f"{states[s]:,} {s}") for s in order if states.get(s)]
    return ", ".join(shown) or "none"


def _written(options: argparse.Namespace, outcome: Outcome) -> str:
    if not outcome.written and not outcome.deleted:
        return "up to date"
    would = "" if options.command == "build" else "would be "
    parts = [f"{len(outcome.written):,} {would}written"] if outcome.written else []
    parts += [f"{len(outcome.deleted):,} {would}deleted"] if outcome.deleted else []
    return ", ".join(parts)


def _print_json(options: argparse.Namespace, outcome: Outcome, failing: dict[str, int], crds: _Crds) -> None:
    import json

    from fleetc.cli import render

    data = {
        "command": options.command,
        "crds": crds.taken,
        "diagnostics": render.json(outcome.diagnostics),
        "summary": outcome.summary._asdict() if outcome.summary else None,
        "written": list(outcome.written),
        "deleted": list(outcome.deleted),
        "patch": outcome.patch,
        "strict": failing,
    }
    say(json.dumps(data, indent=2) + "\n")


def _print_stats(outcome: Outcome, elapsed: float) -> None:
    import json
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    summary: dict[str, object] = outcome.summary._asdict() if outcome.summary else {}
    names: tuple[str, ...] = ("clusters", "objects", "shapes", "files")
    sizes = {name: summary[name] for name in names if name in summary}
    stages = {stage: round(seconds, 4) for stage, seconds in outcome.times.items()}
    data: dict[str, object] = {"seconds": round(elapsed, 4), "stages": stages, "peak_bytes": peak, **sizes}
    sys.stderr.write(json.dumps(data) + "\n")

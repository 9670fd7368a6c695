"""`fleetc build` and `fleetc check`."""

from __future__ import annotations

import argparse
import sys
import time

from fleetc.cli.main import EXIT_CANNOT_RUN, EXIT_CLEAN, EXIT_FINDINGS
from fleetc.cli.printing import say
from fleetc.cli.style import Style, style_for
from fleetc.diagnostics import Diagnostic, Failure, Severity, codes
from fleetc.driver.build import Options, Outcome, run
from fleetc.driver.files import root_of
from fleetc.driver.summary import Summary

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
    outcome = run(
        Options(
            root,
            write=writes,
            jobs=options.jobs if writes else 1,
            discard_edits=writes and options.discard_edits,
            cold=options.cold,
            locked=options.locked,
            crds=_folders(options.crds),
        )
    )
    if guarded and outcome.summary is not None:
        from fleetc.cli.guard import guard

        guard(root, options.base, options.allow or (), outcome)
    elapsed = time.perf_counter() - started
    failing = _not_strict_enough(options, outcome)
    if options.output == "json":
        _print_json(options, outcome, failing)
    else:
        _print_text(options, outcome, failing, elapsed)
    if options.stats:
        _print_stats(outcome, elapsed)
    if any(d.code in _CANNOT_RUN for d in outcome.diagnostics):
        return EXIT_CANNOT_RUN
    refused = guarded and any(d.code.severity is Severity.ERROR for d in outcome.diagnostics)
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


def _folders(given: list[str] | None) -> tuple[str, ...]:
    import os

    for folder in given or ():
        if not os.path.isdir(folder):
            hint = "correct --crds"
            raise Failure(Diagnostic(codes.CANNOT_READ, f"there is no folder {folder}", hint=hint))
    return tuple(map(os.path.realpath, given or ()))


def _not_strict_enough(options: argparse.Namespace, outcome: Outcome) -> dict[str, int]:
    """The checks that `--strict` does not accept, by state."""
    if outcome.summary is None or not options.strict:
        return {}
    accepted = _LENIENT[options.strict]
    return {state: count for state, count in outcome.summary.states().items() if state not in accepted and count}


def _print_text(options: argparse.Namespace, outcome: Outcome, failing: dict[str, int], elapsed: float) -> None:
    style = style_for(options.color)
    if outcome.diagnostics:
        from fleetc.cli import render

        read = outcome.sources.text if outcome.sources else lambda _: None
        sys.stderr.write(render.text(outcome.diagnostics, read, style))
    if outcome.summary is not None:
        say("\n".join(_summary(options, outcome, outcome.summary, style, elapsed)) + "\n")
    if failing:
        listed = ", ".join(f"{count} {state}" for state, count in sorted(failing.items()))
        sys.stderr.write(f"{style.red('not strict enough')}: {listed}; run it without --strict to see why\n")


def _summary(options: argparse.Namespace, outcome: Outcome, found: Summary, style: Style, elapsed: float) -> list[str]:
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


def _print_json(options: argparse.Namespace, outcome: Outcome, failing: dict[str, int]) -> None:
    import json

    from fleetc.cli import render

    data = {
        "command": options.command,
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

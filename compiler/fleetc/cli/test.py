"""`fleetc test`: what a platform's own repository expects of its fleet."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from typing import Any

from fleetc.cli import render
from fleetc.cli.main import EXIT_CLEAN, EXIT_FINDINGS
from fleetc.cli.printing import say
from fleetc.cli.style import Style, style_for
from fleetc.diagnostics import Diagnostic
from fleetc.driver.files import root_of
from fleetc.driver.testing.current import Finding
from fleetc.driver.testing.run import Results, Text, run_tests


def command(options: argparse.Namespace) -> int:
    """Run it; returns the exit status. Raises Failure."""
    tested = run_tests(root_of(options.root), options.names, update=options.update)
    match options.output:
        case "json":
            say(json.dumps(_data(tested), indent=2) + "\n")
        case "junit":
            from fleetc.cli.junit import junit

            say(junit(tested, blocks))
        case _:
            style = style_for(options.color)
            sys.stderr.write(_wrong(tested, style))
            say("\n".join(_summary(tested, style)) + "\n")
    return EXIT_CLEAN if tested.passed else EXIT_FINDINGS


def blocks(findings: Sequence[Finding], text: Text, style: Style) -> Iterator[str]:
    """Each finding as people read it, with its diff."""
    for finding in findings:
        lines = list(render.block(finding.diagnostic, text, style))
        at = next((n for n, line in enumerate(lines) if " fix" in line and n == len(lines) - 1), len(lines))
        yield "\n".join([*lines[:at], *(f"  {_coloured(line, style)}" for line in finding.diff), *lines[at:]])


def _coloured(line: str, style: Style) -> str:
    match line[:1]:
        case "+":
            return style.green(line)
        case "-":
            return style.red(line)
        case _:
            return style.dim(line)


def all_findings(tested: Results) -> list[tuple[Sequence[Finding], Text]]:
    """Everything that is wrong, with the text of the files that it is about."""
    groups: list[tuple[Sequence[Finding], Text]] = [([Finding(d) for d in tested.broken], tested.text)]
    groups += [(tested.outputs.findings if tested.outputs is not None else [], tested.text)]
    groups += [(verdict.findings, verdict.text) for verdict in tested.verdicts]
    return [*groups, (tested.orphans, tested.text)]


def _wrong(tested: Results, style: Style) -> str:
    groups = all_findings(tested)
    shown = [block for findings, text in groups for block in blocks(findings, text, style)]
    found = [finding.diagnostic for findings, _ in groups for finding in findings]
    return "\n\n".join([*shown, render.count(found, style)]) + "\n" if shown else ""


def _summary(tested: Results, style: Style) -> Iterator[str]:
    def row(label: str, value: str) -> str:
        return f"{style.bold(label.rjust(10))}  {value}"

    if tested.outputs is not None:
        wrong = len(tested.outputs.findings)
        state = style.red(f"{wrong:,} not current") if wrong else style.green("current")
        yield row("outputs", f"{tested.outputs.files:,} files: {state}")
    failed = sum(bool(verdict.findings) for verdict in tested.verdicts)
    parts = [style.green(f"{len(tested.verdicts) - failed:,} passed")]
    parts += [style.red(f"{failed:,} failed")] if failed else []
    yield row("tests", f"{', '.join(parts)} in {tested.files:,} file{'s' if tested.files != 1 else ''}")
    for verdict in tested.verdicts:
        state = style.red("failed") if verdict.findings else style.green("passed")
        yield f"{' ' * 12}{state}  {verdict.name}"
    if tested.written or tested.deleted:
        changed = [f"{len(tested.written):,} written"] if tested.written else []
        changed += [f"{len(tested.deleted):,} deleted"] if tested.deleted else []
        yield row("files", ", ".join(changed))
    if tested.patch:
        yield row("edits", f"saved in {tested.patch}")


def _data(tested: Results) -> dict[str, Any]:
    return {
        "command": "test",
        "passed": tested.passed,
        "diagnostics": render.json(tested.broken),
        "outputs": None
        if tested.outputs is None
        else {"files": tested.outputs.files, "findings": _findings(tested.outputs.findings)},
        "tests": [
            {
                "name": verdict.name,
                "file": verdict.span.file,
                "line": verdict.span.line,
                "passed": not verdict.findings,
                "findings": _findings(verdict.findings),
            }
            for verdict in tested.verdicts
        ],
        "orphans": _findings(tested.orphans),
        "written": list(tested.written),
        "deleted": list(tested.deleted),
        "patch": tested.patch,
    }


def _findings(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    return [{**_one(finding.diagnostic), "diff": list(finding.diff)} for finding in findings]


def _one(diagnostic: Diagnostic) -> dict[str, Any]:
    (data,) = render.json([diagnostic])
    return data

"""Results of tests as JUnit XML, which CI systems read. It depends on nothing but the results: there are no times."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from fleetc.cli.style import Style
from fleetc.driver.testing.current import Finding
from fleetc.driver.testing.run import Results, Text
from fleetc.tuples import NamedTuple

Blocks = Callable[[Sequence[Finding], Text, Style], Iterable[str]]
"""Findings as people read them."""

_PLAIN: Final = Style(on=False)
# What XML 1.0 cannot say, not even escaped (section 2.2, Char).
_REFUSED: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class _Case(NamedTuple):
    """A testcase: its name, its classname, and its findings. `broken`: it could not be run."""

    name: str
    group: str
    findings: Sequence[Finding]
    text: Text
    broken: bool = False


def junit(tested: Results, blocks: Blocks) -> str:
    """The whole document: a testsuite for the outputs, one for each test file, and one for what could not be run."""
    suites: dict[str, list[_Case]] = {}
    for found in map(Finding, tested.broken):
        file = found.diagnostic.span.file if found.diagnostic.span is not None else "fleet"
        case = _Case(
            f"{found.diagnostic.code.code} {found.diagnostic.code.name}", file, [found], tested.text, broken=True
        )
        suites.setdefault(file, []).append(case)
    if tested.outputs is not None:
        suites["outputs"] = [_Case("generated files are current", "outputs", tested.outputs.findings, tested.text)]
    for verdict in tested.verdicts:
        case = _Case(verdict.name, verdict.span.file, verdict.findings, verdict.text)
        suites.setdefault(verdict.span.file, []).append(case)
    if tested.orphans:
        suites["golden"] = [_Case("golden files are of tests", "golden", tested.orphans, tested.text)]
    cases = [case for suite in suites.values() for case in suite]
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f"<testsuites{_counts('fleetc test', cases)}>",
        *(line for name, suite in suites.items() for line in _suite(name, suite, blocks)),
        "</testsuites>",
    ]
    return "\n".join(lines) + "\n"


def _suite(name: str, cases: list[_Case], blocks: Blocks) -> Iterator[str]:
    yield f"  <testsuite{_counts(name, cases)}>"
    for case in cases:
        start = f"    <testcase{_attribute('name', case.name)}{_attribute('classname', case.group)}"
        if not case.findings:
            yield f"{start}/>"
            continue
        yield f"{start}>"
        element, first = "error" if case.broken else "failure", case.findings[0].diagnostic
        head = f"{_attribute('message', first.message)}{_attribute('type', first.code.name)}"
        body = "\n\n".join(blocks(case.findings, case.text, _PLAIN))
        yield f"      <{element}{head}>{escape(_clean(body))}</{element}>"
        yield "    </testcase>"
    yield "  </testsuite>"


def _counts(name: str, cases: list[_Case]) -> str:
    errors = sum(case.broken for case in cases)
    failures = sum(bool(case.findings) for case in cases) - errors
    numbers = {"tests": len(cases), "failures": failures, "errors": errors, "skipped": 0}
    return _attribute("name", name) + "".join(_attribute(key, str(value)) for key, value in numbers.items())


def _attribute(name: str, value: str) -> str:
    return f" {name}={quoteattr(_clean(value))}"


def _clean(text: str) -> str:
    return _REFUSED.sub("\N{REPLACEMENT CHARACTER}", text)

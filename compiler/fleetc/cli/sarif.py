"""Diagnostics as SARIF 2.1.0 (OASIS, with errata 01), for code scanning and for editors.

What stands in a file is a result. What stands in none (a bad command line, a disk that is full) is a notification of
the invocation: consumers refuse results without a location. Braces in messages are left as they are: no message here
has arguments, and consumers show them raw.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Any, Final
from urllib.parse import quote

from fleetc import __version__
from fleetc.cli.findings import Report
from fleetc.cli.pages import page_of
from fleetc.cli.places import File, file_of, program_folder, region_of, repository_of
from fleetc.cli.render import ordered
from fleetc.diagnostics import CODES, Code, Diagnostic, Severity
from fleetc.diagnostics.codes import SECRET_VALUE
from fleetc.source.span import Span

_SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_BASES: Final = {"repository": "%SRCROOT%", "fleetc": "FLEETC"}
_STATUSES: Final = {0: "clean", 1: "findings", 2: "could not run"}
_FINGERPRINT: Final = "fleetc/v1"
"""Of what a diagnostic is about: its code, file and data path. Lines above it may come and go."""
_WHY: Final = "## Why it matters\n"
_RULES: Final = [*CODES]


def text(found: Report, command: str) -> str:
    """A log of one run. Its rules are all codes; those that were found have their pages as help."""
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [_run(found, command)]}
    return json.dumps(log, indent=2) + "\n"


def _run(found: Report, command: str) -> dict[str, Any]:
    diagnostics = ordered(found.diagnostics)
    placed = [d for d in diagnostics if d.span]
    unplaced = [d for d in diagnostics if not d.span]
    repository = repository_of(found.root)
    here = os.path.relpath(os.path.realpath(found.root or repository), repository)
    category = ["fleetc", *filter(None, (command, found.part)), *([] if here == "." else here.split("/"))]
    driver: dict[str, Any] = {"name": "fleetc", "version": __version__, "rules": _rules({d.code for d in placed})}
    noticed = [*dict.fromkeys(d.code for d in unplaced)]
    if noticed:
        driver["notifications"] = [_rule(code, helps=True) for code in noticed]
    return {
        "tool": {"driver": driver},
        "automationDetails": {"id": "/".join([*map(_plain, category), ""])},
        "columnKind": "utf16CodeUnits",
        "originalUriBaseIds": {
            _BASES["repository"]: _folder(repository, "The root of the git repository."),
            _BASES["fleetc"]: _folder(program_folder(), "Where fleetc is installed, with its tables."),
        },
        "invocations": [_invocation(found, unplaced, noticed)],
        "results": _results(placed, found, repository),
    }


def _folder(path: str, what: str) -> dict[str, Any]:
    return {"uri": f"file://{_uri(path.rstrip('/') + '/')}", "description": {"text": what}}


def _uri(path: str) -> str:
    """A path as part of a URI; a name that is not UTF-8 keeps its bytes."""
    return quote(os.fsencode(path), safe="/")


def _invocation(found: Report, unplaced: Sequence[Diagnostic], codes: list[Code]) -> dict[str, Any]:
    notices: list[dict[str, Any]] = [
        {
            "descriptor": {"id": d.code.code, "index": codes.index(d.code)},
            "level": str(d.code.severity),
            "message": {"text": _message(d)},
        }
        for d in unplaced
    ]
    notices += [{"level": "error", "message": {"text": _plain(note)}} for note in found.notes]
    return {
        "executionSuccessful": found.status in (0, 1),
        "exitCode": found.status,
        "exitCodeDescription": _STATUSES[found.status],
        "toolExecutionNotifications": notices,
    }


def _rules(used: set[Code]) -> list[dict[str, Any]]:
    return [_rule(CODES[id], helps=CODES[id] in used) for id in _RULES]


def _rule(code: Code, *, helps: bool) -> dict[str, Any]:
    title = f"{code.title[0].upper()}{code.title[1:]}."
    out: dict[str, Any] = {
        "id": code.code,
        "name": code.name,
        "shortDescription": {"text": title},
        "defaultConfiguration": {"level": "error" if code.severity is Severity.ERROR else "warning"},
    }
    if helps:
        page = page_of(code)
        out["fullDescription"] = {"text": _why(page)}
        out["help"] = {"text": page, "markdown": page}
    return out


def _why(page: str) -> str:
    """Why a code matters, on one line."""
    return " ".join(page.partition(_WHY)[2].partition("\n## ")[0].split())


def _results(placed: Iterable[Diagnostic], found: Report, repository: str) -> list[dict[str, Any]]:
    seen: Counter[str] = Counter()
    out: list[dict[str, Any]] = []
    for d in placed:
        assert d.span is not None
        hidden = d.code is SECRET_VALUE
        location: dict[str, Any] = {"physicalLocation": _physical(d.span, found, repository, hidden=hidden)}
        if d.path:
            location["logicalLocations"] = [{"fullyQualifiedName": _plain(d.data_path)}]
        related = [
            {
                "id": number,
                "physicalLocation": _physical(r.span, found, repository),
                "message": {"text": _plain(r.message or "here")},
            }
            for number, r in enumerate(d.related, 1)
        ]
        result: dict[str, Any] = {
            "ruleId": d.code.code,
            "ruleIndex": _RULES.index(d.code.code),
            "level": str(d.code.severity),
            "message": {"text": _message(d)},
            "locations": [location],
            "partialFingerprints": {_FINGERPRINT: _fingerprint(d, found, repository, seen)},
        }
        out.append(result | ({"relatedLocations": related} if related else {}))
    return out


def _message(diagnostic: Diagnostic) -> str:
    """What is wrong, the other places as links, and the fix."""
    lines = [_unlinked(diagnostic.message)]
    for number, related in enumerate(diagnostic.related, 1):
        label = re.sub(r"([\[\]\\])", r"\\\1", related.message or "here")
        lines.append(f"see [{label}]({number})")
    if diagnostic.hint:
        lines.append(f"fix: {_unlinked(diagnostic.hint)}")
    return _plain("\n".join(lines))


def _unlinked(text: str) -> str:
    """Text in which nothing is taken for a link, `[text](number)`."""
    return text.replace("](", "] (")


def _plain(text: str) -> str:
    """Text that is UTF-8: names of files need not be."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _physical(span: Span, found: Report, repository: str, *, hidden: bool = False) -> dict[str, Any]:
    at = region_of(span, found.read, hidden=hidden)
    region = {"startLine": at.line, "startColumn": at.column} | ({"endColumn": at.end} if at.end else {})
    return {"artifactLocation": _artifact(file_of(span.file, found.root, repository)), "region": region}


def _artifact(file: File) -> dict[str, Any]:
    if not file.within:
        return {"uri": f"file://{_uri(file.path)}"}
    return {"uri": _uri(file.path), "uriBaseId": _BASES[file.within]}


def _fingerprint(diagnostic: Diagnostic, found: Report, repository: str, seen: Counter[str]) -> str:
    """A digest that is the same in the next run. Where there is no data path, the message takes its place; what is
    alike is numbered."""
    assert diagnostic.span is not None
    about = diagnostic.data_path or diagnostic.message
    parts = (diagnostic.code.code, file_of(diagnostic.span.file, found.root, repository).path, about)
    key = "\0".join(parts)
    seen[key] += 1
    return sha256(f"{key}\0{seen[key]}".encode("utf-8", "surrogateescape")).hexdigest()

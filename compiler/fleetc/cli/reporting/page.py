"""The page: one file, whole without a network and without scripts, which its policy forbids."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from typing import Any, Final

from fleetc import __version__
from fleetc.cli.planning.units import count
from fleetc.cli.reporting.boards import dashboards, rules
from fleetc.cli.reporting.capacity import cost, placements, pools
from fleetc.cli.reporting.html import Html, el, join
from fleetc.cli.reporting.overview import findings, fleet_map, summary
from fleetc.cli.reporting.rules import objectives, policies
from fleetc.cli.reporting.style import style

Data = dict[str, Any]
GENERATOR: Final = "fleetc report"
"""By this a file is known to be a report, which may be replaced."""
_DIGITS: Final = 12


def page(data: Data) -> str:
    """The page of a fleet whose specs can be planned."""
    parts = [
        ("findings", "Findings", len(data["diagnostics"]), findings(data["diagnostics"])),
        ("summary", "Summary", None, summary(data)),
        ("map", "Fleet map", len(data["clusters"]), fleet_map(data)),
        ("placements", "Placements", len(data["placements"]), placements(data)),
        ("pools", "Pool use", len(data["pools"]), pools(data)),
        ("cost", "Cost", None, cost(data)),
        ("policies", "Policy coverage", len(data["policies"]), policies(data)),
        ("objectives", "Objectives", len(data["objectives"]), objectives(data)),
        ("dashboards", "Dashboards", len(data["dashboards"]), dashboards(data)),
    ]
    shown = [part for part in parts if part[3] is not None]
    links = [_link(id, title, number) for id, title, number, _ in shown]
    body = [el("nav", el("ul", links), aria_label="Sections"), el("main", [made for *_, made in shown], id="main")]
    return _document(
        data["organisation"], _states(data["diagnostics"]), _made_of(data), body, style(rules(data["dashboards"]))
    )


def refused(diagnostics: Sequence[Data], inputs: Data) -> str:
    """The page of a fleet whose specs cannot be planned: what is wrong with them."""
    body = [el("main", findings(diagnostics), id="main")]
    return _document("not planned", _states(diagnostics), _made_of({"inputs": inputs, "outputs": None}), body, style())


def _document(title: str, state: Html, made_of: list[str], body: list[Html], styles: str) -> str:
    head = el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", http_equiv="Content-Security-Policy", content=_policy(styles)),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("meta", name="generator", content=GENERATOR),
        el("meta", name="referrer", content="no-referrer"),
        el("link", rel="icon", href="data:,"),
        el("title", f"Fleet report: {title}"),
        el("style", Html(styles)),
    )
    top = el("header", el("h1", title), el("p", "fleet report"), [el("p", words) for words in made_of], state)
    foot = el("footer", f"Made by fleetc {__version__} from the specs alone: equal specs give equal bytes.")
    inside = join(el("a", "Skip to the report", href="#main", class_="skip"), top, body, foot)
    return f"<!doctype html>\n{el('html', head, el('body', inside), lang='en')}\n"


def _policy(styles: str) -> str:
    digest = base64.b64encode(hashlib.sha256(styles.encode()).digest()).decode()
    allowed = f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:"
    return f"{allowed}; base-uri 'none'; form-action 'none'"


def _link(id: str, title: str, number: int | None) -> Html:
    return el("li", el("a", title, None if number is None else el("span", number), href=f"#{id}"))


def _made_of(data: Data) -> list[str]:
    made, outputs = data["inputs"], data["outputs"]
    said = [f"{count(made['files'], 'spec file')}, {made['digest'][: len('sha256:') + _DIGITS]}"]
    if made["revision"]:
        said.append(f"commit {made['revision'][:_DIGITS]}{' and changes' if made['modified'] else ''}")
    if outputs is not None:
        changes = outputs["write"] + outputs["delete"]
        said.append(f"output: {count(changes, 'file')} to build" if changes else "output: up to date")
    return said


def _states(found: Sequence[Data]) -> Html:
    errors = sum(one["severity"] == "error" for one in found)
    words = [count(n, word) for n, word in ((errors, "error"), (len(found) - errors, "warning")) if n]
    kind = "bad" if errors else "warn" if found else "good"
    return el("p", " and ".join(words) or "clean", class_=f"state {kind}")

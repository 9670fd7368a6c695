"""Dashboards: what an edit of one, or of what it shows, has to do again and finds wrong, and what explains a line."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.driver.fleets import inside
from tests.driver.test_scopes import Builds, builds, edit, edit_first, example

__all__ = ["builds", "example"]

OWN = "specs/dashboards/search.yaml"
OBJECTIVES = "specs/objectives/search.yaml"
TELEMETRY = "specs/telemetry/production.yaml"
GOLDEN = "golden/gke-euw4-prod/teams/search/dashboards/"


def test_edits(example: Path, builds: Builds) -> None:
    """Each is compared with a clean build."""
    edit(example, OWN, "title: Search", "title: Search of acme")
    builds(example)
    edit(example, OBJECTIVES, "threshold: 1s", "threshold: 2.5s")
    builds(example)
    edit(example, OBJECTIVES, "target: 99%", "target: 98%")
    builds(example)
    text = (example / GOLDEN / "llama.yaml").read_text(encoding="utf-8")
    assert '"value": 2.5' in text
    assert "/ 0.02" in text
    assert inside(example, "check").status == 0


@pytest.mark.parametrize(
    ("path", "old", "new", "said"),
    [
        (OWN, "model: llama-3-3-70b", "model: mistral-7b", {"FLT123"}),
        (OWN, '{service="search-api"}', '{servce="search-api"}', {"FLT422"}),
        (OWN, "http_requests_total{service", "http_request_total{service", {"FLT421"}),
        (OWN, "[$__rate_interval]", "[$interval]", {"FLT436"}),
        (OWN, "panels: [objectives, throughput, queue, quota]", "panels: [errors, quota]", set()),
        (TELEMETRY, "labels: [service, code]", "labels: service", {"FLT422"}),
        ("specs/dashboards/platform.yaml", "pool: h200", "pool: l40s", set()),
    ],
)
def test_mistakes_are_found_in_what_an_edit_reaches(
    example: Path, builds: Builds, path: str, old: str, new: str, said: set[str]
) -> None:
    edit_first(example, path, old, new)
    builds(example)
    got = inside(example, "check", "--output", "json")
    assert {found["code"] for found in got.data()["diagnostics"]} == said


@pytest.mark.parametrize(
    ("file", "text", "spec"),
    [
        ("search.yaml", "sum by (code)", f"{OWN}:19:15"),
        ("search.yaml", '"legendFormat": "{{code}}"', f"{OWN}:21:15"),
        ("llama.yaml", '"value": 1.0', f"{OBJECTIVES}:"),
        ("llama.yaml", '"title": "Llama 3.3 70B"', f"{OWN}:7:10"),
    ],
)
def test_lines_in_the_json_come_from_lines_of_specs(example: Path, file: str, text: str, spec: str) -> None:
    lines = (example / GOLDEN / file).read_text(encoding="utf-8").splitlines()
    number = 1 + max(n for n, line in enumerate(lines) if text in line)
    told = inside(example, "explain", f"{GOLDEN}{file}:{number}")
    assert told.status == 0
    assert spec in told.out

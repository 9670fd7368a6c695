"""Telemetries and Objectives: what an edit of one, or of what they are about, has to do again and finds wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.driver.fleets import inside
from tests.driver.test_scopes import Builds, builds, edit, edit_first, example

__all__ = ["builds", "example"]

OBJECTIVES = "specs/objectives/search.yaml"
TELEMETRY = "specs/telemetry/production.yaml"


def test_edits(example: Path, builds: Builds) -> None:
    """Each is compared with a clean build."""
    edit(example, OBJECTIVES, "threshold: 1s", "threshold: 2.5s")
    builds(example)
    edit(example, TELEMETRY, "interval: 15s", "interval: 20s")
    builds(example)
    assert inside(example, "check").status == 0


@pytest.mark.parametrize(
    ("path", "old", "new", "said"),
    [
        (OBJECTIVES, "threshold: 1s", "threshold: 800ms", {"FLT430"}),
        (OBJECTIVES, "model: llama-3-3-70b", "model: mistral-7b", {"FLT123"}),
        (TELEMETRY, "retention: 45d", "retention: 21d", {"FLT433"}),
        (TELEMETRY, "labels: [service, code]", "labels: service", {"FLT422"}),
        ("specs/platforms/serving.yaml", "    prometheus-operator: 0.93.0\n", "", {"FLT424", "FLT431", "FLT434"}),
        (
            "specs/clusters/gke-euw4-prod.yaml",
            "labels: {acme.example/accelerators: nvidia}",
            "labels: {acme.example/accelerators: none}",
            {"FLT431"},
        ),
        ("specs/manifests/search-monitoring.yaml", "sum(rate(", "sum(rat(", {"FLT420"}),
    ],
)
def test_mistakes_are_found_in_what_an_edit_reaches(
    example: Path, builds: Builds, path: str, old: str, new: str, said: set[str]
) -> None:
    edit_first(example, path, old, new)
    builds(example)
    got = inside(example, "check", "--output", "json")
    assert {found["code"] for found in got.data()["diagnostics"]} == said

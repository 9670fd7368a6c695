"""`fleetc check --charts` with a renderer that is none: where charts are, what their values are, how they end."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from tests.driver.charts.charts import archive, chart, fleet

from fleetc.cli.main import main
from fleetc.driver.charts.helm import HelmError, Task

OBJECT = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: b}\ndata: {now: 2026-01-01}\n"
SCHEMA = json.dumps(
    {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "type": "object",
        "additionalProperties": False,
        "required": ["replicas"],
        "properties": {"replicas": {"type": "integer"}, "deep": {"properties": {"mode": {"enum": ["a", "b"]}}}},
    }
)


class Fake:
    """Renders what it was told, one text after the other, and remembers what it was asked."""

    def __init__(self, *texts: str) -> None:
        self.texts = texts
        self.tasks: list[Task] = []

    def __call__(self, task: Task) -> str:
        self.tasks.append(task)
        text = self.texts[(len(self.tasks) - 1) % len(self.texts)]
        if text.startswith("Error"):
            raise HelmError(text)
        return text


Checked = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Checked:
    """Checks a fleet with values and a folder of charts; the status, and what JSON tells."""

    def run(charts: Path | None, fake: Fake | None, values: str = "", more: Iterable[str] = ()) -> Any:
        monkeypatch.setattr("fleetc.cli.charts.helm", lambda: None if fake is None else "helm")
        monkeypatch.setattr("fleetc.cli.charts.renderer", lambda _: fake)
        named = ["--charts", str(charts)] if charts is not None else []
        root = fleet(tmp_path, values)
        status = main(["check", "--root", str(root), "--output", "json", *named, *more])
        return status, json.loads(capsys.readouterr().out)

    return run


def notes(data: dict[str, Any]) -> list[Any]:
    return [note[1:] for note in data["summary"]["notes"] if note[0] == "chart"]


def test_without_charts_they_are_referenced(checked: Checked) -> None:
    status, data = checked(None, None)
    assert status == 0
    assert data["summary"]["checks"]["chart"] == {"referenced": 1}
    assert [(state, number) for state, _, number in notes(data)] == [("referenced", 1)]


def test_a_chart_that_renders_what_is_valid(checked: Checked, tmp_path: Path) -> None:
    fake = Fake(OBJECT)
    status, data = checked(archive(tmp_path / "charts", {}), fake, "  values: {kueue: {a: {b: 1}}}\n")
    assert (status, data["diagnostics"], notes(data)) == (0, [], [])
    assert data["summary"]["checks"]["chart"] == {"valid": 1}
    first, second = fake.tasks
    assert first == second
    assert (first.release, first.namespace, first.minor) == ("kueue", "kueue-system", "1.35")
    assert json.loads(first.values) == {"a": {"b": 1}}
    assert {"kueue.x-k8s.io/v1beta2", "kueue.x-k8s.io/v1beta2/ClusterQueue"} <= set(first.apis)


@pytest.mark.parametrize(
    ("files", "fake", "reason"),
    [
        (None, Fake(OBJECT), "there is no kueue-0.19.2.tgz and no kueue/Chart.yaml"),
        ({"Chart.yaml": "version: 0.19.1"}, Fake(OBJECT), "is of version 0.19.1, not 0.19.2"),
        ({"Chart.yaml": "{"}, Fake(OBJECT), "cannot be read"),
        ({"values.schema.json": "{"}, Fake(OBJECT), "cannot be read"),
        ({"values.yaml": "[]\n--- 1"}, Fake(OBJECT), "cannot be read"),
        ({"values.yaml": "[1]"}, Fake(OBJECT), "is no mapping"),
        ({}, None, "there is no helm"),
    ],
)
def test_what_is_not_rendered_is_skipped_with_its_reason(
    files: dict[str, str] | None, fake: Fake | None, reason: str, checked: Checked, tmp_path: Path
) -> None:
    (tmp_path / "charts").mkdir()
    status, data = checked(tmp_path / "charts" if files is None else chart(tmp_path / "charts", files), fake)
    assert status == 0
    ((state, said, number),) = notes(data)
    assert (state, number) == ("skipped", 1)
    assert reason in said


@pytest.mark.parametrize(
    ("values", "message", "place"),
    [
        ("{replicas: two}", "replicas: expected integer, got string", (9, 30)),
        ("{deep: {mode: c}}", "deep.mode: ", (9, 33)),
        ("{replica: 2}", "`replica`", (9, 29)),
        ("{replicas: null}", "missing field `replicas`", (9, 12)),
    ],
)
def test_values_meet_the_schema_of_the_chart(
    values: str, message: str, place: tuple[int, int], checked: Checked, tmp_path: Path
) -> None:
    folder = chart(tmp_path / "charts", {"values.schema.json": SCHEMA})
    status, data = checked(folder, None, f"  values: {{kueue: {values}}}\n")
    assert status == 1
    (found,) = data["diagnostics"]
    assert found["code"] == "FLT520"
    assert message in found["message"]
    assert (found["line"], found["column"]) == place
    assert data["summary"]["checks"]["chart"] == {"invalid": 1}


def test_a_schema_may_not_be_fetched(checked: Checked, tmp_path: Path) -> None:
    schema = json.dumps({"$ref": "https://schemas.acme.example/values.json"})
    status, data = checked(chart(tmp_path / "charts", {"values.schema.json": schema}), Fake(OBJECT))
    assert status == 1
    assert [found["code"] for found in data["diagnostics"]] == ["FLT521"]


@pytest.mark.parametrize(
    ("texts", "code", "message", "state"),
    [
        (("Error: no",), "FLT521", "cannot be rendered: Error: no", "invalid"),
        (("a: [",), "FLT521", "cannot be rendered: ", "invalid"),
        ((OBJECT.replace("\ndata", "\ndta"),), "FLT502", "renders ConfigMap b/a: ", "invalid"),
        (("text\n",), "FLT502", "a document is no object", "invalid"),
        (
            ("---\n# Source: kueue/templates/a.yaml\n" + OBJECT, "---\n# Source: kueue/templates/a.yaml\n"),
            "FLT522",
            "something else each time: kueue/templates/a.yaml",
            "partial",
        ),
    ],
)
def test_what_is_wrong_with_what_is_rendered(
    texts: tuple[str, ...], code: str, message: str, state: str, checked: Checked, tmp_path: Path
) -> None:
    status, data = checked(chart(tmp_path / "charts", {}), Fake(*texts))
    (found,) = data["diagnostics"]
    assert found["code"] == code
    assert message in found["message"]
    assert found["message"].endswith("(on edge)")
    assert (found["line"], found["column"]) == (8, 23)
    assert data["summary"]["checks"]["chart"] == {state: 1}
    assert status == (0 if code == "FLT522" else 1)


def test_what_cannot_be_looked_at_is_partial(checked: Checked, tmp_path: Path) -> None:
    thing = "apiVersion: acme.example/v1\nkind: Thing\nmetadata: {name: a}\n"
    status, data = checked(chart(tmp_path / "charts", {}), Fake(thing), more=["--strict"])
    assert status == 1
    assert notes(data) == [["partial", "of what the chart renders: no schema known for acme.example/v1 Thing", 1]]


def test_a_folder_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--root", str(fleet(tmp_path)), "--charts", str(tmp_path / "none")]) == 2
    assert "FLT902" in capsys.readouterr().err

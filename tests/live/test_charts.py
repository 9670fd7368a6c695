"""What helm itself does with charts: two tiny ones, and the very program that is pinned."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.driver.charts.charts import CONFIG_MAP, archive, chart, fleet

from fleetc.cli.main import main
from fleetc_rehearsal.finder import binary

pytestmark = pytest.mark.live

PASSWORD = """\
apiVersion: v1
kind: Secret
metadata:
  name: password
  namespace: {{ .Release.Namespace }}
stringData:
  password: {{ randAlphaNum 16 }}
"""
STAMP = CONFIG_MAP.replace("settings", "stamp") + '  at: {{ now | date "2006-01-02T15:04:05" | quote }}\n'
ASKS = CONFIG_MAP.replace(
    "\ndata:",
    """\ndata:
  minor: {{ .Capabilities.KubeVersion.Minor | quote }}
  queues: {{ .Capabilities.APIVersions.Has "kueue.x-k8s.io/v1beta2/ClusterQueue" | quote }}
  {{- if gt (int .Values.replicas) 3 }}
  {{- fail "no more than 3 replicas" }}
  {{- end }}
  {{- if or (ne .Capabilities.KubeVersion.Minor "35") (lookup "v1" "Node" "" "") }}
  wrong: [it is told of another cluster]
  {{- end }}""",
)


@pytest.fixture(autouse=True)
def pinned(monkeypatch: pytest.MonkeyPatch) -> None:
    """The helm that is built, found on PATH."""
    monkeypatch.setenv("PATH", str(binary("helm").parent), prepend=":")
    monkeypatch.delenv("FLEETC_TOOLS", raising=False)


def checked(root: Path, charts: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    main(["check", "--root", str(root), "--charts", str(charts), "--output", "json"])
    data: dict[str, Any] = json.loads(capsys.readouterr().out)
    return data


@pytest.mark.parametrize("make", [chart, archive])
def test_a_chart_that_renders_the_same(make: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = make(tmp_path / "charts", {"values.yaml": "replicas: 1\n", "templates/a.yaml": ASKS})
    data = checked(fleet(tmp_path), folder, capsys)
    assert data["diagnostics"] == []
    assert data["summary"]["checks"]["chart"] == {"valid": 1}


@pytest.mark.parametrize("template", [PASSWORD, STAMP])
def test_a_chart_that_renders_something_else(template: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = {"templates/a.yaml": CONFIG_MAP, "templates/b.yaml": template}
    data = checked(fleet(tmp_path), chart(tmp_path / "charts", files), capsys)
    (found,) = data["diagnostics"]
    assert found["code"] == "FLT522"
    assert found["message"].endswith("renders something else each time: kueue/templates/b.yaml (on edge)")
    assert data["summary"]["checks"]["chart"] == {"partial": 1}


def test_a_chart_that_refuses_its_values(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = chart(tmp_path / "charts", {"templates/a.yaml": ASKS})
    data = checked(fleet(tmp_path, "  values: {kueue: {replicas: 4}}\n"), folder, capsys)
    (found,) = data["diagnostics"]
    assert found["code"] == "FLT521"
    assert "no more than 3 replicas" in found["message"]
    assert (found["line"], found["column"]) == (9, 12)


def test_values_and_schema_are_those_of_helm(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where our reading of the schema lets values pass, helm does too; null takes a value away for both."""
    schema = json.dumps({"type": "object", "required": ["replicas"], "properties": {"replicas": {"type": "integer"}}})
    folder = chart(tmp_path / "charts", {"templates/a.yaml": CONFIG_MAP, "values.schema.json": schema})
    data = checked(fleet(tmp_path, "  values: {kueue: {replicas: 2, other: null}}\n"), folder, capsys)
    assert data["diagnostics"] == []

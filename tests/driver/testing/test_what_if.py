"""What comes out for specs that a test tries is what comes out when they are really written."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from tests.driver.fleets import acme, inside, output
from tests.driver.tree.trees import content
from tests.pages import BASE, blocks_of

from fleetc.driver.load import Sources
from fleetc.driver.outputs import Outputs
from fleetc.driver.testing.altered import altered
from fleetc.driver.testing.cases import cases_of
from fleetc.driver.testing.current import outputs
from fleetc.driver.testing.fleet import Fleet, fleet_of
from fleetc.driver.testing.run import run_tests
from fleetc.emission.emission import body_of
from fleetc.source import yaml

PAGES = sorted((Path(__file__).parents[2] / "cases").glob("*.md"))


def tried(base: Fleet, files: dict[str, list[Any] | None]) -> Fleet:
    """The fleet of a test that tries these files."""
    root = Path(base.sources.root)
    data = {"tests": [{"name": "x", "specs": files, "expect": {"valid": True}}]}
    (root / "tried").mkdir(exist_ok=True)
    (root / "tried/x.yaml").write_text(json.dumps(data, indent=1), encoding="utf-8")
    found = cases_of(Sources(str(root)), "tried")
    assert found.diagnostics == []
    # Read anew: what is remembered of a file of this name is that of the last one.
    got = altered(base._replace(sources=Sources(str(root))), found.cases[0])
    shutil.rmtree(root / "tried")
    return got


def documents(text: str) -> list[Any] | None:
    """The documents of a file; None when something is wrong with it as YAML."""
    parsed = yaml.parse(text.encode())
    return None if parsed.problems else [each.value for each in parsed.documents]


def steps(path: Path) -> list[dict[str, str]]:
    """The files that a page has written at each of its checks."""
    out: list[dict[str, str]] = []
    files: dict[str, str] = {}
    for block in blocks_of(path.read_text(encoding="utf-8")):
        if block.words[0] == "console":
            return out
        if block.words[0] == "text":
            out.append(dict(files))
        else:
            files[block.words[1]] = block.text
    return out


def comparable() -> list[tuple[str, int]]:
    """The checks of pages whose files are all specs, and YAML."""
    return [
        (path.stem, n)
        for path in PAGES
        for n, files in enumerate(steps(path))
        if all(name.startswith("specs/") and name.endswith(".yaml") and documents(text) for name, text in files.items())
    ]


def told(found: list[tuple[str, str]]) -> list[tuple[str, str]]:
    # A folder that is only there since a file in it is tried is none on the disk: that it cannot be read is the same.
    return sorted((code, "" if code == "FLT902" else message) for code, message in found)


def codes(root: Path) -> list[tuple[str, str]]:
    data = inside(root, "check", "--cold", "--output", "json").data()
    return told([(d["code"], d["message"]) for d in data["diagnostics"]])


@pytest.mark.parametrize(("page", "step"), comparable())
def test_the_same_comes_out(page: str, step: int, tmp_path: Path) -> None:
    files = steps(next(path for path in PAGES if path.stem == page))[step]
    base, real = tmp_path / "base", tmp_path / "real"
    shutil.copytree(BASE, base)
    shutil.copytree(BASE, real)
    for name, text in files.items():
        (real / name).parent.mkdir(parents=True, exist_ok=True)
        (real / name).write_text(text, encoding="utf-8")
    before = content(base)
    got = tried(fleet_of(str(base)), {name: documents(text) for name, text in files.items()})
    assert told([(d.code.code, d.message) for d in got.diagnostics]) == codes(real)
    assert content(base) == before


def test_most_pages_are_compared() -> None:
    assert len({page for page, _ in comparable()}) > 70


OUTPUTS = Outputs("golden", "stacks/generated")


def emitted(fleet: Fleet) -> dict[str, bytes]:
    assert fleet.emission is not None
    return {
        OUTPUTS.file(name, row.path): body_of(shapes)
        for n, name in enumerate(fleet.emission.clusters)
        for row, shapes in fleet.emission.at(n)
    }


def counted(monkeypatch: pytest.MonkeyPatch, module: object, name: str) -> list[Any]:
    """The calls of a function from now on."""
    calls, real = list[Any](), getattr(module, name)

    def call(*words: Any, **named: Any) -> Any:
        calls.append(words)
        return real(*words, **named)

    monkeypatch.setattr(module, name, call)
    return calls


EDITS: list[tuple[str, str, str]] = [
    ("specs/teams/search.yaml", "podSecurity", ""),
    ("specs/teams/risk.yaml", 'cpu: "100"', 'cpu: "101"'),
    ("specs/models/risk.yaml", "replicas: 2", "replicas: 1"),
    ("specs/clusters/hub.yaml", '"1.36"', '"1.35"'),
    ("specs/fleet.yaml", "organisation: acme", "organisation: other"),
    ("specs/pools/onprem-fra.yaml", "nodes: 3", "nodes: 4"),
]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = acme(tmp_path_factory.mktemp("acme"))
    assert inside(root, "build").status == 0
    return root


@pytest.mark.parametrize(("file", "old", "new"), EDITS)
def test_the_same_is_emitted(file: str, old: str, new: str, built: Path, tmp_path: Path) -> None:
    real = tmp_path / "real"
    shutil.copytree(built, real)
    text = (real / file).read_text(encoding="utf-8").replace(old, new)
    (real / file).write_text(text, encoding="utf-8")
    ran = inside(real, "build", "--cold")
    assert ran.status == 0, ran.err
    got = tried(fleet_of(str(built)), {file: documents(text)})
    assert got.diagnostics == []
    bodies = {path: data.partition(b"\n")[2] for path, data in output(real).items()}
    assert emitted(got) == bodies


def test_a_file_that_is_removed(built: Path, tmp_path: Path) -> None:
    real = tmp_path / "real"
    shutil.copytree(built, real)
    (real / "specs/models/risk.yaml").unlink()
    assert inside(real, "build", "--cold").status == 0
    got = tried(fleet_of(str(built)), {"specs/models/risk.yaml": None})
    bodies = {path: data.partition(b"\n")[2] for path, data in output(real).items()}
    assert emitted(got) == bodies


def test_objects_of_a_manifest_can_be_tried(built: Path) -> None:
    """A file that a Manifest includes is read again with it."""
    fleet = fleet_of(str(built))
    listing = [file for file, spec in fleet.front.files.items() if spec.includes]
    assert listing
    included = fleet.front.files[listing[0]].includes[0]
    got = tried(fleet, {included: None})
    assert [d.code.code for d in got.diagnostics] == ["FLT902"]
    assert got.diagnostics[0].span is not None
    assert got.diagnostics[0].span.file == listing[0]


def test_only_what_planning_looks_at_is_planned_again(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from fleetc.driver.testing import fleet as module

    fleet = fleet_of(str(built))
    planned = counted(monkeypatch, module, "planning")
    text = (built / "specs/teams/search.yaml").read_text(encoding="utf-8")
    tried(fleet, {"specs/teams/search.yaml": documents(text.replace("search-oncall", "other"))})
    assert planned == []
    tried(fleet, {"specs/teams/search.yaml": documents(text.replace("H100: 32", "H100: 31"))})
    assert len(planned) == 1


def test_shapes_that_were_checked_are_not_checked_again(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from fleetc.check.fleet import view

    fleet = fleet_of(str(built))
    checked = counted(monkeypatch, view, "check_object")
    text = (built / "specs/teams/risk.yaml").read_text(encoding="utf-8")
    tried(fleet, {"specs/teams/risk.yaml": documents(text.replace('cpu: "100"', 'cpu: "101"'))})
    tried(fleet, {"specs/teams/risk.yaml": documents(text)})
    assert 0 < len(checked) < 150, "the partial ones, of two fleets of almost 500 objects"


def test_the_fleet_is_compiled_once_for_all_tests(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from fleetc.driver.testing import fleet as module

    compiled = counted(monkeypatch, module, "compile_planned")
    listed = "\n".join(f"- {{name: t{n}, objects: {{kind: Namespace}}, expect: some}}" for n in range(20))
    (built / "expectations").mkdir()
    (built / "expectations/x.yaml").write_text(f"tests:\n{listed}\n", encoding="utf-8")
    assert run_tests(str(built)).passed
    assert len(compiled) == 1
    fleet = fleet_of(str(built))
    assert len(cases_of(fleet.sources, "expectations").cases) == 20
    assert outputs(str(built), fleet).findings == []

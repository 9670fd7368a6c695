"""The wheel holds fleetc and nothing else, and works where there is no checkout."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest
from tests.driver.fleets import CHECKOUT, Run, output

pytestmark = pytest.mark.accept
PAGES = CHECKOUT / "docs/diagnostics"


def project() -> Any:
    return tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    words = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(CHECKOUT)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (made,) = out.iterdir()
    return made


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel's content as pip installs it, and with the dependencies, but not this checkout."""
    target = tmp_path_factory.mktemp("installed")
    words = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", str(target)]
    subprocess.run([*words, str(wheel)], check=True)
    for name in ("yaml", "_yaml", "jsonschema_rs", "grafana_foundation_sdk"):
        spec = importlib.util.find_spec(name)
        assert spec is not None
        assert spec.origin is not None
        (target / name).symlink_to(Path(spec.origin).parent)
    return target


def run(installed: Path, cwd: Path, *words: str) -> Run:
    """The installed program, by a Python that does not see the virtual environment of this checkout."""
    hidden = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "__PYVENV_LAUNCHER__")
    env = {name: value for name, value in os.environ.items() if name not in hidden}
    base = Path(sys.base_exec_prefix) / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}"
    env["PYTHONPATH"] = str(installed)
    done = subprocess.run([base, *words], capture_output=True, text=True, check=False, cwd=cwd, env=env)
    return Run(done.returncode, done.stdout, done.stderr)


def below(folder: Path, name: str) -> dict[str, bytes]:
    """The files of a folder, as they stand in the wheel under `name`."""
    found = (p for p in folder.rglob("*") if p.is_file() and "__pycache__" not in p.parts and p.suffix != ".pyc")
    return {f"{name}/{p.relative_to(folder).as_posix()}": p.read_bytes() for p in found}


def test_every_package_is_listed() -> None:
    found = {p.parent for folder in ("compiler", "backends") for p in (CHECKOUT / folder).glob("*/__init__.py")}
    listed = project()["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    assert {str(p.relative_to(CHECKOUT)) for p in found} == {*listed}
    assert all(p.name.startswith("fleetc") for p in found)


def test_content(wheel: Path) -> None:
    wanted = {**below(PAGES, "fleetc/diagnostics/pages"), **below(CHECKOUT / "docs/kinds", "fleetc/language/pages")}
    for folder in project()["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]:
        wanted |= below(CHECKOUT / folder, Path(folder).name)
    program = below(CHECKOUT / "stacks", "fleetc/templates/stacks")
    wanted |= {name: data for name, data in program.items() if "/generated/" not in name and "/.venv/" not in name}
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if not name.endswith("/")]
        got = {name: archive.read(name) for name in names}
    base = f"fleetc-{project()['project']['version']}"
    wanted[f"{base}.data/data/share/man/man1/fleetc.1"] = (CHECKOUT / "docs/fleetc.1").read_bytes()
    about = f"{base}.dist-info"
    meta = {name for name in got if name.startswith(f"{about}/")}
    assert meta == {f"{about}/{n}" for n in ("METADATA", "WHEEL", "RECORD", "entry_points.txt", "licenses/LICENSE")}
    assert got.keys() - meta == wanted.keys()
    assert {name: data for name, data in got.items() if name in wanted} == wanted
    assert {"fleetc/language/tables/defaults.yaml", "fleetc/check/packs/kubernetes.bin"} <= got.keys()
    assert {
        f"fleetc/templates/{name}" for name in ("dot-gitignore", "specs/fleet.yaml", "tests/fleet.yaml")
    } <= got.keys()
    assert "fleetc = fleetc.cli.main:entry" in got[f"{about}/entry_points.txt"].decode()


def test_it_is_the_installed_one_that_runs(installed: Path, tmp_path: Path) -> None:
    code = "import fleetc, fleetc_kubernetes; print(fleetc.__file__, fleetc_kubernetes.__file__)"
    got = run(installed, tmp_path, "-c", code)
    assert got.out.split() == [f"{installed}/fleetc/__init__.py", f"{installed}/fleetc_kubernetes/__init__.py"]
    version = project()["project"]["version"]
    assert run(installed, tmp_path, "-m", "fleetc", "--version") == Run(0, f"fleetc {version}\n", "")


def test_it_builds_the_example_fleet(installed: Path, tmp_path: Path) -> None:
    shutil.copytree(CHECKOUT / "specs", tmp_path / "specs")
    got = run(installed, tmp_path, "-m", "fleetc", "build")
    assert (got.status, got.err) == (0, "")
    folders = (CHECKOUT / "golden", CHECKOUT / "stacks/generated")
    every = [p for folder in folders for p in folder.rglob("*") if p.is_file()]
    golden = {str(p.relative_to(CHECKOUT)): p.read_bytes() for p in every}
    assert output(tmp_path) == golden


def test_it_starts_a_repository(installed: Path, tmp_path: Path) -> None:
    for words in (("init", "--ci", "both", "--delivery", "pulumi"), ("build",), ("check", "--strict"), ("test",)):
        got = run(installed, tmp_path, "-m", "fleetc", *words, *(["--name", "new"] if words[0] == "init" else []))
        assert (got.status, got.err) == (0, "")
    templates = {p.name for p in (CHECKOUT / "compiler/fleetc/templates").rglob("*") if p.is_file()} - {"__init__.py"}
    written = {p.name.removeprefix(".") for p in tmp_path.rglob("*") if p.is_file()}
    assert {name.removeprefix("dot-") for name in templates if not name.endswith(".pyc")} <= written


def test_it_prints_schemas(installed: Path, tmp_path: Path) -> None:
    got = run(installed, tmp_path, "-m", "fleetc", "schema", "print", "Team")
    assert got == Run(0, (CHECKOUT / "schemas/team.json").read_text(encoding="utf-8"), "")


def test_it_explains_codes(installed: Path, tmp_path: Path) -> None:
    for target in ("FLT121", "flt121", "unknown_field"):
        got = run(installed, tmp_path, "-m", "fleetc", "explain", target)
        assert got == Run(0, (PAGES / "FLT121.md").read_text(encoding="utf-8"), "")


def test_it_tells_what_is_installed(installed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has no recipes: the servers are where FLEETC_TOOLS says, or on PATH."""
    monkeypatch.delenv("FLEETC_TOOLS", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    words = ("-m", "fleetc", "doctor", "--output", "json")
    got = run(installed, tmp_path, *words)
    assert (got.status, got.err) == (0, "")
    found = {each["name"]: each for each in got.data()["found"]}
    assert found["etcd"]["detail"] == "it is neither named by FLEETC_TOOLS nor on PATH"
    server = tmp_path / "bin/etcd"
    server.parent.mkdir()
    server.write_text("#!/bin/sh\necho etcd Version: 3.6.16\n", encoding="utf-8")
    server.chmod(0o755)
    found = {
        each["name"]: each
        for each in run(installed, tmp_path, "-m", "fleetc", "doctor", "--output", "json").data()["found"]
    }
    assert (found["etcd"]["version"], found["etcd"]["detail"]) == ("v3.6.16", str(server))


def test_the_versions_agree() -> None:
    from fleetc import __version__

    assert __version__ == project()["project"]["version"]

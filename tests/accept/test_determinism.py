"""The same bytes whatever the hash seed, locale, time zone, folder, order of files, number of jobs and Python."""

from __future__ import annotations

import itertools
import json
import random
import shutil
import subprocess
import warnings
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from tests.accept.pythons import pythons, with_dependencies
from tests.driver.fleets import acme, clean, environment, inside, output, program, synthetic, wide
from tests.driver.tree.trees import put

SEEDS = ("0", "1", "4711")
ZONES = ("UTC", "Asia/Kolkata", "America/St_Johns")
BROKEN = """\
apiVersion: fleetc/v1alpha1
kind: Team
metadata: {name: broken}
spec:
  contcat: x
  namespaces: [broken]
  members: {admin: [a]}
  network: {egress: ["team/saerch:1", "team/risk:1"], ingress: ["team/nobody"]}
  placement: {environments: [nowhere], clusters: [hbu]}
---
apiVersion: fleetc/v1alpha1
kind: Manifest
metadata: {name: also, team: nobody}
spec:
  objects:
  - {apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: search}, data: {a: 1}, date: {}}
  overrides: [{match: {environments: [prod]}, set: {placement: {}}}]
"""
DAMAGED = """\
apiVersion: fleetc/v1alpha1
kind: Manifest
metadata: {name: damaged}
spec:
  objects:
  - {apiVersion: v1, kind: Service, metadata: {name: a, namespace: nowhere}, spec: {selector: {a: b}, prots: []}}
  - {apiVersion: v1, kind: Pod, metadata: {name: search}, spec: {containers: [{name: a}], priorityClassName: none}}
  - apiVersion: rbac.authorization.k8s.io/v1
    kind: RoleBinding
    metadata: {name: b, namespace: search}
    roleRef: {kind: Role, name: none, apiGroup: rbac.authorization.k8s.io}
    subjects: [{kind: ServiceAccount, name: none, namespace: none}]
"""


EXTRAS = ("constraint", "promql")


class Bytes(NamedTuple):
    """All that comes out of a fleet: its tree, and what is said of it."""

    status: int
    tree: dict[str, bytes]
    said: Any
    errors: str


def bytes_of(root: Path, env: dict[str, str] | None = None, cwd: Path | None = None, *words: str) -> Bytes:
    """A cold build from outside."""
    for folder in ("golden", "stacks"):
        shutil.rmtree(root / folder, ignore_errors=True)
    got = program("build", "--cold", "--output", "json", *words, env=env, cwd=cwd or root)
    assert got.status in (0, 1), got.err
    data = got.data()
    return Bytes(got.status, output(root), [data["diagnostics"], data["summary"], data["written"]], got.err)


@pytest.fixture(scope="module")
def fleets(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A good fleet, one with errors in its specs, and one with errors in what it emits."""
    base = tmp_path_factory.mktemp("bytes")
    found = {name: acme(base / name) for name in ("good", "broken", "damaged")}
    put(found["broken"], "specs/teams/broken.yaml", BROKEN.encode())
    put(found["damaged"], "specs/manifests/damaged.yaml", DAMAGED.encode())
    return found


def locales() -> list[str]:
    """C, UTF-8, and one that is neither, where there is one."""
    try:
        there = subprocess.run(["locale", "-a"], capture_output=True, text=True, check=False).stdout.split()
    except OSError:
        there = []
    others = [name for name in there if not name.startswith(("C", "POSIX"))]
    return ["C", "C.UTF-8", *others[:1]]


@pytest.mark.parametrize("name", ["good", "damaged"])
def test_surroundings(fleets: dict[str, Path], tmp_path: Path, name: str) -> None:
    root = fleets[name]
    first = bytes_of(root, environment(PYTHONHASHSEED=SEEDS[0], LC_ALL="C", TZ=ZONES[0]))
    assert bool(first.tree) == (name == "good")
    assert len(first.said[0]) >= (0 if name == "good" else 5)
    second = environment(PYTHONHASHSEED=SEEDS[1], LC_ALL=locales()[-1], TZ=ZONES[1], PYTHONUTF8="0", COLUMNS="40")
    assert bytes_of(root, second, tmp_path, "--root", str(root)) == first


@pytest.mark.accept
@pytest.mark.parametrize("name", ["good", "broken", "damaged"])
def test_all_surroundings(fleets: dict[str, Path], tmp_path: Path, name: str) -> None:
    root = fleets[name]
    below = root / "specs/teams"
    ways: list[tuple[Path, list[str]]] = [
        (root, []), (below, []), (root, ["--root", "."]), (root.parent, ["--root", root.name]),
        (tmp_path, ["--root", str(root)]), (below, ["--root", "../.."]),
    ]  # fmt: skip
    matrix = list(itertools.product(SEEDS, locales(), ZONES))
    first = bytes_of(root)
    for n, (seed, locale, zone) in enumerate(matrix):
        cwd, words = ways[n % len(ways)]
        assert bytes_of(root, environment(PYTHONHASHSEED=seed, LC_ALL=locale, TZ=zone), cwd, *words) == first


@pytest.mark.parametrize("made", [acme, synthetic])
def test_order_of_files(tmp_path: Path, made: Any) -> None:
    """Folders list their files in the order of their making, or of a hash of their names."""
    root = made(tmp_path / "fleet")
    at = tmp_path / "other"
    paths = [path for path in root.rglob("*") if path.is_file()]
    random.Random(3).shuffle(paths)
    for path in paths:
        put(at, str(path.relative_to(root)), path.read_bytes())
    assert inside(root, "build").status == inside(at, "build").status == 0
    assert output(root) == output(at)


def test_number_of_jobs_and_warmth(tmp_path: Path) -> None:
    """From 200 files on, several processes write."""
    root = wide(tmp_path / "fleet")
    trees: list[dict[str, bytes]] = []
    for jobs in ("1", "2", "4"):
        shutil.rmtree(root / "golden", ignore_errors=True)
        assert inside(root, "build", "--jobs", jobs).status == 0
        trees.append(output(root))
    shutil.rmtree(root / "golden")
    assert inside(root, "build", "--cold", "--jobs", "3").status == 0
    assert len(output(root)) >= 200
    assert trees == [output(root)] * 3


@pytest.mark.accept
def test_every_python(fleets: dict[str, Path], tmp_path: Path) -> None:
    here = pythons()
    if len(here) == 1:
        warnings.warn(f"only one Python from 3.11 on is here: {here[0].path}", stacklevel=1)
    wanted = {name: bytes_of(root) for name, root in fleets.items()}
    for python in here:
        interpreter = with_dependencies(python)
        for name, root in fleets.items():
            for folder in ("golden", "stacks"):
                shutil.rmtree(root / folder, ignore_errors=True)
            words = [str(interpreter), "-m", "fleetc", "build", "--root", str(root), "--output", "json"]
            done = subprocess.run(words, capture_output=True, text=True, check=False, env=environment())
            assert done.returncode == wanted[name].status, (python, done.stderr)
            data = json.loads(done.stdout)
            said = [data["diagnostics"], data["summary"], data["written"]]
            got = Bytes(done.returncode, output(root), without_extras(said), done.stderr)
            assert got == wanted[name]._replace(said=without_extras(wanted[name].said)), python


def without_extras(said: Any) -> Any:
    """What is said but for rules that need a package which is optional, and not beside every Python."""
    found, summary, written = said
    checks = {rule: ends for rule, ends in (summary or {}).get("checks", {}).items() if rule not in EXTRAS}
    notes = [note for note in (summary or {}).get("notes", []) if not any(repr(rule) in repr(note) for rule in EXTRAS)]
    return [found, {**(summary or {}), "checks": checks, "notes": notes}, written]


def test_golden_is_what_the_specs_give(tmp_path: Path) -> None:
    root = acme(tmp_path / "fleet")
    assert clean(root, tmp_path / "clean").status == 0
    from tests.driver.fleets import CHECKOUT

    folders = (CHECKOUT / "golden", CHECKOUT / "stacks/generated")
    every = [p for folder in folders for p in folder.rglob("*") if p.is_file()]
    golden = {str(p.relative_to(CHECKOUT)): p.read_bytes() for p in every}
    assert output(tmp_path / "clean") == golden

"""Planning in a build: lock files that are kept, moved, refused and broken."""

from __future__ import annotations

import time
from pathlib import Path
from random import Random

import pytest
import yaml
from tests.driver.fleets import acme, inside, output, slow
from tests.driver.tree.trees import content, put

from fleetc.driver import locks, rebuild
from fleetc.driver import memory as memories
from fleetc.driver.build import STATE
from fleetc.driver.edits import Editor, replaced
from fleetc.driver.explain import explainer, holds_more
from fleetc.driver.locks import lock_text
from fleetc.driver.tree.model import RACY_NS
from fleetc.plan.placement.model import Locked

SEARCH = "specs/models/search.yaml"
LLAMA = "specs/models/llama-3-3-70b.model.lock"
QWEN = "specs/models/qwen3-32b.model.lock"
NEW = """\
apiVersion: fleetc/v1alpha1
kind: Model
metadata: {name: small, team: search}
spec:
  source: oci://models.acme.example/small@sha256:4be09d7f3a62c815e7d40b9c2f58a31de6904c7b85f21da3e07f6c94b28d5e13
  architecture: qwen3-8b
  context: 8Ki
  concurrency: 2
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Acme, built."""
    acme(tmp_path)
    time.sleep(2 * RACY_NS / 1e9)  # Files that are younger are not known by their times.
    built(tmp_path)
    return tmp_path


def built(root: Path, *words: str) -> str:
    """A build that finds nothing wrong: what it printed."""
    run = inside(root, "build", *words)
    assert (run.status, run.err) == (0, "")
    return run.out


def edit(root: Path, file: str, old: str, new: str) -> None:
    """Another text in a spec file."""
    text = (root / file).read_text()
    assert old in text
    put(root, file, text.replace(old, new).encode())


def standing(root: Path) -> dict[str, str]:
    """The lock files."""
    return {str(path.relative_to(root)): path.read_text() for path in sorted(root.rglob("*.lock")) if path.suffix}


def test_locks_stand_beside_the_specs_and_are_those_of_the_checkout(root: Path) -> None:
    found = {path: text for path, text in standing(root).items() if path.startswith("specs/")}
    checkout = Path(__file__).parents[2]
    assert found == {path: (checkout / path).read_text() for path in found}
    assert len(found) == 6


def test_a_model_more_leaves_all_other_locks_as_they_are(root: Path) -> None:
    before = standing(root)
    put(root, "specs/models/small.yaml", NEW.encode())
    emitted = output(root)
    assert "3 written" in built(root)
    after = standing(root)
    assert {path: after[path] for path in before} == before
    # Its own file, and the Cohort of the cluster: what is promised to it is nobody's to borrow.
    moved = {path for path, data in output(root).items() if emitted.get(path) != data}
    assert moved == {"golden/onprem-fra/teams/search/models/small.yaml", "golden/onprem-fra/platform/cluster.yaml"}
    assert after.keys() - before.keys() == {"specs/models/small.model.lock"}


def test_a_second_build_has_nothing_to_do(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The lock that a run writes is known from then on, young as it is.
    (root / LLAMA).unlink()
    built(root)
    memory = memories.load(f"{root}/{STATE}", memories.tool_digest())
    assert memory is not None
    assert LLAMA in memory.head.inputs
    time.sleep(2 * RACY_NS / 1e9)
    built(root)
    monkeypatch.setattr(rebuild, "rebuild", None)
    assert "up to date" in built(root)
    assert "up to date" in built(root, "--locked")


def test_an_edit_that_planning_does_not_look_at_plans_nothing(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "read_locks", None)
    edit(root, "specs/teams/search.yaml", "search-oncall@", "search-nights@")
    built(root)


def test_a_lock_that_went_is_made_again(root: Path) -> None:
    before = standing(root)
    (root / LLAMA).unlink()
    built(root)
    assert standing(root) == before


def test_a_lock_holds_against_what_is_cheaper(root: Path) -> None:
    # Both ways are promised room; the lock says which of them.
    held = lock_text(
        "Model/qwen3-32b", [Locked("gke-euw4-prod/h100", "H100:1", 1), Locked("eks-use1-prod/h200", "H200:1", 1)]
    )
    put(root, QWEN, held)
    built(root)
    assert (root / QWEN).read_bytes() == held
    (root / QWEN).unlink()
    built(root)
    assert (root / QWEN).read_bytes() != held


def test_a_lock_follows_its_spec_and_goes_with_it(root: Path) -> None:
    (root / "specs/served").mkdir()
    (root / "specs/models/risk.yaml").rename(root / "specs/served/risk.yaml")
    before = (root / "specs/models/mistral-7b.model.lock").read_text()
    out = built(root)
    # The emitted file names the spec that it is made from.
    assert "2 written, 1 deleted" in out
    assert b"specs/served/risk.yaml" in output(root)["golden/onprem-fra/teams/risk/models/mistral-7b.yaml"]
    assert not (root / "specs/models/mistral-7b.model.lock").exists()
    assert (root / "specs/served/mistral-7b.model.lock").read_text() == before
    (root / "specs/served/risk.yaml").unlink()
    assert "2 deleted" in built(root)
    assert not any("mistral" in path for path in output(root))
    assert not (root / "specs/served/mistral-7b.model.lock").exists()


def test_check_says_what_would_be_written_and_writes_nothing(root: Path) -> None:
    (root / LLAMA).unlink()
    run = inside(root, "check")
    assert "1 would be written" in run.out
    assert not (root / LLAMA).exists()


def test_locked_refuses(root: Path) -> None:
    before = standing(root)
    edit(root, "specs/pools/onprem-fra.yaml", "  nodes: 3\n", "  nodes: 3\n  maintenance: true\n")
    put(root, "specs/models/small.yaml", NEW.encode())
    run = inside(root, "build", "--locked")
    assert run.status == 1
    assert f"{QWEN} is not what the plan says: 1 replica moves away from onprem-fra/h200" in run.err
    assert "specs/models/small.model.lock is not what the plan says: it is not there" in run.err
    assert standing(root) == before


def test_a_move_is_minimal(root: Path) -> None:
    before = standing(root)
    edit(root, "specs/pools/onprem-fra.yaml", "  nodes: 3\n", "  nodes: 3\n  maintenance: true\n")
    built(root)
    after = standing(root)
    changed = {path for path in before if before[path] != after[path]}
    assert changed == {QWEN}
    assert "onprem-fra" not in after[QWEN]
    assert "{pool: eks-use1-prod/h200" in after[QWEN]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<<<<<<< ours\nof: x\n=======\nof: y\n>>>>>>> theirs\n", "cannot be read"),
        ("[]\n", "it is not one mapping"),
        ("apiVersion: v1\nkind: Lock\n", "it is not of apiVersion fleetc/v1alpha1 and kind Lock"),
        ("apiVersion: fleetc/v1alpha1\nkind: Lock\nof: Model/llama-3-3-70b\n", "no list of `placements`"),
        (
            "apiVersion: fleetc/v1alpha1\nkind: Lock\nof: Model/llama-3-3-70b\nplacements:\n"
            "- {pool: a/b, replicas: 1}\n",
            "a placement has pool, resources, replicas and nothing else",
        ),
        (
            "apiVersion: fleetc/v1alpha1\nkind: Lock\nof: Model/llama-3-3-70b\nplacements:\n"
            "- {pool: a/b, resources: 'H100:1', replicas: -1}\n",
            "a placement has",
        ),
    ],
)
def test_a_lock_that_is_none(root: Path, text: str, said: str) -> None:
    put(root, LLAMA, text.encode())
    run = inside(root, "build")
    assert run.status == 1
    assert "error[FLT307 broken_lock]" in run.err
    assert said in run.err
    assert (root / LLAMA).read_text() == text
    (root / LLAMA).unlink()
    built(root)


def test_a_lock_of_what_is_not_there_any_more_moves(root: Path) -> None:
    put(root, LLAMA, lock_text("Model/llama-3-3-70b", [Locked("gone/h100", "H100:4", 2)]))
    assert "1 written" in built(root)


def test_a_broken_promise_changes_no_lock(root: Path) -> None:
    before = standing(root)
    edit(root, SEARCH, "replicas: 2..6", "replicas: 60")
    assert inside(root, "build").status == 1
    assert standing(root) == before


def test_a_drain_writes_the_moves_and_builds_keep_them(root: Path) -> None:
    text = (root / SEARCH).read_text()
    start = text.index("  overrides:\n")
    edited = text[:start] + text[text.index("---", start) :]
    put(root, SEARCH, edited.replace("spread: cluster, failover: true", "spread: none").encode())
    built(root)
    assert "eks-use1-prod" in "".join(standing(root).values())
    run = inside(root, "plan", "--drain", "eks-use1-prod")
    assert run.status == 0
    assert "next  write `maintenance: true` in its pools" in run.out
    after = standing(root)
    assert "eks-use1-prod" not in "".join(after.values())
    assert all(f"wrote {path}" in run.out or "eks-use1-prod" not in text for path, text in after.items())
    built(root, "--locked")
    assert standing(root) == after


def test_a_drain_that_breaks_a_promise_writes_nothing(root: Path) -> None:
    before = standing(root)
    run = inside(root, "plan", "--drain", "onprem-fra")
    assert run.status == 1
    assert "nothing is written: a promise would break" in run.out
    assert standing(root) == before


@pytest.mark.parametrize("name", ["of-two.model.lock", "elsewhere/llama-3-3-70b.model.lock"])
def test_of_two_locks_that_beside_the_spec_counts(root: Path, name: str) -> None:
    before = standing(root)
    put(root, f"specs/{name}", lock_text("Model/llama-3-3-70b", [Locked("gke-euw4-prod/h100", "H100:4", 2)]))
    assert "1 deleted" in built(root)
    assert standing(root) == before


def _edited(root: Path, random: Random) -> str | None:
    """Another value somewhere in what planning may look at, really written; None when there is none."""
    fleet = explainer(root)
    editor = Editor(fleet.sources, fleet.front)
    files = sorted({doc.sources[0][0] for doc in fleet.front.docs.values() if doc.kind != "Manifest"})
    targets = [t for t in editor.everything(random.choice(files)) if not holds_more(t.value)]
    target = random.choice(targets)
    edits = list(editor.edits(target))
    edit = random.choice(edits)
    documents = [
        replaced(value, edit.at, edit.value) if number == target.number else value
        for number, value in editor.load(target.file).documents
    ]
    put(root, target.file, yaml.safe_dump_all(documents, sort_keys=False).encode())
    return f"{target.file} {target.at} {edit.value!r}"


@pytest.mark.parametrize("seed", [*range(4), *(slow(n) for n in range(4, 60))])
def test_an_incremental_build_plans_as_a_cold_one(
    root: Path, tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    random = Random(seed)
    for _ in range(3):
        cold = tmp_path_factory.mktemp("cold")
        before = {path: (root / path).read_bytes() for path in content(root) if path.startswith("specs/")}
        what = _edited(root, random)
        for path in content(root):
            if path.startswith("specs/"):
                put(cold, path, (root / path).read_bytes())
        ours, theirs = inside(root, "build"), inside(cold, "build")
        assert (ours.status, ours.err) == (theirs.status, theirs.err), what
        if ours.status:
            for path, data in before.items():
                put(root, path, data)
            assert inside(root, "build").status == 0, what
        else:
            locks = {path: text for path, text in standing(cold).items() if path.startswith("specs/")}
            assert locks == {path: text for path, text in standing(root).items() if path.startswith("specs/")}, what

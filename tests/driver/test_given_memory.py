"""Runs with CRDs are incremental like all others, and never keep a verdict that the CRDs of today do not give."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
import yaml
from tests.check.test_given import SPEC, crd, fleet, whole
from tests.driver.fleets import clean, inside, output, scopes_taken

from fleetc.check.crds import Given
from fleetc.driver import memory
from fleetc.driver.scope import WHOLE, Scope
from fleetc.driver.tree.model import RACY_NS

MANIFEST = "specs/manifest.yaml"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Built, and all of it remembered. The program stays the same; its CRDs count as they do."""
    monkeypatch.setattr(memory, "_THEIRS", ())
    return settled(fleet(tmp_path / "fleet"))


@pytest.fixture(autouse=True)
def _made(tmp_path: Path) -> None:
    (tmp_path / "fleet").mkdir()


def settled(root: Path) -> Path:
    for _ in range(2):
        time.sleep(2 * RACY_NS / 1e9)
        assert inside(root, "build").status == 0
    time.sleep(2 * RACY_NS / 1e9)
    return root


def edit(root: Path, file: str, old: str, new: str) -> None:
    path = root / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def judged(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The kinds of the objects that CRDs are asked about from now on."""
    asked: list[str] = []
    judge = Given.judge

    def spied(self: Given, obj: dict[str, object], minor: str, has: tuple[tuple[str, str], ...]) -> object:
        asked.append(str(obj["kind"]))
        return judge(self, obj, minor, has)

    monkeypatch.setattr(Given, "judge", spied)
    return asked


def test_nothing_is_done_again(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = scopes_taken(monkeypatch)
    assert "up to date" in inside(root, "build").out
    assert "1.00" not in inside(root, "check").out
    assert taken == []


def test_an_edit_is_as_small_as_without_crds(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    taken, asked = scopes_taken(monkeypatch), judged(monkeypatch)
    edit(root, MANIFEST, "size: 1", "size: 2")
    assert inside(root, "build").status == 0
    assert taken == [Scope(subjects=frozenset({"Manifest/one"}))]
    assert asked == ["Thing"]  # the Namespace beside it is known to be valid


def test_what_the_crd_refuses_is_found_in_a_small_edit(root: Path) -> None:
    edit(root, MANIFEST, "size: 1", "size: 0")
    ran = inside(root, "build")
    assert ran.status == 1
    assert "spec.size: must be at least 1" in ran.err


@pytest.mark.parametrize("change", ["stricter", "broken", "gone", "none"])
def test_other_crds_forget_everything(root: Path, change: str, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = scopes_taken(monkeypatch)
    path, words = root / "crds/thing.yaml", ["build", "--output", "json"]
    match change:
        case "stricter":
            path.write_bytes(crd(whole({**SPEC, "required": ["size", "word"]})).data)
        case "broken":
            path.write_bytes(b"[")
        case "gone":
            path.unlink()
        case _:
            words += ["--crds", "none"]
    ran = inside(root, *words)
    assert taken == ([] if change == "broken" else [WHOLE])
    if change == "stricter":
        assert "missing field `word`" in ran.data()["diagnostics"][0]["message"]
    elif change == "broken":
        assert (ran.status, "FLT902" in ran.out + ran.err) == (2, True)
    else:
        assert ran.data()["summary"]["checks"]["schema"]["skipped"] == 1


def test_a_change_under_the_same_times_is_seen(root: Path) -> None:
    """Of the same size, and with its times set back: the change time and the inode tell."""
    path = root / "crds/thing.yaml"
    stat = path.stat()
    path.write_bytes(path.read_bytes().replace(b"minimum: 1", b"minimum: 9"))
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert path.stat().st_size == stat.st_size
    assert inside(root, "build").status == 1


def test_a_crd_that_is_too_young_is_not_remembered(tmp_path: Path) -> None:
    root = fleet(tmp_path / "fleet")
    assert memory.tool_digest([str(root / "crds")]) != memory.tool_digest([str(root / "crds")])
    time.sleep(2 * RACY_NS / 1e9)
    assert memory.tool_digest([str(root / "crds")]) == memory.tool_digest([str(root / "crds")])


def test_links_that_lead_nowhere_or_round_are_no_trouble(root: Path) -> None:
    (root / "crds/gone").symlink_to("nowhere")
    (root / "crds/round").symlink_to(".")
    assert inside(root, "check").status == 0


@pytest.mark.parametrize(("component", "status"), [("jobset: 0.12.0", 0), ("kueue: 0.19.2", 1)])
def test_a_cluster_with_other_components_has_other_verdicts(
    root: Path, component: str, status: int, tmp_path: Path
) -> None:
    """Two clusters of one minor share an object that the CRD of the one takes, and that of the other may not."""
    for name, version, field in (("jobset", "v0.12.0", {}), ("kueue", "v0.19.2", {"minimum": 5})):
        doc = yaml.safe_load(crd(whole({"type": "object", "properties": {"size": {"type": "integer", **field}}})).data)
        labels = {"app.kubernetes.io/name": name, "app.kubernetes.io/version": version}
        (root / f"crds/{name}.yaml").write_text(yaml.safe_dump({**doc, "metadata": {"labels": labels}}))
    (root / "crds/thing.yaml").unlink()
    edit(root, "specs/cluster.yaml", "spec:\n", "spec:\n  components: {jobset: 0.12.0}\n")
    settled(root)
    text = (root / "specs/cluster.yaml").read_text().replace("jobset: 0.12.0", component)
    (root / "specs/two.yaml").write_text(text.replace("name: one", "name: two"))
    warm = inside(root, "build", "--output", "json")
    cold = clean(root, tmp_path / "cold", "--output", "json", "--crds", str(root / "crds"))
    assert (warm.status, warm.data()["diagnostics"]) == (cold.status, cold.data()["diagnostics"])
    assert warm.status == status, warm.out
    assert output(root).keys() == output(tmp_path / "cold").keys() or status == 1

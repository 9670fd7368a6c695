"""What of an emitted tree the program takes, and what it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.check.goldens import ROOT

from fleet.files import body_of, read_manifests
from fleet.objects import StackError
from fleetc.driver.tree.header import State, seal, state_of

CONFIG_MAP = b"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one, namespace: search}\ndata: {day: 2026-01-01}\n"


def write(folder: Path, name: str, body: bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(seal(body, "specs/one.yaml"))
    return path


def test_own_files_are_read_and_foreign_ones_are_not(tmp_path: Path) -> None:
    write(tmp_path, "a/one.yaml", CONFIG_MAP)
    (tmp_path / "a/theirs.yaml").write_bytes(CONFIG_MAP.replace(b"one", b"two"))
    (tmp_path / "README.md").write_text("not ours", encoding="utf-8")
    ((key, obj),) = read_manifests(tmp_path).items()
    assert key.logical == "ConfigMap/search/one"
    assert obj["data"] == {"day": "2026-01-01"}


def test_a_hand_edit_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "one.yaml", CONFIG_MAP)
    path.write_bytes(path.read_bytes().replace(b"search", b"risk"))
    with pytest.raises(StackError, match=r"one\.yaml is not as fleetc made it"):
        read_manifests(tmp_path)


@pytest.mark.parametrize("left", [b"", b"kind: ConfigMap\n", b"apiVersion: v1\nkind: A\nmetadata: {}\n", b"- a\n"])
def test_what_is_no_object_is_refused(tmp_path: Path, left: bytes) -> None:
    write(tmp_path, "one.yaml", left)
    with pytest.raises(StackError):
        read_manifests(tmp_path)


def test_conflicts_are_refused(tmp_path: Path) -> None:
    sealed = seal(CONFIG_MAP, "specs/one.yaml")
    (tmp_path / "one.yaml").write_bytes(b"<<<<<<< HEAD\n" + sealed + b"=======\n" + sealed + b">>>>>>> theirs\n")
    with pytest.raises(StackError, match="merge conflicts"):
        read_manifests(tmp_path)


def test_nothing_is_no_reason_to_delete_everything(tmp_path: Path) -> None:
    with pytest.raises(StackError, match="no folder"):
        read_manifests(tmp_path / "none")
    (tmp_path / "foreign.yaml").write_bytes(CONFIG_MAP)
    with pytest.raises(StackError, match="no file of fleetc"):
        read_manifests(tmp_path)


def test_one_object_in_two_files(tmp_path: Path) -> None:
    write(tmp_path, "one.yaml", CONFIG_MAP)
    write(tmp_path, "two.yaml", CONFIG_MAP.replace(b"apiVersion: v1\n", b"apiVersion: v1\n\n"))
    with pytest.raises(StackError, match=r"ConfigMap/search/one stands in .*one\.yaml and in .*two\.yaml"):
        read_manifests(tmp_path)


def test_broken_yaml(tmp_path: Path) -> None:
    write(tmp_path, "one.yaml", b"a: [\n")
    with pytest.raises(StackError, match=r"one\.yaml is no YAML"):
        read_manifests(tmp_path)


@given(st.binary(max_size=60), st.binary(max_size=8), st.sampled_from(["specs/a.yaml", "a; b", "ä"]))
def test_the_header_is_read_as_fleetc_reads_it(body: bytes, more: bytes, source: str) -> None:
    """The program holds no code of fleetc, so here the two are held against each other."""
    for data in (seal(body, source), seal(body, source) + more, body, more + seal(body, source)):
        state = state_of(data)
        if data.startswith(b"<<<<<<<") and state is State.FOREIGN:
            continue  # half a conflict, which the program refuses too where it finds a header
        if state is State.FOREIGN:
            assert body_of(data, Path("one")) is None
        elif state is State.OURS:
            assert body_of(data, Path("one")) == data.partition(b"\n")[2]
        else:
            with pytest.raises(StackError):
                body_of(data, Path("one"))


@pytest.mark.parametrize("cluster", sorted(path.name for path in (ROOT / "golden").iterdir()))
def test_goldens_are_read_whole(cluster: str) -> None:
    found = read_manifests(ROOT / "golden" / cluster)
    emitted = sum(text.count("\nkind: ") for text in _texts(ROOT / "golden" / cluster))
    assert len(found) == emitted
    assert len({key.logical for key in found}) == len(found)


def _texts(folder: Path) -> list[str]:
    return [path.read_text(encoding="utf-8") for path in folder.rglob("*.yaml")]

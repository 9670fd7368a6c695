"""Replicas that planning divides: a hand edit goes back to the Model that asks for them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.driver.adopt.test_adopt import adopt, sed, specs, stays
from tests.driver.fleets import acme, inside

from fleetc.driver.layout import comments_of

RISK = "golden/onprem-fra/teams/risk/models/mistral-7b.yaml"
SMALL = "golden/kind-dev/teams/search/models/all-minilm-l6-v2.yaml"
MODELS = "specs/models/search.yaml"


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = acme(tmp_path_factory.mktemp("planned") / "acme")
    assert inside(made, "build").status == 0
    return made


@pytest.fixture
def root(base: Path, tmp_path: Path) -> Path:
    shutil.copytree(base, tmp_path / "acme")
    return tmp_path / "acme"


def test_replicas_of_a_model(root: Path) -> None:
    """What follows from the number, a quota, moves with it: that is told first."""
    edited = sed(root / RISK, ("  replicas: 2\n", "  replicas: 3\n"))
    before = specs(root)
    got, data = adopt(root, root / RISK)
    assert (got.status, specs(root)) == (1, before)
    (told,) = data["diagnostics"]
    assert "nominalQuota would move with it" in told["message"]
    got, data = adopt(root, root / RISK, "--allow-more")
    (one,) = data["adopted"]
    assert (got.status, one["spec"]["before"], one["spec"]["after"]) == (0, 2, 3)
    changed = before["specs/models/risk.yaml"].replace(b"  replicas: 2\n", b"  replicas: 3\n")
    assert specs(root) == {**before, "specs/models/risk.yaml": changed}
    stays(root, root / RISK, edited)


def test_replicas_of_the_default(root: Path) -> None:
    edited = sed(root / SMALL, ("  replicas: 1\n", "  replicas: 2\n"))
    before = specs(root)[MODELS].decode()
    got, data = adopt(root, root / SMALL)
    (one,) = data["adopted"]
    assert (got.status, one["spec"]["before"], one["spec"]["after"]) == (0, None, 2)
    text = (root / MODELS).read_text(encoding="utf-8")
    assert text.replace("  replicas: 2\n", "") == before
    assert comments_of(text) == comments_of(before)
    stays(root, root / SMALL, edited)


@pytest.mark.parametrize(
    ("number", "words", "why"),
    [
        (20, (), "there is no room for 20 replicas of Model all-minilm-l6-v2"),
        (0, (), "nothing that sets it can be edited for it"),
        (-1, ("--only-here",), "nothing that sets it can be edited for it"),
    ],
)
def test_replicas_that_cannot_be(root: Path, number: int, words: tuple[str, ...], why: str) -> None:
    sed(root / SMALL, ("  replicas: 1\n", f"  replicas: {number}\n"))
    before = specs(root)
    got, data = adopt(root, root / SMALL, *words)
    (told,) = data["diagnostics"]
    assert (got.status, specs(root)) == (1, before)
    assert why in told["message"]


@settings(max_examples=4, deadline=None)
@given(file=st.sampled_from([RISK, SMALL]), number=st.integers(1, 6), here=st.booleans())
def test_edited_adopted_and_built(base: Path, file: str, number: int, here: bool) -> None:
    root = base.with_name("edited")
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(base, root)
    old = 2 if file == RISK else 1
    edited = sed(root / file, (f"  replicas: {old}\n", f"  replicas: {number}\n"))
    before = specs(root)
    got, data = adopt(root, root / file, "--allow-more", *(["--only-here"] if here else []))
    if got.status:
        assert specs(root) == before
        assert all(told["message"] and told["hint"] for told in data["diagnostics"])
    else:
        comments = {path: comments_of(text.decode()) for path, text in before.items() if path.endswith(".yaml")}
        now = {path: comments_of(text.decode()) for path, text in specs(root).items() if path.endswith(".yaml")}
        assert now == comments
        stays(root, root / file, edited)

"""`fleetc report`: what it writes where, what it says, and how it ends."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from tests.cli.report.markup import read
from tests.driver.fleets import acme, inside, program, state
from tests.driver.tree.trees import content, put


def test_a_page_in_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = acme(tmp_path / "root")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    before = content(root)
    got = inside(root, "report")
    assert (got.status, got.err) == (0, "")
    assert got.out == "report.html: 6 clusters, 7 workloads, 5 policies, 3 objectives, 4 dashboards\n"
    assert [p.name for p in (tmp_path / "here").iterdir()] == ["report.html"]
    assert content(root) == before
    page = read((tmp_path / "here/report.html").read_text(encoding="utf-8"))
    assert page.one("h1").text() == "acme"


def test_equal_specs_are_equal_bytes(tmp_path: Path) -> None:
    """Wherever they lie, with and without memory, whatever the hash seed, and on the way to stdout."""
    first, second = acme(tmp_path / "one"), acme(tmp_path / "two/deep")
    assert inside(first, "build").status == 0
    assert inside(second, "build").status == 0
    pages = {
        inside(first, "report", "--out", "-").out,
        inside(first, "report", "--out", "-", "--cold").out,
        program("report", "--out", "-", "--root", str(second), cwd=tmp_path).out,
    }
    assert len(pages) == 1
    out = tmp_path / "page.html"
    inside(second, "report", "--out", str(out))
    assert {out.read_text(encoding="utf-8")} == pages


def test_what_stands_there(tmp_path: Path) -> None:
    root, out = acme(tmp_path / "root"), tmp_path / "out.html"
    for standing in (b"notes of mine", b"<!doctype html><title>other</title>"):
        out.write_bytes(standing)
        got = inside(root, "report", "--out", str(out))
        assert (got.status, out.read_bytes()) == (2, standing)
        assert "FLT603" in got.err
    out.write_bytes(b"")
    out.chmod(0o640)
    assert inside(root, "report", "--out", str(out)).status == 0
    assert b"Fleet report" in out.read_bytes()
    assert stat.S_IMODE(out.stat().st_mode) == 0o640
    assert inside(root, "report", "--out", str(out)).status == 0
    assert sorted(p.name for p in tmp_path.iterdir()) == ["out.html", "root"]


def test_links_lead_on_and_what_is_no_file_is_written_into(tmp_path: Path) -> None:
    root, link = acme(tmp_path / "root"), tmp_path / "link.html"
    link.symlink_to(tmp_path / "there.html")
    assert inside(root, "report", "--out", str(link)).status == 0
    assert link.is_symlink()
    assert b"Fleet report" in (tmp_path / "there.html").read_bytes()
    assert inside(root, "report", "--out", os.devnull).status == 0
    assert not stat.S_ISREG(Path(os.devnull).stat().st_mode)


@pytest.mark.parametrize("name", ["none/out.html", "root", "root/specs/fleet.yaml/out.html"])
def test_where_nothing_can_be_written(tmp_path: Path, name: str) -> None:
    root = acme(tmp_path / "root")
    got = inside(root, "report", "--out", str(tmp_path / name))
    assert (got.status, got.out) == (2, "")
    assert "FLT604" in got.err


def test_data_and_page_at_once(tmp_path: Path) -> None:
    root, out = acme(tmp_path / "root"), tmp_path / "out.html"
    got = inside(root, "report", "--output", "json", "--out", str(out))
    assert (got.status, got.data()["kind"]) == (0, "Report")
    assert b"Fleet report" in out.read_bytes()
    got = inside(root, "report", "--output", "json", "--out", "-")
    assert (got.status, [d["code"] for d in got.data()["diagnostics"]]) == (2, ["FLT903"])


def test_it_remembers_nothing_of_its_own(tmp_path: Path) -> None:
    root = acme(tmp_path)
    assert inside(root, "build").status == 0
    before = state(root), content(root)
    assert inside(root, "report", "--out", "-").status == 0
    assert (state(root), content(root)) == before


def edited(root: Path, file: str, old: str, new: str) -> Path:
    path = root / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    put(root, file, text.replace(old, new, 1).encode())
    return root


def test_specs_that_cannot_be_planned(tmp_path: Path) -> None:
    root, out = edited(acme(tmp_path / "root"), "specs/teams/risk.yaml", "quota:", "qouta:"), tmp_path / "out.html"
    got = inside(root, "report", "--out", str(out))
    assert got.status == 1
    assert "FLT121" in got.err
    assert got.out.endswith("out.html: what is wrong with the specs; without that there is no more to tell\n")
    page = read(out.read_text(encoding="utf-8"))
    assert [h.text() for h in page.all("h2")] == ["Findings"]
    assert "did you mean quota?" in page.one("main").text()
    assert page.one("p", **{"class": "state bad"}).text() == "1 error"


def test_a_promise_without_room(tmp_path: Path) -> None:
    """The plan is there, and so is the report."""
    root = edited(acme(tmp_path / "root"), "specs/models/search.yaml", "replicas: 2..6", "replicas: 90")
    got = inside(root, "report", "--output", "json")
    assert got.status == 1
    found = got.data()
    assert "FLT304" in {d["code"] for d in found["diagnostics"]}
    left = [one for one in found["placements"] if not one["placed"]]
    assert [one["id"] for one in left] == ["llama-3-3-70b"]
    assert left[0]["why"]
    assert left[0]["parts"] == []
    assert found["outputs"] is None
    assert found["summary"]["objects"] > 0
    page = read(inside(root, "report", "--out", "-").out)
    assert "no place" in page.one("main").text()


def test_what_cannot_be_measured(tmp_path: Path) -> None:
    """It is planned, and nothing is emitted of it."""
    root = edited(acme(tmp_path / "root"), "specs/objectives/search.yaml", "threshold: 1s", "threshold: 1.3s")
    found = inside(root, "report", "--output", "json").data()
    assert [d["code"] for d in found["diagnostics"]] == ["FLT430"]
    assert (found["summary"], found["dashboards"]) == (None, [])
    assert all(one["placed"] for one in found["placements"])
    page = read(inside(root, "report", "--out", "-").out)
    assert "Nothing was emitted" in page.one("main").text()


WARNS = """\
apiVersion: fleetc/v1alpha1
kind: Policy
metadata: {name: owned}
spec:
  action: warn
  rules:
    owner:
      on: object
      expression: "'owner' in object.metadata.?annotations.orValue({})"
      message: a Service has no owner
      fix: name one
      pass: {metadata: {annotations: {owner: ada}}, spec: {ports: [{port: 80}]}}
      fail: {spec: {ports: [{port: 80}]}}
  match: {kinds: Service}
"""


def test_warnings_are_told_and_are_no_failure(tmp_path: Path) -> None:
    root = acme(tmp_path)
    put(root, "specs/policies/owned.yaml", WARNS.encode())
    got = inside(root, "report", "--output", "json")
    assert (got.status, {d["code"] for d in got.data()["diagnostics"]}) == (0, {"FLT402"})
    (owned,) = [policy for policy in got.data()["policies"] if policy["name"] == "owned"]
    assert owned["rules"][0]["ends"].keys() == {"invalid"}
    page = read(inside(root, "report", "--out", "-").out)
    assert page.one("p", **{"class": "state warn"})
    assert "14 not met" in page.one("main").text()


def test_an_exception_that_has_expired(tmp_path: Path) -> None:
    root = acme(tmp_path)
    found = inside(root, "report", "--output", "json", "--date", "2029-01-01")
    assert (found.status, [d["code"] for d in found.data()["diagnostics"]]) == (1, ["FLT406"])
    assert inside(root, "report", "--output", "json", "--date", "2028-12-31").status == 0

"""The report as data: what the other commands say of the same fleet, and a golden one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.cli.report.fleets import boarded, data
from tests.driver.fleets import acme, inside, synthetic
from tests.pages import UPDATE

GOLDEN = Path(__file__).parent / "golden/acme.json"


def test_the_example_fleet() -> None:
    found = data()
    found["inputs"]["digest"] = "sha256:0"
    text = json.dumps(found, indent=1) + "\n"
    if UPDATE:
        GOLDEN.write_text(text, encoding="utf-8")
    assert GOLDEN.read_text(encoding="utf-8") == text, "run it with FLEETC_UPDATE=1, and read the difference"


def test_it_says_what_check_and_plan_say(tmp_path: Path) -> None:
    root = boarded(tmp_path)
    check, plan = (inside(root, name, "--output", "json").data() for name in ("check", "plan"))
    found = data()
    assert found["summary"] == check["summary"]
    assert found["outputs"] == {"write": len(check["written"]), "delete": len(check["deleted"])}
    assert found["summary"]["objects"] == sum(cluster["objects"] for cluster in found["clusters"])
    placed = {w["id"]: w for w in plan["workloads"]}
    assert {one["id"] for one in found["placements"]} == placed.keys()
    for one in found["placements"]:
        theirs = placed[one["id"]]
        assert one["replicas"] == theirs["replicas"]
        assert [(p["devices"], p["price"]) for p in one["parts"]] == [
            (p["devices"], p["price"]) for p in theirs["parts"]
        ]
        assert [p["fit"] and p["fit"]["margin"] for p in one["parts"]] == [
            p["fit"] and p["fit"]["margin"] for p in theirs["parts"]
        ]
    uses = {pool["id"]: pool["use"] for pool in plan["pools"]}
    for pool in found["pools"]:
        use = uses[f"{pool['cluster']}/{pool['name']}"]
        assert {name: pool[name] for name in use} == use


def test_policies_add_up(tmp_path: Path) -> None:
    """Every check of the rule `policy` is of a rule of a policy."""
    found, ends = data(), dict[str, int]()
    for policy in found["policies"]:
        objects = sum(sum(on["objects"].values()) for on in policy["clusters"])
        for rule in policy["rules"]:
            assert sum(rule["ends"].values()) == objects
            for state, number in rule["ends"].items():
                ends[state] = ends.get(state, 0) + number
    assert ends == found["summary"]["checks"]["policy"]
    assert sum(one["needed"] for policy in found["policies"] for one in policy["exceptions"]) == 1
    emitted = acme(tmp_path)
    assert inside(emitted, "build").status == 0
    for policy in found["policies"]:
        for on in policy["clusters"]:
            file = emitted / f"golden/{on['cluster']}/platform/policies/{policy['name']}.yaml"
            assert on["admitted"] == file.is_file()


RULES = """\
apiVersion: fleetc/v1alpha1
kind: Policy
metadata: {name: loose}
spec:
  enforce: ENFORCE
  rules:
    never:
      on: object
      expression: object.kind == "Service" || true
      message: never
      fix: never
      pass: {}
      fail: {}
  match: {kinds: Service}
"""


def test_rules_that_never_fire_and_rules_of_servers(tmp_path: Path) -> None:
    root = acme(tmp_path)
    idle = dict[str, Any]()
    for enforce in ("both", "build", "admission"):
        (root / "specs/policies/loose.yaml").write_text(RULES.replace("ENFORCE", enforce), encoding="utf-8")
        (loose,) = [
            policy
            for policy in inside(root, "report", "--output", "json").data()["policies"]
            if policy["name"] == "loose"
        ]
        idle[enforce] = loose["rules"][0]["idle"]
        assert {on["admitted"] for on in loose["clusters"]} == {enforce != "build"}
        assert bool(loose["rules"][0]["ends"]) is (enforce != "admission")
    assert idle == {"both": True, "build": True, "admission": None}


def test_a_fleet_with_nothing_in_it(tmp_path: Path) -> None:
    found = inside(synthetic(tmp_path, clusters=3), "report", "--output", "json").data()
    assert (found["placements"], found["pools"], found["policies"], found["dashboards"]) == ([], [], [], [])
    assert len(found["clusters"]) == 3

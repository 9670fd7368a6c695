"""The page with what real servers said is of what builds say now."""

from __future__ import annotations

import pytest
from tests.check.judged import MINORS, cases, policies, verdict, workers
from tests.check.policy_page import PAGE, Seen, refused, told_of


def test_both_sides_agree() -> None:
    page = PAGE.read_text(encoding="utf-8")
    told = told_of(page)
    assert len({minor for minor, _ in told}) == len(MINORS)
    assert [rule for rule, (build, server) in told.items() if build != server] == []


@pytest.mark.parametrize("minor", MINORS)
def test_every_rule_refuses_what_the_page_says_of_acme(minor: str) -> None:
    found = policies(workers(minor)[0])
    mine = [case for case in cases(minor, found) if case.source == "acme"]
    seen = [Seen(minor, case, verdict(minor, found, case.object), None) for case in mine]
    told = {rule: build[0] for (m, rule), (build, _) in told_of(PAGE.read_text(encoding="utf-8")).items() if m == minor}
    now = {rule: row[0] for (_, rule), row in refused(seen, by_server=False).items()}
    rules = {f"{one.policy.name}/{rule.name}" for one in found for rule in one.rules}
    # Each rule is on the page, for each refuses its failing example at least; one that no real server was asked about
    # is not. Some of the probe's are there to pass.
    assert {rule: told.get(rule, 0) for rule in rules} == {rule: now.get(rule, 0) for rule in rules}
    assert {rule for rule in rules - {*told} if not rule.startswith("probe/")} == set(), (
        "run tests/live/test_policies.py with FLEETC_UPDATE=1"
    )

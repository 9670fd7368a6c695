"""Every expression of the corpus before real API servers: their answers, which tests/cel holds the engine to.

With FLEETC_UPDATE=1 the answers are written instead of compared.
"""

from __future__ import annotations

import json

import pytest
from tests.cel.corpus import HERE, MINORS, answers
from tests.cel.servers import ask, review
from tests.cel.test_policy import POLICIES, decided
from tests.check.test_mutations import UPDATE

from fleetc_rehearsal import control_plane

pytestmark = pytest.mark.live


@pytest.mark.parametrize("minor", MINORS)
def test_the_answers_are_those_of_servers(minor: str) -> None:
    found = ask(minor)
    if UPDATE:
        text = json.dumps(found, indent=0, ensure_ascii=False)
        (HERE / "answers" / f"{minor}.json").write_text(f"{text}\n", encoding="utf-8")
    assert answers(minor) == found, "run it with FLEETC_UPDATE=1"


@pytest.mark.parametrize("minor", MINORS)
def test_whole_policies_decide_as_on_a_server(minor: str) -> None:
    with control_plane(minor) as cluster:
        said = review(cluster.client, [policy.spec for policy in POLICIES])
    assert [decided(policy, minor) for policy in POLICIES] == said

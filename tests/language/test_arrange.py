"""The canonical form of specs as written: one for all ways to write them, and it means what each of them meant."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.language.test_forms import documents, metadata_of, written
from tests.language.texts import HEAD, doc
from tests.source.concrete.messy import Messy
from tests.source.concrete.test_layout import held

from fleetc.driver.layout import lay_out
from fleetc.language.kinds import KINDS
from fleetc.source.yaml import parse


def formatted(text: str) -> str:
    return lay_out(text.encode()).decode()


def typed(value: Any) -> Any:
    """A value that tells 1 from True."""
    if isinstance(value, dict):
        return {key: typed(item) for key, item in value.items()}
    return [typed(item) for item in value] if isinstance(value, list) else (type(value), value)


@pytest.mark.parametrize("name", KINDS)
@settings(max_examples=15, deadline=None)
@given(st.data())
def test_every_way_to_write_a_spec_has_one_form(name: str, data: st.DataObject) -> None:
    tree = data.draw(documents(name))
    choices = random.Random(data.draw(st.integers(0, 2**32)))
    made = [formatted(written(name, tree, choices, how, tables=False).text) for how in (0.0, 0.5, 1.0)]
    assert len({*made}) == 1
    assert formatted(made[0]) == made[0]


@pytest.mark.parametrize("name", KINDS)
@settings(max_examples=15, deadline=None)
@given(st.data())
def test_it_means_the_same_and_keeps_comments(name: str, data: st.DataObject) -> None:
    tree = data.draw(documents(name))
    choices = random.Random(data.draw(st.integers(0, 2**32)))
    before = written(name, tree, choices, 0.5).text
    messy = Messy(choices, 0.3, anchors=False)
    messy.document(shuffled(parse(before.encode()).documents[0].value, choices), marked=False)
    text = messy.text()
    # The writer of these texts does not know every rule of YAML.
    assume([d.value for d in parse(text.encode()).documents] == [parse(before.encode()).documents[0].value])
    made = formatted(text)
    assert held(made) == Counter(messy.comments)
    assert formatted(made) == made
    assert typed(doc(made).tree) == typed(doc(text).tree) == typed(doc(before).tree)
    lists = [[*value] for value in keyed(doc(before).tree)]
    assert sorted(map(str, lists)) == sorted(str([*value]) for value in keyed(doc(made).tree))


def shuffled(value: Any, choices: random.Random) -> Any:
    """The envelope's keys in another order: fields of parts are in any order already."""
    keys = [*value]
    choices.shuffle(keys)
    return {key: value[key] for key in keys}


def keyed(tree: Any) -> list[dict[str, Any]]:
    """Mappings from names to parts, whose order is part of them."""
    if not isinstance(tree, dict):
        return []
    here = [tree] if tree and all(isinstance(v, dict) and k in v.values() for k, v in tree.items()) else []
    return [*here, *(found for value in tree.values() for found in keyed(value))]


SHORT = {
    ("Model", "engine: {name: vllm}"): "engine: vllm",
    ("Model", "engine: {name: vllm, memory: 80}"): "engine: {name: vllm, memory: 80}",
    ("Model", "resources: [H100:8]"): "resources: H100:8",
    ("Model", "resources: [H100:8, H200:4]"): "resources: [H100:8, H200:4]",
    ("Model", "resources: []"): "resources: []",
    ("Model", 'replicas: "2..8"'): "replicas: 2..8",
    ("Cluster", 'kubernetes: "1.36"'): 'kubernetes: "1.36"',
    ("Team", 'quota: {cpu: "4"}'): 'quota: {cpu: "4"}',
    ("Team", "namespaces: [{name: a}, {name: b}]"): "namespaces: [a, b]",
    ("Team", "namespaces: {a: {}, b: {}}"): "namespaces: [a, b]",
    ("Team", "namespaces: [{share: 2, name: a}]"): "namespaces: {a: {share: 2}}",
    ("Team", "namespaces: [b, {share: 2, name: a}]"): "namespaces: {b: {}, a: {share: 2}}",
    ("Team", "namespaces: {a: {name: a, share: 2}}"): "namespaces: {a: {share: 2}}",
    ("Team", "namespaces: {a: {name: a}}"): "namespaces: [a]",
    ("Team", 'network: {egress: [{ports: ["8080"], to: team/risk}]}'): "network: {egress: [team/risk:8080]}",
    ("Team", "network: {egress: [{ports: 8080, to: team/risk}]}"): "network: {egress: [team/risk:8080]}",
    ("Team", "network: {egress: {team/risk: {ports: [8080]}}}"): "network: {egress: [team/risk:8080]}",
    ("Team", 'network: {egress: [{to: "2001:db8::/32"}]}'): 'network: {egress: ["2001:db8::/32"]}',
    ("Team", 'network: {egress: [{to: "a.b:8080"}]}'): "network:\n    egress: [{to: a.b:8080}]",
    ("Team", "members: {admins: [a], viewers: [b, c]}"): "members: {admins: a, viewers: [b, c]}",
    ("Team", "serviceAccounts: [{name: a, annotations: {k: v}}]"): "serviceAccounts:\n    a: {annotations: {k: v}}",
    ("Team", "namespaces: [{name: a}, {name: a}]"): "namespaces: [{name: a}, {name: a}]",
}
"""A field of a kind, and how it is written. With something wrong it is written as it was."""


@pytest.mark.parametrize(("kind", "before"), SHORT)
def test_short_forms(kind: str, before: str) -> None:
    head = f"{HEAD}kind: {kind}\nmetadata: {metadata_of(kind)}\nspec:\n"
    assert formatted(f"{head}  {before}\n") == f"{head}  {SHORT[kind, before]}\n"


def test_what_comments_stand_in_stays() -> None:
    text = f"""{HEAD}kind: Team
metadata:
  name: x
spec:
  namespaces:
  # The first one.
  - name: a  # short
  members:
    admins:
    - leads  # all of them
"""
    assert formatted(text) == text


def test_anchors_tie_what_they_stand_in() -> None:
    text = f"""{HEAD}kind: Team
metadata:
  name: x
spec:
  namespaces:
    b: {{labels: &own {{k: v}}}}
    a: {{labels: *own}}
  contact: &who a@b.c
  costCenter: cc
"""
    made = formatted(text)
    assert made.index("namespaces") < made.index("contact") < made.index("costCenter")
    moved = formatted(text.replace("contact: &who a@b.c", "podSecurity: baseline"))
    assert moved.index("costCenter") < moved.index("namespaces") < moved.index("podSecurity")


def test_a_comment_in_what_becomes_empty_stays() -> None:
    head = f"{HEAD}kind: Team\nmetadata: {{name: x}}\nspec:\n  namespaces:\n"
    text = f"{head}    a: {{name: a\n      # why\n      }}\n    b: {{share: 2}}\n"
    assert formatted(text) == f"{head}    # why\n    a: {{}}\n    b: {{share: 2}}\n"


def test_a_peer_that_says_its_name_twice_with_a_comment() -> None:
    head = f"{HEAD}kind: Team\nmetadata: {{name: x}}\nspec:\n  network:\n    egress:\n"
    text = f"{head}      10.0.0.0/8:\n        # why\n        to: 10.0.0.0/8\n"
    assert formatted(text) == f"{head}    # why\n    - 10.0.0.0/8\n"

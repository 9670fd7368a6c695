"""The published schemas take all that the compiler takes, and what they refuse, the compiler refuses too."""

from __future__ import annotations

import copy
import random
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml as other_yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from referencing import Registry, Resource
from tests.driver.edits import mutated, places
from tests.language.test_forms import documents, written
from tests.language.texts import read
from tests.pages import blocks_of

from fleetc.driver import editor_schemas
from fleetc.language import types
from fleetc.language.json_schema import DIALECT, SPEC, bundled
from fleetc.language.kinds import API_VERSION, KINDS
from fleetc.source import yaml

ROOT = Path(__file__).parents[2]
STRUCTURE = {"FLT120", "FLT121", "FLT122", "FLT123", "FLT124", "FLT125", "FLT126", "FLT129"}
"""Codes of errors in one document by itself."""
BEYOND = {
    "FLT126": "what is listed twice under two spellings, and keys that are equal, no schema tells",
    "FLT123": "what only code can say of a text (`Text.check`), such as that a range of addresses has host bits",
    "FLT122": "JSON Schema takes 1.0 for a whole number",
}


@lru_cache(maxsize=1)
def made() -> dict[str, dict[str, Any]]:
    return editor_schemas.made()


@lru_cache(maxsize=1)
def validators() -> dict[str, jsonschema.Draft202012Validator]:
    registry: Any = Registry().with_resources([(f"{n}.json", Resource.from_contents(s)) for n, s in made().items()])
    return {n: jsonschema.Draft202012Validator(s, registry=registry) for n, s in made().items()}


def refused(value: Any) -> list[str]:
    """What the schemas say against a document; its kind's and that of all kinds agree."""
    kind = str(value.get("kind")).lower() if isinstance(value, dict) else ""
    found = [f"{error.json_path}: {error.message}" for error in validators()[SPEC].iter_errors(value)]
    if kind in validators():
        assert bool(found) != validators()[kind].is_valid(value)
    return found


def against(text: str) -> set[str]:
    """The codes of what the compiler says against the documents of a text."""
    return {problem.code.code for one in read(text) for problem in one.problems}


@pytest.mark.parametrize("name", KINDS)
@settings(max_examples=25, deadline=None)
@given(st.data())
def test_what_the_compiler_takes_is_valid(name: str, data: st.DataObject) -> None:
    tree = data.draw(documents(name))
    choices = data.draw(st.randoms(use_true_random=False))
    for how in (0.0, 0.7):
        text = written(name, tree, choices, how).text
        assert against(text) == set()
        for document in yaml.parse(text.encode()).documents:
            assert refused(document.value) == [], text


@pytest.mark.parametrize("name", KINDS)
@settings(max_examples=25, deadline=None)
@given(st.data())
def test_what_is_refused_the_compiler_refuses(name: str, data: st.DataObject) -> None:
    tree = data.draw(documents(name))
    choices = data.draw(st.randoms(use_true_random=False))
    value = other_yaml.safe_load(written(name, tree, choices, 0.5).text)
    damage(choices, value)
    text = other_yaml.safe_dump(value, sort_keys=False)
    (document,) = yaml.parse(text.encode()).documents
    if document.value is not None and refused(document.value):
        assert against(text) or yaml.parse(text.encode()).problems, text


def damage(chance: random.Random, value: Any) -> None:
    """One place of a document gets another value, another name, or goes."""
    container, key = chance.choice(list(places(value)))
    match chance.choice(["other", "gone", "renamed", "list", "mapping", "null"]):
        case "other":
            old = container[key]
            container[key] = mutated(chance, old) if not isinstance(old, dict | list) else "text"
        case "gone":
            del container[key]
        case "renamed" if isinstance(container, dict):
            container[f"{key}x"] = container.pop(key)
        case "list":
            container[key] = [container[key]]
        case "mapping":
            container[key] = {"name": container[key]}
        case _:
            container[key] = None


def specs() -> Iterator[tuple[str, Any]]:
    for path in sorted((ROOT / "specs").rglob("*.yaml")):
        for document in yaml.parse(path.read_bytes()).documents:
            yield str(path.relative_to(ROOT)), document.value


def test_the_example_fleet_is_valid() -> None:
    found = {name: refused(value) for name, value in specs() if isinstance(value, dict) and is_spec(value)}
    assert len(found) > 10
    assert {name: why for name, why in found.items() if why} == {}


def is_spec(value: dict[str, Any]) -> bool:
    return value.get("apiVersion") == API_VERSION


def corpus() -> Iterator[tuple[str, str]]:
    """The specs of the pages of errors and kinds."""
    for page in [*sorted((ROOT / "tests/cases").glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]:
        for n, block in enumerate(blocks_of(page.read_text(encoding="utf-8"))):
            if block.words[:1] == ("yaml",) and API_VERSION in block.text:
                yield f"{page.stem}-{n}", block.text


@pytest.mark.parametrize(("name", "text"), list(corpus()), ids=lambda value: value if "\n" not in value else "")
def test_the_corpus_gets_one_verdict_of_both(name: str, text: str) -> None:
    """Valid for both or refused by both, but for what BEYOND lists: there only the compiler refuses."""
    parsed = yaml.parse(text.encode())
    if parsed.problems:
        return  # An editor tells of the YAML first.
    for document, normalised in zip(parsed.documents, read(text), strict=True):
        codes = {problem.code.code for problem in normalised.problems}
        if refused(document.value):
            assert codes, name
        else:
            assert codes & STRUCTURE <= set(BEYOND), (name, normalised.problems)


def test_each_exception_is_needed() -> None:
    only: set[str] = set()
    for _, text in corpus():
        parsed = yaml.parse(text.encode())
        for document, normalised in zip(parsed.documents, read(text), strict=True):
            if not parsed.problems and not refused(document.value):
                only |= {problem.code.code for problem in normalised.problems} & STRUCTURE
    assert only == {"FLT126"}
    assert set(BEYOND) - only == {"FLT122", "FLT123"}  # which the next test shows


@pytest.mark.parametrize(
    ("kind", "spec", "code"),
    [
        ("Team", "{quota: {pods: 1.0}}", "FLT122"),
        ("Team", "{network: {egress: [10.0.0.1/8]}}", "FLT123"),
        ("Team", "{namespaces: [a, {name: a}]}", "FLT126"),
    ],
)
def test_what_only_the_compiler_refuses(kind: str, spec: str, code: str) -> None:
    text = f"apiVersion: {API_VERSION}\nkind: {kind}\nmetadata: {{name: x}}\nspec: {spec}\n"
    assert code in against(text)
    assert refused(yaml.parse(text.encode()).documents[0].value) == []


def nodes(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        yield schema
        for child in schema.values():
            yield from nodes(child)
    elif isinstance(schema, list):
        for child in schema:
            yield from nodes(child)


@pytest.mark.parametrize("name", [*[name.lower() for name in KINDS], SPEC])
def test_each_schema_is_one_and_its_examples_and_defaults_meet_it(name: str) -> None:
    schema = made()[name]
    assert schema["$schema"] == DIALECT
    jsonschema.Draft202012Validator.check_schema(schema)
    for node in nodes(schema):
        pattern = node.get("pattern")
        # What Python's expressions have beside those of ECMA 262.
        assert not isinstance(pattern, str) or not re.search(r"\\[ZA]|\(\?[sim:]*[sim]|\(\?P", pattern)
        for value in [*node.get("examples", ()), *([node["default"]] if "default" in node else [])]:
            if isinstance(node.get("properties"), dict) and "default" in node["properties"]:
                continue  # a field of that name
            whole = {**node, "$defs": schema.get("$defs", {})}
            assert jsonschema.Draft202012Validator(whole).is_valid(value), (node, value)


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_of_a_kind_is_described(kind: str) -> None:
    spec = made()[kind.lower()]["properties"]["spec"]["properties"]
    bare = [name for name, schema in spec.items() if "description" not in schema and "$ref" not in schema]
    nested = {"network", "monitoring", "storage", "credentials", "costs", "outputs", "existing"}
    assert set(bare) <= nested, bare


def test_one_piece_says_the_same() -> None:
    whole = jsonschema.Draft202012Validator(bundled(made()))
    for _, value in specs():
        assert whole.is_valid(value) == (refused(value) == [])
        broken = copy.deepcopy(value)
        broken["spec"]["surprise"] = 1
        assert not whole.is_valid(broken)


def test_examples_of_texts() -> None:
    team = made()["team"]["$defs"]["Quota"]["properties"]["cpu"]
    assert team["examples"] == ["500m", "4", "80Gi"]
    assert team["description"] == types.QUANTITY.what

"""The CUE definitions of the kinds take and refuse what the JSON Schemas do: told by a real cue."""

from __future__ import annotations

import json
import random
import re
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml as other_yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.language.test_forms import documents, written
from tests.language.test_json_schema import corpus, damage, made, specs

from fleetc.driver import editor_schemas
from fleetc.language.cue_schema import PACKAGE, Untranslated, definitions, patterns
from fleetc.language.kinds import KINDS
from fleetc.source import yaml
from fleetc_rehearsal.finder import binary

SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture)
_DOCUMENT = re.compile(r'docs\."?(\d+)')
TEXTS = sorted(
    {
        pattern
        for schema in made().values()
        for pattern in re.findall(r'"pattern": ("(?:[^"\\]|\\.)*")', json.dumps(schema))
    }
)


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The definitions as they are printed."""
    folder = tmp_path_factory.mktemp("definitions")
    for name, data in editor_schemas.files().items():
        if name.startswith("cue/"):
            (folder / Path(name).name).write_bytes(data)
    return folder


def vet(folder: Path, files: Sequence[str]) -> str:
    """What cue says."""
    words = [str(binary("cue")), "vet", "--all-errors", "--concrete", *files]
    env = {"HOME": str(folder), "CUE_REGISTRY": "none"}
    return subprocess.run(words, cwd=folder, env=env, capture_output=True, text=True, timeout=600, check=False).stderr


def refused_by_cue(package: Path, values: Sequence[Any]) -> set[int]:
    """Which of the documents the definitions refuse. What is missing cue tells only once nothing else is wrong."""
    out: set[int] = set()
    while True:
        left = {str(n): value for n, value in enumerate(values) if n not in out}
        (package / "data.json").write_text(json.dumps({"docs": left}), encoding="utf-8")
        lines = [f'docs: "{n}": #{_definition(value.get("kind"))}' for n, value in left.items()]
        (package / "checked.cue").write_text("\n".join([f"package {PACKAGE}", *lines]), encoding="utf-8")
        definitions = sorted(path.name for path in package.glob("*.cue"))
        said = vet(package, [*definitions, "data.json"])
        found = {int(n) for n in _DOCUMENT.findall(said)} - out
        if not found:
            assert not said, said
            return out
        out |= found


def _definition(kind: Any) -> str:
    """Of a document of what says to be this kind."""
    return kind if isinstance(kind, str) and kind in KINDS else "Spec"


def _number(text: str) -> float | int:
    found = float(text)
    return int(found) if found.is_integer() else found


@cache
def _schema(kind: str) -> Any:
    return jsonschema_rs.validator_for(made()[kind.lower()])


def refused_by_json(value: Any) -> list[str]:
    """What the schema says against a document, with a validator to which the end of a text is its end: to Python's, `$`
    is before a last line break, too."""
    kind = _definition(value.get("kind"))
    return [error.message for error in _schema(kind).iter_errors(value)] if kind in KINDS else ["no kind"]


def agree(package: Path, values: Sequence[Any]) -> tuple[int, int]:
    """Both give each document one verdict; how many were taken, and how many refused."""
    by_json = {n: refused_by_json(value) for n, value in enumerate(values)}
    by_cue = refused_by_cue(package, values)
    differing = {n: (why, values[n]) for n, why in by_json.items() if bool(why) != (n in by_cue)}
    assert not differing, json.dumps(differing)
    return len(values) - len(by_cue), len(by_cue)


@pytest.mark.live
def test_the_example_fleet_and_the_corpus(package: Path) -> None:
    values = [value for _, value in specs() if isinstance(value, dict)]
    for _, text in corpus():
        parsed = yaml.parse(text.encode())
        values += [one.value for one in parsed.documents if not parsed.problems and isinstance(one.value, dict)]
    taken, against = agree(package, values)
    assert taken > 300
    assert against > 50


@pytest.mark.live
@pytest.mark.parametrize("name", KINDS)
@settings(
    max_examples=2,
    deadline=None,
    suppress_health_check=SLOW,
)
@given(st.data())
def test_made_documents_whole_and_damaged(package: Path, name: str, data: st.DataObject) -> None:
    values: list[Any] = []
    for _ in range(6):
        tree = data.draw(documents(name))
        choices: random.Random = data.draw(st.randoms(use_true_random=False))
        for how in (0.0, 0.7):
            value = other_yaml.safe_load(written(name, tree, choices, how).text)
            values.append(json.loads(json.dumps(value)))
            damage(choices, value)
            if isinstance(value, dict):
                # CUE refuses 1.0 for a whole number, as the page says.
                values.append(json.loads(json.dumps(value, default=str), parse_float=_number))
    agree(package, values)


@pytest.mark.live
@settings(
    max_examples=5,
    deadline=None,
    suppress_health_check=SLOW,
)
@given(st.data())
def test_each_pattern_means_the_same_to_both(tmp_path: Path, data: st.DataObject) -> None:
    """Texts that a pattern takes, and texts near them."""
    rows: list[tuple[str, str]] = []
    for pattern in map(json.loads, TEXTS):
        drawn: str = data.draw(st.from_regex(pattern.replace("$)", r"\Z)")))
        before: str = data.draw(st.text(max_size=6))
        near = (drawn[:200], drawn[1:200], f"{before}{drawn[:200]}", f"{drawn[:200]}/..")
        rows += [(pattern, text) for text in near if text.isprintable()]
    lines = [f'docs: "{n}": {" & ".join(patterns(pattern))}' for n, (pattern, _) in enumerate(rows)]
    (tmp_path / "checked.cue").write_text("\n".join(lines), encoding="utf-8")
    (tmp_path / "data.json").write_text(json.dumps({"docs": {str(n): text for n, (_, text) in enumerate(rows)}}))
    by_cue = {int(n) for n in _DOCUMENT.findall(vet(tmp_path, ["checked.cue", "data.json"]))}
    by_json = {n for n, (p, text) in enumerate(rows) if not jsonschema_rs.is_valid({"pattern": p}, text)}
    assert by_cue == by_json, [rows[n] for n in by_cue ^ by_json]


def test_the_definitions_are_of_the_same_parts_as_the_schemas() -> None:
    for stem, text in definitions(made()).items():
        schema = made()[stem]
        assert f"package {PACKAGE}\n" in text
        for name in [schema["title"]] if stem in [kind.lower() for kind in KINDS] else ["Spec", *KINDS]:
            assert f"#{name}" in text
        for part in schema.get("$defs", {}):
            assert re.search(rf"^#\w*{part}: ", text, re.MULTILINE), part


def test_a_pattern_that_looks_around_in_an_unknown_way_is_told() -> None:
    assert list(patterns("^(?:a|b)$")) == ['=~#"^(?:a|b)$"#']
    assert list(patterns(r"^(?:(?!\.\.?(?:/|$))[^/]+)$")) == ['=~#"^(?:[^/]+)$"#', r'!~#"(^|/)\.\.?(/|$)"#']
    with pytest.raises(Untranslated):
        list(patterns("^(?!x)y$"))

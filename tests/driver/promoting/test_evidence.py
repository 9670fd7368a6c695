"""Evidence is what docs/schemas/evidence.json says, and nothing else."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from tests.driver.fleets import CHECKOUT

from fleetc.diagnostics import Failure
from fleetc.driver.promoting.evidence import judged, read_evidence
from fleetc.language.rollout import Gate

SCHEMA: Final[dict[str, Any]] = json.loads((CHECKOUT / "docs/schemas/evidence.json").read_text(encoding="utf-8"))
COMMIT: Final = "0123456789abcdef0123456789abcdef01234567"

# Python takes a line feed before the end for `$`, and ECMA 262 does not.
NAMES = st.one_of(st.sampled_from(["a", "error-rate", "A", "", "a" * 64, "-a"]), st.text(max_size=3)).filter(
    lambda text: not text.endswith("\n")
)
LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 5), st.floats(allow_nan=False, allow_infinity=False), NAMES,
    st.sampled_from([1e301, 10**301, [], {}, COMMIT, COMMIT[:12], COMMIT + "0" * 24]),
)  # fmt: skip
FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "revision": st.one_of(st.just(COMMIT), LEAVES),
        "wave": st.one_of(st.sampled_from(["canary", None]), LEAVES),
        "values": st.one_of(st.dictionaries(NAMES, LEAVES, max_size=2), LEAVES),
        "$schema": LEAVES,
        "more": LEAVES,
    },
)


def reads(data: bytes, tmp: Any) -> bool:
    (tmp / "e.json").write_bytes(data)
    try:
        read_evidence(str(tmp / "e.json"))
    except Failure as failure:
        return [d.code.code for d in failure.diagnostics] != ["FLT632"]
    return True


@given(st.one_of(FIELDS, LEAVES))
def test_it_is_of_the_schema(tmp_path_factory: pytest.TempPathFactory, value: Any) -> None:
    valid = Draft202012Validator(SCHEMA).is_valid(value)
    assert reads(json.dumps(value).encode(), tmp_path_factory.getbasetemp()) == valid


def test_the_example_is_evidence(tmp_path_factory: pytest.TempPathFactory) -> None:
    Draft202012Validator.check_schema(SCHEMA)
    (example,) = SCHEMA["examples"]
    assert reads(json.dumps(example).encode(), tmp_path_factory.getbasetemp())


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "\x00", "[" * 100_000, '{"revision": 1, "revision": 2}', '{"values": {"a": NaN}}',
        '{"values": {"a": Infinity}}', '{"values": {"a": 1e99999999999999999999}}', f'{{"values": {"9" * 5000}}}',
        " " * (2**20 + 1),
    ],
)  # fmt: skip
def test_what_is_none(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    assert not reads(text.encode(), tmp_path_factory.getbasetemp())
    assert not reads(b"\xff\xfe", tmp_path_factory.getbasetemp())


NUMBERS = st.decimals(-100, 100, places=3)


@given(NUMBERS, st.one_of(st.none(), NUMBERS), st.one_of(st.none(), NUMBERS))
def test_bounds(tmp_path_factory: pytest.TempPathFactory, found: Any, low: Any, high: Any) -> None:
    file = tmp_path_factory.getbasetemp() / "e.json"
    file.write_text(f'{{"revision": "{COMMIT}", "values": {{"a": {found}}}}}')
    bounds = {"min": None if low is None else str(low), "max": None if high is None else str(high)}
    verdict = judged(Gate(name="a", equals=None, **bounds), read_evidence(str(file)))
    assert verdict.met == ((low is None or low <= found) and (high is None or found <= high))
    assert not judged(Gate(name="b", equals=None, **bounds), read_evidence(str(file))).met
    assert not judged(Gate(name="a", equals=True, min=None, max=None), read_evidence(str(file))).met

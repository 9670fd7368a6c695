"""Evidence for a wave's gates: what was measured of the wave before, at the revision that is to be promoted.

The file is JSON, as docs/schemas/evidence.json says; a test holds the two together.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from fleetc.diagnostics import Diagnostic, Failure, codes
from fleetc.language.rollout import Gate
from fleetc.language.types import COMMIT, NAME
from fleetc.language.wording import did_you_mean
from fleetc.tuples import NamedTuple

_MAX_BYTES: Final = 2**20
_MOST: Final = Decimal("1e300")
_FIELDS: Final = ("$schema", "revision", "wave", "values")
_HINT: Final = "docs/commands/promote.md shows one, and docs/schemas/evidence.json describes it"

Found = Decimal | bool


class Evidence(NamedTuple):
    """What was found: at which revision, in which wave (None: in none), by the names of gates."""

    file: str
    revision: str
    wave: str | None
    values: Mapping[str, Found]


class Verdict(NamedTuple):
    """How a gate stands: what it asks for, in words; what was found; and whether that meets it."""

    gate: Gate
    wanted: str
    found: Found | None
    met: bool


class _Bad(Exception):  # noqa: N818 - caught here, never seen
    """Why a text is no evidence."""


def read_evidence(file: str) -> Evidence:
    """The evidence in a file. Raises Failure (FLT632, FLT902)."""
    try:
        with open(file, "rb") as stream:
            data = stream.read(_MAX_BYTES + 1)
    except OSError as error:
        message = f"cannot read {file}: {error.strerror or error}"
        raise Failure(Diagnostic(codes.CANNOT_READ, message, hint="correct the name, or the permissions")) from None
    try:
        return parsed(file, data)
    except _Bad as error:
        raise Failure(Diagnostic(codes.BROKEN_EVIDENCE, f"{file} is no evidence: {error}", hint=_HINT)) from None


def parsed(file: str, data: bytes) -> Evidence:
    """The evidence in a file's bytes; `_Bad` says why there is none."""
    if len(data) > _MAX_BYTES:
        raise _Bad("it is larger than 1 MiB")
    try:
        value = json.loads(data.decode(), parse_float=Decimal, parse_constant=_refused, object_pairs_hook=_once)
    except (ValueError, ArithmeticError, RecursionError) as error:
        raise _Bad(f"it is not JSON ({error})") from None
    if not isinstance(value, dict):
        raise _Bad("it is not an object")
    unknown = [name for name in value if name not in _FIELDS]
    if unknown:
        raise _Bad(f"it has an unknown field `{unknown[0]}`")
    revision, wave = value.get("revision"), value.get("wave")
    if not isinstance(revision, str) or not COMMIT.accepts(revision):
        raise _Bad(f"its `revision` is not {COMMIT.what}")
    if wave is not None and not (isinstance(wave, str) and NAME.accepts(wave)):
        raise _Bad("its `wave` is not the name of a wave")
    if not isinstance(value.get("$schema", ""), str):
        raise _Bad("its `$schema` is not a text")
    return Evidence(file, revision, wave, dict(_values(value.get("values"))))


def _values(values: Any) -> Iterator[tuple[str, Found]]:
    if not isinstance(values, dict):
        raise _Bad("it has no `values` by the names of gates")
    for name, found in values.items():
        if not NAME.accepts(name):
            raise _Bad(f"`{name}` in its `values` is not the name of a gate")
        if not isinstance(found, bool | int | Decimal):
            raise _Bad(f"the value of `{name}` is neither a number nor true or false")
        if not isinstance(found, bool) and not -_MOST <= Decimal(found) <= _MOST:
            raise _Bad(f"the value of `{name}` is out of all proportion")
        yield name, found if isinstance(found, bool) else Decimal(found)


def _refused(name: str) -> Any:
    raise ValueError(f"{name} is no number")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    out = dict(pairs)
    if len(out) != len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"`{next(name for name in names if names.count(name) > 1)}` stands in it twice")
    return out


def wrong_subject(evidence: Evidence, revision: str, wave: str | None) -> Diagnostic | None:
    """That evidence is of another revision or wave than the one that gates are asked about."""
    if evidence.revision != revision:
        message = f"{evidence.file} is of revision {evidence.revision[:12]}, and {revision[:12]} is to be promoted"
    elif evidence.wave != wave:
        said, meant = (f"wave {name}" if name else "no wave" for name in (evidence.wave, wave))
        message = f"{evidence.file} is of {said}, and what counts is what was seen in {meant}"
    else:
        return None
    return Diagnostic(codes.BROKEN_EVIDENCE, message, hint="collect it again for what is to be promoted")


def unknown_gates(evidence: Evidence, gates: Sequence[Gate]) -> Iterator[Diagnostic]:
    """Values that no gate asks for: a name may be misspelt."""
    known = [gate.name for gate in gates]
    for name in evidence.values:
        if name not in known:
            message = f"{evidence.file} has a value for `{name}`, and the wave has no such gate"
            hint = did_you_mean(name, known, "its gates are") if known else "the wave has no gates"
            yield Diagnostic(codes.UNKNOWN_GATE, message, hint=hint)


def judged(gate: Gate, evidence: Evidence | None) -> Verdict:
    """Whether evidence meets a gate."""
    found = evidence.values.get(gate.name) if evidence is not None else None
    if gate.equals is not None:
        return Verdict(gate, spoken(gate.equals), found, found is gate.equals)
    bounds = [f"at least {gate.min}"] * (gate.min is not None) + [f"at most {gate.max}"] * (gate.max is not None)
    number = found if isinstance(found, Decimal) else None
    low = number is not None and (gate.min is None or number >= Decimal(gate.min))
    high = number is not None and (gate.max is None or number <= Decimal(gate.max))
    return Verdict(gate, " and ".join(bounds), found, low and high)


def spoken(found: Found | None) -> str:
    """A value of evidence in words, as JSON writes it."""
    if found is None:
        return "nothing"
    return str(found).lower() if isinstance(found, bool) else str(found)

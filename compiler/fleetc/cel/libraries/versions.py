"""Semantic versions (github.com/blang/semver), there since 1.33."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Final

from fleetc.cel.functions import Library
from fleetc.cel.types import SEMVER
from fleetc.cel.values import EvaluationError, Opaque

VERSIONS: Final = Library(since=33, types=(SEMVER,))
_NUMBER: Final = re.compile(r"0|[1-9][0-9]*")
_DIGITS: Final = 20
_WORD: Final = re.compile(r"[0-9A-Za-z-]+")


@dataclass(frozen=True)
class Version:
    """A version; equal where it has the same precedence, whatever was built."""

    numbers: tuple[int, int, int]
    before: tuple[int | str, ...]
    build: tuple[str, ...] = field(compare=False)

    def rank(self) -> tuple[tuple[int, int, int], bool, list[tuple[bool, int, str]]]:
        """What versions are compared by: one with a pre-release comes before that without."""
        parts = [(isinstance(p, str), 0 if isinstance(p, str) else p, str(p)) for p in self.before]
        return self.numbers, not self.before, parts


def parse(text: str) -> Version:
    """A version. Raises EvaluationError."""
    parts = text.split(".", 2)
    if len(parts) != 3:
        raise EvaluationError("No Major.Minor.Patch elements found" if text else "Version string empty")
    rest, plus, build = parts[2].partition("+")
    patch, dash, before = rest.partition("-")
    for name, part in (("major", parts[0]), ("minor", parts[1]), ("patch", patch)):
        if not _NUMBER.fullmatch(part) or len(part) > _DIGITS or int(part) >= 2**64:
            raise EvaluationError(f'Invalid character(s) found in {name} number "{part}"')
    words = before.split(".") if dash else []
    builds = build.split(".") if plus else []
    for word in [*words, *builds]:
        if not _WORD.fullmatch(word):
            raise EvaluationError(f'Invalid character(s) found in "{word}"')
    if any(word.isdigit() and (not _NUMBER.fullmatch(word) or len(word) > _DIGITS) for word in words):
        raise EvaluationError("Numeric PreRelease version must not contain leading zeroes")
    told = tuple(int(word) if word.isdigit() else word for word in words)
    return Version((int(parts[0]), int(parts[1]), int(patch)), told, tuple(builds))


def _normalized(text: str) -> str:
    """Without a `v`, with all three numbers, and none with zeros in front. Raises EvaluationError."""
    parts = text.removeprefix("v").split(".", 2)
    for n, part in enumerate(parts):
        if len(part) > 1:
            short = part.lstrip("0")
            parts[n] = short if short[:1].isdigit() and short[:1].isascii() else f"0{short}"
    if len(parts) < 3 and any(c in parts[-1] for c in "+-"):
        raise EvaluationError("short version cannot contain PreRelease/Build meta data")
    return ".".join([*parts, "0", "0"][: max(3, len(parts))])


@VERSIONS("semver", "(string) -> semver", "(string, bool) -> semver")
def _semver(text: str, normalize: bool = False) -> Opaque:
    return Opaque(SEMVER, parse(_normalized(text) if normalize else text))


@VERSIONS("isSemver", "(string) -> bool", "(string, bool) -> bool")
def _is_semver(text: str, normalize: bool = False) -> bool:
    try:
        _semver(text, normalize)
    except EvaluationError:
        return False
    return True


def _rank(of: Opaque) -> Any:
    assert isinstance(of.value, Version)
    return of.value.rank()


@VERSIONS("isGreaterThan", "semver.(semver) -> bool")
def _is_greater(a: Opaque, b: Opaque) -> bool:
    return bool(_rank(a) > _rank(b))


@VERSIONS("isLessThan", "semver.(semver) -> bool")
def _is_less(a: Opaque, b: Opaque) -> bool:
    return bool(_rank(a) < _rank(b))


@VERSIONS("compareTo", "semver.(semver) -> int")
def _compare(a: Opaque, b: Opaque) -> int:
    return int(_is_greater(a, b)) - int(_is_less(a, b))


@VERSIONS("major", "semver.() -> int")
def _major(of: Opaque) -> int:
    return int(of.value.numbers[0])


@VERSIONS("minor", "semver.() -> int")
def _minor(of: Opaque) -> int:
    return int(of.value.numbers[1])


@VERSIONS("patch", "semver.() -> int")
def _patch(of: Opaque) -> int:
    return int(of.value.numbers[2])

"""What the short texts of specs say. Each takes a text that its type in `types` accepts."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Final

from fleetc.tuples import NamedTuple

_MILLIS: Final[Mapping[str, int]] = {
    "m": 1,
    "": 1000,
    **{letter: 1000 ** (n + 2) for n, letter in enumerate("kMGTPE")},
    **{f"{letter}i": 1000 * 1024 ** (n + 1) for n, letter in enumerate("KMGTPE")},
}
_TOKENS: Final = {"k": 1000, "Ki": 1024, "M": 1000**2, "Mi": 1024**2}

_TIMES: Final = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}


class Span(NamedTuple):
    """The least and the most of something, both included."""

    least: int
    most: int


class Devices(NamedTuple):
    """Some of an accelerator, by the name that was written; of a `profile` where devices are shared."""

    accelerator: str
    profile: str
    number: int


class Source(NamedTuple):
    """Where a model comes from: `revision` is a commit or a digest, "" when none is given."""

    scheme: str
    name: str
    revision: str


def count_range(text: str) -> Span:
    """`2..8`, or `4` for exactly four."""
    least, _, most = text.partition("..")
    return Span(int(least), int(most or least))


def devices(text: str) -> Devices | None:
    """`H100:8` or `A100-80/3g.40gb:1`; None for `cpu` and `auto`."""
    if ":" not in text:
        return None
    name, _, count = text.rpartition(":")
    accelerator, _, profile = name.partition("/")
    return Devices(accelerator, profile, int(count))


def millis(text: str) -> int:
    """A Kubernetes quantity in thousandths: `500m` is 500, `2` is 2000. None has more than three decimals."""
    number = text.rstrip("mkKMGTPEi")
    whole, _, part = number.partition(".")
    return int(f"{whole}{part:0<3}") * _MILLIS[text[len(number) :]] // 1000


def tokens(text: str) -> int:
    """`32Ki` is 32,768."""
    number = text.rstrip("kKMi")
    return int(number) * _TOKENS.get(text[len(number) :], 1)


def source(text: str) -> Source:
    """`hf://OWNER/NAME@REVISION`."""
    scheme, _, rest = text.partition("://")
    name, _, revision = rest.partition("@")
    return Source(scheme, name, revision)


def money(text: str) -> int:
    """Millionths of the currency."""
    whole, _, part = text.partition(".")
    return int(f"{whole}{part:0<6}")


def time(text: str) -> Fraction:
    """A length of time in seconds: `500ms` is a half, `2.5h` is 9,000."""
    number = text.rstrip("mshdw")
    return Fraction(number) * _TIMES[text[len(number) :]] / 1000


def share(text: str) -> Fraction:
    """A share, of one: `99.5%` is 995 thousandths."""
    return Fraction(text.removesuffix("%")) / 100

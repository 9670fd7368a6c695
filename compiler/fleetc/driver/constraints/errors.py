"""What cue says, read back: each error's path, reason and places."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from typing import Final

from fleetc.tuples import NamedTuple

_LABEL: Final = r'(?:"(?:[^"\\]|\\.)*"|[#_$\w][\w#$-]*)'
_HEADER: Final = re.compile(rf"({_LABEL}(?:\.{_LABEL})*): (.*)", re.DOTALL)
_STEP: Final = re.compile(_LABEL)
_PLACE: Final = re.compile(r"    (.+):(\d+):(\d+)")
_SEVERAL: Final = re.compile(r"\d+ errors in empty disjunction:?")


class At(NamedTuple):
    """A place that cue names: an absolute path, line and column."""

    file: str
    line: int
    column: int


class Complaint(NamedTuple):
    """One error. `path`: () where it is of no value; `reasons`: in cue's own words; the places take part."""

    path: tuple[str, ...]
    reasons: tuple[str, ...]
    places: tuple[At, ...]


def complaints(text: str, folder: str) -> list[Complaint]:
    """What cue says; places are relative to the folder that it ran in. Errors of one value are one: an alternative is
    refused for several reasons."""
    out: dict[object, Complaint] = {}
    for n, (header, named) in enumerate(_blocks(text, folder)):
        found = _HEADER.fullmatch(header)
        path = tuple(_label(step) for step in _STEP.findall(found[1])) if found else ()
        reason = " ".join((found[2] if found else header).split())
        reasons = () if _SEVERAL.fullmatch(reason) else (reason,)
        key = path or n
        before, places = out.get(key), named
        if before is not None:
            reasons = tuple(dict.fromkeys([*before.reasons, *reasons]))
            places = tuple(dict.fromkeys([*before.places, *named]))
        out[key] = Complaint(path, reasons, places)
    return list(out.values())


def _blocks(text: str, folder: str) -> Iterator[tuple[str, tuple[At, ...]]]:
    """The errors: a header, which may go over lines, and the places below it."""
    header: list[str] = []
    places: list[At] = []
    for line in text.splitlines():
        place = _PLACE.fullmatch(line)
        if place is not None and header:
            places.append(At(os.path.normpath(os.path.join(folder, place[1])), int(place[2]), int(place[3])))
            continue
        if header and (places or _HEADER.fullmatch(line)):
            yield _told(header), tuple(places)
            header, places = [], []
        header.append(line)
    if header:
        yield _told(header), tuple(places)


def _told(header: list[str]) -> str:
    return "\n".join(header).removesuffix(":")


def _label(step: str) -> str:
    if not step.startswith('"'):
        return step
    try:
        told: str = json.loads(step)
    except ValueError:  # CUE knows more escapes than JSON
        return step[1:-1]
    return told

"""Whether the pods and volume claims of one namespace are within its LimitRanges.

Source: plugin/pkg/admission/limitranger/admission.go in Kubernetes, and validation of what it has filled in.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from decimal import Decimal
from typing import Final

from fleetc.check.fleet.pod_usage import Numbers, filled, numbers, pod_amounts
from fleetc.check.fleet.stakes import MAIN, Amounts, Container, Group, Range, Stake
from fleetc.check.rules.quantity import parse
from fleetc.source.span import Path
from fleetc.tuples import NamedTuple

CONTAINER: Final = "Container"
POD: Final = "Pod"
VOLUME: Final = "PersistentVolumeClaim"

_ZERO: Final = Decimal(0)


class Told(NamedTuple):
    """What a LimitRange refuses: `what` is said of the field at `path` below that which is judged; `bound` is the field
    of the LimitRange's item, and `hint` what would be right."""

    what: str
    path: Path
    bound: str
    resource: str
    hint: str


class Refusal(NamedTuple):
    """Pods of an object, or a claim, that the LimitRange of a `range_cell` refuses."""

    cell: int
    object: int
    path: Path
    range_cell: int
    range: Range
    told: Told


class Outcome(NamedTuple):
    """How many checks of a namespace ended well, and what is refused."""

    valid: int
    refusals: tuple[Refusal, ...]


class _Asked(NamedTuple):
    """Of a container, a pod or a claim: where it stands, and what it asks for in the end."""

    path: Path
    requests: Numbers
    limits: Numbers


def judged(stakes: Sequence[Stake]) -> Outcome:
    """Every pod template and claim against every item of a LimitRange, of one namespace."""
    ranges = [(cell, found, limits) for cell, stake in enumerate(stakes) for found, limits in _ranges(stake)]
    defaults = [pair for stake in stakes for pair in stake.defaults]
    valid = 0
    refusals: list[Refusal] = []
    for cell, n, kind, asked, own in _asked(stakes, defaults):
        lacking = {name for name, _ in own.limits} if own is not None else set[str]()
        for range_cell, found, limits in ranges:
            if found.type != kind:
                continue
            told = list(_bounds(found, asked))
            if own is not None:
                told += _given(asked, own, limits - lacking)
                lacking |= limits  # the first LimitRange that has a default gives it
            refusals += [Refusal(cell, n, (*asked.path, *each.path), range_cell, found, each) for each in told]
            valid += not told
    return Outcome(valid, tuple(refusals))


def _ranges(stake: Stake) -> Iterator[tuple[Range, frozenset[str]]]:
    """The items of LimitRanges, each with the resources that it has a default limit for."""
    defaults = iter(stake.defaults)
    for found in stake.ranges:
        limits = next(defaults)[1] if found.type == CONTAINER else ()
        yield found, frozenset(name for name, _ in limits)


def _asked(
    stakes: Sequence[Stake], defaults: Sequence[tuple[Amounts, Amounts]]
) -> Iterator[tuple[int, int, str, _Asked, Container | None]]:
    """Cell, object, what it is, what that asks for; and of a container what it asked for itself."""
    for cell, stake in enumerate(stakes):
        for group in stake.groups:
            for path, own in _containers(group):
                got = filled(own, defaults)
                yield cell, group.object, CONTAINER, _Asked(path, numbers(got.requests), numbers(got.limits)), own
            yield cell, group.object, POD, _Asked(group.path, *pod_amounts(group, defaults)), None
        for volume in stake.volumes:
            yield cell, volume.object, VOLUME, _Asked(volume.path, numbers(volume.requests), {}), None


def _containers(group: Group) -> Iterator[tuple[Path, Container]]:
    """The containers of a template and where they stand: those that start before the others come first."""
    starting = sum(container.role != MAIN for container in group.containers)
    for n, container in enumerate(group.containers):
        first = container.role != MAIN
        field, position = ("initContainers", n) if first else ("containers", n - starting)
        yield (*group.path, field, position), container


def _given(asked: _Asked, own: Container, names: Set[str]) -> Iterator[Told]:
    """Requests above the limits that a LimitRange gives."""
    for name, request in asked.requests.items():
        if name in names and request > asked.limits[name]:
            amount = dict(own.requests).get(name) or f"{request:f}"
            what = f"it asks for {amount} of {name} and has no limit of it, and gets one that is less"
            path: Path = ("resources", "requests", name)
            yield Told(what, path, "default", name, f"give it a limit of {name} of {amount} or more")


def _bounds(found: Range, asked: _Asked) -> Iterator[Told]:
    for name, text in found.min:
        yield from _least(found, asked, name, text)
    for name, text in found.max:
        yield from _most(found, asked, name, text)
    for name, text in found.ratio:
        yield from _ratio(asked, name, text)


def _least(found: Range, asked: _Asked, name: str, text: str) -> Iterator[Told]:
    least, request, limit = parse(text) or _ZERO, asked.requests.get(name), asked.limits.get(name)
    if request is None:
        yield Told(f"it asks for no {name}, and at least {text} has to be asked for", (), "min", name, _ASK)
    elif request < least:
        path = _path(found, "requests", name)
        yield Told(f"it asks for less than {text} of {name}", path, "min", name, _ASK_MORE)
    if limit is not None and limit < least:
        yield Told(f"its limit of {name} is below {text}", _path(found, "limits", name), "min", name, _ASK_MORE)


def _most(found: Range, asked: _Asked, name: str, text: str) -> Iterator[Told]:
    most, request, limit = parse(text) or _ZERO, asked.requests.get(name), asked.limits.get(name)
    if found.type == VOLUME:
        limit = request
    if limit is None:
        yield Told(f"it has no limit of {name}, and {text} is the most", (), "max", name, f"give it a limit of {name}")
    elif limit > most and limit != request:
        yield Told(f"its limit of {name} is above {text}", _path(found, "limits", name), "max", name, _ASK_LESS)
    if request is not None and request > most:
        path = _path(found, "requests", name)
        yield Told(f"it asks for more than {text} of {name}", path, "max", name, _ASK_LESS)


def _ratio(asked: _Asked, name: str, text: str) -> Iterator[Told]:
    most, request, limit = parse(text) or _ZERO, asked.requests.get(name), asked.limits.get(name)
    wants = f"and its limit may be {text} times its request"
    if not request:
        yield Told(f"it asks for no {name}, {wants}", (), "maxLimitRequestRatio", name, _ASK)
    elif not limit:
        yield Told(
            f"it has no limit of {name}, {wants}", (), "maxLimitRequestRatio", name, f"give it a limit of {name}"
        )
    elif limit / request > most:
        what = f"its limit of {name} is more than {text} times its request"
        yield Told(what, ("resources",), "maxLimitRequestRatio", name, "bring its request and its limit together")


def _path(found: Range, side: str, name: str) -> Path:
    """Where a container or a claim says it; a pod says it nowhere in particular."""
    if found.type == VOLUME:
        return (name,)
    return ("resources", side, name) if found.type == CONTAINER else ("containers",)


_ASK: Final = "say what it asks for"
_ASK_MORE: Final = "ask for more, or lower what is least"
_ASK_LESS: Final = "ask for less, or raise what is most"

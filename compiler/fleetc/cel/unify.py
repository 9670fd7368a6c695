"""Whether one type may stand where another is asked for, with parameters bound on the way, as cel-go's checker does."""

from __future__ import annotations

from fleetc.cel.types import DURATION, NULL, TIMESTAMP, Type, is_open

Bound = dict[Type, Type]
"""What type parameters stand for."""

_NULLABLE = (TIMESTAMP, DURATION)


def assignable(bound: Bound, given: tuple[Type, ...], asked: tuple[Type, ...]) -> Bound | None:
    """What parameters stand for where all types given are taken; None where they are not."""
    out = dict(bound)
    return out if _all(out, given, asked) else None


def _all(bound: Bound, given: tuple[Type, ...], asked: tuple[Type, ...]) -> bool:
    return len(given) == len(asked) and all(_one(bound, a, b) for a, b in zip(given, asked, strict=True))


def _one(bound: Bound, a: Type, b: Type) -> bool:
    if b.kind == "parameter":
        valid, known = _stands_for(bound, a, b)
        if valid or known:
            return valid
    if a.kind == "parameter":
        return _stands_for(bound, b, a)[0]
    if is_open(a) or is_open(b):
        return True
    if NULL in (a, b):
        other = b if a == NULL else a
        return other == NULL or other.kind in ("message", "opaque") or other in _NULLABLE
    if a.name == "type":
        return b.name == "type"
    return a.name == b.name and a.kind == b.kind and _all(bound, a.parameters, b.parameters)


def _stands_for(bound: Bound, t: Type, parameter: Type) -> tuple[bool, bool]:
    """Whether a parameter may stand for a type, and whether it stood for something before."""
    if t == parameter:
        return True, True
    known = bound.get(parameter)
    if known is not None:
        if t == known:
            return True, True
        if _one(bound, t, known):
            wider = most_general(t, known)
            if _absent(bound, parameter, wider):
                bound[parameter] = wider
            return True, True
        return False, True
    if _absent(bound, parameter, t):
        bound[parameter] = t
        return True, False
    return False, False


def _absent(bound: Bound, parameter: Type, within: Type) -> bool:
    """Whether a parameter does not occur in a type."""
    if parameter == within:
        return False
    if within.kind == "parameter":
        known = bound.get(within)
        return known is None or _absent(bound, parameter, known)
    return all(_absent(bound, parameter, part) for part in within.parameters)


def most_general(a: Type, b: Type) -> Type:
    """The wider one of two types that agree."""
    return a if _wider(a, b) else b


def _wider(a: Type, b: Type) -> bool:
    if a.name in ("dyn", "any") or a.kind == "parameter":
        return True
    if b.name in ("dyn", "any") or b.kind == "parameter" or a.name != b.name:
        return False
    if a.name == "type":
        return True
    return len(a.parameters) == len(b.parameters) and all(
        _wider(x, y) for x, y in zip(a.parameters, b.parameters, strict=True)
    )


def resolved(bound: Bound, t: Type) -> Type:
    """A type with its parameters replaced by what they stand for."""
    while t in bound:
        t = bound[t]
    if not t.parameters:
        return t
    return t._replace(parameters=tuple(resolved(bound, part) for part in t.parameters))


def closed(bound: Bound, t: Type) -> Type:
    """The same, and what stands for nothing is any type."""
    t = resolved(bound, t)
    if t.kind == "parameter":
        return Type("dyn")
    return t._replace(parameters=tuple(closed(bound, part) for part in t.parameters))

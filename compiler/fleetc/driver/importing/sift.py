"""Which objects can be imported: what the server owns is taken off, and what has no place in specs is left out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from fleetc.diagnostics import Diagnostic, Related, codes
from fleetc.driver.importing.gather import Found
from fleetc.language import raw, secrets
from fleetc.tuples import NamedTuple

_SERVERS: Final = ("managedFields", "resourceVersion", "uid", "creationTimestamp", "generation", "selfLink")
_ANNOTATIONS: Final = ("kubectl.kubernetes.io/last-applied-configuration", "deployment.kubernetes.io/revision")


class Kept(NamedTuple):
    """An object that is imported, told apart by `identity`; `stripped`: it is not as it was read."""

    identity: str
    value: dict[str, Any]
    found: Found
    stripped: bool


class Sifted(NamedTuple):
    """What is imported, what is left out and why, and how many fields of the server were taken off."""

    kept: list[Kept]
    left: list[Diagnostic]
    stripped: int


def sift(objects: Iterable[Found]) -> Sifted:
    """Sift objects; of two that are the same the first is imported."""
    kept: dict[str, Kept] = {}
    left: list[Diagnostic] = []
    count = 0
    for found in objects:
        value, stripped = strip(found.value)
        why = _why_not(found, value)
        if why is not None:
            left.append(why)
            continue
        identity = raw.long_form(value)["identity"]
        if identity in kept:
            left.append(_twice(identity, kept[identity], value, found))
            continue
        count += stripped
        kept[identity] = Kept(identity, value, found, stripped > 0)
    return Sifted([*kept.values()], left, count)


def _twice(identity: str, first: Kept, value: dict[str, Any], found: Found) -> Diagnostic:
    same = "the same" if first.value == value else "another"
    message = f"`{identity}` is there twice; the first is imported, this is {same} and left out"
    related = (Related(first.found.span, "the first"),)
    return Diagnostic(codes.IMPORTED_TWICE, message, found.span, "remove one of the two", related=related)


def _why_not(found: Found, value: dict[str, Any]) -> Diagnostic | None:
    metadata = value.get("metadata")
    problem = next(secrets.find(value, ()), None)
    if problem is not None:
        shown = _name(value)
        message = f"{shown} is left out: {problem.message}"
        return Diagnostic(codes.SECRET_NOT_IMPORTED, message, found.span, problem.hint)
    wrong = next(raw.header_problems(value, ()), None)
    if wrong is not None:
        return Diagnostic(codes.NOT_A_MANIFEST, f"an object is left out: {wrong.message}", found.span, wrong.hint)
    if "status" in found.value and value.keys() <= {"apiVersion", "kind", "metadata"} and not _says_by_name(value):
        message = f"{_name(value)} is left out: it has nothing but a status"
        return Diagnostic(codes.NOT_A_MANIFEST, message, found.span, "import it from where its spec is written")
    owner = _controller(metadata)
    if owner is not None:
        message = f"{_name(value)} is left out: {owner} makes it"
        return Diagnostic(codes.NOT_A_MANIFEST, message, found.span, f"import {owner}, which makes it again")
    return None


def _says_by_name(value: dict[str, Any]) -> bool:
    """Whether an object says something by its name alone."""
    return value["kind"] in ("Namespace", "ServiceAccount")


def _name(value: dict[str, Any]) -> str:
    metadata = value.get("metadata")
    name = metadata.get("name") if isinstance(metadata, dict) else None
    return f"{value.get('kind')} {name}" if isinstance(name, str) else f"a {value.get('kind')}"


def _controller(metadata: Any) -> str | None:
    owners = metadata.get("ownerReferences") if isinstance(metadata, dict) else None
    for owner in owners if isinstance(owners, list) else ():
        if isinstance(owner, dict) and owner.get("controller") is True:
            return f"{owner.get('kind')} {owner.get('name')}"
    return None


def strip(value: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """An object without what the server writes into it, and how many fields that were."""
    out = {key: item for key, item in value.items() if key != "status"}
    count = len(value) - len(out)
    metadata = out.get("metadata")
    if isinstance(metadata, dict):
        kept = {key: item for key, item in metadata.items() if key not in _SERVERS}
        count += len(metadata) - len(kept)
        notes = kept.get("annotations")
        if isinstance(notes, dict):
            rest = {key: item for key, item in notes.items() if key not in _ANNOTATIONS}
            count += len(notes) - len(rest)
            if rest or len(rest) == len(notes):
                kept["annotations"] = rest
            else:
                del kept["annotations"]
        out["metadata"] = kept
    if out.get("kind") == "Namespace" and out.get("spec") == {"finalizers": ["kubernetes"]}:
        del out["spec"]
        count += 1
    inner, more = _without_nulls(out)
    return inner, count + more


def _without_nulls(value: Any) -> tuple[Any, int]:
    """Without the `creationTimestamp: null` that clients write into the metadata of templates."""
    if isinstance(value, list):
        made = [_without_nulls(item) for item in value]
        return [item for item, _ in made], sum(n for _, n in made)
    if not isinstance(value, dict):
        return value, 0
    out: dict[str, Any] = {}
    count = 0
    for key, item in value.items():
        if key == "creationTimestamp" and item is None:
            count += 1
            continue
        out[key], more = _without_nulls(item)
        count += more
    return out, count

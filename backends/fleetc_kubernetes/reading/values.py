"""Objects that somebody wrote, asked for values that may be missing or of any type."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fleetc.emission.site import Object
from fleetc.language.types import QUANTITY
from fleetc_kubernetes.quantity import Quantity, parse


class Objects:
    """Objects by kind, namespace ("" for none) and name; of several API versions the first counts."""

    def __init__(self, objects: Iterable[Object]) -> None:
        self._by_name: dict[tuple[str, str, str], Object] = {}
        self._by_kind: dict[tuple[str, str], list[Object]] = {}
        for item in objects:
            kind, namespace, name = text(item, "kind"), text(item, "metadata", "namespace"), name_of(item)
            if (kind, namespace, name) not in self._by_name:
                self._by_name[kind, namespace, name] = item
                self._by_kind.setdefault((kind, namespace), []).append(item)

    def get(self, kind: str, namespace: str, name: str) -> Object:
        """The object of that name; an empty one where there is none."""
        return self._by_name.get((kind, namespace, name), {})

    def of(self, kind: str, namespace: str = "") -> list[Object]:
        """The objects of a kind in a namespace, in the order of the input."""
        return self._by_kind.get((kind, namespace), [])


def name_of(item: Object) -> str:
    """The name of an object."""
    return text(item, "metadata", "name")


def _at(value: Any, path: Iterable[str]) -> Any:
    for step in path:
        if not isinstance(value, Mapping):
            return None
        value = value.get(step)
    return value


def text(value: Any, *path: str) -> str:
    """The string at a path; "" where there is none."""
    found = _at(value, path)
    return found if isinstance(found, str) else ""


def mapping(value: Any, *path: str) -> Mapping[str, Any]:
    """The mapping at a path; an empty one where there is none."""
    found = _at(value, path)
    return found if isinstance(found, Mapping) else {}


def items(value: Any, *path: str) -> list[Any]:
    """The list at a path; an empty one where there is none."""
    found = _at(value, path)
    return found if isinstance(found, list) else []


def texts(value: Any, *path: str) -> dict[str, str]:
    """The strings of the mapping at a path."""
    return {key: item for key, item in mapping(value, *path).items() if isinstance(item, str)}


def amount(value: Any) -> Quantity | None:
    """The quantity that a string is; None where it is none that a spec could say."""
    return parse(value) if isinstance(value, str) and QUANTITY.accepts(value) else None

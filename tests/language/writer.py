"""Writes canonical data as people may write it, in short or long form, and notes where each value came to stand."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from typing import Any

from fleetc.language.manifest import RawObject
from fleetc.language.schema import Items, Json, Keyed, Scalar, Schema, Struct, Table
from fleetc.language.team import Peer
from fleetc.source.span import Path

Part = Callable[[], None]


class Writer:
    """A text that grows, and the line and column of each canonical leaf. `short`: how often a short form is taken;
    `tables`: their entries stand in any order, as fields do."""

    def __init__(self, choices: random.Random, short: float, *, tables: bool = True) -> None:
        self.text = ""
        self.places: dict[Path, tuple[int, int]] = {}
        self._choices = choices
        self._short = short
        self._tables = tables

    def value(self, schema: Schema, value: Any, path: Path) -> None:
        """Write a canonical value."""
        match schema:
            case Scalar():
                self._leaf(value, path)
            case Struct() if [*value] == [schema.cls.SHORT] and self._coin():
                self._leaf(value[str(schema.cls.SHORT)], (*path, str(schema.cls.SHORT)))
            case Struct():
                self._mapping({n: self._later(schema.fields[n].schema, v, (*path, n)) for n, v in value.items()})
            case Items():
                self._items(schema, value, path)
            case Keyed():
                self._keyed(schema.item, value, path)
            case Table() | Json():
                self.free(value, path)

    def free(self, value: Any, path: Path) -> None:
        """Write JSON-like data."""
        if isinstance(value, dict):
            self._mapping({k: self._freely(v, (*path, k)) for k, v in value.items()}, shuffle=self._tables)
        elif isinstance(value, list):
            self._list([lambda n=n, v=v: self.free(v, (*path, n)) for n, v in enumerate(value)])  # type: ignore[misc]
        else:
            self._leaf(value, path)

    def _freely(self, value: Any, path: Path) -> Part:
        return lambda: self.free(value, path)

    def _later(self, schema: Schema, value: Any, path: Path) -> Part:
        return lambda: self.value(schema, value, path)

    def _items(self, schema: Items, value: list[Any], path: Path) -> None:
        if len(value) == 1 and self._coin():
            self._leaf(value[0], (*path, 0))
        else:
            self._list([self._later(schema.item, v, (*path, n)) for n, v in enumerate(value)])

    def _keyed(self, item: Struct, value: Mapping[str, Any], path: Path) -> None:
        if item.cls is RawObject:
            self._list([lambda k=k, v=v: self._object(v, (*path, k)) for k, v in value.items()])  # type: ignore[misc]
        elif self._coin():
            self._mapping({k: self._named(item, k, v, (*path, k)) for k, v in value.items()}, (path, item.key))
        else:
            self._list([lambda k=k, v=v: self._item(item, v, (*path, k)) for k, v in value.items()])  # type: ignore[misc]

    def _object(self, item: Mapping[str, Any], path: Path) -> None:
        self._note((*path, "identity"))
        self.free(item["object"], (*path, "object"))

    def _named(self, item: Struct, key: str, value: Mapping[str, Any], path: Path) -> Part:
        """An item of a keyed list that is written as a mapping: its key stands in front, and perhaps inside again."""
        repeated = self._choices.random() < 0.1
        rest = {n: v for n, v in value.items() if n != item.key or repeated}
        return lambda: self.value(item, rest, path)

    def _item(self, item: Struct, value: Mapping[str, Any], path: Path) -> None:
        assert item.key
        ports = value.get("ports")
        if list(value) == [item.key] and self._coin():
            self._leaf(value[item.key], (*path, item.key))
        elif item.cls is Peer and isinstance(ports, list) and len(ports) == 1 and self._coin():
            self._note((*path, "to"))
            self._note((*path, "ports", 0))
            self.text += json.dumps(f"{value['to']}:{ports[0]}")
        else:
            self.value(item, value, path)

    def _mapping(
        self, parts: Mapping[str, Part], keys: tuple[Path, str | None] | None = None, *, shuffle: bool = True
    ) -> None:
        names = list(parts)
        if keys is None and shuffle:
            self._choices.shuffle(names)  # The order of a keyed list is part of it, that of fields is not.
        self.text += "{"
        for n, name in enumerate(names):
            self._break("," if n else "")
            if keys is not None:
                self._note((*keys[0], name, str(keys[1])))
            self.text += json.dumps(name) + ": "
            parts[name]()
        self.text += "}"

    def _list(self, parts: list[Part]) -> None:
        self.text += "["
        for n, part in enumerate(parts):
            self._break("," if n else "")
            part()
        self.text += "]"

    def _break(self, before: str) -> None:
        self.text += before + ("\n  " if self._choices.random() < 0.2 else " ")

    def _leaf(self, value: Any, path: Path) -> None:
        self._note(path)
        self.text += json.dumps(value, ensure_ascii=False)

    def _note(self, path: Path) -> None:
        line = self.text.count("\n") + 1
        self.places[path] = (line, len(self.text) - self.text.rfind("\n"))

    def _coin(self) -> bool:
        return self._choices.random() < self._short

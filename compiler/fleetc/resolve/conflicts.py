"""Overrides of one document that apply to the same cluster may not set the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from fleetc.diagnostics import Diagnostic, Related, codes
from fleetc.language.document import Doc, Locate, lookup
from fleetc.language.kinds import KINDS
from fleetc.language.schema import Schema, Struct, schema_at
from fleetc.resolve.layers import Layer, leaf_paths
from fleetc.source.span import Path, Span

_OBJECT_IDENTITY: Final = (("apiVersion",), ("kind",), ("metadata", "name"), ("metadata", "namespace"))


def conflicts(doc: Doc, layers: Sequence[Layer], locate: Locate) -> Iterator[Diagnostic]:
    """Overrides that set one field, or of which one sets a field inside of what another one replaces whole."""
    if sum(layer.via == "override" and layer.applies for layer in layers) < 2:
        return
    leaves: dict[Path, Layer] = {}
    inner: dict[Path, Layer] = {}
    for layer in layers:
        if layer.via != "override" or not layer.applies:
            continue
        for path in leaf_paths(layer.tree):
            if not path or _is_identity(KINDS[doc.kind].struct, path):
                continue
            parents = [path[:length] for length in range(1, len(path))]
            replaces = not isinstance(lookup(layer.tree, path)[1], dict)
            at = next((p for p in (*parents, path) if p in leaves), path if replaces and path in inner else None)
            if at is not None:
                first = leaves.get(at) or inner[at]
                yield _conflict(doc, doc.span(locate, layer.base + path), path, doc.span(locate, first.base + at))
            for p in parents:
                inner.setdefault(p, layer)
            (leaves if replaces else inner).setdefault(path, layer)


def _is_identity(schema: Schema, path: Path) -> bool:
    """Whether a field only says which item of a keyed list is meant: every override of the item has to repeat it."""
    item = schema_at(schema, path[:-1])
    if isinstance(item, Struct):
        return path[-1] == item.key
    return path[:1] == ("objects",) and path[3:] in _OBJECT_IDENTITY


def _conflict(doc: Doc, span: Span, path: Path, first: Span) -> Diagnostic:
    message = f"two overrides of {doc.kind} {doc.name} set `{path[-1]}` on the same cluster"
    hint = "make their matches exclude each other, or set it in one of them"
    return Diagnostic(codes.OVERRIDE_CONFLICT, message, span, hint, path, (Related(first, "set here first"),))

"""Where the values of a merged spec stand, for what is wrong between them."""

from __future__ import annotations

from collections.abc import Sequence

from fleetc.diagnostics import Code, Diagnostic, Related
from fleetc.language.document import Doc, Locate, lookup
from fleetc.resolve.layers import Layer, Origin, origins
from fleetc.source.span import Path, Span
from fleetc.tuples import NamedTuple


class Places(NamedTuple):
    """A document as its layers make it."""

    doc: Doc
    layers: Sequence[Layer]
    locate: Locate

    def origin(self, path: Path) -> Origin | None:
        """Where the value at a path of the spec comes from; None when nothing sets it."""
        return next((o for o in origins(self.layers, path) if o.role == "value"), None)

    def span(self, path: Path) -> Span:
        """Where a value stands; of what nothing sets, the nearest thing around it in the document itself."""
        found = self.origin(path)
        if found is not None:
            container = isinstance(lookup(found.doc.tree, found.path)[1], dict)
            return found.doc.span(self.locate, found.path, key=container)
        while path and not lookup(self.doc.tree, ("spec", *path))[0]:
            path = path[:-1]
        return self.doc.span(self.locate, ("spec", *path), key=True)

    def problem(self, code: Code, message: str, path: Path, hint: str, *related: tuple[Path, str]) -> Diagnostic:
        """Something that is wrong with the value at a path; `related` values take part."""
        others = tuple(Related(self.span(at), text) for at, text in related)
        return Diagnostic(code, message, self.span(path), hint, ("spec", *path), others)

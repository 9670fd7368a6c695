"""The front end with what the last run remembered."""

from __future__ import annotations

import marshal
from collections.abc import Collection, Iterable, Mapping
from functools import partial

from fleetc.driver.files import CONSTRAINT, LOCK, SPECS
from fleetc.driver.front import Front, SpecFile, front
from fleetc.driver.load import Sources
from fleetc.driver.memory import Memory, Sealed
from fleetc.driver.tree.model import Signature
from fleetc.language.document import Doc


def remembered_front(
    sources: Sources, memory: Memory | None, inputs: Mapping[str, Signature], changed: Collection[str]
) -> Front:
    """The front end; documents that did not change are taken as remembered."""
    if memory is None:
        return front(sources, spec_names(inputs), {})
    found = {file: unsealed(docs) for file, docs in memory.body.documents.items()}
    remembered = {
        file: SpecFile(docs, memory.head.listed.get(file, []), memory.body.documents[file])
        for file, docs in found.items()
        if file not in changed
    }
    before = {doc.id for docs in found.values() for doc in docs}
    return front(sources, spec_names(inputs), remembered, Doc(*memory.body.table), before)


def sealed(docs: Iterable[Doc]) -> list[Sealed]:
    """The documents of a file as they are remembered."""
    pack = marshal.dumps
    return [(d.kind, d.name, d.sources, pack(d.tree), pack(d.moves), d.defaults) for d in docs]


def unsealed(docs: Iterable[Sealed]) -> list[Doc]:
    """The documents of a file. Most of them is read when it is asked for: a run needs few."""
    read = marshal.loads
    return [
        Doc(kind, name, sources, partial(read, tree), partial(read, moves), defaults)
        for kind, name, sources, tree, moves, defaults in docs
    ]


def spec_names(inputs: Mapping[str, Signature]) -> list[str]:
    """Which of the inputs are spec files."""
    return [name for name in sorted(inputs) if name.startswith(f"{SPECS}/") and not name.endswith((LOCK, CONSTRAINT))]


def lock_names(inputs: Mapping[str, Signature]) -> list[str]:
    """Which of the inputs are lock files."""
    return [name for name in sorted(inputs) if name.endswith(LOCK)]

"""The front end with what the last run remembered."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from fleetc.driver.files import CONSTRAINT, LOCK, SPECS
from fleetc.driver.front import Front, SpecFile, front
from fleetc.driver.load import Sources
from fleetc.driver.memory import Memory, unsealed
from fleetc.driver.tree.model import Signature
from fleetc.language.document import Doc


def remembered_front(
    sources: Sources, memory: Memory | None, inputs: Mapping[str, Signature], changed: Collection[str]
) -> Front:
    """The front end; documents that did not change are taken as remembered."""
    remembered: dict[str, SpecFile] = {}
    table = None
    if memory is not None:
        table = Doc(*memory.body.table)
        for file, docs in memory.body.documents.items():
            if file not in changed:
                found = [Doc(*doc) for doc in unsealed(docs)]
                remembered[file] = SpecFile(found, memory.head.listed.get(file, []), docs)
    return front(sources, spec_names(inputs), remembered, table)


def spec_names(inputs: Mapping[str, Signature]) -> list[str]:
    """Which of the inputs are spec files."""
    return [name for name in sorted(inputs) if name.startswith(f"{SPECS}/") and not name.endswith((LOCK, CONSTRAINT))]


def lock_names(inputs: Mapping[str, Signature]) -> list[str]:
    """Which of the inputs are lock files."""
    return [name for name in sorted(inputs) if name.endswith(LOCK)]

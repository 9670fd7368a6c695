"""What a report was made of: a digest of the specs, and their commit. No clock: equal specs are one report."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from contextlib import suppress

from fleetc.diagnostics import Failure
from fleetc.driver.diff.git import Revision
from fleetc.driver.load import Sources
from fleetc.driver.reporting.model import Inputs


def inputs_of(root: str, sources: Sources, files: Iterable[str]) -> Inputs:
    """The inputs of a run. What cannot be read counts by its name: that it cannot is a finding."""
    names = sorted(files)
    digest = hashlib.sha256()
    for name in names:
        data = b""
        with suppress(Failure):
            data = sources.read(name)
        digest.update(f"{name}\0{len(data)}\0".encode("utf-8", "surrogateescape") + data)
    revision, modified = _revision(root, names)
    return Inputs(digest.hexdigest(), len(names), revision, modified)


def _revision(root: str, names: list[str]) -> tuple[str | None, bool]:
    """The commit that is checked out, and whether some file is not as it is there."""
    try:
        revision = Revision(root, "HEAD")
        known = revision.files(names) if names else None
    except Failure:
        return None, False
    if known is None:
        return revision.commit, False
    if not known.blobs:
        return None, False  # A repository around the root that knows nothing of it.
    return revision.commit, bool(known.changed) or any(name not in known.blobs for name in names)

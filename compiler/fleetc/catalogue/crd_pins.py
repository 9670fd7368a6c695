"""Where the CRDs of components are published, and the sha256 of each file."""

from __future__ import annotations

from functools import cache

from fleetc.catalogue.engines import order
from fleetc.catalogue.read import rows
from fleetc.tuples import NamedTuple


class PinnedFile(NamedTuple):
    """A file: its path below the address of its release, the `GROUP KIND` of each of its CRDs, its size in bytes."""

    path: str
    kinds: tuple[str, ...]
    bytes: int
    sha256: str


class Release(NamedTuple):
    """The CRDs of a project at one commit, which is of this date. A project is called as the component, where it is
    one; of others, `version` is the commit's start."""

    project: str
    version: str
    date: str
    url: str
    files: tuple[PinnedFile, ...]

    @property
    def commit(self) -> str:
        """The commit that the address names."""
        return self.url.rstrip("/").rpartition("/")[2]

    def place(self, file: PinnedFile) -> str:
        """Where a file stands in a folder of CRDs."""
        return f"{self.project}-{self.version}/{file.path.rpartition('/')[2]}"


@cache
def releases() -> tuple[Release, ...]:
    """Every release that is pinned, by project."""
    return rows("crd_pins", Release)


def release(project: str, version: str) -> Release | None:
    """That of a component in exactly this version, with or without a leading `v`."""
    found = (r for r in releases() if r.project == project and order(r.version) == order(version))
    return next(found, None)

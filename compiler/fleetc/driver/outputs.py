"""Where generated files go. Imports nothing: a run with nothing to do asks for it."""

from __future__ import annotations

from typing import Final

from fleetc.tuples import NamedTuple

STACK: Final = "stack"
"""Stands for the file with the data of a cluster's stack, which is in no cluster's folder."""


class Outputs(NamedTuple):
    """The folder of manifests, and that of the stacks' data, below the root."""

    manifests: str
    stacks: str

    def file(self, cluster: str, path: str) -> str:
        """A file of a cluster, by its path in the cluster's folder (or STACK)."""
        return f"{self.stacks}/{cluster}.yaml" if path == STACK else f"{self.manifests}/{cluster}/{path}"

    def place(self, file: str) -> tuple[str, str]:
        """The other way round: the cluster of a file, and its path there; "" twice for another file."""
        if file.startswith(f"{self.manifests}/"):
            cluster, _, path = file.removeprefix(f"{self.manifests}/").partition("/")
            return cluster, path
        if file.startswith(f"{self.stacks}/"):
            return file.removeprefix(f"{self.stacks}/").removesuffix(".yaml"), STACK
        return "", ""

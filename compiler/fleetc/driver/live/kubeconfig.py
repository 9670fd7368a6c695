"""kubeconfig files, as kubectl reads them: which contexts there are, where their servers are, who asks.

Facts: kubernetes.io "Organizing Cluster Access Using kubeconfig Files"; the fields are those of client-go's
tools/clientcmd/api/v1. Of several files in $KUBECONFIG, the first that has a name wins.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any, Final

import yaml

from fleetc.diagnostics import Diagnostic, Failure, codes
from fleetc.tuples import NamedTuple

_VARIABLE: Final = "KUBECONFIG"
_DEFAULT: Final = "~/.kube/config"
_PARTS: Final = (("clusters", "cluster"), ("users", "user"), ("contexts", "context"))


class Entry(NamedTuple):
    """A named cluster, user or context, with the folder that its relative paths start from."""

    value: Mapping[str, Any]
    folder: str


class Context(NamedTuple):
    """A context: how its server is reached, and who asks."""

    name: str
    cluster: Entry
    user: Entry

    @property
    def server(self) -> str:
        """The address of its server."""
        return str(self.cluster.value["server"])


class Kubeconfig(NamedTuple):
    """What all files say together."""

    files: tuple[str, ...]
    current: str
    parts: Mapping[str, Mapping[str, Entry]]

    @property
    def contexts(self) -> Sequence[str]:
        """The names of the contexts."""
        return [*self.parts["contexts"]]

    def context(self, name: str) -> Context:
        """A context that there is. Raises Failure (FLT920) where it leads nowhere."""
        found = self.parts["contexts"][name].value
        cluster = self.parts["clusters"].get(str(found.get("cluster", "")))
        user = self.parts["users"].get(str(found.get("user", "")), Entry({}, ""))
        if cluster is None or not isinstance(cluster.value.get("server"), str):
            message = f"context {name} names no cluster that has a server"
            raise Failure(Diagnostic(codes.BAD_KUBECONFIG, message, hint=f"mend {', '.join(self.files)}"))
        return Context(name, cluster, user)


def load(given: str | None) -> Kubeconfig:
    """Read a file, else those of $KUBECONFIG, else the default one. Raises Failure: FLT920."""
    names = [given] if given else [n for n in os.environ.get(_VARIABLE, "").split(os.pathsep) if n] or [_DEFAULT]
    files = [os.path.expanduser(name) for name in names]
    there = [file for file in files if given or os.path.exists(file)]
    if not there:
        message = f"there is no kubeconfig: {', '.join(names)} {'do' if len(names) > 1 else 'does'} not exist"
        raise Failure(Diagnostic(codes.BAD_KUBECONFIG, message, hint="name one with --kubeconfig"))
    parts: dict[str, dict[str, Entry]] = {part: {} for part, _ in _PARTS}
    current = ""
    for file in there:
        document = _read(file)
        current = current or str(document.get("current-context") or "")
        folder = os.path.dirname(os.path.abspath(file))
        for part, inner in _PARTS:
            for item in document.get(part) or ():
                if isinstance(item, dict) and isinstance(item.get(inner), dict):
                    parts[part].setdefault(str(item.get("name")), Entry(item[inner], folder))
    return Kubeconfig(tuple(there), current, parts)


def _read(file: str) -> Mapping[str, Any]:
    hint = "name another one with --kubeconfig"
    try:
        with open(file, "rb") as stream:
            value = yaml.load(stream, yaml.CSafeLoader)
    except OSError as error:
        message = f"{file} cannot be read: {error.strerror or error}"
        raise Failure(Diagnostic(codes.BAD_KUBECONFIG, message, hint=hint)) from None
    except yaml.YAMLError as error:
        why = str(error).partition("\n")[0]
        raise Failure(Diagnostic(codes.BAD_KUBECONFIG, f"{file} is no kubeconfig: {why}", hint=hint)) from None
    if not isinstance(value, dict):
        raise Failure(Diagnostic(codes.BAD_KUBECONFIG, f"{file} is no kubeconfig: it holds no mapping", hint=hint))
    return value

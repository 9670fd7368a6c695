"""The page with what builds and servers say of objects by policy and rule."""

from __future__ import annotations

from typing import Final, NamedTuple

from tests.check.goldens import ROOT, golden
from tests.check.judged import Case, policies

PAGE: Final = ROOT / "docs/checks/policies.md"


class Seen(NamedTuple):
    """An object on a cluster, and the rules that it does not meet by the build, and by the server (None: it takes no
    such object, whatever policies say)."""

    cluster: int
    case: Case
    build: frozenset[str]
    server: frozenset[str] | None


def written(seen: list[Seen]) -> str:
    return ""

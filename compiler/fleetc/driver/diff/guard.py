"""The guard of `fleetc check --base`: what must not change unless somebody says that it is meant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from fleetc.check.change.model import Effect
from fleetc.diagnostics import Code, Diagnostic, codes
from fleetc.driver.diff.allow import Word, covers
from fleetc.driver.diff.cause import Cause
from fleetc.driver.diff.diff import Caused, Diff
from fleetc.source.span import Span
from fleetc.tuples import NamedTuple

MOST_DELETED: Final = 20
"""Per cent of the objects of the fleet, or of a cluster, that may go without a word."""
_MOST_NAMES: Final = 3
_EFFECTS: Final[dict[Effect, tuple[Code, str, str]]] = {
    Effect.DATA: (codes.DATA_LOSS, "data", "puts data at risk"),
    Effect.WIDENS_RBAC: (codes.WIDER_RBAC, "rbac", "widens RBAC"),
    Effect.WIDENS_NETWORK: (codes.WIDER_NETWORK, "network", "widens the network"),
    Effect.LOOSENS: (codes.WEAKER_SECURITY, "security", "loosens security"),
}


class _Danger(NamedTuple):
    """Something dangerous on one cluster ("": on the fleet)."""

    code: Code
    word: Word
    message: str
    caused: Caused


class Guard:
    """Judges a diff once; notes which of the words were needed."""

    def __init__(self, diff: Diff, words: Sequence[Word]) -> None:
        self._diff = diff
        self._words = tuple(words)
        self._used: set[Word] = set()
        self._going = {
            (cluster, caused.change.identity.name)
            for caused in diff.changes
            if caused.change.after is None and caused.change.identity.kind == "Namespace"
            for cluster in caused.change.files
        }

    def diagnostics(self) -> list[Diagnostic]:
        """What is dangerous and not allowed, then the words that name nothing."""
        out = [*self._told([*self._clusters(), *self._objects()]), *self._told([*self._masses()])]
        for word in self._words:
            if word not in self._used:
                hint = "remove it: what it once allowed is done, or its name is not right"
                out.append(Diagnostic(codes.UNUSED_ALLOW, f"--allow {word} names nothing that needs it", hint=hint))
        return out

    def _allowed(self, word: Word) -> bool:
        found = [allow for allow in self._words if covers(allow, word)]
        self._used.update(found)
        return bool(found)

    def _told(self, found: Sequence[_Danger]) -> Iterator[Diagnostic]:
        """What is not allowed; the same on several clusters once."""
        alike: dict[object, list[_Danger]] = {}
        for danger in found:
            if not self._allowed(danger.word):
                key = (danger.code, danger.word._replace(cluster=""), danger.message, danger.caused.causes)
                alike.setdefault(key, []).append(danger)
        for dangers in alike.values():
            yield self._diagnostic(dangers)

    def _diagnostic(self, dangers: Sequence[_Danger]) -> Diagnostic:
        first = dangers[0]
        clusters = sorted({danger.word.cluster for danger in dangers})
        word = first.word if len(clusters) == 1 else first.word._replace(cluster="")
        names = ", ".join(clusters[:_MOST_NAMES]) + (
            f" and {len(clusters) - _MOST_NAMES} more" * (len(clusters) > _MOST_NAMES)
        )
        where = f" (on {names})" if names and first.word.kind not in ("cluster", "objects") else ""
        hint = f"if that is meant, `--allow {word}`"
        return Diagnostic(first.code, f"{first.message}{where}", self._span(first.caused), hint)

    def _span(self, caused: Caused) -> Span | None:
        """The line that causes it, else the spec."""
        cause: Cause = caused.causes[0]
        if cause.how in ("line", "in", "removed"):
            text = self._text(cause.file)
            line = text[cause.line - 1] if 0 < cause.line <= len(text) else ""
            return Span(cause.file, max(cause.line, 1), cause.column or len(line) - len(line.lstrip(" -")) + 1)
        if cause.how == "among":
            return Span(caused.change.source or cause.file, 1, 1)
        return None

    def _text(self, file: str) -> list[str]:
        return self._diff.text(file).splitlines()

    def _clusters(self) -> Iterator[_Danger]:
        for name in self._diff.gone:
            ours = [caused for caused in self._diff.changes if name in caused.change.files]
            objects = sum(not caused.change.of_stack for caused in ours)
            message = f"cluster {name} would go, with all its {objects:,} objects"
            yield _Danger(codes.CLUSTER_GOES, Word("delete", "cluster", "", name), message, _most(ours))

    def _objects(self) -> Iterator[_Danger]:
        apart = {*self._diff.gone, *self._diff.new}
        for caused in self._diff.changes:
            change = caused.change
            for effect, (code, verb, words) in _EFFECTS.items():
                whys = [m.why for m in change.meanings if m.effect is effect]
                if not whys:
                    continue
                identity, deletes = change.identity, change.after is None and effect is Effect.DATA
                word = Word("delete" if deletes else verb, identity.kind.lower(), identity.namespace, identity.name)
                more = f" and {len(whys) - 1} more" if len(whys) > 1 else ""
                what = f"{identity} would go" if deletes else f"{identity} {words}"
                for cluster in change.clusters:
                    # What goes with its namespace, or with its cluster, follows from that.
                    if cluster not in apart and (cluster, identity.namespace) not in self._going:
                        yield _Danger(code, word._replace(cluster=cluster), f"{what}: {whys[0]}{more}", caused)

    def _masses(self) -> Iterator[_Danger]:
        """Clusters that lose many objects, and the fleet; what is allowed by name is not counted."""
        lost: dict[str, list[Caused]] = {}
        for caused in self._diff.changes:
            if caused.change.after is None and not caused.change.of_stack:
                for cluster in caused.change.files:
                    if not self._named(caused, cluster):
                        lost.setdefault(cluster, []).append(caused)
        if not lost:
            return
        standing = self._diff.standing()
        every = [caused for found in lost.values() for caused in found]
        if _many(len(every), sum(standing.values())):
            message = f"the fleet would lose {_share(len(every), sum(standing.values()))}"
            yield _Danger(codes.MASS_DELETION, Word("delete", "objects", "", ""), message, _most(every))
            return  # What it says of single clusters follows.
        for cluster, found in sorted(lost.items()):
            if _many(len(found), standing[cluster]):
                message = f"cluster {cluster} would lose {_share(len(found), standing[cluster])}"
                yield _Danger(codes.MASS_DELETION, Word("delete", "objects", "", "", cluster), message, _most(found))

    def _named(self, caused: Caused, cluster: str) -> bool:
        """Whether a deletion is told by itself, goes with what is, or is allowed by name."""
        identity = caused.change.identity
        if cluster in self._diff.gone or (cluster, identity.namespace) in self._going:
            return True
        if any(meaning.effect is Effect.DATA for meaning in caused.change.meanings):
            return True
        word = Word("delete", identity.kind.lower(), identity.namespace, identity.name, cluster)
        return self._allowed(word)


def _many(lost: int, standing: int) -> bool:
    return 100 * lost > MOST_DELETED * standing


def _share(lost: int, standing: int) -> str:
    return f"{lost:,} of its {standing:,} objects ({100 * lost // standing} %, above {MOST_DELETED} %)"


def _most(found: Sequence[Caused]) -> Caused:
    """A change with the causes that most of them have."""
    counts = Counter(caused.causes for caused in found)
    return max(found, key=lambda caused: counts[caused.causes])

"""Files to changes of objects, folded over the fleet: the cost follows distinct changes, not clusters."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from fleetc.check.change.access import KINDS as ACCESS
from fleetc.check.change.classify import Classified, classify, together
from fleetc.check.change.documents import Document, Documents, Pair, body, paired, split
from fleetc.check.change.jointly import Found, access_meanings, network_meanings, team_of
from fleetc.check.change.model import STACK, Effect, Identity, Meaning, Value
from fleetc.check.change.network import KINDS as NETWORK
from fleetc.driver.diff.git import Revision
from fleetc.driver.diff.sides import Same, Sides
from fleetc.driver.outputs import STACK as OF_STACK
from fleetc.tuples import NamedTuple

_OF_CLUSTERS: Final = (Effect.ADDS, Effect.REMOVES, Effect.DATA)
"""What can be said of an object of a cluster that comes or goes whole: nothing else is there, or stays."""
_JUDGED: Final = tuple(f"\nkind: {kind}\n".encode() for kind in (*ACCESS, *NETWORK))


class Change(NamedTuple):
    """One object, or the data of a stack, that changes in one way, and where: the path of its file in the folder of
    each cluster (or STACK), and the spec file that this names."""

    identity: Identity
    before: Document | None
    after: Document | None
    values: tuple[Value, ...]
    meanings: tuple[Meaning, ...]
    files: dict[str, str]
    source: str

    @property
    def clusters(self) -> tuple[str, ...]:
        """The clusters, sorted."""
        return tuple(sorted(self.files))

    @property
    def of_stack(self) -> bool:
        """Whether it is the data of stacks, and no object."""
        return self.identity == STACK


class _Where(NamedTuple):
    """A document that is on one side only, with its file and the spec that this names."""

    document: Document
    file: str
    source: str


class _Kind(NamedTuple):
    """What happens on clusters where the same happens; `whole`: they come or go."""

    pairs: tuple[Pair, ...]
    places: dict[Identity, _Where]
    clusters: tuple[str, ...]
    whole: bool


def fold(sides: Sides, revision: Revision) -> tuple[Change, ...]:
    """The changes of objects, in the order of identities."""
    reader = Documents()
    kinds = [*_kinds(sides, reader)]
    context = _Context(sides, revision, reader, kinds)
    known: dict[tuple[bytes | None, bytes | None], Classified] = {}
    out: dict[tuple[bytes | None, bytes | None, tuple[Meaning, ...], str], Change] = {}
    for kind in kinds:
        for meanings, clusters in context.meanings(kind):
            for pair in kind.pairs:
                texts = (pair.before.text if pair.before else None, pair.after.text if pair.after else None)
                if texts not in known:
                    known[texts] = classify(pair)
                found = together(known[texts], meanings.get(pair.identity, ()))
                if kind.whole:
                    found = found._replace(meanings=tuple(m for m in found.meanings if m.effect in _OF_CLUSTERS))
                where = kind.places[pair.identity]
                key = (*texts, found.meanings, where.source)
                if key not in out:
                    out[key] = Change(pair.identity, *pair, *found, {}, where.source)
                out[key].files.update(dict.fromkeys(clusters, where.file))
    return tuple(sorted(out.values(), key=lambda c: (c.identity, c.clusters, *_texts(c))))


def _texts(change: Change) -> tuple[bytes, bytes]:
    return tuple(d.text if d is not None else b"" for d in (change.before, change.after))  # type: ignore[return-value]


def _kinds(sides: Sides, reader: Documents) -> Iterable[_Kind]:
    """Clusters on which the same files change in the same way are one kind; the data of stacks, which names its
    cluster, is told apart from their objects."""
    parts: dict[tuple[bool, str], list[tuple[int, str]]] = {}
    differing: list[tuple[list[Document], list[Document]]] = []
    for n, group in enumerate(sides.groups):
        differing.append(reader.differing(body(group.before or b""), body(group.after or b"")))
        for file in group.files:
            parts.setdefault((file.path == OF_STACK, file.cluster), []).append((n, file.path))
    alike: dict[tuple[tuple[int, str], ...], list[str]] = {}
    for (_, cluster), numbers in sorted(parts.items()):
        alike.setdefault(tuple(numbers), []).append(cluster)
    for places_of, clusters in alike.items():
        before: list[Document] = []
        after: list[Document] = []
        places: dict[Identity, _Where] = {}
        for was in (True, False):  # what stands after says where an object is, and of which spec
            for n, path in places_of:
                side = differing[n][0 if was else 1]
                (before if was else after).extend(side)
                source = sides.groups[n].source
                places.update({document.identity: _Where(document, path, source) for document in side})
        whole = not sides.old_clusters.issuperset(clusters) or not sides.new_clusters.issuperset(clusters)
        yield _Kind(tuple(paired(before, after)), places, tuple(clusters), whole)


class _Context:
    """What stands beside the changes on their clusters: roles, bindings and policies that did not change."""

    def __init__(self, sides: Sides, revision: Revision, reader: Documents, kinds: Iterable[_Kind]) -> None:
        self._reader = reader
        self._groups: dict[str, list[Same]] = {}
        for group in sides.groups:
            for file in group.files:
                self._groups.setdefault(file.cluster, []).append(group)
        changed = {f"{file.cluster}/{file.path}" for group in sides.groups for file in group.files}
        wanted = {name for kind in kinds if _is_judged(kind) for name in kind.clusters}
        self._blobs: dict[str, list[bytes]] = {}
        self._known: dict[object, Found] = {}
        for inner, blob in sides.before.items() if wanted else ():
            cluster = inner[: inner.index("/")]
            if cluster in wanted and inner not in changed:
                self._blobs.setdefault(cluster, []).append(blob)
        found = revision.contents(blob for blobs in self._blobs.values() for blob in blobs)
        self._stay = {blob: texts for blob, data in found.items() if (texts := judged(data))}

    def meanings(self, kind: _Kind) -> Iterable[tuple[Found, list[str]]]:
        """What only all objects of a cluster tell, and on which clusters."""
        if not _is_judged(kind):
            return [({}, [*kind.clusters])]
        access, network = ([p for p in kind.pairs if p.identity.kind in kinds] for kinds in (ACCESS, NETWORK))
        namespaces = [p for p in kind.pairs if p.identity.kind == "Namespace" and (not p.before or not p.after)]
        fresh = {p.identity.name: _team(p) for p in namespaces}
        alike: dict[tuple[bytes, ...], list[str]] = {}
        for cluster in kind.clusters:
            stay = [text for blob in self._blobs.get(cluster, ()) for text in self._stay.get(blob, ())]
            alike.setdefault(tuple(sorted(stay)), []).append(cluster)
        out: list[tuple[Found, list[str]]] = []
        for stay_texts, clusters in alike.items():
            before, after = self._both(clusters[0], stay_texts)
            key = (*(tuple(sorted(d.text for d in side)) for side in (before, after)), *fresh.items())
            if key in self._known:
                out.append((self._known[key], clusters))
                continue
            found = self._known[key] = {}
            for changed, kinds, judge in ((access, ACCESS, access_meanings), (network, NETWORK, network_meanings)):
                if changed:
                    old, new = ([d for d in side if d.identity.kind in kinds] for side in (before, after))
                    found.update(judge(changed, old, new, fresh))
            out.append((found, clusters))
        return out

    def _both(self, cluster: str, stay: Sequence[bytes]) -> tuple[list[Document], list[Document]]:
        """All judged documents of a cluster, before and after."""
        before, after = [*map(self._reader.read, stay)], [*map(self._reader.read, stay)]
        for group in self._groups[cluster]:
            before += map(self._reader.read, judged(group.before or b""))
            after += map(self._reader.read, judged(group.after or b""))
        return before, after


def _team(pair: Pair) -> str | None:
    there = pair.after or pair.before
    return team_of(there.object) if there is not None and there.object is not None else None


def _is_judged(kind: _Kind) -> bool:
    """Whether something changes that only all objects of a cluster tell, on clusters that stay."""
    return not kind.whole and any(pair.identity.kind in (*ACCESS, *NETWORK) for pair in kind.pairs)


def judged(data: bytes) -> tuple[bytes, ...]:
    """The texts of the documents of a file that are judged together."""
    if not any(kind in data for kind in _JUDGED):
        return ()
    return tuple(text for text in split(body(data)) if any(kind in b"\n" + text + b"\n" for kind in _JUDGED))

"""Files to changes of objects, folded over the fleet: the cost follows distinct changes, not clusters."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from fleetc.check.change.access import KINDS as ACCESS
from fleetc.check.change.classify import Classified, classify, together
from fleetc.check.change.documents import Document, Documents, Pair, body, paired, split
from fleetc.check.change.jointly import Found, access_meanings, network_meanings
from fleetc.check.change.model import Effect, Identity, Meaning, Value
from fleetc.check.change.network import KINDS as NETWORK
from fleetc.driver.diff.git import Revision
from fleetc.driver.diff.sides import File, Sides

_OF_CLUSTERS: Final = (Effect.ADDS, Effect.REMOVES, Effect.DATA)
"""What can be said of an object of a cluster that comes or goes whole: nothing else is there, or stays."""
_JUDGED: Final = tuple(f"\nkind: {kind}\n".encode() for kind in (*ACCESS, *NETWORK))


class Change(NamedTuple):
    """One object that changes in one way, and where: the path of its file in the folder of each cluster, and the spec
    file that this names."""

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


class _Where(NamedTuple):
    """A document that is on one side only, with its file and the spec that this names."""

    document: Document
    file: str
    source: str


class _Kind(NamedTuple):
    """What happens on clusters where the same happens."""

    pairs: tuple[Pair, ...]
    places: dict[Identity, _Where]
    clusters: tuple[str, ...]


def fold(sides: Sides, revision: Revision) -> tuple[Change, ...]:
    """The changes of objects, in the order of identities."""
    reader = Documents()
    context = _Context(sides, revision, reader)
    known: dict[tuple[bytes | None, bytes | None], Classified] = {}
    before, after = sides.clusters()
    out: dict[tuple[bytes | None, bytes | None, tuple[Meaning, ...], str], Change] = {}
    for kind in _kinds(sides, reader):
        for meanings, clusters in context.meanings(kind):
            for pair in kind.pairs:
                texts = (pair.before.text if pair.before else None, pair.after.text if pair.after else None)
                if texts not in known:
                    known[texts] = classify(pair)
                found = together(known[texts], meanings.get(pair.identity, ()))
                if not after.issuperset(clusters) or not before.issuperset(clusters):
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
    """Clusters on which the same files change in the same way are one kind."""
    parts: dict[str, list[tuple[int, str]]] = {}
    differing: list[tuple[list[Document], list[Document]]] = []
    for n, group in enumerate(sides.groups):
        differing.append(reader.differing(body(group.before or b""), body(group.after or b"")))
        for file in group.files:
            parts.setdefault(file.cluster, []).append((n, file.path))
    alike: dict[tuple[tuple[int, str], ...], list[str]] = {}
    for cluster, numbers in sorted(parts.items()):
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
        yield _Kind(tuple(paired(before, after)), places, tuple(clusters))


class _Context:
    """What stands beside the changes on their clusters: roles, bindings and policies that did not change."""

    def __init__(self, sides: Sides, revision: Revision, reader: Documents) -> None:
        self._sides = sides
        self._revision = revision
        self._reader = reader
        self._clusters = sides.clusters()
        self._changed = {file for group in sides.groups for file in group.files}
        self._stay: dict[bytes, tuple[bytes, ...]] = {}
        self._groups: dict[File, int] = {f: n for n, group in enumerate(sides.groups) for f in group.files}
        self._by_cluster: dict[str, list[File]] = {}

    def meanings(self, kind: _Kind) -> Iterable[tuple[Found, list[str]]]:
        """What only all objects of a cluster tell, and on which clusters."""
        access, network = ([p for p in kind.pairs if p.identity.kind in kinds] for kinds in (ACCESS, NETWORK))
        comes_or_goes = any(not side.issuperset(kind.clusters) for side in self._clusters)
        if comes_or_goes or (not access and not network):
            return [({}, [*kind.clusters])]
        fresh = frozenset(
            p.identity.name for p in kind.pairs if p.identity.kind == "Namespace" and (not p.before or not p.after)
        )
        alike: dict[tuple[bytes, ...], list[str]] = {}
        self._load(kind.clusters)
        for cluster in kind.clusters:
            stay = [t for f in self._unchanged(cluster) for t in self._stay[self._sides.before[f]]]
            alike.setdefault(tuple(sorted(stay)), []).append(cluster)
        out: list[tuple[Found, list[str]]] = []
        for stay_texts, clusters in alike.items():
            before, after = self._both(clusters[0], stay_texts)
            found: Found = {}
            for changed, kinds, judge in ((access, ACCESS, access_meanings), (network, NETWORK, network_meanings)):
                if changed:
                    old, new = ([d for d in side if d.identity.kind in kinds] for side in (before, after))
                    found.update(judge(changed, old, new, fresh))
            out.append((found, clusters))
        return out

    def _both(self, cluster: str, stay: Sequence[bytes]) -> tuple[list[Document], list[Document]]:
        """All judged documents of a cluster, before and after."""
        before, after = [*map(self._reader.read, stay)], [*map(self._reader.read, stay)]
        for file in sorted(self._changed):
            if file.cluster == cluster:
                group = self._sides.groups[self._groups[file]]
                before += map(self._reader.read, judged(group.before or b""))
                after += map(self._reader.read, judged(group.after or b""))
        return before, after

    def _unchanged(self, cluster: str) -> list[File]:
        if not self._by_cluster:
            for file in self._sides.before.keys() - self._changed:
                self._by_cluster.setdefault(file.cluster, []).append(file)
        return self._by_cluster.get(cluster, [])

    def _load(self, clusters: Iterable[str]) -> None:
        """What stays on these clusters."""
        blobs = {self._sides.before[file] for cluster in clusters for file in self._unchanged(cluster)}
        wanted = blobs - self._stay.keys()
        self._stay.update({blob: judged(data) for blob, data in self._revision.contents(wanted).items()})


def judged(data: bytes) -> tuple[bytes, ...]:
    """The texts of the documents of a file that are judged together."""
    if not any(kind in data for kind in _JUDGED):
        return ()
    return tuple(text for text in split(body(data)) if any(kind in b"\n" + text + b"\n" for kind in _JUDGED))

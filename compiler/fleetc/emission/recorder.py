"""Recording twins: what a lowering reads of a site.

A twin is an instance of a generated subclass of the node's own class: isinstance, match, properties and methods work,
and leaves are the real builtins. A read is (root, path): the root is "cluster" for the site's own cluster, Kind/name
for any other node (of its own pools, too, so that clusters share what is made of alike ones), and "@Kind" for the names
of a collection; the path is the attributes and, in keyed lists, the keys of items.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from fleetc.emission.site import Collection, Lowering, Object, Site
from fleetc.language.record import field_names
from fleetc.language.types import Node, Part

Read = tuple[str, tuple[str, ...]]
CLUSTER: Final = "cluster"
PRESENT: Final = "@present"
NAMES: Final = "@names"


class Absent:
    """What stands at a path that does not exist: compared by its repr like every value."""

    def __repr__(self) -> str:
        return "<absent>"


ABSENT: Final = Absent()


class Recorder:
    """Hands out twins, and writes down reads."""

    def __init__(self, cluster: str) -> None:
        self.reads: dict[Read, Any] = {}
        self.cluster = cluster
        self.twins: dict[Read, Any] = {}

    def twin(self, value: Any, root: str, path: tuple[str, ...]) -> Any:
        """The twin of a node or part; one for each place, so that identity holds as in the original."""
        got = self.twins.get((root, path))
        if got is None:
            made = _twin_class(type(value))
            got = self.twins[root, path] = object.__new__(made)
            source = value.__dict__
            # Fields only: a filled cached_property would hide its reads.
            got.__dict__.update({name: source[name] for name in made.__fleetc_fields__})
            got.__dict__["_twin"] = (self, root, path)
        return got

    def node(self, node: Node) -> Any:
        """The twin of a node."""
        root = f"{node.id.partition('/')[0]}/{node.name}"
        return self.twin(node, CLUSTER if root == self.cluster else root, ())

    def read(self, root: str, path: tuple[str, ...], value: Any) -> Any:
        """What a lowering gets when it reads `value` there."""
        if isinstance(value, Part):
            return self.node(value) if isinstance(value, Node) else self.twin(value, root, path)
        if type(value) is tuple and value and isinstance(value[0], Part):
            # The list itself is the order of its keys; what stands in an item is read when the lowering reads it.
            self.leaf(root, path, settle(value))
            return tuple([self.twin(item, root, (*path, key_of(item))) for item in value])
        if isinstance(value, Collection):
            return RecordingCollection(self, value)
        return self.leaf(root, path, value)

    def leaf(self, root: str, path: tuple[str, ...], value: Any) -> Any:
        """Write down a leaf."""
        self.reads[root, path] = value
        return value


class RecordingCollection(Collection[Any]):
    """A collection that writes down which names were asked for."""

    __slots__ = ("_original", "_recorder")

    def __init__(self, recorder: Recorder, original: Collection[Any]) -> None:
        super().__init__(original.kind, (), self._node)
        self._recorder = recorder
        self._original = original

    def names(self) -> tuple[str, ...]:
        """All names; recorded as one read."""
        got: tuple[str, ...] = self._recorder.leaf(f"@{self.kind}", (NAMES,), self._original.names())
        return got

    def get(self, name: str) -> Any:
        """One node, or None; its presence is recorded."""
        found = self._original.get(name)
        self._recorder.leaf(f"{self.kind}/{name}", (PRESENT,), found is not None)
        return None if found is None else self._recorder.node(found)

    def _node(self, name: str) -> Any:
        found = self._original.get(name)
        assert found is not None, name
        return self._recorder.node(found)


def key_of(item: Part) -> str:
    """The key of an item of a keyed list."""
    assert item.KEY is not None, type(item)
    key: str = item.__dict__[item.KEY]
    return key


def _twin_class(cls: type[Any]) -> type[Any]:
    return _twin_classes.get(cls) or _twin_classes.setdefault(cls, _make_twin_class(cls))


_twin_classes: dict[type[Any], type[Any]] = {}


def _make_twin_class(cls: type[Any]) -> type[Any]:
    every = field_names(cls)
    names = frozenset(every)
    get = object.__getattribute__

    def __getattribute__(self: Any, name: str) -> Any:  # noqa: N807 - it becomes a method
        if name not in names:
            return get(self, name)
        recorder, root, path = get(self, "__dict__")["_twin"]
        return recorder.read(root, (*path, name), get(self, name))

    # `Record.__eq__` asks for the same __class__.
    body = {
        "__getattribute__": __getattribute__,
        "__class__": property(lambda _: cls),
        "__hash__": cls.__hash__,
        "__fleetc_fields__": every,
    }
    return type(cls.__name__, (cls,), body)


Traced = tuple[list[Object], dict[Read, Any]]


def traced(lower: Callable[[Any], Iterable[Object]], site: Site) -> Traced:
    """The objects of a lowering at a site, and everything that it read."""
    recorder = Recorder(site.cluster.id)
    return list(lower(recorder.twin(site, "@site", ()))), recorder.reads


def run(lowering: Lowering[Any], site: Site) -> list[Object]:
    """The objects of a lowering at a site, unrecorded."""
    return list(lowering.lower(site))


def step_into(value: Any, step: str) -> Any:
    """One step of a read path below a real value: an attribute, or the item of a keyed list; ABSENT where there is
    none."""
    if isinstance(value, tuple):
        return next((item for item in value if key_of(item) == step), ABSENT)
    return value.__dict__.get(step, ABSENT) if isinstance(value, Part) else ABSENT


def settle(value: Any) -> Any:
    """A real value as a read records it: a keyed list is the tuple of its keys."""
    if type(value) is tuple and value and isinstance(value[0], Part):
        return tuple([key_of(item) for item in value])
    return value

"""Random edits of a fleet's specs, outputs and memory, as people, merges and accidents make them."""

from __future__ import annotations

import copy
import os
import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml

from fleetc.driver.tree.header import seal

Doc = dict[str, Any]
Place = tuple[Any, Any]
"""A container, and a key or an index in it."""

FOLDERS = ("golden", "out", "deep/er")
MINORS = ("1.33", "1.34", "1.35", "1.36", "1.37")


class Editor:
    """Edits the fleet below `root`; each method makes one edit and says what it did, or "" when there was nothing to
    do."""

    def __init__(self, root: Path, seed: int) -> None:
        self.root = root
        self.random = random.Random(seed)
        self.fresh = 0

    def files(self) -> list[Path]:
        """The spec files."""
        return sorted((self.root / "specs").rglob("*.yaml"))

    def load(self, path: Path) -> list[Any]:
        """The documents of a file; none when it is broken."""
        try:
            return list(yaml.load_all(path.read_bytes(), yaml.CSafeLoader))
        except yaml.YAMLError:
            return []

    def save(self, path: Path, docs: list[Any]) -> None:
        """Write documents, in one of the styles of YAML."""
        flow = self.random.choice([False, None])
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.dump_all(docs, Dumper=yaml.CSafeDumper, sort_keys=False, default_flow_style=flow))

    def pick(self, *kinds: str) -> tuple[Path, list[Any], Doc] | None:
        """A random document of the kinds: its file, all documents of that, and itself."""
        found: list[tuple[Path, list[Any], Doc]] = []
        for path in self.files():
            docs = self.load(path)
            found += [(path, docs, d) for d in docs if isinstance(d, dict) and (not kinds or d.get("kind") in kinds)]
        found = [f for f in found if isinstance(f[2].get("metadata"), dict) and isinstance(f[2].get("spec"), dict)]
        return self.random.choice(found) if found else None

    def name(self, stem: str) -> str:
        """A name that was never used."""
        self.fresh += 1
        return f"{stem}{self.fresh}"

    def change(self, kinds: tuple[str, ...], edit: Callable[[Doc], str]) -> str:
        """Edit a random document of the kinds."""
        picked = self.pick(*kinds)
        if picked is None:
            return ""
        path, docs, doc = picked
        said = edit(doc)
        if said:
            self.save(path, docs)
        return said and f"{said} in {path.relative_to(self.root)}"

    def outputs(self) -> list[Path]:
        """The files in the folders where output may be."""
        found = [p for f in FOLDERS for p in (self.root / f).rglob("*") if p.is_file() and not p.is_symlink()]
        return sorted(found)


def places(value: Any) -> Iterator[Place]:
    """Every place in a document."""
    items = list(value.items()) if isinstance(value, dict) else list(enumerate(value))
    for key, item in items:
        yield value, key
        if isinstance(item, dict | list):
            yield from places(item)


def leaves(doc: Doc) -> list[Place]:
    """The places below `spec` and `metadata.labels` where a scalar stands."""
    found = [*places(doc["spec"]), *places(doc["metadata"].get("labels") or {})]
    return [(c, k) for c, k in found if not isinstance(c[k], dict | list)]


def mutated(chance: random.Random, value: Any) -> Any:
    """Another scalar, often of the same type, and often equal to it in Python."""
    match value:
        case bool():
            return chance.choice([not value, int(value), str(value).lower()])
        case int():
            return chance.choice([value + 1, max(value - 1, 0), bool(value), float(value), str(value)])
        case float():
            return chance.choice([value + 0.5, int(value), bool(value)])
        case str() if value.isdigit():
            return chance.choice([str(int(value) + 1), int(value)])
        case str():
            return chance.choice([f"{value}x", value.upper(), value[:-1], f"{value}\n", f" {value}", "1"])
        case _:
            return chance.choice([0, "", {}])


def change_leaf(e: Editor) -> str:
    """A value of any document becomes another one, or one that stands under the same key somewhere else."""

    def edit(doc: Doc) -> str:
        found = leaves(doc)
        if not found:
            return ""
        container, key = e.random.choice(found)
        old = container[key]
        pool = [c[k] for c, k in found if k == key and c[k] != old]
        container[key] = e.random.choice(pool) if pool and e.random.random() < 0.4 else mutated(e.random, old)
        return f"{key}: {old!r} -> {container[key]!r}"

    return e.change((), edit)


def drop(e: Editor) -> str:
    """A key or an item goes."""

    def edit(doc: Doc) -> str:
        found = list(places(doc["spec"]))
        if not found:
            return ""
        container, key = e.random.choice(found)
        del container[key]
        return f"{key} dropped"

    return e.change((), edit)


def reorder(e: Editor) -> str:
    """Keys or items stand in another order."""

    def edit(doc: Doc) -> str:
        found = [c[k] for c, k in places({"": doc["spec"]}) if isinstance(c[k], dict | list) and len(c[k]) > 1]
        if not found:
            return ""
        value = e.random.choice(found)
        if isinstance(value, list):
            e.random.shuffle(value)
        else:
            items = list(value.items())
            e.random.shuffle(items)
            value.clear()
            value.update(items)
        return "reordered"

    return e.change((), edit)


def text_only(e: Editor) -> str:
    """A comment, empty lines, other line ends, or only another time."""
    path = e.random.choice(e.files())
    data = path.read_bytes()
    how = e.random.choice(["comment", "lines", "ends", "touch", "top"])
    match how:
        case "comment":
            path.write_bytes(data.rstrip(b"\n") + b"\n# said %d\n" % e.random.randrange(100))
        case "lines":
            path.write_bytes(data + b"\n\n")
        case "ends":
            path.write_bytes(data.replace(b"\r\n", b"\n") if b"\r" in data else data.replace(b"\n", b"\r\n"))
        case "top":
            path.write_bytes(b"# moves every line\n" + data)
        case _:
            os.utime(path)
    return f"{how} in {path.relative_to(e.root)}"


def add(e: Editor) -> str:
    """A new cluster, team or manifest like another one."""
    kind = e.random.choice(["Cluster", "Team", "Manifest"])
    picked = e.pick(kind)
    if picked is None:
        return ""
    doc = copy.deepcopy(picked[2])
    name = doc["metadata"]["name"] = e.name(f"new-{kind.lower()}")
    if kind == "Team":
        doc["spec"].update(namespaces=[name], network={"egress": ["10.9.0.0/16:443"]})
    if kind == "Manifest":
        _rename_objects(doc, name)
    e.save(e.root / f"specs/{kind.lower()}s/{name}.yaml", [doc])
    return f"{kind} {name} added"


def _rename_objects(doc: Doc, name: str) -> None:
    """The objects of a copy must not claim the identities of the original's."""
    objects = doc["spec"].get("objects")
    doc["spec"].pop("files", None)
    doc["spec"].pop("overrides", None)
    for n, item in enumerate(objects if isinstance(objects, list) else []):
        if isinstance(item, dict) and isinstance(item.get("metadata"), dict):
            item["metadata"]["name"] = f"{name}-{n}"


def remove(e: Editor) -> str:
    """A cluster, team or manifest goes."""
    picked = e.pick("Cluster", "Team", "Manifest")
    if picked is None:
        return ""
    path, docs, doc = picked
    docs.remove(doc)
    if docs:
        e.save(path, docs)
    else:
        path.unlink()
    return f"{doc['kind']} {doc['metadata'].get('name')} removed"


def rename(e: Editor) -> str:
    """A spec file gets another name, or goes into another folder."""
    path = e.random.choice(e.files())
    new = path.with_name(f"{e.name('moved')}.yaml")
    if e.random.random() < 0.3:
        new = path.parent / "below" / new.name
        new.parent.mkdir(exist_ok=True)
    path.rename(new)
    return f"{path.relative_to(e.root)} is now {new.relative_to(e.root)}"


def join(e: Editor) -> str:
    """Two spec files become one, in either order."""
    if len(e.files()) < 3:
        return ""
    one, two = e.random.sample(e.files(), 2)
    docs = [*e.load(one), *e.load(two)]
    if not docs:
        return ""
    e.save(one, docs)
    two.unlink()
    return f"{two.relative_to(e.root)} joined to {one.relative_to(e.root)}"


def split(e: Editor) -> str:
    """Each document of a file goes into a file of its own."""
    for path in e.files():
        docs = e.load(path)
        if len(docs) > 1:
            path.unlink()
            for doc in docs:
                e.save(path.with_name(f"{e.name('part')}.yaml"), [doc])
            return f"{path.relative_to(e.root)} split"
    return ""


def include(e: Editor) -> str:
    """A Manifest's objects move into a file that it includes, below or beside specs/."""

    def edit(doc: Doc) -> str:
        objects = doc["spec"].get("objects")
        if not isinstance(objects, list) or not objects:
            return ""
        name = f"{e.name('part')}.{e.random.choice(['yaml', 'txt'])}"
        moved = [objects.pop(e.random.randrange(len(objects)))]
        (e.root / "extra").mkdir(exist_ok=True)
        e.save(e.root / "extra" / name, moved)
        doc["spec"].setdefault("files", []).append(os.path.relpath(e.root / "extra" / name, e.root / "specs/manifests"))
        return f"one object moved to extra/{name}"

    return e.change(("Manifest",), edit)


def change_included(e: Editor) -> str:
    """A file that is included changes, comes to hold more, or goes."""
    found = sorted([*(e.root / "extra").rglob("*.*"), *(e.root / "specs/manifests/files").rglob("*.yaml")])
    if not found:
        return ""
    path = e.random.choice(found)
    docs = e.load(path)
    if not docs or e.random.random() < 0.1:
        path.unlink()
        return f"{path.name} deleted"
    doc = e.random.choice(docs)
    if isinstance(doc, dict) and isinstance(doc.get("spec"), dict) and (found_leaves := list(places(doc["spec"]))):
        container, key = e.random.choice(found_leaves)
        if not isinstance(container[key], dict | list):
            container[key] = mutated(e.random, container[key])
    if e.random.random() < 0.3 and isinstance(doc, dict):
        docs.append({**copy.deepcopy(doc), "metadata": {**doc.get("metadata", {}), "name": e.name("more")}})
    e.save(path, docs)
    return f"{path.name} changed"


def override(e: Editor) -> str:
    """An override more, or one less."""
    names = [d["metadata"].get("name") for p in e.files() for d in e.load(p) if _is(d, "Cluster")]
    matches: list[Doc] = [{"environments": ["prod"]}, {"roles": ["worker"]}, {"labels": {"new": "label"}}]
    matches += [{"clusters": [e.random.choice(names)]}] if names else []

    def edit(doc: Doc) -> str:
        overrides = doc["spec"].setdefault("overrides", [])
        if not isinstance(overrides, list):
            return ""
        if overrides and e.random.random() < 0.4:
            overrides.pop(e.random.randrange(len(overrides)))
            return "an override dropped"
        match = e.random.choice(matches)
        new: Doc = {"quota": {"pods": e.random.randrange(9)}}
        if doc["kind"] == "Manifest":
            new = {"objects": [_config_map(e.name("extra"), e.random.choice(["team0", "search", "default"]))]}
        elif e.random.random() < 0.4:
            new = {"network": {"egress": [f"10.8.{e.random.randrange(9)}.0/24:443"]}}
        overrides.append({"match": match, "set": new})
        return f"an override for {match}"

    return e.change(("Team", "Manifest"), edit)


def _is(doc: Any, kind: str) -> bool:
    return isinstance(doc, dict) and doc.get("kind") == kind and isinstance(doc.get("metadata"), dict)


def _config_map(name: str, namespace: str) -> Doc:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": namespace}, "data": {}}


def field(e: Editor) -> str:
    """A field that decides something: placement, labels, contact, network, quota, minor, environment, defaults."""
    chance = e.random
    name, kinds, path, values = chance.choice(FIELDS)

    def edit(doc: Doc) -> str:
        here = doc
        for step in path[:-1]:
            here = here.setdefault(step, {})
            if not isinstance(here, dict):
                return ""
        here[path[-1]] = copy.deepcopy(chance.choice(values))
        return f"{name} = {here[path[-1]]}"

    return e.change(kinds, edit)


Field = tuple[str, tuple[str, ...], tuple[str, ...], tuple[Any, ...]]
_ENVIRONMENTS: tuple[Doc, ...] = (
    {"environments": ["dev"]},
    {"environments": ["dev", "prod"]},
    {"roles": ["worker"]},
    {},
)
FIELDS: tuple[Field, ...] = (
    ("placement", ("Team", "Manifest"), ("spec", "placement"), _ENVIRONMENTS),
    ("label", ("Team", "Manifest", "Cluster"), ("metadata", "labels"), ({"new": "label"}, {"new": "2"}, {})),
    ("contact", ("Team",), ("spec", "contact"), ("a@b.example", "1", "x: y")),
    ("costCenter", ("Team",), ("spec", "costCenter"), ("cc-1", "1")),
    ("egress", ("Team",), ("spec", "network", "egress"), (["10.5.0.0/16:443"], ["10.6.0.0/16"], [])),
    ("ingress", ("Team",), ("spec", "network", "ingress"), (["namespace/gateway:80"], [])),
    ("quota", ("Team",), ("spec", "quota", "cpu"), ("1", 1, "900")),
    ("kubernetes", ("Cluster",), ("spec", "kubernetes"), MINORS),
    ("environment", ("Cluster",), ("spec", "environment"), ("dev", "staging", "prod")),
    ("residency", ("Cluster",), ("spec", "residency"), ("eu", "us", "de")),
    ("cluster defaults", ("Cluster",), ("spec", "defaults", "team", "quota", "pods"), (7, 8)),
    ("fleet defaults", ("Fleet",), ("spec", "defaults", "team", "quota", "secrets"), (7, 8)),
    ("team defaults", ("Team",), ("spec", "defaults", "manifest", "placement"), ({"environments": ["dev"]}, {})),
)


def roll(e: Editor) -> str:
    """A Rollout comes or goes, or its waves are at other revisions."""
    picked = e.pick("Rollout")
    if picked is not None and e.random.random() < 0.3:
        picked[0].unlink()
        return "the Rollout removed"
    if picked is not None:
        path, docs, doc = picked
        waves = doc["spec"].get("waves")
        if not isinstance(waves, dict) or not all(isinstance(wave, dict) for wave in waves.values()):
            return ""
        said = _promoted(e, waves)
    else:
        path, doc = e.root / "specs/rollout.yaml", _rollout(e)
        docs, said = [doc], f"a Rollout of {len(doc['spec']['waves'])} waves"
    e.save(path, docs)
    return said


def _rollout(e: Editor) -> Doc:
    matches: list[Doc] = [{"environments": ["dev"]}, {"environments": ["prod"]}, {"roles": ["worker"]}]
    waves: Doc = {e.name("wave"): {"match": match} for match in e.random.sample(matches, e.random.randrange(3))}
    waves[e.name("rest")] = {}
    for wave in list(waves.values())[: e.random.randrange(len(waves) + 1)]:
        wave.update(revision="a" * 40, paths=_folders(e))
    meta = {"name": e.name("rollout")}
    return {"apiVersion": "fleetc/v1alpha1", "kind": "Rollout", "metadata": meta, "spec": {"waves": waves}}


def _promoted(e: Editor, waves: dict[str, Doc]) -> str:
    """A wave is where the one before it is, the first at a new revision."""
    n = e.random.randrange(len(waves)) if waves else 0
    before = list(waves.values())[n - 1] if n else {"revision": e.random.choice("bcdef") * 40}
    for name, wave in list(waves.items())[n : n + 1]:
        wave["revision"] = before.get("revision", "a" * 40)
        wave["paths"] = _folders(e)
        return f"{name} promoted"
    return ""


def _folders(e: Editor) -> list[str]:
    """Some of the folders that clusters and teams have, and perhaps some that they do not."""
    docs = [d for p in e.files() for d in e.load(p)]
    names = {kind: [str(d["metadata"].get("name")) for d in docs if _is(d, kind)] for kind in ("Cluster", "Team")}
    found = [f"golden/{c}/{f}" for c in names["Cluster"] for f in ("platform", *(f"teams/{t}" for t in names["Team"]))]
    return e.random.sample(found, e.random.randrange(len(found) + 1))


def move_outputs(e: Editor) -> str:
    """Generated files go into another folder."""

    def edit(doc: Doc) -> str:
        doc["spec"]["outputs"] = {"manifests": e.random.choice(FOLDERS)}
        return f"outputs = {doc['spec']['outputs']}"

    return e.change(("Fleet",), edit)


def break_spec(e: Editor) -> str:
    """A spec that cannot be right."""
    path = e.random.choice(e.files())
    data = path.read_text()
    how = e.random.choice(
        [f"{data}unknown: 1\n", f"{data}\n]", f"{data}---\n{data}", "", data.replace("spec:", "sepc:")]
    )
    path.write_text(how)
    return f"{path.relative_to(e.root)} broken"


SPEC_EDITS: tuple[Callable[[Editor], str], ...] = (
    *(change_leaf,) * 4, drop, *(reorder,) * 2, *(text_only,) * 3, *(add,) * 2, remove, rename, join, split, include,
    *(change_included,) * 2, *(override,) * 3, *(field,) * 9, *(roll,) * 2, move_outputs, break_spec,
)  # fmt: skip


def lose_outputs(e: Editor) -> str:
    """Some output files go, or all."""
    found = e.outputs()
    if not found:
        return ""
    if e.random.random() < 0.2:
        for folder in FOLDERS:
            shutil.rmtree(e.root / folder, ignore_errors=True)
        return "all outputs deleted"
    gone = e.random.sample(found, min(len(found), e.random.randrange(1, 4)))
    for path in gone:
        path.unlink()
    return f"{len(gone)} outputs deleted"


def damage_output(e: Editor) -> str:
    """An output file is edited by hand, loses its header, is only touched, or becomes a link."""
    found = e.outputs()
    if not found:
        return ""
    path = e.random.choice(found)
    data = path.read_bytes()
    match e.random.choice(["edit", "header", "touch", "link", "same"]):
        case "edit":
            path.write_bytes(data + b"edited: by hand\n")
        case "header":
            path.write_bytes(b"# mine now\n" + data)
        case "link":
            path.unlink()
            path.symlink_to("nowhere")
        case "same":
            path.unlink()
            path.write_bytes(data)
        case _:
            os.utime(path)
    return f"{path.relative_to(e.root)} damaged"


def add_output(e: Editor) -> str:
    """A file of somebody else, or one of ours that no spec makes, stands in an output folder."""
    folder = e.root / e.random.choice(FOLDERS)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / e.name("stray")
    path.write_bytes(e.random.choice([b"mine\n", seal(b"a: 1\n", "specs/gone.yaml")]))
    return f"{path.relative_to(e.root)} added"


def harm_memory(e: Editor) -> str:
    """The memory goes, is cut, has another bit, or is that of an earlier time."""
    name = e.random.choice(["memory", "memory.since"])
    path, kept = e.root / ".fleetc" / name, e.root.parent / f"{e.root.name}-{name}"
    if not path.exists():
        return ""
    data = path.read_bytes()
    how = e.random.choice(["gone", "cut", "bit", "old", "keep"])
    match how:
        case "gone":
            path.unlink()
        case "cut":
            path.write_bytes(data[: e.random.randrange(len(data))])
        case "bit":
            at = e.random.randrange(len(data))
            path.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        case "old" if kept.exists():
            shutil.copy(kept, path)
        case _:
            shutil.copy(path, kept)
    return f"{name}: {how}"


OTHER_EDITS: tuple[Callable[[Editor], str], ...] = (lose_outputs, damage_output, add_output, harm_memory)

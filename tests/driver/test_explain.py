"""`explain`, backwards: every emitted line, and where it comes from."""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.driver.fleets import acme, inside

from fleetc.driver.explain import explainer
from fleetc.source.span import render_path

FLEET = """\
apiVersion: fleetc/v1alpha1
kind: Fleet
metadata: {name: acme}
spec:
  organisation: acme
  environments: [dev, prod]
  defaults:
    team:
      quota: {pods: 500}
"""
DEV = """\
apiVersion: fleetc/v1alpha1
kind: Cluster
metadata: {name: dev}
spec:
  kubernetes: "1.36"
  provider: kind
  environment: dev
  defaults:
    team:
      limits: {maxVolume: 5Gi}
"""
PROD = """\
apiVersion: fleetc/v1alpha1
kind: Cluster
metadata: {name: prod}
spec: {kubernetes: "1.35", provider: gke, region: europe-west4, environment: prod}
"""
TEAM = """\
apiVersion: fleetc/v1alpha1
kind: Team
metadata: {name: search}
spec:
  costCenter: cc-4711
  namespaces: {search: {share: 3}, search-batch: {share: 1}}
  members: {developers: [search-devs, search-guests]}
  serviceAccounts: [indexer]
  quota: {cpu: "16", memory: 1Gi}
  placement: {environments: [dev, prod]}
  overrides:
  - match: {environments: [dev]}
    set:
      quota: {cpu: "4"}
"""


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("small")
    (root / "specs").mkdir()
    for name, text in {"fleet": FLEET, "dev": DEV, "prod": PROD, "search": TEAM}.items():
        (root / f"specs/{name}.yaml").write_text(text, encoding="utf-8")
    assert inside(root, "build").status == 0
    return root


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = acme(tmp_path_factory.mktemp("acme"))
    assert inside(root, "build").status == 0
    return root


@pytest.fixture(scope="module")
def entries(built: Path) -> list[dict[str, Any]]:
    run = inside(built, "explain", "--all", "golden", "--output", "json")
    assert run.status == 0
    found: list[dict[str, Any]] = run.data()
    return found


def test_every_emitted_leaf_is_explained_in_the_documented_form(entries: list[dict[str, Any]]) -> None:
    form = {"file", "line", "path", "value", "origins", "exact", "placed"}
    for entry in entries:
        assert entry.keys() - {"constant"} == form
        assert "constant" in entry or any(o["how"] == "value" for o in entry["origins"]), entry
        for origin in (*entry["origins"], *entry["placed"]):
            assert origin.keys() == {"file", "line", "column", "via", "role", "how", "path"}
            assert origin["via"] in ("spec", "default", "override", "table", "lock")
            assert origin["role"] in ("value", "beaten", "unmatched", "selector", "placement", "unset")
            assert origin["how"] in ("value", "presence", "order")


def test_shares_of_exact_joint_and_constant_leaves(entries: list[dict[str, Any]]) -> None:
    sorts = Counter("constant" if "constant" in e else "exact" if e["exact"] else "joint" for e in entries)
    sys.stdout.write(f"{', '.join(f'{n} {sort} ({n / len(entries):.1%})' for sort, n in sorts.items())}\n")
    assert sorts["exact"] > len(entries) / 5
    assert sorts["joint"] <= len(entries) / 100


def test_every_leaf_stands_on_its_line(built: Path, entries: list[dict[str, Any]]) -> None:
    by_file: dict[str, dict[tuple[int, str], Any]] = {}
    for entry in entries:
        by_file.setdefault(entry["file"], {})[entry["line"], entry["path"]] = entry["value"]
    assert by_file.keys() == {p.relative_to(built).as_posix() for p in (built / "golden").rglob("*.yaml")}
    for file, found in by_file.items():
        assert found == dict(leaves((built / file).read_text(encoding="utf-8"))), file


def leaves(text: str) -> Iterator[tuple[tuple[int, str], Any]]:
    """The leaves of a YAML file by line and path, by another reader than ours."""
    for position, node in enumerate(yaml.compose_all(text, Loader=yaml.CSafeLoader)):
        yield from _below(node, (position,), node.start_mark.line + 1)


def _below(node: Any, path: tuple[Any, ...], line: int, above: int = 1) -> Iterator[tuple[tuple[int, str], Any]]:
    """`above`: what is to be added to lines from 0, for a document in a text on later lines."""
    if isinstance(node, yaml.ScalarNode) and node.style == "|" and node.value.startswith("{\n"):
        inside = yaml.compose(node.value, Loader=yaml.CSafeLoader)
        yield from _below(inside, path, line, node.start_mark.line + above + 1)
        return
    pairs: list[tuple[Any, Any, int]] = []
    if isinstance(node, yaml.MappingNode):
        pairs = [(key.value, value, key.start_mark.line + above) for key, value in node.value]
    elif isinstance(node, yaml.SequenceNode):
        pairs = [(n, value, value.start_mark.line + above) for n, value in enumerate(node.value)]
    for step, value, at in pairs:
        yield from _below(value, (*path, step), at, above)
    if not pairs:
        value = yaml.CSafeLoader("").construct_document(node)
        yield (line, f"[{path[0]}].{render_path(path[1:])}"), value


def test_every_origin_holds_its_key_or_value(built: Path, entries: list[dict[str, Any]]) -> None:
    fleet = explainer(built)
    docs = [*fleet.front.docs.values(), fleet.front.table, *fleet.plan.locks.values()]
    values: dict[tuple[str, str], list[Any]] = {}
    for doc in docs:
        for path, value in everything(doc.tree):
            for file, _ in doc.sources:
                values.setdefault((file, render_path(path)), []).append(value)
    origins = {json.dumps(o): o for e in entries for o in (*e["origins"], *e["placed"])}
    assert len(origins) > 500
    texts = {file: tokens(fleet.sources.text(file) or "") for file in {o["file"] for o in origins.values()}}
    for origin in origins.values():
        place = (origin["file"], origin["path"])
        # A selector may be compared with labels that a cluster does not have.
        assert origin["role"] in ("unset", "selector") or place in values, origin
        shown = texts[origin["file"]].get((origin["line"], origin["column"]), [])
        meant = values.get(place, [None])
        assert any(speaks_of(token, origin["path"], value) for token in shown for value in meant), (origin, shown)


def everything(tree: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """The values of a canonical document and their paths."""
    yield path, tree
    for step, item in tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ():
        yield from everything(item, (*path, step))


def tokens(text: str) -> dict[tuple[int, int], list[str]]:
    """Keys and scalars by where they start; a container starts where its bracket is, and goes by the name of its
    key."""
    out: dict[tuple[int, int], list[str]] = {}
    for node in yaml.compose_all(text, Loader=yaml.CSafeLoader):
        _tokens(node, "", out)
    return out


def _tokens(node: Any, name: str, out: dict[tuple[int, int], list[str]]) -> None:
    place = (node.start_mark.line + 1, node.start_mark.column + 1)
    out.setdefault(place, []).append(node.value if isinstance(node, yaml.ScalarNode) else name)
    for item in node.value if isinstance(node, yaml.SequenceNode) else ():
        _tokens(item, name, out)
    for key, value in node.value if isinstance(node, yaml.MappingNode) else ():
        out.setdefault((key.start_mark.line + 1, key.start_mark.column + 1), []).append(key.value)
        _tokens(value, key.value, out)


def speaks_of(token: str, path: str, value: Any) -> bool:
    """Whether a key or a scalar is a name on a canonical path, or the value there, perhaps in a short form of both."""
    names = [name for name in re.split(r"[\[\]'.]+", path) if not name.isdigit()]
    quoted = re.findall("'([^']*)'", path)
    short = any(token.startswith(name) for name in (*names[-2:], *quoted))
    same = token in (value, json.dumps(value)) or (isinstance(value, list) and token in map(str, value))
    return same or short or token.lower() in map(str.lower, (*names, *quoted))


def place(root: Path, file: str, about: str, path: str) -> str:
    """FILE:LINE of a path in the object that is called `Kind name` or `Kind namespace/name`."""
    text = (root / file).read_text(encoding="utf-8")
    for position, made in enumerate(yaml.safe_load_all(text)):
        metadata = made["metadata"]
        name = "/".join(filter(None, (metadata.get("namespace"), metadata["name"])))
        if about == f"{made['kind']} {name}":
            return next(f"{file}:{line}" for (line, at), _ in leaves(text) if at == f"[{position}].{path}")
    raise AssertionError(about)


def explained(root: Path, target: str) -> str:
    run = inside(root, "explain", target, "--color", "never")
    assert (run.status, run.err) == (0, "")
    return run.out


ON = {
    name: f"is on {name} because of specs/{name}.yaml:3:18, specs/search.yaml:3:18, specs/search.yaml:10:15, {value}"
    for name, value in {"prod": "specs/prod.yaml:4:78", "dev": "specs/dev.yaml:7:16"}.items()
}
SEARCH = "golden/prod/teams/search/team.yaml"
NAMESPACE = "specs/search.yaml:6:16  spec (presence)  namespaces: {search: {share: 3}, search-batch: {share: 1}}"
TABLE = "fleetc/language/tables/defaults.yaml"

TEXTS = {
    "a value of the spec": (
        (SEARCH, "Namespace search", "metadata.labels['fleetc.dev/cost-center']"),
        f"""\
PLACE metadata.labels['fleetc.dev/cost-center'] = "cc-4711"  [Namespace]
  specs/search.yaml:5:15  spec  costCenter: cc-4711
  {NAMESPACE}
  Team/search {ON["prod"]}
""",
    ),
    "an override that beats the spec": (
        ("golden/dev/teams/search/team.yaml", "ResourceQuota search/team-quota", "spec.hard['requests.cpu']"),
        f"""\
PLACE spec.hard['requests.cpu'] = "3"  [ResourceQuota]
  specs/search.yaml:14:20  override  quota: {{cpu: "4"}}
  specs/search.yaml:6:32  spec  namespaces: {{search: {{share: 3}}, search-batch: {{share: 1}}}}
  specs/search.yaml:6:58  spec  namespaces: {{search: {{share: 3}}, search-batch: {{share: 1}}}}
  specs/search.yaml:12:13  selects  - match: {{environments: [dev]}}
  specs/dev.yaml:7:16  selects  environment: dev
  specs/search.yaml:9:16  spec, beaten  quota: {{cpu: "16", memory: 1Gi}}
  Team/search {ON["dev"]}
""",
    ),
    "an override that does not match": (
        (SEARCH, "ResourceQuota search/team-quota", "spec.hard['requests.cpu']"),
        f"""\
PLACE spec.hard['requests.cpu'] = "12"  [ResourceQuota]
  specs/search.yaml:9:16  spec  quota: {{cpu: "16", memory: 1Gi}}
  specs/search.yaml:6:32  spec  namespaces: {{search: {{share: 3}}, search-batch: {{share: 1}}}}
  specs/search.yaml:6:58  spec  namespaces: {{search: {{share: 3}}, search-batch: {{share: 1}}}}
  specs/search.yaml:12:13  selects  - match: {{environments: [dev]}}
  specs/prod.yaml:4:78  selects  ...35", provider: gke, region: europe-west4, environment:...
  specs/search.yaml:14:20  override, not matched  quota: {{cpu: "4"}}
  Team/search {ON["prod"]}
""",
    ),
    "a default of the fleet": (
        (SEARCH, "ResourceQuota search-batch/team-quota", "spec.hard.pods"),
        f"""\
PLACE spec.hard.pods = "125"  [ResourceQuota]
  specs/search.yaml:6:32  spec  namespaces: {{search: {{share: 3}}, search-batch: {{share: 1}}}}
  specs/search.yaml:6:58  spec  namespaces: {{search: {{share: 3}}, search-batch: {{share: 1}}}}
  specs/fleet.yaml:9:21  default  quota: {{pods: 500}}
  Team/search {ON["prod"]}
""",
    ),
    "a default of the cluster": (
        ("golden/dev/teams/search/team.yaml", "LimitRange search/team-limits", "spec.limits[1].max.storage"),
        f"""\
PLACE spec.limits[1].max.storage = "5Gi"  [LimitRange]
  specs/dev.yaml:10:27  default  limits: {{maxVolume: 5Gi}}
  {NAMESPACE}
  Team/search {ON["dev"]}
""",
    ),
    "an entry of the table, and what selects it": (
        ("golden/prod/platform/cluster.yaml", "StorageClass fast", "provisioner"),
        f"""\
PLACE provisioner = "pd.csi.storage.gke.io"  [StorageClass]
  {TABLE}:TABLE  table  ... fast, provisioner: pd.csi.storage.gke.io, parameters:...
  specs/prod.yaml:4:38  selects  ...: "1.35", provider: gke, region: europe-west4, environ...
  Cluster/prod is there because of specs/prod.yaml:3:18
""",
    ),
    "what is not set": (
        (SEARCH, "Namespace search", "metadata.labels['pod-security.kubernetes.io/enforce']"),
        f"""\
PLACE metadata.labels['pod-security.kubernetes.io/enforce'] = "restricted"  [Namespace]
  {TABLE}:TABLE  table  podSecurity: restricted
  {NAMESPACE}
  specs/search.yaml:6:16  podSecurity not set  namespaces: {{search: {{share: 3}}, search-batch: {{share: 1}}}}
  Team/search {ON["prod"]}
""",
    ),
    "order": (
        (SEARCH, "RoleBinding search/team-developer", "subjects[1].name"),
        f"""\
PLACE subjects[1].name = "search-guests"  [RoleBinding]
  specs/search.yaml:7:39  spec  members: {{developers: [search-devs, search-guests]}}
  {NAMESPACE}
  its place among others: specs/search.yaml:7:26
  Team/search {ON["prod"]}
""",
    ),
    "a constant": (
        (SEARCH, "ServiceAccount search/indexer", "automountServiceAccountToken"),
        f"""\
PLACE automountServiceAccountToken = false  [ServiceAccount]
  constant of ServiceAccount; it is there because of
  specs/search.yaml:8:21  spec (presence)  serviceAccounts: [indexer]
  {NAMESPACE}
  Team/search {ON["prod"]}
""",
    ),
}


@pytest.mark.parametrize("name", TEXTS)
def test_texts(small: Path, name: str) -> None:
    where, expected = TEXTS[name]
    target = place(small, *where)
    # Where something stands in the built-in table, and so how wide the columns are, is not this test's business.
    got = re.sub(rf"({TABLE}):\d+:\d+", r"\1:TABLE", explained(small, target))
    assert re.sub("(?<=[^ ])  +", "  ", got) == expected.replace("PLACE", target)


def test_columns_are_aligned(small: Path) -> None:
    target = place(small, SEARCH, "Namespace search", "metadata.labels['fleetc.dev/cost-center']")
    rows = [line for line in explained(small, target).splitlines() if line.startswith("  specs/")]
    assert [row.index("costCenter: " if "costCenter" in row else "namespaces: ") for row in rows] == [52, 52]


def test_a_container_is_explained_by_what_makes_it_come_and_go(small: Path) -> None:
    line = int(place(small, SEARCH, "Namespace search", "metadata.labels['fleetc.dev/team']").rpartition(":")[2]) - 3
    shown = re.sub("(?<=[^ ])  +", "  ", explained(small, f"{SEARCH}:{line}"))
    assert shown.startswith(f"{SEARCH}:{line} metadata.labels  [Namespace]\n  {NAMESPACE}\n")


def test_lines_on_which_no_value_stands(small: Path) -> None:
    header = f"{SEARCH}:1: the header; fleetc makes this file from specs/search.yaml, for Team/search\n"
    assert explained(small, f"{SEARCH}:1") == f"{header}  Team/search {ON['prod']}\n"
    lines = (small / SEARCH).read_text(encoding="utf-8").splitlines()
    line = lines.index("---") + 1
    assert explained(small, f"{SEARCH}:{line}") == (
        f"{SEARCH}:{line}: between Namespace search and Namespace search-batch\n  Team/search {ON['prod']}\n"
    )
    (entry,) = inside(small, "explain", "golden/prod/platform/cluster.yaml:1", "--output", "json").data()
    assert (entry["file"], entry["line"], entry["origins"]) == ("golden/prod/platform/cluster.yaml", 1, [])
    assert [(o["file"], o["line"], o["column"]) for o in entry["placed"]] == [("specs/prod.yaml", 3, 18)]


def test_a_file_that_is_not_what_the_specs_give_now_is_told(small: Path, tmp_path: Path) -> None:
    shutil.copytree(small, tmp_path / "edited")
    file = tmp_path / "edited" / SEARCH
    file.write_text(file.read_text(encoding="utf-8").replace("cc-4711", "cc-4712"), encoding="utf-8")
    assert explained(tmp_path / "edited", f"{SEARCH}:10").startswith(
        f"note: {SEARCH} is not what the specs give now; `fleetc build` renews it\n{SEARCH}:10 "
    )


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("golden/prod/none.yaml:1", "there is no golden/prod/none.yaml below"),
        ("golden/prod/teams/search/team.yaml", "is neither FILE:LINE nor a code"),
        ("golden/prod/teams/search/team.yaml:9999", "golden/prod/teams/search/team.yaml has no line 9999"),
        ("specs/search.yaml:99", "no value of a spec stands at specs/search.yaml:99"),
    ],
)
def test_there_is_nothing_to_explain(small: Path, target: str, message: str) -> None:
    run = inside(small, "explain", target)
    assert run.status == 2
    assert "nothing_to_explain" in run.err
    assert message in run.err

"""The guard: ten dangerous edits, ten harmless ones, and what allows the first."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final, NamedTuple

import pytest
from tests.driver.diff.repositories import base_fleet, build, commit, differs, edit

from fleetc.diagnostics import Failure, Severity
from fleetc.driver.diff.allow import Word, allowed, covers
from fleetc.driver.diff.guard import Guard

SEARCH: Final = "specs/teams/search.yaml"
RAW: Final = "specs/raw.yaml"
_MAPS: Final = "".join(
    f"  - {{apiVersion: v1, kind: ConfigMap, metadata: {{name: rules-{n}, namespace: search}}, data: {{level: a}}}}\n"
    for n in range(12)
)
_RAW: Final = f"""apiVersion: fleetc/v1alpha1
kind: Manifest
metadata: {{name: raw}}
spec:
  objects:
  - {{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {{name: data, namespace: search}},
    spec: {{accessModes: [ReadWriteOnce], resources: {{requests: {{storage: 10Gi}}}}}}}}
  - {{apiVersion: v1, kind: ConfigMap, metadata: {{name: settings, namespace: search}}, data: {{level: info}}}}
  - {{apiVersion: v1, kind: PersistentVolume, metadata: {{name: models}},
    spec: {{capacity: {{storage: 1Ti}}, accessModes: [ReadOnlyMany], nfs: {{server: nfs.example, path: /m}}}}}}
  - apiVersion: apiextensions.k8s.io/v1
    kind: CustomResourceDefinition
    metadata: {{name: things.acme.example}}
    spec:
      group: acme.example
      scope: Namespaced
      names: {{plural: things, singular: thing, kind: Thing, listKind: ThingList}}
      versions: [{{name: v1, served: true, storage: true, schema: {{openAPIV3Schema: {{type: object}}}}}}]
---
apiVersion: fleetc/v1alpha1
kind: Manifest
metadata: {{name: rules, team: search}}
spec:
  objects:
{_MAPS}"""


class Edit(NamedTuple):
    """An edit of the small fleet: of a file, what is put for what; and the codes and words that are expected."""

    name: str
    file: str
    old: str
    new: str
    finds: tuple[str, ...] = ()


def _part(start: str, end: str) -> str:
    return _RAW[_RAW.index(start) : _RAW.index(end)]


_CLAIM: Final = _part("  - {apiVersion: v1, kind: PersistentVolumeC", "  - {apiVersion: v1, kind: ConfigMap")
_VOLUME: Final = _part("  - {apiVersion: v1, kind: PersistentVolume,", "  - apiVersion: apiext")
_DEFINITION: Final = _part("  - apiVersion: apiext", "---\n")
_WEB: Final = """---
apiVersion: fleetc/v1alpha1
kind: Team
metadata: {name: web}
spec: {namespaces: [web], members: {admins: web-leads}, network: {egress: ["team/search:8080"]}}
"""
DANGEROUS = [
    Edit("a namespace", SEARCH, "[search, scratch]", "[search]", ("FLT612 delete:namespace/scratch",)),
    Edit("a claim", RAW, _CLAIM, "", ("FLT612 delete:persistentvolumeclaim/search/data",)),
    Edit("a volume", RAW, _VOLUME, "", ("FLT612 delete:persistentvolume/models",)),
    Edit("a definition", RAW, _DEFINITION, "", ("FLT612 delete:customresourcedefinition/things.acme.example",)),
    Edit("a cluster", "specs/clusters/eks-dev.yaml", "", "", ("FLT613 delete:cluster/eks-dev",)),
    Edit("most of what a selector placed", RAW, "team: search}\nspec:\n",
         "team: search}\nspec:\n  placement: {environments: [prod]}\n", ("FLT614 delete:objects@eks-dev",)),
    Edit("everywhere", RAW, _RAW[_RAW.index("---\n") :], "",
         ("FLT614 delete:objects",)),
    Edit("another group", SEARCH, "oncall]", "oncall, everybody]",
         ("FLT615 rbac:rolebinding/search/team-admin", "FLT615 rbac:rolebinding/scratch/team-admin")),
    Edit("the whole internet", SEARCH, "    ingress:", '    egress: ["0.0.0.0/0:443"]\n    ingress:',
         ("FLT616 network:networkpolicy/search/allow-egress", "FLT616 network:networkpolicy/scratch/allow-egress")),
    Edit("traffic from a new team", SEARCH, '"10.9.0.0/16:9090"]', '"10.9.0.0/16:9090", "team/web:8080"]\n' + _WEB,
         ("FLT616 network:networkpolicy/search/allow-ingress", "FLT616 network:networkpolicy/scratch/allow-ingress")),
    Edit("privileged pods", SEARCH, "  members:", "  podSecurity: privileged\n  members:",
         ("FLT617 security:namespace/search", "FLT617 security:namespace/scratch")),
]  # fmt: skip
HARMLESS = [
    Edit("nothing", SEARCH, "search", "search"),
    Edit("a comment", SEARCH, "spec:", "# more\nspec:"),
    Edit("a contact", SEARCH, "  members:", "  contact: search@acme.example\n  members:"),
    Edit("fewer members", SEARCH, ", oncall]", "]"),
    Edit("another namespace, with its roles", SEARCH, "[search, scratch]", "[search, scratch, more]"),
    Edit("stricter pods", SEARCH, "  members:", "  podSecurity: restricted\n  members:"),
    Edit("less traffic", SEARCH, '["team/risk:8080", "10.9.0.0/16:9090"]', '["team/risk:8080"]'),
    Edit("another setting", RAW, "level: info", "level: debug"),
    Edit("one ConfigMap less", RAW, _MAPS.splitlines(keepends=True)[0], ""),
    Edit("a larger claim", RAW, "10Gi", "20Gi"),
    Edit("a new minor", "specs/clusters/eks-dev.yaml", '"1.35"', '"1.36"'),
]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = base_fleet(tmp_path_factory.mktemp("guard") / "acme")
    edit(folder, SEARCH, "[search]", "[search, scratch]")
    edit(folder, SEARCH, "admins: search-leads", "admins: [search-leads, oncall]")
    edit(folder, SEARCH, '["team/risk:8080"]', '["team/risk:8080", "10.9.0.0/16:9090"]')
    (folder / RAW).write_text(_RAW)
    build(folder)
    commit(folder)
    return folder


def _found(folder: Path, one: Edit, *words: str) -> list[str]:
    path = folder / one.file
    text = path.read_text(encoding="utf-8")
    try:
        if one.old or one.new:
            edit(folder, one.file, one.old, one.new)
        else:
            path.unlink()
        found = Guard(differs(folder), allowed(words)).diagnostics()
    finally:
        path.write_text(text, encoding="utf-8")
    told: list[str] = []
    for d in found:
        hint = re.search("--allow ([^`]*)`", d.hint)
        told.append(f"{d.code.code} {hint[1]}" if hint else f"{d.code.code} {d.message}")
        if d.code.severity is Severity.ERROR:
            assert d.span is not None
            assert d.span.file == one.file
    return told


@pytest.mark.parametrize("one", DANGEROUS, ids=lambda e: e.name)
def test_dangerous(built: Path, one: Edit) -> None:
    found = _found(built, one)
    assert sorted(found) == sorted(one.finds)
    # The words that it names are what allows it, no more and no less.
    words = [each.partition(" ")[2] for each in found]
    assert _found(built, one, *words) == []
    for word in words:
        left = [w for w in words if w != word]
        assert f"{word}" in " ".join(_found(built, one, *left))


@pytest.mark.parametrize("one", HARMLESS, ids=lambda e: e.name)
def test_harmless(built: Path, one: Edit) -> None:
    assert _found(built, one) == []


def test_a_word_for_nothing_is_told(built: Path) -> None:
    assert _found(built, HARMLESS[0], "delete:namespace/x") == [
        "FLT618 --allow delete:namespace/x names nothing that needs it"
    ]


def test_a_word_for_another_cluster_allows_nothing(built: Path) -> None:
    found = _found(built, DANGEROUS[0], "delete:namespace/scratch@eks-dev")
    assert found == ["FLT612 delete:namespace/scratch@onprem-prod"]


def test_one_word_for_all_names_of_a_kind_in_a_namespace(built: Path) -> None:
    assert _found(built, Edit("", RAW, _CLAIM, ""), "delete:persistentvolumeclaim/search/*") == []
    assert "FLT612" in _found(built, Edit("", RAW, _CLAIM, ""), "delete:persistentvolumeclaim/other/*")[0]


@pytest.mark.parametrize(
    "text",
    [
        *("", "x", "delete:", "delete:*", "delete:namespace", "delete:namespace/*", "delete:*/search/x"),
        *("delete:a/*/x", "*:a/b", "rbac:role/search/a*", "allow:namespace/x", "delete:namespace/x@"),
        *("delete:namespace/x@*", "delete:a/b/c/d", "delete:/x", "delete:persistentvolumeclaim/*/*"),
    ],
)
def test_words_that_are_not_safe(text: str) -> None:
    with pytest.raises(Failure) as caught:
        allowed([text])
    assert caught.value.diagnostics[0].code.code == "FLT903"


@pytest.mark.parametrize(
    "text", ["delete:namespace/x", "rbac:role/a/b", "rbac:role/a/*", "delete:objects", "delete:objects@c"]
)
def test_words_are_read_as_they_are_written(text: str) -> None:
    (word,) = allowed([text])
    assert str(word) == text
    assert covers(word, word._replace(name="b" if word.name == "*" else word.name))
    assert not covers(word, Word("data", "other", "", "x"))

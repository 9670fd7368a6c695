"""Whole documents: what is refused, where it is said, and that nothing else follows from it."""

from __future__ import annotations

import pytest
from tests.language.texts import HEAD, doc, found, problems, read, spec

from fleetc.language.envelope import included_files, is_spec
from fleetc.source import yaml

MAP = "{apiVersion: v1, kind: ConfigMap, metadata: {name: %s, namespace: t}}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hello\n", ["not_a_spec hello"]),
        ("[1, 2]\n", ["not_a_spec [1"]),
        ("{}\n", ["not_a_spec {"]),
        ("apiVersion: v1\nkind: Pod\n", ["not_a_spec v1"]),
        ("apiVersion: fleetc/v2\nkind: Team\n", ["not_a_spec fleetc/v2"]),
        ("apiVersion: 1\nkind: Team\n", ["not_a_spec 1"]),
        (f"{HEAD}kind: team\n", ["unknown_kind team"]),
        (f"{HEAD}kind: [Team]\n", ["unknown_kind [Team"]),
        (f"{HEAD}kind: Team\nmetadata:\nspec: {{}}\n", ["missing_field apiVersion"]),
        (f"{HEAD}kind: Team\nmetadata: {{labels: {{a: b}}}}\nspec: {{}}\n", ["missing_field {labels"]),
        (f"{HEAD}kind: Team\nmetadata: {{name: x}}\nspec: {{}}\nstatus: {{}}\n", ["unknown_field status"]),
        (f"{HEAD}kind: Team\nmetadata: {{name: x}}\n", ["missing_field apiVersion"]),
        (spec("Team", "{}", "{name: X}"), ["invalid_value X"]),
        (spec("Team", "{}", "{name: 5}"), ["wrong_type 5"]),
        (spec("Team", "{}", "{name: [x]}"), ["wrong_type [x"]),
        (spec("Team", "{}", "{name: ..}"), ["invalid_value .."]),
        (spec("Team", "{}", "{name: x, labels: null}"), ["null_value null"]),
        (spec("Team", "{}", "{name: x, labels: [a]}"), ["wrong_type [a"]),
        (spec("Team", "{}", "{name: x, labels: {'a b': c, d: 'e f'}}"), ["invalid_value 'a b'", "invalid_value 'e f'"]),
        (spec("Team", "{}", "{name: x, team: y}"), ["unknown_field team"]),
        (spec("Team", "{}", "{name: x, annotations: {a: b}}"), ["unknown_field annotations"]),
        (spec("Team", "hello"), ["wrong_type hello"]),
        (spec("Team", "[a]"), ["wrong_type [a"]),
        (spec("Team", "null"), ["null_value null"]),
    ],
)  # fmt: skip
def test_envelope(text: str, expected: list[str]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("podsecurity: restricted", ["unknown_field podsecurity"]),
        ("podSecurity: strict", ["invalid_value strict"]),
        ("podSecurity: [restricted]", ["wrong_type [restricted"]),
        ("podSecurity: null", ["null_value null"]),
        ("podSecurity: {}", ["wrong_type {"]),
        ("contact: 5", ["wrong_type 5"]),
        ("members: {admins: {a: b}}", ["wrong_type {a"]),
        ("members: {admins: [a, null, 5, b, a]}", ["null_value null", "wrong_type 5", "duplicate_item a"]),
        ("members: [a]", ["wrong_type [a"]),
        ("quota: {pods: -1}", ["invalid_value -1"]),
        ("quota: {pods: 1.5}", ["wrong_type 1.5"]),
        ("quota: {pods: true}", ["wrong_type true"]),
        ("quota: {pods: '5'}", ["wrong_type '5'"]),
        ("quota: {cpu: true}", ["wrong_type true"]),
        ("quota: {memory: 512m}", ["invalid_value 512m"]),
        ("namespaces: {a: {share: 1001}}", ["invalid_value 1001"]),
        ("namespaces: {a: {share: 99999999999999999999}}", ["invalid_value 99999999999999999999"]),
        ("namespaces: {a: null}", ["null_value null"]),
        ("namespaces: {a: b}", ["wrong_type b"]),
        ("namespaces: {a: {name: b}}", ["invalid_value b"]),
        ("namespaces: {A: {}}", ["invalid_value A"]),
        ("namespaces: [a, a]", ["duplicate_item a"]),
        ("namespaces: [a, {name: a, share: 2}]", ["duplicate_item {name"]),
        ("namespaces: [{share: 2}]", ["missing_field {share"]),
        ("namespaces: [[a], 5, null]", ["wrong_type [a", "wrong_type 5", "null_value null"]),
        ("namespaces: a", ["wrong_type a"]),
        ("namespaces: {name: a, share: 2}", ["wrong_type {name"]),
        ("namespaces: {a: {labels: {b: 5}}}", ["wrong_type 5"]),
        ("files: [a]", ["unknown_field files"]),
        ("defaults: {team: {}}", ["unknown_field team"]),
        ("defaults: {Manifest: {}}", ["unknown_field Manifest"]),
        ("defaults: [manifest]", ["wrong_type [manifest"]),
        ("defaults: {manifest: {overrides: []}}", ["unknown_field overrides"]),
        ("defaults: {manifest: {defaults: {}}}", ["unknown_field defaults"]),
    ],
)
def test_fields_of_a_team(fields: str, expected: list[str]) -> None:
    assert found(spec("Team", f"{{{fields}}}")) == expected


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        ("{match: {}, set: {}}", ["wrong_type {match"]),
        ("null", ["null_value null"]),
        ("[a, null]", ["wrong_type a", "null_value null"]),
        ("[{match: {}}]", ["missing_field {match"]),
        ("[{set: {}}]", ["missing_field {set"]),
        ("[{match: {}, set: {}, when: {}}]", ["unknown_field when"]),
        ("[{match: null, set: {}}]", ["null_value null"]),
        ("[{match: {cluster: a}, set: {}}]", ["unknown_field cluster"]),
        ("[{match: {clusters: [A]}, set: {}}]", ["invalid_value A"]),
        ("[{match: {}, set: {placement: {}}}]", ["placement_overridden placement"]),
        ("[{match: {}, set: {overrides: []}}]", ["unknown_field overrides"]),
        ("[{match: {}, set: {defaults: {}}}]", ["unknown_field defaults"]),
        ("[{match: {}, set: {}}, {match: {}, set: {podSecurity: x}}]", ["invalid_value x"]),
    ],
)
def test_overrides(overrides: str, expected: list[str]) -> None:
    assert found(spec("Team", f"{{overrides: {overrides}}}")) == expected


def test_the_places_of_overrides_after_a_broken_one() -> None:
    text = spec("Team", "{overrides: [5, {match: {clusters: [c]}, set: {podSecurity: baseline}}]}")
    (got,) = read(text)
    assert got.doc is not None
    assert got.doc.tree["overrides"] == [{"match": {"clusters": ["c"]}, "set": {"podSecurity": "baseline"}}]
    assert got.doc.place(("overrides", 0, "set", "podSecurity"))[2] == ("spec", "overrides", 1, "set", "podSecurity")


def test_the_places_of_items_after_a_broken_one() -> None:
    (got,) = read(spec("Team", "{members: {admins: [5, a, null, b]}, namespaces: [5, {name: ns}]}"))
    assert got.doc is not None
    assert got.doc.tree["spec"]["members"]["admins"] == ["a", "b"]
    places = [got.doc.place(("spec", "members", "admins", n))[2][-1] for n in range(2)]
    assert (places, got.doc.place(("spec", "namespaces", "ns", "name"))[2]) == (
        [1, 3],
        ("spec", "namespaces", 1, "name"),
    )


@pytest.mark.parametrize("base", ["{team: a}", "{overrides: [{match: {}, set: {team: a}}]}"])
def test_whose_a_manifest_is_stands_in_its_metadata(base: str) -> None:
    assert found(spec("Manifest", base)) == ["unknown_field team"]
    assert found(spec("Fleet", "{defaults: {manifest: {team: a}}}")) == ["unknown_field team"]
    tree = doc(spec("Manifest", "{}", "{name: x, team: a}")).tree
    assert (tree["spec"]["team"], tree["metadata"]["team"]) == ("a", "a")


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ("hello", ["wrong_type hello"]),
        ("5", ["wrong_type 5"]),
        ("[1]", ["wrong_type [1"]),
        ("null", ["null_value null"]),
        ("{}", ["missing_field {"]),
        ("{apiVersion: v1, kind: ConfigMap}", ["missing_field {apiVersion"]),
        ("{apiVersion: v1, kind: ConfigMap, metadata: null}", ["missing_field {apiVersion"]),
        ("{apiVersion: v1, kind: ConfigMap, metadata: {generateName: a}}", ["missing_field {apiVersion"]),
        ("{apiVersion: v1, kind: ConfigMap, metadata: {name: ''}}", ["missing_field {apiVersion"]),
        ("{apiVersion: v1, kind: ConfigMap, metadata: {name: 5}}", ["wrong_type 5"]),
        ("{apiVersion: v1, kind: [a], metadata: {name: x}}", ["wrong_type [a"]),
        ("{apiVersion: v1, kind: List, items: []}", ["invalid_value List"]),
        ("{identity: x, object: {}}", ["missing_field {identity"]),
        (MAP % "a", ["duplicate_item {apiVersion"]),
        ("{apiVersion: fleetc/v1alpha1, kind: Team, metadata: {name: x}}", ["invalid_value fleetc/v1alpha1"]),
        ("{apiVersion: fleetc/v2, kind: Foo, metadata: {name: x}}", ["invalid_value fleetc/v2"]),
    ],
)
def test_objects(item: str, expected: list[str]) -> None:
    assert found(spec("Manifest", f"{{objects: [{MAP % 'a'}, {item}]}}")) == expected


def test_objects_are_no_mapping() -> None:
    assert found(spec("Manifest", f"{{objects: {{a: {MAP % 'a'}}}}}")) == ["wrong_type {a"]


def test_objects_are_told_apart_by_what_names_them() -> None:
    items = ", ".join(
        (MAP % "a", MAP % "b", (MAP % "a").replace("v1", "v2"), (MAP % "a").replace("ConfigMap", "Secret"),
         (MAP % "a").replace("namespace: t", "namespace: u"), (MAP % "a").replace(", namespace: t", ""))
    )  # fmt: skip
    assert list(doc(spec("Manifest", f"{{objects: [{items}]}}")).tree["spec"]["objects"]) == [
        "v1 ConfigMap t/a",
        "v1 ConfigMap t/b",
        "v2 ConfigMap t/a",
        "v1 Secret t/a",
        "v1 ConfigMap u/a",
        "v1 ConfigMap a",
    ]


def test_objects_of_files_join_those_written_here() -> None:
    included = {"specs/a.yaml": f"{MAP % 'b'}\n---\n{MAP % 'c'}\n", "specs/b.yaml": f"# c\n{MAP % 'd'}\n"}
    made = doc(spec("Manifest", f"{{objects: [{MAP % 'a'}], files: [a.yaml, b.yaml]}}"), included)
    objects = made.tree["spec"]["objects"]
    assert [o["object"]["metadata"]["name"] for o in objects.values()] == ["a", "b", "c", "d"]
    places = [made.place(("spec", "objects", identity, "object", "metadata", "name")) for identity in objects]
    assert places == [
        ("specs/x.yaml", 0, ("spec", "objects", 0, "metadata", "name")),
        ("specs/a.yaml", 0, ("metadata", "name")),
        ("specs/a.yaml", 1, ("metadata", "name")),
        ("specs/b.yaml", 0, ("metadata", "name")),
    ]


@pytest.mark.parametrize("content", [MAP % "a", MAP % "b" + "\n---\n" + MAP % "b", "- a\n", "hello\n", "{kind: Pod}\n"])
def test_what_is_wrong_with_objects_of_files(content: str) -> None:
    text = spec("Manifest", f"{{objects: [{MAP % 'a'}], files: [a.yaml]}}")
    (got,) = problems(text, {"specs/a.yaml": content})
    assert got.code.name in ("duplicate_item", "wrong_type", "missing_field")
    assert got.source == (2 if "---" in content else 1)


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ("a.yaml", ["wrong_type a.yaml"]),
        ("[5]", ["wrong_type 5"]),
        ("[a.yaml, a.yaml]", ["duplicate_item a.yaml"]),
        ("[/etc/passwd]", ["invalid_value /etc/passwd"]),
        ("['']", ["invalid_value ''"]),
        ('["a\\0b"]', ['invalid_value "a\\0b"']),
        ("null", ["null_value null"]),
    ],
)
def test_lists_of_files(files: str, expected: list[str]) -> None:
    assert found(spec("Manifest", f"{{files: {files}}}")) == expected


def test_what_could_not_be_read_is_said_once() -> None:
    """`yes` and the like are reported where they are read: nothing follows from them."""
    for text in (
        f"{HEAD}kind: yes\n",
        "apiVersion: 0123\nkind: Team\n",
        f"{HEAD}kind: Team\nmetadata: yes\nspec: no\n",
        spec(
            "Team", "{namespaces: [yes, {name: on}, {share: off}], overrides: no, members: {admins: [y]}}", "{name: x}"
        ),
        spec("Team", "{overrides: [yes, {match: on, set: off}], defaults: no}"),
        spec("Manifest", "{objects: [yes, {apiVersion: v1, kind: ConfigMap, metadata: on}], files: [y, n]}"),
        spec("Manifest", "{objects: [{apiVersion: v1, kind: 08, metadata: {name: x}}], files: no}"),
        spec("Cluster", "{kubernetes: yes, network: {dns: {ports: [no], selector: {a: y}}}, storage: {classes: on}}"),
    ):
        names = [p.code.name for p in problems(text)]
        assert [n for n in names if n != "missing_field"] == [], text
        assert names.count("missing_field") <= text.count("share: off"), text


def test_keys_and_values_with_control_characters_do_not_reach_the_terminal() -> None:
    fields = '{"\\e[31mred": 1, podSecurity: "\\e[31m", quota: {"\\x07": 1}, members: {admins: ["a\\nb"]}}'
    text = spec("Team", fields, '{name: x, "\\e]0;": 1, labels: {"\\e": b}}')
    got = problems(text)
    assert len(got) >= 6
    assert all(part.isprintable() for p in got for part in (p.message, p.hint))


def test_long_names_are_cut_in_messages() -> None:
    text = spec("Team", f"{{{'b' * 900}: 1, podSecurity: {'c' * 900}}}", f"{{name: {'a' * 900}}}")
    assert all(len(part) < 400 for p in problems(text) for part in (p.message, p.hint))


def test_included_files() -> None:
    def of(text: str) -> list[str]:
        return [name for _, name in included_files(yaml.parse(text.encode()).documents[0].value)]

    assert of(spec("Manifest", "{files: [a.yaml, b/c.json, 5, ../d.yaml]}")) == ["a.yaml", "b/c.json", "../d.yaml"]
    assert of(spec("Team", "{files: [a.yaml]}")) == of(spec("Manifest", "{files: a.yaml}")) == []
    assert of("hello\n") == of(spec("Manifest", "[a]")) == of(spec("Manifest", "{files: [/a, '']}")) == []


def test_is_spec() -> None:
    assert [is_spec(v) for v in ({"apiVersion": "fleetc/v1alpha1"}, {"apiVersion": "fleetc/v9"})] == [True, True]
    others: list[object] = [{}, None, [], {"apiVersion": "v1"}, {"apiVersion": 5}, {"apiVersion": "fleetcd/v1"}]
    assert not any(map(is_spec, others))

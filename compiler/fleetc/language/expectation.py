"""Test files: what a platform's own repository expects of its fleet. No kind: they stand outside of specs/."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Final, Literal, NamedTuple

from fleetc.diagnostics import CODES, Code, codes
from fleetc.language.document import Doc, Tree
from fleetc.language.normalise import Walk
from fleetc.language.problem import Problem
from fleetc.language.schema import Items, Scalar, Struct, struct_of
from fleetc.language.types import LABEL_KEY, RELATIVE_PATH, Key, Line, Part, RelativePath, Text
from fleetc.language.wording import describe, did_you_mean, nearest, quoted
from fleetc.source.span import Path

PATTERN: Final = Text(
    "a name, or a pattern of names (`*`, `?` and `[abc]` as in file names)", r"[^\x00-\x20\x7f]+", "search-*", 317
)
Pattern = Annotated[str, PATTERN]
Patterns = Annotated[Mapping[str, Pattern], Key(LABEL_KEY)]
Form = Literal["count", "some", "each", "any", "codes", "valid"]

_FORMS: Final = ("each", "any", "codes", "valid")
_OF_SPECS: Final = ("codes", "valid")
_EXPECT: Final = "write none, some, a number, or one of {each: ...}, {any: ...}, {codes: [...]}, {valid: true}"
_SPECS: Final = "specs/"


class ObjectMatch(Part):
    """Emitted objects that meet every field that is set; within a field, one of its patterns is enough."""

    api_version: tuple[Pattern, ...]
    kind: tuple[Pattern, ...]
    namespace: tuple[Pattern, ...]
    name: tuple[Pattern, ...]
    labels: Patterns


class ClusterMatch(Part):
    """Clusters that meet every field that is set; within a field, one of its patterns is enough."""

    names: tuple[Pattern, ...]
    environments: tuple[Pattern, ...]
    regions: tuple[Pattern, ...]
    residency: tuple[Pattern, ...]
    roles: tuple[Pattern, ...]
    labels: Patterns


class CaseFields(Part):
    """The fields of a test whose values have one form. The others are `clusters`, `specs` and `expect`."""

    KEY: ClassVar[str | None] = "name"

    name: Line
    objects: ObjectMatch | None
    golden: RelativePath | None


class Written(NamedTuple):
    """Something that stands in a test file as it is: a document of a spec file, or a part of an object; and where."""

    at: Path
    value: Any


class Expect(NamedTuple):
    """What is expected: a `count`; `some`; parts (`Written`) of which `each` or `any` object has one; the `codes` that
    come out; or that the specs are `valid`."""

    form: Form
    value: Any


class Case(NamedTuple):
    """One test. `at` is its path in `doc`; `objects` and `clusters` are selectors in canonical form; `specs` are the
    documents by file (None: the file is removed)."""

    name: str
    doc: Doc
    at: Path
    objects: Tree | None
    clusters: Tree | None
    specs: Mapping[str, list[Written] | None]
    expect: Expect | None
    golden: str | None


class CaseFile(NamedTuple):
    """The tests of a document, and what is wrong with it."""

    tests: tuple[Case, ...]
    problems: tuple[Problem, ...]


def read_cases(value: Any, file: str, number: int) -> CaseFile:
    """The tests of the n-th document of a file."""
    walk = Walk()
    doc = Doc("Tests", file, ((file, number),), {}, walk.moves)
    if not isinstance(value, Mapping):
        walk.wrong("a mapping", value, (), "write a list of tests below `tests:`")
        return CaseFile((), tuple(walk.problems))
    for key in value:
        if key != "tests":
            walk.unknown(key, ["tests"], (key,))
    tests = list(_tests(walk, value, doc))
    return CaseFile(tuple(tests), tuple(walk.problems))


def _tests(walk: Walk, value: Mapping[str, Any], doc: Doc) -> Iterator[Case]:
    listed = value.get("tests")
    if "tests" not in value:
        if not any(nearest(str(key), ["tests"]) for key in value):
            walk.problem(codes.EMPTY_TEST, "there is no test in it", (), "write a list of tests below `tests:`")
        return
    if listed is not None and not isinstance(listed, list):
        walk.wrong("a list", listed, ("tests",), "put `- ` in front of each test")
        return
    if not listed:
        hint = "add a test, or remove the file"
        walk.problem(codes.EMPTY_TEST, "there is no test in it", ("tests",), hint, key=True)
        return
    first: dict[str, Path] = {}
    for n, item in enumerate(listed):
        test = _test(walk, item, ("tests", n), doc)
        if test is not None:
            if test.name in first:
                related = ((first[test.name], "first here"),)
                message = f"two tests are called {quoted(test.name)}"
                walk.problem(codes.DUPLICATE_ITEM, message, (*test.at, "name"), "rename one of them", related=related)
            first.setdefault(test.name, (*test.at, "name"))
            yield test


def _test(walk: Walk, item: Any, at: Path, doc: Doc) -> Case | None:
    if not isinstance(item, Mapping):
        walk.wrong("a mapping", item, at, "a test has a `name`, selects `objects`, and has an `expect` or a `golden`")
        return None
    before = len(walk.problems)
    tree = walk.struct(struct_of(CaseFields), item, at, at, also=("clusters", "specs", "expect"))
    clusters = _clusters(walk, item["clusters"], (*at, "clusters")) if "clusters" in item else None
    specs = _specs(walk, item["specs"], (*at, "specs")) if "specs" in item else {}
    expect = _expect(walk, item["expect"], (*at, "expect")) if "expect" in item else None
    if len(walk.problems) == before:
        _whole(walk, item, at, expect)
    if len(walk.problems) > before:
        return None
    return Case(tree["name"], doc, at, tree.get("objects"), clusters, specs, expect, tree.get("golden"))


def _whole(walk: Walk, item: Mapping[str, Any], at: Path, expect: Expect | None) -> None:
    """What a test must have, and what cannot stand beside each other, of one whose fields are right."""
    if "name" not in item:
        walk.missing("name", at, "give the test a name that tells what is expected")
    if expect is None and "golden" not in item:
        walk.missing("expect", at, f"{_EXPECT}; or name a folder as `golden`")
    of_specs = expect is not None and expect.form in _OF_SPECS
    needs = "golden" in item or (expect is not None and not of_specs)
    if needs and "objects" not in item:
        walk.missing("objects", at, "select the objects that are meant; {} selects all of them")
    if of_specs and expect is not None and "specs" not in item:
        message = f"`{expect.form}` is about specs that are tried, and there are no `specs` here"
        hint = "add `specs`, or expect something of `objects`: that the specs of the root are valid is what check tells"
        walk.problem(codes.INVALID_VALUE, message, (*at, "expect"), hint)
    for field in ("objects", "clusters"):
        if field in item and not needs and expect is not None:
            message = f"`{expect.form}` looks at no objects, so `{field}` says nothing here"
            hint = "remove it, or write a second test"
            walk.problem(codes.INVALID_VALUE, message, (*at, field), hint, key=True)
    if expect is not None and expect.form == "codes" and "golden" in item:
        message, hint = "specs that are refused emit nothing to compare", "remove `golden`"
        walk.problem(codes.INVALID_VALUE, message, (*at, "golden"), hint, key=True)


def _clusters(walk: Walk, value: Any, at: Path, *, inner: bool = False) -> Tree:
    """A selector of clusters. Names alone are short for one with `names`; below `not` there is no other `not`."""
    struct = struct_of(ClusterMatch)
    if isinstance(value, str | list):
        walk.moves[(*at, "names")] = (0, at)
        schema = struct.fields["names"].schema
        assert isinstance(schema, Items)
        _not_empty(walk, value, at)
        got = walk.items(schema, value, at, (*at, "names"))
        return {"names": got} if isinstance(got, list) else {}
    if not isinstance(value, Mapping):
        walk.wrong("names of clusters or a mapping", value, at, _cluster_fields(struct))
        return {}
    _not_empty(walk, value, at)
    tree: Tree = walk.struct(struct, value, at, at, also=() if inner else ("not",))
    if "not" in value and not inner:
        tree["not"] = _clusters(walk, value["not"], (*at, "not"), inner=True)
    for key, item in value.items():
        if key in struct.fields:
            _not_empty(walk, item, (*at, key))
    return tree


def _cluster_fields(struct: Struct) -> str:
    return f"write names, or some of {', '.join(struct.fields)} and not"


def _not_empty(walk: Walk, value: Any, at: Path) -> None:
    if isinstance(value, list | dict) and not value:
        walk.problem(codes.EMPTY_TEST, "nothing is selected here", at, "select something, or leave it out")


def _specs(walk: Walk, value: Any, at: Path) -> dict[str, list[Written] | None]:
    """The spec files of a what-if."""
    hint = "write specs: {specs/teams/search.yaml: {...}}; null removes a file"
    if not isinstance(value, Mapping):
        walk.wrong("a mapping of spec files", value, at, hint)
        return {}
    if not value:
        walk.problem(codes.EMPTY_TEST, "no spec is tried here", at, hint)
    out: dict[str, list[Written] | None] = {}
    for file, given in value.items():
        here = (*at, file)
        fits = RELATIVE_PATH.accepts(file) and file.startswith(_SPECS) and file.endswith((".yaml", ".yml"))
        if not fits:
            message, mend = f"{quoted(file)} is no spec file", f"name a YAML file below {_SPECS}"
            walk.problem(codes.INVALID_VALUE, message, here, mend, key=True)
        elif given is None:
            out[file] = None
        else:
            if given == []:
                walk.problem(codes.EMPTY_TEST, "there is no document in it", here, "null removes the file")
            out[file] = _written(given, here)
    return out


def _written(given: Any, at: Path) -> list[Written]:
    """What a list holds; something alone is short for a list of one."""
    return [Written((*at, n), one) for n, one in enumerate(given)] if isinstance(given, list) else [Written(at, given)]


def _expect(walk: Walk, value: Any, at: Path) -> Expect | None:
    match value:
        case "none":
            return Expect("count", 0)
        case "some":
            return Expect("some", None)
        case int() if type(value) is int and value >= 0:
            return Expect("count", value)
        case {**fields} if len(fields) == 1 and next(iter(fields)) in _FORMS:
            ((form, given),) = fields.items()
            return _form(walk, str(form), given, (*at, str(form)))
        case {**fields}:
            unknown = [str(key) for key in fields if key not in _FORMS]
            for key in unknown:
                walk.unknown(key, _FORMS, (*at, key))
            if not unknown:
                walk.problem(codes.INVALID_VALUE, "a test has one expectation", at, "write a test for each")
        case None:
            walk.null(at, _EXPECT)
        case _:
            walk.problem(codes.WRONG_TYPE, f"expected an expectation, got {describe(value)}", at, _EXPECT)
    return None


def _form(walk: Walk, form: str, given: Any, at: Path) -> Expect | None:
    match form:
        case "valid":
            if given is True:
                return Expect("valid", True)
            hint = "write {valid: true}, or the codes that come out: {codes: [FLT302]}"
            walk.problem(codes.INVALID_VALUE, "`valid` can only be true", at, hint)
            return None
        case "codes":
            return Expect("codes", _codes(walk, given, at))
        case _:
            return Expect("each" if form == "each" else "any", _subsets(walk, given, at))


def _codes(walk: Walk, given: Any, at: Path) -> list[Code]:
    if isinstance(given, list) and not given:
        hint = "name the codes that come out; that none does is {valid: true}"
        walk.problem(codes.EMPTY_TEST, "no code is expected here", at, hint)
    found = walk.items(Items(Scalar(str)), given, at, at)
    out: list[Code] = []
    for n, name in enumerate(found if isinstance(found, list) else ()):
        if name in CODES:
            out.append(CODES[name])
        else:
            here = (*at, n) if isinstance(given, list) else at
            hint = did_you_mean(name, CODES, "some of the codes are")
            walk.problem(codes.INVALID_VALUE, f"there is no code {quoted(name)}", here, hint)
    return out


def _subsets(walk: Walk, given: Any, at: Path) -> list[Written]:
    """Parts of objects."""
    hint = "write the part of an object that is meant, such as {spec: {replicas: 2}}; or a list of such parts"
    parts = _written(given, at)
    for path, one in parts:
        if not isinstance(one, Mapping):
            walk.wrong("a part of an object", one, path, hint)
        elif not one:
            walk.problem(codes.EMPTY_TEST, "an empty part is part of every object", path, hint)
    if not parts:
        walk.problem(codes.EMPTY_TEST, "nothing is expected here", at, hint)
    return parts

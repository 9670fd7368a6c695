"""The manifests that people have: found in folders, read, and taken apart into objects."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from fleetc.diagnostics import CODES, Diagnostic, Related, codes
from fleetc.driver.files import walk
from fleetc.driver.syntax import explained, is_template
from fleetc.language.envelope import is_spec
from fleetc.source import yaml
from fleetc.source.span import Marks, Path, Span
from fleetc.tuples import NamedTuple

STDIN: Final = "<stdin>"
_ENDS: Final = (".yaml", ".yml", ".json")
_KUSTOMIZATIONS: Final = ("kustomization.yaml", "kustomization.yml", "Kustomization")
_BY_NAME: Final = {code.name: code for code in CODES.values()}


class Found(NamedTuple):
    """An object as it was read. `group`: the folder that its file is in, as words; `alone`: its file is taken apart."""

    file: str
    span: Span
    value: dict[str, Any]
    group: tuple[str, ...]
    alone: bool
    locate: Callable[[Path], Span]


class Gathered(NamedTuple):
    """What was found: objects in the order of their files, what is wrong, and the text of each file."""

    objects: list[Found]
    diagnostics: list[Diagnostic]
    texts: dict[str, str]


def gather(paths: Sequence[str], stdin: Callable[[], bytes]) -> Gathered:
    """Every object of files and folders; `-` stands for the standard input."""
    out = Gathered([], [], {})
    seen: set[str] = set()
    for path in paths:
        if path == "-":
            _take(out, STDIN, stdin(), ())
            continue
        if not os.path.exists(path):
            hint = "correct the name"
            out.diagnostics.append(Diagnostic(codes.CANNOT_READ, f"there is no file or folder {path}", hint=hint))
            continue
        for file, group in _files(path, out):
            real = os.path.realpath(file)
            if real in seen:
                continue
            seen.add(real)
            try:
                data = read(file)
            except OSError as error:
                message, hint = f"cannot read {file}: {error.strerror}", "check the file's permissions"
                out.diagnostics.append(Diagnostic(codes.CANNOT_READ, message, Span(file, 1, 1), hint))
            else:
                _take(out, file, data, group)
    return out


def read(file: str) -> bytes:
    """The bytes of a file of manifests. Raises OSError."""
    with open(file, "rb") as stream:
        return stream.read(yaml.MAX_BYTES + 1)


def _files(path: str, out: Gathered) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The files below a path, with their group. What has to be rendered first is told of, and left out whole."""
    if not os.path.isdir(path):
        yield path, (_stem(path),)
        return
    base = os.path.basename(os.path.abspath(path))
    unrendered: list[str] = []
    names = list(walk(path))
    for name in names:
        folder, file = os.path.split(name)
        if file in (*_KUSTOMIZATIONS, "Chart.yaml"):
            if not _below(folder, unrendered):
                out.diagnostics.append(_unrendered(folder, file, name))
            unrendered.append(folder)
    for name in names:
        folder = os.path.dirname(name)
        if _below(folder, unrendered) or any(
            part.startswith(".") for part in os.path.relpath(name, path).split(os.sep)
        ):
            continue
        if name.lower().endswith(_ENDS):
            inside = os.path.relpath(folder, path)
            yield name, (base,) if inside == os.curdir else tuple(inside.split(os.sep))


def _below(folder: str, others: Sequence[str]) -> bool:
    return any(folder == other or folder.startswith(f"{other.rstrip(os.sep)}{os.sep}") for other in others)


def _unrendered(folder: str, file: str, name: str) -> Diagnostic:
    if file == "Chart.yaml":
        message, how = f"{folder} is a Helm chart", f"helm template RELEASE {folder}"
    else:
        message, how = f"{folder} is put together by a kustomization", f"kustomize build {folder}"
    hint = f"render it, and import the result: {how} | fleetc import -"
    return Diagnostic(codes.NOT_RENDERED, f"{message}, and left out: its files are only parts", Span(name, 1, 1), hint)


def _stem(path: str) -> str:
    return os.path.basename(path).rpartition(".")[0] or os.path.basename(path)


def _take(out: Gathered, file: str, data: bytes, group: tuple[str, ...]) -> None:
    """Add the objects of a file."""
    parsed, data = _parsed(file, data)
    out.texts[file] = data.decode("utf-8", "replace")
    if parsed.problems:
        out.diagnostics.extend(_problems(file, parsed.problems, out.texts[file]))
        return
    found = [
        (where, value, locate)
        for document in parsed.documents
        for where, value, locate in _objects(file, document.value, document.marks or {})
    ]
    for path, value, locate in found:
        if not isinstance(value, dict) or is_spec(value) or not (value.get("apiVersion") and value.get("kind")):
            out.diagnostics.append(_no_manifest(file, value, locate(path)))
        else:
            span = locate(path)
            out.objects.append(Found(file, span, value, group, file == STDIN, locate))


def _parsed(file: str, data: bytes) -> tuple[yaml.Parsed, bytes]:
    """A file's content, and its text as it can be read."""
    parsed = yaml.parse(data, marks=True)
    if parsed.problems:
        quoted = _quoted(data, parsed.problems)
        if quoted != data:
            data, parsed = quoted, yaml.parse(quoted, marks=True)
    if not parsed.problems or not file.endswith(".json"):
        return parsed, data
    try:  # JSON may be indented by tabs, which YAML is not
        return yaml.parse(json.dumps(json.loads(data), indent=1).encode(), marks=True), data
    except ValueError:
        return parsed, data


def _quoted(data: bytes, problems: Sequence[yaml.Problem]) -> bytes:
    """A text with each `=` that stands for itself in quotes: CRDs of great projects have it plain, and API servers read
    just that, while some readers of YAML fail on it."""
    lines = data.decode("utf-8", "replace").split("\n")
    for problem in sorted(problems, key=lambda each: (each.line, each.column), reverse=True):
        line, at = lines[problem.line - 1], problem.column - 1
        if problem.name == "ambiguous_scalar" and problem.message.startswith("`=` ") and line[at : at + 1] == "=":
            lines[problem.line - 1] = f'{line[:at]}"="{line[at + 1 :]}'
            data = "\n".join(lines).encode()
    return data


def _problems(file: str, problems: Sequence[yaml.Problem], text: str) -> Iterator[Diagnostic]:
    told = [explained(problem, text) for problem in problems]
    template = next((problem for problem in told if is_template(problem) or _holds_template(problem, text)), None)
    if template is not None:
        message = f"{file} is a template, and left out"
        hint = "render it, and import the result: helm template ... | fleetc import -"
        yield Diagnostic(codes.NOT_RENDERED, message, Span(file, template.line, template.column), hint)
        return
    for problem in told:
        related = tuple(Related(Span(file, line, column), words) for line, column, words in problem.related)
        span = Span(file, problem.line, problem.column)
        yield Diagnostic(_BY_NAME[problem.name], problem.message, span, problem.hint, (), related)


def _holds_template(problem: yaml.Problem, text: str) -> bool:
    lines = text.split("\n")
    return problem.line <= len(lines) and ("{{" in lines[problem.line - 1] or "{{-" in text)


def _objects(file: str, value: Any, marks: Marks) -> Iterator[tuple[Path, Any, Callable[[Path], Span]]]:
    """A document, or the items of a List."""

    def locate(path: Path) -> Span:
        for length in range(len(path), -1, -1):
            mark = marks.get(path[:length])
            if mark is not None:
                return Span(file, mark.key_line, mark.key_column)
        return Span(file, 1, 1)

    if isinstance(value, dict) and str(value.get("kind")).endswith("List") and isinstance(value.get("items"), list):
        for n, item in enumerate(value["items"]):
            yield ("items", n), item, locate
    else:
        yield (), value, locate


def _no_manifest(file: str, value: Any, span: Span) -> Diagnostic:
    if is_spec(value):
        message, hint = "this is a spec of fleetc already", "copy the file below specs/"
    else:
        message, hint = f"{file} holds something else than manifests", "leave it out, or give it apiVersion and kind"
    return Diagnostic(codes.NOT_A_MANIFEST, message, span, hint)

"""The files of constraints: which of them hold together, which are libraries, and what of the fleet they mention."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from fleetc.tuples import NamedTuple

PACKAGE: Final = "fleet"
_MODULE: Final = "cue.mod"
_OTHER_COMMANDS: Final = ("_test.cue", "_tool.cue")
_TOKEN: Final = re.compile(
    r"""//[^\n]*                                # a comment
    | (?P<raw>\#+)(?:\"{3}.*?\"{3}|".*?")(?P=raw)
    | "{3}.*?"{3} | '{3}.*?'{3}
    | "(?:[^"\\\n]|\\.)*" | '(?:[^'\\\n]|\\.)*'
    | [@#_$\w][\w$]*
    | [^\s]""",
    re.VERBOSE | re.DOTALL,
)
_INTERPOLATION: Final = "\\("


class Constraints(NamedTuple):
    """What below specs/ states constraints, by path; the reasons for which other files are left out; and of what reads
    the world, at which line."""

    files: tuple[str, ...]
    left_out: Mapping[str, str]
    embedding: Mapping[str, int]
    mentions: Mentions


class Mentions(NamedTuple):
    """What is read of the data: the names that stand behind `fleet` and `emitted`. None: perhaps all of it."""

    fleet: frozenset[str] | None
    emitted: frozenset[str] | None


class _File(NamedTuple):
    package: str
    tokens: list[str]
    attributes: list[tuple[str, int]]
    """Those of the whole file, with their lines."""
    imports: frozenset[str]


def constraints(texts: Mapping[str, str]) -> Constraints:
    """Sort the files below specs/, given their texts."""
    read = {path: _read(text) for path, text in texts.items()}
    left_out: dict[str, str] = {}
    libraries: dict[str, _File] = {}
    here: list[str] = []
    for path, file in read.items():
        if f"/{_MODULE}/" in path:
            continue
        names = [name for name, _ in file.attributes]
        if path.endswith(_OTHER_COMMANDS):
            left_out[path] = "cue reads files that end in _test.cue or _tool.cue for other commands"
        elif "@if" in names or "@ignore" in names:
            left_out[path] = "its attribute @if or @ignore leaves it out"
        elif file.package not in ("", PACKAGE):
            libraries[path] = file
        else:
            here.append(path)
    # What an import brings in, and what that imports.
    wanted = frozenset[str]().union(*(read[path].imports for path in (*here, *libraries)))
    for path, file in libraries.items():
        if not _is_imported(path, file.package, wanted):
            left_out[path] = f"it is of another package than `{PACKAGE}`, which nothing imports"
    embedding = {path: line for path, file in read.items() for name, line in file.attributes if name == "@extern"}
    mentions = [_mentions(file.tokens) for file in (read[path] for path in here)]
    return Constraints(tuple(here), left_out, embedding, _union(mentions))


def _is_imported(path: str, package: str, imports: Iterable[str]) -> bool:
    """Whether an import may mean the folder of a file: as `module/path/of/folder`, perhaps with `:package`."""
    folder = path.rpartition("/")[0].partition("/")[2]
    for each in imports:
        named, _, qualified = each.partition(":")
        below = f"/{folder}" if folder else ""
        if named.partition("@")[0].endswith(below) and package == (
            qualified or named.partition("@")[0].rpartition("/")[2]
        ):
            return True
    return False


def _read(text: str) -> _File:
    found = [(m[0], text.count("\n", 0, m.start()) + 1) for m in _TOKEN.finditer(text) if not m[0].startswith("//")]
    tokens = [token for token, _ in found]
    attributes: list[tuple[str, int]] = []
    for n, (token, line) in enumerate(found):
        if token == "package":  # noqa: S105 - a word of CUE
            name = tokens[n + 1] if n + 1 < len(tokens) else ""
            return _File(name, tokens, attributes, _imports(tokens[n + 2 :]))
        if token.startswith("@"):
            attributes.append((token, line))
        elif token not in ("(", ")") and not _is_argument(tokens[:n]):
            break
    return _File("", tokens, attributes, _imports(tokens))


def _is_argument(before: list[str]) -> bool:
    """Whether what stands before opens an attribute's parenthesis."""
    return before.count("(") > before.count(")")


def _imports(tokens: list[str]) -> frozenset[str]:
    """The paths of the imports, which stand before all else."""
    out: set[str] = set()
    n = 0
    while n < len(tokens) and tokens[n] == "import":
        end = tokens.index(")", n) if n + 1 < len(tokens) and tokens[n + 1] == "(" and ")" in tokens[n:] else n
        while end + 1 < len(tokens) and end == n and not tokens[n + 1].startswith('"') and n + 2 < len(tokens):
            end = n + 2
        end = max(end, n + 1)
        out |= {token[1:-1] for token in tokens[n + 1 : end + 1] if token.startswith('"')}
        n = end + 1
    return frozenset(out)


def _mentions(tokens: list[str]) -> Mentions:
    return Mentions(_behind(tokens, "fleet"), _behind(tokens, "emitted"))


def _behind(tokens: list[str], root: str) -> frozenset[str] | None:
    """The names that stand directly behind a name; None where something else does, or where texts might hold it."""
    out: set[str] = set()
    for n, token in enumerate(tokens):
        if _INTERPOLATION in token and root in token:
            return None
        if token not in (root, f'"{root}"') or (n and tokens[n - 1] == "package"):
            continue
        if n and tokens[n - 1] == ".":  # a field of something else
            continue
        name = _name(tokens[n + 1 : n + 4])
        if name is None:
            return None
        out.add(name)
    return frozenset(out)


def _name(after: list[str]) -> str | None:
    """The name in `.name`, `: name:`, `["name"]` or their like."""
    if len(after) < 2 or after[0] not in (".", ":", "["):
        return None
    name = after[1].strip('"')
    if after[0] == "[" and not after[1].startswith('"'):
        return None
    closed = {".": True, ":": len(after) > 2 and after[2] in (":", "?", "!"), "[": len(after) > 2 and after[2] == "]"}
    return name if closed[after[0]] and re.fullmatch(r"\w+", name) else None


def _union(each: list[Mentions]) -> Mentions:
    fleet, emitted = [m.fleet for m in each], [m.emitted for m in each]
    return Mentions(_all(fleet), _all(emitted))


def _all(parts: list[frozenset[str] | None]) -> frozenset[str] | None:
    known = [part for part in parts if part is not None]
    return frozenset[str]().union(*known) if len(known) == len(parts) else None

"""CUE definitions of the spec kinds: the same as their JSON Schemas say, from the same declarations.

A definition `#Model` is a document of that kind, as it may be written, and `#Spec` one of any kind. Definitions of
parts are named after their kind: `#ModelEngine`. Texts are held against RE2, which has no lookaround: each that our
patterns have is a further constraint beside what is left of the pattern.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from fleetc.language.json_schema import SPEC, Out

PACKAGE: Final = "fleetc"
_WIDEST: Final = 110
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_KEYWORDS: Final = frozenset({"package", "import", "for", "in", "if", "let", "true", "false", "null"})
_TYPES: Final = {"string": "string", "integer": "int", "boolean": "bool", "number": "number"}
_NO_PREFIX: Final = r"(?!([^/]+\.)?(kubernetes\.io|fleetc\.dev)/)"
_NOT_DOTS: Final = r"(?!\.\.?(?:/|$))"
_LOOKAROUND: Final[Mapping[str, str]] = {
    r"(?=[^/]{1,253}/)": r'=~#"^([^/]{1,253}/|[^/]*$)"#',
    _NO_PREFIX: r'!~#"^([^/]+\.)?(kubernetes\.io|fleetc\.dev)/"#',
    r"(?!.*(\.\.|@\{|//|\.lock$))": r'!~#"\.\.|@\{|//|\.lock$"#',
    _NOT_DOTS: r'!~#"(^|/)\.\.?(/|$)"#',
    r"(?!system:(?!serviceaccounts:))": '(!~"^system:" | =~"^system:serviceaccounts:")',
}
"""What looks ahead in a pattern, and what says the same beside it."""
_SPACES: Final = r"\t\n\v\f\r \x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff}"
"""What `\\s` is in ECMA 262; in RE2 it knows ASCII alone."""


class Untranslated(ValueError):  # noqa: N818 - told to whoever declares such a text
    """A pattern looks around in a way that has no translation yet: give it one in `_LOOKAROUND`."""


def definitions(found: Mapping[str, Out]) -> dict[str, str]:
    """The files by their stem: one for each kind, and that of all. `found`: what `json_schema.schemas` makes."""
    kinds = {stem: schema for stem, schema in found.items() if stem != SPEC}
    out = {stem: _file(_Maker(schema["title"]).document(schema)) for stem, schema in kinds.items()}
    names = [f"#{schema['title']}" for schema in kinds.values()]
    out[SPEC] = _file(f"// {found[SPEC]['title']}.\n#Spec: {' | '.join(names)}\n")
    return out


def _file(body: str) -> str:
    uses = [name for name in ("list", "strings") if re.search(rf"\b{name}\.[A-Z]", body)]
    imports = f"import {_quoted(uses[0])}\n\n" if len(uses) == 1 else ""
    if len(uses) > 1:
        imports = "import (\n" + "".join(f"\t{_quoted(name)}\n" for name in uses) + ")\n\n"
    return f"// Made by `fleetc schema print --all`: not for editing.\npackage {PACKAGE}\n\n{imports}{body}"


class _Maker:
    """Makes the definitions of a kind."""

    def __init__(self, kind: str) -> None:
        self._kind = kind

    def document(self, schema: Out) -> str:
        """The kind's own definition, then those of its parts."""
        parts = {self._named(name): part for name, part in schema["$defs"].items()}
        assert len(parts) == len(schema["$defs"]), self._kind
        assert self._kind not in parts
        out: list[str] = []
        for name, part in {self._kind: schema, **parts}.items():
            said = "".join(f"// {line}\n" for line in _wrapped(str(part.get("description", "")), 0))
            out.append(f"{said}#{name}: {self._value(part, 0)}\n")
        return "\n".join(out)

    def _named(self, part: str) -> str:
        """The definition of a part: parts of one name are not alike in two kinds."""
        return part if part.startswith(self._kind) else self._kind + part

    def _value(self, schema: Out, depth: int) -> str:
        """An expression, a part of which is at this depth of indentation."""
        if "$ref" in schema:
            name = self._named(schema["$ref"].removeprefix("#/$defs/"))
            return f"#{name}{self._required(schema)}"
        if "anyOf" in schema:
            return _either([self._value(each, depth) for each in schema["anyOf"]])
        if "const" in schema:
            return _quoted(schema["const"])
        if "enum" in schema:
            return _either([_quoted(each) for each in schema["enum"]])
        match schema["type"]:
            case "object":
                return self._struct(schema, depth)
            case "array":
                item = self._value(schema["items"], depth)
                unique = " & list.UniqueItems()" if schema.get("uniqueItems") else ""
                return f"[...{item}]{unique}"
            case _:
                return _scalar(schema)

    def _required(self, schema: Out) -> str:
        fields = "".join(f"{_label(name)}!: _, " for name in schema.get("required", ()))
        return f" & {{{fields}...}}" if fields else ""

    def _struct(self, schema: Out, depth: int) -> str:
        pad, required = "\t" * (depth + 1), schema.get("required", ())
        lines: list[str] = []
        for name, field in schema.get("properties", {}).items():
            lines += [f"{pad}// {line}" for line in _wrapped(str(field.get("description", "")), depth + 1)]
            mark = "!" if name in required else "?"
            lines.append(f"{pad}{_label(name)}{mark}: {self._value(field, depth + 1)}")
        lines += [f"{pad}{_label(name)}!: _" for name in required if name not in schema.get("properties", {})]
        others = schema.get("additionalProperties", True)
        if others is True:
            lines.append(f"{pad}...")
        elif others is not False:
            keys = _scalar(schema["propertyNames"]) if "propertyNames" in schema else "string"
            lines.append(f"{pad}[{keys}]: {self._value(others, depth + 1)}")
        return "{\n" + "\n".join(lines) + "\n" + "\t" * depth + "}" if lines else "{}"


def _scalar(schema: Out) -> str:
    """A text, a number, or either."""
    if "enum" in schema:
        return _either([_quoted(each) for each in schema["enum"]])
    types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    out: list[str] = []
    for kind in types:
        limits = list(_text(schema)) if kind == "string" else list(_range(schema))
        out.append(" & ".join(limits if kind == "string" and limits else [_TYPES[kind], *limits]))
    return _either([f"({each})" if " & " in each and len(out) > 1 else each for each in out])


def _range(schema: Out) -> Iterator[str]:
    if "minimum" in schema:
        yield f">={schema['minimum']}"
    if "maximum" in schema:
        yield f"<={schema['maximum']}"


def _text(schema: Out) -> Iterator[str]:
    if "pattern" in schema:
        yield from patterns(schema["pattern"])
    if "minLength" in schema:
        yield f"strings.MinRunes({schema['minLength']})"
    if "maxLength" in schema:
        yield f"strings.MaxRunes({schema['maxLength']})"


def patterns(pattern: str) -> Iterator[str]:
    """A pattern of ECMA 262 as constraints with RE2. Raises Untranslated."""
    beside: list[str] = []
    for looking, said in _LOOKAROUND.items():
        if looking in pattern:
            pattern = pattern.replace(looking, "")
            beside.append(said)
    if re.search(r"\(\?(?!:)", pattern) or '"#' in pattern:
        raise Untranslated(pattern)
    yield f'=~#"{_escapes(pattern)}"#'
    yield from beside


def _escapes(pattern: str) -> str:
    """Escapes that RE2 has not, or means otherwise."""
    meant = {r"\s": _SPACES, r"\0": r"\x00"}

    def translated(found: re.Match[str]) -> str:
        wide = re.fullmatch(r"\\u([0-9a-fA-F]{4})", found[0])
        return rf"\x{{{wide[1]}}}" if wide else meant.get(found[0], found[0])

    return re.sub(r"\\u[0-9a-fA-F]{4}|\\.", translated, pattern)


def _either(parts: list[str]) -> str:
    return " | ".join(dict.fromkeys(parts))


def _label(name: str) -> str:
    return name if _NAME.fullmatch(name) and name not in _KEYWORDS else _quoted(name)


def _quoted(value: Any) -> str:
    text = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"' if isinstance(value, str) else str(value).lower()


def _wrapped(text: str, depth: int) -> list[str]:
    """A comment's lines."""
    out: list[str] = []
    for word in text.split():
        if out and len(out[-1]) + len(word) < _WIDEST - 4 * depth:
            out[-1] += f" {word}"
        else:
            out.append(word)
    return out

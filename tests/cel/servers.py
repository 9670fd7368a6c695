"""What a real API server says of the corpus: each expression in a policy of its own, which one request is shown to."""

from __future__ import annotations

import re
from typing import Any, Final

from tests.cel.corpus import cases, deployment, written

from fleetc_rehearsal import Client, Refused, control_plane, until

API: Final = "admissionregistration.k8s.io/v1"
LABEL: Final = "acme.example/case"
RULES: Final = [{"apiGroups": ["apps"], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["deployments"]}]
_PLACED: Final = re.compile(r"ERROR: <input>:(\d+:\d+): (.*?)(?:\n|$)")
_COMES_TO: Final = re.compile(r"must evaluate to bool but got (.*)$", re.MULTILINE)


def ask(minor: str) -> dict[str, str]:
    """The answers of a server of a minor."""
    with control_plane(minor) as cluster:
        client = cluster.client
        found = {case.expression: _compile(client, n, case.expression) for n, case in enumerate(cases())}
        _create(client, "last", validations=[{"expression": "false", "message": "the last"}])
        until(lambda: _shown(client, "last") or None, "the last policy to be known")
        for n, case in enumerate(cases()):
            if found[case.expression] in ("compiles", "written"):
                found[case.expression] = _result(client, str(n), found[case.expression])
        return found


def review(client: Client, specs: list[dict[str, Any]]) -> list[str]:
    """What each policy says of the object: how it is refused itself, or how it refuses; empty where it does not."""
    said = [_create(client, str(n), **spec) for n, spec in enumerate(specs)]
    _create(client, "last", validations=[{"expression": "false", "message": "the last"}])
    until(lambda: _shown(client, "last") or None, "the last policy to be known")
    return [_at(refused) if refused else _decision(_shown(client, str(n))) for n, refused in enumerate(said)]


def _at(said: str) -> str:
    path = re.sub(r"\[(\d+)\]", r".\1", said.partition("spec.")[2].partition(": ")[0])
    place, text = _refused(said).removeprefix("refused ").split(" ", 1)
    return f"refused: {path} {place} {text}"


def _decision(said: str) -> str:
    told = said.partition("denied request: ")[2]
    return f"{'error' if 'resulted in error' in told else 'denied'}: {told}" if said else ""


def _create(client: Client, name: str, **more: Any) -> str:
    """Make a policy, which holds for one label; what the server has against it."""
    constraints = {"resourceRules": RULES, "objectSelector": {"matchLabels": {LABEL: name}}}
    spec = {"failurePolicy": "Fail", "matchConstraints": constraints, **more}
    about = {"apiVersion": API, "kind": "ValidatingAdmissionPolicy", "metadata": {"name": f"case-{name}"}}
    try:
        client.create({**about, "spec": spec})
    except Refused as refused:
        return refused.message
    bound = {"policyName": f"case-{name}", "validationActions": ["Deny"]}
    client.create({**about, "kind": "ValidatingAdmissionPolicyBinding", "spec": bound})
    return ""


def _compile(client: Client, n: int, expression: str) -> str:
    said = _create(client, str(n), validations=[{"expression": expression}])
    if not said:
        return "compiles"
    other = _COMES_TO.search(said)
    if other is None:
        return _refused(said)
    text = written(expression, other[1])
    if not text:
        return f"type {other[1]}"
    said = _create(client, str(n), validations=[{"expression": "false", "messageExpression": text}])
    return _refused(said) if said else "written"


def _refused(said: str) -> str:
    found = _PLACED.search(said)
    if found:
        return f"refused {found[1]} {found[2]}"
    for word in ("program instantiation failed", "must evaluate to"):
        if word in said:
            return f"refused 1:1 {said[said.index(word) :]}"
    return f"refused 1:1 {said}"


def _shown(client: Client, name: str) -> str:
    """What comes of a request that one policy has a say on; empty when it is let in."""
    made = deployment()
    labels = {**made["metadata"]["labels"], LABEL: name}
    try:
        client.create({**made, "metadata": {**made["metadata"], "labels": labels}}, dry_run=True)
    except Refused as refused:
        return refused.message
    return ""


def _result(client: Client, name: str, how: str) -> str:
    said = _shown(client, name)
    told = said.partition("denied request: ")[2]
    if how == "written":
        return "= ?" if told.startswith("failed expression: ") else f"= {told}"
    failed = told.partition("resulted in error: ")[2]
    if failed:
        return f"error: {failed}"
    return "false" if said else "true"


def selector_refusal(client: Client, expression: str) -> str:
    """What the server has against a DeviceClass with this selector; empty where it would take it."""
    spec = {"selectors": [{"cel": {"expression": expression}}]}
    about = {"apiVersion": "resource.k8s.io/v1", "kind": "DeviceClass", "metadata": {"name": "probe"}}
    try:
        client.create({**about, "spec": spec}, dry_run=True)
    except Refused as refused:
        return _refused(refused.message)
    return ""


def warnings(client: Client, expressions: list[str]) -> list[str]:
    """What the controller that types policies warns of, for each expression as a validation of Deployments."""
    rules = {"resourceRules": RULES}
    spec = {"matchConstraints": rules, "validations": [{"expression": expression} for expression in expressions]}
    kind = "ValidatingAdmissionPolicy"
    client.create({"apiVersion": API, "kind": kind, "metadata": {"name": "typed"}, "spec": spec})
    status = until(lambda: client.get(API, kind, "typed").get("status", {}).get("typeChecking"), "types to be checked")
    told = {w["fieldRef"]: w["warning"] for w in status.get("expressionWarnings", [])}
    found = [_PLACED.search(told.get(f"spec.validations[{n}].expression", "")) for n in range(len(expressions))]
    return [f"{each[1]} {each[2]}" if each else "" for each in found]

"""What a real API server says of the corpus: each expression in a policy of its own, which one request is shown to."""

from __future__ import annotations

import re
from typing import Any, Final

from tests.cel.corpus import cases, deployment, written

from fleetc_rehearsal import Client, Refused, control_plane, until

API: Final = "admissionregistration.k8s.io/v1"
LABEL: Final = "acme.example/case"
RULES: Final = [
    {"apiGroups": ["apps"], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["deployments"]}
]
_PLACED: Final = re.compile(r"ERROR: <input>:(\d+:\d+): (.*?)(?:\n|$)")
_COMES_TO: Final = re.compile(r"must evaluate to bool but got (.*)$", re.MULTILINE)


def ask(minor: str) -> dict[str, str]:
    """The answers of a server of a minor."""
    with control_plane(minor) as cluster:
        client = cluster.client
        found = {case.expression: _compile(client, n, case.expression) for n, case in enumerate(cases())}
        _create(client, "last", {"expression": "false", "message": "the last"})
        until(lambda: _shown(client, "last") or None, "the last policy to be known")
        for n, case in enumerate(cases()):
            if found[case.expression] in ("compiles", "written"):
                found[case.expression] = _result(client, str(n), found[case.expression])
        return found


def _create(client: Client, name: str, validation: dict[str, Any]) -> str:
    """Make a policy with one validation, which holds for one label; what the server has against it."""
    constraints = {"resourceRules": RULES, "objectSelector": {"matchLabels": {LABEL: name}}}
    spec = {"failurePolicy": "Fail", "matchConstraints": constraints, "validations": [validation]}
    about = {"apiVersion": API, "kind": "ValidatingAdmissionPolicy", "metadata": {"name": f"case-{name}"}}
    try:
        client.create({**about, "spec": spec})
    except Refused as refused:
        return refused.message
    bound = {"policyName": f"case-{name}", "validationActions": ["Deny"]}
    client.create({**about, "kind": "ValidatingAdmissionPolicyBinding", "spec": bound})
    return ""


def _compile(client: Client, n: int, expression: str) -> str:
    said = _create(client, str(n), {"expression": expression})
    if not said:
        return "compiles"
    other = _COMES_TO.search(said)
    if other is None:
        return _refused(said)
    text = written(expression, other[1])
    if not text:
        return f"type {other[1]}"
    said = _create(client, str(n), {"expression": "false", "messageExpression": text})
    return _refused(said) if said else "written"


def _refused(said: str) -> str:
    found = _PLACED.search(said)
    if found:
        return f"refused {found[1]} {found[2]}"
    return f"refused 1:1 {said.partition('Invalid value: ')[2].partition(': ')[2]}"


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


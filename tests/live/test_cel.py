"""Every expression of the corpus before real API servers: their answers, which tests/cel holds the engine to.

With FLEETC_UPDATE=1 the answers are written instead of compared.
"""

from __future__ import annotations

import json
import re
from typing import Final

import pytest
from tests.cel.corpus import HERE, MINORS, answers
from tests.cel.servers import ask, review, selector_refusal, warnings
from tests.cel.test_answers import agrees
from tests.cel.test_policy import POLICIES, decided
from tests.check.test_mutations import UPDATE

from fleetc.cel import CompileError
from fleetc.cel.places import device
from fleetc.cel.policy import Policy, Typed
from fleetc.check.typed import object_type
from fleetc_rehearsal import control_plane

pytestmark = pytest.mark.live
SELECTORS: Final = [
    "device.driver == 'gpu.example.com'",
    "device.attributes['gpu.example.com'].model == 'x'",
    "device.attributes['gpu.example.com'].healthy",
    "device.attributes['gpu.example.com'].version.isGreaterThan(semver('1.2.3'))",
    "device.attributes['gpu.example.com'].version.isGreaterThan('1.2.3')",
    "device.capacity['gpu.example.com'].memory.compareTo(quantity('40Gi')) >= 0",
    "device.capacity['gpu.example.com'].memory >= quantity('40Gi')",
    "device.capacity['gpu.example.com'].memory == '40Gi'",
    "'gpu.example.com' in device.attributes && has(device.attributes['gpu.example.com'].model)",
    "cel.bind(a, device.attributes['gpu.example.com'], a.model == 'x' && a.memory > 3)",
    "cel.bind(1, device.driver, true)",
    "device.allowMultipleAllocations",
    "device.driver",
    "device.driver == 1",
    "device.name == 'x'",
    "device.attributes.model == 'x'",
    "device.attributes['a'] == 'x'",
    "dyn(true)",
    "dyn(device).anything",
    "1",
    "'true'",
    "devise.driver == ''",
    "device.driver ==",
    "device.driver.matches('(')",
    "device.driver.find('[a-z]+') == 'gpu'",
    "[device.driver].sort()[0] == 'a'",
    "ip('10.0.0.1') == device.attributes['a'].ip",
    "object.spec.replicas == 1",
    "device.attributes['a'].b.c.d == 1",
    "device.attributes['a'].b ? true : false",
    "device.attributes['a'].b && true",
    "!device.attributes['a'].b",
    "device.attributes[?'a'].hasValue()",
    "device.attributes.?a.?b.orValue('') == 'x'",
]
"""Selectors of a DeviceClass. None has a loop: those are partial here."""
TYPED: Final = [
    "object.spec.replicas > 1",
    "object.spec.replica > 1",
    "object.spec.replicas == '1'",
    "object.spec.strategy.rollingUpdate.maxSurge == '25%'",
    "object.spec.strategy.rollingUpdate.maxSurge == 1",
    "object.metadata.labels.app == 'x'",
    "object.metadata.labels.app == 1",
    "object.metadata.namespace == 'x'",
    "object.metadata.creationTimestamp < timestamp('2026-01-01T00:00:00Z')",
    "object.spec.template.spec.containers.all(c, c.image == '')",
    "object.spec.template.spec.containers.all(c, c.img == '')",
    "object.spec.template.spec.containers[0].ports[0].containerPort == 'http'",
    "object.spec.template.spec.containers.all(c, has(c.resources.limits))",
    "object.spec.template.spec.containers.image == ''",
    "has(object.spec.nothing)",
    "object.?spec.?nothing.hasValue()",
    "oldObject.spec.replica > 1",
    "object.spec.template.metadata.annotations['a'].size() > 0",
    "object.spec.template.spec.volumes.exists(v, v.configMap.name == 'x')",
    "object.kind == 'Deployment' && object.apiVersion == 1",
    "object.spec.paused > 1",
    "object.spec.template.spec.securityContext.runAsUser == 1000",
    "object.spec.template.spec.tolerations.all(t, t.tolerationSeconds == 1.5)",
]
"""Validations that a server takes, and looks at with the types of Deployments afterwards."""
MISTAKEN: Final = {"object.spec.template.spec.containers.all(c, has(c.resources.limits))"}
"""What is right, whatever the server warns of: it has no type for quantities, and then none for their maps."""


@pytest.mark.parametrize("minor", MINORS)
def test_the_answers_are_those_of_servers(minor: str) -> None:
    found = ask(minor)
    if UPDATE:
        text = json.dumps(found, indent=0, ensure_ascii=False)
        (HERE / "answers" / f"{minor}.json").write_text(f"{text}\n", encoding="utf-8")
    assert answers(minor) == found, "run it with FLEETC_UPDATE=1"


@pytest.mark.parametrize("minor", MINORS)
def test_whole_policies_decide_as_on_a_server(minor: str) -> None:
    with control_plane(minor) as cluster:
        said = review(cluster.client, [policy.spec for policy in POLICIES])
    assert [decided(policy, minor) for policy in POLICIES] == said


@pytest.mark.parametrize("minor", ["1.35", "1.36"])
def test_selectors_of_devices(minor: str) -> None:
    with control_plane(minor) as cluster:
        said = {text: selector_refusal(cluster.client, text) for text in SELECTORS}
    mine = {text: selected(text, minor) for text in SELECTORS}
    assert [(text, mine[text], said[text]) for text in SELECTORS if not same(mine[text], said[text])] == []


def selected(expression: str, minor: str) -> str:
    """What this library says of a selector."""
    try:
        device(minor).compile(expression)
    except CompileError as error:
        first = error.problems[0]
        return f"refused {first.line}:{first.column} {first.reason}"
    return ""


def same(mine: str, server: str) -> bool:
    """Whether both refuse a selector for one thing, or take it; each says in its own words what types it may have."""
    if "must evaluate to" in mine:
        return "must evaluate to" in server
    return bool(mine) == bool(server) and (not mine or agrees(mine, server))


@pytest.mark.parametrize("minor", MINORS)
def test_types_of_a_deployment(minor: str) -> None:
    declared = object_type("apps/v1", "Deployment", minor)
    assert declared is not None
    typed = Typed(declared.type, messages=declared.messages)
    policy = Policy({"validations": [{"expression": text} for text in TYPED]}, minor, typed)
    mine = {str(wrong.path[1]): wrong.problems[0] for wrong in policy.wrong}
    with control_plane(minor, controllers=True) as cluster:
        said = warnings(cluster.client, TYPED)
    found = [f"{p.line}:{p.column} {p.reason}" if (p := mine.get(str(n))) else "" for n in range(len(TYPED))]
    rows = [(text, _plain(a), _plain(b)) for text, a, b in zip(TYPED, found, said, strict=True)]
    assert [row for row in rows if row[1] != row[2] and row[0] not in MISTAKEN] == []
    assert [row[1:] for row in rows if row[0] in MISTAKEN] == [("", "1:48 undefined field 'limits'")]


def _plain(problem: str) -> str:
    """A problem, with no name for the type of a part of an object: the server makes one up."""
    return re.sub(r"'list\(.*\)'", "'list'", problem)

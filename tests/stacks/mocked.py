"""The program run against Pulumi's mocks: what it would register, with the options that no mock shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import pulumi
from pulumi.runtime import mocks, set_all_config
from pulumi.runtime.mocks import MockCallArgs, MockMonitor, MockResourceArgs

PROVIDER: Final = "pulumi:providers:kubernetes"
SECRET: Final = "4dabf18193072939515e22adb298388d"
"""The key by which Pulumi marks a special value on the wire."""


class Registered(NamedTuple):
    """One resource as the engine is asked for it."""

    type: str
    name: str
    inputs: dict[str, Any]
    provider: str
    """The name of the provider's resource."""
    depends: frozenset[str]
    """Names of the resources that come first, its provider left out."""
    protected: bool
    retained: bool
    aliases: tuple[str, ...]
    """Types that it may have had."""
    secrets: tuple[str, ...]
    """Outputs that are secret whatever the provider says."""
    secret_inputs: tuple[str, ...]


@dataclass
class Ran:
    """What a run registered, in order, and its outputs."""

    resources: list[Registered] = field(default_factory=list[Registered])

    def __getitem__(self, name: str) -> Registered:
        (found,) = [one for one in self.resources if one.name == name]
        return found

    @property
    def names(self) -> list[str]:
        """The objects that are registered, providers left out."""
        return [one.name for one in self.resources if one.type != PROVIDER]


class _Mocks(pulumi.runtime.Mocks):
    """Resources come out as they went in; a token comes out filled."""

    def call(self, args: MockCallArgs) -> tuple[dict[str, Any], None]:
        raise AssertionError(args.token)

    def new_resource(self, args: MockResourceArgs) -> tuple[str, dict[str, Any]]:
        filled = {"token": "dGhlLXRva2Vu", "ca.crt": "Q0E="}
        is_token = args.inputs.get("type") == "kubernetes.io/service-account-token"
        return f"id-{args.name}", {**args.inputs, **({"data": filled} if is_token else {})}


class _Monitor(MockMonitor):
    """Notes every request."""

    def __init__(self, ran: Ran) -> None:
        super().__init__(_Mocks())
        self._ran = ran

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 - the engine's name for it
        if request.type != "pulumi:pulumi:Stack":
            self._ran.resources.append(_registered(request))
        above: Any = super()  # it has no types
        return above.RegisterResource(request)


def run(
    program: Callable[[], None],
    stack: str,
    config: Mapping[str, str] | None = None,
    secrets: Mapping[str, str] | None = None,
) -> Ran:
    """Run a program as a stack with a configuration; what it raises comes out."""
    ran = Ran()
    mocks.set_mocks(_Mocks(), project="fleet", stack=stack, preview=False, monitor=_Monitor(ran))
    set_all_config({**(config or {}), **(secrets or {})}, list(secrets or ()))
    tested: Any = pulumi.runtime.test  # it has no types
    tested(program)()
    return ran


def _registered(request: Any) -> Registered:
    return Registered(
        request.type,
        request.name,
        pulumi.runtime.rpc.deserialize_properties(request.object),
        _name(request.provider.rpartition("::")[0]),
        frozenset(_name(urn) for urn in request.dependencies),
        request.protect,
        request.retainOnDelete,
        tuple(alias.spec.type for alias in request.aliases),
        tuple(request.additionalSecretOutputs),
        tuple(key for key, value in request.object.fields.items() if _is_secret(value)),
    )


def _is_secret(value: Any) -> bool:
    """Whether a property is marked as secret on the wire."""
    return value.HasField("struct_value") and SECRET in value.struct_value.fields


def _name(urn: str) -> str:
    return urn.split("::", 3)[-1]

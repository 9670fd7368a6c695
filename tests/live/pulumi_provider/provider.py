"""A stand-in for Pulumi's Kubernetes provider, for live tests alone: the real one is in no registry that they reach.

It does what the program in `stacks/` relies on, by the API server's own means: server-side apply under the field
manager that an annotation names, dry run for previews, refusal of what exists unless `upsertExistingObjects`, waiting
for definitions and tokens that the server fills. It does not do what the real one does besides: it waits for no
workload, replaces nothing whose fields are immutable (the server's refusal is the answer), and compares inputs with
inputs alone. Tests with it tell about the program, the engine and the API server, not about the real provider.
"""

from __future__ import annotations

import base64
import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import yaml
from pulumi.provider.experimental import provider as sdk
from pulumi.provider.experimental.property_value import Computed, PropertyValue
from pulumi.provider.experimental.server import main

from fleetc_rehearsal.client import Client, until
from fleetc_rehearsal.cluster import conditions_of
from fleetc_rehearsal.errors import Refused

Object = dict[str, Any]
Properties = dict[str, PropertyValue]

INPUTS: Final = "__inputs"
"""The output that keeps the inputs, for the next diff."""
_MANAGER: Final = "pulumi.com/patchFieldManager"
_TOKEN: Final = "kubernetes.io/service-account-token"
_VERSION: Final = "4.34.2"
"""That of the provider which it stands in for."""


class StandIn(sdk.Provider):
    """One configured provider: one API server."""

    def __init__(self) -> None:
        self._client: Client | None = None
        self._upsert = False
        self._force = False

    @property
    def client(self) -> Client:
        """The connection, once configured."""
        assert self._client is not None
        return self._client

    async def configure(self, request: sdk.ConfigureRequest) -> sdk.ConfigureResponse:
        """Connect as a kubeconfig says: the given one, by content or path, else KUBECONFIG's."""
        args = {key: plain(value) for key, value in request.args.items()}
        given = args.get("kubeconfig") or os.environ["KUBECONFIG"]
        text = given if "\n" in given else Path(given).read_text(encoding="utf-8")
        self._client = connect(yaml.safe_load(text), args.get("context"))
        self._upsert = args.get("upsertExistingObjects") in ("true", True)
        self._force = args.get("enablePatchForce") in ("true", True)
        return sdk.ConfigureResponse(accept_secrets=True, supports_preview=True, accept_outputs=True)

    async def diff(self, request: sdk.DiffRequest) -> sdk.DiffResponse:
        """What differs is what was asked for last time and now."""
        old, new = plain(request.old_state.get(INPUTS, PropertyValue({}))), plain_all(request.new_inputs)
        found = dict(differences(old, new))
        detailed = {path: sdk.PropertyDiff(kind, input_diff=True) for path, kind in found.items()}
        return sdk.DiffResponse(changes=bool(found), diffs=sorted(found), detailed_diff=detailed)

    async def create(self, request: sdk.CreateRequest) -> sdk.CreateResponse:
        """Apply an object that is not there, or is and may be taken over."""
        obj = plain_all(request.properties)
        if unknown(request.properties):
            return sdk.CreateResponse(properties=request.properties)
        if not self._upsert and self._look(obj) is not None:
            raise RuntimeError(f"{obj['kind']} {id_of(obj)} exists already")
        made = self._apply(obj, preview=request.preview)
        return sdk.CreateResponse(resource_id=id_of(obj), properties=outputs(request.properties, made))

    async def update(self, request: sdk.UpdateRequest) -> sdk.UpdateResponse:
        """Apply an object again."""
        if unknown(request.news):
            return sdk.UpdateResponse(properties=request.news)
        made = self._apply(plain_all(request.news), preview=request.preview)
        return sdk.UpdateResponse(properties=outputs(request.news, made))

    async def read(self, request: sdk.ReadRequest) -> sdk.ReadResponse:
        """What is there now, and how it answers to what was asked for; nothing where it is gone."""
        asked = plain_all(request.inputs) or plain(request.properties.get(INPUTS, PropertyValue({})))
        found = self._look(asked)
        if found is None:
            return sdk.ReadResponse(resource_id="")
        inputs: Properties = {key: value(part) for key, part in onto(asked, found).items()}
        return sdk.ReadResponse(request.resource_id, outputs(inputs, found), inputs)

    async def delete(self, request: sdk.DeleteRequest) -> None:
        """Delete an object and wait until it is gone."""
        obj = plain(request.properties[INPUTS])
        found = self._look(obj)
        if found is None:
            return
        self.client.delete(*address(obj), missing_ok=True)

        def gone() -> bool:
            now = self._look(obj)
            return now is None or now["metadata"]["uid"] != found["metadata"]["uid"]

        until(gone, f"end of {obj['kind']} {id_of(obj)}", 120)

    def _look(self, obj: Object) -> Object | None:
        try:
            return self.client.look(*address(obj))
        except Refused as error:
            if error.status == 404:  # the kind is not served, or not any more
                return None
            raise

    def _apply(self, obj: Object, *, preview: bool) -> Object | None:
        """What the server makes of an object; in a preview None where it cannot tell yet."""
        manager = (obj["metadata"].get("annotations") or {}).get(_MANAGER, "pulumi-kubernetes")
        try:
            made = self.client.apply(obj, manager=manager, force=self._force, dry_run=preview)
        except Refused as error:
            if preview and error.status == 404:  # a namespace or a definition that the same run makes
                return None
            raise
        return made if preview else self._settled(obj, made)

    def _settled(self, obj: Object, made: Object) -> Object:
        """The object once the server has done its part of it."""
        if obj["kind"] == "CustomResourceDefinition":
            until(lambda: conditions_of(self.client.get(*address(obj))).get("Established") == "True", id_of(obj))
            self.client.refresh()
        if obj.get("type") == _TOKEN:

            def filled() -> Object | None:
                found = self.client.get(*address(obj))
                return found if (found.get("data") or {}).get("token") else None

            return until(filled, f"token in {id_of(obj)}")
        return made


def connect(kubeconfig: Object, context: str | None) -> Client:
    """A client as a context of a kubeconfig says; this stand-in knows loopback and tokens."""
    chosen = named(kubeconfig["contexts"], context or kubeconfig["current-context"])["context"]
    cluster = named(kubeconfig["clusters"], chosen["cluster"])["cluster"]
    user = named(kubeconfig["users"], chosen["user"])["user"]
    with tempfile.NamedTemporaryFile() as file:
        file.write(base64.b64decode(cluster["certificate-authority-data"]))
        file.flush()
        return Client(int(cluster["server"].rpartition(":")[2]), user["token"], Path(file.name))


def named(items: Sequence[Object], name: str) -> Object:
    """The item of a list with a name."""
    return next(item for item in items if item["name"] == name)


def address(obj: Object) -> tuple[str, str, str, str]:
    """Where an object is read."""
    meta = obj["metadata"]
    return obj["apiVersion"], obj["kind"], meta["name"], meta.get("namespace", "")


def id_of(obj: Object) -> str:
    """The id that the real provider gives."""
    meta = obj["metadata"]
    return f"{meta['namespace']}/{meta['name']}" if meta.get("namespace") else str(meta["name"])


def outputs(inputs: Mapping[str, PropertyValue], made: Object | None) -> Properties:
    """An object's outputs: what the server has, and the inputs, their secrets kept."""
    shown = {key: part for key, part in (made or {}).items() if key != "metadata"}
    if made is not None:
        shown["metadata"] = {k: v for k, v in made["metadata"].items() if k != "managedFields"}
    secret = {key for key, given in inputs.items() if given.contains_secret()}
    given = {key: part for key, part in inputs.items() if key not in shown or key in secret}
    return {**{key: value(part) for key, part in shown.items()}, **given, INPUTS: PropertyValue(dict(inputs))}


def differences(old: Any, new: Any, path: str = "") -> Iterator[tuple[str, sdk.PropertyDiffKind]]:
    """Where two documents differ, as paths of Pulumi's, and how."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted({*old, *new}):
            step = f".{key}" if path and key.isalnum() else key if key.isalnum() else f'["{key}"]'
            if key in old and key in new:
                yield from differences(old[key], new[key], path + step)
            else:
                yield path + step, sdk.PropertyDiffKind.ADD if key in new else sdk.PropertyDiffKind.DELETE
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for n, (one, two) in enumerate(zip(old, new, strict=True)):
            yield from differences(one, two, f"{path}[{n}]")
    elif old != new:
        yield path, sdk.PropertyDiffKind.UPDATE


def onto(asked: Any, found: Any) -> Any:
    """What is found, in the shape of what was asked for."""
    if isinstance(asked, dict) and isinstance(found, dict):
        return {key: onto(part, found[key]) for key, part in asked.items() if key in found}
    if isinstance(asked, list) and isinstance(found, list) and len(asked) == len(found):
        return [onto(one, two) for one, two in zip(asked, found, strict=True)]
    return found


def plain_all(properties: Mapping[str, PropertyValue]) -> Object:
    """Properties as JSON has them."""
    return {key: plain(one) for key, one in properties.items()}


def plain(given: PropertyValue) -> Any:
    """A property as JSON has it: numbers without a fraction are whole again."""
    held = given.value
    if isinstance(held, Mapping):
        return {key: plain(part) for key, part in held.items()}
    if isinstance(held, Sequence) and not isinstance(held, str):
        return [plain(part) for part in held]
    return int(held) if isinstance(held, float) and held.is_integer() else held


def value(given: Any) -> PropertyValue:
    """JSON as a property."""
    if isinstance(given, dict):
        return PropertyValue({key: value(part) for key, part in given.items()})
    if isinstance(given, list):
        return PropertyValue([value(part) for part in given])
    return PropertyValue(float(given) if type(given) is int else given)


def unknown(properties: Mapping[str, PropertyValue]) -> bool:
    """Whether something in them is known only after other resources are made."""
    return any(_is_unknown(one) for one in properties.values())


def _is_unknown(given: PropertyValue) -> bool:
    held = given.value
    if isinstance(held, Mapping):
        return unknown(held)
    if isinstance(held, Sequence) and not isinstance(held, str):
        return any(_is_unknown(part) for part in held)
    return isinstance(held, Computed)


def _end_with(engine: int) -> None:
    """End when the engine has: killed, it tells nobody."""
    while os.getppid() == engine:
        time.sleep(0.5)
    os._exit(1)


if __name__ == "__main__":
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    main(sys.argv[1:], _VERSION, StandIn())

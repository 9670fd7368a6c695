"""The RoleBinding of the endpoint picker."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fleetc.emission.site import ModelSite
from fleetc_kubernetes.apis import api_version
from fleetc_kubernetes.serving.names import namespace
from fleetc_kubernetes.serving.picker.names import picker_metadata, picker_name, picker_of

if TYPE_CHECKING:
    from fleetc_kubernetes.objects import RoleBinding


def role_bindings(s: ModelSite) -> Iterator[RoleBinding]:
    """Its ServiceAccount has its Role."""
    if picker_of(s) is not None:
        name = picker_name(s)
        yield {
            "apiVersion": api_version("RoleBinding", s.cluster),
            "kind": "RoleBinding",
            "metadata": picker_metadata(s),
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name},
            "subjects": [{"kind": "ServiceAccount", "name": name, "namespace": namespace(s)}],
        }

"""The ServiceAccount of the endpoint picker."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fleetc.emission.site import ModelSite
from fleetc_kubernetes.apis import api_version
from fleetc_kubernetes.serving.picker.names import picker_metadata, picker_of

if TYPE_CHECKING:
    from fleetc_kubernetes.objects import ServiceAccount


def service_accounts(s: ModelSite) -> Iterator[ServiceAccount]:
    """One of its own. Its pods say themselves that they want a token."""
    if picker_of(s) is not None:
        yield {
            "apiVersion": api_version("ServiceAccount", s.cluster),
            "kind": "ServiceAccount",
            "metadata": picker_metadata(s),
            "automountServiceAccountToken": False,
        }

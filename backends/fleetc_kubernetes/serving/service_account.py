"""The ServiceAccount that the pods of a model run as, whose token no pod has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fleetc.emission.site import ModelSite
from fleetc_kubernetes.apis import api_version
from fleetc_kubernetes.serving.names import model_metadata

if TYPE_CHECKING:
    from fleetc_kubernetes.objects import ServiceAccount


def service_accounts(s: ModelSite) -> Iterator[ServiceAccount]:
    """One of the model's own, so that nothing that other pods of the team may do is a server's to do."""
    yield {
        "apiVersion": api_version("ServiceAccount", s.cluster),
        "kind": "ServiceAccount",
        "metadata": model_metadata(s, s.model.name),
        "automountServiceAccountToken": False,
    }

"""ServiceAccounts, none of which mounts its token into pods by itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from fleetc.emission.site import TeamSite
from fleetc_kubernetes.apis import api_version
from fleetc_kubernetes.metadata import team_metadata

if TYPE_CHECKING:
    from fleetc_kubernetes.objects import ServiceAccount

DEFAULT: Final = "default"


def service_accounts(s: TeamSite) -> Iterator[ServiceAccount]:
    """In each namespace, `default` (which Kubernetes makes with its token mounted) and those that the team declares."""
    accounts: dict[str, Mapping[str, str]] = {DEFAULT: {}}
    accounts |= {account.name: account.annotations for account in s.team.service_accounts}
    for namespace in s.team.namespaces:
        for name, bindings in accounts.items():
            metadata = team_metadata(s, name, namespace.name)
            if bindings:
                metadata["annotations"] = dict(bindings)
            yield {
                "apiVersion": api_version("ServiceAccount", s.cluster),
                "kind": "ServiceAccount",
                "metadata": metadata,
                "automountServiceAccountToken": False,
            }

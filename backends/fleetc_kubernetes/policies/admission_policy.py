"""ValidatingAdmissionPolicies, their bindings, and the ConfigMaps with their parameters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fleetc.emission.admission import PARAMETERS_IN, admission, parameters_name, parameters_of
from fleetc.emission.site import PolicySite
from fleetc_kubernetes.apis import api_version
from fleetc_kubernetes.metadata import cluster_metadata

if TYPE_CHECKING:
    from fleetc_kubernetes.objects import (
        ConfigMap,
        ValidatingAdmissionPolicy,
        ValidatingAdmissionPolicyBinding,
    )


def policies(s: PolicySite) -> Iterator[ValidatingAdmissionPolicy]:
    """The policy, unless it is for builds alone."""
    if s.policy.enforce != "build":
        yield {
            "apiVersion": api_version("ValidatingAdmissionPolicy", s.cluster),
            "kind": "ValidatingAdmissionPolicy",
            "metadata": cluster_metadata(s, s.policy.name),
            "spec": admission(s.policy, s.cluster).spec,
        }


def bindings(s: PolicySite) -> Iterator[ValidatingAdmissionPolicyBinding]:
    """What puts it into force."""
    if s.policy.enforce != "build":
        yield {
            "apiVersion": api_version("ValidatingAdmissionPolicyBinding", s.cluster),
            "kind": "ValidatingAdmissionPolicyBinding",
            "metadata": cluster_metadata(s, s.policy.name),
            "spec": admission(s.policy, s.cluster).binding,
        }


def parameters(s: PolicySite) -> Iterator[ConfigMap]:
    """Its parameters, where tenants cannot change them."""
    found = parameters_of(s.policy)
    if found and s.policy.enforce != "build":
        yield {
            "apiVersion": api_version("ConfigMap", s.cluster),
            "kind": "ConfigMap",
            "metadata": {**cluster_metadata(s, parameters_name(s.policy)), "namespace": PARAMETERS_IN},
            "data": found,
        }

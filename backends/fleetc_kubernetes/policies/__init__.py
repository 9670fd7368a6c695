"""Policies, as API servers take them."""

from __future__ import annotations

from typing import Final

from fleetc.emission.site import Lowering, PolicySite
from fleetc_kubernetes.policies.admission_policy import bindings, parameters, policies

LOWERINGS: Final[tuple[Lowering[PolicySite], ...]] = (
    Lowering("ValidatingAdmissionPolicy", policies),
    Lowering("ValidatingAdmissionPolicyBinding", bindings),
    Lowering("ConfigMap", parameters),
)

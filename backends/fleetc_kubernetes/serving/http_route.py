"""HTTPRoutes: the cluster's Gateway serves the model under a host name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from fleetc.catalogue.components import served_in
from fleetc.emission.site import ModelSite
from fleetc_kubernetes.serving.names import model_metadata, release_of
from fleetc_kubernetes.serving.picker.names import GROUP as POOLS
from fleetc_kubernetes.serving.picker.names import picker_of
from fleetc_kubernetes.serving.service_export import export_version

if TYPE_CHECKING:
    from fleetc_kubernetes.serving.objects import BackendRef, HTTPRoute, ParentRef, RouteRule

GROUP: Final = "gateway.networking.k8s.io"


def http_routes(s: ModelSite) -> Iterator[HTTPRoute]:
    """A route of the model's host name, where the cluster has a Gateway."""
    routing, gateway = s.model.routing, s.cluster.network.gateway
    if routing.hostname is None or gateway.name is None:
        return
    api = served_in(s.cluster.components, GROUP, "HTTPRoute", "v1")
    if api is None:
        return
    parent: ParentRef = {"name": gateway.name}
    if gateway.namespace is not None:
        parent = {"namespace": gateway.namespace, "name": gateway.name}
    yield {
        "apiVersion": api,
        "kind": "HTTPRoute",
        "metadata": model_metadata(s, s.model.name),
        "spec": {"parentRefs": [parent], "hostnames": [routing.hostname], "rules": [_rule(s)]},
    }


def _rule(s: ModelSite) -> RouteRule:
    path = s.model.routing.path
    made: RouteRule = {"matches": [{"path": {"type": "PathPrefix", "value": path}}]}
    if path != "/":
        # The engine knows nothing of the path that it is served below.
        made["filters"] = [
            {
                "type": "URLRewrite",
                "urlRewrite": {"path": {"type": "ReplacePrefixMatch", "replacePrefixMatch": "/"}},
            }
        ]
    made["backendRefs"] = [_backend(s)]
    return made


def _backend(s: ModelSite) -> BackendRef:
    """The servers of all clusters; or those here: the InferencePool, where the Gateway has an endpoint picker, which
    makes it one that implements such pools, else the Service."""
    export = export_version(s)
    if export is not None:
        # An import stands for the endpoints of every cluster that exports the Service of its name:
        # https://gateway-api.sigs.k8s.io/geps/gep-1748.
        group = export.partition("/")[0]
        return {"group": group, "kind": "ServiceImport", "name": s.model.name, "port": release_of(s).port}
    if picker_of(s) is not None:
        return {"group": POOLS, "kind": "InferencePool", "name": s.model.name}
    return {"name": s.model.name, "port": release_of(s).port}

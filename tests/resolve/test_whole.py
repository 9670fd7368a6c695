"""Mappings that only mean something together are replaced whole by a stronger layer."""

from tests.resolve.worlds import CLUSTER, made, world_of

from fleetc.language.cluster import Cluster

DNS = {"namespace": "kube-system", "selector": {"k8s-app": "kube-dns"}}


def test_a_selector_of_dns_pods_replaces_the_default() -> None:
    spec = {**CLUSTER, "network": {"dns": {"selector": {"app": "node-dns"}}}}
    table = {"Cluster": {"network": {"cni": "kindnet", "dns": DNS}}}
    cluster = world_of([made("Cluster", "c", spec)], table).clusters[0]
    assert isinstance(cluster, Cluster)
    assert cluster.network.dns.selector == {"app": "node-dns"}
    assert cluster.network.dns.namespace == "kube-system"


def test_a_node_selector_replaces_the_default() -> None:
    classes = {"gpu": {"name": "gpu", "handler": "nvidia", "nodeSelector": {"a": "1"}}}
    spec = {**CLUSTER, "runtimeClasses": {"gpu": {"name": "gpu", "nodeSelector": {"b": "2"}}}}
    cluster = world_of([made("Cluster", "c", spec)], {"Cluster": {"runtimeClasses": classes}}).clusters[0]
    assert [(c.handler, c.node_selector) for c in cluster.runtime_classes] == [("nvidia", {"b": "2"})]

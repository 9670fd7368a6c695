"""Rules on services, ingresses and network policies."""

from __future__ import annotations

import ipaddress
from typing import Final

from fleetc.check.rules.access import Found, Map, at, exactly_one, items, problem, strings, whole
from fleetc.source.span import Path


def service(obj: Map) -> Found:
    """Service: named ports when there are several, and fields that fit the type."""
    spec = at(obj, "spec")
    ports = list(items(spec, "ports"))
    kind = spec.get("type") or "ClusterIP"
    names: dict[str, int] = {}
    for index, port in ports:
        here = ("spec", "ports", index)
        name = port.get("name")
        if not name and len(ports) > 1:
            yield problem((*here, "name"), "is required when a service has several ports")
        elif isinstance(name, str) and name and names.setdefault(name, index) != index:
            yield problem((*here, "name"), f"`{name}` is the name of port {names[name]} too")
        if kind == "ClusterIP" and whole(port, "nodePort"):
            yield problem((*here, "nodePort"), "cannot be set when the type is ClusterIP")
    if not ports and kind != "ExternalName" and spec.get("clusterIP") != "None":
        yield problem(("spec", "ports"), "is required unless the service is headless or an ExternalName")
    if kind == "ExternalName" and not spec.get("externalName"):
        yield problem(("spec", "externalName"), "is required when the type is ExternalName")
    if kind == "LoadBalancer" and spec.get("clusterIP") == "None":
        yield problem(("spec", "clusterIP"), "cannot be None when the type is LoadBalancer")
    if kind == "ClusterIP" and spec.get("externalTrafficPolicy") and not spec.get("externalIPs"):
        yield problem(("spec", "externalTrafficPolicy"), "can only be set on services that are reachable from outside")


def network_policy(obj: Map) -> Found:
    """NetworkPolicy: port ranges in order, `except` inside its block, one kind of peer at a time."""
    spec = at(obj, "spec")
    for direction, side in (("ingress", "from"), ("egress", "to")):
        for index, rule in items(spec, direction):
            here: Path = ("spec", direction, index)
            for number, port in items(rule, "ports"):
                yield from _port_range(port, (*here, "ports", number))
            for number, peer in items(rule, side):
                yield from _peer(peer, (*here, side, number))


def _port_range(port: Map, path: Path) -> Found:
    if port.get("endPort") is None:
        return
    start, end = whole(port, "port"), whole(port, "endPort")
    if start is None:
        yield problem((*path, "endPort"), "needs a numeric `port`")
    elif end is not None and end < start:
        yield problem((*path, "endPort"), f"must be at least `port` ({start}), got {end}")


def _peer(peer: Map, path: Path) -> Found:
    fields = [name for name in ("podSelector", "namespaceSelector", "ipBlock") if peer.get(name) is not None]
    if not fields:
        yield problem(path, "a peer needs `podSelector`, `namespaceSelector` or `ipBlock`")
    if "ipBlock" in fields and len(fields) > 1:
        yield problem((*path, "ipBlock"), f"cannot be set together with `{fields[0]}`")
    block = at(peer, "ipBlock")
    outer = _network(block.get("cidr"))
    if isinstance(block.get("cidr"), str) and ":" in block["cidr"] and outer is None:
        yield problem((*path, "ipBlock", "cidr"), f"`{block['cidr']}` is not a CIDR block such as fd00::/8")
    for index, text in enumerate(strings(block, "except")):
        inner = _network(text)
        if outer is not None and inner is not None and not _inside(inner, outer):
            yield problem((*path, "ipBlock", "except", index), f"{text} must be strictly inside {block['cidr']}")


_BAD_PARTS: Final = ("//", "/./", "/../", "%2f", "%2F")
_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def _network(text: object) -> _Network | None:
    try:
        return ipaddress.ip_network(str(text), strict=False)
    except ValueError:
        return None


def _inside(inner: _Network, outer: _Network) -> bool:
    same = inner.version == outer.version and inner.prefixlen > outer.prefixlen
    return same and int(inner.network_address) >> (inner.max_prefixlen - outer.prefixlen) == int(
        outer.network_address
    ) >> (outer.max_prefixlen - outer.prefixlen)


def ingress(obj: Map) -> Found:
    """Ingress: a backend for every path, absolute paths, one port per backend."""
    spec = at(obj, "spec")
    if not spec.get("rules") and not spec.get("defaultBackend"):
        yield problem(("spec",), "an ingress needs `defaultBackend` or `rules`")
    if isinstance(spec.get("defaultBackend"), dict):
        yield from _backend(spec["defaultBackend"], ("spec", "defaultBackend"))
    for index, rule in items(spec, "rules"):
        if _network(rule.get("host")) is not None:
            yield problem(("spec", "rules", index, "host"), f"`{rule['host']}` is an address, not a host name")
        for number, entry in items(at(rule, "http"), "paths"):
            here = ("spec", "rules", index, "http", "paths", number)
            yield from _path(str(entry.get("path") or ""), str(entry.get("pathType")), (*here, "path"))
            if isinstance(entry.get("backend"), dict):
                yield from _backend(entry["backend"], (*here, "backend"))


def _path(text: str, kind: str, path: Path) -> Found:
    strict = kind in ("Exact", "Prefix")
    if not text.startswith("/") and (strict or text):
        yield problem(path, f"must start with `/` when the type is {kind}")
    elif strict and (any(part in text for part in _BAD_PARTS) or text.endswith(("/.", "/.."))):
        yield problem(path, f"`{text}` is not normal: it has `//`, `/.` or an encoded `/`")


def _backend(backend: Map, path: Path) -> Found:
    yield from exactly_one(backend, ("service", "resource"), path, "a backend")
    if at(backend, "service"):
        port = {name: value or None for name, value in at(backend, "service", "port").items()}
        yield from exactly_one(port, ("name", "number"), (*path, "service", "port"), "a service port")

"""Peers of a team: each way to write one, and what it means."""

from __future__ import annotations

from typing import cast

import pytest
from tests.language.texts import FILE, doc, found, locate, spec

from fleetc.language.decode import decode
from fleetc.language.kinds import KINDS
from fleetc.language.team import Peer, PortRange, Team, is_address, port_range


def peers(text: str) -> dict[str, list[str]]:
    """Each peer with its ports."""
    tree = doc(spec("Team", f"{{network: {{egress: {text}}}}}")).tree
    got = tree["spec"]["network"]["egress"]
    return {to: peer.get("ports", []) for to, peer in got.items() if peer["to"] == to}


def peer(text: str) -> Peer:
    """A peer as lowerings read it."""
    tree = doc(spec("Team", f"{{podSecurity: restricted, network: {{egress: {text}}}}}")).tree
    return cast(Team, decode(KINDS["Team"], "x", {}, tree["spec"])).network.egress[0]


@pytest.mark.parametrize(
    ("text", "to", "ports"),
    [
        ("team/search", "team/search", []),
        ("team/search:8080", "team/search", ["8080"]),
        ("namespace/gateway:8000-8100", "namespace/gateway", ["8000-8100"]),
        ("10.0.0.0/8", "10.0.0.0/8", []),
        ("10.0.0.0/8:443", "10.0.0.0/8", ["443"]),
        ("10.0.0.0/8:53/UDP", "10.0.0.0/8", ["53/UDP"]),
        ("2001:db8::/32", "2001:db8::/32", []),
        ("2001:db8::/32:443", "2001:db8::/32", ["443"]),
        ("2001:db8::/32:8000-8100/SCTP", "2001:db8::/32", ["8000-8100/SCTP"]),
        ("2001:db8:0:1::/64:443", "2001:db8:0:1::/64", ["443"]),
        ("::/0", "::/0", []),
        ("::/0:53/UDP", "::/0", ["53/UDP"]),
        ("::1/128", "::1/128", []),
        ("::1/128:1", "::1/128", ["1"]),
        ("api.bank.example:443", "api.bank.example", ["443"]),
        ("*.bank.example", "*.bank.example", []),
        ("*.bank.example:443", "*.bank.example", ["443"]),
    ],
)
def test_one_text(text: str, to: str, ports: list[str]) -> None:
    forms = (
        f"['{text}']",
        f"[{{to: '{to}', ports: {ports}}}]",
        f"{{'{to}': {{ports: {ports}}}}}",
        *([f"[{{to: '{to}', ports: '{ports[0]}'}}]"] if ports else [f"['{to}']", f"{{'{to}': {{}}}}"]),
    )
    for form in forms:
        assert peers(form) == {to: ports}
    source = spec("Team", f"{{network: {{egress: [namespace/a, '{text}']}}}}")
    made = doc(source)
    for leaf in ("to", *(("ports", 0) if ports else ())):
        path = ("spec", "network", "egress", to, *((leaf,) if leaf == "to" else ("ports", 0)))
        span = made.span(locate({FILE: source}), path)
        assert source.split("\n")[span.line - 1][span.column - 1 :].startswith(f"'{text}'")


@pytest.mark.parametrize(
    ("text", "team", "namespace", "cidr", "host"),
    [
        ("team/search:1", "search", None, None, None),
        ("namespace/gateway", None, "gateway", None, None),
        ("10.0.0.0/8:1", None, None, "10.0.0.0/8", None),
        ("::/0", None, None, "::/0", None),
        ("a.b:1", None, None, None, "a.b"),
        ("*.a.b", None, None, None, "*.a.b"),
    ],
)
def test_what_it_is(text: str, team: str | None, namespace: str | None, cidr: str | None, host: str | None) -> None:
    got = peer(f"['{text}']")
    assert (got.team(), got.namespace(), got.cidr(), got.host()) == (team, namespace, cidr, host)


def test_port_ranges() -> None:
    got = peer("{'::/0': {ports: [443, 53/UDP, 8000-8100, 9-9/SCTP]}}")
    assert got.port_ranges() == [
        PortRange("TCP", 443, 443),
        PortRange("UDP", 53, 53),
        PortRange("TCP", 8000, 8100),
        PortRange("SCTP", 9, 9),
    ]
    assert peer("[a.b]").port_ranges() == []
    with pytest.raises(ValueError, match="invalid literal"):
        port_range("http")
    assert [is_address(t) for t in ("10.0.0.1", "::1", "10.0.0.0/8", "a.b", "")] == [True, True, False, False, False]


@pytest.mark.parametrize(
    "text",
    [
        "search",
        "localhost:80",
        "10.0.0.1",
        "10.0.0.1:443",
        "fd00::1",
        "::1",
        "[fd00::1]:443",
        "10.0.0.1/8:443",
        "2001:db8::1/32",
        "a.b:0",
        "a.b:65536",
        "a.b:90-80",
        "a.b:443/tcp",
        "a.b:",
        "a.b:http",
        "https://a.b",
        "team/Search",
        "*",
        "*.com",
        "",
    ],
)
def test_what_is_none(text: str) -> None:
    (got,) = found(spec("Team", f"{{network: {{egress: [namespace/a, '{text}']}}}}"))
    assert got == f"invalid_value '{text}'"


def test_one_peer_twice() -> None:
    (got,) = found(spec("Team", "{network: {egress: ['a.b:443', '::/0:1', 'a.b:80']}}"))
    assert got == "duplicate_item 'a.b:80'"

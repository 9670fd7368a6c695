"""Addresses and ranges as Go reads them (net/netip), there since 1.30."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from typing import Any, Final, TypeVar

from fleetc.cel.functions import Library
from fleetc.cel.types import CIDR, IP
from fleetc.cel.values import EvaluationError, Opaque

NETWORK: Final = Library(since=30, types=(IP, CIDR))
Made = TypeVar("Made")
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_BITS: Final = re.compile(r"0|[1-9][0-9]{0,2}")


def _address(text: str) -> Address:
    try:
        found = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        raise EvaluationError(f'IP Address "{text}" parse error during conversion from string') from None
    if "%" in text:
        raise EvaluationError(f'IP address "{text}" with zone value is not allowed')
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        raise EvaluationError(f'IPv4-mapped IPv6 address "{text}" is not allowed')
    return found


def _range(text: str) -> tuple[Address, int]:
    """An address and the number of bits of its network."""
    address, _, bits = text.rpartition("/")
    wrong = EvaluationError(f'network address parse error during conversion from string: "{text}"')
    if "%" in address or not _BITS.fullmatch(bits):
        raise wrong
    found = _address(address)
    if int(bits) > found.max_prefixlen:
        raise wrong
    return found, int(bits)


def _holds(make: Callable[[str], object]) -> Callable[[str], bool]:
    def check(text: str) -> bool:
        try:
            make(text)
        except EvaluationError:
            return False
        return True

    return check


def _ip(text: str) -> Opaque:
    return Opaque(IP, _address(text))


def _cidr(text: str) -> Opaque:
    return Opaque(CIDR, _range(text))


NETWORK.declare("ip", "(string) -> ip", run=_ip)
NETWORK.declare("isIP", "(string) -> bool", run=_holds(_address))
NETWORK.declare("cidr", "(string) -> cidr", run=_cidr)
NETWORK.declare("isCIDR", "(string) -> bool", run=_holds(_range))


@NETWORK("string", "(ip) -> string", "(cidr) -> string")
def _string(of: Opaque) -> str:
    if of.type == IP:
        return str(of.value)
    address, bits = of.value
    return f"{address}/{bits}"


@NETWORK("ip.isCanonical", "(string) -> bool")
def _is_canonical(text: str) -> bool:
    return str(_address(text)) == text


@NETWORK("family", "ip.() -> int")
def _family(of: Opaque) -> int:
    return int(of.value.version)


def _test(name: str, test: Callable[[Any], bool]) -> None:
    NETWORK.declare(name, "ip.() -> bool", run=lambda of: test(of.value))


def _is_link_local_multicast(a: Address) -> bool:
    if isinstance(a, ipaddress.IPv4Address):
        return a in ipaddress.ip_network("224.0.0.0/24")
    return int(a) >> 112 & 0xFF0F == 0xFF02


def _is_global(a: Address) -> bool:
    if str(a) in ("0.0.0.0", "255.255.255.255", "::"):  # noqa: S104 - addresses that are compared, none is bound
        return False
    return not (a.is_loopback or a.is_multicast or a.is_link_local)


_test("isUnspecified", lambda a: a.is_unspecified)
_test("isLoopback", lambda a: a.is_loopback)
_test("isLinkLocalMulticast", _is_link_local_multicast)
_test("isLinkLocalUnicast", lambda a: a.is_link_local)
_test("isGlobalUnicast", _is_global)


@NETWORK("ip", "cidr.() -> ip")
def _first(of: Opaque) -> Opaque:
    return Opaque(IP, of.value[0])


@NETWORK("prefixLength", "cidr.() -> int")
def _prefix_length(of: Opaque) -> int:
    return int(of.value[1])


def _network(value: tuple[Address, int], bits: int) -> int:
    """The first bits of an address."""
    return int(value[0]) >> (value[0].max_prefixlen - bits)


@NETWORK("masked", "cidr.() -> cidr")
def _masked(of: Opaque) -> Opaque:
    address, bits = of.value
    first = _network(of.value, bits) << (address.max_prefixlen - bits)
    return Opaque(CIDR, (type(address)(first), bits))


def _inside(of: Opaque, address: Address, bits: int) -> bool:
    mine, length = of.value
    if mine.version != address.version or length > bits:
        return False
    return _network(of.value, length) == _network((address, bits), length)


def _unless(make: Callable[[str], Made], text: str) -> Made:
    """What a text says; as in the server, one that says nothing is taken for another type."""
    try:
        return make(text)
    except EvaluationError:
        raise EvaluationError("no such overload") from None


@NETWORK("containsIP", "cidr.(string) -> bool", "cidr.(ip) -> bool")
def _contains_ip(of: Opaque, given: Any) -> bool:
    address = _unless(_address, given) if isinstance(given, str) else given.value
    return _inside(of, address, address.max_prefixlen)


@NETWORK("containsCIDR", "cidr.(string) -> bool", "cidr.(cidr) -> bool")
def _contains_cidr(of: Opaque, given: Any) -> bool:
    address, bits = _unless(_range, given) if isinstance(given, str) else given.value
    return _inside(of, address, bits)

"""Formats of OpenAPI schemas as plain keywords, so that no format checker is needed."""

from __future__ import annotations

from typing import Any, Final

Schema = dict[str, Any]
"""A JSON Schema, or the OpenAPI v3 schema that it is made from."""

INT_RANGES = {"int32": (-(2**31), 2**31 - 1), "int64": (-(2**63), 2**63 - 1), "uint16": (0, 65535)}

_OCTET = r"(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_IPV4 = rf"({_OCTET}\.){{3}}{_OCTET}"
_IPV6 = r"[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*"
FORMAT_PATTERNS = {
    "byte": r"^([A-Za-z0-9+/\r\n]{4}|[\r\n])*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?[\r\n]*$",
    "date-time": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})$",
    "ipv4": rf"^{_IPV4}$",
    "ipv6": rf"^{_IPV6}$",
    "cidr": rf"^({_IPV4}/(3[0-2]|[12]?[0-9])|{_IPV6}/(12[0-8]|1[01][0-9]|[1-9]?[0-9]))$",
    "duration": r"^([+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|ms|s|m|h))+$|^[+-]?0$",
}
"""The formats that the API server enforces on custom resources (apiextensions-apiserver, supported_formats.go), as
patterns. No CRD that is packed uses its other ones."""

UNCHECKED: Final = frozenset(
    (
        *("bsonobjectid", "creditcard", "date", "email", "hexcolor", "hostname", "isbn", "isbn10", "isbn13"),
        *("k8s-long-name", "k8s-short-name", "mac", "rgbcolor", "ssn", "uri", "uuid", "uuid3", "uuid4", "uuid5"),
    )
)
"""The formats that the API server enforces beside these: an object where one has a say is not checked whole."""

FORMAT_WORDS = {
    FORMAT_PATTERNS["byte"]: "base64",
    FORMAT_PATTERNS["date-time"]: "a time such as 2026-01-31T12:00:00Z",
    FORMAT_PATTERNS["ipv4"]: "an IPv4 address",
    FORMAT_PATTERNS["ipv6"]: "an IPv6 address",
    FORMAT_PATTERNS["cidr"]: "a CIDR block such as 10.0.0.0/8",
    FORMAT_PATTERNS["duration"]: "a duration such as 90s or 1h30m",
}


def apply_format(out: Schema, name: str) -> None:
    """Write what a format means as plain keywords, without widening bounds that are already there."""
    if name in INT_RANGES:
        low, high = INT_RANGES[name]
        out["minimum"] = max(low, out.get("minimum", low))
        out["maximum"] = min(high, out.get("maximum", high))
    elif name in FORMAT_PATTERNS and "pattern" in out:
        out["allOf"] = [*out.get("allOf", []), {"pattern": FORMAT_PATTERNS[name]}]
    elif name in FORMAT_PATTERNS:
        out["pattern"] = FORMAT_PATTERNS[name]

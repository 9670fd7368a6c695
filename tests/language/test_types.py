"""Each constraint against the rules of Kubernetes that it stands for, written here once more from their sources."""

from __future__ import annotations

import ipaddress
import string
from collections.abc import Callable
from fractions import Fraction
from typing import get_args

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fleetc.check import store
from fleetc.language import types
from fleetc.language.types import Text

LOWER = set(string.ascii_lowercase + string.digits)
ALNUM = set(string.ascii_letters + string.digits)


# k8s.io/apimachinery/pkg/util/validation/validation.go: IsDNS1123Label, IsDNS1123Subdomain, IsQualifiedName,
# IsValidLabelValue.
def is_label(text: str) -> bool:
    return 0 < len(text) <= 63 and _framed(text, LOWER, LOWER | {"-"})


def is_subdomain(text: str) -> bool:
    return len(text) <= 253 and all(part and _framed(part, LOWER, LOWER | {"-"}) for part in text.split("."))


def is_qualified(text: str) -> bool:
    prefix, slash, name = text.rpartition("/")
    good = 0 < len(name) <= 63 and _framed(name, ALNUM, ALNUM | set("-_."))
    return good and (not slash or is_subdomain(prefix))


def is_label_value(text: str) -> bool:
    return text == "" or (len(text) <= 63 and _framed(text, ALNUM, ALNUM | set("-_.")))


def _framed(text: str, ends: set[str], inner: set[str]) -> bool:
    return text[0] in ends and text[-1] in ends and set(text) <= inner


RULES: list[tuple[Text, Callable[[str], bool]]] = [
    (types.NAME, is_label),
    (types.SUBDOMAIN, is_subdomain),
    (types.LABEL_KEY, is_qualified),
    (types.LABEL_VALUE, is_label_value),
]
PIECES = st.sampled_from(["a", "Z", "9", "-", "_", ".", "/", "\n", " ", "é", "a" * 62, "b" * 63, "c.d" * 84])


@pytest.mark.parametrize(("text", "rule"), RULES, ids=["name", "subdomain", "label key", "label value"])
@settings(max_examples=100, deadline=None)
@given(st.lists(PIECES, max_size=5).map("".join))
@example("a" * 253 + "/b")
@example("a" * 254 + "/b")
@example("a" * 240 + "/" + "b" * 64)
@example("")
def test_names_and_labels_are_those_of_kubernetes(text: Text, rule: Callable[[str], bool], value: str) -> None:
    assert text.accepts(value) == rule(value)


SAMPLES: list[tuple[Text, str, str]] = [
    (
        types.QUANTITY,
        "0 1 500m 0.5 .5 1.125 128Ki 80Gi 1k 1M 1G 1T 1P 1Ei 7Ei 1E 1Ti 1Pi 9223372036854775807",
        "-1 +1 1gi 1GI 1KI 1K 1g 1MB 80GiB 1e3 1E3 1.2345 1..2 . Gi 1_000 1,5 0x10 1Gi2 9223372036854775808 8Ei 10E "
        "99999999999999999999Pi 1.5m inf",
    ),
    (types.BYTES, "0 1 80Gi 1.5Gi .5Ki 1k 7Ei", "512m 1.5 .5 0.5 8Ei -1Gi 1GiB 1e3"),
    (
        types.CIDR,
        "10.0.0.0/8 0.0.0.0/0 192.0.2.1/32 2001:db8::/32 ::/0 ::1/128 fd00::/8",
        "10.0.0.0 10.0.0.1/8 10.0.0.0/33 10.0.0/8 010.0.0.0/8 10.0.0.0/08 10.0.0.0/+8 2001:db8::1/32 ::/129 "
        "::ffff:a00:0/104 ::ffff:10.0.0.0/104 fe80::%eth0/64 a/8 10.0.0.0/255.0.0.0 256.0.0.0/8",
    ),
    (
        types.PORT,
        "1 443 65535 53/UDP 53/TCP 53/SCTP 8000-8100 8000-8000 8000-8100/UDP",
        "0 65536 99999 -1 80- -80 90-80 53/udp 53/ICMP 53/ /UDP 00443 08 0-80 1-65536 80/UDP/TCP 443.0 http",
    ),
    (
        types.PEER,
        "team/search namespace/gateway 10.0.0.0/8 0.0.0.0/0 ::/0 2001:db8::/32 api.bank.example *.bank.example a.b "
        "a-1.b xn--bcher-kva.example " + "a" * 63 + ".b team/" + "a" * 63,
        "search localhost * *.com *. .a a. a..b -a.b a-.b a.-b *.*.b a.*.b API.example a_b.c 10.0.0.1 1.2.3 fd00::1 "
        "::1 10.0.0.1/8 team/ team/A namespace/a.b team/a/b teams/a http://a.b a.b:443 a.b/c 10.0.0.0/08 "
        + f"{'a' * 64}.b team/{'a' * 64} namespace/{'a' * 64} {'a.b' * 90}",
    ),
    (
        types.RELATIVE_PATH,
        "golden out/manifests a.b .hidden ...",
        ". .. ../x x/.. x/../y /abs ./x x/./y x/ x//y a\\b",
    ),
    (
        types.GROUP,
        "risk-leads oidc:risk@acme.example system:serviceaccounts:ci",
        "system:masters system:unauthenticated system:serviceaccounts",
    ),
    (
        types.OWN_LABEL_KEY,
        "acme.example/tier tier notkubernetes.io/x",
        "pod-security.kubernetes.io/enforce kubernetes.io/metadata.name fleetc.dev/team",
    ),
]  # fmt: skip
CASES = [
    *[(text, value, True) for text, good, _ in SAMPLES for value in good.split()],
    *[(text, value, False) for text, _, bad in SAMPLES for value in bad.split()],
]


@pytest.mark.parametrize(("text", "value", "accepted"), CASES, ids=[f"{t.what[:12]}-{v[:40]}" for t, v, _ in CASES])
def test_samples(text: Text, value: str, accepted: bool) -> None:
    assert text.accepts(value) is accepted


@pytest.mark.parametrize("text", [t for t, _, _ in SAMPLES] + [types.NAME, types.LINE], ids=lambda t: t.what[:12])
@pytest.mark.parametrize(
    "value", ["", "\n", "a\n", "\na", "a\0", "golden\n/../../x", "1\n", "10.0.0.0/8\n", "a.b\n", "٣"]
)
def test_nothing_accepts_control_characters(text: Text, value: str) -> None:
    assert not text.accepts(value) or value == "٣"
    assert not text.accepts(value) or text in (types.LINE, types.GROUP, types.RELATIVE_PATH)


@pytest.mark.parametrize("value", ["a\tb", "a\x1b[31m", "a\x7f", "a\u2028b", "a\u0085b", "a" * 1025])
def test_a_line_is_one_line_on_every_terminal(value: str) -> None:
    assert not types.LINE.accepts(value)


def test_groups_keep_inner_spaces_only() -> None:
    assert types.GROUP.accepts("risk leads")
    assert not any(types.GROUP.accepts(text) for text in (" a", "a ", "\t", "a" * 257))


FACTORS = {
    **{"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "P": 10**15, "E": 10**18},
    **{f"{letter}i": 2 ** (10 * n) for n, letter in enumerate("KMGTPE", start=1)},
}


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 10**20), st.integers(0, 4), st.sampled_from([*FACTORS, "m"]))
def test_quantities_are_those_that_kubernetes_keeps_exactly(digits: int, places: int, suffix: str) -> None:
    """k8s.io/apimachinery/pkg/api/resource/quantity.go: no more than three decimals, at most 2^63-1."""
    number = str(digits)
    if places:
        number = f"{digits // 10**places}.{digits % 10**places:0{places}}"
    factor = Fraction(1, 1000) if suffix == "m" else Fraction(FACTORS[suffix])
    exact = places <= (0 if suffix == "m" else 3)
    assert types.QUANTITY.accepts(number + suffix) == (exact and Fraction(number) * factor <= 2**63 - 1)


@settings(max_examples=100, deadline=None)
@given(st.ip_addresses(), st.integers(0, 128))
def test_cidrs_are_networks(address: ipaddress.IPv4Address | ipaddress.IPv6Address, bits: int) -> None:
    size = address.max_prefixlen
    within = bits <= size
    network = within and int(address) & ((1 << (size - bits)) - 1) == 0
    mapped = isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None
    assert types.CIDR.accepts(f"{address}/{bits}") == (network and not mapped)


@pytest.mark.parametrize("text", [v for v in vars(types).values() if isinstance(v, Text)], ids=lambda t: t.what[:12])
def test_what_is_meant_is_accepted(text: Text) -> None:
    for value in (
        "Search API",
        "10.0.0.1",
        "16 GB",
        "90-80",
        "a//b",
        "HTTPS://a.b/c",
        "",
        "-",
        "é",
        "team:search",
        "1e400",
    ):
        meant = text.meant(value)
        assert meant is None or text.accepts(meant)


def test_minors_are_those_whose_schemas_are_packed() -> None:
    assert get_args(types.Minor) == store.kubernetes().minors

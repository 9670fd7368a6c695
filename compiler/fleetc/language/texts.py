"""What a pattern cannot say of a text, and guesses at what was meant by one that does not fit."""

import datetime
import ipaddress
import re
import unicodedata

from fleetc.language.amounts import millis


def is_cidr(text: str) -> bool:
    """Whether it is a range of addresses that all parsers read alike, without host bits."""
    try:
        # Host bits that are set are a typing error more often than not; API servers warn of them, too.
        network = ipaddress.ip_network(text)
    except ValueError:
        return False
    # An IPv4 address in IPv6 clothes means one thing to some parsers and another to others.
    return not (isinstance(network, ipaddress.IPv6Network) and network.network_address.ipv4_mapped)


def is_date(text: str) -> bool:
    """Whether it is a day of the calendar."""
    try:
        datetime.date.fromisoformat(text)
    except ValueError:
        return False
    return True


def is_port(text: str) -> bool:
    """Whether its ports are ports, and the last is not before the first."""
    first, _, last = text.partition("/")[0].partition("-")
    return 1 <= int(first) <= int(last or first) <= 65535


def is_peer(text: str) -> bool:
    """Whether it is a peer of a kind, a range of addresses, or the name of a host."""
    if "/" not in text:
        # Four numbers are an address, which no host name is (RFC 1123, 2.1).
        return not text.rpartition(".")[2].isdecimal()
    return text.startswith(("team/", "namespace/")) or is_cidr(text)


def mend_name(text: str) -> str:
    """In lower case, with `-` for what no name has."""
    bare = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub("[^a-z0-9]+", "-", bare.lower()).strip("-")


def mend_subdomain(text: str) -> str:
    """As a name, part by part."""
    return ".".join(mend_name(part) for part in text.split("."))


def mend_label(text: str) -> str:
    """With `-` for what no label has."""
    return re.sub(r"[^-A-Za-z0-9_./]+", "-", text.strip()).strip("-_.")


def is_quantity(text: str) -> bool:
    """Whether it is a quantity that API servers keep as it is."""
    # k8s.io/apimachinery/pkg/api/resource/quantity.go: what is larger is cut off without a word.
    return millis(text) <= (2**63 - 1) * 1000


def mend_quantity(text: str) -> str:
    """`16 GB` is 16G, `1TiB` is 1Ti, `4 cores` is 4."""
    match = _LOOSE_QUANTITY.fullmatch(text.strip())
    if match is None:
        return text
    number, letter, binary = match["number"], (match["letter"] or "").upper(), "i" if match["binary"] else ""
    return f"{number}{letter.lower() if letter == 'K' and not binary else letter}{binary}"


_LOOSE_QUANTITY = re.compile(
    r"(?i:(?P<number>[0-9]*\.?[0-9]+)\s*((?P<letter>[kmgtp])(?P<binary>i)?b?|b|bytes?|cpus?|cores?)?)"
)


def mend_cidr(text: str) -> str:
    """An address alone, or one with host bits, is short for its network."""
    try:
        return str(ipaddress.ip_network(text, strict=False))
    except ValueError:
        return text


def mend_port(text: str) -> str:
    """`tcp` is TCP, and the lower port comes first."""
    numbers, _, protocol = text.replace(" ", "").upper().partition("/")
    first, dash, last = numbers.partition("-")
    if dash and first.isdecimal() and last.isdecimal() and int(first) > int(last):
        numbers = f"{last}-{first}"
    return f"{numbers}/{protocol}" if protocol else numbers


def mend_peer(text: str) -> str:
    """`Team:x` is team/x, and a URL is its host."""
    kind, slash, name = text.replace(":", "/", 1).partition("/")
    if slash and kind.lower() in ("team", "namespace"):
        return f"{kind.lower()}/{mend_name(name)}"
    return mend_cidr(re.sub(r"^[a-z]+://([^/]+).*", r"\1", text.lower()))


def mend_path(text: str) -> str:
    """Without empty steps and dots."""
    return "/".join(part for part in text.split("/") if part not in ("", "."))


def is_range(text: str) -> bool:
    """Whether the least is not above the most."""
    least, _, most = text.partition("..")
    return int(least) <= int(most or least)


def mend_range(text: str) -> str:
    """`2-8`, `2 to 8` and `8..2` are 2..8."""
    numbers = re.findall("[0-9]+", text)
    return "..".join(sorted(numbers, key=int)) if len(numbers) == 2 else text


def mend_devices(text: str) -> str:
    """`8xH100`, `8 H100` and `H100x8` are H100:8, `H100` is H100:1."""
    match = re.fullmatch(r"([0-9]+)\s*[xX*:]?\s*([A-Za-z][-/.A-Za-z0-9]*)", text.strip())
    if match:
        return f"{match[2]}:{match[1]}"
    match = re.fullmatch(r"([A-Za-z][-/.A-Za-z0-9]*?)\s*[xX*:=\s]\s*([0-9]+)", text.strip())
    return f"{match[1]}:{match[2]}" if match else f"{text.strip()}:1"

"""The short texts of pools and models: what each says, and that every text of its type says it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleetc.language import types
from fleetc.language.amounts import Devices, Source, Span, count_range, devices, millis, money, source, tokens

NAMES = st.sampled_from(("H100", "A100-80", "TPU-v6e", "l4"))
PROFILES = st.sampled_from(("", "3g.40gb", "1g.10gb+me", "timeSlicing"))
COUNTS = st.integers(1, 9999)


@given(st.integers(0, 999_999), st.integers(0, 999_999))
def test_ranges(one: int, two: int) -> None:
    least, most = sorted((one, two))
    assert types.COUNT_RANGE.accepts(f"{least}..{most}")
    assert types.COUNT_RANGE.accepts(f"{most}..{least}") is (least == most)
    assert count_range(f"{least}..{most}") == Span(least, most)
    assert count_range(str(one)) == Span(one, one)
    assert types.COUNT_RANGE.meant(f"{most}-{least}") == f"{least}..{most}"


@given(NAMES, PROFILES, COUNTS)
def test_devices(name: str, profile: str, number: int) -> None:
    text = f"{name}/{profile}:{number}" if profile else f"{name}:{number}"
    assert types.ALTERNATIVE.accepts(text)
    assert types.DEVICES.accepts(text) is (not profile)
    assert types.DEVICE.accepts(text.rpartition(":")[0])
    assert devices(text) == Devices(name, profile, number)


@given(NAMES, COUNTS, st.sampled_from(("{n}x{d}", "{n} {d}", "{d}x{n}", "{d}={n}", "{d} : {n}")))
def test_devices_that_were_meant(name: str, number: int, form: str) -> None:
    assert types.DEVICES.meant(form.format(d=name, n=number)) == f"{name}:{number}"


def test_a_device_without_a_number_is_one() -> None:
    assert types.DEVICES.meant("H100") == "H100:1"
    assert types.ALTERNATIVE.meant("A100-80/3g.40gb") == "A100-80/3g.40gb:1"


def test_no_devices() -> None:
    assert devices("cpu") is None
    assert devices("auto") is None


@given(st.integers(1, 9_999_999), st.sampled_from((("", 1), ("k", 1000), ("Ki", 1024), ("M", 10**6), ("Mi", 2**20))))
def test_tokens(number: int, unit: tuple[str, int]) -> None:
    assert types.TOKENS.accepts(f"{number}{unit[0]}")
    assert tokens(f"{number}{unit[0]}") == number * unit[1]


@pytest.mark.parametrize("text", ["0", "-1", "1.5k", "32KiB", "k", "1K", ""])
def test_no_tokens(text: str) -> None:
    assert not types.TOKENS.accepts(text)


@given(st.integers(0, 10**15 - 1))
def test_money(millionths: int) -> None:
    whole, part = divmod(millionths, 10**6)
    for text in (f"{whole}.{part:06}", f"{whole}.{part:06}".rstrip("0").rstrip(".")):
        assert types.MONEY.accepts(text)
        assert money(text) == millionths


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("hf://a/b@c0ffee", Source("hf", "a/b", "c0ffee")),
        ("hf://a/b", Source("hf", "a/b", "")),
        ("oci://r.example:5000/a/b@sha256:0f", Source("oci", "r.example:5000/a/b", "sha256:0f")),
        ("pvc://weights/a@v7", Source("pvc", "weights/a", "v7")),
    ],
)
def test_sources(text: str, wanted: Source) -> None:
    assert types.SOURCE.accepts(text)
    assert source(text) == wanted


@pytest.mark.parametrize(
    ("text", "thousandths"),
    [("500m", 500), ("2", 2000), ("1.5", 1500), (".125", 125), ("1Ki", 1_024_000), ("1.5Gi", 1_610_612_736_000)],
)
def test_quantities(text: str, thousandths: int) -> None:
    assert millis(text) == thousandths

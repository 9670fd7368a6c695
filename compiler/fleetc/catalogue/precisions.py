"""Number formats of weights and of the KV cache."""

from __future__ import annotations

from enum import StrEnum
from functools import cache

from fleetc.catalogue.read import rows
from fleetc.tuples import NamedTuple


class Precision(StrEnum):
    """A number format, by the name that specs use."""

    FP32 = "fp32"
    BF16 = "bf16"
    FP16 = "fp16"
    FP8 = "fp8"
    INT8 = "int8"
    MXFP4 = "mxfp4"
    NVFP4 = "nvfp4"
    INT4 = "int4"


class Format(NamedTuple):
    """What a number format costs.

    `weight_bits_x64` is the bits of one weight times 64, its share of block scales included (a whole number for block
    sizes that divide 64 or are a multiple of it); `cache_bytes` the bytes of one value of the KV cache, nothing where
    engines hold no cache in this format; `padded_permille` what weights take in memory, in thousandths of their bytes
    in the checkpoint, where kernels want whole blocks.
    """

    name: Precision
    weight_bits_x64: int
    cache_bytes: int | None = None
    padded_permille: int = 1000


@cache
def formats() -> tuple[Format, ...]:
    """Every format, widest weights first."""
    return rows("precisions", Format)


@cache
def _by_name() -> dict[Precision, Format]:
    return {f.name: f for f in formats()}


def format_of(precision: Precision) -> Format:
    """What a number format costs. Every Precision has an entry; the tests hold that."""
    return _by_name()[precision]

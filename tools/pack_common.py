"""What both packers share: the container of a pack."""

from __future__ import annotations

import zlib


def compress(text: str) -> bytes:
    """zlib, not lzma: a third larger, but it opens five times faster and start-up pays for it."""
    return zlib.compress(text.encode(), 9)

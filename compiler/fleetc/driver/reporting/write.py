"""A page as a file: whoever looks sees the old one or the new one, and what is no report is never replaced."""

from __future__ import annotations

import errno
import os
import stat
import tempfile

from fleetc.diagnostics import Diagnostic, Failure, codes
from fleetc.driver.tree.messages import cannot_write

MARK = b'<meta name="generator" content="fleetc report">'
"""What every page has near its beginning."""
_NEAR = 4096


def write_page(path: str, shown: str, data: bytes) -> None:
    """Write a page to a path, which messages call `shown`. A link keeps leading where it does, and what is no file,
    such as a terminal, is written into. Raises Failure."""
    try:
        found = _standing(path)
        if found is None or stat.S_ISREG(found.st_mode):
            real = os.path.realpath(path)
            if found is not None and not _is_ours(real):
                raise Failure(_foreign(shown))
            _replace(real, data, found)
        elif stat.S_ISDIR(found.st_mode):
            raise Failure(cannot_write(shown, errno.EISDIR)._replace(span=None))
        else:
            with open(path, "wb") as file:
                file.write(data)
    except OSError as error:
        raise Failure(cannot_write(shown, error.errno or errno.EIO)._replace(span=None)) from None


def _standing(path: str) -> os.stat_result | None:
    try:
        return os.stat(path)
    except FileNotFoundError:
        return None


def _is_ours(path: str) -> bool:
    with open(path, "rb") as file:
        head = file.read(_NEAR)
    return not head or MARK in head


def _foreign(shown: str) -> Diagnostic:
    message = f"{shown}: a file that `fleetc report` did not make stands where it must write"
    return Diagnostic(codes.FOREIGN_FILE, message, hint="move it away, or name another file with --out")


def _replace(path: str, data: bytes, before: os.stat_result | None) -> None:
    folder, name = os.path.split(path)
    number, new = tempfile.mkstemp(prefix=f".{name}.", dir=folder)
    try:
        with open(number, "wb") as file:
            file.write(data)
            file.flush()
            os.fchmod(number, stat.S_IMODE(before.st_mode) if before is not None else 0o666 & ~_umask())
            os.fsync(number)
        os.replace(new, path)
    except OSError:
        os.unlink(new)
        raise


def _umask() -> int:
    """The user's mask of new files, which can only be read by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask

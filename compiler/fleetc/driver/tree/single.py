"""One file outside of the output tree, replaced or removed in one step."""

from __future__ import annotations

import errno
import os

from fleetc.diagnostics import Failure
from fleetc.driver.tree import messages
from fleetc.driver.tree.model import Signature, signature_of


def replace_file(root: str, state: str, path: str, data: bytes | None, mode: int | None = None) -> Signature | None:
    """Give a file these bytes, or with None remove it: whoever looks sees the old or the new ones. Returns its
    signature; None when it is not there or somebody else changed it since. `mode`: its permissions, where they are not
    those of a new file. Failure when the system refuses."""
    target, new = f"{root}/{path}", f"{state}/single.new"
    try:
        if data is None:
            os.unlink(target)
            return None
        with open(new, "wb") as file:
            file.write(data)
            file.flush()
            if mode is not None:
                os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
            made = os.fstat(file.fileno())
        os.replace(new, target)
        # Renaming changes no bytes, but the time of the inode.
        now = os.stat(target)
    except FileNotFoundError:
        if data is None:
            return None
        raise Failure(messages.cannot_write(path, errno.ENOENT)) from None
    except OSError as error:
        raise Failure(messages.cannot_write(path, error.errno or errno.EIO)) from None
    same = (now.st_ino, now.st_size, now.st_mtime_ns) == (made.st_ino, made.st_size, made.st_mtime_ns)
    return signature_of(now) if same else None

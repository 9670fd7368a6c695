"""Files from a site, a mirror of it, or a folder: each is what its sha256 says, or it is told why not."""

from __future__ import annotations

import csv
import hashlib
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import IO, Any, Final

from fleetc import __version__
from fleetc.diagnostics import Code, Diagnostic, codes
from fleetc.driver.crds import INDEX
from fleetc.tuples import NamedTuple

AT_ONCE: Final = 8
TRIES: Final = 3
TIMEOUT: Final = 20.0
"""Seconds that a server may say nothing; a whole file may take PATIENCE."""
PATIENCE: Final = 120.0
_PAUSES: Final = (0.5, 2.0)
_CHUNK: Final = 1 << 16
_NOT_THERE: Final = "it is not in the folder, as PROJECT-VERSION/FILE, OWNER/REPOSITORY/COMMIT/PATH or PATH"
_AGAIN: Final = (408, 425, 429, 500, 502, 503, 504)
_MOST_REDIRECTS: Final = 5


class Wanted(NamedTuple):
    """A file: its address, its places below a folder, the likeliest first, its size in bytes and its sha256."""

    url: str
    places: tuple[str, ...]
    bytes: int
    sha256: str


class Got(NamedTuple):
    """What became of a file: its bytes, or the code and the reason."""

    wanted: Wanted
    data: bytes | None
    code: Code = codes.CANNOT_FETCH
    why: str = ""


class RefusedError(Exception):
    """A file that cannot be had, whatever is tried again."""

    def __init__(self, code: Code, why: str) -> None:
        super().__init__(why)
        self.code = code


class _PassingError(Exception):
    """What may be otherwise the next time. `silent`: nobody answered at all."""

    def __init__(self, why: str, *, silent: bool = False) -> None:
        super().__init__(why)
        self.silent = silent


def from_folder(folder: str, wanted: Sequence[Wanted]) -> list[Got]:
    """Files of a folder, such as another one's `crds/`, a mirror of the site, or a checkout of a release."""
    known = _indexed(folder)
    return [_copied(folder, each, known.get(each.sha256)) for each in wanted]


def _indexed(folder: str) -> dict[str, str]:
    """The files of a folder by their sha256, if it has an index."""
    try:
        with open(f"{folder}/{INDEX}", encoding="utf-8", newline="") as file:
            return {row["sha256"]: row["file"] for row in csv.DictReader(file, delimiter="\t")}
    except (OSError, ValueError, KeyError, csv.Error):
        return {}  # Then each file is looked for by its names.


def _copied(folder: str, wanted: Wanted, known: str | None) -> Got:
    other = ""
    for place in ([known] if known else []) + [*wanted.places]:
        try:
            with open(os.path.join(folder, place), "rb") as file:
                data = file.read(wanted.bytes + 1)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            return Got(wanted, None, codes.CANNOT_FETCH, f"{place} cannot be read: {error.strerror}")
        if _fits(wanted, data):
            return Got(wanted, data)
        other = other or place
    if other:
        return Got(wanted, None, codes.WRONG_DIGEST, f"{other} of the folder is another file than the pinned one")
    return Got(wanted, None, codes.CANNOT_FETCH, _NOT_THERE)


def _fits(wanted: Wanted, data: bytes) -> bool:
    return len(data) == wanted.bytes and hashlib.sha256(data).hexdigest() == wanted.sha256


def from_site(wanted: Sequence[Wanted], pause: Callable[[float], None] = time.sleep) -> list[Got]:
    """Files by their addresses, several at once, each tried again a few times. Where nobody answers, not every file is
    waited for."""
    if not wanted:
        return []
    site = _Site(pause)
    with ThreadPoolExecutor(min(AT_ONCE, len(wanted))) as pool:
        return list(pool.map(site.get, wanted))


class _Site:
    """What several threads know of one site."""

    def __init__(self, pause: Callable[[float], None]) -> None:
        # Imported here: TLS and HTTP take 60 ms, which only who fetches pays for.
        import urllib.request  # noqa: PLC0415

        self._opener = urllib.request.build_opener(_redirects())
        self._pause = pause
        self._answered = threading.Event()
        self._silent: str | None = None

    def get(self, wanted: Wanted) -> Got:
        why = ""
        for attempt in range(TRIES):
            if self._silent is not None and not self._answered.is_set():
                return Got(wanted, None, codes.CANNOT_FETCH, self._silent)
            if attempt:
                self._pause(_PAUSES[attempt - 1])
            try:
                data = self._once(wanted)
            except RefusedError as error:
                self._answered.set()
                return Got(wanted, None, error.code, str(error))
            except _PassingError as error:
                why, silent = str(error), error.silent
                if not silent:
                    self._answered.set()
                elif attempt == TRIES - 1:
                    self._silent = why
            else:
                self._answered.set()
                return Got(wanted, data)
        return Got(wanted, None, codes.CANNOT_FETCH, f"{why}, {TRIES} times")

    def _once(self, wanted: Wanted) -> bytes:
        import http.client  # noqa: PLC0415 - as above
        import urllib.error  # noqa: PLC0415
        import urllib.request  # noqa: PLC0415

        # Only http and https come here (`pull`), and redirects lead to https alone.
        headers = {"User-Agent": f"fleetc/{__version__}", "Accept-Encoding": "identity"}
        try:
            request = urllib.request.Request(wanted.url, headers=headers)  # noqa: S310 - above
            with self._opener.open(request, timeout=TIMEOUT) as answer:
                self._answered.set()
                data = _body(answer, wanted.bytes)
        except urllib.error.HTTPError as error:
            error.close()
            if error.code in _AGAIN:
                raise _PassingError(f"the server says {error.code} {error.reason}") from None
            raise RefusedError(codes.CANNOT_FETCH, f"the server says {error.code} {error.reason}") from None
        except urllib.error.URLError as error:
            reason = error.reason
            why = reason.strerror if isinstance(reason, OSError) and reason.strerror else str(reason)
            raise _PassingError(f"nobody answers: {why}", silent=True) from None
        except ValueError as error:
            raise RefusedError(codes.UNSAFE_ADDRESS, f"it is no address: {error}") from None
        except (http.client.HTTPException, OSError) as error:
            raise _PassingError(f"the answer breaks off: {type(error).__name__}") from None
        if len(data) < wanted.bytes:
            raise _PassingError(f"the answer ends after {len(data):,} of {wanted.bytes:,} bytes")
        if not _fits(wanted, data):
            raise RefusedError(codes.WRONG_DIGEST, "what comes is another file than the pinned one")
        return data


def _body(answer: IO[bytes], size: int) -> bytes:
    """At most a byte more than there should be, in at most PATIENCE seconds."""
    until = time.monotonic() + PATIENCE
    out = bytearray()
    while len(out) <= size:
        part = answer.read(min(_CHUNK, size + 1 - len(out)))
        if not part:
            break
        out += part
        if time.monotonic() > until:
            raise _PassingError(f"it takes more than {PATIENCE:.0f} s")
    return bytes(out)


def _redirects() -> Any:
    import urllib.request  # noqa: PLC0415 - as above

    class Redirects(urllib.request.HTTPRedirectHandler):
        """Follows to https alone, and not for ever."""

        max_redirections = _MOST_REDIRECTS
        max_repeats = 2

        def redirect_request(
            self, req: urllib.request.Request, fp: Any, code: int, msg: str, headers: Any, newurl: str
        ) -> urllib.request.Request | None:
            if not safe_redirect(newurl):
                raise RefusedError(codes.UNSAFE_ADDRESS, f"the server sends to {newurl}, which is not https")
            seen: dict[str, int] = getattr(req, "redirect_dict", {})
            if len(seen) >= _MOST_REDIRECTS or seen.get(newurl, 0) >= self.max_repeats:
                raise RefusedError(codes.CANNOT_FETCH, f"the server sends in a circle, last to {newurl}")
            return super().redirect_request(req, fp, code, msg, headers, newurl)

    return Redirects()


def safe_redirect(url: str) -> bool:
    """Whether a redirect is followed."""
    return url.startswith("https://")


def told(found: Sequence[Got], name: Callable[[Wanted], str]) -> Iterator[Diagnostic]:
    """What is wrong, file by file; files that share a reason are told together from the fourth on."""
    alike: dict[tuple[str, str], list[Got]] = {}
    for got in found:
        if got.data is None:
            alike.setdefault((got.code.code, got.why), []).append(got)
    for same in alike.values():
        first = same[0]
        for got in same if len(same) <= 3 else same[:1]:
            yield Diagnostic(got.code, f"{name(got.wanted)}: {got.why}", hint=_HINTS[got.code.code])
        if len(same) > 3:
            message = f"{len(same) - 1} more files, such as {name(same[1].wanted)}: {first.why}"
            yield Diagnostic(first.code, message, hint=_HINTS[first.code.code])


_HINTS: Final = {
    codes.CANNOT_FETCH.code: "try it again, or name a mirror or a folder with --from",
    codes.WRONG_DIGEST.code: "take a source that has the file as it was published",
    codes.UNSAFE_ADDRESS.code: "name a source that answers itself, by https",
}

"""Argo CD's manifest at its pinned version: from its repository, or from a file that the user names."""

from __future__ import annotations

import hashlib
import urllib.error
import urllib.request
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from fleet.data import Install
from fleet.files import objects_of, parse
from fleet.objects import Object, StackError
from fleet.settings import Settings

_SECONDS: Final = 60


def manifest(install: Install, settings: Settings, base: Path) -> list[Object]:
    """The objects of Argo CD's manifest; `base` is where a file's relative path begins. Raises StackError."""
    about = settings.manifest or address(install)
    if settings.manifest is None:
        data = _fetched(about)
    else:
        try:
            data = (base / settings.manifest).read_bytes()
        except OSError as error:
            raise StackError(f"the file of `fleet:argocdManifest` cannot be read: {error}") from None
    digest = hashlib.sha256(data).hexdigest()
    if settings.manifest_sha256 not in (None, digest):
        raise StackError(f"{about} has the digest {digest}, and `fleet:argocdManifestSha256` is another")
    return objects_of(parse(data, about), about)


def address(install: Install) -> str:
    """Where a file of a GitHub repository lies at a tag. Raises StackError for another host."""
    parts = urlsplit(install.manifest.repository)
    if (parts.scheme, parts.netloc) != ("https", "github.com"):
        raise StackError(
            f"from {install.manifest.repository} no file can be fetched: "
            "fetch Argo CD's manifest and name it in `fleet:argocdManifest`"
        )
    repository = parts.path.strip("/").removesuffix(".git")
    return f"https://raw.githubusercontent.com/{repository}/{install.version}/{install.manifest.path}"


def _fetched(url: str) -> bytes:
    try:
        # An https address, made above.
        with urllib.request.urlopen(url, timeout=_SECONDS) as answer:  # noqa: S310 - above
            data: bytes = answer.read()
            return data
    except (urllib.error.URLError, TimeoutError) as error:
        raise StackError(
            f"{url} cannot be fetched ({error}): fetch it elsewhere and name the file in `fleet:argocdManifest`"
        ) from None

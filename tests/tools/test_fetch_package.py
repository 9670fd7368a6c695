"""Tools that are packages of npm, with an npm that only pretends: what is taken of a package, and what is refused."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import os
import platform
import subprocess
import tarfile
from pathlib import Path

import pytest
from tools import build_tools, fetch_package

from fleetc_rehearsal import MissingTools, finder, packages
from fleetc_rehearsal.errors import ToolError
from fleetc_rehearsal.packages import PACKAGES, package_of
from fleetc_rehearsal.recipes import CHECKOUT

NPM = """\
const fs = require("fs"), path = require("path");
fs.appendFileSync({log}, process.argv.slice(2).join(" ") + "\\n");
const to = process.argv.find((word) => word.startsWith("--pack-destination=")).slice(19);
fs.copyFileSync({archive}, path.join(to, "package.tgz"));
"""
PRESS = "process.stdout.write(require('zlib').brotliCompressSync(require('fs').readFileSync(0)))"


def brotli(data: bytes) -> bytes:
    return subprocess.run([str(fetch_package.NODE), "-e", PRESS], input=data, capture_output=True, check=True).stdout


def packed(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return out.getvalue()


class Npm:
    """A checkout whose browser is a few bytes, and an npm that has the package."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.archive, self.log, self.tools = folder / "published.tgz", folder / "log", folder / "tools"
        self.source = self.tools / "chromium"
        self.source.mkdir(parents=True)
        self.log.touch()
        for name in ("pin.json", "fonts.conf", "unpack.mjs"):
            (self.source / name).write_bytes((CHECKOUT / "chromium" / name).read_bytes())
        npm = folder / "npm-cli.cjs"
        npm.write_text(NPM.format(log=json.dumps(str(self.log)), archive=json.dumps(str(self.archive))), "utf-8")
        for module in (packages, finder):
            monkeypatch.setattr(module, "CHECKOUT", self.tools)
        monkeypatch.setattr(fetch_package, "NPM", npm)
        monkeypatch.setattr(platform, "system", lambda: "Linux")
        monkeypatch.setattr(platform, "machine", lambda: "x86_64")
        monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
        monkeypatch.delenv("FLEETC_TOOLS", raising=False)
        self.publish()

    def publish(self, **more: bytes) -> None:
        """Put a package there, and pin it."""
        inner = {
            "bin/chromium.br": brotli(b"#!browser"),
            "bin/al2023.tar.br": brotli(packed({"lib/libnss3.so": b"nss"})),
            "bin/swiftshader.tar.br": brotli(packed({"libEGL.so": b"egl"})),
            "bin/fonts.tar.br": brotli(packed({"fonts.conf": b"theirs", "fonts/Sans/a.ttf": b"font", **more})),
        }
        self.archive.write_bytes(gzip.compress(packed({f"package/{name}": data for name, data in inner.items()})))
        digest = base64.b64encode(hashlib.sha512(self.archive.read_bytes()).digest()).decode()
        self.pin(integrity=f"sha512-{digest}")

    def pin(self, **fields: object) -> None:
        path = self.source / "pin.json"
        path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), **fields}), "utf-8")


@pytest.fixture
def npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Npm:
    return Npm(tmp_path, monkeypatch)


def left() -> list[str]:
    """What is in the cache and no whole tool."""
    folder = package_of("chromium").home.parent
    return [p.name for p in folder.iterdir() if p.name.startswith(".")]


def test_every_folder_with_a_pin_is_a_tool() -> None:
    assert {*PACKAGES} == {path.parent.name for path in CHECKOUT.glob("*/pin.json")}
    for path in CHECKOUT.glob("*/pin.json"):
        pin = json.loads(path.read_text(encoding="utf-8"))
        assert pin["integrity"].startswith("sha512-")
        assert len(base64.b64decode(pin["integrity"].partition("-")[2])) == 64
        assert "://" not in path.read_text(encoding="utf-8")


def test_what_is_fetched(npm: Npm, capsys: pytest.CaptureFixture[str]) -> None:
    tool = package_of("chromium")
    with pytest.raises(MissingTools, match="chromium is missing: it is not fetched; "):
        finder.locate("chromium")
    assert build_tools.main(["chromium"]) == 0
    assert build_tools.main(["chromium"]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith(f"chromium {tool.version}: built in ")
    assert second == f"chromium {tool.version}: there already"
    assert left() == []
    found = sorted(str(p.relative_to(tool.home)) for p in tool.home.rglob("*") if p.is_file())
    assert found == ["VERSION", "chromium", "fonts.conf", "fonts/Sans/a.ttf", "lib/libnss3.so", "libEGL.so"]
    assert (tool.home / "chromium").read_bytes() == b"#!browser"
    assert os.access(tool.home / "chromium", os.X_OK)
    assert (tool.home / "fonts.conf").read_bytes() == (npm.source / "fonts.conf").read_bytes()
    assert finder.locate("chromium") == finder.Found("chromium", tool.home / "chromium", tool.version)
    (asked,) = npm.log.read_text(encoding="utf-8").splitlines()
    assert asked.startswith(f"pack {tool.package}@{tool.version.removeprefix('v')} --ignore-scripts ")
    assert build_tools.main(["--list", "chromium"]) == 0
    assert capsys.readouterr().out.endswith("  built\n")


def test_another_package_than_the_pinned_one(npm: Npm, capsys: pytest.CaptureFixture[str]) -> None:
    npm.archive.write_bytes(gzip.compress(packed({"package/bin/chromium.br": b"other"})))
    assert build_tools.main(["chromium"]) == 1
    assert "the package is sha512-" in capsys.readouterr().err
    assert not package_of("chromium").is_built()
    assert left() == []


def test_an_archive_that_leads_outside(npm: Npm) -> None:
    npm.publish(**{"../../outside": b"x"})
    with pytest.raises(tarfile.OutsideDestinationError):
        build_tools.build(package_of("chromium"))
    assert not package_of("chromium").is_built()
    assert left() == []


def test_npm_that_fails(npm: Npm, capsys: pytest.CaptureFixture[str]) -> None:
    npm.archive.unlink()
    assert build_tools.main(["chromium"]) == 1
    assert "npm-cli pack failed" in capsys.readouterr().err


def test_a_new_pin_is_another_folder(npm: Npm) -> None:
    before = package_of("chromium").home
    npm.pin(version="1.0.0")
    assert package_of("chromium").home != before
    with pytest.raises(ToolError, match="no tool is named `firefox`"):
        package_of("firefox")


def test_another_platform(npm: Npm, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "aarch64")
    with pytest.raises(MissingTools, match="there is none but for linux-x86_64"):
        finder.locate("chromium")
    assert build_tools.main(["chromium"]) == 1
    assert "is for linux-x86_64, and this is linux-aarch64" in capsys.readouterr().err
    assert "chromium" not in build_tools._all()  # pyright: ignore[reportPrivateUsage] - the rest would be built
    assert npm.log.read_text(encoding="utf-8") == ""


def test_the_folder_that_is_named(npm: Npm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert build_tools.main(["chromium", "--link", str(tmp_path / "named")]) == 0
    monkeypatch.setenv("FLEETC_TOOLS", str(tmp_path / "named"))
    found = finder.locate("chromium")
    assert (found.path, found.version) == (tmp_path / "named/chromium/chromium", package_of("chromium").version)
    monkeypatch.setenv("FLEETC_TOOLS", str(tmp_path))
    with pytest.raises(MissingTools, match="FLEETC_TOOLS is set and there is no "):
        finder.locate("chromium")


def test_installed_without_a_checkout(npm: Npm, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(finder, "CHECKOUT", tmp_path / "none")
    with pytest.raises(MissingTools, match="it is not named by FLEETC_TOOLS"):
        finder.locate("chromium")

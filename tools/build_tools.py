"""Builds the real servers that live tests and rehearsals run, from the Go modules pinned beside this file.

    python -m tools.build_tools                       build what is not built yet
    python -m tools.build_tools etcd kubernetes-1.36  build these
    python -m tools.build_tools --list                name, version, folder, built or not
    python -m tools.build_tools --link DIR            and make DIR such that FLEETC_TOOLS can name it

Where they lie, and why nothing is built twice: `fleetc_rehearsal.recipes`. Modules come from where the user's GOPROXY
says, checked against the committed go.sum; each go.mod and go.sum was written by `go mod tidy`. What is no Go
module is a package of npm: `fleetc_rehearsal.packages`.
"""

from __future__ import annotations

import argparse
import fcntl
import shutil
import sys
import tempfile
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

from fleetc_rehearsal.errors import NoGo, ToolError
from fleetc_rehearsal.packages import PACKAGES, Package, package_of
from fleetc_rehearsal.recipes import CRDS, GO_FLAGS, NAMES, VERSION, Tool, go, recipe_of


def build(tool: Tool | Package) -> bool:
    """Build or fetch a tool where it is missing; returns whether it was. Runs at the same time wait for each other."""
    if tool.is_built():
        return False
    tool.home.parent.mkdir(parents=True, exist_ok=True)
    with _locked(tool.home.with_suffix(".lock")):
        if tool.is_built():
            return False
        for stale in tool.home.parent.glob(f".{tool.home.name}.*"):  # of a run that was killed: we hold its lock
            shutil.rmtree(stale, ignore_errors=True)
        with tempfile.TemporaryDirectory(prefix=f".{tool.home.name}.", dir=tool.home.parent) as temporary:
            made = Path(temporary) / "made"
            made.mkdir()
            if isinstance(tool, Package):
                # Imported here: to build from source nothing of npm is needed.
                from tools.fetch_package import fetch  # noqa: PLC0415

                fetch(tool, made)
            else:
                _make(tool, made)
            made.rename(tool.home)
    return True


def link(tool: Tool | Package, folder: Path) -> None:
    """Give a built tool its place in a folder that FLEETC_TOOLS can name."""
    folder.mkdir(parents=True, exist_ok=True)
    place = folder / tool.name
    place.unlink(missing_ok=True)
    place.symlink_to(tool.home)


def _make(tool: Tool, folder: Path) -> None:
    """Fill an empty folder with the binary, its other names, its data and its version."""
    (folder / VERSION).write_text(f"{tool.version}\n", encoding="utf-8")
    if tool.name in CRDS:
        go(tool.source, "mod", "download", tool.recipe.module)
    else:
        package = "." if (tool.source / "main.go").exists() else "tool"
        words = ("build", *GO_FLAGS, "-tags", tool.recipe.tags, "-ldflags", tool.link_flags)
        go(tool.source, *words, "-o", str(folder / tool.binary), package)
    for name in tool.recipe.names:
        (folder / name).symlink_to(tool.binary)
    if tool.recipe.data:
        module = Path(go(tool.source, "list", "-mod=readonly", "-m", "-f", "{{.Dir}}", tool.recipe.module).strip())
        (folder / "data").mkdir()
        for path in tool.recipe.data:
            shutil.copyfile(module / path, folder / "data" / Path(path).name)


@contextmanager
def _locked(path: Path) -> Generator[None]:
    """Hold a lock that other processes respect and that the system drops when a process dies."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _list(tools: Sequence[Tool | Package]) -> None:
    for tool in tools:
        sys.stdout.write(
            f"{tool.name:16} {tool.version:9} {tool.home}  {'built' if tool.is_built() else 'not built'}\n"
        )


def _build_all(tools: Sequence[Tool | Package]) -> None:
    for tool in tools:
        sys.stdout.write(f"{tool.name} {tool.version}: ")
        sys.stdout.flush()
        start = time.monotonic()
        try:
            made = build(tool)
        except ToolError:
            sys.stdout.write("failed\n")
            raise
        sys.stdout.write(f"built in {time.monotonic() - start:.1f} s\n" if made else "there already\n")


def _all() -> Sequence[str]:
    """Every tool that can be had here."""
    return [*NAMES, *(name for name in PACKAGES if package_of(name).fits())]


def _tool(name: str) -> Tool | Package:
    return package_of(name) if name in PACKAGES else recipe_of(name)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; the exit status: 0 all is well, 1 a build failed, 2 no Go or no such tool."""
    parser = argparse.ArgumentParser(prog="build_tools", description="Build the pinned servers that live tests run.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="the tools to build; all, if none is named")
    parser.add_argument("--list", action="store_true", help="only say what there is and whether it is built")
    parser.add_argument("--link", type=Path, metavar="DIR", help="make links to them in DIR, for FLEETC_TOOLS")
    options = parser.parse_args(arguments)
    try:
        tools = [_tool(name) for name in options.names or _all()]
    except NoGo as error:
        sys.stderr.write(f"build_tools: the tools are built with Go, and {error}: install Go, then run `make tools`\n")
        return 2
    except ToolError as error:
        sys.stderr.write(f"build_tools: {error}\n")
        return 2
    if options.list:
        _list(tools)
        return 0
    try:
        _build_all(tools)
    except ToolError as error:
        sys.stderr.write(f"build_tools: {error}\n")
        return 1
    for tool in tools if options.link else ():
        link(tool, options.link)
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""`fleetc schema print`: the JSON Schemas of the spec kinds, for editors. `fleetc schema pull` is `fleetc.cli.pull`."""

from __future__ import annotations

import argparse
import json
import os
import sys
from typing import Any

from fleetc.cli.main import EXIT_CLEAN, EXIT_FINDINGS
from fleetc.cli.printing import say
from fleetc.diagnostics import Diagnostic, Failure, codes
from fleetc.driver import editor_schemas
from fleetc.driver.tree import messages
from fleetc.language.kinds import KINDS
from fleetc.language.wording import did_you_mean


def command(options: argparse.Namespace) -> int:
    """Run it; returns the exit status. Raises Failure."""
    _fitting(options)
    if options.action == "pull":
        from fleetc.cli import pull

        return pull.command(options)
    as_yaml = options.output == "yaml"
    if as_yaml:
        options.output = "text"  # as which failures are told
    if options.modeline is not None:
        return _modelines(options)
    if options.all is not None:
        return _check(options) if options.check else _write(options)
    found = _chosen(options.kind)
    say(_yaml(found) if as_yaml else editor_schemas.as_json(found))
    return EXIT_CLEAN


def _fitting(options: argparse.Namespace) -> None:
    """Raises Failure for options of the other action."""
    prints = options.action == "print"
    given = {
        "KIND": options.kind is not None and not prints,
        "--check": options.check and not prints,
        "--modeline": options.modeline is not None and not prints,
        "--output yaml": options.output == "yaml" and not prints,
        "--to": options.to is not None and prints,
        "--from": options.source is not None and prints,
    }
    wrong = [name for name, stands in given.items() if stands]
    if wrong:
        raise _usage(f"`fleetc schema {options.action}` does not take {', '.join(wrong)}", "see fleetc schema --help")
    if options.all and not prints:
        raise _usage("`--all` of `fleetc schema pull` takes no folder", "name the folder with --to")
    if prints and options.all == "":
        raise _usage("`--all` of `fleetc schema print` takes a folder", "use fleetc schema print --all DIR")
    if options.check and options.all is None:
        raise _usage("`--check` compares what stands in a folder", "use fleetc schema print --all DIR --check")


def _chosen(name: str | None) -> dict[str, Any]:
    """The schema of a kind, or that of all in one piece."""
    made = editor_schemas.made()
    if name is None:
        from fleetc.language.json_schema import bundled

        return bundled(made)
    kind = next((kind for kind in KINDS if kind.lower() == name.lower()), None)
    if kind is None:
        raise _usage(f"there is no kind `{name}`", did_you_mean(name, KINDS, "the kinds are"))
    return made[kind.lower()]


def _yaml(schema: dict[str, Any]) -> str:
    import yaml

    text: str = yaml.safe_dump(schema, sort_keys=False, allow_unicode=True, width=120)
    return text


def _write(options: argparse.Namespace) -> int:
    folder, wanted = options.all, editor_schemas.files()
    stale = [*editor_schemas.stale(folder)]
    for name in stale:
        _replace(f"{folder}/{name}", wanted[name])
    told = f"{len(stale)} of {len(wanted)} schemas written to {folder}\n" if stale else f"{folder} is up to date\n"
    _say(options, told, folder=folder, written=stale)
    return EXIT_CLEAN


def _say(options: argparse.Namespace, text: str, **data: object) -> None:
    """Print the text, or the data where JSON is asked for."""
    if options.output == "json":
        text = json.dumps({"command": "schema", "action": options.action, **data}, indent=2) + "\n"
    say(text)


def _check(options: argparse.Namespace) -> int:
    folder = options.all
    stale = [*editor_schemas.stale(folder)]
    if options.output == "json":
        _say(options, "", folder=folder, stale=stale)
        return EXIT_FINDINGS if stale else EXIT_CLEAN
    for name in stale:
        sys.stderr.write(f"{folder}/{name} is not as it is made today: run fleetc schema print --all {folder}\n")
    return EXIT_FINDINGS if stale else EXIT_CLEAN


def _modelines(options: argparse.Namespace) -> int:
    """Add to each file that is named the line that leads editors to its schema; print them all where none is."""
    from fleetc.driver.files import root_of, spec_files

    root = root_of(options.root)
    folder = os.path.abspath(options.all or f"{root}/{editor_schemas.FOLDER}")
    named = [os.path.abspath(file) for file in options.modeline]
    texts = _texts(named or [f"{root}/{file}" for file in sorted(spec_files(root))])
    out: dict[str, str] = {}
    for file, text in texts.items():
        line = editor_schemas.modeline(os.path.realpath(file), text, os.path.realpath(folder))
        now = editor_schemas.with_modeline(text, line)
        if named and now != text:
            _replace(file, now.encode())
        out[os.path.relpath(file, root)] = line
    _say(options, "".join(f"{file}: {line}\n" for file, line in out.items()), modelines=out)
    return EXIT_CLEAN


def _texts(files: list[str]) -> dict[str, str]:
    """The files' texts. Raises Failure for those that cannot be read, all of them at once."""
    out: dict[str, str] = {}
    problems: list[Diagnostic] = []
    for file in files:
        try:
            with open(file, encoding="utf-8", newline="") as opened:
                out[file] = opened.read()
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
            problems.append(Diagnostic(codes.CANNOT_READ, f"{os.path.relpath(file)} cannot be read: {why}"))
    if problems:
        raise Failure(*problems)
    return out


def _replace(path: str, data: bytes) -> None:
    """Give a file these bytes in one step, and keep its mode. What a link leads to is what it is."""
    path = os.path.realpath(path)
    new = f"{path}.fleetc-new"
    try:
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        mode = os.stat(path).st_mode & 0o777 if os.path.exists(path) else None
        with open(new, "wb") as file:
            file.write(data)
        if mode is not None:
            os.chmod(new, mode)
        os.replace(new, path)
    except OSError as error:
        if os.path.exists(new):
            os.unlink(new)
        raise Failure(messages.cannot_write(path, error.errno or 0)) from None


def _usage(message: str, hint: str) -> Failure:
    return Failure(Diagnostic(codes.BAD_USAGE, message, hint=hint))

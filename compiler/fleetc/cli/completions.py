"""`fleetc completions`: what shells need to complete command lines. Everything follows from the grammar."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator
from typing import Any, Final

from fleetc.cli.described import Argument, Program, program
from fleetc.cli.grammar import NAMES
from fleetc.cli.main import EXIT_CLEAN
from fleetc.cli.printing import say
from fleetc.diagnostics import CODES, Diagnostic, Failure, codes

NOTHING: Final = "nothing"
FOLDER: Final = "folder"
FILE: Final = "file"
PLACE: Final = "place"
"""A file, a line of it, or a code."""

_MEANS: Final = {
    "CLUSTER": "cluster", "DIR": FOLDER, "FILE:LINE|CODE": PLACE, "KIND": NOTHING, "MINOR": NOTHING, "MODEL": "model",
    "N": NOTHING, "NAME": NOTHING, "ORG": NOTHING, "REV": NOTHING, "REV|CLUSTER": "cluster", "ROLLOUT": "rollout",
    "CLUSTER=CONTEXT": NOTHING, "FILE|CLUSTER": FILE, "URL|DIR": FOLDER, "WAVE": NOTHING, "WHAT": "loss",
    "WORD": NOTHING,
}  # fmt: skip
_BY_OPTION: Final = {"--cluster": "cluster"}


def meaning(argument: Argument) -> str:
    """What the value of an argument is: nothing that is known, a folder, a file, a place, or one of `NAMES`. What the
    table does not know is completed as files, as shells do it by themselves."""
    for name in argument.names:
        if name in _BY_OPTION:
            return _BY_OPTION[name]
    return _MEANS.get(argument.value, FILE)


def command(options: argparse.Namespace) -> int:
    """Run it; returns the exit status. Raises Failure."""
    if (options.shell is None) == (options.names is None):
        hint = "use fleetc completions bash, fleetc completions zsh or fleetc completions fish"
        raise Failure(Diagnostic(codes.BAD_USAGE, "completions takes either a shell or --names", hint=hint))
    if options.names is not None:
        found = sorted(set(_names(options.names, options.root)))
        data: dict[str, Any] = {"command": "completions", "names": found}
        text = "".join(f"{name}\n" for name in found)
    else:
        text = script(options.shell, program())
        data = {"command": "completions", "shell": options.shell, "script": text}
    say(json.dumps(data, indent=2) + "\n" if options.output == "json" else text)
    return EXIT_CLEAN


def script(shell: str, grammar: Program) -> str:
    """The script of a shell."""
    from fleetc.cli.shells import bash, fish, zsh

    shells: dict[str, Callable[[Program], Iterator[str]]] = {"bash": bash.lines, "fish": fish.lines, "zsh": zsh.lines}
    return "".join(f"{line}\n" for line in shells[shell](grammar))


def _names(kind: str, root: str | None) -> Iterator[str]:
    assert kind in NAMES
    if kind == "code":
        yield from CODES
        return
    from fleetc.driver.named import named

    try:
        yield from named(kind, root)
    except Failure:
        return  # Where there is no fleet, or none that can be read, nothing is completed.

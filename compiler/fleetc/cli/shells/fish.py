"""Completions of fish."""

from __future__ import annotations

from collections.abc import Iterator

from fleetc.cli.completions import FILE, FOLDER, NOTHING, PLACE, meaning
from fleetc.cli.described import Argument, Program


def lines(grammar: Program) -> Iterator[str]:
    """The script."""
    yield "# fish completion of fleetc, made by `fleetc completions fish`"
    yield ""
    yield "complete -c fleetc -e"
    yield "complete -c fleetc -f"
    first = f"not __fish_seen_subcommand_from {' '.join(c.name for c in grammar.commands)}"
    yield from (f"complete -c fleetc -n {_quoted(first)} {_option(a)}" for a in grammar.itself.arguments)
    for one in grammar.commands:
        yield f"complete -c fleetc -n {_quoted(first)} -a {one.name} -d {_quoted(one.help)}"
    for one in grammar.commands:
        seen = f"complete -c fleetc -n {_quoted(f'__fish_seen_subcommand_from {one.name}')}"
        for argument in one.arguments:
            yield f"{seen} {_option(argument) if argument.names else _values(argument)}"


def _option(argument: Argument) -> str:
    names = " ".join(f"-l {name[2:]}" if name[:2] == "--" else f"-s {name[1:]}" for name in argument.names)
    takes = f" {_values(argument)}" if argument.value else ""
    # What may be left out stands behind `=` alone: fish then asks for no next word.
    needed = " -r" if argument.value and not argument.optional else ""
    return f"{names}{needed}{takes} -d {_quoted(argument.help)}"


def _values(argument: Argument) -> str:
    if argument.choices:
        return f"-f -a {_quoted(' '.join(argument.choices))}"
    kind = meaning(argument)
    if kind == NOTHING:
        return "-f"
    if kind == FOLDER:
        return "-f -a '(__fish_complete_directories)'"
    if kind == FILE:
        return "-F"
    if kind == PLACE:
        return "-F -a '(fleetc completions --names code 2>/dev/null)'"
    return f"-f -a '(fleetc completions --names {kind} 2>/dev/null)'"


def _quoted(text: str) -> str:
    inner = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{inner}'"

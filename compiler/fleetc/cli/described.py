"""The grammar of the command line as data: completions, the man page and the pages of the commands are made of it."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence

from fleetc.cli.grammar import parser
from fleetc.tuples import NamedTuple


class Argument(NamedTuple):
    """An option, or an argument that is told by its place."""

    names: tuple[str, ...]
    """The names of an option; none of an argument by place."""
    value: str
    """What stands for its value in texts; empty where it takes none."""
    choices: tuple[str, ...]
    """The values that it may have, where these are few."""
    help: str
    optional: bool
    """Whether it may be left out; of an option, whether its value may."""
    repeated: bool
    """Whether there may be several."""
    group: int
    """Options of one group above 0 exclude each other."""

    @property
    def synopsis(self) -> str:
        """As it stands in a synopsis."""
        if not self.names:
            shown = f"{self.value}..." if self.repeated else self.value
            return f"[{shown}]" if self.optional else shown
        several = self.repeated and not self.optional
        return f"[{self.spelled}]{'...' if several else ''}"

    @property
    def spelled(self) -> str:
        """The last name of an option with its value."""
        if not self.value:
            return self.names[-1]
        if self.optional and self.repeated:
            return f"{self.names[-1]} [{self.value}...]"
        return f"{self.names[-1]}[={self.value}]" if self.optional else f"{self.names[-1]} {self.value}"


class Command(NamedTuple):
    """A command; the program itself has an empty name."""

    name: str
    help: str
    arguments: tuple[Argument, ...]

    @property
    def synopsis(self) -> list[str]:
        """The words of its synopsis: the program, the command, then each argument; options that exclude each other are
        one word."""
        out = ["fleetc", self.name] if self.name else ["fleetc"]
        options = [a for a in self.arguments if a.names]
        done: set[int] = set()
        for option in options:
            if not option.group:
                out.append(option.synopsis)
            elif option.group not in done:
                done.add(option.group)
                out.append(f"[{' | '.join(o.spelled for o in options if o.group == option.group)}]")
        return out + [a.synopsis for a in self.arguments if not a.names]


class Program(NamedTuple):
    """The program: what it is, its own options, and its commands in the order of `--help`."""

    description: str
    epilog: str
    itself: Command
    commands: tuple[Command, ...]


def program() -> Program:
    """The grammar of `fleetc`."""
    top = parser()
    (commands,) = (a for a in top._actions if isinstance(a, _Subcommands))
    helps = {a.dest: a.help or "" for a in commands._get_subactions()}
    return Program(
        top.description or "",
        top.epilog or "",
        Command("", "", tuple(_arguments(top))),
        tuple(Command(name, helps.get(name, ""), tuple(_arguments(one))) for name, one in commands.choices.items()),
    )


_Subcommands = argparse._SubParsersAction  # pyright: ignore[reportPrivateUsage] - has no other name


def _arguments(command: argparse.ArgumentParser) -> Iterator[Argument]:
    groups = command._mutually_exclusive_groups  # pyright: ignore[reportPrivateUsage] - as above
    for action in command._actions:  # pyright: ignore[reportPrivateUsage] - as above
        if isinstance(action, _Subcommands) or action.help == argparse.SUPPRESS:
            continue
        group = next((n for n, g in enumerate(groups, 1) if action in g._group_actions), 0)  # pyright: ignore[reportPrivateUsage] - as above
        names, choices = tuple(action.option_strings), tuple(map(str, action.choices or ()))
        yield Argument(
            names,
            "" if action.nargs == 0 else _value(action, choices),
            choices,
            (action.help or "") % {**vars(action), "default": action.default, "prog": command.prog},
            action.nargs in ("?", "*"),
            action.nargs in ("*", "+") or isinstance(action, argparse._AppendAction),  # pyright: ignore[reportPrivateUsage] - as above
            group,
        )


def _value(action: argparse.Action, choices: Sequence[str]) -> str:
    metavar = action.metavar if isinstance(action.metavar, str) else None
    return metavar or "|".join(choices) or action.dest.upper()

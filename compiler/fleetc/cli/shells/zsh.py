"""Completions of zsh: a function for its completion system, to be sourced or put into a folder of `fpath`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from fleetc.cli.completions import FILE, FOLDER, NOTHING, PLACE, meaning
from fleetc.cli.described import Argument, Command, Program

_HEAD: Final = r"""#compdef fleetc
# zsh completion of fleetc, made by `fleetc completions zsh`

# The last argument says which names; zsh puts those of compadd before it.
_fleetc_names() {
    local -a found
    found=(${(f)"$(fleetc completions --names ${@[-1]} 2>/dev/null)"})
    compadd "${@[1,-2]}" -a found
}

_fleetc_place() {
    _alternative 'files:file:_files' 'codes:code:_fleetc_names code'
}
"""
_TAIL: Final = r"""
if [[ ${funcstack[1]} == _fleetc ]]; then
    _fleetc "$@"
else
    compdef _fleetc fleetc
fi
"""


def lines(grammar: Program) -> Iterator[str]:
    """The script."""
    yield from _HEAD.rstrip("\n").split("\n")
    yield ""
    yield "_fleetc() {"
    yield "    local curcontext=$curcontext state state_descr line"
    yield "    typeset -A opt_args"
    yield "    _arguments -C \\"
    for argument in grammar.itself.arguments:
        yield f"        {_spec(argument, [])} \\"
    yield "        '1:command:->command' '*::argument:->argument'"
    yield "    case $state in"
    yield "    command)"
    yield "        local -a commands"
    yield "        commands=("
    for one in grammar.commands:
        yield f"            {_quoted(f'{one.name}:{one.help}')}"
    yield "        )"
    yield "        _describe -t commands command commands ;;"
    yield "    argument)"
    yield "        case $words[1] in"
    for one in grammar.commands:
        specs = [_spec(argument, _others(one, argument)) for argument in one.arguments]
        yield f"        {one.name}) _arguments \\"
        yield from (f"            {spec} \\" for spec in specs[:-1])
        yield f"            {specs[-1]} ;;"
    yield "        esac ;;"
    yield "    esac"
    yield "}"
    yield from _TAIL.rstrip("\n").split("\n")


def _others(command: Command, argument: Argument) -> list[str]:
    """The options that one excludes."""
    alike = [a for a in command.arguments if argument.group and a.group == argument.group and a != argument]
    return [name for a in alike for name in a.names]


def _spec(argument: Argument, others: Sequence[str]) -> str:
    if not argument.names:
        before = "*" if argument.repeated else ":" if argument.optional else ""
        return _quoted(f"{before}:{_message(argument.value)}:{_action(argument)}")
    shut = "(- *)" if "--help" in argument.names or "--version" in argument.names else f"({' '.join(others)})"
    before = "*" if argument.repeated else shut if shut != "()" else ""
    text = f"[{_text(argument.help)}]"
    if not argument.value:
        return " ".join(_quoted(f"{before}{name}{text}") for name in argument.names)
    sign, colon = ("=-", "::") if argument.optional else ("=", ":")
    value = f"{colon}{_message(argument.value)}:{_action(argument)}"
    return " ".join(_quoted(f"{before}{name}{sign}{text}{value}") for name in argument.names)


def _action(argument: Argument) -> str:
    if argument.choices:
        return f"({' '.join(argument.choices)})"
    kind = meaning(argument)
    known = {NOTHING: " ", FOLDER: "_files -/", FILE: "_files", PLACE: "_fleetc_place"}
    return known.get(kind, f"_fleetc_names {kind}")


def _message(text: str) -> str:
    return re.sub(r"([:\\])", r"\\\1", text)


def _text(text: str) -> str:
    return re.sub(r"([\[\]\\])", r"\\\1", text)


def _quoted(text: str) -> str:
    inner = text.replace("'", "'\\''")
    return f"'{inner}'"

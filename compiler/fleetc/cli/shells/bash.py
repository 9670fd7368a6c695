"""Completions of bash, from 3.2 on (macOS has that one)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from fleetc.cli.completions import meaning
from fleetc.cli.described import Argument, Command, Program

_HEAD: Final = r"""# bash completion of fleetc, made by `fleetc completions bash`

_fleetc_names() { fleetc completions --names "$1" 2>/dev/null; }

# The lines that begin with $1. Not `compgen -W`: it runs what words of a spec may hold, such as $(...).
_fleetc_begins() {
    local each
    while IFS= read -r each; do
        [[ $each == "$1"* ]] && printf '%s\n' "$each"
    done
}

# What may stand for the word so far: $1 is what it means, $2 the word, the rest are choices. bash parts words at
# `=` and `:` as well, and puts in what follows the last of these: what stands before it is taken off.
_fleetc_reply() {
    local kind=$1 word=$2 IFS=$'\n' found cut
    shift 2
    case $kind in
    nothing) return ;;
    choice) found=$(printf '%s\n' "$@" | _fleetc_begins "$word") ;;
    folder) found=$(compgen -d -- "$word"); compopt -o filenames 2>/dev/null ;;
    file) found=$(compgen -f -- "$word"); compopt -o filenames 2>/dev/null ;;
    place) found=$(compgen -f -- "$word"; _fleetc_names code | _fleetc_begins "$word")
        compopt -o filenames -o nospace 2>/dev/null ;;
    *) found=$(_fleetc_names "$kind" | _fleetc_begins "$word") ;;
    esac
    set -f
    COMPREPLY=($found)
    set +f
    cut=${word%"${word##*[:]}"}
    [[ $COMP_WORDBREAKS == *:* && -n $cut ]] && COMPREPLY=("${COMPREPLY[@]#"$cut"}")
}

_fleetc() {
    local line=${COMP_LINE:0:COMP_POINT} word command= option= given
    word=${line##*[[:space:]]}
    COMPREPLY=()
    set -f
    given=(${line%"$word"})
    set +f
    for option in "${given[@]:1}"; do
        [[ $option != -* ]] && command=$option && break
    done
    option=
    case $word in
    --*=*) option=${word%%=*}= word=${word#*=} ;;
    *) [[ ${given[${#given[@]} - 1]} == -* ]] && option=${given[${#given[@]} - 1]} ;;
    esac
"""


def lines(grammar: Program) -> Iterator[str]:
    """The script."""
    yield from _HEAD.rstrip("\n").split("\n")
    yield "    # The value of an option."
    yield '    case "$command $option" in'
    for one in grammar.commands:
        for argument in one.arguments:
            if argument.names and argument.value:
                yield f"    {'|'.join(_patterns(one, argument))}) {_reply(argument)}; return ;;"
    yield "    *=) return ;;"
    yield "    esac"
    yield '    case "$command $word" in'
    yield f"    ' -'*) {_listed(grammar.itself)}; return ;;"
    yield f"    ' '*) _fleetc_reply choice \"$word\" {' '.join(c.name for c in grammar.commands)}; return ;;"
    for one in grammar.commands:
        yield f"    '{one.name} -'*) {_listed(one)} ;;"
        positional = [a for a in one.arguments if not a.names]
        if positional:
            yield f"    '{one.name} '*) {_reply(positional[0])} ;;"
    yield "    esac"
    yield "}"
    yield ""
    yield "complete -F _fleetc fleetc"


def _patterns(command: Command, argument: Argument) -> Iterator[str]:
    for name in argument.names:
        yield f"'{command.name} {name}='"
        if not argument.optional:  # else a value stands behind `=` alone
            yield f"'{command.name} {name}'"


def _reply(argument: Argument) -> str:
    if argument.choices:
        return f'_fleetc_reply choice "$word" {" ".join(argument.choices)}'
    return f'_fleetc_reply {meaning(argument)} "$word"'


def _listed(command: Command) -> str:
    return f'_fleetc_reply choice "$word" {" ".join(n for a in command.arguments for n in a.names if n[:2] == "--")}'

"""What is made of the grammar of the command line: docs/fleetc.1, the usage in the pages of the commands, the lists in
docs/README.md; and the table of docs/conformance.md. `make golden` writes them; with --check, it is an error when they
are not current."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from fleetc import __version__
from fleetc.catalogue.conformance import conformance
from fleetc.cli.described import Argument, Command, Program, program
from fleetc.diagnostics import CODES

DOCS: Final = Path(__file__).parent.parent / "docs"
WIDTH: Final = 100
_FENCE: Final = "```"

STATUSES: Final = (
    ("0", "Clean: nothing was found, and what was asked for is done."),
    ("1", "Findings: the specs have errors, a check or a test fails, a promise has no room."),
    ("2", "It could not run: bad usage, no fleet, a file that cannot be written, a bug."),
    ("130", "Interrupted with Ctrl-C. Nothing is half written."),
)
ENVIRONMENT: Final = (
    ("NO_COLOR", "Not empty: no colours, unless --color asks for them."),
    ("CLICOLOR_FORCE", "Neither empty nor 0: colours, also where there is no terminal."),
    ("CLICOLOR", "0: no colours."),
    ("TERM", "dumb: no colours."),
    ("COLUMNS", "The width of the help and of plans, instead of that of the terminal."),
    ("FLEETC_TOOLS", "The folder of the servers of rehearsals."),
    ("XDG_CACHE_HOME", "Where that folder is by default."),
    ("PATH", "Where git and go are looked for."),
)
FILES: Final = (
    ("specs/", "The specs: YAML files, and lock files beside them. The nearest folder upward that has it is the root."),
    ("golden/", "What is emitted, a folder a cluster. The Fleet may name it otherwise."),
    (
        ".fleetc/",
        "What runs remember, and patches of discarded edits. It is no part of the repository, and may be removed.",
    ),
)


def usage(command: Command) -> str:
    """The synopsis and the arguments of a command, as its page has them."""
    words = " ".join(word.replace(" ", "\0") for word in command.synopsis)
    indent = " " * (len(f"fleetc {command.name}") + 1)
    lines = [*_wrapped(words, WIDTH, indent), ""]
    rows = [(_named(a), a.help) for a in sorted(command.arguments, key=lambda a: bool(a.names))]
    wide = max(len(name) for name, _ in rows)
    for name, text in rows:
        first, *more = _wrapped(text, WIDTH - wide - 4) or [""]
        lines.append(f"  {name.ljust(wide)}  {first}".rstrip())
        lines += [f"{' ' * (wide + 4)}{line}" for line in more]
    return "\n".join(lines).replace("\0", " ") + "\n"


def _wrapped(text: str, width: int, indent: str = "") -> list[str]:
    return textwrap.wrap(text, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def _named(argument: Argument) -> str:
    if not argument.names:
        return argument.value
    return ", ".join([*argument.names[:-1], argument.spelled])


def manual(grammar: Program) -> str:
    """The page of the manual, in the macros of man(7)."""
    return "".join(f"{line}\n" for line in _manual(grammar))


def _manual(grammar: Program) -> Iterator[str]:
    yield '.\\" Made by `make golden` from the grammar of the command line.'
    yield f'.TH FLEETC 1 "" "fleetc {__version__}" "User Commands"'
    yield ".SH NAME"
    yield "fleetc \\- declarative GitOps configuration compiler for AI platforms"
    yield ".SH SYNOPSIS"
    yield from _synopsis(grammar.itself)
    yield from (line for one in grammar.commands for line in _synopsis(one))
    yield ".SH DESCRIPTION"
    yield _roff(grammar.description)
    yield ".SH COMMANDS"
    for one in grammar.commands:
        yield f".SS fleetc {_roff(one.name)}"
        yield _roff(f"{one.help[0].upper()}{one.help[1:]}.")
        yield from _arguments(one.arguments)
    yield ".SH EXIT STATUS"
    yield from _terms(STATUSES)
    yield ".SH ENVIRONMENT"
    yield from _terms(ENVIRONMENT)
    yield ".SH FILES"
    yield from _terms(FILES)
    yield ".SH EXAMPLES"
    for line in grammar.epilog.partition("examples:\n")[2].splitlines():
        words, _, what = line.strip().partition("  ")
        yield from (".TP", f"\\fB{_roff(words)}\\fR", _roff(f"{what.strip()[0].upper()}{what.strip()[1:]}."))
    yield ".SH SEE ALSO"
    yield "\\fBfleetc explain\\fR \\fICODE\\fR has a page for each code that is printed."
    yield ".BR git (1)"


def _synopsis(command: Command) -> Iterator[str]:
    head, *words = command.synopsis if not command.name else [" ".join(command.synopsis[:2]), *command.synopsis[2:]]
    yield f'.SY "{_roff(head)}"'
    yield from map(_roff, words)
    if not command.name:
        yield "\\fICOMMAND\\fR ..."
    yield ".YS"


def _arguments(arguments: Iterable[Argument]) -> Iterator[str]:
    for argument in sorted(arguments, key=lambda a: bool(a.names)):
        yield ".TP"
        yield f"\\fB{_roff(_named(argument))}\\fR"
        yield _roff(f"{argument.help[:1].upper()}{argument.help[1:]}." if argument.help else "")


def _terms(terms: Iterable[tuple[str, str]]) -> Iterator[str]:
    for name, text in terms:
        yield from (".TP", f"\\fB{_roff(name)}\\fR", _roff(text))


def _roff(text: str) -> str:
    """Text in which nothing is a request, an escape or a typographic sign."""
    out = (
        text.replace("\\", "\\e").replace("-", "\\-").replace("`", "\\(ga").replace("'", "\\(aq").replace("^", "\\(ha")
    )
    return f"\\&{out}" if out.startswith(".") else out


def with_usage(page: str, command: Command) -> str:
    """A page of a command with its usage, which is the block after the fence `usage`."""
    head, fence, rest = page.partition(f"{_FENCE}usage\n")
    _, end, tail = rest.partition(f"\n{_FENCE}\n")
    return f"{head}{fence}{usage(command)[:-1]}{end}{tail}" if fence and end else page


def with_part(page: str, name: str, made: str) -> str:
    """A page with one part that is made, between its two marks."""
    head, start, rest = page.partition(f"<!-- {name}, made by `make golden` -->\n\n")
    _, end, tail = rest.partition(f"<!-- end of {name} -->\n")
    return f"{head}{start}{made}\n{end}{tail}" if start and end else page


def with_lists(page: str, grammar: Program) -> str:
    """The index with its lists of commands and codes."""
    commands = "".join(f"- [{c.name}](commands/{c.name}.md): {c.help}\n" for c in grammar.commands)
    codes = "".join(f"- [{c.code}](diagnostics/{c.code}.md) `{c.name}`: {c.title}\n" for c in CODES.values())
    for name, made in (("commands", commands), ("codes", codes)):
        page = with_part(page, name, made)
    return page


def requirements() -> str:
    """The requirements of AI Conformance, by minor, and what decides each."""
    table = conformance()
    minors = table.minors()
    lines = [
        f"| requirement | {' | '.join(minors)} | what it asks for | decided by |",
        f"|{'---|' * (len(minors) + 3)}",
    ]
    for one in table.requirements:
        levels = " | ".join(one.levels.get(minor, "") for minor in minors)
        lines.append(f"| `{one.id}` | {levels} | {one.what} | {one.decides} |")
    return "".join(f"{line}\n" for line in lines)


def generated() -> dict[Path, str]:
    """The files that are made or have parts that are, and what they have to be."""
    grammar = program()
    index = DOCS / "README.md"
    out = {DOCS / "fleetc.1": manual(grammar), index: with_lists(index.read_text(encoding="utf-8"), grammar)}
    table = DOCS / "conformance.md"
    out[table] = with_part(table.read_text(encoding="utf-8"), "requirements", requirements())
    for one in grammar.commands:
        page = DOCS / f"commands/{one.name}.md"
        if page.is_file():  # that there is one is held by tests/docs/test_index.py
            out[page] = with_usage(page.read_text(encoding="utf-8"), one)
    return out


def main(arguments: list[str]) -> int:
    """Write what is not current; with --check, tell of it. Returns the exit status."""
    stale = {path: text for path, text in generated().items() if not path.is_file() or path.read_text("utf-8") != text}
    for path, text in stale.items():
        if "--check" in arguments:
            sys.stderr.write(f"{path.relative_to(DOCS.parent)} is not current: make golden\n")
        else:
            path.write_text(text, encoding="utf-8")
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

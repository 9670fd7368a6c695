"""The grammar of the command line: what each command takes. Imports nothing but argparse: `--help` takes 50 ms."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from typing import Final, NoReturn

from fleetc import __version__

FOR_CI: Final = ("sarif", "github")
"""Ways to print what was found that CI systems read."""
NAMES: Final = ("cluster", "code", "loss", "model", "rollout")
"""Names that shells complete by asking for them; a loss is what `fleetc plan --lose` takes."""

_EPILOG = """exit status: 0 clean, 1 findings, 2 could not run

examples:
  fleetc build                               compile specs/ and write what changed
  fleetc check --strict                      everything build checks, writing nothing
  fleetc diff main                           what changes from main to a build of the working tree
  fleetc explain golden/hub/platform/cluster.yaml:12  an emitted line, back to the specs
  fleetc explain specs/teams/search.yaml:9   a spec line, forward to all that it moves
  fleetc plan --lose gke-euw4-prod           which models move, and which promises break
  fleetc report --out fleet.html             one page of the whole fleet, to be read offline
  fleetc explain FLT121                      what a code means
  fleetc schema pull                         fetch the CRDs that the clusters have, to check whole
"""


class BadUsage(Exception):  # noqa: N818 - a finding about the command line, not an error of the program
    """The command line is not of the grammar of `parser`."""

    def __init__(self, parser: argparse.ArgumentParser, message: str) -> None:
        super().__init__(message)
        self.parser = parser
        self.message = message


class _Parser(argparse.ArgumentParser):
    """Leaves it to the caller how bad usage is told: for a program, it is data like everything else."""

    def error(self, message: str) -> NoReturn:
        raise BadUsage(self, message)


def parser(words: Sequence[str] = ()) -> argparse.ArgumentParser:
    """The command line's grammar; parsing raises BadUsage. `words`: the command line that is to be parsed; where it
    starts with a command, the others are left out: making them takes longer than parsing."""
    top = _Parser(
        prog="fleetc",
        description="Compiles specs of an AI platform into checked Kubernetes manifests, one folder a cluster.",
        epilog=_EPILOG,
        formatter_class=_formatter,
    )
    top.add_argument("--version", action="version", version=f"fleetc {__version__}", help="show the version and exit")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    asked = words[0] if words and words[0] in _COMMANDS else ""
    for name, (what, takes) in _COMMANDS.items():
        if name == asked or not asked:
            takes(commands.add_parser(name, help=what, formatter_class=_formatter))
    return top


def _checks(command: argparse.ArgumentParser) -> None:
    """The options of `fleetc check`."""
    _common(command, *FOR_CI)
    _compiles(command)
    command.add_argument(
        "--charts", metavar="DIR", help="render the charts of components in DIR with helm, and check what they render"
    )
    command.add_argument(
        "--next-minor", action="store_true", help="only what breaks or changes with the next Kubernetes minor"
    )
    command.add_argument(
        "--base", metavar="REV", help="also exit 1 for dangerous changes from a git revision's outputs"
    )
    command.add_argument(
        "--allow", action="append", metavar="WORD", help="a dangerous change that is meant, such as delete:namespace/x"
    )


def _builds(command: argparse.ArgumentParser) -> None:
    """The options of `fleetc build`."""
    _common(command, *FOR_CI)
    _compiles(command)
    command.add_argument(
        "--jobs",
        type=_jobs,
        default=_cores(),
        metavar="N",
        help="processes that write (default: the cores, but no more than 4)",
    )
    command.add_argument(
        "--discard-edits", action="store_true", help="replace hand-edited files; a patch of the edits is saved first"
    )


def _explains(command: argparse.ArgumentParser) -> None:
    """The options of `fleetc explain`."""
    _common(command, "markdown")
    command.add_argument(
        "target", metavar="FILE:LINE|CODE", nargs="?", help="an emitted line, a spec line, or a code such as FLT121"
    )
    command.add_argument("--all", metavar="DIR", help="every emitted line below DIR")


def _differs(command: argparse.ArgumentParser) -> None:
    """The options of `fleetc diff`."""
    command.add_argument(
        "names", metavar="REV|CLUSTER", nargs="*", help="a commit (default: HEAD); with --live, clusters of the fleet"
    )
    command.add_argument("--root", metavar="DIR", help="the folder with specs/ (default: the nearest one upward)")
    _printed(command, "markdown")
    command.add_argument(
        "--live", action="store_true", help="read running clusters, and tell what is not as the specs give it"
    )
    _reads(command)
    command.add_argument("--verbose", action="store_true", help="every value of each change")
    command.add_argument("--cold", action="store_true", help="remember nothing of earlier runs")
    command.add_argument("--stats", choices=["json"], help="print times of the stages as JSON on stderr")


def _adopts(command: argparse.ArgumentParser) -> None:
    """The options of `fleetc adopt`."""
    command.add_argument(
        "names", metavar="FILE|CLUSTER", nargs="*", help="emitted files that were edited; with --live, clusters"
    )
    _common(command)
    command.add_argument("--live", action="store_true", help="adopt what running clusters have otherwise")
    _reads(command)
    command.add_argument("--dry-run", action="store_true", help="write nothing; print the patch of the specs")
    command.add_argument(
        "--only-here", action="store_true", help="set values by overrides for the one cluster, not for all"
    )
    command.add_argument("--allow-more", action="store_true", help="other emitted values may move with the edits")
    command.add_argument("--partly", action="store_true", help="carry what can be carried, and tell of the rest")


def _reads(command: argparse.ArgumentParser) -> None:
    """The options of commands that read running clusters."""
    command.add_argument(
        "--kubeconfig", metavar="FILE", help="of --live: where contexts are (default: $KUBECONFIG, ~/.kube/config)"
    )
    command.add_argument(
        "--context", action="append", metavar="CLUSTER=CONTEXT",
        help="of --live: the context of a cluster (default: that of the same name); may be repeated",
    )  # fmt: skip


def _plans(command: argparse.ArgumentParser) -> None:
    """The options of `fleetc plan`."""
    _common(command, *FOR_CI)
    command.add_argument("workloads", metavar="MODEL", nargs="*", help="tell of these alone, and all that is known")
    command.add_argument("--verbose", action="store_true", help="what was rejected and why, the fit, and all pools")
    what_if = command.add_mutually_exclusive_group()
    what_if.add_argument(
        "--lose", metavar="WHAT", help="without a CLUSTER, CLUSTER/POOL or zone:ZONE: what still fits, what moves"
    )
    what_if.add_argument("--drain", metavar="CLUSTER", help="empty a cluster: write the moves to the lock files")


def _conforms(command: argparse.ArgumentParser) -> None:
    """The options of `fleetc conformance`."""
    _common(command, *FOR_CI)
    command.add_argument("clusters", metavar="CLUSTER", nargs="*", help="of these alone (default: all)")
    command.add_argument("--verbose", action="store_true", help="every line of evidence, and why")
    command.add_argument(
        "--require", choices=["must", "should"], metavar="must|should",
        help="exit 1 for what is not met of this level, or of a stricter one",
    )  # fmt: skip
    command.add_argument("--out", metavar="DIR", help="write an evidence file for each cluster into DIR of the root")
    command.add_argument(
        "--check", action="store_true", help="of --out: write nothing; exit 1 where a file in DIR is stale"
    )


def _reports(command: argparse.ArgumentParser) -> None:
    """The options of `fleetc report`."""
    _common(command)
    command.add_argument(
        "--out", metavar="FILE", help="where the page goes, - is stdout (default: report.html; none with --output json)"
    )
    _judges(command)
    command.add_argument("--cold", action="store_true", help="remember nothing of earlier runs")


def _formats(command: argparse.ArgumentParser) -> None:
    """The options of `fleetc fmt`."""
    _common(command, *FOR_CI)
    command.add_argument(
        "paths", metavar="PATH", nargs="*", help="files and folders (default: all specs); - reads one from stdin"
    )
    command.add_argument("--check", action="store_true", help="write nothing; exit 1 when a file would change")
    command.add_argument("--diff", action="store_true", help="write nothing; print a unified diff of what would change")


def _completes(command: argparse.ArgumentParser) -> None:
    """The options of `fleetc completions`."""
    _common(command)
    command.add_argument("shell", nargs="?", choices=["bash", "zsh", "fish"], help="print the script of this shell")
    command.add_argument("--names", choices=NAMES, help="print what may stand for a name; the scripts ask for it")


def _tests(command: argparse.ArgumentParser) -> None:
    """The options of `fleetc test`."""
    _common(command, "junit")
    command.add_argument("names", metavar="NAME", nargs="*", help="run these tests alone; a name may be a pattern")
    command.add_argument("--update", action="store_true", help="build, and write the golden files of tests")


def _starts(command: argparse.ArgumentParser) -> None:
    """The options of `fleetc init`."""
    command.add_argument("folder", metavar="DIR", nargs="?", default=".", help="where (default: here)")
    command.add_argument("--name", metavar="ORG", help="whose platform it is (default: the name of the folder)")
    command.add_argument(
        "--provider", choices=["aks", "eks", "gke", "kind", "onprem"], default="kind",
        help="of the first cluster (default: %(default)s)",
    )  # fmt: skip
    command.add_argument(
        "--ci", choices=["github", "gitlab", "both", "none"], default="github", help="recipes (default: %(default)s)"
    )
    command.add_argument(
        "--delivery", choices=["none", "pulumi"], default="none",
        help="with a stack that `pulumi up` runs in CI, or without (default: %(default)s)",
    )  # fmt: skip
    _printed(command)


def _imports(command: argparse.ArgumentParser) -> None:
    """The options of `fleetc import`."""
    _common(command)
    command.add_argument("paths", metavar="PATH", nargs="+", help="folders and files of manifests; - reads stdin")
    command.add_argument("--to", metavar="DIR", default="specs", help="where specs go (default: %(default)s)")
    command.add_argument(
        "--cluster", action="append", metavar="NAME", help="what they are for (default: all clusters); may be repeated"
    )
    command.add_argument("--dry-run", action="store_true", help="write nothing")
    new = command.add_argument_group("where there are no specs yet")
    new.add_argument("--fleet", metavar="NAME", help="the organisation")
    new.add_argument("--kubernetes", metavar="MINOR", help="the clusters' Kubernetes, such as 1.35")
    new.add_argument(
        "--provider", metavar="NAME", default="onprem", help="gke, eks, aks, onprem or kind (default: %(default)s)"
    )
    new.add_argument("--environment", metavar="NAME", default="prod", help="the clusters' (default: %(default)s)")


def _promotes(command: argparse.ArgumentParser) -> None:
    """The options of `fleetc promote`."""
    _common(command)
    command.add_argument("rollout", metavar="ROLLOUT", nargs="?", help="which Rollout, where there are several")
    command.add_argument(
        "--wave", metavar="WAVE", help="which one (default: the first that is behind the one before it)"
    )
    command.add_argument(
        "--revision", metavar="REV", help="a commit (default: that of the wave before, HEAD for the first wave)"
    )
    command.add_argument("--evidence", metavar="FILE", help="JSON of what the gates of the wave ask for")
    command.add_argument("--rollback", action="store_true", help="go back to an older commit; gates are not asked")
    command.add_argument("--dry-run", action="store_true", help="write nothing")


def _schemas(command: argparse.ArgumentParser) -> None:
    """The options of `fleetc schema`."""
    command.add_argument(
        "action", choices=["print", "pull"], metavar="print|pull",
        help="print the JSON Schema of a kind for editors; fetch the CRDs that the clusters have, by their sha256",
    )  # fmt: skip
    command.add_argument("kind", metavar="KIND", nargs="?", help="of print: such as Team (default: all kinds in one)")
    _common(command, "yaml")
    command.add_argument(
        "--all", nargs="?", const="", metavar="DIR",
        help="of print: a file for each kind, and spec.json for all, into DIR, and the same in CUE into DIR/cue; "
        "of pull: every CRD that is pinned",
    )  # fmt: skip
    command.add_argument("--check", action="store_true", help="of print --all: exit 1 where a file in DIR is stale")
    command.add_argument(
        "--modeline", metavar="FILE", nargs="*",
        help="of print: add to spec files the line by which editors find their schemas (below schemas/ of the root, or "
        "--all DIR); without a FILE, print those of all specs",
    )  # fmt: skip
    command.add_argument("--to", metavar="DIR", help="of pull: where CRDs go (default: crds/ of the root)")
    command.add_argument(
        "--from", dest="source", metavar="URL|DIR", help="of pull: a mirror, or a folder such as another one's crds/"
    )


def _compiles(command: argparse.ArgumentParser) -> None:
    """The options of commands that compile the fleet."""
    command.add_argument(
        "--strict", nargs="?", const="referenced", choices=["referenced", "all"], metavar="all",
        help="exit 1 unless every check is valid or referenced; with =all, unless every check is valid",
    )  # fmt: skip
    _judges(command)
    command.add_argument("--stats", choices=["json"], help="print sizes and times of the stages as JSON on stderr")
    command.add_argument("--cold", action="store_true", help="remember nothing of earlier runs")
    command.add_argument("--locked", action="store_true", help="refuse to change a lock file, for CI")


def _judges(command: argparse.ArgumentParser) -> None:
    """What the fleet is judged by."""
    command.add_argument(
        "--crds",
        action="append",
        metavar="DIR",
        help="check custom objects against the CRDs below DIR, CEL rules too "
        "(default: crds/ of the root where there is one; `none`: no CRDs)",
    )
    command.add_argument(
        "--date", type=_date, metavar="DATE", help="look at the exceptions of policies as on this day (default: today)"
    )


def _common(command: argparse.ArgumentParser, *more: str) -> None:
    command.add_argument("--root", metavar="DIR", help="the folder with specs/ (default: the nearest one upward)")
    _printed(command, *more)


def _printed(command: argparse.ArgumentParser, *more: str) -> None:
    """`more`: formats beside text and JSON."""
    command.add_argument(
        "--output", choices=["text", "json", *more], default="text", help="how to print (default: text)"
    )
    command.add_argument(
        "--color", choices=["auto", "always", "never"], default="auto", help="colours (default: on a terminal)"
    )


def _formatter(prog: str) -> argparse.HelpFormatter:
    # By itself it asks `shutil` for the width: that costs more than all of this, and is asked for each option.
    return argparse.RawDescriptionHelpFormatter(prog, width=_columns())


def _columns() -> int:
    """The width of the help, as other programs have it: the terminal's, or what COLUMNS says, less two."""
    try:
        return int(os.environ.get("COLUMNS", "")) - 2
    except ValueError:
        pass
    try:
        return os.get_terminal_size(sys.__stdout__.fileno() if sys.__stdout__ else 1).columns - 2
    except (OSError, ValueError):
        return 78


def _cores() -> int:
    # More writers than that wait for the same file system.
    return min(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1, 4)


def _date(text: str) -> str:
    year, *rest = text.split("-")
    if [len(year), *map(len, rest)] != [4, 2, 2] or not text.replace("-", "").isdecimal():
        raise argparse.ArgumentTypeError(f"a day such as 2027-06-30, not `{text}`")
    return text


def _jobs(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"a number from 1 on, not `{text}`")
    return int(text)


_COMMANDS: Final[dict[str, tuple[str, Callable[[argparse.ArgumentParser], None]]]] = {
    "build": ("compile specs, check, and write what changed", _builds),
    "check": ("everything build checks, writing nothing", _checks),
    "diff": ("what changes from a git revision's outputs to a build of the working tree", _differs),
    "adopt": ("carry hand edits of output, or live drift, back into the specs", _adopts),
    "explain": ("why a line is as it is, or what a spec line moves", _explains),
    "test": ("generated files are current, and the fleet is as its tests expect", _tests),
    "init": ("a new platform repository, which builds, checks and tests at once", _starts),
    "report": ("one page of the whole fleet, to be read without a network", _reports),
    "plan": ("where models run and why, what a loss would do, how to empty a cluster", _plans),
    "conformance": ("what of Kubernetes AI Conformance each cluster meets, with evidence", _conforms),
    "fmt": ("give spec files their one layout; comments, values and order stay", _formats),
    "completions": ("a script that completes command lines in bash, zsh or fish", _completes),
    "import": ("make specs of plain manifests; building them gives the same objects", _imports),
    "promote": ("advance one wave of a Rollout to its next revision, as an edit to the spec", _promotes),
    "schema": ("JSON Schemas of the spec kinds for editors, and the CRDs that a fleet needs", _schemas),
    "doctor": ("what is installed here, and what cannot be done without the rest", _printed),
}
"""In the order of `--help`: what each command is for, and its options."""

"""`fleetc init`: a new platform repository, which builds, checks and tests at once."""

from __future__ import annotations

import argparse
import json
import os
import shlex
from typing import Final

from fleetc.cli.main import EXIT_CLEAN
from fleetc.cli.printing import say
from fleetc.cli.style import style_for
from fleetc.driver.scaffold import scaffold

_RECIPES: Final = {"github": ("github",), "gitlab": ("gitlab",), "both": ("github", "gitlab"), "none": ()}
_NEXT: Final = (
    ("fleetc build", "write golden/, which clusters follow"),
    ("fleetc test", "what is generated is current, and as tests/ expects"),
    ("git init && git add . && git commit -m 'A platform'", "specs and generated files, in one commit"),
)


def command(options: argparse.Namespace) -> int:
    """Run it; returns the exit status. Raises Failure, having written nothing."""
    recipes, pulumi = _RECIPES[options.ci], options.delivery == "pulumi"
    made = scaffold(options.folder, options.name, options.provider, recipes, pulumi=pulumi)
    here = os.path.realpath(os.getcwd()) == made.folder
    steps = [*([] if here else [(f"cd {shlex.quote(options.folder)}", "")]), *_NEXT]
    if options.output == "json":
        data = {
            "command": "init",
            "folder": made.folder,
            "name": made.name,
            "written": list(made.files),
            "next": [step for step, _ in steps],
        }
        say(json.dumps(data, indent=2) + "\n")
        return EXIT_CLEAN
    style = style_for(options.color)
    width = max(len(step) for step, _ in steps)
    lines = [f"the platform of {style.bold(made.name)}: {len(made.files)} files"]
    lines += [f"  {path}" for path in made.files]
    lines += ["next:", *(f"  {style.bold(step.ljust(width))}  {style.dim(what)}".rstrip() for step, what in steps)]
    say("\n".join(lines) + "\n")
    return EXIT_CLEAN

"""A new platform repository: its files from the templates, written so that nothing that stands there is touched."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Final

import fleetc
from fleetc.diagnostics import Diagnostic, Failure, codes
from fleetc.driver.files import SPECS, yaml_files
from fleetc.driver.tree import messages
from fleetc.language.types import NAME
from fleetc.language.wording import quoted
from fleetc.source.scalars import resolve
from fleetc.source.span import Span
from fleetc.tuples import NamedTuple

PULUMI: Final[Mapping[str, str]] = {"github": ".github/workflows/pulumi.yaml", "gitlab": ".gitlab/pulumi.yml"}
"""What the recipe of each CI has beside it where Pulumi delivers."""
_PROGRAM: Final = ("Pulumi.yaml", "__main__.py", "requirements.txt", ".gitignore", "fleet")
"""What the program of stacks is made of."""
RECIPES: Final[Mapping[str, str]] = {"github": ".github/workflows/fleetc.yaml", "gitlab": ".gitlab-ci.yml"}
"""The recipe of each CI."""
_CODE: Final = ("__init__.py", "__pycache__", "stacks")
_TOKEN: Final = re.compile("@([a-z-]+)@")
_ON_DEVICE: Final = '{cpu: "1", memory: 2Gi, perDevice: {cpu: "1", memory: 2Gi}}'


class _Provider(NamedTuple):
    """What differs between providers: the pool, by what is written of it, and the devices that the model takes."""

    pool: str
    spec: tuple[str, ...]
    device: str = ""
    components: str = "{}"


PROVIDERS: Final[Mapping[str, _Provider]] = {
    "kind": _Provider("cpu", ("machine: {cpu: 8, memory: 16Gi}", "nodes: 1")),
    "gke": _Provider(
        "l4",
        ("accelerators: L4:1", "machine: g2-standard-8", "nodes: 1..2", "provisioning: clusterAutoscaler"),
        "L4",
    ),
    "eks": _Provider(
        "l4",
        ("accelerators: L4:1", "machine: g6.2xlarge", "nodes: 1..2", "provisioning: clusterAutoscaler"),
        "L4",
        "{gpu-operator: 26.7.0}",
    ),
    "aks": _Provider(
        "a100",
        (
            "accelerators: A100-80:1",
            "machine: {type: Standard_NC24ads_A100_v4, cpu: 24, memory: 220Gi}",
            "nodes: 1..2",
            "provisioning: clusterAutoscaler",
        ),
        "A100-80",
        "{gpu-operator: 26.7.0}",
    ),
    "onprem": _Provider(
        "l40s",
        ("accelerators: L40S:2", "machine: {cpu: 64, memory: 512Gi}", "nodes: 1"),
        "L40S",
        "{gpu-operator: 26.7.0}",
    ),
}


class Made(NamedTuple):
    """What was written: the files, relative to the folder."""

    folder: str
    name: str
    files: tuple[str, ...]


def scaffold(folder: str, name: str | None, provider: str, recipes: tuple[str, ...], *, pulumi: bool = False) -> Made:
    """Write a new repository into a folder, all of it or nothing; with `pulumi`, one whose cluster a stack delivers.
    Failure when its name is none, when something stands where a file is to be, and when the system refuses."""
    target = os.path.realpath(folder)
    name = _name(target, name)
    files = _files(name, provider, recipes, pulumi=pulumi)
    in_the_way = list(_in_the_way(target, files))
    if in_the_way:
        raise Failure(*in_the_way)
    try:
        _write(target, files)
    except FileExistsError as error:
        path = os.path.relpath(str(error.filename2 or error.filename), target)
        raise Failure(_stands(path, "a file came")) from None
    except OSError as error:
        raise Failure(messages.cannot_write(folder, error.errno or 0)) from None
    return Made(target, name, tuple(sorted(files)))


def _name(target: str, given: str | None) -> str:
    if given is not None:
        if not NAME.accepts(given):
            meant = NAME.meant(given)
            hint = f"did you mean --name {meant}?" if meant else f"write something like --name {NAME.example}"
            raise Failure(Diagnostic(codes.INIT_BAD_NAME, f"{quoted(given)} is not {NAME.what}", hint=hint))
        return given
    base = os.path.basename(target)
    name = base if NAME.accepts(base) else NAME.meant(base)
    if name is None:
        message = f"the folder's name {quoted(base)} is not {NAME.what}"
        raise Failure(Diagnostic(codes.INIT_BAD_NAME, message, hint="say whose platform it is: --name ORG"))
    return name


def _files(name: str, provider: str, recipes: tuple[str, ...], *, pulumi: bool) -> dict[str, bytes]:
    """The files, by path relative to the folder."""
    values = {**_values(name, provider), **_delivery(pulumi=pulumi)}
    wanted = {*(RECIPES[ci] for ci in recipes), *(PULUMI[ci] for ci in recipes if pulumi)}
    unwanted = {*RECIPES.values(), *PULUMI.values()} - wanted
    found = {path: text for path, text in _templates() if path not in unwanted}
    made = {path: _TOKEN.sub(lambda m: values.get(m[1], m[0]), text).encode() for path, text in found.items()}
    return {**made, **(dict(_program()) if pulumi else {})}


def _delivery(*, pulumi: bool) -> dict[str, str]:
    """What the templates say of delivery."""
    if not pulumi:
        delivered = "Point Argo CD at `golden/CLUSTER`, with recursion into its folders."
        return {"delivery": "", "includes": "", "delivered": delivered}
    return {
        "delivery": "  delivery: pulumi\n",
        "includes": "include: {local: .gitlab/pulumi.yml}\n",
        "delivered": "Make a stack for each: `cd stacks && pulumi stack init CLUSTER`. CI previews and updates them.",
    }


def _program() -> Iterator[tuple[str, bytes]]:
    """The files of the program of stacks: in a wheel beside the templates, in a checkout where it is developed."""
    package = os.path.dirname(fleetc.__file__)
    base = os.path.join(package, "templates", "stacks")
    base = base if os.path.isdir(base) else os.path.join(package, "..", "..", "stacks")
    for name in _PROGRAM:
        path = os.path.join(base, name)
        within = sorted(os.listdir(path)) if os.path.isdir(path) else None
        for each in [name] if within is None else [f"{name}/{one}" for one in within if one.endswith(".py")]:
            with open(os.path.join(base, each), "rb") as file:
                yield f"stacks/{each}", file.read()


def _values(name: str, provider: str) -> dict[str, str]:
    """What the templates say of the provider."""
    made = PROVIDERS[provider]
    quota = ['cpu: "16"', "memory: 64Gi", *([f"devices: {{{made.device}: 1}}"] if made.device else [])]
    return {
        "name": name,
        # Some names, such as `no` and `123`, are no text to YAML.
        "quoted-name": name if resolve(name) == name else f'"{name}"',
        "version": fleetc.__version__,
        "provider": provider,
        "components": made.components,
        "pool": made.pool,
        "pool-spec": "\n".join(f"  {line}" for line in made.spec),
        "quota": f"{{{', '.join(quota)}}}",
        "resources": f"{made.device}:1" if made.device else "cpu",
        "pod": _ON_DEVICE if made.device else '{cpu: "1", memory: 1Gi}',
    }


def _templates() -> Iterator[tuple[str, str]]:
    """The templates by the path of what they become."""
    base = os.path.join(os.path.dirname(fleetc.__file__), "templates")
    for folder, folders, names in os.walk(base):
        folders[:] = [each for each in folders if each not in _CODE]
        for name in names:
            if name not in _CODE:
                path = os.path.relpath(os.path.join(folder, name), base).replace(os.sep, "/")
                with open(os.path.join(folder, name), encoding="utf-8") as file:
                    yield re.sub("(^|/)dot-", r"\1.", path), file.read()


def _in_the_way(target: str, files: Mapping[str, bytes]) -> Iterator[Diagnostic]:
    """What stands where something is to be written."""
    nearest = target
    while not os.path.lexists(nearest):
        nearest = os.path.dirname(nearest)
    if not os.path.isdir(nearest):
        yield _stands(os.path.basename(nearest), "it is no folder")
    if nearest != target or not os.path.isdir(target):
        return
    told: set[str] = set()
    specs = yaml_files(target, SPECS)
    for path in sorted(files):
        steps = path.split("/")
        for length in range(1, len(steps) + 1):
            here = "/".join(steps[:length])
            full, last = os.path.join(target, here), length == len(steps)
            if os.path.lexists(full) and (last or os.path.islink(full) or not os.path.isdir(full)):
                if here not in told:
                    yield _stands(here, "it is there already" if last else "a folder is needed there")
                told.add(here)
                break
    for path in specs:
        if path not in told:
            yield _stands(path, "there are specs already")


def _stands(path: str, why: str) -> Diagnostic:
    hint = "move it away, or start in another folder: nothing was written"
    return Diagnostic(codes.INIT_IN_THE_WAY, f"{path}: {why}", Span(path, 1, 1), hint)


def _write(target: str, files: Mapping[str, bytes]) -> None:
    """All files or none. A folder that is not there yet comes into being at once; into one that is, files are linked
    one by one, for a link never replaces what came there meanwhile."""
    new = not os.path.isdir(target)
    above = os.path.dirname(target) if new else target
    os.makedirs(above, exist_ok=True)
    stage = tempfile.mkdtemp(prefix=".fleetc-init-", dir=above)
    try:
        for path, data in files.items():
            os.makedirs(os.path.dirname(os.path.join(stage, path)), exist_ok=True)
            with open(os.path.join(stage, path), "xb") as file:
                file.write(data)
        if new:
            os.chmod(stage, 0o777 & ~_umask())
            os.rename(stage, target)
        else:
            _link(stage, target, files)
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def _link(stage: str, target: str, files: Mapping[str, bytes]) -> None:
    made: list[str] = []
    folders: list[str] = []
    try:
        for path in sorted(files):
            steps = path.split("/")[:-1]
            for length in range(1, len(steps) + 1):
                folder = os.path.join(target, *steps[:length])
                if not os.path.isdir(folder):
                    os.mkdir(folder)
                    folders.append(folder)
            os.link(os.path.join(stage, path), os.path.join(target, path))
            made.append(os.path.join(target, path))
    except BaseException:
        for path in made:
            with suppress(OSError):
                os.unlink(path)
        for folder in reversed(folders):
            with suppress(OSError):
                os.rmdir(folder)
        raise

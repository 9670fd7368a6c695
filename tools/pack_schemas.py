"""Writes the schema packs of `fleetc.check`: `python -m tools.pack_schemas [--crds DIR] [--check]`.

The Kubernetes pack comes from the kubernetes-validate wheel (a development dependency) and tools/schema_overlay.yaml;
the CRD pack from a directory of upstream CRDs with an INDEX.tsv. Without `--crds` the CRD pack is left as it is.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tools import pack_crds, pack_kubernetes

PACKS = Path(__file__).parent.parent / "compiler/fleetc/check/packs"


def outputs(crds: Path | None) -> dict[str, bytes]:
    """The files of the packs folder that can be made here, by name."""
    out = {"kubernetes.bin": pack_kubernetes.pack()}
    if crds is not None:
        pack, manifest = pack_crds.pack(crds)
        out["crds.bin"] = pack
        out["crds.tsv"] = manifest.encode()
    return out


def main(arguments: list[str] | None = None) -> int:
    """Write the packs, or compare them; the exit status: 0 fine, 1 a committed pack is not current."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--crds", type=Path, metavar="DIR", help="a directory of upstream CRDs with an INDEX.tsv")
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a pack is not current")
    options = parser.parse_args(arguments)
    stale: list[str] = []
    for name, data in outputs(options.crds).items():
        path = PACKS / name
        if path.exists() and path.read_bytes() == data:
            continue
        stale.append(name)
        if not options.check:
            path.write_bytes(data)
    for name in stale:
        sys.stderr.write(f"{name} {'is not current: run make packs' if options.check else 'written'}\n")
    return 1 if options.check and stale else 0


if __name__ == "__main__":
    sys.exit(main())

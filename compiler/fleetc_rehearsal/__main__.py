"""`python -m fleetc_rehearsal MINOR`: a control plane to look at until ^C."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from fleetc_rehearsal.errors import RehearsalError
from fleetc_rehearsal.manifests import read
from fleetc_rehearsal.start import control_plane


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it until a signal; the exit status: 1 a server failed, 128 and the signal's number otherwise."""
    parser = argparse.ArgumentParser(prog="python -m fleetc_rehearsal", description=__doc__)
    parser.add_argument("minor", metavar="MINOR", help="of Kubernetes, such as 1.36")
    parser.add_argument(
        "--crds", type=Path, action="append", default=[], metavar="PATH", help="a file or folder of CRDs"
    )
    parser.add_argument("--api-only", action="store_true", help="no scheduler, controllers and kwok")
    options = parser.parse_args(arguments)
    more = not options.api_only
    crds = [obj for path in options.crds for obj in read(path)]
    try:
        with control_plane(options.minor, crds=crds, scheduler=more, controllers=more, kwok=more, dra=True) as cluster:
            sys.stdout.write(f"export KUBECONFIG={cluster.kubeconfig}\n")
            sys.stdout.flush()
            while True:
                cluster.watch()
                time.sleep(0.5)
    except KeyboardInterrupt:
        return 130
    except RehearsalError as error:
        sys.stderr.write(f"{error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main())

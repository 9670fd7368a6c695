"""The catalogue reads nothing before it is asked."""

import subprocess
import sys


def test_nothing_is_read_at_import() -> None:
    code = (
        "import fleetc.catalogue.read as read\n"
        "read.load = None\n"
        "from fleetc.catalogue import accelerators, allocation, architectures, components, engines, metrics\n"
        "import fleetc.plan.fit\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)

"""What `pulumi up` runs: the stack's data, as `fleetc build` wrote it, becomes resources. See docs/pulumi.md."""

from fleet.program import run

run()

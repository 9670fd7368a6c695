"""A plan as people read it, and as programs do: pure functions over `fleetc.plan.view`."""

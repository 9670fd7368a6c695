"""`fleetc check --charts DIR`: the charts that install components, with their values, rendered and checked."""

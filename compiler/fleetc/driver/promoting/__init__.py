"""`fleetc promote`: one wave of a Rollout to its next revision, as an edit to the spec."""

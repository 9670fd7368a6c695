"""The change from a revision's outputs to a build of the working tree: what differs, what it means, and why."""

"""The files of a new platform repository, as `fleetc init` writes them: `dot-` stands for a dot, @NAME@ for a value."""

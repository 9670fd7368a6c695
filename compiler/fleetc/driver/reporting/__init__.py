"""What `fleetc report` tells of a fleet: read off one whole compile, nothing estimated."""

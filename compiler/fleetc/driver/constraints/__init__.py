"""`*.cue` below specs/: constraints on the whole fleet and on what it emits, checked by CUE."""

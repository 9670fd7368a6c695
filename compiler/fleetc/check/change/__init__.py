"""What a change of an emitted object means: for its pods, its data, who may do what, and what may talk to what."""

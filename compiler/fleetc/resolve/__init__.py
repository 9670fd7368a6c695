"""Names to nodes, and layers to values: the fleet as one graph in which every value knows where it came from."""

from fleetc.resolve.layers import Layer, Origin, origins
from fleetc.resolve.references import check_references
from fleetc.resolve.world import World, resolve

__all__ = ["Layer", "Origin", "World", "check_references", "origins", "resolve"]

"""Delivery by Pulumi: for each cluster the data of its stack, which the program in `stacks/` reads."""

from __future__ import annotations

from typing import Final

from fleetc.emission.site import Lowering, StackSite
from fleetc_pulumi.stack import stacks

STACK: Final[tuple[Lowering[StackSite], ...]] = (Lowering("Stack", stacks),)

"""Everything that others use of this package."""

from fleetc.driver.tree.header import Header, State, read_header, seal, state_of
from fleetc.driver.tree.journal import recover
from fleetc.driver.tree.lock import Lock, locked
from fleetc.driver.tree.model import Change, Content, Edit, Entry, Known, Place, Plan, Signature, Wanted, Written
from fleetc.driver.tree.plan import plan_writes
from fleetc.driver.tree.survey import Tree, survey
from fleetc.driver.tree.write import apply

__all__ = [
    "Change",
    "Content",
    "Edit",
    "Entry",
    "Header",
    "Known",
    "Lock",
    "Place",
    "Plan",
    "Signature",
    "State",
    "Tree",
    "Wanted",
    "Written",
    "apply",
    "locked",
    "plan_writes",
    "read_header",
    "recover",
    "seal",
    "state_of",
    "survey",
]

"""The output tree: the only place that writes generated files.

    with locked(place) as lock:                                  # one run at a time; finishes what a killed run left
        plan = plan_writes(place, wanted, known)                 # reads only; every finding is in plan.diagnostics
        done = apply(plan, lock, jobs)                           # all or nothing; raises Failure
    store(done.known)                                            # the next run then reads only what changed

- `Place(root, output, state)`: the root folder, the output folder relative to it, the state folder (`<root>/.fleetc`).
- `wanted`: `Wanted(digest, content)` by path; paths are relative to the root with `/`, and lie in the output folder.
  `content` is `seal(body, source)`, or a callable that gives it; `digest` is the hex sha256 of those bytes.
- `known`: `Written.known` (or `Plan.known`, when only planned) of an earlier run, or {}. Plain tuples, for `marshal`;
  losing it costs time only. It has no time stamp: entries that could be stale unnoticed are never in it.
- `discard_edits=True` replaces hand-edited files, and saves the edits first: `Written.patch`.
- Processes that are forked under the lock call `lock.leave()`, or else keep it when this one is killed.
"""

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

"""The output tree: the only place that writes generated files.

    from fleetc.driver.tree.api import ...                       # or from the modules, where start-up time counts

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

"""Whether a model fits on devices: weights, cache and overhead of each device against its memory.

Pure arithmetic in whole bytes over the catalogue's facts. `fit` judges one layout, `layouts` finds those that fit,
`largest_context` and `largest_concurrency` find the boundary, `nearest` what would fit instead.
"""

from fleetc.plan.fit.model import Change, Constraint, Fit, Layout, Machine, Suggestion, Terms, Workload
from fleetc.plan.fit.search import largest_concurrency, largest_context, layouts, nearest
from fleetc.plan.fit.verdict import fit

__all__ = [
    "Change",
    "Constraint",
    "Fit",
    "Layout",
    "Machine",
    "Suggestion",
    "Terms",
    "Workload",
    "fit",
    "largest_concurrency",
    "largest_context",
    "layouts",
    "nearest",
]

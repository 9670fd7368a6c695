"""Facts about the world as data: accelerators, model architectures, engines, components, ways of allocation.

Each module reads its table in `data/` when it is first asked, and answers with frozen values. A lookup of an unknown
name is None; beside it stands a function with the names there are.
"""

"""The Pulumi program of a fleet: one project, a stack for each cluster, one file of data for each stack.

It needs `pulumi` and nothing of fleetc, so that a repository can hold a copy of it. Its modules, in the order in which
they use each other: `objects` (what a Kubernetes object is called), `files` (the emitted tree), `data` (the stack's
file), `settings` (the stack's configuration), `keep` (what is never deleted), `order` (what needs what),
`resources` (objects to Pulumi's resources), `argocd` (what lets Argo CD sync), `download` (its manifest), `program`.
"""

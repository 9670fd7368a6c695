// The CRDs of Kueue as the example fleet has it, as data: nothing of it is built.
module fleetc/tools/kueue-crds

go 1.26.0

require sigs.k8s.io/kueue v0.19.2

// The CRDs of the multi-cluster services API, as data: nothing of it is built.
module fleetc/tools/mcs-api

go 1.26.0

require sigs.k8s.io/mcs-api v0.5.0

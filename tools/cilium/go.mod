// The CRDs of Cilium's network policies, as data: nothing of it is built.
module fleetc/tools/cilium

go 1.26.0

require github.com/cilium/cilium v1.20.1

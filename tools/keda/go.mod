// The CRDs of KEDA, as data: nothing of it is built.
module fleetc/tools/keda

go 1.26.0

require github.com/kedacore/keda/v2 v2.20.2

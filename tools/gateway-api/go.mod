// The CRDs of Gateway API, standard channel, as data: nothing of it is built.
module fleetc/tools/gateway-api

go 1.26.0

require sigs.k8s.io/gateway-api v1.6.1

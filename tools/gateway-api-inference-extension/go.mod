// The CRDs of the inference extension of Gateway API, as data: nothing of it is built.
module fleetc/tools/gateway-api-inference-extension

go 1.26.0

require sigs.k8s.io/gateway-api-inference-extension v1.6.0

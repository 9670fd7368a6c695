// The CRDs of ServiceMonitors and PrometheusRules, as data: nothing of it is built.
module fleetc/tools/prometheus-operator

go 1.26.0

require github.com/prometheus-operator/prometheus-operator v0.93.0

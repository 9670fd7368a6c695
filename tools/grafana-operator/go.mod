// The CRDs of the Grafana Operator, as data: nothing of it is built.
module fleetc/tools/grafana-operator

go 1.26.0

require github.com/grafana/grafana-operator/v5 v5.24.0

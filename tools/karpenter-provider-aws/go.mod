// The CRDs of Karpenter and of its provider for EC2, as data: nothing of it is built.
module fleetc/tools/karpenter-provider-aws

go 1.26.0

require github.com/aws/karpenter-provider-aws v1.14.1

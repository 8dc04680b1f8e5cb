"""How long AWS takes to make what takes long, and where its answers show that it has not ended.

The seconds are those of the issue, a tenth or less of what AWS needs, so that a run ends while one watches.
"""

from __future__ import annotations

from tests.support.aws.faults import Delay

SECONDS = {
    "database": 30.0,
    "cache": 20.0,
    "nat_gateway": 10.0,
    "load_balancer": 10.0,
    "instance": 5.0,
    "nat_instance": 5.0,
    "vpc_endpoint": 5.0,
}

DELAYS = {
    "describe_db_instances": Delay(
        "DBInstances", "DBInstanceIdentifier", ("DBInstanceStatus",), "creating", SECONDS["database"]
    ),
    "describe_cache_clusters": Delay(
        "CacheClusters", "CacheClusterId", ("CacheClusterStatus",), "creating", SECONDS["cache"]
    ),
    "describe_replication_groups": Delay(
        "ReplicationGroups", "ReplicationGroupId", ("Status",), "creating", SECONDS["cache"]
    ),
    "describe_nat_gateways": Delay("NatGateways", "NatGatewayId", ("State",), "pending", SECONDS["nat_gateway"]),
    "describe_load_balancers": Delay(
        "LoadBalancers", "LoadBalancerArn", ("State", "Code"), "provisioning", SECONDS["load_balancer"]
    ),
    "describe_instances": Delay(
        "Reservations.Instances", "InstanceId", ("State", "Name"), "pending", SECONDS["instance"]
    ),
    "describe_vpc_endpoints": Delay("VpcEndpoints", "VpcEndpointId", ("State",), "pending", SECONDS["vpc_endpoint"]),
}

"""ECS: what a service is told when it is made, it also has.

Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html
"""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult
from moto.ecs.exceptions import InvalidParameterException
from moto.ecs.models import Service
from moto.ecs.responses import EC2ContainerServiceResponse

# moto forgets these when a service is made, and keeps them when it is changed
FORGOTTEN = {
    "healthCheckGracePeriodSeconds": "health_check_grace_period_seconds",
    "deploymentConfiguration": "deployment_configuration",
    "capacityProviderStrategy": "capacity_provider_strategy",
    "enableExecuteCommand": "enable_execute_command",
    "enableECSManagedTags": "enable_ecs_managed_tags",
}
_create = EC2ContainerServiceResponse.create_service
_network = Service._validate_network


def create_service(self: EC2ContainerServiceResponse) -> ActionResult:
    """A name is taken once in a cluster, but for the same request with the same token."""
    cluster, name = self._get_param("cluster", "default"), self._get_param("serviceName")
    token = self._get_param("clientToken")
    backend = self.ecs_backend
    there = backend.services.get(f"{cluster.rpartition('/')[2]}:{name}")
    if there is not None and there.status == "ACTIVE":
        if token and getattr(there, "client_token", None) == token:
            return ActionResult({"service": there})
        raise InvalidParameterException("Creation of service was not idempotent.")
    answer = _create(self)
    service: Any = backend.services[f"{cluster.rpartition('/')[2]}:{name}"]
    service.client_token = token
    for parameter, attribute in FORGOTTEN.items():
        value = self._get_param(parameter)
        if value is not None:
            setattr(service, attribute, value)
    return answer


def validate_network(self: Service, network: dict[str, Any]) -> Any:
    """Security groups may be left out."""
    inner = {"securityGroups": [], **network["awsvpcConfiguration"]}
    return _network(self, {"awsvpcConfiguration": inner})


EC2ContainerServiceResponse.create_service = create_service  # type: ignore[method-assign]
Service._validate_network = validate_network  # type: ignore[method-assign, assignment]

"""Application Auto Scaling: «Deregistering a scalable target deletes the scaling policies that are associated with it.»

Source: https://docs.aws.amazon.com/autoscaling/application/APIReference/API_DeregisterScalableTarget.html
"""

from __future__ import annotations

from moto.applicationautoscaling.models import ApplicationAutoscalingBackend

_deregister = ApplicationAutoscalingBackend.deregister_scalable_target


def deregister(self: ApplicationAutoscalingBackend, namespace: str, r_id: str, dimension: str) -> None:
    _deregister(self, namespace, r_id, dimension)
    for key, policy in list(self.policies.items()):
        if (policy.service_namespace, policy.resource_id, policy.scalable_dimension) == (namespace, r_id, dimension):
            policy.delete_alarms(self.account_id, self.region_name)
            self.policies.pop(key)


ApplicationAutoscalingBackend.deregister_scalable_target = deregister  # type: ignore[method-assign]

"""What EC2 calls the types of resources, where moto calls them otherwise.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TagDescription.html
"""

from __future__ import annotations

from moto.ec2 import utils

utils.EC2_PREFIX_TO_RESOURCE.update({"nat": "natgateway", "eipalloc": "elastic-ip"})

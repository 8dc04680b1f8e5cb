"""Systems Manager: the index of tags knows its parameters.

Source: https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/supported-services.html
"""

from __future__ import annotations

import ministack.services.tagging as tagging  # type: ignore[import-not-found]

tagging._COLLECTORS["ssm"] = tagging._collect_ssm

"""GetAccountAuthorizationDetails says which boundary a role has.

Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_RoleDetail.html
"""

from __future__ import annotations

from typing import Any

import ministack.services.iam as iam  # type: ignore[import-not-found]

_answer = iam._IAM_HANDLERS["GetAccountAuthorizationDetails"]


def _with_boundaries(parameters: Any) -> Any:
    status, headers, body = _answer(parameters)
    for role in iam._roles.values():
        arn = role.get("PermissionsBoundary")
        if arn:
            mark = f"<RoleId>{role['RoleId']}</RoleId>"
            inner = f"<PermissionsBoundaryArn>{arn}</PermissionsBoundaryArn>"
            boundary = f"<PermissionsBoundary>{inner}</PermissionsBoundary>"
            body = body.replace(mark.encode(), (mark + boundary).encode())
    return status, headers, body


iam._IAM_HANDLERS["GetAccountAuthorizationDetails"] = _with_boundaries

"""WAF: which load balancers a web ACL protects, that it is not deleted while it does, and how it loses all rules.

https://docs.aws.amazon.com/waf/latest/APIReference/API_ListResourcesForWebACL.html
"""

from __future__ import annotations

import json
from typing import Any

from moto.wafv2 import models
from moto.wafv2.exceptions import WAFv2ClientError
from moto.wafv2.responses import WAFV2Response

_delete = models.WAFV2Backend.delete_web_acl


def _list_resources(response: WAFV2Response) -> Any:
    acl: Any = response.wafv2_backend.wacls.get(json.loads(response.body)["WebACLArn"])
    arns = list(acl.associated_resources) if acl else []
    return 200, {"Content-Type": "application/json"}, json.dumps({"ResourceArns": arns})


def _delete_web_acl(backend: Any, name: str, scope: str, _id: str, lock_token: str) -> None:
    for acl in backend.wacls.values():
        if acl.id == _id and acl.associated_resources:
            raise WAFv2ClientError(
                "WAFAssociatedItemException", "AWS WAF couldn't perform the operation: it is in use."
            )
    _delete(backend, name, scope, _id, lock_token)


def _update(acl: Any, default_action: Any, rules: Any, *more: Any, **keywords: Any) -> None:
    # moto takes no rules for «leave the rules alone»; AWS takes whatever it gets for the whole truth
    _update_acl(acl, default_action, rules or [], *more, **keywords)


_update_acl = models.FakeWebACL.update
models.FakeWebACL.update = _update  # type: ignore[method-assign,assignment]
WAFV2Response.list_resources_for_web_acl = _list_resources  # type: ignore[attr-defined]
models.WAFV2Backend.delete_web_acl = _delete_web_acl  # type: ignore[method-assign,assignment]

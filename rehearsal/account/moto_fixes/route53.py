"""Route 53: a record that is there cannot be created, and then nothing of the batch is done.

https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html
"""

from __future__ import annotations

from typing import Any

from moto.route53.exceptions import Route53ClientError
from moto.route53.models import Route53Backend

_change = Route53Backend.change_resource_record_sets


def _key(name: str, sort: str, which: str | None) -> tuple[str, str, str | None]:
    return name.rstrip(".").lower(), sort, which or None


def _change_resource_record_sets(backend: Route53Backend, zoneid: str, change_list: list[dict[str, Any]]) -> None:
    zone = backend.get_hosted_zone(zoneid)
    there = {_key(one.name, one.type, one.set_identifier) for one in zone.rrsets}  # type: ignore[arg-type]
    for change in change_list:
        wanted = change["ResourceRecordSet"]
        key = _key(wanted["Name"], wanted["Type"], wanted.get("SetIdentifier"))
        if change["Action"] == "CREATE" and key in there:
            message = f"[Tried to create resource record set [name='{key[0]}.', type='{key[1]}'] but it already exists]"
            raise Route53ClientError("InvalidChangeBatch", message)
    _change(backend, zoneid, change_list)


Route53Backend.change_resource_record_sets = _change_resource_record_sets  # type: ignore[method-assign,assignment]

"""What is read from EC2's XML, against botocore's own reading of it."""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape

import botocore.session
import pytest
from ansible.module_utils.common.dict_transformations import camel_dict_to_snake_dict
from botocore.parsers import create_parser

from ansible_collections.stairway.cloud.plugins.module_utils._inventory.answer import Reader, moment

NAMESPACE = "http://ec2.amazonaws.com/doc/2016-11-15/"
VALUES = {
    "string": "a & <b> 'ü'\n{{ 1 }}",
    "boolean": "true",
    "integer": "-7",
    "long": "9000000000",
    "float": "0.5",
    "double": "0.25",
    "timestamp": "2026-11-21T07:29:22.000Z",
}


def snake(name: str) -> str:
    return next(iter(camel_dict_to_snake_dict({name: None})))


@pytest.fixture(scope="module")
def shape() -> Any:
    model = botocore.session.Session().get_service_model("ec2")
    return model.operation_model("DescribeInstances").output_shape


def xml(shape: Any, tag: str, items: int = 2) -> str:
    """An element with everything that the model knows."""
    if shape.type_name == "structure":
        inside = "".join(xml(one, one.serialization.get("name", name), items) for name, one in shape.members.items())
    elif shape.type_name == "list":
        inside = xml(shape.member, "item", items) * items
    else:
        inside = escape(VALUES[shape.type_name])
    return f"<{tag}>{inside}</{tag}>"


def answer(shape: Any, items: int = 2) -> bytes:
    whole = xml(shape, "DescribeInstancesResponse", items)
    return whole.replace("<DescribeInstancesResponse>", f'<DescribeInstancesResponse xmlns="{NAMESPACE}">', 1).encode()


def by_botocore(body: bytes, shape: Any) -> list[dict[str, Any]]:
    """The instances as ``amazon.aws.aws_ec2`` has them, with times as text."""
    parsed = create_parser("ec2").parse({"status_code": 200, "headers": {}, "body": body}, shape)
    found = []
    for reservation in parsed["Reservations"]:
        for instance in reservation["Instances"]:
            own = {key: reservation.get(key, "") for key in ("OwnerId", "RequesterId", "ReservationId")}
            variables = camel_dict_to_snake_dict({**instance, **own}, ignore_list=["Tags"])
            variables["tags"] = {tag["Key"]: tag["Value"] for tag in instance.get("Tags", [])}
            found.append(_texts(variables))
    return found


def _texts(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _texts(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_texts(one) for one in value]
    return value.isoformat() if hasattr(value, "isoformat") else value


@pytest.mark.parametrize("items", [0, 1, 2])
def test_reads_what_botocore_reads(shape: Any, items: int) -> None:
    body = answer(shape, items)
    instances, token = Reader(shape, snake).instances(body)
    assert instances == by_botocore(body, shape)
    assert len(instances) == items**2
    assert token == VALUES["string"]


def test_reads_an_answer_without_namespace_and_with_empty_elements(shape: Any) -> None:
    body = (
        b"<DescribeInstancesResponse><reservationSet><item><reservationId>r-1</reservationId><instancesSet><item>"
        b"<instanceId>i-1</instanceId><productCodes/><stateReason><code/></stateReason><unheardOf>1</unheardOf>"
        b"</item></instancesSet></item></reservationSet></DescribeInstancesResponse>"
    )
    instances, token = Reader(shape, snake).instances(body)
    assert instances == by_botocore(body, shape)
    assert instances[0]["state_reason"] == {"code": ""}
    assert instances[0]["product_codes"] == []
    assert instances[0]["tags"] == {}
    assert token is None


def test_reads_only_what_is_wanted(shape: Any) -> None:
    instances, _token = Reader(shape, snake, {"instance_id", "owner_id"}).instances(answer(shape, 1))
    assert set(instances[0]) == {"instance_id", "owner_id", "tags"}


def test_keeps_one_of_each_text(shape: Any) -> None:
    (one, other) = Reader(shape, snake, {"vpc_id"}).instances(answer(shape, 2))[0][:2]
    assert one["vpc_id"] is other["vpc_id"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-21T07:29:22.000Z", "2026-11-21T07:29:22+00:00"),
        ("2026-11-21T07:29:22Z", "2026-11-21T07:29:22+00:00"),
        ("2026-11-21T07:29:22.123Z", "2026-11-21T07:29:22.123000+00:00"),
        ("2026-11-21T09:29:22+02:00", "2026-11-21T07:29:22+00:00"),
        ("soon", "soon"),
    ],
)
def test_times_are_as_ansible_writes_them(text: str, expected: str) -> None:
    assert moment(text) == expected

"""``launch_template``: what the machines of an Auto Scaling group are like.

Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateLaunchTemplateVersion.html
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from typing import Any

from .._aws.tags import as_list, specification
from .._resource.kind import APP_TAG, Change, Entry, Field, Found, Kind, Scope, Sight, Wanted
from .._resource.problems import Problem
from .._resource.types import Flag, ListOf, MapOf, Ref, Text
from . import _disks, _ec2, _images, _machine
from ._names import namer

# What the version was made from: an id of an image does not tell it.
_WORDS = re.compile(r"image (?P<image>\S+) as of (?P<as_of>\S+)")
_AT_CREATION = "creation"
_VERSIONED = frozenset(
    {
        "image", "image_as_of", "size", "security_groups", "role", "key_pair", "user_data", "root_volume", "public_ip",
        "monitoring", "imdsv2_only", "metadata_hops", "machine_tags",
    }
)  # fmt: skip


def attrs_of(version: Mapping[str, Any]) -> dict[str, Any]:
    """One of ``LaunchTemplateVersions`` in the words of the blueprint."""
    data = version.get("LaunchTemplateData") or {}
    made_from = _WORDS.fullmatch(version.get("VersionDescription") or "")
    as_of = made_from["as_of"] if made_from else _AT_CREATION
    interface: Mapping[str, Any] = next(iter(data.get("NetworkInterfaces") or ()), {})
    metadata = data.get("MetadataOptions") or {}
    script = data.get("UserData")
    return {
        "image": made_from["image"] if made_from else data.get("ImageId"),
        "image_as_of": None if as_of == _AT_CREATION else as_of,
        "size": data.get("InstanceType"),
        "security_groups": interface.get("Groups") or data.get("SecurityGroupIds") or [],
        "role": (data.get("IamInstanceProfile") or {}).get("Arn"),
        "key_pair": data.get("KeyName"),
        "user_data": _machine.script(base64.b64decode(script)) if script else None,
        "root_volume": _root_of(data),
        "public_ip": interface.get("AssociatePublicIpAddress"),
        "monitoring": (data.get("Monitoring") or {}).get("Enabled", False),
        "imdsv2_only": metadata.get("HttpTokens") == "required",
        "metadata_hops": metadata.get("HttpPutResponseHopLimit", 1),
        "machine_tags": _tags_of(data),
    }


def _root_of(data: Mapping[str, Any]) -> dict[str, Any] | None:
    for mapping in data.get("BlockDeviceMappings") or ():
        ebs = mapping.get("Ebs") or {}
        return {
            "size_gb": ebs.get("VolumeSize"),
            "iops": ebs.get("Iops") or 3000,
            "throughput": ebs.get("Throughput") or 125,
            "encrypted": ebs.get("Encrypted", False),
        }
    return None


def _tags_of(data: Mapping[str, Any]) -> dict[str, str]:
    specifications = data.get("TagSpecifications") or ()
    tags = next((one["Tags"] for one in specifications if one["ResourceType"] == "instance"), ())
    return {one["Key"]: one["Value"] for one in tags if one["Key"] != APP_TAG}


def describe(aws: Any, scope: Scope) -> Iterator[Found]:
    templates = list(_templates(aws, scope))
    versions = _versions(aws, [one["LaunchTemplateId"] for one in templates])
    for item in templates:
        mine = versions.get(item["LaunchTemplateId"], [])
        yield to_found(item, mine)


def to_found(item: Mapping[str, Any], versions: list[Mapping[str, Any]]) -> Found:
    """A template as its default version has it; ``detail`` has the newest one too."""
    numbers = {one["VersionNumber"]: one for one in versions}
    default = numbers.get(item["DefaultVersionNumber"], {})
    latest = numbers.get(item["LatestVersionNumber"], default)
    return Found(
        kind="launch_template",
        id=item["LaunchTemplateId"],
        attrs=attrs_of(default),
        tags=_ec2.tags_of(item),
        aws_name=item["LaunchTemplateName"],
        outputs={"version": str(item["DefaultVersionNumber"])},
        detail={
            "latest": item["LatestVersionNumber"],
            "default": item["DefaultVersionNumber"],
            "latest_attrs": attrs_of(latest),
            "image_id": (default.get("LaunchTemplateData") or {}).get("ImageId"),
        },
    )


def _templates(aws: Any, scope: Scope) -> Iterator[Mapping[str, Any]]:
    seen: set[str] = set()
    for filters in _ec2.filters_of(scope, "launch-template-id", "launch-template-name"):
        if filters[0]["Name"] == "launch-template-id":
            # the only thing in EC2 that has no filter for its ids
            items = _by_id(aws, filters[0]["Values"])
        else:
            items = aws.pages("ec2", "describe_launch_templates", "LaunchTemplates", Filters=filters)
        for item in items:
            if item["LaunchTemplateId"] not in seen:
                seen.add(item["LaunchTemplateId"])
                yield item


def _by_id(aws: Any, ids: list[str]) -> Iterator[Mapping[str, Any]]:
    for one in ids:
        answer = aws.call("ec2", "describe_launch_templates", LaunchTemplateIds=[one], absent=_ABSENT)
        yield from answer.get("LaunchTemplates", ())


_ABSENT = ("InvalidLaunchTemplateId.NotFound", "InvalidLaunchTemplateId.NotFoundException")  # both are documented


def _versions(aws: Any, ids: list[str]) -> dict[str, list[Mapping[str, Any]]]:
    """The default and the newest version of each: of one template, or, in one call, of all that the account has."""
    key, which = "LaunchTemplateVersions", ["$Default", "$Latest"]
    if not ids:
        return {}
    one = ids[0] if len(ids) == 1 else None
    result: dict[str, list[Mapping[str, Any]]] = {}
    pages = aws.pages("ec2", "describe_launch_template_versions", key, LaunchTemplateId=one, Versions=which)
    for item in pages:
        result.setdefault(item["LaunchTemplateId"], []).append(item)
    return result


def create(aws: Any, wanted: Wanted) -> str:
    image = _images.resolve(aws, wanted.attrs["image"], wanted.attrs["size"])
    answer = aws.call(
        "ec2",
        "create_launch_template",
        LaunchTemplateName=wanted.aws_name,
        VersionDescription=_words(wanted.attrs),
        LaunchTemplateData=_data(aws, wanted, wanted.attrs, image),
        TagSpecifications=specification("launch-template", wanted.tags),
        ClientToken=wanted.token,
    )
    template_id: str = answer["LaunchTemplate"]["LaunchTemplateId"]
    aws.created(template_id, wanted.aws_name)
    return template_id


def _words(attrs: Mapping[str, Any]) -> str:
    return f"image {attrs['image']} as of {attrs.get('image_as_of') or _AT_CREATION}"


def _data(aws: Any, wanted: Wanted, attrs: Mapping[str, Any], image: str) -> dict[str, Any]:
    """``LaunchTemplateData``."""
    tags = as_list({**(attrs["machine_tags"] or {}), APP_TAG: wanted.app})
    data: dict[str, Any] = {
        "ImageId": image,
        "InstanceType": attrs["size"],
        "KeyName": attrs["key_pair"],
        "IamInstanceProfile": {"Arn": attrs["role"]} if attrs["role"] else None,
        "UserData": base64.b64encode(_machine.user_data(attrs["user_data"])).decode() if attrs["user_data"] else None,
        "BlockDeviceMappings": _disks.mappings(aws, image, attrs["root_volume"], None),
        "Monitoring": {"Enabled": bool(attrs["monitoring"])},
        "MetadataOptions": _machine.metadata(attrs),
        "TagSpecifications": [{"ResourceType": kind, "Tags": tags} for kind in ("instance", "volume")],
    }
    if attrs["public_ip"] is None:
        data["SecurityGroupIds"] = attrs["security_groups"]
    else:
        address = {"DeviceIndex": 0, "AssociatePublicIpAddress": attrs["public_ip"], "DeleteOnTermination": True}
        data["NetworkInterfaces"] = [{**address, "Groups": attrs["security_groups"]}]
    return {key: value for key, value in data.items() if value is not None}


def _new_version(aws: Any, found: Found, wanted: Wanted) -> None:
    """A version, and then it becomes the default. A run that was cut in between finds the version it made."""
    attrs = {**found.attrs, **{key: value for key, value in wanted.attrs.items() if value is not None}}
    number = found.detail["latest"]
    if number == found.detail["default"] or not _same(attrs, found.detail["latest_attrs"]):
        answer = aws.call(
            "ec2",
            "create_launch_template_version",
            LaunchTemplateId=found.id,
            VersionDescription=_words(attrs),
            LaunchTemplateData=_data(aws, wanted, attrs, _image(aws, found, attrs)),
            ClientToken=wanted.token,
        )
        number = answer["LaunchTemplateVersion"]["VersionNumber"]
    aws.call("ec2", "modify_launch_template", LaunchTemplateId=found.id, DefaultVersion=str(number))


def _same(goal: Mapping[str, Any], there: Mapping[str, Any]) -> bool:
    shapes = {name: KIND.fields[name].shape for name in _VERSIONED}
    return all(shape.canonical(goal[name]) == shape.canonical(there[name]) for name, shape in shapes.items())


def _image(aws: Any, found: Found, attrs: Mapping[str, Any]) -> str:
    """The image of before, unless another one is asked for: a newer one comes only when somebody says so."""
    kept = all(attrs[name] == found.attrs[name] for name in ("image", "image_as_of"))
    before, after = _images.architecture(found.attrs["size"] or ""), _images.architecture(attrs["size"])
    if kept and before == after and found.detail["image_id"]:
        return str(found.detail["image_id"])
    return _images.resolve(aws, attrs["image"], attrs["size"])


def delete(aws: Any, found: Found) -> None:
    _ec2.gone_is_fine(aws, "delete_launch_template", LaunchTemplateId=found.id)


def check(entry: Entry, sight: Sight) -> Iterator[Problem]:
    yield from _machine.check(entry)
    vpcs = {
        name: group.attrs["vpc"]
        for name in entry.attrs["security_groups"]
        if (group := sight.get("security_group", name)) is not None
    }
    if len(set(vpcs.values())) > 1:
        found = ", ".join(f"{name} of {vpc}" for name, vpc in vpcs.items())
        yield Problem(f"{entry.key}.security_groups", "These groups are of several VPCs.", found, "groups of one VPC")


KIND = Kind(
    name="launch_template",
    doc="What the machines of an Auto Scaling group are like. Every change makes a new version, which machines that "
    "start from then on get; those that run stay as they are until a rollout replaces them.",
    fields={
        "image": Field(
            _images.SHAPE,
            _images.DOC + " The template keeps that image, so that all machines are alike, until `image`, the "
            "processor of `size` or `image_as_of` changes.",
            default="debian-13",
        ),
        "image_as_of": Field(
            Text(r"[\w.:-]+", "a date, such as 2026-11-21", most=40),
            "Any new text here, such as today's date, takes the newest image of this name.",
        ),
        "size": Field(_machine.SIZE, "How big the machines are.", required=True),
        "security_groups": Field(ListOf(Ref("security_group"), least=1), "Who may speak to them.", required=True),
        "role": Field(_machine.PROFILE, "What they may do in AWS."),
        "key_pair": Field(_machine.KEY, "Who may enter them over SSH at first."),
        "user_data": Field(_machine.USER_DATA, _machine.USER_DATA_DOC),
        "root_volume": Field(_machine.ROOT, _machine.ROOT_DOC, default={}),
        "public_ip": Field(Flag(), "Whether they get public addresses. Left out, as their subnet has it."),
        "monitoring": Field(Flag(), _machine.MONITORING_DOC, default=False),
        "imdsv2_only": Field(Flag(), _machine.IMDSV2_DOC, default=True),
        "metadata_hops": Field(_machine.HOPS, _machine.HOPS_DOC, default=2),
        "machine_tags": Field(
            MapOf(Text(least=0, most=256), key=r"(?!aws:|stairway:(app|name)$).{1,128}", most=30),
            "Further tags of the machines and their disks, by which an inventory can find them.",
            default={},
        ),
    },
    describe=describe,
    create=create,
    delete=delete,
    retag=_ec2.retag,
    changes=(Change(_VERSIONED, _new_version),),
    outputs={"version": "The version that new machines get."},
    aws_name=namer(128),
    check=check,
    seconds=3,
)

"""What every EC2 machine has, whether it is made by itself or from a launch template: shapes, words, checks. Pure."""

from __future__ import annotations

import contextlib
import gzip
import zlib
from collections.abc import Iterator, Mapping
from typing import Any

from .._resource.kind import HOURS, Entry, Usage
from .._resource.problems import Problem
from .._resource.types import Flag, Number, Part, Record, Ref, Text
from . import _images, _sizes

SIZE = Text(r"[a-z0-9-]+\.[a-z0-9-]+", "a size such as t3.small")
PROFILE = Ref("role", "instance_profile")
KEY = Ref("key_pair", "name")
HOPS = Number(1, 64)
# EC2 takes 16 KB before base64 and calls anything more malformed. cloud-init reads what is compressed, too:
# https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-add-user-data.html
USER_DATA_BYTES = 16384
USER_DATA = Text(
    says="a script or cloud-config, at most 16 KB when compressed; never a secret", most=8 * USER_DATA_BYTES
)
USER_DATA_DOC = "What cloud-init does at the first boot. Everybody who may describe the machine can read it."
IMDSV2_DOC = "Whether the machine's metadata wants a session token (IMDSv2), which keeps a cheated app from its role."
HOPS_DOC = "How many hops away the metadata answers; a container is one hop further than the machine."
MONITORING_DOC = "Whether CloudWatch gets figures each minute, for a price, rather than every five minutes."

_GZIP = b"\x1f\x8b"
_SIZE_GB = Number(1, 65536, "GB")
_IOPS = Part(Number(3000, 80000), "Operations a second; 3000 are free.", default=3000)
_THROUGHPUT = Part(Number(125, 2000, "MiB/s"), "Throughput; 125 are free.", default=125)
_ENCRYPTED = Part(Flag(), "Whether it is encrypted, with the account's own EBS key.", default=True)

ROOT_GB = 20
ROOT = Record(
    {
        "size_gb": Part(_SIZE_GB, "Its size. It can grow, never shrink.", default=ROOT_GB),
        "iops": _IOPS,
        "throughput": _THROUGHPUT,
        "encrypted": _ENCRYPTED,
    }
)
ROOT_DOC = f"The disk that it boots from, always gp3. Left out, an encrypted one of {ROOT_GB} GB."
VOLUME = Record(
    {
        "size_gb": Part(_SIZE_GB, "Its size. It can grow, never shrink.", required=True),
        "iops": _IOPS,
        "throughput": _THROUGHPUT,
        "encrypted": _ENCRYPTED,
        "dies_with_machine": Part(Flag(), "Whether it goes when the machine goes.", default=False),
    }
)
DEVICE = r"/dev/(sd[f-p]|xvd[f-p])"  # what EC2 recommends for data volumes of Linux


def user_data(script: str) -> bytes:
    """What EC2 is given for a script: as it is while it is short, so that people can read it, then compressed."""
    plain = script.encode()
    return plain if len(plain) <= USER_DATA_BYTES else gzip.compress(plain, 9, mtime=0)


def script(data: bytes) -> str:
    """The way back."""
    with contextlib.suppress(OSError, EOFError, zlib.error):
        data = gzip.decompress(data) if data.startswith(_GZIP) else data
    return data.decode(errors="replace")


def check(entry: Entry) -> Iterator[Problem]:
    """Sizes and images that do not exist, disks that gp3 cannot be, scripts that are too long."""
    given = entry.attrs.get("user_data")
    size = len(user_data(given)) if isinstance(given, str) else 0
    if size > USER_DATA_BYTES:
        yield Problem(
            f"{entry.key}.user_data", "This is too long.", f"{size} bytes, compressed", f"at most {USER_DATA_BYTES}"
        )
    yield from _sizes.check(entry.attrs["size"], f"{entry.key}.size")
    yield from _images.check(entry.attrs["image"], f"{entry.key}.image")
    if entry.attrs["root_volume"] is not None:
        yield from check_disk(entry.attrs["root_volume"], f"{entry.key}.root_volume")


def check_disk(disk: Mapping[str, Any], where: str) -> Iterator[Problem]:
    """gp3: at most 500 operations a second for each GB, 0.25 MiB/s for each operation (EBS user guide)."""
    size, iops = disk.get("size_gb") or ROOT_GB, disk.get("iops") or 3000
    throughput = disk.get("throughput") or 125
    if iops > max(3000, 500 * size):
        yield Problem(
            f"{where}.iops", "Too many for its size.", str(iops), f"at most {max(3000, 500 * size)} on {size} GB"
        )
    if throughput > 0.25 * iops:
        yield Problem(
            f"{where}.throughput",
            "Too much for its operations.",
            str(throughput),
            f"at most {iops // 4} with {iops} iops",
        )


def ebs(disk: Mapping[str, Any]) -> dict[str, Any]:
    """``Ebs`` of a block device mapping."""
    whole = ROOT.canonical(disk)
    return {
        "VolumeType": "gp3",
        "VolumeSize": int(whole["size_gb"]),
        "Iops": int(whole["iops"]),
        "Throughput": int(whole["throughput"]),
        "Encrypted": whole["encrypted"],
    }


def metadata(attrs: Mapping[str, Any]) -> dict[str, Any]:
    """``MetadataOptions``."""
    return {
        "HttpEndpoint": "enabled",
        "HttpTokens": "optional" if attrs.get("imdsv2_only") is False else "required",
        "HttpPutResponseHopLimit": attrs.get("metadata_hops") or 2,
    }


def disk_price(disk: Mapping[str, Any], machines: float = 1) -> Iterator[Usage]:
    whole = ROOT.canonical(disk)
    yield Usage("ebs/gp3", whole["size_gb"] * machines)
    if whole["iops"] > 3000:
        yield Usage("ebs/gp3/iops", (whole["iops"] - 3000) * machines)
    if whole["throughput"] > 125:
        yield Usage("ebs/gp3/throughput", (whole["throughput"] - 125) * machines)


def price(attrs: Mapping[str, Any], machines: float = 1) -> Iterator[Usage]:
    """What ``machines`` of one sort use in a month of running."""
    yield Usage(f"ec2/instance/{attrs['size']}", HOURS * machines)
    yield from disk_price(attrs.get("root_volume") or {}, machines)
    for disk in (attrs.get("volumes") or {}).values():
        yield from disk_price(disk, machines)
    if attrs.get("monitoring"):
        yield Usage("cloudwatch/metric", 7 * machines)
    if attrs.get("public_ip"):
        yield Usage("ec2/public_ipv4", HOURS * machines)

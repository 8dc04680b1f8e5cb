"""Checks of single values of ``app.cloud``: regions, networks, sizes, times. Each answers None, or a ``Problem``."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable

from .._common.suggest import listing, nearest
from .shapes import Problem

METRICS = (
    "requests",
    "unhealthy_targets",
    "latency_seconds",
    "error_percent",
    "cpu",
    "memory",
    "disk",
    "instance_down",
    "database_cpu",
    "database_storage_gb",
    "database_connections",
    "database_failover",
    "cache_memory",
    "cache_evictions",
    "cache_cpu",
    "network",
    "disk_io",
)
# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
KEEP_DAYS = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653)
IMAGES = ("debian-13", "debian-12", "ubuntu-24.04", "ubuntu-22.04")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def region(value: str) -> Problem | None:
    if re.fullmatch(r"[a-z]{2}(?:-[a-z]+)+-[0-9]", value):
        return None
    close = re.fullmatch(r"([a-z]{2}(?:-[a-z]+)+-[0-9])[a-z]", value)
    return Problem("This is no region.", "a region such as ap-northeast-2", close[1] if close else None)


def zone(value: str) -> Problem | None:
    if re.fullmatch(r"[a-z]{2}(?:-[a-z]+)+-[0-9][a-z]", value):
        return None
    close = f"{value}a" if region(value) is None else None
    return Problem("This is no zone.", "a zone such as ap-northeast-2a", close)


def _network(value: str, expected: str, low: int, high: int) -> Problem | None:
    try:
        network = ipaddress.ip_network(value, strict=False)
    except ValueError:
        return Problem("This is no network.", expected)
    if str(network) != value:
        return Problem("This is not written as a network.", expected, str(network))
    if network.version != 4 or not low <= network.prefixlen <= high:
        return Problem("This network has the wrong size.", expected)
    return None


def vpc_cidr(value: str) -> Problem | None:
    return _network(value, "a network such as 10.0.0.0/16, /16 to /28", 16, 28)


def subnet(value: str) -> Problem | None:
    """A network of a new subnet, or the id of one that is there."""
    if value.startswith("subnet-"):
        return None
    return _network(value, "a network such as 10.0.1.0/24, /16 to /28, or the id of a subnet", 16, 28)


def source(value: str) -> Problem | None:
    """Where people may come from: addresses, but not the whole world."""
    problem = _network(value, "an address or network such as 203.0.113.7/32", 0, 32)
    if problem is None and value == "0.0.0.0/0":
        return Problem("This is the whole world.", "an address or network such as 203.0.113.7/32")
    return problem


def aws_id(prefix: str) -> Callable[[str], Problem | None]:
    """The id of something that is there already."""

    def check(value: str) -> Problem | None:
        if re.fullmatch(rf"{prefix}-[0-9a-f]{{8,17}}", value):
            return None
        return Problem("This is no id of AWS.", f"an id such as {prefix}-0123456789abcdef0")

    return check


def zone_id(value: str) -> Problem | None:
    if re.fullmatch(r"Z[A-Z0-9]{1,31}", value):
        return None
    better = value.rsplit("/", 1)[-1]
    return Problem("This is no id of a zone.", "an id such as Z0123456789ABCDEFGHIJ", better if "/" in value else None)


def certificate(value: str) -> Problem | None:
    if re.fullmatch(r"arn:aws[\w-]*:acm:[a-z0-9-]+:\d{12}:certificate/[\w-]+", value):
        return None
    return Problem("This is no certificate of AWS.", "an ARN that starts with arn:aws:acm:")


def instance_size(value: str) -> Problem | None:
    for prefix in ("db.", "cache."):
        if value.startswith(prefix):
            return Problem(
                "This is the size of a store.", "a size of instances such as t3.small", value.removeprefix(prefix)
            )
    if re.fullmatch(r"[a-z][a-z0-9-]*\.(?:nano|micro|small|medium|large|\d*xlarge|metal(?:-\d+xl)?)", value):
        return None
    return Problem("This is no size of instances.", "a size such as t3.small")


def store_size(value: str) -> Problem | None:
    if re.fullmatch(r"(?:db|cache)\.[a-z][a-z0-9-]*\.(?:micro|small|medium|large|\d*xlarge)", value):
        return None
    better = f"db.{value}" if instance_size(value) is None else None
    return Problem("This is no size of a managed store.", "a size such as db.t4g.medium or cache.t4g.small", better)


def machine_image(value: str) -> Problem | None:
    if value in IMAGES or re.fullmatch(r"ami-[0-9a-f]{8,17}", value):
        return None
    if value.startswith(("amazon", "al2")):
        return Problem("Stairway's roles do not know Amazon Linux.", f"{listing(IMAGES)}, or an AMI's id", "debian-13")
    return Problem("This image is not known here.", f"{listing(IMAGES)}, or an AMI's id", nearest(value, IMAGES))


def keep_days(value: int) -> Problem | None:
    if value in KEEP_DAYS:
        return None
    better = next((days for days in KEEP_DAYS if days > value), KEEP_DAYS[-1])
    return Problem("Logs cannot be kept for so many days.", f"one of {listing(map(str, KEEP_DAYS))}", str(better))


def one_number_of(*numbers: int) -> Callable[[int], Problem | None]:
    """One of a few numbers."""

    def check(value: int) -> Problem | None:
        if value in numbers:
            return None
        better = min(numbers, key=lambda number: abs(number - value))
        return Problem("This number is not allowed here.", listing(map(str, numbers)), str(better))

    return check


def cron(value: str) -> Problem | None:
    """The five fields of cron, as Auto Scaling reads them."""
    expected = 'five fields of cron in quotes, such as "0 9 * * MON-FRI"'
    fields = value.split()
    if len(fields) != 5:
        return Problem("This is no schedule of cron.", expected, _from_time(value))
    limits = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
    for field, (low, high) in zip(fields, limits, strict=True):
        if not re.fullmatch(r"[0-9A-Za-z*,/-]+", field):
            return Problem("This is no schedule of cron.", expected)
        if any(not low <= int(digits) <= high for digits in re.findall(r"(?<!/)\b\d+", field)):
            return Problem("A field of this schedule is out of bounds.", f"{expected}; {field} is none")
    return None


def _from_time(value: str) -> str | None:
    time = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", value)
    return f'"{int(time[2])} {int(time[1])} * * *"' if time else None


def time_zone(value: str) -> Problem | None:
    if value == "UTC" or re.fullmatch(r"[A-Z][A-Za-z]+(?:/[A-Z][A-Za-z_+-]+)+", value):
        return None
    return Problem(
        "This is no time zone.", "a name such as Asia/Seoul, or UTC", "Asia/Seoul" if value == "KST" else None
    )


def daily_window(value: str) -> Problem | None:
    match = re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d", value)
    if match is None:
        return Problem("This is no window.", '"HH:MM-HH:MM" in UTC, such as "03:00-04:00"')
    start, end = (_minutes(part) for part in value.split("-"))
    if (end - start) % 1440 < 30:
        return Problem("This window is too short.", "at least 30 minutes")
    return None


def _minutes(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


def weekly_window(value: str) -> Problem | None:
    expected = '"sun:04:00-sun:05:00" in UTC'
    day, time = "(" + "|".join(DAYS) + ")", r"([01]\d|2[0-3]):[0-5]\d"
    if re.fullmatch(f"{day}:{time}-{day}:{time}", value) is None:
        close = re.fullmatch(r"([A-Za-z]{3})[: ](\S+)-(\d\d:\d\d)", value)
        found = close[1].lower() if close else ""
        better = f'"{found}:{close[2]}-{found}:{close[3]}"' if close and found in DAYS else None
        return Problem("This is no window of a week.", expected, better)
    start, end = (DAYS.index(part[:3]) * 1440 + _minutes(part[4:]) for part in value.split("-"))
    if (end - start) % 10080 < 60:
        return Problem("This window is too short.", "at least an hour")
    return None


def phone(value: str) -> Problem | None:
    """A number in the form of E.164."""
    if re.fullmatch(r"\+[1-9]\d{6,14}", value):
        return None
    better = re.sub(r"[\s().-]", "", value)
    if re.fullmatch(r"0\d{8,10}", better):
        return Problem("This number has no country.", "a number such as +821012345678")
    return Problem(
        "This is no telephone number.", "a number such as +821012345678", better if better.startswith("+") else None
    )


def bucket_name(value: str) -> Problem | None:
    """A name in S3; ``{account}`` and ``{region}`` are put in. All the world's buckets share one set of names."""
    plain = value.replace("{account}", "123456789012").replace("{region}", "us-east-1")
    if re.fullmatch(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]", plain):
        return None
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
    better = re.sub(r"[^a-z0-9{}-]+", "-", value.lower()).strip("-")
    return Problem("S3 allows no bucket of this name.", "3 to 63 small letters, digits and hyphens", better)


def prefix(value: str) -> Problem | None:
    """The start of the names of files: ``logs/``; "" is every file."""
    if value.startswith("/"):
        return Problem("Names in a bucket start without a slash.", "a prefix such as logs/", value.lstrip("/"))
    return None if "*" not in value else Problem("A prefix has no star.", "a prefix such as logs/", value.split("*")[0])


def repository(value: str) -> Problem | None:
    if 2 <= len(value) <= 256 and re.fullmatch(r"[a-z0-9]+(?:[._/-][a-z0-9]+)*", value):
        return None
    return Problem("This is no name of a repository.", "small letters, digits, and . _ / - between", value.lower())


def secret_path(value: str) -> Problem | None:
    if re.fullmatch(r"[\w/.@+=-]{1,512}", value) and not re.search(r"-\w{6}$", value):
        return None
    return Problem(
        "This is no name of a secret.", "letters, digits and /_+=.@-, not with a hyphen and six characters at its end"
    )


def parameter_path(value: str) -> Problem | None:
    if re.fullmatch(r"(?:/[\w.-]+){1,15}", value) and not re.match(r"/(?:aws|ssm)", value, re.IGNORECASE):
        return None
    better = f"/{value}" if re.fullmatch(r"[\w.-]+(?:/[\w.-]+)*", value) else None
    return Problem("This is no name of a parameter.", "a path such as /chat/db-host", better)


def log_group(value: str) -> Problem | None:
    if re.fullmatch(r"[\w/.#-]{1,512}", value):
        return None
    return Problem("This is no name of a log group.", "letters, digits and _ / . # -")


def tag_key(value: str) -> Problem | None:
    if value.lower().startswith(("aws:", "stairway:")):
        return Problem("This tag is reserved.", "a tag that starts with neither aws: nor stairway:")
    return None if re.fullmatch(r"[\w .:/=+@-]{1,128}", value) else Problem("This is no tag.", "up to 128 characters")

"""Checks of single values. Each takes a value of the right type and returns None, or a ``Problem`` in plain words."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from .._common.suggest import listing, nearest
from .shapes import Check, Problem

_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
_SIZES = {"k": 1024, "m": 1024**2, "g": 1024**3}
RESERVED_ENV = ("PATH", "HOME", "HOSTNAME", "PWD", "SHLVL")


def size_bytes(text: str) -> int:
    """``512m`` in bytes."""
    return int(text[:-1]) * _SIZES[text[-1]]


def within(low: float, high: float, unit: str = "") -> Check:
    """A number between two bounds, both included."""

    def check(value: float) -> Problem | None:
        if low <= value <= high:
            return None
        nearer = low if value < low else high
        return Problem("This number is out of bounds.", f"a number from {low} to {high}{unit}", str(nearer))

    return check


def one_of(*words: str) -> Check:
    """One of a few words."""

    def check(value: str) -> Problem | None:
        if value in words:
            return None
        return Problem("This word is not known here.", listing(words), nearest(value, words))

    return check


def name(longest: int, what: str) -> Check:
    """A name that containers, folders and DNS accept."""

    def check(value: str) -> Problem | None:
        if len(value) > longest:
            return Problem(
                f"The name of the {what} is too long.", f"at most {longest} characters", value[:longest].rstrip("-")
            )
        if re.fullmatch(r"[a-z][a-z0-9-]*[a-z0-9]", value):
            return None
        better = re.sub(r"[^a-z0-9]+", "-", value.lower()).strip("-0123456789")
        expected = "small letters, digits and hyphens, a letter first, at least two characters"
        return Problem(f"This is no name for the {what}.", expected, better if len(better) > 1 else None)

    return check


def identifier(value: str) -> Problem | None:
    """A name of a database or of its user that needs no quoting in any engine."""
    if re.fullmatch(r"[a-z_][a-z0-9_]{0,31}", value):
        return None
    better = re.sub(r"[^a-z0-9_]+", "_", value.lower()).strip("_")[:32]
    expected = "small letters, digits and underscores, a letter first, at most 32 characters"
    return Problem("This is no name for a database or its user.", expected, better or None)


def domain(value: str) -> Problem | None:
    """A host name that a certificate can be had for over HTTP-01."""
    message, expected = "This is no domain name.", "a full name such as chat.example.com"
    if "://" in value or "/" in value:
        return Problem(
            message,
            f"{expected}, without scheme and path",
            urlsplit(value if "://" in value else f"//{value}").hostname,
        )
    if value.startswith("*."):
        return Problem("A wildcard cannot be proved over HTTP.", f"{expected}; list each name", value[2:])
    if _is_address(value):
        return Problem("This is an IP address.", f"{expected}; certificates are for names")
    if value.endswith("."):
        return Problem(message, f"{expected}, without a dot at its end", value.rstrip("."))
    if not value.isascii():
        return Problem(
            "This name has letters that DNS does not carry.", "the name in its ASCII form (xn--...)", _ascii(value)
        )
    if value != value.lower():
        return Problem(message, f"{expected}, in small letters", value.lower())
    if ":" in value:
        return Problem(message, f"{expected}, without a port", value.split(":")[0])
    if "." not in value:
        return Problem("This name has no dot.", expected, f"{value}.example.com" if _LABEL.fullmatch(value) else None)
    if len(value) > 253 or not all(_LABEL.fullmatch(label) for label in value.split(".")):
        return Problem(
            message,
            f"{expected}: labels of letters, digits and hyphens",
            value.replace("_", "-") if "_" in value else None,
        )
    return None


def _is_address(value: str) -> bool:
    try:
        ipaddress.ip_address(value.strip("[]"))
    except ValueError:
        return False
    return True


def _ascii(value: str) -> str | None:
    try:
        return value.lower().encode("idna").decode("ascii")
    except UnicodeError:
        return None


def image(value: str) -> Problem | None:
    """An image without tag and digest: a release's version is the tag."""
    message = "The version of a release is the tag, so the image has none."
    if "@" in value:
        return Problem(
            message, "an image without a digest", value.split("@")[0].rsplit(":", 1)[0] if ":" in value else None
        )
    path = value.rsplit("/", 1)[-1]
    if ":" in path:
        return Problem(message, "an image without a tag", value[: value.rindex(":")])
    host = r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]{1,5})?/)?"
    part = r"[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*"
    if re.fullmatch(rf"{host}{part}(?:/{part})*", value):
        return None
    better = re.sub(r"^[a-z]+://", "", value.strip().lower()).replace(" ", "-").rstrip("/")
    return Problem(
        "This is no name of an image.", "a name such as ghcr.io/acme/chat-api", better if better != value else None
    )


def size(value: str) -> Problem | None:
    """A number with k, m or g."""
    if re.fullmatch(r"[1-9][0-9]*[kmg]", value):
        return None
    close = re.fullmatch(r"\s*([1-9][0-9]*)\s*([kmg])(?:i?b|ytes)?\s*", value.lower())
    better = "".join(close.groups()) if close else f"{value}m" if re.fullmatch(r"[1-9][0-9]*", value) else None
    return Problem("This is no size.", "a whole number with k, m or g, such as 512m", better)


def time_of_day(value: str) -> Problem | None:
    """HH:MM."""
    if re.fullmatch(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]", value):
        return None
    close = re.fullmatch(r"([0-9]{1,2}):([0-5][0-9])(?::[0-5][0-9])?", value)
    better = f'"{int(close[1]):02d}:{close[2]}"' if close and int(close[1]) < 24 else None
    if len(value.split()) == 5:
        minute, hour = value.split()[:2]
        better = f'"{int(hour):02d}:{int(minute):02d}"' if minute.isdigit() and hour.isdigit() else None
    return Problem("This is no time of day.", '"HH:MM" in UTC, from "00:00" to "23:59"', better)


def url_path(value: str) -> Problem | None:
    """A path as it stands in a URL, without a query."""
    if not value.startswith("/"):
        return Problem(
            "A path starts with a slash.",
            "a path such as /api",
            f"/{value}" if re.fullmatch(r"[\w./-]+", value) else None,
        )
    if re.fullmatch(r"/[A-Za-z0-9._~%!$&'()+,;=:@/-]*", value) and "//" not in value and "/../" not in f"{value}/":
        return None
    better = re.sub(r"/+", "/", re.split(r"[?#*]", value)[0]) or "/"
    return Problem(
        "This is no path of a URL.",
        "a path such as /api, without * ? # and spaces",
        better if " " not in better else None,
    )


def routed_path(value: str) -> Problem | None:
    """A path that a service may own."""
    if value.startswith("/.well-known/acme-challenge"):
        return Problem("This path belongs to the certificate authority.", "another path")
    return url_path(value)


def folder_path(value: str) -> Problem | None:
    """A URL path that ends with a slash."""
    problem = url_path(value)
    if problem is None and (not value.endswith("/") or value == "/"):
        return Problem(
            "Static files live under a folder.",
            "a path with a slash at both ends, such as /static/",
            f"{value}/" if value != "/" else "/static/",
        )
    return problem


def absolute_path(value: str) -> Problem | None:
    """A path of a file system."""
    if re.fullmatch(r"/[^\0\n:,]+", value) and "/../" not in f"{value}/":
        return None
    better = f"/{value}" if re.fullmatch(r"[\w-][\w./-]*", value) else None
    return Problem("This path is not absolute.", "a path from the root of the file system, such as /app/files", better)


def email(value: str) -> Problem | None:
    if re.fullmatch(r"[^@\s,;<>]+@[^@\s,;<>]+\.[A-Za-z]{2,}", value):
        return None
    return Problem("This is no e-mail address.", "an address such as ops@example.com")


def https_url(value: str) -> Problem | None:
    parts = urlsplit(value)
    if parts.scheme == "https" and parts.hostname:
        return None
    better = (
        f"https://{value.split('://')[-1]}" if re.fullmatch(r"(http://)?[\w.-]+\.[\w-]+(:\d+)?(/\S*)?", value) else None
    )
    return Problem("This address is not https.", "a URL that starts with https://", better)


def web_url(value: str) -> Problem | None:
    parts = urlsplit(value)
    if parts.scheme in ("http", "https") and parts.hostname:
        return None
    return Problem("This is no address of a webhook.", "a URL that starts with https://")


def backup_target(value: str) -> Problem | None:
    """``s3://bucket/prefix`` or ``file:///folder``."""
    parts = urlsplit(value)
    expected = "s3://bucket/prefix or file:///folder"
    if parts.scheme == "file" and not parts.netloc and len(parts.path) > 1:
        return None
    if parts.scheme != "s3":
        return Problem(
            "This is no place for backups.",
            expected,
            f"s3://{value}" if re.fullmatch(r"[a-z0-9][a-z0-9./-]+", value) else None,
        )
    if re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", parts.netloc):
        return None
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
    return Problem(
        "S3 allows no bucket of this name.",
        f"{expected}; 3 to 63 small letters, digits, dots and hyphens",
        value.lower().replace("_", "-"),
    )


def env_name(value: str) -> Problem | None:
    """A name of a variable as POSIX allows it, that Stairway and the shell do not need."""
    if value in RESERVED_ENV or value.startswith("STAIRWAY_"):
        return Problem(
            "This name is reserved.",
            f"any name but {listing(RESERVED_ENV)}, and none that starts with STAIRWAY_",
            f"APP_{value.removeprefix('STAIRWAY_')}",
        )
    if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", value):
        return None
    better = re.sub(r"[^A-Za-z0-9_]+", "_", value).strip("_")
    return Problem(
        "This is no name for an environment variable.",
        "letters, digits and underscores, no digit first",
        better if better and not better[0].isdigit() else f"_{better}" if better else None,
    )


def env_value(value: object) -> Problem | None:
    """A text that fits on one line of an env file."""
    text = str(value)
    if "\0" in text:
        return Problem("The value holds a NUL byte.", "a text without NUL")
    if "\n" in text or "\r" in text:
        return Problem(
            "The value has more than one line; an env file cannot carry that.",
            "a text on one line",
            "encode it, for example with b64encode",
        )
    return None


def password(value: str) -> Problem | None:
    if not value:
        return Problem("The password is empty.", "a password")
    if re.search(r"[\0\r\n]", value):
        return Problem("The password has a line break or NUL in it.", "a password on one line")
    return None


def no_blank(value: str) -> Problem | None:
    if not value.strip():
        return Problem("This text is empty.", "a text")
    return Problem("The text holds a NUL byte.", "a text without NUL") if "\0" in value else None


def command(value: str) -> Problem | None:
    return Problem("The text holds a NUL byte.", "a text without NUL") if "\0" in value else None


def user(value: str) -> Problem | None:
    if re.fullmatch(r"[a-z0-9_][a-z0-9_-]*(?::[a-z0-9_][a-z0-9_-]*)?", value):
        return None
    return Problem("This is no user.", 'a name, a number, or both with a group: "1000:1000"')


def version(value: str) -> Problem | None:
    if re.fullmatch(r"[0-9]+(?:\.[0-9]+){0,2}", value):
        return None
    close = re.match(r"v?([0-9]+(?:\.[0-9]+){0,2})", value)
    return Problem(
        "This is no version.", 'a number in quotes, such as "16" or "8.4"', f'"{close[1]}"' if close else None
    )


def store_url(value: str) -> Problem | None:
    parts = urlsplit(value)
    if parts.scheme and parts.hostname:
        return None
    return Problem(
        "This is no address of a store.", "a URL such as mongodb+srv://user:password@cluster.example.net/chat"
    )


def words(values: Iterable[str]) -> str:
    return listing(sorted(values))

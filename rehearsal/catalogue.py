"""Which images the rehearsal needs, what each is built from, and whether one that exists is still right."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

INPUTS = "stairway.inputs"  # label: the hash of everything an image was built from


@dataclass(frozen=True)
class Image:
    """``tag`` is built from the folder ``images/<folder>`` on the base system of ``suite``.

    ``official`` images carry the name of one at Docker Hub and are pulled from there where that is possible.
    """

    tag: str
    folder: str
    suite: str
    official: bool = True
    arguments: tuple[tuple[str, str], ...] = ()
    program: str | None = None  # a Go program that is built first and put into the context


# What the roles install, so that a fresh host needs hardly any network.
_DOWNLOAD = (
    "acl apparmor caddy certbot cron docker.io docker-compose fail2ban git iptables jq libcap2-bin nftables "
    "nginx openssl pigz python3-certbot-dns-rfc2136 python3-certbot-nginx python3-debian python3-requests rsync socat "
    "sudo systemd-timesyncd tzdata unattended-upgrades xz-utils zstd"
)

HOST_DEBIAN13 = Image("stairway/host:debian13", "host", "trixie", False, (("DOWNLOAD", f"{_DOWNLOAD} docker-cli"),))
HOST_DEBIAN12 = Image("stairway/host:debian12", "host", "bookworm", False, (("DOWNLOAD", _DOWNLOAD),))
_UBUNTU = (("DOWNLOAD", "certbot docker-compose-v2 docker.io nftables nginx python3-debian unattended-upgrades"),)
HOST_UBUNTU2404 = Image("stairway/host:ubuntu2404", "host", "noble", False, _UBUNTU)
HOST_UBUNTU2204 = Image("stairway/host:ubuntu2204", "host", "jammy", False, _UBUNTU)
PARTS = Image("stairway/parts:latest", "parts", "trixie", False)
INFRASTRUCTURE = (HOST_DEBIAN13, HOST_DEBIAN12, PARTS)

OFFICIAL = (
    Image("node:20", "node", "trixie"),
    Image("python:3", "python", "trixie"),
    Image("eclipse-temurin:25", "jdk", "trixie"),
    Image("debian:trixie-slim", "debian", "trixie"),
    Image("nginx:1", "nginx", "trixie"),
    Image("postgres:15", "postgres", "bookworm", arguments=(("MAJOR", "15"),)),
    Image("postgres:17", "postgres", "trixie", arguments=(("MAJOR", "17"),)),
    Image("mariadb:11", "mariadb", "trixie"),
    Image("mysql:8.0", "mysql", "trixie"),
    Image("redis:7-alpine", "redis", "bookworm"),
    Image("mongo:7", "mongo", "trixie", program="ferretdb"),
)
ALL = (*INFRASTRUCTURE, *OFFICIAL)
# What each base system is pulled as. Ubuntu's are for machines with a registry: there is nothing to build them from.
SUITES = {
    "trixie": "debian:trixie-slim",
    "bookworm": "debian:bookworm-slim",
    "noble": "ubuntu:24.04",
    "jammy": "ubuntu:22.04",
}
BUILDABLE = ("trixie", "bookworm")


def base_tag(suite: str) -> str:
    return f"stairway/base:{suite}"


def host_image(distribution: str) -> Image:
    """:raises KeyError: when the rehearsal has no such distribution."""
    return {
        "debian13": HOST_DEBIAN13,
        "debian12": HOST_DEBIAN12,
        "ubuntu2404": HOST_UBUNTU2404,
        "ubuntu2204": HOST_UBUNTU2204,
    }[distribution]


def find(tag: str) -> Image | None:
    return next((image for image in ALL if image.tag == tag), None)


def fingerprint(texts: Iterable[str], folders: Iterable[Path] = ()) -> str:
    """A hash of texts and of whole folders: names, modes and contents."""
    whole = hashlib.sha256()
    for text in texts:
        whole.update(text.encode() + b"\0")
    for folder in folders:
        for path in sorted(path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts):
            whole.update(f"{path.relative_to(folder)}\0{path.stat().st_mode & 0o111:o}\0".encode())
            whole.update(hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()[:20]


def inputs_of(image: Image, base: str, images: Path) -> str:
    """What the label of an up-to-date ``image`` says; ``base`` is the same of the base it stands on."""
    return fingerprint([image.tag, base, repr(image.arguments)], [images / image.folder])

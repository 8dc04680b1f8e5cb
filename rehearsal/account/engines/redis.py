"""Redis as ElastiCache sets it up. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

CONFIG = "/redis"
ADMIN = "stairway"  # who AWS itself is in a cache
IMAGE = "redis:7-alpine"
# https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/SupportedCommands.html, «restricted commands»
_NOT_FOR_CLIENTS = (
    *("config", "debug", "migrate", "replicaof", "slaveof", "save", "bgsave", "bgrewriteaof", "shutdown", "sync"),
    *("psync", "module", "acl|setuser", "acl|deluser", "acl|load", "acl|save"),
)
_ONLY_AT_START = {"databases", "rename-command"}
_MIB = {"micro": 384, "small": 1402, "medium": 3164, "large": 6533, "xlarge": 13000}


@dataclass(frozen=True)
class Wanted:
    """What decides how a node is set up; ``primary`` is empty for a primary, else its address."""

    port: int
    tls: bool
    passwords: tuple[str, ...] = field(repr=False)
    admin: str = field(repr=False)
    size: str
    primary: str
    parameters: Mapping[str, str]


def config(wanted: Wanted) -> str:
    return "\n".join(_lines(wanted)) + "\n"


def client(wanted: Wanted, container: str) -> list[str]:
    """Takes commands on its standard input."""
    tls = ["--tls", "--cacert", f"{CONFIG}/ca.crt", "--insecure"] if wanted.tls else []
    program = ["redis-cli", "--no-auth-warning", "--user", ADMIN, "-p", str(wanted.port), *tls]
    return ["docker", "exec", "-i", f"--env=REDISCLI_AUTH={wanted.admin}", container, *program]


def commands(wanted: Wanted) -> list[str]:
    """What brings a running node to this; those that it does not know fail and do no harm."""
    return [
        f"ACL SETUSER default reset {' '.join(_rights(wanted))}",
        f"CONFIG SET maxmemory {memory_of(wanted.size)}",
        f"REPLICAOF {wanted.primary} {wanted.port}" if wanted.primary else "REPLICAOF NO ONE",
        *(f"CONFIG SET {name} {_quoted(value)}" for name, value in _settable(wanted.parameters)),
    ]


def memory_of(size: str) -> int:
    """Bytes; https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ParameterGroups.Engine.html, «maxmemory»."""
    return _MIB.get(size.rpartition(".")[2], 6533) << 20


def _lines(wanted: Wanted) -> Iterator[str]:
    yield "bind * -::*"
    yield "protected-mode no"
    yield f"port {0 if wanted.tls else wanted.port}"
    if wanted.tls:
        yield f"tls-port {wanted.port}"
        yield f"tls-cert-file {CONFIG}/server.crt"
        yield f"tls-key-file {CONFIG}/server.key"
        yield f"tls-ca-cert-file {CONFIG}/ca.crt"
        yield "tls-auth-clients no"
        yield "tls-replication yes"
    yield 'save ""'
    yield "repl-diskless-sync-delay 0"
    yield f"maxmemory {memory_of(wanted.size)}"
    yield "maxmemory-policy volatile-lru"
    yield f"user {ADMIN} on >{wanted.admin} ~* &* +@all"
    yield f"user default {' '.join(_rights(wanted))}"
    yield f"masteruser {ADMIN}"
    yield f"masterauth {wanted.admin}"
    if wanted.primary:
        yield f"replicaof {wanted.primary} {wanted.port}"
    for name, value in wanted.parameters.items():
        if name in _ONLY_AT_START:
            yield f"{name} {value}"


def _rights(wanted: Wanted) -> list[str]:
    words = [f">{one}" for one in wanted.passwords] or ["nopass"]
    return ["on", *map(_quoted, words), "~*", "&*", "+@all", *(f"-{one}" for one in _NOT_FOR_CLIENTS)]


def _settable(parameters: Mapping[str, str]) -> Iterable[tuple[str, str]]:
    return [(name, value) for name, value in sorted(parameters.items()) if name not in _ONLY_AT_START]


def _quoted(value: str) -> str:
    if value.replace("_", "").replace("-", "").isalnum() or value == "nopass":
        return value
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'

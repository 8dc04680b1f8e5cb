"""Real Redis servers in containers: one as stage 1 starts it, one as ElastiCache runs it (TLS, without CONFIG)."""

from __future__ import annotations

import contextlib
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._moves.model import Side
from ansible_collections.stairway.cloud.plugins.module_utils._moves.redis.wire import Connection
from ansible_collections.stairway.cloud.plugins.module_utils._stages.stores import redis_configuration
from ansible_collections.stairway.cloud.plugins.module_utils._stores.model import Login, Server
from tests.support.databases import certificates, docker
from tests.support.maria import NETWORK, network
from tests.support.moving import App

PASSWORD, IMAGE = "mrk3r-redis:\\pass'word", "redis:7-alpine"
# https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/RestrictedCommands.html; its parameter group tells of changes
_LIKE_ELASTICACHE = """
user default on ~* &* +@all -config -debug -replicaof -slaveof -psync -sync -save -bgsave -bgrewriteaof -shutdown
 -migrate -failover -module -acl|setuser -acl|deluser -acl|load -acl|save >{password}
"""
# who runs the server; nobody else has this login
_OPERATOR = "operator"


@dataclass
class RedisServer:
    """A server; ``managed`` has TLS, and refuses what ElastiCache refuses."""

    name: str
    address: str
    managed: bool
    folder: Path
    tells: bool = True

    def start(self) -> RedisServer:
        self.remove()
        network()
        self.folder.mkdir(parents=True, exist_ok=True)
        text = redis_configuration({"engine": "redis", "user": None}, PASSWORD, 512 * 1024**2)
        mounts = ["--volume", f"{self.folder}/redis.conf:/given.conf:ro"]
        if self.managed:
            certificates(self.folder, self.address)
            mounts += ["--volume", f"{self.folder}/server:/certificates:ro"]
            kept = [line for line in text.splitlines() if not line.startswith(("requirepass", "appendonly", "save"))]
            text = "\n".join([*kept, "port 0", "tls-port 6379", "tls-auth-clients no", 'save ""'])
            text += "\ntls-cert-file /certificates/server.pem\ntls-key-file /certificates/server.key"
            text += "\ntls-ca-cert-file /certificates/server.pem"
            text += "\nnotify-keyspace-events KEA" if self.tells else ""
            password = "".join(f"\\x{byte:02x}" for byte in (">" + PASSWORD).encode())
            rules = " ".join(_LIKE_ELASTICACHE.replace(">{password}", "").split())
            text += f'\n{rules} "{password}"\nuser {_OPERATOR} on ~* &* +@all "{password}"\n'
        (self.folder / "redis.conf").write_text(text)
        docker(
            *("run", "--detach", "--name", self.name, "--network", NETWORK, "--ip", self.address),
            *("--cpu-shares", "64", *mounts, "--entrypoint", "sh", IMAGE, "-c", "redis-server - < /given.conf"),
        )
        self.wait()
        return self

    def wait(self, seconds: float = 60) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            with contextlib.suppress(StairwayError):
                self.connect().close()
                return
            time.sleep(0.2)
        raise AssertionError(f"{self.name} does not answer: {docker('logs', self.name)[-2000:]}")

    @property
    def server(self) -> Server:
        ca = str(self.folder / "stores.pem")
        return Server("db", "redis", self.address, 6379, self.managed, IMAGE, ca)

    @property
    def app(self) -> Login:
        return Login("", PASSWORD, "")

    admin = app

    def side(self) -> Side:
        return Side("managed" if self.managed else "container", self.server, self.app, self.app)

    def connect(self) -> Connection:
        return Connection(self.server, self.app)

    def empty(self) -> None:
        self.remove()
        self.start()

    def left(self) -> list[str]:
        """What a move could have left here."""
        one = self.connect()
        try:
            clients = bytes(one.call("CLIENT", "LIST", "TYPE", "pubsub")).decode().splitlines()
            if self.managed:
                return clients
            setting = bytes(one.call("CONFIG", "GET", "notify-keyspace-events")[1]).decode()
            return clients + ([f"notifications {setting}"] if setting else [])
        finally:
            one.close()

    def allow(self, memory: str) -> None:
        """How much a managed server may hold from now on, as by its parameters; ``0`` is without an end."""
        operator = Connection(self.server, Login(_OPERATOR, PASSWORD, ""))
        operator.call("CONFIG", "SET", "maxmemory", memory)
        operator.close()

    def kill(self) -> None:
        docker("kill", self.name)

    def again(self) -> None:
        docker("start", self.name)
        self.wait()

    def remove(self) -> None:
        subprocess.run(["docker", "rm", "--force", "--volumes", self.name], capture_output=True, check=False)


class RedisApp(App):
    """Queues, counters, sessions that end."""

    def _one(self, connection: Any, thread: int, number: int) -> None:
        writer = self.first + thread
        connection.pipeline(
            [
                ("RPUSH", f"queue:{writer}", number),
                ("INCR", f"counter:{number % 7}"),
                ("SET", f"session:{writer}:{number % 50}", number, "EX", 3600),
                ("ZADD", "scores", number, f"{writer}:{number % 100}"),
                ("HSET", f"hash:{number % 20}", f"{writer}", number),
                ("SET", f"short:{writer}:{number % 5}", number, "PX", 300),
                ("DEL", f"word:{number % 3000}"),
            ]
        )

    def read_back(self, store: Any) -> tuple[int, int]:
        one = store.connect()
        lost = doubled = 0
        try:
            for thread, told in enumerate(self.written):
                found = [int(word) for word in one.call("LRANGE", f"queue:{self.first + thread}", 0, -1)]
                lost += len(told - set(found))
                doubled += len(found) - len(set(found))
        finally:
            one.close()
        return lost, doubled


def fill_redis(store: RedisServer, count: int) -> None:
    """Keys of every type, in two databases."""
    one = store.connect()
    for at in range(0, count, 1000):
        one.pipeline([("SET", f"word:{number}", f"word {number}" * 5) for number in range(at, at + 1000)])
    few = range(200)
    one.pipeline([("SADD", f"set:{number}", *range(number * 5)) for number in few if number])
    one.pipeline([("SADD", f"big:{number}", *(f"m{n}" for n in range(600))) for number in range(20)])
    one.pipeline([("HSET", f"map:{number}", *(f"f{n}" for n in range(1200))) for number in range(20)])
    one.pipeline([("RPUSH", f"list:{number}", *range(number + 1)) for number in few])
    one.pipeline([("ZADD", "board", str(number / 7), f"m{number}") for number in range(1000)])
    one.pipeline([("XADD", "stream", "*", "n", number) for number in few])
    one.call("XGROUP", "CREATE", "stream", "group", "0")
    one.call("XREADGROUP", "GROUP", "group", "me", "COUNT", 5, "STREAMS", "stream", ">")
    one.pipeline([("SET", f"ends:{number}", b"\0\xff\r\n", "EX", 1000 + number) for number in few])
    one.call("PFADD", "unique", *range(500))
    one.call("SETBIT", "bits", 4000, 1)
    one.call("FUNCTION", "LOAD", "#!lua name=mine\nredis.register_function('f', function() return 1 end)")
    one.use(3)
    one.call("SET", "elsewhere", "yes")
    one.close()

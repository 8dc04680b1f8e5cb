"""ECR: one real registry for all repositories of the account."""

from __future__ import annotations

import time
import urllib.error
import urllib.request

from ... import build, catalogue
from .. import layout, registry
from ..account import Account
from ..body import Plain

KEY = "registry"
SECONDS = 60
_ASK = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Registries(Plain[str]):
    """It runs from the first repository on. What a client may see of it is decided by ``registry.Registry``."""

    name = "registry"

    def __init__(self, door: registry.Registry) -> None:
        self._door = door

    def wanted(self, account: Account) -> dict[str, str]:
        used = any(backend.repositories for _region, backend in account.backends("ecr"))
        return {KEY: catalogue.PARTS.tag} if used or self._door.port is not None else {}

    def make(self, account: Account, key: str, spec: str) -> None:
        name = layout.container(self.name, key)
        build.ensure([catalogue.PARTS])
        if account.docker.inspect(name) is None:
            account.docker.create(
                name,
                {
                    "Image": spec,
                    "Cmd": ["mirror"],
                    "Env": ["REGISTRY_HTTP_RELATIVEURLS=true"],
                    "Labels": {layout.LABEL: account.number, layout.BODY: f"{self.name}/{key}"},
                    "ExposedPorts": {"5000/tcp": {}},
                    "HostConfig": {
                        "Binds": [f"{account.folder(self.name, key)}:/var/lib/docker-registry"],
                        "PortBindings": {"5000/tcp": [{"HostIp": "127.0.0.1", "HostPort": ""}]},
                        "Init": True,
                        "RestartPolicy": {"Name": "unless-stopped"},
                    },
                },
            )
        account.docker.start(name)
        found = account.docker.inspect(name) or {}
        port = int(found["NetworkSettings"]["Ports"]["5000/tcp"][0]["HostPort"])
        _wait(f"http://127.0.0.1:{port}/v2/")
        self._door.port = port

    def change(self, account: Account, key: str, old: str, new: str) -> None:
        """It has one image as long as the account runs."""

    def remove(self, account: Account, key: str, old: str) -> None:
        self._door.port = None
        account.docker.remove(layout.container(self.name, key))


def _wait(url: str) -> None:
    end = time.monotonic() + SECONDS
    while True:
        try:
            _ASK.open(url, timeout=5).close()
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)
        else:
            return

"""Images of this machine's Docker pushed into the ECR of any of the rehearsal's accounts, whichever place it stands in.

Docker itself finds the first account only, as names lead there.
"""

from __future__ import annotations

import gzip
import hashlib
import http.client
import json
import ssl
import subprocess
import tarfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rehearsal import state
from rehearsal.account import layout

from . import bodies

HOST = f"{layout.ACCOUNT}.dkr.ecr.{bodies.REGION}.amazonaws.com"
KIND = "application/vnd.docker.distribution.manifest.v2+json"
CONFIG = "application/vnd.docker.container.image.v1+json"
LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip"


class _Line(http.client.HTTPSConnection):
    """To the front of our account, whatever the name's address would be here."""

    def connect(self) -> None:
        host, _, port = bodies.FRONT.partition(":")
        plain = http.client.HTTPConnection(host, int(port), timeout=120)
        plain.connect()
        self.sock = self._context.wrap_socket(plain.sock, server_hostname=self.host)  # type: ignore[attr-defined]


def push(repository: str, folder: Path, images: Sequence[tuple[str, str]]) -> None:
    """``images`` are pairs of a name in this machine's Docker and the tag that it gets; ``folder`` has room for them.

    What they share is packed and sent once.
    """
    (given,) = bodies.client("ecr").get_authorization_token()["authorizationData"]
    sent: dict[str, dict[str, Any]] = {}
    for name, tag in images:
        archive = folder / "image.tar"
        subprocess.run(["docker", "save", "--output", str(archive), name], check=True, capture_output=True)
        with tarfile.open(archive) as files:
            (index,) = json.loads(_read(files, "manifest.json"))
            config = _blob(repository, _read(files, index["Config"]), CONFIG, given["authorizationToken"])
            layers = []
            for path in index["Layers"]:
                if path not in sent:
                    packed = gzip.compress(_read(files, path), compresslevel=1, mtime=0)
                    sent[path] = _blob(repository, packed, LAYER, given["authorizationToken"])
                layers.append(sent[path])
        archive.unlink()
        manifest = {"schemaVersion": 2, "mediaType": KIND, "config": config, "layers": layers}
        where = f"/v2/{repository}/manifests/{tag}"
        status, said, _where = _ask("PUT", where, json.dumps(manifest).encode(), given["authorizationToken"], KIND)
        assert status == 201, said


def _read(files: tarfile.TarFile, name: str) -> bytes:
    found = files.extractfile(files.getmember(name))
    assert found is not None, name
    return found.read()


def _blob(repository: str, content: bytes, kind: str, token: str) -> dict[str, Any]:
    digest = "sha256:" + hashlib.sha256(content).hexdigest()
    status, said, where = _ask("POST", f"/v2/{repository}/blobs/uploads/", b"", token)
    assert status == 202, said
    status, said, where = _ask("PATCH", where, content, token, "application/octet-stream")
    assert status == 202, said
    status, said, where = _ask("PUT", f"{where}{'&' if '?' in where else '?'}digest={digest}", b"", token)
    assert status == 201, said
    return {"mediaType": kind, "size": len(content), "digest": digest}


def _ask(method: str, path: str, body: bytes, token: str, kind: str = "") -> tuple[int, str, str]:
    line = _Line(HOST, context=ssl.create_default_context(cafile=str(state.OWN_CA)))
    headers = {"Authorization": f"Basic {token}", **({"Content-Type": kind} if kind else {})}
    line.request(method, path, body, headers)
    answer = line.getresponse()
    found = answer.status, answer.read().decode(errors="replace"), answer.headers.get("Location", "")
    line.close()
    return found

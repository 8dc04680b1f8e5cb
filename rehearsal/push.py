"""Images handed to the rehearsal's registry, and to the mirror that stands for Docker Hub."""

from __future__ import annotations

import base64
import json
import urllib.error
import urllib.request

from . import docker, layout, state
from .layout import Part
from .run import check, run, step

REGISTRY = f"{layout.REGISTRY.domain}:{layout.REGISTRY.port}/"
_USER = "stairway"
_CONFIG = state.STATE / "docker"  # the login stays here and out of ~/.docker
_MANIFEST = ", ".join(
    f"application/vnd.{kind}+json"
    for kind in (
        "docker.distribution.manifest.v2",
        "docker.distribution.manifest.list.v2",
        "oci.image.manifest.v1",
        "oci.image.index.v1",
    )
)


def to_registry(image: str) -> bool:
    """``registry.stairway.test:5000/<image>`` exists when this returns; whether it had to be pushed.

    The local image may carry the registry's name already.
    """
    return _push(layout.REGISTRY, image, image.removeprefix(REGISTRY))


def to_mirror(image: str) -> bool:
    """Hosts that ask Docker Hub for ``image`` get it from the mirror; whether it had to be pushed."""
    return _push(layout.MIRROR, image, f"library/{image}")


def _push(part: Part, image: str, name: str) -> bool:
    what = f"Looking for the image {image}"
    wanted = check(docker.image_id(image), what=what, fix=f"docker build -t {image} ...").strip()
    if wanted in _held(part, name):
        return False
    server = f"127.0.0.1:{next(iter(part.publish))}"
    with step(f"Pushing {name} to {part.domain}"):
        if part is layout.REGISTRY:
            password = state.REGISTRY_PASSWORD.read_bytes().strip()
            check(docker.login(_CONFIG, server, _USER), what="Logging in to the registry", stdin=password)
        check(["docker", "tag", wanted, f"{server}/{name}"], what=f"Naming {image}")
        check(docker.push(_CONFIG, f"{server}/{name}"), what=f"Pushing {image}", timeout=600)
        run(["docker", "rmi", "--no-prune", f"{server}/{name}"])
    return True


def _held(part: Part, name: str) -> set[str]:
    """By which ids Docker may know what the registry has under this name: none when it has nothing."""
    repository, _, tag = name.partition(":")
    url = f"http://{part.address}:{part.port}/v2/{repository}/manifests/{tag or 'latest'}"
    request = urllib.request.Request(url, headers={"Accept": _MANIFEST})
    if part is layout.REGISTRY:
        pair = f"{_USER}:{state.REGISTRY_PASSWORD.read_text().strip()}"
        request.add_header("Authorization", f"Basic {base64.b64encode(pair.encode()).decode()}")
    try:
        with _DIRECT.open(request, timeout=10) as answer:
            manifest = json.loads(answer.read())
            return {manifest.get("config", {}).get("digest", ""), answer.headers.get("Docker-Content-Digest", "")}
    except urllib.error.HTTPError as error:
        if error.code == 404:
            return set()
        raise


_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # a proxy knows no rehearsal

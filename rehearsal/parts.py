"""The parts beside the hosts: name server, registry, mirror of Docker Hub, ACME authority, webhook receiver."""

from __future__ import annotations

import io
import socket
import tarfile
import time
from pathlib import Path

from . import build, catalogue, docker, layout, secret_file, state
from .errors import RehearsalError
from .layout import Part
from .run import check, run, step

_FILES: dict[str, list[Path]] = {
    "registry": [state.REGISTRY_PASSWORD],
    "acme": [state.ACME_CERT, state.ACME_KEY],
}
_ENV = {"acme": {"PEBBLE_VA_NOSLEEP": "1", "PEBBLE_WFE_NONCEREJECT": "0", "PEBBLE_AUTHZREUSE": "0"}}


def up(part: Part) -> bool:
    """The part answers when this returns; whether anything had to be done."""
    with state.locked("parts"):
        found = _standing(part)
        if found == "running":
            _wait(part)
        else:
            with step(f"Starting {part.domain} ({part.address})"):
                if not found:
                    _create(part)
                check(["docker", "start", part.container], what=f"Starting {part.name}")
                _wait(part)
        if part is layout.ACME:  # also one that Docker has started again, with another root
            _fetch_issuer()
        return found != "running"


def up_all() -> bool:
    return any([up(part) for part in layout.PARTS])


def atlas_up() -> bool:
    """What stands for MongoDB Atlas answers when this returns; whether anything had to be done."""
    image = catalogue.find(_image(layout.ATLAS))
    build.ensure([image] if image else [])
    return up(layout.ATLAS)


def atlas_down() -> None:
    """It is gone, with all that was in it."""
    run(["docker", "rm", "--force", "--volumes", layout.ATLAS.container])


def _standing(part: Part) -> str:
    """Docker's word for the state of the part; empty when there is none, when its image has changed since, when it has
    the secrets of another checkout, or when it was never started: its files may be missing.
    """
    label = f'{{{{index .Config.Labels "{layout.LABEL}.secrets"}}}}'
    inspect = [
        "docker",
        "container",
        "inspect",
        f"--format={{{{.State.Status}}}} {{{{.Image}}}} {label}",
        part.container,
    ]
    found, *has = run(inspect).stdout.strip().split(" ")
    if found == "created" or (found and has != [run(docker.image_id(_image(part))).stdout.strip(), _secrets(part)]):
        check(["docker", "rm", "--force", "--volumes", part.container], what=f"Removing the old {part.name}")
        return ""
    return found


def _create(part: Part) -> None:
    if part is layout.REGISTRY:
        check(docker.create_volume(part.container), what="Making the registry's disk")
    created = docker.create_part(
        part,
        image=_image(part),
        command=[] if part is layout.ATLAS else [part.name],
        env=_env(part),
        volumes=_volumes(part),
        secrets=_secrets(part),
    )
    check(created, what=f"Creating {part.name}", fix="python3 -m rehearsal down")
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for path in _FILES.get(part.name, []):
            tar.add(path, f"opt/part/{path.name}")
    check(["docker", "cp", "-", f"{part.container}:/"], what="Handing over files", stdin=buffer.getvalue())


def _secrets(part: Part) -> str:
    """Tells the files of one checkout from those of another."""
    return catalogue.fingerprint([path.read_text() for path in _FILES.get(part.name, [])])


def _image(part: Part) -> str:
    return "mongo:7" if part is layout.ATLAS else catalogue.PARTS.tag


def _env(part: Part) -> dict[str, str]:
    if part is not layout.ATLAS:
        return _ENV.get(part.name, {})
    user, password = secret_file.atlas()
    return {"MONGO_INITDB_ROOT_USERNAME": user, "MONGO_INITDB_ROOT_PASSWORD": password}


def _volumes(part: Part) -> list[str]:
    """Where a part keeps what has to outlive its container."""
    if part is layout.MIRROR:  # a cache of images: what was pushed once need not be pushed again after `down`
        return [f"{state.shared_cache() / 'mirror'}:/var/lib/docker-registry"]
    return [f"{part.container}:/var/lib/docker-registry"] if part is layout.REGISTRY else []


def _wait(part: Part, seconds: float = 180) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            socket.create_connection((str(part.address), part.port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    log = run(["docker", "logs", "--tail=15", part.container]).tail()
    raise RehearsalError(f"{part.name} does not answer.", fix=f"docker logs {part.container}", log=log)


def _fetch_issuer() -> None:
    """Keep the root that pebble has now beside those it had: certificates of the earlier ones are still served."""
    argv = ["docker", "exec", layout.ACME.container, "python3", "-c", _ASK_ROOT]
    issuer = check(argv, what="Asking pebble for its root certificate")
    state.write(state.ISSUERS / f"{catalogue.fingerprint([issuer])}.crt", issuer)
    _write_bundle()


def forget_issuers() -> None:
    """Nobody serves a certificate of theirs any more."""
    for path in state.ISSUERS.glob("*.crt"):
        path.unlink()
    if state.OWN_CA.exists():
        _write_bundle()


def _write_bundle() -> None:
    issuers = [path.read_text() for path in sorted(state.ISSUERS.glob("*.crt"))]
    state.write(state.CA, state.OWN_CA.read_text() + "".join(issuers))


_ASK_ROOT = """
import ssl, urllib.request
plain = ssl._create_unverified_context()
print(urllib.request.urlopen("https://127.0.0.1:15000/roots/0", context=plain).read().decode(), end="")
"""

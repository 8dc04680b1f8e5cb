"""Images handed to the rehearsal's registry, and to the mirror that stands for Docker Hub."""

from __future__ import annotations

from . import docker, layout, state
from .layout import Part
from .run import check, run, step

CONFIG = state.STATE / "docker"  # the login stays here and out of ~/.docker
REGISTRY = f"{layout.REGISTRY.domain}:{layout.REGISTRY.port}/"
STORE_IMAGES = ("mongo:7", "redis:7-alpine", "postgres:15", "postgres:17")


def to_registry(image: str) -> bool:
    """``registry.stairway.test:5000/<image>`` exists when this returns; whether it had to be pushed.

    The local image may carry the registry's name already.
    """
    return _push(layout.REGISTRY, image, image.removeprefix(REGISTRY))


def to_mirror(image: str) -> bool:
    """Hosts that ask Docker Hub for ``image`` get it from the mirror; whether it had to be pushed."""
    return _push(layout.MIRROR, image, f"library/{image}")


def login() -> None:
    argv = docker.login(CONFIG, _published(layout.REGISTRY), "stairway")
    check(argv, what="Logging in to the registry", stdin=state.REGISTRY_PASSWORD.read_bytes().strip())


def _push(part: Part, image: str, name: str) -> bool:
    wanted = check(
        docker.image_id(image), what=f"Looking for the image {image}", fix=f"docker build -t {image} ..."
    ).strip()
    target = f"{_published(part)}/{name}"
    instance = run(["docker", "container", "inspect", "--format={{.Id}}", part.container]).stdout.strip()[:12]
    place = f"{part.name}/{instance}/{name}"
    if pushed().get(place) == wanted:
        return False
    if part is layout.REGISTRY:
        login()
    with step(f"Pushing {image} to {part.domain}"):
        check(["docker", "tag", wanted, target], what=f"Naming {image}")
        check(docker.push(CONFIG, target), what=f"Pushing {image}", timeout=600)
        run(["docker", "rmi", "--no-prune", target])
    with state.locked("pushed"):
        state.remember(pushed={**pushed(), place: wanted})
    return True


def pushed() -> dict[str, str]:
    """What this checkout pushed: part, instance of the part and name, and the image's id."""
    found: dict[str, str] = state.known().get("pushed", {})
    return found


def _published(part: Part) -> str:
    return f"127.0.0.1:{next(iter(part.publish))}"

"""What stands where, and how to take it all away."""

from __future__ import annotations

from . import catalogue, docker, hosts, layout, network, parts, state
from .run import check, run, step


def text(app: str | None = None) -> str:
    """A table of everything that runs; with an ``app``, how to reach it and what to type next."""
    rows = [("name", "address", "state"), *_parts(), *hosts.listing()]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    table = "".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() + "\n" for row in rows
    )
    host = layout.known_host(f"{app}-1") if app else None
    return table + (_reach(host) if host is not None else "")


def down() -> None:
    """No container, network or volume of ours is left; images and what they were made from stay."""
    found = check(docker.ours(), what="Looking for our containers").split()
    if found:
        with step(f"Taking {len(found)} containers away"):
            for container in check(docker.ours("host"), what="Looking for hosts").split():
                hosts.quieten(container)
            check(["docker", "rm", "--force", "--volumes", *found], what="Removing containers", timeout=300)
    for volume in check(docker.volumes(), what="Looking for our volumes").split():
        check(["docker", "volume", "rm", volume], what=f"Removing the volume {volume}")
    network.remove()
    parts.forget_issuers()


def remove_images() -> None:
    """Every image that the rehearsal made is gone, and so is what was kept to make it again."""
    if run(docker.image_id(catalogue.PARTS.tag)).ok:  # the registry wrote as root, which its user may not be
        check(docker.empty_folder(state.shared_cache() / "mirror", catalogue.PARTS.tag), what="Emptying the mirror")
    made = check(docker.images_made(), what="Looking for our images").split()
    raw = [f"stairway/base-raw:{suite}" for suite in catalogue.BUILDABLE]
    for image in [*made, *raw]:
        run(["docker", "rmi", "--force", image])
    for path in state.shared_cache().glob("base-*.tar"):
        path.unlink()


def _parts() -> list[tuple[str, str, str]]:
    states = dict(line.split("\t")[0::2] for line in check(docker.table("part"), what="Listing parts").splitlines())
    return [
        (f"{part.domain}:{part.port}", str(part.address), states[part.container])
        for part in (*layout.PARTS, layout.ATLAS)
        if part.container in states
    ]


def _reach(host: layout.Host) -> str:
    domain = host.aliases[0]
    ca, key, known = (path.relative_to(state.ROOT) for path in (state.CA, state.SSH_KEY, state.KNOWN_HOSTS))
    app = "" if host.name == "chat-1" else f" APP={host.name.removesuffix('-1')}"
    return f"""
https://{domain}/ is served by {host.name}, {host.address}:
  curl --cacert {ca} --resolve {domain}:443:{host.address} https://{domain}{layout.HEALTH[host.name]}
  ssh -i {key} -o UserKnownHostsFile={known} root@{host.address}

Next:
  make release VERSION=2{app}   the next version, under traffic
  make rollback{app}            back again
  make status{app}              what runs, since when
  make test                what CI runs
  make down                take it all away
"""

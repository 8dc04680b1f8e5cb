"""Where the images are kept: a repository for each image of a service. Pure."""

from __future__ import annotations

import re

from .site import Entry, Part, Site

PULL = "AmazonEC2ContainerRegistryReadOnly"


def registry(site: Site) -> Part:
    if site.aspects["registry"] != "ecr":
        return Part()
    chosen = site.cloud.registry
    entries: tuple[Entry, ...] = tuple(
        {
            "repository": name,
            "scan_on_push": chosen.scan,
            "keep_images": chosen.keep_images,
            "untagged_days": chosen.untagged_days,
            "protect": True,
        }
        for name in repositories(site)
    )
    return Part(entries, policies=(PULL,))


def repositories(site: Site) -> list[str]:
    """Names of entries; the engine puts the app's name before them, so it is taken away here: chat-api is ``api``."""
    given = site.cloud.registry.repositories
    images = given if given is not None else tuple(service.image for service in site.app.services)
    return list(dict.fromkeys(_short(site.name, image) for image in images))


def repository_of(site: Site, image: str) -> str | None:
    """The entry that keeps an image, or None where it is kept somewhere else."""
    name = _short(site.name, image)
    return name if site.aspects["registry"] == "ecr" and name in repositories(site) else None


def _short(app: str, image: str) -> str:
    last = image.rsplit("/", 1)[-1].removeprefix(f"{app}-")
    return re.sub(r"[^a-z0-9]+", "-", last).strip("-") or "app"

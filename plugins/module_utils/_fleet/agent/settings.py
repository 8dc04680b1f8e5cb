"""What a machine cannot know by itself: it stands in its user data, and holds no secret."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILE = Path("/etc/stairway/agent.json")
AUTHORITIES = "https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem"


@dataclass(frozen=True)
class Settings:
    """``endpoint`` takes the place of AWS's addresses, ``mirrors`` of Docker Hub; registries in ``insecure`` have no
    certificate that anybody knows; ``authorities`` is the bundle that signs for databases; ``ca`` are certificates to
    trust, as PEM. ``watch`` is the parameter with what makes the machine watched.
    """

    app: str
    region: str
    endpoint: str | None = None
    mirrors: tuple[str, ...] = ()
    insecure: tuple[str, ...] = ()
    authorities: str = AUTHORITIES
    ca: tuple[str, ...] = ()
    watch: str | None = None


def settings(text: str) -> Settings:
    data: dict[str, Any] = json.loads(text)
    given: dict[str, Any] = {name: tuple(one) if isinstance(one, list) else one for name, one in data.items()}
    return Settings(**given)

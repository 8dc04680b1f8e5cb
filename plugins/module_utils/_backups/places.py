"""The files of the backups on a host, and the place that its settings name."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from .._common.errors import StairwayError
from .._identity.metadata import Metadata
from .._identity.signature import Keys
from .bucket import InBucket
from .model import Place, Settings, settings_of
from .s3 import Bucket
from .target import Folder, Target

ETC, VAR, RUN = Path("/etc/stairway"), Path("/var/lib/stairway"), Path("/run/stairway")


@dataclass(frozen=True)
class Host:
    """Where everything of one app stands."""

    app: str
    etc: Path = ETC
    var: Path = VAR
    run: Path = RUN

    @property
    def settings(self) -> Path:
        return self.etc / self.app / "backups" / "settings.json"

    @property
    def keys(self) -> Path:
        """Public keys, and the key of the drill, which only this host has."""
        return self.etc / self.app / "backups"

    @property
    def compose(self) -> Path:
        return self.etc / self.app / "stores" / "compose.yml"

    @property
    def volumes(self) -> Path:
        """Which volumes the stores use, where a restore has changed that: Compose reads it beside its file."""
        return self.etc / self.app / "stores" / ".env"

    @property
    def state(self) -> Path:
        return self.var / self.app / "backups" / "state.json"

    @property
    def lock(self) -> Path:
        return self.run / f"backups-{self.app}.lock"

    @property
    def secrets(self) -> Path:
        """A folder in memory, for as long as a run lasts."""
        return self.run / f"backups-{self.app}"


def settings(host: Host) -> Settings:
    """:raises StairwayError: when this host makes no backups of the app."""
    try:
        return settings_of(json.loads(host.settings.read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise StairwayError(
            f"This host makes no backups of {host.app}.",
            where=str(host.settings),
            expected="a file that a stage writes when app.yml has backups",
            found="no such file",
            fix="give the app backups, then: ansible-playbook playbooks/stage1.yml",
        ) from error


def target(app: str, place: Place) -> Target:
    """Every name in it begins behind ``<prefix>/<app>/``, so that apps may share a bucket."""
    parts = urlsplit(place.to)
    if parts.scheme == "file":
        return Folder(Path(parts.path) / app)
    prefix = "/".join(part for part in (parts.path.strip("/"), app) if part)
    bucket = Bucket(parts.netloc, place.region, place.endpoint, lambda: _keys(place))
    return InBucket(bucket, f"{prefix}/", f"{place.to.rstrip('/')}/{app}")


def _keys(place: Place) -> Keys:
    if place.access_key and place.secret_key:
        return Keys(place.access_key, place.secret_key)
    return Metadata().keys()

"""Facts about the engines that a store can have. Data only; checked in November 2026.

``versions`` are the lines that their makers maintain, or did until recently enough that apps still run on them; a
more exact
version of a line (``16.4`` of ``16``) is fine too. Sources:

- PostgreSQL 14 to 18 are maintained and 13 ended in November 2025: https://www.postgresql.org/support/versioning/
- MySQL 8.4 is the long-term line and 8.0 ended in April 2026, still offered by RDS: https://endoflife.date/mysql
- MariaDB's long-term lines are 10.6, 10.11, 11.4 and 11.8: https://mariadb.org/about/#maintenance-policy
- MongoDB 6.0, 7.0 and 8.0: https://www.mongodb.com/legal/support-policy/lifecycles
- Redis 6.2, 7.2, 7.4 and 8: https://redis.io/docs/latest/operate/rs/installing-upgrading/product-lifecycle/
- Names and folders of the images: https://github.com/docker-library/docs
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Engine:
    """One engine: its image (``{version}`` is replaced), port, scheme of its URLs, data folder and smallest sensible
    memory.
    """

    name: str
    versions: tuple[str, ...]
    image: str
    port: int
    scheme: str
    data: str
    least_memory: str
    forms: tuple[str, ...]
    administrators: tuple[str, ...] = ()
    system_databases: tuple[str, ...] = ()

    def image_of(self, version: str) -> str:
        return self.image.format(version=version)

    def line_of(self, version: str) -> str | None:
        """The supported line that ``version`` belongs to, or None."""
        return next((line for line in self.versions if version == line or version.startswith(f"{line}.")), None)

    def data_of(self, version: str) -> str:
        """The folder that has to be a volume. PostgreSQL's image moved it in 18 (docker-library/postgres#1259)."""
        if self.name == "postgresql" and int(version.split(".")[0]) >= 18:
            return "/var/lib/postgresql"
        return self.data


_FORMS = ("url", "base_url", "host", "port", "user", "password", "database")

ENGINES: dict[str, Engine] = {
    engine.name: engine
    for engine in (
        Engine(
            name="mongodb",
            versions=("6", "7", "8"),
            image="mongo:{version}",
            port=27017,
            scheme="mongodb",
            data="/data/db",
            # WiredTiger takes at least 256 MB for its cache:
            # https://www.mongodb.com/docs/manual/core/wiredtiger/#memory-use
            least_memory="256m",
            forms=_FORMS,
            administrators=("root", "admin", "stairway_admin"),
            system_databases=("admin", "local", "config"),
        ),
        Engine(
            name="postgresql",
            versions=("13", "14", "15", "16", "17", "18"),
            image="postgres:{version}",
            port=5432,
            scheme="postgresql",
            data="/var/lib/postgresql/data",
            least_memory="64m",
            forms=(*_FORMS, "jdbc"),
            administrators=("postgres",),
            system_databases=("postgres", "template0", "template1"),
        ),
        Engine(
            name="mysql",
            versions=("8.0", "8.4"),
            image="mysql:{version}",
            port=3306,
            scheme="mysql",
            data="/var/lib/mysql",
            least_memory="384m",
            forms=(*_FORMS, "jdbc"),
            administrators=("root", "mysql"),
            system_databases=("mysql", "sys", "information_schema", "performance_schema"),
        ),
        Engine(
            name="mariadb",
            versions=("10.6", "10.11", "11.4", "11.8"),
            image="mariadb:{version}",
            port=3306,
            scheme="mysql",
            data="/var/lib/mysql",
            least_memory="128m",
            forms=(*_FORMS, "jdbc"),
            administrators=("root", "mysql", "mariadb"),
            system_databases=("mysql", "sys", "information_schema", "performance_schema"),
        ),
        Engine(
            name="redis",
            versions=("6", "7", "8"),
            image="redis:{version}-alpine",
            port=6379,
            scheme="redis",
            data="/data",
            least_memory="16m",
            forms=_FORMS,
        ),
    )
}

FORMS = tuple(sorted({form for engine in ENGINES.values() for form in engine.forms}))
SECRET_FORMS = ("url", "base_url", "password")

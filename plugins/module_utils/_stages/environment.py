"""What services find in their environment: what the app says, and what stores tell about themselves.

Pure. All of it may be secret.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from .._app.engines import ENGINES
from .._app.model import App, Store
from .._app.references import Reference, resolve
from .._common.errors import StairwayError
from . import tls
from .places import place

# Where managed stores are: store -> {host, port, tls}, as ``places.endpoints`` reads them from a blueprint's outputs.
Endpoints = Mapping[str, Mapping[str, Any]]


def url(
    scheme: str,
    host: str,
    port: int | None = None,
    user: str | None = None,
    password: str | None = None,
    path: str | None = None,
) -> str:
    """A URL whose user and password are percent-encoded, so that any character may stand in them (RFC 3986, section
    3.2.1).
    """
    login = quote(user or "", safe="")
    if password:
        login += f":{quote(password, safe='')}"
    at = f"{login}@" if login else ""
    where = host if port is None else f"{host}:{port}"
    return f"{scheme}://{at}{where}" + (f"/{quote(path, safe='')}" if path is not None else "")


def store_forms(store: Store) -> dict[str, str]:
    """Everything that a store tells about itself, by form. An external store tells what its URL says."""
    return _external(store) if store.url is not None else _in_a_container(store)


def _in_a_container(store: Store) -> dict[str, str]:
    engine = ENGINES[store.engine]
    redis = store.engine == "redis"
    database = store.database or ("0" if redis else "")
    user = store.user or ("default" if redis else "")
    password = store.password or ""
    login = None if redis and store.user is None else user
    forms = {
        "url": url(engine.scheme, store.name, engine.port, login, password, database),
        "base_url": url(engine.scheme, store.name, engine.port, login, password),
        "host": store.name,
        "port": str(engine.port),
        "user": user,
        "password": password,
        "database": database,
    }
    return {**forms, **_jdbc(store.engine, store.name, str(engine.port), database)}


def _external(store: Store) -> dict[str, str]:
    parts = urlsplit(store.url or "")
    port = _port(parts.netloc) or str(ENGINES[store.engine].port)
    host, database = parts.hostname or "", parts.path.lstrip("/")
    forms = {
        "url": store.url or "",
        "base_url": f"{parts.scheme}://{parts.netloc}",
        "host": host,
        "port": port,
        "user": _decoded(parts.username),
        "password": _decoded(parts.password),
        "database": database,
    }
    return {**forms, **_jdbc(store.engine, host, port, database)}


def _port(netloc: str) -> str | None:
    """The port of the first host; MongoDB lists several."""
    first = netloc.rsplit("@", 1)[-1].split(",")[0]
    return first.rsplit(":", 1)[1] if ":" in first.rsplit("]", 1)[-1] else None


def _decoded(text: str | None) -> str:
    return unquote(text or "")


def _jdbc(engine: str, host: str, port: str, database: str) -> dict[str, str]:
    if "jdbc" not in ENGINES[engine].forms:
        return {}
    # MariaDB's driver has a scheme of its own: https://mariadb.com/docs/connectors/mariadb-connector-j
    scheme = {"postgresql": "postgresql", "mysql": "mysql", "mariadb": "mariadb"}[engine]
    return {"jdbc": f"jdbc:{scheme}://{host}:{port}/{database}"}


def managed_forms(store: Store, endpoint: Mapping[str, Any]) -> dict[str, str]:
    """What a store tells about itself where AWS runs it. With TLS its URLs ask for it, and for the server's name in
    its certificate. A Redis without TLS has no password there: ElastiCache takes one over TLS only.
    """
    engine, redis = ENGINES[store.engine], store.engine == "redis"
    host, port, secure = str(endpoint["host"]), int(endpoint["port"]), bool(endpoint["tls"])
    database = store.database or ("0" if redis else "")
    password = "" if redis and not secure else store.password or ""
    scheme = "rediss" if redis and secure else engine.scheme
    login = None if redis else store.user
    query = tls.query(store.engine) if secure else ""
    forms = {
        "url": url(scheme, host, port, login, password, database) + query,
        "base_url": url(scheme, host, port, login, password),
        "host": host,
        "port": str(port),
        "user": "default" if redis else store.user or "",
        "password": password,
        "database": database,
    }
    jdbc = _jdbc(store.engine, host, str(port), database)
    return {**forms, **{form: text + (tls.jdbc_query(store.engine) if secure else "") for form, text in jdbc.items()}}


def forms_at(app: App, store: Store, stage: str | None, endpoints: Endpoints) -> dict[str, str]:
    """Everything that a store tells about itself at a stage.

    :raises StairwayError: when AWS runs it there and ``endpoints`` does not say where.
    """
    where = None if stage is None else place(app, store, stage)
    if where == "external" and not store.external:
        return store_forms(replace(store, url=store.managed.url))
    if where != "managed":
        return store_forms(store)
    if store.name not in endpoints:
        raise StairwayError(
            f"It is not known where the store {store.name} is.",
            expected=f"its host and port, as the account has them at {stage}",
            found=", ".join(sorted(endpoints)) or "no endpoint at all",
            where=f"app.stores.{store.name}",
            fix=f"ansible-playbook playbooks/{stage}.yml, which makes the store or finds it",
        )
    return managed_forms(store, endpoints[store.name])


def environment(app: App, stage: str | None = None, endpoints: Endpoints | None = None) -> dict[str, dict[str, str]]:
    """The environment of each service by its name: the app's, the stores', and over both the service's own.

    Without a ``stage`` every store that has no URL is in a container beside the services.
    """
    known = endpoints or {}
    forms = {store.name: forms_at(app, store, stage, known) for store in app.stores}
    stores = {variable: forms[store.name][form] for store in app.stores for variable, form in store.env.items()}
    secure = stage is not None and any(
        place(app, store, stage) == "managed" and known[store.name]["tls"] for store in app.stores
    )

    def value_of(reference: Reference) -> str:
        return forms[reference.store][reference.form]

    def resolved(values: Mapping[str, str]) -> dict[str, str]:
        return {name: resolve(text, value_of) for name, text in values.items()}

    common = {**(tls.VARIABLES if secure else {}), **resolved(app.env), **stores}
    return {service.name: {**common, **resolved(service.env)} for service in app.services}


def store_passwords(app: App) -> dict[str, str]:
    """The passwords of the stores that run in containers."""
    return {store.name: store.password or "" for store in app.stores if not store.external}

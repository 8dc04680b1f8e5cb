"""What services find in their environment: what the app says, and what stores tell about themselves.

Pure. All of it may be secret.
"""

from __future__ import annotations

from urllib.parse import quote, unquote, urlsplit

from .._app.engines import ENGINES
from .._app.model import App, Store
from .._app.references import Reference, resolve


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


def environment(app: App) -> dict[str, dict[str, str]]:
    """The environment of each service by its name: the app's, the stores', and over both the service's own."""
    forms = {store.name: store_forms(store) for store in app.stores}
    stores = {variable: forms[store.name][form] for store in app.stores for variable, form in store.env.items()}

    def value_of(reference: Reference) -> str:
        return forms[reference.store][reference.form]

    def resolved(values: dict[str, str]) -> dict[str, str]:
        return {name: resolve(text, value_of) for name, text in values.items()}

    common = {**resolved(dict(app.env)), **stores}
    return {service.name: {**common, **resolved(dict(service.env))} for service in app.services}


def store_passwords(app: App) -> dict[str, str]:
    """The passwords of the stores that run in containers."""
    return {store.name: store.password or "" for store in app.stores if not store.external}

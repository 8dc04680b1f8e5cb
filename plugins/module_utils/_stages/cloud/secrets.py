"""Secrets and settings: what is kept in Secrets Manager and Parameter Store, by name. Pure.

No value of a secret is in a blueprint. ``secret_values`` has them, for the one call that fills what is empty.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from ..._app.cloud_model import Parameter, Secret
from ..._app.engines import ENGINES
from ..._app.model import Store
from ..._app.references import references_in
from ..._app.secrets import is_secret_name
from ..environment import environment, store_forms
from .site import Entry, Part, Site, filled
from .stores import ADMIN_KEY, SQL, USER_KEY

ENVIRONMENT = "fleet-env"
SECRET_FORMS = ("url", "base_url", "password")


def secrets(site: Site) -> Part:
    """One for each managed store, at any stage; with Secrets Manager those of the app's own variables too."""
    chosen = kept(site)
    entries: list[Entry] = [_entry(site, secret) for secret in chosen]
    if site.aspects["secrets"] == "secrets_manager":
        entries += [_parameter(site, one) for one in parameters(site)]
    if site.aspects["compute"] == "fleet":
        entries.append(_environment(site))
    statements = {}
    if entries and site.aspects["secrets"] == "secrets_manager":
        read = [{"secret": entry["secret"]} for entry in entries if "secret" in entry]
        told = [{"parameter": entry["parameter"]} for entry in entries if "parameter" in entry]
        statements["settings"] = [
            *([{"actions": ["secretsmanager:GetSecretValue"], "resources": read}] if read else []),
            *([{"actions": ["ssm:GetParameter", "ssm:GetParameters"], "resources": told}] if told else []),
        ]
    return Part(tuple(entries), {name: one for name, one in statements.items() if one})


def with_password(site: Site) -> list[Store]:
    """The managed stores that have one: a Redis takes none without TLS."""
    caches = [store for store in site.managed("redis") if store.managed.encryption == "full"]
    return [*site.managed(*SQL), *caches]


def kept(site: Site) -> list[Secret]:
    """The secrets of this stage: those that the app names, then those that follow from it."""
    stores = {store.name for store in with_password(site)}
    named = [one for one in site.cloud.secrets if one.store is None or one.store in stores]
    if site.aspects["secrets"] != "secrets_manager":
        # a managed store needs its secret before the app does
        paths = {one.store: one.path for one in named}
        return [Secret(name, paths.get(name), (), name) for name in sorted(stores)]
    owned = {one.store for one in named if one.store}
    rest = tuple(name for name in secret_variables(site) if not any(name in one.env for one in named))
    implied = [Secret(name, None, (), name) for name in sorted(stores - owned)]
    return [*named, *implied, *([Secret("env", None, rest, None)] if rest else [])]


def secret_variables(site: Site) -> list[str]:
    """The app's own variables that are secrets by their name, and those that hold the URL of an external store."""
    tables: list[Mapping[str, str]] = [site.app.env, *(service.env for service in site.app.services)]
    own = {
        name
        for table in tables
        for name, value in table.items()
        if is_secret_name(name) and not any(True for _reference in references_in(str(value)))
    }
    outside = {
        name
        for store in site.app.stores
        if site.place(store) == "external"
        for name, form in store.env.items()
        if form in SECRET_FORMS
    }
    return sorted(own | outside)


def store_secrets(site: Site) -> list[str]:
    """The names of the secrets that have the stores' passwords."""
    found = [store_secret(site, store) for store in with_password(site)]
    return list(dict.fromkeys(name for name in found if name is not None))


def store_secret(site: Site, store: Store) -> str | None:
    """The name of the secret that has a store's password, or None."""
    return next((secret.name for secret in kept(site) if secret.store == store.name), None)


def _environment(site: Site) -> Entry:
    """What the services of a fleet find in their environment; a release fills it, and each keeps its own version."""
    return {
        "secret": ENVIRONMENT,
        "path": f"{site.name}/fleet/env",
        "description": f"{site.name}, the environment of each service; releases write it",
        "protect": True,
    }


def _entry(site: Site, secret: Secret) -> Entry:
    generate = None
    if secret.store is not None:
        engine = next(store.engine for store in site.app.stores if store.name == secret.store)
        # a cache has one password, which is the app's; a database has an administrator beside the app's user
        generate = {"length": 32, "key": ADMIN_KEY} if engine != "redis" else None
    what = f"variables: {', '.join(secret.env)}" if secret.env else f"the passwords of the store {secret.store}"
    return filled(
        {
            "secret": secret.name,
            "path": secret.path,
            "generate": generate,
            "description": f"{site.name}, {what}",
            "protect": True,
        }
    )


def parameters(site: Site) -> list[Parameter]:
    """Those that the app names, or where each managed store is."""
    stores = {store.name for store in site.managed(*SQL, "redis")}
    if site.cloud.parameters:
        return [one for one in site.cloud.parameters if one.store is None or one.store in stores]
    return [Parameter(f"{name}-host", None, None, name, "host") for name in sorted(stores)]


def _parameter(site: Site, parameter: Parameter) -> Entry:
    entry: Entry = {"parameter": parameter.name, "path": parameter.path, "type": "text"}
    if parameter.store is None:
        return filled({**entry, "value": parameter.value})
    store = next(store for store in site.app.stores if store.name == parameter.store)
    kind = "cache" if store.engine == "redis" else "database"
    if parameter.form == "host":
        return filled({**entry, "value_of": {kind: store.name}})
    texts = {"port": str(ENGINES[store.engine].port), "user": store.user, "database": store.database}
    return filled({**entry, "value": texts[parameter.form] or ""})


def secret_values(site: Site, hosts: Mapping[str, str] | None = None) -> dict[str, dict[str, str]]:
    """What Secrets Manager is to hold, by the name of the entry and the key. Nothing but secrets: never print it.

    ``hosts`` is where managed stores are, by their names, as the outputs of a blueprint say; with it a store's secret
    has its URLs too, under the names of their variables, for tasks that can put nothing together themselves.
    """
    values: dict[str, str] = {}
    for table in environment(site.app).values():
        values.update(table)
    for store in site.app.stores:
        if store.managed.url is not None and site.place(store) == "external":
            values.update(_told_by_url(store))
    result = {}
    for secret in kept(site):
        if secret.store is None:
            result[secret.name] = {name: values[name] for name in secret.env if name in values}
        else:
            store = next(store for store in site.app.stores if store.name == secret.store)
            result[secret.name] = dict(_credentials(store))
            if hosts is not None and store.name in hosts and site.aspects["compute"] == "fargate":
                result[secret.name] |= _urls(store, hosts[store.name])
    return result


def _urls(store: Store, host: str) -> dict[str, str]:
    forms = store_forms(replace(store, name=host))
    if store.engine == "redis":
        # a Redis that asks for a password speaks TLS only
        forms = {form: value.replace("redis://", "rediss://", 1) for form, value in forms.items()}
    return {name: forms[form] for name, form in store.env.items() if form in ("url", "base_url", "jdbc")}


def _told_by_url(store: Store) -> dict[str, str]:
    forms = store_forms(replace(store, url=store.managed.url))
    return {name: forms[form] for name, form in store.env.items() if form in forms}


def _credentials(store: Store) -> Iterator[tuple[str, str]]:
    if store.user is not None:
        yield "username", store.user
    if store.password is not None:
        yield USER_KEY, store.password

"""Both ends of a move as MongoDB knows them: several hosts, and the database in which a user was made."""

from __future__ import annotations

from dataclasses import replace

from ..._stores.model import Login, Server
from ..model import Side
from . import srv, uri
from .uri import Address
from .wire import End

ADMIN = "admin"


def app_end(side: Side) -> End:
    """As the app logs in. Its user was made in its own database, where no URL says otherwise.

    :raises StairwayError: when the hosts of a ``mongodb+srv://`` name are not known.
    """
    database = side.app.database or side.admin.database
    if side.url:
        return _named(side.server, uri.parsed(side.url), side.app)
    return End(side.server, side.app.user, side.app.password, database, database)


def admin_end(side: Side) -> End:
    """As whoever may do most there: an administrator's user was made in ``admin``; else it is the app itself."""
    app = app_end(side)
    if not side.admin.password or side.admin == side.app:
        return app
    return replace(app, user=side.admin.user, password=side.admin.password, source=ADMIN)


def _named(server: Server, given: Address, app: Login) -> End:
    address = srv.resolved(given)
    host, port = address.hosts[0]
    known = replace(
        server, host=host, port=port, tls=address.tls, authorities=address.authorities or server.authorities
    )
    database = app.database or address.database
    return End(known, app.user, app.password, address.source or database, database, address.hosts)

"""PostgreSQL: the app's user and database, and how many rows there are. Pure."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os

from .model import ADMIN_DATABASES, Login, Server

ITERATIONS = 4096

# Of every table that is not the server's own, exactly: https://www.postgresql.org/docs/current/functions-xml.html
COUNT = """SELECT coalesce(sum((xpath('/row/c/text()', query_to_xml(
  format('SELECT count(*) AS c FROM %I.%I', table_schema, table_name), false, true, '')))[1]::text::bigint), 0)
FROM information_schema.tables
WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema');
"""
_MAKE = """SELECT 'CREATE ROLE "{user}" LOGIN NOCREATEDB NOCREATEROLE'
  WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{user}') \\gexec
ALTER ROLE "{user}" PASSWORD '{verifier}';
GRANT "{user}" TO CURRENT_USER;
SELECT 'CREATE DATABASE "{database}" OWNER "{user}"'
  WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '{database}') \\gexec
ALTER DATABASE "{database}" OWNER TO "{user}";
REVOKE ALL ON DATABASE "{database}" FROM PUBLIC;
\\connect "{database}"
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT ALL ON SCHEMA public TO "{user}";
"""
HELLO = "SELECT 1;\n"
LOCAL = 'PGPASSWORD="$(cat /stairway/password)" psql -XAtq -h 127.0.0.1 -U {user} -d {database}'


def command(server: Server, login: Login) -> list[str]:
    secure = f" sslmode=verify-full sslrootcert={server.authorities}" if server.tls else " sslmode=disable"
    database = login.database or ADMIN_DATABASES["postgresql"]
    to = f"host={server.host} port={server.port} user={login.user} dbname={database} connect_timeout=10{secure}"
    return ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", to]


def secrets(login: Login) -> dict[str, str]:
    return {"PGPASSWORD": login.password}


def verifier(password: str, salt: bytes | None = None) -> str:
    """What the server keeps of a password (RFC 5803), so that its logs never see the password itself."""
    salt = salt or os.urandom(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, ITERATIONS)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    key = hmac.digest(salted, b"Server Key", "sha256")
    texts = [base64.b64encode(one).decode() for one in (salt, stored, key)]
    return f"SCRAM-SHA-256${ITERATIONS}:{texts[0]}${texts[1]}:{texts[2]}"


def make(app: Login) -> str:
    """The user, and the database that is its own. RDS's administrator is no superuser: it has to be a member of the
    role that it gives something to.
    """
    return _MAKE.format(user=app.user, database=app.database, verifier=verifier(app.password))

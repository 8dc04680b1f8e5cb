"""MySQL and MariaDB: the app's user and database, and how many rows there are. Pure."""

from __future__ import annotations

import base64

from .model import Login, Server

# The rows of every table, counted by a statement that the server puts together.
COUNT = """SET SESSION group_concat_max_len = 1048576;
SELECT COALESCE(CONCAT('SELECT ', GROUP_CONCAT('(SELECT COUNT(*) FROM `', table_name, '`)' SEPARATOR '+')), 'SELECT 0')
  INTO @statement FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE';
PREPARE statement FROM @statement;
EXECUTE statement;
"""
HELLO = "SELECT 1;\n"
# All that MySQL knows for a database. «ALL» has more in MariaDB than RDS gives to its administrator, who then may not
# give it to anybody.
_RIGHTS = (
    "SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, REFERENCES, INDEX, ALTER, CREATE TEMPORARY TABLES, LOCK TABLES, "
    "EXECUTE, CREATE VIEW, SHOW VIEW, CREATE ROUTINE, ALTER ROUTINE, EVENT, TRIGGER"
)
LOCAL = {
    "mysql": 'MYSQL_PWD="$(cat /stairway/password)" mysql --host 127.0.0.1 --user {user} -N -B {database}',
    "mariadb": 'MYSQL_PWD="$(cat /stairway/password)" mariadb --host 127.0.0.1 --user {user} -N -B {database}',
}


def command(server: Server, login: Login) -> list[str]:
    program = "mysql" if server.engine == "mysql" else "mariadb"
    at = ["--host", server.host, "--port", str(server.port), "--user", login.user]
    at += ["--connect-timeout", "10", "-N", "-B"]
    if not server.tls:
        secure = ["--ssl-mode", "PREFERRED"] if server.engine == "mysql" else ["--skip-ssl"]
    elif server.engine == "mysql":
        secure = ["--ssl-mode", "VERIFY_IDENTITY", "--ssl-ca", server.authorities]
    else:
        secure = ["--ssl-ca", server.authorities, "--ssl-verify-server-cert"]
    return [program, "--no-defaults", *at, *secure, *([login.database] if login.database else [])]


def secrets(login: Login) -> dict[str, str]:
    return {"MYSQL_PWD": login.password}


def make(app: Login) -> str:
    """CREATE USER takes no expression, so the server puts the statement together and quotes the password itself; in a
    GRANT an underscore stands for any character.
    """
    password = base64.b64encode(app.password.encode()).decode()
    grant = app.database.replace("_", "\\_")
    statements = "".join(
        f"""SET @statement = CONCAT('{words} ''{app.user}''@''%'' IDENTIFIED BY ', QUOTE(@password));
PREPARE statement FROM @statement;
EXECUTE statement;
"""
        for words in ("CREATE USER IF NOT EXISTS", "ALTER USER")
    )
    return f"""SET @password = CONVERT(FROM_BASE64('{password}') USING utf8mb4);
CREATE DATABASE IF NOT EXISTS `{app.database}` CHARACTER SET utf8mb4;
{statements}DEALLOCATE PREPARE statement;
GRANT {_RIGHTS} ON `{grant}`.* TO '{app.user}'@'%';
"""

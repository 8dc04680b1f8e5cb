"""How clients are told to speak TLS to a managed store, and by what they know the server. Pure data.

The certificates of RDS are signed by authorities of its own, which no system knows; their bundle stands in ``FOLDER``
on the host, and every container sees that folder at the same path. Those of ElastiCache are signed by Amazon Trust
Services, which every system knows, so a ``rediss`` URL needs no parameter (and Go's client refuses unknown ones).

- PostgreSQL: https://www.postgresql.org/docs/current/libpq-ssl.html, JDBC: https://jdbc.postgresql.org/documentation/ssl/
- MySQL: https://dev.mysql.com/doc/refman/8.4/en/connecting-using-uri-or-key-value-pairs.html
- Connector/J reads no PEM, hence the JKS beside it: https://dev.mysql.com/doc/connector-j/en/connector-j-connp-props-security.html
- MariaDB Connector/J: https://mariadb.com/docs/connectors/mariadb-connector-j
- MongoDB: https://www.mongodb.com/docs/manual/reference/connection-string-options/
"""

from __future__ import annotations

BUNDLE_URL = "https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem"
FOLDER = "/etc/stairway/ca"
BUNDLE = f"{FOLDER}/stores.pem"
# The same authorities for JVMs; the password is part of the format and no secret.
KEYSTORE, KEYSTORE_PASSWORD = f"{FOLDER}/stores.jks", "changeit"

# Node reads no file of authorities from a URL; this adds ours to those that it knows.
VARIABLES = {"NODE_EXTRA_CA_CERTS": BUNDLE}

_QUERIES = {
    "postgresql": f"?sslmode=verify-full&sslrootcert={BUNDLE}",
    "mysql": f"?ssl-mode=VERIFY_IDENTITY&ssl-ca={BUNDLE}",
    "mariadb": f"?ssl-mode=VERIFY_IDENTITY&ssl-ca={BUNDLE}",
    "mongodb": f"?tls=true&tlsCAFile={BUNDLE}",
    "redis": "",
}
_JDBC_QUERIES = {
    "postgresql": f"?sslmode=verify-full&sslrootcert={BUNDLE}",
    "mysql": (
        f"?sslMode=VERIFY_IDENTITY&trustCertificateKeyStoreUrl=file:{KEYSTORE}"
        f"&trustCertificateKeyStoreType=JKS&trustCertificateKeyStorePassword={KEYSTORE_PASSWORD}"
    ),
    "mariadb": f"?sslMode=verify-full&serverSslCert={BUNDLE}",
}


def query(engine: str) -> str:
    """What stands behind a URL of the engine, with its question mark."""
    return _QUERIES[engine]


def jdbc_query(engine: str) -> str:
    """The same for JDBC."""
    return _JDBC_QUERIES[engine]

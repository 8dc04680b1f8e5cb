"""Whom programs of ours trust."""

from __future__ import annotations

import ssl


def context() -> ssl.SSLContext:
    """The system's authorities. Not stricter than OpenSSL's other clients, as Python is since 3.13: many authorities of
    private networks were made without the extensions that it asks for.
    """
    made = ssl.create_default_context()
    made.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return made

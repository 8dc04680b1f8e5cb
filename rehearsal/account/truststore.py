"""The certificates of RDS where AWS serves them: here they are those of the rehearsal's own CA.

https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.SSL.html#UsingWithRDS.SSL.CertificatesAllRegions
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from .. import state

HOST = "truststore.pki.rds.amazonaws.com"
_BUNDLE = re.compile(r"/(global/global|([a-z0-9-]+)/\2)-bundle\.pem")


def bundle(environ: dict[str, Any], start: Any) -> Iterable[bytes] | None:
    """An interceptor of the front."""
    if environ.get("HTTP_HOST", "").partition(":")[0] != HOST:
        return None
    if not _BUNDLE.fullmatch(environ["PATH_INFO"]):
        start("404 Not Found", [("Content-Length", "0")])
        return []
    text = state.OWN_CA.read_bytes()
    start("200 OK", [("Content-Type", "binary/octet-stream"), ("Content-Length", str(len(text)))])
    return [text] if environ["REQUEST_METHOD"] == "GET" else []

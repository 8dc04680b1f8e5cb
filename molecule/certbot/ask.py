"""Asks an HTTPS site again and again until the file `stop` appears; prints sent, failed and the last error."""

import http.client
import json
import pathlib
import socket
import ssl
import sys
import time
from urllib.parse import urlsplit

site, stop = urlsplit(sys.argv[1]), pathlib.Path(sys.argv[2])
PATIENCE = 60  # seconds: what is counted is whether there is an answer, not how soon a busy machine gives it
anyone = ssl.create_default_context()
anyone.check_hostname = False
anyone.verify_mode = ssl.CERT_NONE  # the placeholder is nobody's


def ask(address: tuple[str, int]) -> None:
    line = http.client.HTTPConnection(site.hostname, timeout=PATIENCE)
    line.sock = anyone.wrap_socket(socket.create_connection(address, PATIENCE), server_hostname=site.hostname)
    try:
        line.request("GET", site.path, headers={"Connection": "close"})
        answer = line.getresponse()
        answer.read()
    finally:
        line.close()
    if answer.status != 200:
        raise http.client.HTTPException(f"answered with {answer.status}")


def asked() -> dict[str, object]:
    address = (socket.gethostbyname(site.hostname), 443)  # once: the edge is asked here, not the name server
    sent, failed, last = 0, 0, ""
    end = time.monotonic() + 900
    while not stop.exists():
        if time.monotonic() > end:
            return {"sent": sent, "failed": failed + 1, "last": "nobody told it to stop"}
        sent += 1
        try:
            ask(address)
        except (OSError, http.client.HTTPException) as error:
            failed, last = failed + 1, f"request {sent}: {error!r}"
        time.sleep(0.02)
    return {"sent": sent, "failed": failed, "last": last}


print(json.dumps(asked()))

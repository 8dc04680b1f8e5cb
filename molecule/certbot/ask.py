"""Asks an HTTPS site again and again until the file `stop` appears; prints sent, failed and the last error."""

import pathlib
import ssl
import sys
import time
import urllib.error
import urllib.request

url, stop = sys.argv[1], pathlib.Path(sys.argv[2])
anyone = ssl.create_default_context()
anyone.check_hostname = False
anyone.verify_mode = ssl.CERT_NONE  # the placeholder is nobody's; what is counted is whether there is an answer
sent, failed, last = 0, 0, ""
end = time.monotonic() + 900
while not stop.exists() and time.monotonic() < end:
    sent += 1
    try:
        with urllib.request.urlopen(url, timeout=5, context=anyone) as answer:  # noqa: S310 the scenario's own address
            answer.read()
    except (OSError, urllib.error.URLError) as error:
        failed, last = failed + 1, str(error)
    time.sleep(0.02)
if not stop.exists():
    failed, last = failed + 1, "nobody told it to stop"
print(f'{{"sent": {sent}, "failed": {failed}, "last": "{last}"}}')

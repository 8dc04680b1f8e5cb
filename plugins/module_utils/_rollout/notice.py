"""The notice of a release to Slack: its text (pure) and its delivery."""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.request

SYMBOLS = {
    "released": ":white_check_mark:",
    "failed": ":x:",
    "rolled back": ":leftwards_arrow_with_hook:",
}


def text(
    outcome: str,
    *,
    app: str,
    version: str,
    host: str,
    actor: str,
    seconds: float,
    before: str | None = None,
    reason: str | None = None,
) -> str:
    """One or two lines: what, where, who, how long; ``outcome`` is ``released``, ``failed`` or ``rolled back``.

    ``before`` is the version that ran before, ``reason`` the first line of what went wrong.
    """
    what = f"*{app}* {version} {'failed' if outcome == 'failed' else outcome} on {host}"
    if outcome == "rolled back":
        what = f"*{app}* rolled back to {version} on {host}"
    line = f"{SYMBOLS[outcome]} {what}, by {actor}, in {seconds:.0f} s"
    if before and outcome != "failed":
        line += f" (was {before})"
    if outcome == "failed":
        line += f". Users are on {before}." if before else ". Nothing was running before."
        if reason:
            line += f"\n{reason.splitlines()[0]}"
    return line


def send(webhook: str, message: str, *, timeout: float = 5) -> str | None:
    """POST ``message`` to a Slack incoming webhook; the return is why it did not arrive, or ``None``.

    A notice that does not arrive never fails a release. The reason never holds the address, which is a secret.
    Source of the format: Slack, "Sending messages using incoming webhooks".
    """
    body = json.dumps({"text": message}).encode()
    try:
        request = urllib.request.Request(  # noqa: S310 - a webhook is http or https: the app spec checks that
            webhook, data=body, headers={"Content-Type": "application/json"}, method="POST"
        )
        with urllib.request.urlopen(request, timeout=timeout):  # noqa: S310 - as above
            return None
    except urllib.error.HTTPError as error:
        return f"the webhook answered HTTP {error.code}"
    except urllib.error.URLError as error:
        return f"the webhook cannot be reached: {error.reason}"
    except (OSError, ValueError, http.client.HTTPException) as error:
        return f"the webhook cannot be reached: {type(error).__name__}"

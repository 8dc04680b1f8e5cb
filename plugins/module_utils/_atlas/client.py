"""Speaking to the Atlas Administration API, version 2: https://www.mongodb.com/docs/api/doc/atlas-admin-api-v2/.

Standard library only. Versions are chosen by date in ``Accept`` (``application/vnd.atlas.<date>+json``); rate limits
are answered with 429 and ``Retry-After`` (https://www.mongodb.com/docs/atlas/api/api-rate-limit), and only such a
request, which was not looked at, and a GET are sent again: a POST that got no answer may have been done.
"""

from __future__ import annotations

import http.client
import json
import ssl
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from typing import Any
from urllib.parse import urlencode, urlsplit

from .._common import tls, wait
from .._common.errors import StairwayError
from .faults import AtlasError, Unanswered, refusal
from .login import Keys, ServiceAccount

BASE = "https://cloud.mongodb.com"
API = "/api/atlas/v2"
VERSION = "application/vnd.atlas.2025-03-12+json"
TOKEN = "/api/oauth/token"  # noqa: S105 the path where one is had
TRIES = 6
_GRANT = b"grant_type=client_credentials"
_LONGEST_PAUSE = 120.0
_PAGE = 500
_MOST = 16 << 20
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}


@dataclass(frozen=True)
class _Answer:
    status: int
    headers: Message
    body: bytes

    def json(self) -> dict[str, Any] | None:
        """The object in it; None where it is something else."""
        if not self.body.strip():
            return {}
        try:
            found = json.loads(self.body)
        except ValueError:
            return None
        return found if isinstance(found, dict) else None


class _Stay(urllib.request.HTTPRedirectHandler):
    """A login is for one server only: it follows no redirection."""

    def redirect_request(self, *_arguments: Any) -> None:
        return None


class Client:
    """``base`` is ``https://`` and a host; plain HTTP is spoken with this machine only. ``hidden`` are secrets that are
    sent; no error shows them, whatever Atlas answers.
    """

    def __init__(
        self, base: str, login: Keys | ServiceAccount, *, hidden: tuple[str, ...] = (), seconds: float = 30
    ) -> None:
        parts = urlsplit(base)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
            raise StairwayError(
                "The address of Atlas is no https:// URL.", found=parts.scheme or base, where="base_url"
            )
        self.base = f"{parts.scheme}://{parts.netloc}"
        self._login = login
        self._hidden = hidden
        self._seconds = seconds
        self._opener = urllib.request.build_opener(urllib.request.HTTPSHandler(context=tls.context()), _Stay())

    def get(self, path: str, query: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """:raises AtlasError: when Atlas says no. :raises Unanswered: when it says nothing after all tries."""
        return self._ask("GET", path + (f"?{urlencode(query)}" if query else ""))

    def find(self, path: str, *missing: str) -> dict[str, Any] | None:
        """What is there; None where Atlas says with one of the codes ``missing`` that there is no such thing."""
        try:
            return self.get(path)
        except AtlasError as error:
            if error.status == 404 and error.code in missing:
                return None
            raise

    def all(self, path: str, query: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """Every item of a list, page by page."""
        items: list[dict[str, Any]] = []
        number = 1
        while True:
            page = self.get(path, {**(query or {}), "itemsPerPage": _PAGE, "pageNum": number})
            got = page.get("results")
            if not isinstance(got, list) or not all(isinstance(one, dict) for one in got):
                raise self._strange("GET", path, "a list without results")
            items += got
            if len(got) < _PAGE:
                return items
            number += 1

    def send(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        """POST, PATCH or DELETE, once.

        :raises Unanswered: when nobody knows whether it was done.
        """
        return self._ask(method, path, body)

    def _ask(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        for number in range(1, TRIES + 1):
            last = number == TRIES
            try:
                answer = self._authorized(method, API + path, body)
            except Unanswered:
                if method != "GET" or last:
                    raise
                wait.pause(_backoff(number))
                continue
            if answer.status == 429 and not last:
                wait.pause(_asked(answer) or _backoff(number))
            elif answer.status >= 500 and method == "GET" and not last:
                wait.pause(_backoff(number))
            else:
                return self._read(method, path, answer)
        raise AssertionError("the last try returns or raises")

    def _authorized(self, method: str, path: str, body: Any) -> _Answer:
        """One answer, the login renewed where Atlas asks for that: what it answers with 401 it has not done."""
        for again in (True, True, False):
            if isinstance(self._login, ServiceAccount) and self._login.token is None:
                self._login.token = self._fresh_token(self._login)
            answer = self._exchange(method, path, _coded(body), self._login.header(method, path), VERSION)
            refused = answer.status == 401 and again
            if not refused or not self._login.learns(answer.headers.get("WWW-Authenticate", "")):
                break
        return answer

    def _fresh_token(self, account: ServiceAccount) -> str:
        """A token changes nothing at Atlas, so it is asked for again like a GET."""
        for number in range(1, TRIES + 1):
            try:
                answer = self._exchange("POST", TOKEN, _GRANT, account.basic, "application/json")
            except Unanswered:
                if number == TRIES:
                    raise
                wait.pause(_backoff(number))
                continue
            if number == TRIES or not (answer.status == 429 or answer.status >= 500):
                break
            wait.pause(_asked(answer) or _backoff(number))
        token = self._read("POST", TOKEN, answer).get("access_token")
        if not isinstance(token, str) or not token:
            raise self._strange("POST", TOKEN, "no access_token")
        return token

    def _exchange(self, method: str, path: str, body: bytes | None, authorization: str | None, kind: str) -> _Answer:
        request = urllib.request.Request(self.base + path, data=body, method=method)  # noqa: S310 see __init__
        request.add_header("Accept", kind)
        request.add_header("User-Agent", "stairway.cloud")
        if body is not None:
            request.add_header("Content-Type", kind if path != TOKEN else "application/x-www-form-urlencoded")
        if authorization:
            request.add_unredirected_header("Authorization", authorization)
        try:
            try:
                answer = self._opener.open(request, timeout=self._seconds)
            except urllib.error.HTTPError as error:
                answer = error
            with answer:
                return _Answer(answer.status, answer.headers, answer.read(_MOST))
        except (OSError, http.client.HTTPException) as error:
            raise self._unanswered(method, path, error) from None

    def _read(self, method: str, path: str, answer: _Answer) -> dict[str, Any]:
        found = answer.json()
        if 200 <= answer.status < 300:
            if found is None:
                raise self._strange(method, path, answer.headers.get("Content-Type", "no JSON"))
            return found
        said = self._clean(refusal(answer.status, found or {}, where=self._where(method, path)))
        if answer.status < 500:
            raise said
        raise Unanswered(
            "Atlas failed to answer.", found=said.found, where=said.where, fix="run again; it goes on where it was"
        )

    def _unanswered(self, method: str, path: str, error: Exception) -> StairwayError:
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        if isinstance(reason, ssl.SSLCertVerificationError):
            return StairwayError(
                "The certificate of Atlas cannot be trusted.",
                found=str(reason.verify_message),
                where=self.base,
                fix="see what stands between this machine and Atlas; its authority goes into SSL_CERT_FILE",
            )
        return Unanswered(
            "Atlas did not answer.",
            found=str(reason) or type(reason).__name__,
            where=self._where(method, path),
            fix=f"see whether this machine reaches {self.base}, then run again; it goes on where it was",
        )

    def _strange(self, method: str, path: str, found: str) -> StairwayError:
        return StairwayError(
            "Atlas answered with something else than its documentation says.",
            expected="an object in JSON",
            found=found,
            where=self._where(method, path),
            fix="see base_url, and whether a proxy answers in the place of Atlas",
        )

    def _where(self, method: str, path: str) -> str:
        return f"{method} {self.base}{path if path == TOKEN else API + path}".partition("?")[0]

    def _clean(self, error: AtlasError) -> AtlasError:
        """What Atlas says may repeat what it was sent."""
        for secret in (*self._login.secrets, *self._hidden):
            error.found = (error.found or "").replace(secret, "********")
        return error


def _coded(body: Any) -> bytes | None:
    return None if body is None else json.dumps(body).encode()


def _backoff(number: int) -> float:
    return float(2 ** (number - 1))


def _asked(answer: _Answer) -> float:
    """How long Atlas wants to be left alone, 0 where it does not say it in seconds."""
    said = answer.headers.get("Retry-After", "")
    return min(float(said), _LONGEST_PAUSE) if said.isdecimal() else 0.0

"""Who asks Atlas: API keys or a service account. Neither shows its secret.

https://www.mongodb.com/docs/atlas/api/api-authentication and
https://www.mongodb.com/docs/atlas/api/service-accounts/generate-oauth2-token. The environment variables are those of
https://www.mongodb.com/docs/atlas/cli/current/atlas-cli-env-variables.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from .._common.errors import StairwayError
from . import digest

VARIABLES = {
    "public_key": "MONGODB_ATLAS_PUBLIC_API_KEY",
    "private_key": "MONGODB_ATLAS_PRIVATE_API_KEY",
    "client_id": "MONGODB_ATLAS_CLIENT_ID",
    "client_secret": "MONGODB_ATLAS_CLIENT_SECRET",
}
_HOW = "client_id and client_secret of a service account, or public_key and private_key of an API key"


@dataclass
class Keys:
    """An API key. It answers the server's last challenge, and counts how often."""

    public: str
    private: str = field(repr=False)
    _asked: digest.Challenge | None = field(default=None, repr=False)
    _count: int = 0

    @property
    def secrets(self) -> tuple[str, ...]:
        return (self.private,)

    def header(self, method: str, uri: str) -> str | None:
        if self._asked is None:
            return None
        self._count += 1
        return digest.answer(
            self._asked,
            user=self.public,
            password=self.private,
            method=method,
            uri=uri,
            count=self._count,
            mark=secrets.token_hex(16),
        )

    def learns(self, refusal: str) -> bool:
        """Whether a 401 with this ``WWW-Authenticate`` can be answered: the first, and one of an old nonce.

        A nonce that is refused at its first use was not the reason: the key is wrong.
        """
        asked = digest.challenge(refusal)
        if asked is None:
            return False
        used, self._asked, self._count = self._count, asked, 0
        return used != 1 or asked.stale


@dataclass
class ServiceAccount:
    """A service account; the client brings it a token, which is good for an hour."""

    client_id: str
    secret: str = field(repr=False)
    token: str | None = field(default=None, repr=False)

    @property
    def secrets(self) -> tuple[str, ...]:
        return (self.secret, self.basic.removeprefix("Basic "), *((self.token,) if self.token else ()))

    @property
    def basic(self) -> str:
        """The ``Authorization`` header for asking for a token."""
        return "Basic " + base64.b64encode(f"{self.client_id}:{self.secret}".encode()).decode()

    def header(self, _method: str, _uri: str) -> str | None:
        return f"Bearer {self.token}" if self.token else None

    def learns(self, _refusal: str) -> bool:
        """Whether a new token may help: it does when the one that was refused had been in use."""
        had, self.token = self.token is not None, None
        return had


def login(options: Mapping[str, str | None], environment: Mapping[str, str]) -> Keys | ServiceAccount:
    """What the options name; where they name nothing, the environment. A service account goes before keys there.

    :raises StairwayError: when there is nothing, half of a pair, or both pairs.
    """
    named = {name: options.get(name) or "" for name in VARIABLES}
    if not any(named.values()):
        named = {name: environment.get(variable, "") for name, variable in VARIABLES.items()}
        if named["client_id"] and named["client_secret"]:
            named["public_key"] = named["private_key"] = ""
    account = named["client_id"], named["client_secret"]
    keys = named["public_key"], named["private_key"]
    if any(account) and any(keys):
        raise StairwayError("Two logins to Atlas were given.", expected=f"one: {_HOW}", where=", ".join(_given(named)))
    if all(account):
        return ServiceAccount(*account)
    if all(keys):
        return Keys(*keys)
    raise StairwayError(
        "There is no whole login to Atlas.",
        expected=_HOW,
        found=", ".join(_given(named)) or "nothing",
        fix=f"give both options, or set {' and '.join(list(VARIABLES.values())[2:])} where the module runs",
    )


def _given(named: Mapping[str, str]) -> list[str]:
    return [name for name, text in named.items() if text]

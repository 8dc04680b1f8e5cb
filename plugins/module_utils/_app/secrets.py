"""Finds secrets that stand in clear text, and says which paths hold one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from .mistakes import HIDDEN, Mistake, Path, dotted
from .source import Document, Opaque

_NAME = re.compile(
    r"PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|API_?KEY|PRIVATE_?KEY|ACCESS_?KEY|SIGNING_?KEY|ENCRYPTION_?KEY|CREDENTIAL|WEBHOOK"
    r"|(?:^|_)PASS$|(?:^|_)PWD$",
    re.IGNORECASE,
)
# PASSWORD_MIN_LENGTH, TOKEN_TTL and the like tell about a secret and are none
_ABOUT = re.compile(
    r"_(?:TTL|SECONDS|MINUTES|HOURS|DAYS|EXPIRES?|EXPIRES_IN|EXPIRY|EXPIRATION|LENGTH|MIN|MAX|FILE|PATH|DIR|NAME|HEADER|ALGORITHM|ENABLED|REQUIRED|ROUNDS"
    r"|ISSUER|AUDIENCE|COOKIE|TYPE|LIMIT|PREFIX|REGION|ARN|VERSION|POLICY)$",
    re.IGNORECASE,
)
_PATTERNS = (
    ("an AWS access key", re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b")),
    ("a private key", re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY(?: BLOCK)?-----|\bAGE-SECRET-KEY-1")),
    (
        "a webhook, which is a secret",
        re.compile(
            r"https://(?:hooks\.slack\.com/(?:services|workflows)|discord(?:app)?\.com/api/webhooks"
            r"|[\w.-]+\.webhook\.office\.com)/"
        ),
    ),
    (
        "a token",
        re.compile(
            r"\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{20,}|xox[abprs]-[\w-]{10,}"
            r"|[sr]k_live_\w{10,}|AIza[\w-]{35})"
        ),
    ),
    ("a signed token", re.compile(r"\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]+")),
    ("a password in an option", re.compile(r"(?i)--?(?:password|passwd|token|secret|api-?key)[= ](?![${])\S+")),
    ("a URL with a password in it", re.compile(r"\b[a-z][a-z0-9+.-]*://[^\s:/@{}$]*:[^\s/@{}$]+@")),
)

_SECRETS = {
    ("stores", "password"), ("stores", "url"), ("alerts", "slack_webhook"),
    ("backups", "access_key"), ("backups", "secret_key"), ("backups", "files_password"),
}  # fmt: skip


def is_secret_name(name: str) -> bool:
    """Whether a value of that name is a secret by its name alone."""
    return _NAME.search(name) is not None and _ABOUT.search(name) is None


def secret_in(text: str) -> str | None:
    """What kind of secret the text shows, or None."""
    return next((what for what, pattern in _PATTERNS if pattern.search(text)), None)


def is_secret(path: Path, value: Any) -> bool:
    """Whether the value at a path of the spec must never be shown."""
    if _is_reference(path):
        return False
    if any(isinstance(part, str) and is_secret_name(part) for part in path[-2:]) or path[-1:] == ("url",):
        return not isinstance(value, (dict, list))
    return isinstance(value, str) and secret_in(value) is not None


def _is_reference(path: Path) -> bool:
    """``stores.db.env.DB_PASSWORD: password`` only names a form."""
    return len(path) >= 3 and path[0] == "stores" and path[2] == "env"


def clear_text(document: Document, roots: tuple[str, ...] = ("app", "app_overrides")) -> list[Mistake]:
    """The secrets that can be read in a file that is not encrypted."""
    if document.encrypted:
        return []
    found = []
    for root in roots:
        for path, value in _leaves(document.variables.get(root), ()):
            what = _why(path, value)
            if what is not None:
                place = document.places[(root, *path)]
                found.append(_mistake(place.file, place.line, (root, *path), what, root))
    return found


def _why(path: Path, value: Any) -> str | None:
    if isinstance(value, bool) or value in (None, ""):
        return None
    text = str(value)
    if isinstance(value, Opaque):
        # a reference may stand beside clear text: redis://:hunter2@{{ host }}
        return None if value.vault else secret_in(text)
    shown = secret_in(text)
    if shown is not None:
        return shown
    name = str(path[-1]) if path else ""
    if _is_reference(path) or re.fullmatch(r"\$\{[a-z0-9-]+\.[a-z_]+\}", text):
        return None
    if (path[0] if path else "", name) in _SECRETS:
        return "a secret"
    in_env = len(path) >= 2 and path[-2] == "env"
    return "a secret, by its name" if in_env and is_secret_name(name) and not isinstance(value, (int, float)) else None


def _leaves(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _leaves(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _leaves(item, (*path, index))
    else:
        yield path, value


def _mistake(file: str, line: int | None, path: Path, what: str, root: str) -> Mistake:
    words = [
        str(part)
        for part in path
        if isinstance(part, str) and part not in (root, "stores", "env", "alerts", "services")
    ]
    variable = "vault_" + re.sub(r"\W+", "_", "_".join(words) or "secret").lower()
    return Mistake(
        file=file,
        line=line,
        path=dotted(path),
        message="A secret stands here in clear text.",
        found=f"{what} ({HIDDEN})",
        expected="a reference to a vaulted variable, or a text encrypted by ansible-vault",
        suggestion=f'"{{{{ {variable} }}}}", and {variable} in vault.yml (ansible-vault create vault.yml)',
    )

"""Names of the DNS: which there are, and how Route 53 writes them."""

from __future__ import annotations

from .._resource.types import Text

_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
DOMAIN = Text(rf"({_LABEL}\.)+{_LABEL}", "a domain such as example.com, in small letters", most=253)
WILD_DOMAIN = Text(rf"(\*\.)?({_LABEL}\.)+{_LABEL}", "a domain such as example.com or *.example.com", most=253)
# records have names that hosts must not have: _acme-challenge.example.com
_RECORD_LABEL = r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?"
RECORD = Text(
    rf"(\*\.)?({_RECORD_LABEL}\.)+{_LABEL}", "a whole name such as www.example.com, in small letters", most=253
)

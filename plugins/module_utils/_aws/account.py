"""One account in one region: the only place that speaks to AWS.

A call is one method with the service's and the operation's boto3 names, so that what the collection does in AWS can be
read (and its IAM policy be made) from the sources.
"""

from __future__ import annotations

import re
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from .._common.errors import StairwayError
from .._common.wait import pause
from .errors import AwsError, no_credentials, unreachable

# How long AWS may take to know everywhere what it has just made. EC2's documentation of eventual consistency speaks of
# seconds, IAM's of «as long as a minute».
SETTLE_SECONDS = 60
POOL = 32


class Account:
    """Clients, calls and pages. Safe to use from many threads."""

    def __init__(
        self,
        region: str,
        *,
        profile: str | None = None,
        endpoint_url: str | None = None,
        session: Any = None,
        attempts: int = 10,
        timeout: float = 60,
    ) -> None:
        """``attempts`` counts the first one; ``timeout`` is for connecting and for each read, in seconds."""
        self.region = region
        self.calls: Counter[str] = Counter()
        self._endpoint_url = endpoint_url
        self._session = session or new_session(profile)
        self._attempts = attempts
        self._timeout = timeout
        self._clients: dict[tuple[str, str], Any] = {}
        self._locks: dict[tuple[str, str], threading.Lock] = {}
        self._lock = threading.Lock()
        self._fresh: dict[str, float] = {}
        self._asking = threading.Lock()
        self._identity: str | None = None

    # -- calls -----------------------------------------------------------------------------------------------------

    def call(
        self,
        service: str,
        operation: str,
        /,
        *,
        region: str | None = None,
        absent: tuple[str, ...] = (),
        **parameters: Any,
    ) -> dict[str, Any]:
        """One call; parameters that are None are left out. Answers what boto3 answers.

        While something that this run has just made is not known everywhere yet, «not found» is asked again. ``absent``
        names the codes by which AWS says that a part which may be missing is missing: the answer is then empty.

        :raises AwsError: when AWS refuses.
        """
        given = {key: value for key, value in parameters.items() if value is not None}
        deadline = self._settling(given)
        delay = 0.25
        while True:
            try:
                return self._once(service, operation, region, given)
            except AwsError as error:
                if error.code in absent:
                    return {}
                if not (error.missing or _not_yet(error)) or time.monotonic() + delay > deadline:
                    raise
            pause(delay)
            delay = min(delay * 1.6, 4)

    def pages(
        self, service: str, operation: str, key: str, /, *, region: str | None = None, **parameters: Any
    ) -> Iterator[Any]:
        """Every item under ``key`` (a path with dots) of every page. Counts one call for each page."""
        client = self.client(service, region)
        given = {k: v for k, v in parameters.items() if v is not None}
        if not client.can_paginate(operation):
            yield from _items(self.call(service, operation, region=region, **given), key)
            return
        spec = client.get_paginator(operation)._pagination_cfg
        tokens_in, tokens_out = _list(spec["input_token"]), _list(spec["output_token"])
        more = spec.get("more_results")
        while True:
            answer = self.call(service, operation, region=region, **given)
            yield from _items(answer, key)
            following = {i: _token(answer, o) for i, o in zip(tokens_in, tokens_out, strict=True)}
            if not any(following.values()) or (more and not _token(answer, more)):
                return
            given.update({k: v for k, v in following.items() if v})

    def client(self, service: str, region: str | None = None) -> Any:
        """The boto3 client; made once, as making one takes longer than a call.

        :raises StairwayError: when the profile is not there or has half a pair of keys, or the region cannot be one.
        """
        key = (service, region or self.region)
        with self._lock:
            lock = self._locks.setdefault(key, threading.Lock())
        with lock:
            if key not in self._clients:
                self._clients[key] = self._new_client(*key)
            return self._clients[key]

    @property
    def account_id(self) -> str:
        """The account's twelve digits, asked once."""
        with self._asking:
            if self._identity is None:
                self._identity = str(self.call("sts", "get_caller_identity")["Account"])
            return self._identity

    @property
    def partition(self) -> str:
        """``aws``, ``aws-cn`` or ``aws-us-gov``: the second word of an ARN."""
        return {"cn": "aws-cn", "us-gov": "aws-us-gov"}.get(re.sub(r"-\w+-\d$", "", self.region), "aws")

    # -- what was just made -------------------------------------------------------------------------------------------

    def created(self, *ids: str) -> None:
        """Remember that these were made just now: AWS may not know them everywhere yet."""
        with self._lock:
            for one in ids:
                self._fresh[one] = time.monotonic() + SETTLE_SECONDS

    def deleted(self, *ids: str) -> None:
        """Forget that these were made just now: «not found» is right from here on."""
        with self._lock:
            for one in ids:
                self._fresh.pop(one, None)

    def _settling(self, parameters: Mapping[str, Any]) -> float:
        if not self._fresh:
            return 0.0
        with self._lock:
            fresh = dict(self._fresh)
        return max((fresh[text] for text in _texts(parameters) if text in fresh), default=0.0)

    # -- one request --------------------------------------------------------------------------------------------------

    def _once(self, service: str, operation: str, region: str | None, parameters: Mapping[str, Any]) -> dict[str, Any]:
        from botocore import exceptions
        from botocore.parsers import ResponseParserError

        client = self.client(service, region)
        method = client.meta.method_to_api_mapping[operation]
        name = f"{service}:{method}"
        where = region or self.region
        with self._lock:
            self.calls[name] += 1
        try:
            answer: dict[str, Any] = getattr(client, operation)(**parameters)
        except exceptions.ClientError as error:
            detail = error.response.get("Error", {})
            raise AwsError(name, str(detail.get("Code", "")), str(detail.get("Message", "")), region=where) from error
        except (exceptions.NoCredentialsError, exceptions.PartialCredentialsError, exceptions.ProfileNotFound) as error:
            raise no_credentials(str(error)) from error
        except exceptions.ParamValidationError as error:
            raise AwsError(name, "ParamValidation", str(error), region=where) from error
        except (exceptions.HTTPClientError, exceptions.BotoCoreError, ResponseParserError) as error:
            raise unreachable(name, where, str(error)) from error
        return answer

    def _new_client(self, service: str, region: str) -> Any:
        from botocore import exceptions
        from botocore.config import Config

        # «standard» waits between attempts with jitter and knows every throttling code of AWS
        config = Config(
            retries={"mode": "standard", "total_max_attempts": self._attempts},
            max_pool_connections=POOL,
            connect_timeout=self._timeout,
            read_timeout=self._timeout,
        )
        try:
            with self._lock:  # a session is not safe to make clients from two threads
                return self._session.create_client(
                    service, region_name=region, config=config, endpoint_url=self._endpoint_url
                )
        except (exceptions.NoCredentialsError, exceptions.PartialCredentialsError, exceptions.ProfileNotFound) as error:
            raise no_credentials(str(error)) from error
        except exceptions.BotoCoreError as error:
            raise unreachable(service, region, str(error)) from error


def new_session(profile: str | None) -> Any:
    """botocore's session: credentials and configuration of the machine, read when they are needed."""
    try:
        import botocore.session
    except ImportError as error:
        raise StairwayError(
            "Python on the controller has no boto3.",
            expected="boto3 and botocore beside Ansible",
            found=str(error),
            fix="pip install boto3, into the environment that runs ansible-playbook",
        ) from error
    return botocore.session.Session(profile=profile)


def _not_yet(error: AwsError) -> bool:
    """IAM roles and instance profiles are refused by others with codes of their own until they are known there; by Auto
    Scaling with «ValidationError: ... Invalid IAM Instance Profile ARN».
    """
    text = error.text.lower()
    return error.code.startswith(("Invalid", "ValidationError")) and ("role" in text or "profile" in text)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from _texts(one)


def _items(answer: Mapping[str, Any], key: str) -> Iterator[Any]:
    value: Any = answer
    for part in key.split("."):
        value = (value or {}).get(part)
    yield from value or ()


def _list(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def _token(answer: Mapping[str, Any], expression: str) -> Any:
    import jmespath

    return jmespath.search(expression, answer)

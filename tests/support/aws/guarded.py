"""An emulated account that checks permissions, and users of it with one policy each."""

from __future__ import annotations

import itertools
import json
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import botocore.session

from ansible_collections.stairway.cloud.plugins.module_utils._aws.account import Account
from tests.support.aws.emulators import REGION, Emulator, moto
from tools.iam_policy import parts


@dataclass
class Guard:
    """moto that lets through what a policy allows, once somebody has one."""

    emulator: Emulator
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def account(self, policy: Mapping[str, Any], region: str = REGION) -> Account:
        """The account in the eyes of a new user who has just this policy. What is in the account stays."""
        self.open()
        everybody = self.emulator.account(region)
        name = f"user-{next(self._numbers)}"
        everybody.call("iam", "create_user", UserName=name)
        # a policy may be longer than IAM takes one, but not longer than all that a user can have
        for number, part in enumerate(parts(policy)):
            made = everybody.call(
                "iam", "create_policy", PolicyName=f"{name}-{number}", PolicyDocument=json.dumps(part)
            )
            everybody.call("iam", "attach_user_policy", UserName=name, PolicyArn=made["Policy"]["Arn"])
        key = everybody.call("iam", "create_access_key", UserName=name)["AccessKey"]
        self._check_after(0)
        session = botocore.session.Session()
        session.set_credentials(key["AccessKeyId"], key["SecretAccessKey"])
        return Account(region, session=session, endpoint_url=self.emulator.url, attempts=2)

    def open(self) -> None:
        """Let everybody in again."""
        self._check_after("inf")

    def reset(self) -> None:
        """An empty account, open to everybody."""
        self.open()
        self.emulator.reset()

    def _check_after(self, requests: object) -> None:
        url = f"{self.emulator.url}/moto-api/reset-auth"
        plain = {"Content-Type": "text/plain"}
        request = urllib.request.Request(url, method="POST", data=str(requests).encode(), headers=plain)
        urllib.request.urlopen(request, timeout=60).read()


@contextmanager
def guarded() -> Iterator[Guard]:
    """A process of its own, as what it checks is checked for all."""
    with moto() as emulator:
        yield Guard(emulator)

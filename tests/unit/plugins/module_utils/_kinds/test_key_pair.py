"""``key_pair``, on both emulators."""

from __future__ import annotations

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._kinds.key_pair import KIND, PublicKey, aws_name
from ansible_collections.stairway.cloud.plugins.module_utils._resource.kind import Scope
from tests.support.aws.trial import APP, Trial

from .networks import problems

ED25519 = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGr4H7KYuLJTwJRPSuVvVXRVTEBN6vtuIlYSxvRJOY8P"
OTHER = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDkLsD5yQwZiQwG4g4vYdH2bG7W4DvxJSc9yLzBLJYpY me@home"


def test_whole_life(trial: Trial) -> None:
    pair = trial.make("key_pair", "admin", public_key=f"{ED25519} anybody@anywhere\n")
    assert pair.outputs == {"name": aws_name(APP, "admin", {"public_key": ED25519})}
    other = trial.make("key_pair", "admin", public_key=OTHER)
    assert {one.id for one in trial.all("key_pair")} == {pair.id, other.id}, "the new one stands beside the old one"
    trial.retag(pair)
    trial.remove(pair)
    trial.remove(pair)


def test_one_of_the_same_name_is_seen_without_our_tag(trial: Trial) -> None:
    name = aws_name(APP, "admin", {"public_key": ED25519})
    trial.account.call("ec2", "import_key_pair", KeyName=name, PublicKeyMaterial=ED25519.encode())
    (foreign,) = KIND.describe(trial.account, Scope(APP, names=frozenset({name})))
    assert (foreign.aws_name, foreign.app) == (name, None)


def test_the_comment_does_not_count() -> None:
    assert PublicKey().canonical(f"{ED25519} me@here") == PublicKey().canonical(ED25519)


@pytest.mark.parametrize(
    "key", ["ecdsa-sha2-nistp256 AAAA", "ssh-ed25519", "-----BEGIN OPENSSH PRIVATE KEY-----", "ssh-dss AAAA"]
)
def test_keys_that_ec2_does_not_take(key: str) -> None:
    assert set(problems({"key_pair": "admin", "public_key": key})) == {"key_pair/admin.public_key"}

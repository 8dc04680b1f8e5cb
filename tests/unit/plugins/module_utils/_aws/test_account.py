"""What was just made may not be known everywhere yet: which refusals are asked again."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._aws import account
from ansible_collections.stairway.cloud.plugins.module_utils._aws.account import Account
from ansible_collections.stairway.cloud.plugins.module_utils._aws.errors import AwsError

UNKNOWN = "You must use a valid fully-formed launch template. Value (shop-web) for parameter iamInstanceProfile.name is"


class _Refusing(Account):
    """An account that refuses the first call."""

    def __init__(self, error: AwsError) -> None:
        super().__init__("ap-northeast-2", session=object())
        self.answers: list[Any] = [error, {"it": "is made"}]

    def _once(self, *_given: Any) -> dict[str, Any]:
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return dict(answer)


def _made(monkeypatch: pytest.MonkeyPatch, code: str, text: str, *fresh: str) -> dict[str, Any]:
    monkeypatch.setattr(account, "pause", lambda _seconds: None)
    aws = _Refusing(AwsError("autoscaling:CreateAutoScalingGroup", code, text, region="ap-northeast-2"))
    aws.created(*fresh)
    return aws.call("autoscaling", "create_auto_scaling_group", LaunchTemplate={"LaunchTemplateId": "lt-1"})


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("InvalidParameterValue", "Value (shop-web) for parameter iamInstanceProfile.name is invalid."),
        ("ValidationError", f"{UNKNOWN} invalid. Invalid IAM Instance Profile name"),
        ("ValidationError", "Invalid IAM Instance Profile ARN"),
        ("InvalidLaunchTemplateId.NotFound", "The specified launch template does not exist"),
    ],
)
def test_what_is_not_known_there_yet_is_asked_again(monkeypatch: pytest.MonkeyPatch, code: str, text: str) -> None:
    assert _made(monkeypatch, code, text, "lt-1") == {"it": "is made"}
    with pytest.raises(AwsError, match=code):
        _made(monkeypatch, code, text)


def test_what_is_wrong_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(AwsError, match="Max bound"):
        _made(monkeypatch, "ValidationError", "Max bound, 0, must be greater than or equal to min bound, 1", "lt-1")

"""Calls of AWS from a machine: what is tried again, and what a refusal says."""

from __future__ import annotations

import http.client
import io
import json
import urllib.error
from collections.abc import Iterator
from email.message import Message
from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common import wait
from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._fleet.agent import aws

KEYS = aws.Keys("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")


class _Metadata(aws.Metadata):
    def keys(self) -> aws.Keys:
        return KEYS


class _Answer(io.BytesIO):
    def __enter__(self) -> _Answer:
        return self


def _no(status: int, code: str) -> urllib.error.HTTPError:
    body = io.BytesIO(json.dumps({"__type": f"com.amazon#{code}", "message": "words"}).encode())
    return urllib.error.HTTPError("https://x", status, "no", Message(), body)


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """What AWS answers, one after the other."""
    given: list[Any] = []

    def ask(*_words: Any, **_named: Any) -> _Answer:
        answer = given.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return _Answer(json.dumps(answer).encode())

    monkeypatch.setattr(aws.urllib.request, "urlopen", ask)
    monkeypatch.setattr(wait, "pause", lambda _seconds: None)
    yield given
    assert given == [], "all were asked for"


@pytest.fixture
def here() -> aws.Aws:
    return aws.Aws("ap-northeast-2", _Metadata())


def test_what_is_busy_is_asked_again(here: aws.Aws, answers: list[Any]) -> None:
    answers += [_no(400, "ThrottlingException"), _no(503, ""), OSError("down"), {"Parameter": {"Value": "v"}}]
    assert here.parameter("/stairway/a/release") == "v"


def test_an_answer_that_breaks_off_is_asked_for_again(here: aws.Aws, answers: list[Any]) -> None:
    answers += [http.client.IncompleteRead(b"{"), http.client.BadStatusLine(""), {"Parameter": {"Value": "v"}}]
    assert here.parameter("/stairway/a/release") == "v"


def test_what_is_not_there_is_nothing(here: aws.Aws, answers: list[Any]) -> None:
    answers.append(_no(400, "ParameterNotFound"))
    assert here.parameter("/stairway/a/release") is None


def test_a_lock_is_taken_once(here: aws.Aws, answers: list[Any]) -> None:
    answers += [{}, _no(400, "ParameterAlreadyExists")]
    assert here.put("/a", "x", new=True)
    assert not here.put("/a", "x", new=True)


def test_a_refusal_is_said_with_what_to_do(here: aws.Aws, answers: list[Any]) -> None:
    answers.append(_no(400, "AccessDeniedException"))
    with pytest.raises(StairwayError) as caught:
        here.secret("a/fleet/env")
    assert "secretsmanager:GetSecretValue a/fleet/env" in str(caught.value)
    assert "role" in (caught.value.fix or "")


def test_out_of_reach_is_said_with_what_to_do(here: aws.Aws, answers: list[Any]) -> None:
    answers += [OSError("no way")] * aws.TRIES
    with pytest.raises(StairwayError, match=r"(?s)cannot be reached.*ssm\.ap-northeast-2.*NAT"):
        here.parameter("/a")


def test_a_secret_is_an_object(here: aws.Aws, answers: list[Any]) -> None:
    answers += [{"SecretString": '{"a": 1}'}, {"SecretString": "plain"}]
    assert here.secret("one", "v1") == {"a": 1}
    with pytest.raises(StairwayError, match="no JSON object"):
        here.secret("two")

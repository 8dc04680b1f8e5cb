"""When a certificate is issued anew, and what a wish must not be."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._certificate import model
from ansible_collections.stairway.cloud.plugins.module_utils._certificate.model import DAY, Authority, Standing, Wanted

AUTHORITY = Authority("https://acme.example/dir")
WANTED = Wanted("chat", ("a.example", "b.example"), webroot="/w")
STANDING = Standing(
    domains=("b.example", "a.example"),
    not_before=0,
    not_after=90 * DAY,
    serial="1F",
    renewal={
        "server": "https://acme.example/dir",
        "authenticator": "webroot",
        "key_type": "ecdsa",
        "webroot_path": "/w",
    },
)


def reasons(wanted: Wanted = WANTED, authority: Authority = AUTHORITY, *, day: float = 1) -> tuple[str, ...]:
    return model.plan(wanted, STANDING, authority, now=day * DAY).reasons


def test_nothing_stands() -> None:
    plan = model.plan(WANTED, None, AUTHORITY, now=0)
    assert plan.reasons == ("there is no certificate",)
    assert not plan.again


def test_nothing_to_do() -> None:
    assert reasons() == ()


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        pytest.param(replace(WANTED, domains=("a.example",)), "the names were a.example, b.example", id="fewer"),
        pytest.param(replace(WANTED, key_type="rsa"), "the type of the key was ecdsa", id="key"),
        pytest.param(replace(WANTED, webroot="/other"), "the folder for challenges was /w", id="webroot"),
        pytest.param(replace(WANTED, challenge="standalone"), "the challenge was webroot", id="challenge"),
    ],
)
def test_a_changed_wish(wanted: Wanted, words: str) -> None:
    assert reasons(wanted) == (words,)


def test_another_authority() -> None:
    assert reasons(authority=Authority("https://other.example/dir")) == ("the authority was https://acme.example/dir",)


@pytest.mark.parametrize(
    ("day", "words"),
    [(59, ()), (61, ("it expires in 29 days",)), (91, ("it has expired",))],
    ids=["far", "near", "past"],
)
def test_the_end(day: float, words: tuple[str, ...]) -> None:
    assert reasons(day=day) == words


@pytest.mark.parametrize(
    ("lifetime", "days", "hours"),
    [(90, 30, 720), (90, 60, 1440), (90, 61, 720), (6, 30, 48), (90, 400, 720)],
)
def test_time_of_renewal_fits_the_lifetime(lifetime: int, days: int, hours: int) -> None:
    assert model.renew_before_hours(replace(STANDING, not_after=lifetime * DAY), days) == hours


@pytest.mark.parametrize(
    ("wanted", "word"),
    [
        pytest.param(replace(WANTED, domains=()), "domains is empty", id="no-names"),
        pytest.param(replace(WANTED, challenge="dns"), "needs auth_hook", id="no-hook"),
        pytest.param(replace(WANTED, domains=("*.a.example",)), "needs the challenge dns", id="wildcard"),
        pytest.param(replace(WANTED, name="../x"), "name of a folder", id="name"),
        pytest.param(replace(WANTED, renew_before_days=0), "at least 1", id="days"),
    ],
)
def test_mistakes(wanted: Wanted, word: str) -> None:
    (mistake,) = model.mistakes(wanted)
    assert word in mistake


def test_no_mistake() -> None:
    assert model.mistakes(WANTED) == []

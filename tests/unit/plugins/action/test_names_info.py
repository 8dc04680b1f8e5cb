"""Whether names lead to where the app serves, and what the error tells who has to change them."""

from __future__ import annotations

import pytest

from ansible_collections.stairway.cloud.plugins.action.names_info import addresses, check
from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError

AGAIN = "ansible-playbook playbooks/stage4.yml"


def test_a_name_that_shares_an_address_leads_there() -> None:
    check({"a.example.com": {"198.51.100.1", "198.51.100.2"}}, "lb.example.com", {"198.51.100.2"}, AGAIN)


@pytest.mark.parametrize(
    ("to", "there", "record"),
    [("lb.example.com", {"198.51.100.2"}, "CNAME"), ("198.51.100.2", {"198.51.100.2"}, "A 198.51.100.2")],
)
def test_the_error_names_only_what_is_to_be_changed(to: str, there: set[str], record: str) -> None:
    found = {"old.example.com": {"198.51.100.9"}, "new.example.com": there, "none.example.com": set[str]()}
    with pytest.raises(StairwayError) as caught:
        check(found, to, there, AGAIN)
    error = caught.value.result()["error"]
    assert record in error["expected"]
    assert "new.example.com" not in error["expected"]
    assert "none.example.com leads to nothing" in error["found"]
    assert AGAIN in error["fix"]


def test_an_address_is_its_own_and_nothing_is_nowhere() -> None:
    assert addresses("198.51.100.2") == {"198.51.100.2"}
    assert addresses("no.such.name.invalid") == set()

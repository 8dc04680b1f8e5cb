"""``compose``, ``groups`` and ``keyed_groups`` against ansible-core's own, on the same hosts."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleError
from ansible.inventory.data import InventoryData
from ansible.plugins.inventory import Constructable, to_safe_group_name
from ansible.template import Templar, trust_as_template

from ansible_collections.stairway.cloud.plugins.module_utils._inventory.finished import Finished
from ansible_collections.stairway.cloud.plugins.plugin_utils._build import Magic
from ansible_collections.stairway.cloud.plugins.plugin_utils._construct import Construct, ConstructError, Host
from ansible_collections.stairway.cloud.plugins.plugin_utils._templating import Templating

HOSTS: dict[str, dict[str, Any]] = {
    "i-1": {
        "vpc_id": "vpc-1",
        "launch_index": 0,
        "ebs_optimized": False,
        "placement": {"availability_zone": "ap-northeast-2a", "region": "ap-northeast-2"},
        "security_groups": [{"group_id": "sg-1", "group_name": "app"}, {"group_id": "sg-2", "group_name": "db"}],
        "tags": {"Role": "web", "env": "prod", "items": "3", "empty": "", "num": "1"},
    },
    "i-2": {
        "vpc_id": "vpc-1",
        "launch_index": 1,
        "ebs_optimized": True,
        "placement": {"availability_zone": "ap-northeast-2b", "region": "ap-northeast-2"},
        "security_groups": [],
        "tags": {"Role": "{{ lookup('pipe', 'echo pwned') }}", "env": "{% for x in y %}", "empty": "x"},
    },
    "i-3": {"vpc_id": "vpc-2", "launch_index": 1, "placement": {"availability_zone": ""}, "tags": {}},
}
OPTIONS: dict[str, Any] = {
    "strict": False,
    "compose": {},
    "groups": {},
    "keyed_groups": [],
    "use_extra_vars": False,
    "leading_separator": True,
}


def trusted(value: Any) -> Any:
    """As Ansible reads an inventory's file: its texts may be run."""
    if isinstance(value, dict):
        return {key: trusted(one) for key, one in value.items()}
    if isinstance(value, list):
        return [trusted(one) for one in value]
    return trust_as_template(value) if isinstance(value, str) else value


class Core(Constructable):
    """ansible-core's own, without a plugin around it."""

    def __init__(self, options: dict[str, Any], extra: dict[str, Any]) -> None:
        super().__init__()
        self._given = options
        self._vars = extra
        self.inventory = InventoryData()

    def get_option(self, option: str, hostvars: Any = None) -> Any:
        return self._given[option]


Result = tuple[dict[str, dict[str, Any]], dict[str, set[str]], dict[str, set[str]]]


def by_core(options: dict[str, Any], extra: dict[str, Any]) -> Result:
    core = Core(options, extra)
    data = core.inventory
    strict = options["strict"]
    for name, facts in HOSTS.items():
        data.add_host(name)
        for key, value in facts.items():
            data.set_variable(name, key, value)
        core._set_composite_vars(options["compose"], facts, name, strict=strict)
        core._add_host_to_composed_groups(options["groups"], facts, name, strict=strict)
        core._add_host_to_keyed_groups(options["keyed_groups"], facts, name, strict=strict)
    own = {"inventory_file", "inventory_dir"}
    return (
        {name: {key: one for key, one in host.vars.items() if key not in own} for name, host in data.hosts.items()},
        {name: {host.name for host in group.hosts} for name, group in data.groups.items() if group.hosts},
        {
            name: {child.name for child in group.child_groups}
            for name, group in data.groups.items()
            if group.child_groups and name != "all"
        },
    )


def by_us(options: dict[str, Any], extra: dict[str, Any]) -> Result:
    templating = Templating(Templar())
    construct = Construct(
        options,
        expression=templating.expression,
        condition=templating.condition,
        template=templating.template,
        sanitize=to_safe_group_name,
        extra=extra if options["use_extra_vars"] else {},
    )
    done = Finished()
    for name, facts in HOSTS.items():
        own = {"inventory_hostname": name, "inventory_hostname_short": name}
        magic = Magic(own, lambda name=name: done.groups_of(name))  # type: ignore[misc]
        host = Host(name, facts, dict(facts), magic)
        construct.compose(host)
        for one in construct.join(host):
            done.add(one.group, name)
            if one.parent:
                done.add_child(one.parent, one.group)
        done.hosts[name] = host.variables
    return (
        done.hosts,
        {name: set(hosts) for name, hosts in done.groups.items() if hosts},
        {name: set(below) for name, below in done.children.items()},
    )


CASES: dict[str, dict[str, Any]] = {
    "lookups": {
        "compose": {"a": "vpc_id", "b": "tags.Role", "c": "placement['region']", "d": "security_groups[0].group_id"}
    },
    "constants": {"compose": {"a": "'x'", "b": "1", "c": "[1, 'b']", "d": "true"}},
    "jinja": {
        "compose": {
            "a": "tags.Role | default('none') | upper",
            "b": "vpc_id ~ '-' ~ launch_index",
            "c": "security_groups | map(attribute='group_id') | list",
            "d": "tags.get('Role', 'none')",
            "e": "launch_index + 1 if ebs_optimized is defined and ebs_optimized else 'no'",
            "f": "tags | dict2items | map(attribute='key') | sort | join(',')",
        }
    },
    "methods are not tags": {"compose": {"a": "tags['items']", "b": "tags.env.upper()"}},
    "not there": {
        "compose": {"a": "nothing", "b": "tags.nothing", "c": "tags.nothing.more", "d": "nothing is defined"}
    },
    "mistakes": {"compose": {"a": "1 +", "b": 5, "c": "vpc_id | no_such_filter", "d": "{{ vpc_id }}"}},
    "composed are not seen by composed": {"compose": {"a": "vpc_id", "b": "a"}},
    "groups": {
        "groups": {
            "in one": "vpc_id == 'vpc-1'",
            "both": "'prod' in tags.env",
            "odd": "launch_index is odd",
            "none": "false",
            "not_bool": "vpc_id",
            "always": True,
            "undefined": "nothing.at.all",
            "first": "inventory_hostname == 'i-1'",
        }
    },
    "groups see composed": {
        "compose": {"zone": "placement.availability_zone"},
        "groups": {"a": "zone is match('.*a$')"},
    },
    "keyed": {"keyed_groups": [{"key": "vpc_id"}, {"key": "tags.Role", "prefix": "role"}]},
    "keyed dict": {"keyed_groups": [{"key": "tags", "prefix": "tag"}]},
    "keyed list": {
        "keyed_groups": [{"key": "security_groups | map(attribute='group_name')", "prefix": "sg", "separator": "-"}]
    },
    "no separator": {"keyed_groups": [{"key": "placement.availability_zone", "separator": ""}]},
    "no leading separator": {"leading_separator": False, "keyed_groups": [{"key": "vpc_id"}, {"key": "tags"}]},
    "default value": {
        "keyed_groups": [
            {"key": "tags.empty", "prefix": "e", "default_value": "none"},
            {"key": "tags", "default_value": "none"},
            {"key": "tags.nothing", "default_value": "none"},
            {"key": "placement.availability_zone", "default_value": "nowhere"},
        ]
    },
    "no trailing separator": {"keyed_groups": [{"key": "tags", "prefix": "t", "trailing_separator": False}]},
    "parents": {
        "keyed_groups": [
            {"key": "tags.Role", "prefix": "role", "parent_group": "roles of us"},
            {"key": "vpc_id", "parent_group": "net_{{ placement.region | default('none') }}"},
        ]
    },
    "keyed sees composed and magic": {
        "compose": {"short": "vpc_id[-1]"},
        "keyed_groups": [{"key": "short", "prefix": "s"}, {"key": "group_names", "prefix": "g"}],
    },
    "extra vars": {
        "use_extra_vars": True,
        "compose": {"a": "vpc_id", "b": "mine"},
        "keyed_groups": [{"key": "vpc_id"}],
    },
}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_is_what_core_makes_of_it(case: str) -> None:
    options = trusted({**OPTIONS, **CASES[case]})
    extra = {"vpc_id": "vpc-of-mine", "mine": trust_as_template("{{ launch_index }}")}
    assert by_us(options, extra) == by_core(options, extra)


@pytest.mark.parametrize(
    "wrong",
    [
        {"compose": {"a": "tags.nothing"}},
        {"compose": {"a": "1 +"}},
        {"groups": {"a": "nothing.more"}},
        {"groups": {"a": "vpc_id"}},
        {"keyed_groups": [{"key": "tags.nothing"}]},
        {"keyed_groups": [{"key": "tags.empty"}]},
        {"keyed_groups": [{"prefix": "x"}]},
    ],
    ids=str,
)
def test_strict_fails_where_core_fails_and_says_the_same(wrong: dict[str, Any]) -> None:
    options = trusted({**OPTIONS, "strict": True, **wrong})
    with pytest.raises(AnsibleError) as core:
        by_core(options, {})
    with pytest.raises(ConstructError) as ours:
        by_us(options, {})
    assert str(ours.value) == str(core.value)


@pytest.mark.parametrize(
    "wrong",
    [
        {"keyed_groups": ["vpc_id"]},
        {"keyed_groups": [{"key": "launch_index"}]},
        {"keyed_groups": [{"key": "vpc_id", "default_value": "a", "trailing_separator": False}]},
    ],
    ids=str,
)
def test_fails_without_strict_where_core_does(wrong: dict[str, Any]) -> None:
    options = trusted({**OPTIONS, **wrong})
    with pytest.raises(AnsibleError):
        by_core(options, {})
    with pytest.raises(ConstructError):
        by_us(options, {})


def test_a_tag_is_never_run() -> None:
    options = trusted({**OPTIONS, "compose": {"a": "tags.Role"}, "keyed_groups": [{"key": "tags.Role", "prefix": "r"}]})
    hosts, groups, _children = by_us(options, {})
    assert hosts["i-2"]["a"] == "{{ lookup('pipe', 'echo pwned') }}"
    assert "r____lookup__pipe____echo_pwned_____" in groups

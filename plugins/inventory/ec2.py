# Copyright: the Stairway contributors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The hosts of an app, as EC2 knows them."""

from __future__ import annotations

DOCUMENTATION = r"""
name: ec2
short_description: Instances of an app, from EC2
version_added: 0.1.0
author: the Stairway contributors (@stairway-cloud)
description:
  - Finds the EC2 instances that carry the tag C(stairway:app), in one or more regions at the same time.
  - Each is in groups by app, stage, service, zone, Auto Scaling group and state. The group C(app), on which the
    playbooks of this collection play, holds all of them.
  - The inventory file ends with C(stairway_ec2.yml) or C(stairway_ec2.yaml).
  - Options that C(amazon.aws.aws_ec2) has too mean the same here.
extends_documentation_fragment:
  - constructed
  - inventory_cache
requirements:
  - boto3 and botocore on the controller; not when the answer comes from the cache
notes:
  - It needs the permission C(ec2:DescribeInstances), with O(regions=all) also C(ec2:DescribeRegions).
  - Credentials come from where boto3 finds them, such as the environment, a profile, or the role of the machine.
    There is no option for a secret key, so that none ends up in a file.
  - What comes from EC2 is never run as a template. In names of groups and hosts, characters that Ansible cannot bear
    become C(_). An instance whose tag says C(localhost) gets its id as its name.
  - An expression of O(compose), O(groups) or O(keyed_groups) sees all that EC2 says of an instance, also with
    O(variables=lean). An answer of Jinja is remembered for the values that the expression reads.
  - The cache keeps the finished inventory. It is made anew when the file or the profile changes. What other
    inventories say of the same hosts is not in it, so it is not used for those.
  - Times are text, such as C(2026-11-21T07:29:22+00:00), also inside expressions.
  - Ansible goes on without hosts when an inventory fails. E(ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED) set to C(true)
    makes it stop.
options:
  plugin:
    description: Says that the file is for this plugin.
    type: str
    required: true
    choices: [stairway.cloud.ec2]
  app:
    description:
      - The app, or a list of apps, whose instances are wanted. V(*) and V(?) stand for any characters.
      - Without it, the instances of every app.
    type: raw
  every_instance:
    description: Do not ask for the tag C(stairway:app) at all. For instances that Stairway did not make.
    type: bool
    default: false
  regions:
    description:
      - Where to look. V(all) is every region that the account has.
      - Without it, the region of E(AWS_REGION), E(AWS_DEFAULT_REGION) or the profile.
    type: list
    elements: str
    default: []
  profile:
    description: The AWS profile.
    type: str
    env:
      - name: AWS_PROFILE
      - name: AWS_DEFAULT_PROFILE
  assume_role_arn:
    description: A role to take on first.
    type: str
  endpoint_url:
    description: Another address than that of AWS, for an emulator.
    type: str
    env:
      - name: AWS_ENDPOINT_URL_EC2
      - name: AWS_ENDPOINT_URL
  timeout:
    description: Seconds for connecting, and for each read. Each call is tried four times.
    type: int
    default: 10
  partial:
    description:
      - What to do when a region does not answer. By default the inventory fails.
      - With V(true) it goes on with the regions that do, says so, and keeps nothing in the cache. When none answers,
        it fails.
    type: bool
    default: false
  filters:
    description:
      - Names and values as in U(https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstances.html).
      - Instances that are gone or shutting down are left out, unless C(instance-state-name) is named.
    type: dict
    default: {}
  include_filters:
    description:
      - More of them. An instance is in when O(filters) or one of these finds it. Each entry is a query of its own.
    type: list
    elements: dict
    default: []
  exclude_filters:
    description: An instance is out when one of these finds it. Each entry is a query of its own.
    type: list
    elements: dict
    default: []
  hostnames:
    description:
      - What a host is called; the first that an instance has.
      - A filter's name such as V(private-dns-name), V(tag:Name) for the value of a tag, V(tag:Name=web) for
        C(Name_web) where the tag is that, or several tags with commas. A Jinja filter may follow, as in V(tag:Name |
        lower).
      - An entry may be a dictionary with C(name), C(prefix) and C(separator) (V(_) by default).
      - The default is the id, because names and addresses occur twice.
    type: list
    elements: raw
    default: [instance-id]
  allow_duplicated_hosts:
    description: A host for each of O(hostnames) that an instance has, and not for the first one only.
    type: bool
    default: false
  group_by:
    description:
      - Which groups there are, such as C(app_shop), C(stage_stage4), C(service_api), C(zone_ap_northeast_2a),
        C(asg_shop_api) and C(state_running).
    type: list
    elements: str
    choices: [app, stage, service, zone, autoscaling_group, state]
    default: [app, stage, service, zone, autoscaling_group, state]
  address:
    description:
      - How Ansible reaches a host.
      - V(public) takes the public address, and the private one where there is none. V(private) takes the private one.
      - V(ssm) connects with SSH through C(aws ssm start-session), so that no port is open and no bucket is needed.
        The controller needs the AWS CLI and its Session Manager plugin, and the instance the SSM agent. It sets
        C(ansible_ssh_common_args).
      - For C(community.aws.aws_ssm), set C(ansible_connection) and its variables with O(compose).
    type: str
    choices: [public, private, ssm]
    default: public
  variables:
    description:
      - How much every host gets.
      - V(lean) is what the playbooks need, C(instance_id), C(instance_type), C(instance_state), C(region),
        C(availability_zone), C(private_ip_address), C(public_ip_address), C(ipv6_address), C(stairway_app),
        C(stairway_name), C(stairway_stage), C(stairway_service) and C(autoscaling_group), those that are known.
      - V(full) adds all that EC2 says, under the names that C(amazon.aws.aws_ec2) gives, also C(tags) and
        C(placement). At 5,000 instances the output of C(ansible-inventory --list) is then 50 megabytes.
    type: str
    choices: [lean, full]
    default: lean
seealso:
  - name: amazon.aws.aws_ec2
    description: The inventory of the collection amazon.aws, whose options this one follows.
    link: https://docs.ansible.com/ansible/latest/collections/amazon/aws/aws_ec2_inventory.html
"""

EXAMPLES = r"""
---
# shop.stairway_ec2.yml: the instances of shop, reached by their private addresses
plugin: stairway.cloud.ec2
app: shop
regions: [ap-northeast-2]
address: private

---
# Two regions through SSM, with what EC2 says of them kept for ten minutes
plugin: stairway.cloud.ec2
app: shop
regions: [ap-northeast-2, us-east-1]
address: ssm
cache: true
cache_plugin: ansible.builtin.jsonfile
cache_connection: ~/.cache/stairway/inventory
cache_timeout: 600

---
# As with amazon.aws.aws_ec2
plugin: stairway.cloud.ec2
every_instance: true
regions: [ap-northeast-2]
variables: full
hostnames:
  - tag:Name
  - private-dns-name
filters:
  instance-state-name: running
exclude_filters:
  - tag:team: [red, green]
keyed_groups:
  - key: tags.Role
    prefix: role
    default_value: none
  - key: placement.availability_zone
    separator: ""
groups:
  arm: architecture == "arm64"
compose:
  ansible_host: private_ip_address
  ansible_user: "'admin'"
"""

import os
from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleParserError
from ansible.module_utils.common.dict_transformations import camel_dict_to_snake_dict
from ansible.plugins.inventory import BaseInventoryPlugin, Cacheable, Constructable
from ansible.template import trust_as_template

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._inventory.finished import Finished
from ansible_collections.stairway.cloud.plugins.module_utils._inventory.query import ask, warning
from ansible_collections.stairway.cloud.plugins.module_utils._inventory.settings import Settings, digest, read
from ansible_collections.stairway.cloud.plugins.plugin_utils._build import Build
from ansible_collections.stairway.cloud.plugins.plugin_utils._construct import Construct, ConstructError
from ansible_collections.stairway.cloud.plugins.plugin_utils._expressions import Failed
from ansible_collections.stairway.cloud.plugins.plugin_utils._fill import fill, many_objects
from ansible_collections.stairway.cloud.plugins.plugin_utils._templating import Templating

ENDINGS = ("stairway_ec2.yml", "stairway_ec2.yaml")
# Options whose values may be templates, as with aws_ec2.
TEMPLATED = (
    "app",
    "regions",
    "profile",
    "assume_role_arn",
    "endpoint_url",
    "filters",
    "include_filters",
    "exclude_filters",
)
CONSTRUCTED = ("strict", "compose", "groups", "keyed_groups", "use_extra_vars", "leading_separator")
# They decide who asks, and where.
ENVIRONMENT = ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_ROLE_ARN")


class InventoryModule(BaseInventoryPlugin, Constructable, Cacheable):
    """``stairway.cloud.ec2``."""

    NAME = "stairway.cloud.ec2"

    def verify_file(self, path: str) -> bool:
        return bool(super().verify_file(path)) and path.endswith(ENDINGS)

    def parse(self, inventory: Any, loader: Any, path: str, cache: bool = True) -> None:
        super().parse(inventory, loader, path, cache)
        self._read_config_data(path)
        try:
            with many_objects():
                fill(inventory, self._finished(path, cache))
        except (StairwayError, ConstructError) as error:
            raise AnsibleParserError(str(error)) from error

    def _finished(self, path: str, cache: bool) -> Finished:
        options = self._options_filled()
        settings = read(options)
        kept = bool(options["cache"])
        mark = (
            digest(settings, {name: options[name] for name in CONSTRUCTED}, self._extra(), self._who()) if kept else ""
        )
        if kept and cache:
            found = Finished.from_cache(self._cached(path), mark)
            if found is not None and not self._shared_with_others(found):
                return found
        finished, whole = self._asked(settings, options)
        if kept and whole and not self._shared_with_others(finished):
            self._cache[self.get_cache_key(path)] = finished.kept(mark)
        return finished

    def _asked(self, settings: Settings, options: Mapping[str, Any]) -> tuple[Finished, bool]:
        """The inventory as EC2 has it now, and whether every region answered."""
        templating = Templating(self.templar)
        construct = Construct(
            options,
            expression=templating.expression,
            condition=templating.condition,
            template=templating.template,
            sanitize=self._sanitize_group_name,
            extra=self._extra(),
        )
        build = Build(settings, construct, self._filtered(templating), self._known, self._source())
        answer = ask(settings, _snake, build.needed)
        finished = build.add(answer.instances)
        self._warn(build, answer.failed)
        return finished, not answer.failed

    # -- what the file says ---------------------------------------------------------------------------------------

    def _options_filled(self) -> dict[str, Any]:
        options = dict(self.get_options())
        return {
            name: self.templar.template(value) if name in TEMPLATED and value else value
            for name, value in options.items()
        }

    def _extra(self) -> dict[str, Any]:
        return dict(self._vars or {}) if self.get_option("use_extra_vars") else {}

    @staticmethod
    def _who() -> dict[str, str]:
        return {name: os.environ[name] for name in ENVIRONMENT if name in os.environ}

    @staticmethod
    def _filtered(templating: Templating) -> Any:
        """Applies the Jinja filter of a ``hostnames`` entry; the value is a variable of it and no part of its text."""

        def apply(jinja: str, value: Any) -> Any:
            text = trust_as_template("value | " + jinja)
            found = templating.expression(text).value((), lambda: {"value": value}, plain=False)
            if isinstance(found, Failed):
                raise StairwayError(
                    "A filter of hostnames cannot be applied.",
                    found=str(found.error),
                    where=f"hostnames: ... | {jinja}",
                    fix="mend the filter; it gets the value of one instance, such as its tag",
                ) from found.error
            return found

        return apply

    # -- what Ansible knows ---------------------------------------------------------------------------------------

    def _known(self, name: str) -> Mapping[str, Any] | None:
        host = self.inventory.hosts.get(name)
        return None if host is None else host.get_vars()

    def _source(self) -> dict[str, Any]:
        source = self.inventory.current_source
        return {"inventory_file": source, "inventory_dir": os.path.dirname(source) if source else None}

    def _shared_with_others(self, finished: Finished) -> bool:
        return not finished.hosts.keys().isdisjoint(self.inventory.hosts)

    def _cached(self, path: str) -> Any:
        try:
            return self._cache[self.get_cache_key(path)]
        except KeyError:
            return None

    def _warn(self, build: Build, failed: Mapping[str, StairwayError]) -> None:
        for name, ids in list(build.shared.items())[:5]:
            self.display.warning(f"{len(ids)} instances are called {name}, so they are one host: {', '.join(ids[:5])}")
        if build.renamed:
            self.display.warning(f"Called by their ids, as their tags say localhost: {', '.join(build.renamed[:5])}")
        if failed:
            self.display.warning(warning(failed))


def _snake(name: str) -> str:
    """``InstanceId`` as ``amazon.aws.aws_ec2`` has it."""
    return str(next(iter(camel_dict_to_snake_dict({name: None}))))

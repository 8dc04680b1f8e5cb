"""``launch_template``, on both emulators."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._kinds.launch_template import KIND, attrs_of, to_found
from ansible_collections.stairway.cloud.plugins.module_utils._resource.kind import Found, Scope
from tests.support.aws.images import IMAGES
from tests.support.aws.trial import APP, Trial

from .networks import NETWORK, a_group, a_vpc, problems

ID_OF = {image.name: image.id for image in IMAGES}


def _made(trial: Trial, **more: Any) -> tuple[Found, dict[str, Any]]:
    wanted: dict[str, Any] = {"size": "t3.small", "security_groups": [a_group(trial, a_vpc(trial)).id], **more}
    return trial.make("launch_template", "app", **wanted), wanted


def _a_profile(trial: Trial) -> str:
    answer = trial.account.call("iam", "create_instance_profile", InstanceProfileName="app")
    return str(answer["InstanceProfile"]["Arn"])


def test_whole_life(trial: Trial) -> None:
    template, wanted = _made(trial)
    assert template.outputs == {"version": "1"}
    template = trial.alter(template, **{**wanted, "size": "t3.medium"})
    assert template.outputs == {"version": "2"}
    trial.retag(template)
    trial.remove(template)
    trial.remove(template)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"image": "ubuntu-24.04"}, id="image"),
        pytest.param({"image_as_of": "2026-11-21"}, id="image_as_of"),
        pytest.param({"user_data": "#!/bin/sh\necho 'ü & <x>'\n"}, id="user_data"),
        pytest.param({"user_data": "#!/bin/sh\n" + "echo 'ü & <x>'\n" * 2000}, id="long-user_data"),
        pytest.param({"root_volume": {"size_gb": 30, "iops": 4000, "throughput": 250}}, id="root_volume"),
        pytest.param({"root_volume": {"encrypted": False}}, id="unencrypted"),
        pytest.param({"public_ip": True}, id="public_ip"),
        pytest.param({"monitoring": True}, id="monitoring"),
        pytest.param({"imdsv2_only": False}, id="imdsv2_only"),
        pytest.param({"metadata_hops": 1}, id="metadata_hops"),
        pytest.param({"machine_tags": {"service": "api", "stairway:stage": "stage4"}}, id="machine_tags"),
        pytest.param({"key_pair": "shop-admin"}, id="key_pair"),
    ],
)
def test_every_field_at_creation_and_as_a_change(trial: Trial, change: dict[str, Any]) -> None:
    template, wanted = _made(trial, **change)
    plain = {**{name: None for name in change}, **wanted}
    plain = {name: value for name, value in plain.items() if name not in change}
    other = trial.make("launch_template", "other", **plain)
    assert trial.alter(other, **wanted).outputs == {"version": "2"}
    assert template.outputs == {"version": "1"}


def test_role(trial: Trial) -> None:
    template, wanted = _made(trial)
    trial.alter(template, **wanted, role=_a_profile(trial))


def test_an_image_is_kept_until_somebody_asks_for_another(trial: Trial) -> None:
    template, wanted = _made(trial)
    assert template.detail["image_id"] == ID_OF["debian-13-amd64"]
    old = "ami-0123456789abcdef0"
    template = Found(
        template.kind, template.id, template.attrs, template.tags, detail={**template.detail, "image_id": old}
    )
    kept = trial.account
    data = _changed(trial, template, {**wanted, "size": "t3.medium"})
    assert data["ImageId"] == old, "a newer image is no reason for another one"
    assert _changed(trial, template, {**wanted, "size": "t4g.small"})["ImageId"] == ID_OF["debian-13-arm64"]
    assert _changed(trial, template, {**wanted, "image_as_of": "2026-12-01"})["ImageId"] == ID_OF["debian-13-amd64"]
    assert kept.calls["ssm:GetParameter"] == 3


def _changed(trial: Trial, template: Found, wanted: dict[str, Any]) -> dict[str, Any]:
    """The data of the version that a change makes, without the emulator's view of images."""
    real, made = trial.account.call, {}

    def call(service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        if operation == "create_launch_template_version":
            made.update(parameters["LaunchTemplateData"])
            return {"LaunchTemplateVersion": {"VersionNumber": 2}}
        if operation == "modify_launch_template":
            return {}
        if operation == "describe_images":
            return {"Images": [{"RootDeviceName": "/dev/xvda"}]}
        return real(service, operation, **parameters)

    trial.account.call = call  # type: ignore[assignment, method-assign]
    try:
        (change,) = KIND.changes
        change.run(trial.account, template, trial._wanted(KIND, "app", wanted))
    finally:
        trial.account.call = real  # type: ignore[method-assign]
    return made


def test_a_version_whose_run_was_cut_becomes_the_default(trial: Trial) -> None:
    template, wanted = _made(trial)
    bigger = trial.alter(template, **{**wanted, "size": "t3.medium"})
    trial.account.call("ec2", "modify_launch_template", LaunchTemplateId=template.id, DefaultVersion="1")
    (cut,) = trial.all("launch_template")
    assert (cut.attrs["size"], cut.detail["default"], cut.detail["latest"]) == ("t3.small", 1, 2)
    again = trial.alter(cut, **{**wanted, "size": "t3.medium"})
    assert again.detail == bigger.detail, "no third version"


def test_several_are_described_in_one_call(trial: Trial) -> None:
    group = a_group(trial, a_vpc(trial)).id
    for name, size in (("one", "t3.small"), ("two", "t3.large")):
        trial.make("launch_template", name, size=size, security_groups=[group])
    before = trial.account.calls["ec2:DescribeLaunchTemplateVersions"]
    found = {one.name: one.attrs["size"] for one in trial.all("launch_template")}
    assert found == {"one": "t3.small", "two": "t3.large"}
    assert trial.account.calls["ec2:DescribeLaunchTemplateVersions"] == before + 1


def test_one_of_the_same_name_is_seen_without_our_tag(trial: Trial) -> None:
    data = {"InstanceType": "t3.small"}
    trial.account.call("ec2", "create_launch_template", LaunchTemplateName="shop-app", LaunchTemplateData=data)
    (foreign,) = KIND.describe(trial.account, Scope(APP, names=frozenset({"shop-app"})))
    assert (foreign.aws_name, foreign.app, foreign.attrs["size"]) == ("shop-app", None, "t3.small")


def test_a_version_that_somebody_made_by_hand_differs() -> None:
    by_hand = {"VersionNumber": 1, "LaunchTemplateData": {"ImageId": "ami-1", "InstanceType": "t3.small"}}
    assert attrs_of(by_hand)["image"] == "ami-1"
    ours = {**by_hand, "VersionDescription": "image debian-13 as of 2026-11-21"}
    assert (attrs_of(ours)["image"], attrs_of(ours)["image_as_of"]) == ("debian-13", "2026-11-21")


def test_the_default_version_counts() -> None:
    item = {"LaunchTemplateId": "lt-1", "LaunchTemplateName": "n", "DefaultVersionNumber": 1, "LatestVersionNumber": 2}
    versions = [{"VersionNumber": n, "LaunchTemplateData": {"InstanceType": f"t3.{n}"}} for n in (1, 2)]
    found = to_found(item, versions)  # type: ignore[arg-type]
    assert (found.attrs["size"], found.detail["latest_attrs"]["size"]) == ("t3.1", "t3.2")


GOOD: dict[str, Any] = {"launch_template": "t", "size": "t3.small", "security_groups": ["web"]}


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        pytest.param({"size": "t3.huge"}, "size", id="no-such-size"),
        pytest.param({"image": "windows-95"}, "image", id="no-such-image"),
        pytest.param({"security_groups": ["web", "far"]}, "security_groups", id="several-vpcs"),
        pytest.param({"machine_tags": {"stairway:app": "x"}}, "machine_tags.stairway:app", id="our-own-tag"),
        pytest.param({"root_volume": {"size_gb": 0}}, "root_volume.size_gb", id="no-disk"),
    ],
)
def test_bad_ones(fields: dict[str, Any], where: str) -> None:
    assert problems(*NETWORK, GOOD) == {}
    assert set(problems(*NETWORK, {**GOOD, **fields})) == {f"launch_template/t.{where}"}

"""Launch templates: the versions of all of them in one call, and their tags as they are now.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeLaunchTemplateVersions.html
"""

from __future__ import annotations

from typing import Any

from ministack.services import ec2  # type: ignore[import-not-found]

Params = dict[str, Any]
_versions = ec2._ACTION_MAP["DescribeLaunchTemplateVersions"]
_create = ec2._ACTION_MAP["CreateLaunchTemplate"]


def _describe_versions(params: Params) -> Any:
    if ec2._p(params, "LaunchTemplateId") or ec2._p(params, "LaunchTemplateName"):
        return _versions(params)
    wanted = ec2._parse_member_list(params, "LaunchTemplateVersion")
    items = ""
    for template in ec2._launch_templates.values():
        numbers = {"$Latest": template["LatestVersionNumber"], "$Default": template["DefaultVersionNumber"]}
        for one in wanted:
            items += "".join(ec2._lt_version_xml(v) for v in template["Versions"] if v["VersionNumber"] == numbers[one])
    return ec2._xml(
        200, "DescribeLaunchTemplateVersionsResponse", f"<launchTemplateVersionSet>{items}</launchTemplateVersionSet>"
    )


def _create_template(params: Params) -> Any:
    answer = _create(params)
    for template_id, template in ec2._launch_templates.items():
        if "Tags" in template:  # a copy, which later calls do not change
            ec2._tags[template_id] = template.pop("Tags")
    return answer


ec2._ACTION_MAP.update(DescribeLaunchTemplateVersions=_describe_versions, CreateLaunchTemplate=_create_template)

"""What has to be in the account before any machine changes: the images, the environment, the document."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from ..._aws.account import Account
from ..._aws.errors import AwsError
from ..._common.errors import StairwayError
from ..model import Release, release, release_path, releases_path
from . import parameters
from .document import Kept, kept, listed

# https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html
LONGEST = 8192
LABEL = "release-"
_NOT_THERE = ("RepositoryNotFoundException", "ImageNotFoundException")


def pinned(aws: Account, images: Mapping[str, Mapping[str, str]], version: str) -> dict[str, str]:
    """Service -> image of ``version``, by digest where ECR keeps it. ``images`` names for each service its
    ``repository`` in ECR, or its ``image`` anywhere else.

    :raises StairwayError: when ECR has no such image.
    """
    digests: dict[str, str] = {}
    found = {}
    for service, where in images.items():
        name = where.get("repository")
        if not name:
            found[service] = f"{where['image']}:{version}"
            continue
        if name not in digests:
            digests[name] = _digest(aws, name, version)
        found[service] = digests[name]
    return found


def _digest(aws: Account, repository: str, version: str) -> str:
    """``<registry>/<repository>@sha256:...``."""
    uri = f"{registry(aws)}/{repository}"
    try:
        details = aws.call("ecr", "describe_images", repositoryName=repository, imageIds=[{"imageTag": version}])[
            "imageDetails"
        ]
    except AwsError as error:
        if error.code not in _NOT_THERE:
            raise
        raise _no_image(repository, uri, version, error) from error
    return f"{uri}@{details[0]['imageDigest']}"


def _no_image(repository: str, uri: str, version: str, error: AwsError) -> StairwayError:
    if error.code == "RepositoryNotFoundException":
        return StairwayError(
            f"There is no repository {repository}.",
            expected="a repository in ECR for each image of the app",
            where=error.where,
            fix="ansible-playbook playbooks/stage4.yml, which makes it",
        )
    return StairwayError(
        f"There is no image of version {version}.",
        expected=f"{uri}:{version}",
        found=error.text,
        where=error.where,
        fix=f"push it: docker tag IMAGE {uri}:{version} && docker push {uri}:{version}; or release another version",
    )


def registry(aws: Account) -> str:
    domain = "amazonaws.com.cn" if aws.partition == "aws-cn" else "amazonaws.com"
    return f"{aws.account_id}.dkr.ecr.{aws.region}.{domain}"


def still_there(aws: Account, images: Iterable[str]) -> None:
    """An old release's images may have been cleared away.

    :raises StairwayError: when ECR has one of them no more.
    """
    for image in sorted(set(images)):
        name, _at, digest = image.partition("@")
        host, _slash, repository = name.partition("/")
        if not digest or ".dkr.ecr." not in host:
            continue
        try:
            aws.call("ecr", "describe_images", repositoryName=repository, imageIds=[{"imageDigest": digest}])
        except AwsError as error:
            if error.code not in _NOT_THERE:
                raise
            raise StairwayError(
                "An image of that release is no more.",
                expected=image,
                found=error.text,
                where=error.where,
                fix="release a version whose image is there; cloud.registry.keep_images says how many are kept",
            ) from error


# -- the environment ---------------------------------------------------------------------------------------------------


def environment(aws: Account, name: str, version: str | None = None) -> tuple[dict[str, Any] | None, str]:
    """What the secret holds (at one of its versions), and the id of that version; ``(None, "")`` for nothing."""
    found = aws.call(
        "secretsmanager",
        "get_secret_value",
        absent=("ResourceNotFoundException", "InvalidRequestException"),
        SecretId=name,
        VersionId=version,
    )
    try:
        return (dict(json.loads(found["SecretString"])), str(found["VersionId"])) if found else (None, "")
    except (KeyError, ValueError, TypeError):
        return None, ""


def version_with(aws: Account, name: str, values: Mapping[str, Any], known: str | None) -> str:
    """The version that holds these values already, of the one that serves (``known``) and the newest; or nothing."""
    for version in (known, None) if known else (None,):
        held, found = environment(aws, name, version)
        if held == values:
            return found
    return ""


def write_environment(aws: Account, app: str, name: str, values: Mapping[str, Any], label: str) -> str:
    """A new version with this label, which keeps it when newer ones come; its id. The secret is made where the
    blueprint has made none.
    """
    described = aws.call("secretsmanager", "describe_secret", absent=("ResourceNotFoundException",), SecretId=name)
    if not described:
        what = f"{app}, what its services find in their environment"
        tags = [{"Key": "stairway:app", "Value": app}]
        aws.call("secretsmanager", "create_secret", Name=name, Description=what, Tags=tags)
    text = json.dumps(values, sort_keys=True)
    stages = ["AWSCURRENT", label]
    answer = aws.call("secretsmanager", "put_secret_value", SecretId=name, SecretString=text, VersionStages=stages)
    return str(answer["VersionId"])


def keep_environment(aws: Account, name: str, version: str, label: str) -> None:
    """A version that is used again has a label, so that it stays."""
    found = aws.call("secretsmanager", "describe_secret", SecretId=name)
    stages = (found.get("VersionIdsToStages") or {}).get(version) or []
    if not any(stage.startswith(LABEL) for stage in stages):
        aws.call(
            "secretsmanager",
            "update_secret_version_stage",
            SecretId=name,
            VersionStage=label,
            MoveToVersionId=version,
        )


def label_of(release_name: str) -> str:
    return f"{LABEL}{release_name}"


def unlabel(aws: Account, secret: str, used: Collection[str]) -> None:
    """Versions that no release stands on any more lose their labels, so that AWS may clear them away."""
    found = aws.call("secretsmanager", "describe_secret", absent=("ResourceNotFoundException",), SecretId=secret)
    for version, stages in (found.get("VersionIdsToStages") or {}).items():
        for stage in stages if version not in used else ():
            if stage.startswith(LABEL):
                aws.call(
                    "secretsmanager",
                    "update_secret_version_stage",
                    absent=("InvalidParameterException",),
                    SecretId=secret,
                    VersionStage=stage,
                    RemoveFromVersionId=version,
                )


# -- the document ------------------------------------------------------------------------------------------------------


def current(aws: Account, app: str) -> tuple[Release | None, int]:
    """The release that machines start, and the version of its parameter."""
    return at_version(aws, app, None)


def at_version(aws: Account, app: str, version: int | None) -> tuple[Release | None, int]:
    """A document as it stood once.

    :raises StairwayError: when it cannot be read.
    """
    path = release_path(app)
    found = parameters.text(aws, path, version)
    return (release(found[0], path), found[1]) if found else (None, 0)


def put(aws: Account, wanted: Release) -> int:
    """Every machine that starts from now on starts this; the version of the parameter.

    :raises StairwayError: when it is longer than a parameter may be.
    """
    text = wanted.text()
    if len(text.encode()) > LONGEST:
        raise StairwayError(
            "The release document is too long.",
            expected=f"at most {LONGEST} bytes",
            found=f"{len(text.encode())} bytes",
            where=release_path(wanted.app),
            fix="shorten what is longest of app.services and app.tasks (commands, volumes)",
        )
    return parameters.put(aws, release_path(wanted.app), text)


def good(aws: Account, app: str) -> list[Kept]:
    """The releases that served, newest first."""
    return kept(parameters.data(aws, releases_path(app))[0])


def write_good(aws: Account, app: str, all_kept: list[Kept]) -> None:
    parameters.put(aws, releases_path(app), json.dumps(listed(all_kept), separators=(",", ":")))

"""Images handed to the account's ECR, as ``docker push`` does it anywhere. Standard library only.

``ground.py`` shows this machine where ECR is while the account stands; the login goes with the account's folder.
"""

from __future__ import annotations

import base64
import json
import urllib.error
import urllib.request
from typing import Any

from .. import docker
from ..errors import RehearsalError
from ..run import check, run, step
from . import layout

_ASK = urllib.request.build_opener(urllib.request.ProxyHandler({}))
_TARGET = "AmazonEC2ContainerRegistry_V20150921"
_CREDENTIAL = f"{layout.CREDENTIALS['AWS_ACCESS_KEY_ID']}/20260101/{layout.REGION}/ecr/aws4_request"
# The emulator reads the region out of this and does not check the rest.
_SIGNED = f"AWS4-HMAC-SHA256 Credential={_CREDENTIAL}, SignedHeaders=host, Signature=0"


def to_ecr(app: str, images: list[str]) -> list[str]:
    """Every image is in its repository when this returns; the names by which machines of the account pull them.

    :raises RehearsalError: when no account answers, or has no repository for an image.
    """
    known = [str(one["repositoryName"]) for one in _call("DescribeRepositories", {})["repositories"]]
    targets = {image: target(app, image, known) for image in images}
    host, config = f"{layout.ACCOUNT}.dkr.ecr.{layout.REGION}.amazonaws.com", layout.FOLDER / "docker"
    token = _call("GetAuthorizationToken", {})["authorizationData"][0]["authorizationToken"]
    user, _colon, password = base64.b64decode(token).decode().partition(":")
    check(docker.login(config, host, user), what="Logging in to ECR", stdin=password.encode())
    for image, name in targets.items():
        with step(f"Pushing {name} to ECR"):
            check(["docker", "tag", image, f"{host}/{name}"], what=f"Naming {image}")
            check(docker.push(config, f"{host}/{name}"), what=f"Pushing {image}", timeout=600)
            run(["docker", "rmi", "--no-prune", f"{host}/{name}"])
    return [f"{host}/{name}" for name in targets.values()]


def target(app: str, image: str, repositories: list[str]) -> str:
    """``repository:tag`` for an image; a repository is called as the image is, or stands below the app's name. Pure.

    :raises RehearsalError: when there is no such repository.
    """
    name, _colon, tag = image.rsplit("/", 1)[-1].partition(":")
    for repository in (name, f"{app}/{name.removeprefix(f'{app}-')}"):
        if repository in repositories:
            return f"{repository}:{tag}"
    raise RehearsalError(
        f"The account has no repository for {name}; it has: {', '.join(repositories) or 'none'}.",
        fix=f"ansible-playbook -i inventories/rehearsal_account_{app} playbooks/registry.yml",
    )


def _call(action: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """One call of ECR's API.

    :raises RehearsalError: when no account answers.
    """
    headers = {
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": f"{_TARGET}.{action}",
        "Authorization": _SIGNED,
        "Host": f"api.ecr.{layout.REGION}.amazonaws.com",
    }
    url = f"http://127.0.0.1:{layout.API_PORT}/"
    request = urllib.request.Request(url, json.dumps(arguments).encode(), headers, method="POST")
    try:
        with _ASK.open(request, timeout=30) as answer:
            found: dict[str, Any] = json.loads(answer.read())
    except urllib.error.HTTPError as error:
        raise RehearsalError(f"ECR refuses {action}.", log=[error.read().decode(errors="replace")[:500]]) from error
    except OSError as error:
        raise RehearsalError("No account answers.", fix="python3 -m rehearsal account up") from error
    return found

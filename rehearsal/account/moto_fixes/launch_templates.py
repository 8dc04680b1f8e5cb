"""Launch templates: a version may stand on another one, and each has user data (API_CreateLaunchTemplateVersion)."""

from __future__ import annotations

import threading
from typing import Any

from moto.core.types import Base64EncodedString
from moto.ec2.models.launch_templates import LaunchTemplate
from moto.ec2.responses.launch_templates import LaunchTemplates

_asked = threading.local()
_answer, _create = LaunchTemplates.create_launch_template_version, LaunchTemplate.create_version


def _answer_with_source(self: Any) -> Any:
    _asked.source = self._get_param("SourceVersion")
    try:
        return _answer(self)
    finally:
        _asked.source = None


def _create_version(self: Any, data: dict[str, Any], description: str) -> Any:
    source = getattr(_asked, "source", None)
    whole = {**(self.get_version(source).data if source else {}), **data}
    if isinstance(whole.get("UserData"), str):
        whole["UserData"] = Base64EncodedString(whole["UserData"])
    return _create(self, whole, description)


LaunchTemplates.create_launch_template_version = _answer_with_source  # type: ignore[method-assign]
LaunchTemplate.create_version = _create_version  # type: ignore[method-assign]

#!/usr/bin/python
# Copyright: the Stairway contributors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Configure the Docker Engine of a host and log it in to registries."""

from __future__ import annotations

DOCUMENTATION = r"""
module: docker_engine
short_description: Configure the Docker Engine of a host and log it in to registries
version_added: 0.1.0
author:
  - The Stairway contributors (@stairway-cloud)
description:
  - Writes C(daemon.json), checked by C(dockerd --validate) where the engine knows that, and brings it into force
    by a reload where that is enough, so that containers never notice, else by a restart under C(live-restore).
  - When the engine does not come up with it, the old file is put back and the engine is started with that.
  - Options that say where an engine that was here before keeps its data (C(data-root), C(storage-driver), C(hosts)
    and so on) are kept unless O(options) names them.
  - Files and units that belong to the engine, such as its repository, go in with C(daemon.json) or not at all.
  - Logs in to registries with the password on standard input, and contacts a registry only when
    C(config.json) does not hold that login yet.
attributes:
  check_mode:
    description: Tells what would change. Registries are not contacted.
    support: full
  diff_mode:
    description: Shows daemon.json, and the names of registries.
    support: full
  platform:
    description: Debian and Ubuntu, Python 3.10 or later.
    support: full
    platforms: debian
extends_documentation_fragment:
  - stairway.cloud.entries
  - stairway.cloud.entries.units
options:
  options:
    description:
      - The content of C(daemon.json). An option that is null, or an empty list or object, is left out.
      - Without it the file is left alone.
    type: dict
  path:
    description: Where C(daemon.json) stands.
    type: str
    default: /etc/docker/daemon.json
  registries:
    description: Registries to log in to.
    type: list
    elements: dict
    default: []
    suboptions:
      server:
        description: Host and port, such as V(ghcr.io). V(docker.io) is Docker Hub.
        type: str
        required: true
      username:
        description: The user.
        type: str
        required: true
      password:
        description: The password or token.
        type: str
        required: true
  config_dir:
    description: The folder of the C(config.json) that keeps the logins.
    type: str
    default: /root/.docker
  wait_seconds:
    description: How long the engine may take to answer.
    type: int
    default: 60
"""

EXAMPLES = r"""
- name: Configure | The engine
  stairway.cloud.docker_engine:
    options:
      live-restore: true
      log-driver: json-file
      log-opts: {max-size: 20m, max-file: "5"}
    registries:
      - server: ghcr.io
        username: acme
        password: "{{ vault_ghcr_token }}"
"""

RETURN = r"""
changed_paths:
  description: The paths that changed.
  returned: success
  type: list
  elements: str
changed_units:
  description: What was done to the service.
  returned: success
  type: list
  elements: dict
  sample: [{name: docker.service, action: reload-or-restart}]
kept_options:
  description: Options of an engine that was here before and were kept.
  returned: success
  type: list
  elements: str
logins:
  description: Registries that were logged in to.
  returned: success
  type: list
  elements: str
version:
  description: The version of the engine that answers. Not in check mode.
  returned: success
  type: str
  sample: 26.1.5
error:
  description: The parts of the message.
  returned: failure
  type: dict
"""

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._common.quiet import QuietModule
from ansible_collections.stairway.cloud.plugins.module_utils._engine.arguments import SPEC, parse
from ansible_collections.stairway.cloud.plugins.module_utils._engine.converge import converge


def main() -> None:
    """Run the module."""
    module = QuietModule(argument_spec=SPEC, supports_check_mode=True)
    try:
        result = converge(parse(module.params), check_mode=module.check_mode)
    except StairwayError as error:
        module.fail_json(**error.result())
    for note in result.pop("notes"):
        module.warn(note)
    module.exit_json(**result)


if __name__ == "__main__":
    main()

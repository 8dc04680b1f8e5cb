#!/usr/bin/python
# Copyright: the Stairway contributors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Have certificates from an ACME authority through certbot."""

from __future__ import annotations

DOCUMENTATION = r"""
module: certificate
short_description: Have certificates from an ACME authority through certbot
version_added: 0.1.0
author:
  - The Stairway contributors (@stairway-cloud)
description:
  - Issues certificates with certbot, and issues them anew when names, authority, challenge or type of key changed,
    or when one is near its end.
  - The authority is not asked as long as nothing of that is so. Renewal is the work of C(certbot.timer);
    this module tells it when.
  - Files and units that belong to certbot, such as its hooks and its timer, go in first, in the same call.
  - After an issue it runs the deploy hook, which leads the edge to the certificate. Until then, and when the authority
    refuses, the edge serves on with what it has.
attributes:
  check_mode:
    description: Tells what would be issued and why. Nobody is asked.
    support: full
  diff_mode:
    description: Shows names, authority, challenge and type of key, and the reasons.
    support: full
  platform:
    description: Debian and Ubuntu, Python 3.10 or later, certbot 1.21 or later.
    support: full
    platforms: debian
extends_documentation_fragment:
  - stairway.cloud.entries
  - stairway.cloud.entries.units
options:
  certificates:
    description: The certificates.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: Its name, a folder below O(tls_dir) and in certbot's C(live).
        type: str
        required: true
      domains:
        description: The names it is for.
        type: list
        elements: str
        required: true
      challenge:
        description: How the authority sees that the names are ours.
        type: str
        choices: [webroot, standalone, dns]
        default: webroot
      auth_hook:
        description: With the challenge V(dns), the program that makes the TXT record and waits until it is public.
        type: str
      cleanup_hook:
        description: With the challenge V(dns), the program that takes the record away.
        type: str
  directory_url:
    description: The directory of the authority.
    type: str
    default: https://acme-v02.api.letsencrypt.org/directory
  ca:
    description: A PEM file on the host with the root of a private authority; empty for a public one.
    type: str
    default: ""
  email:
    description: Where the authority writes to; may be empty.
    type: str
    default: ""
  webroot:
    description: With the challenge V(webroot), the folder that the edge serves.
    type: path
    default: /var/lib/stairway/acme
  http_port:
    description: With the challenge V(standalone), the port to listen on, behind something that forwards port 80 to it.
    type: int
    default: 80
  key_type:
    description: The type of the key.
    type: str
    choices: [ecdsa, rsa]
    default: ecdsa
  renew_before_days:
    description: How long before its end it is renewed, or after two thirds of its lifetime when that is too short.
    type: int
    default: 30
  tls_dir:
    description: The folder with a folder for each certificate, which the edge reads.
    type: path
    default: /etc/stairway/tls
  config_dir:
    description: The folder of certbot.
    type: path
    default: /etc/letsencrypt
  deploy_hook:
    description: The program that leads the edge to a certificate; C(RENEWED_LINEAGE) is its folder.
    type: path
    default: /etc/letsencrypt/renewal-hooks/deploy/stairway
  wait_seconds:
    description: How long one certificate may take.
    type: int
    default: 300
"""

EXAMPLES = r"""
- name: Configure | Certificates
  stairway.cloud.certificate:
    certificates:
      - name: chat
        domains: [chat.example.com]
    email: ops@example.com
"""

RETURN = r"""
certificates:
  description: Each certificate, why it was issued (nothing when it was not), its serial number and its end.
  returned: success
  type: list
  elements: dict
  sample:
    - {name: chat, domains: [chat.example.com], reasons: [], serial: 17F9C0F4586773CD, expires: "2027-02-19T05:26:49Z"}
issued:
  description: Whether one was issued, taken over by the edge, or told another time of renewal.
  returned: success
  type: bool
changed_paths:
  description: The paths of O(entries) that changed.
  returned: success
  type: list
  elements: str
changed_units:
  description: What was done to O(units).
  returned: success
  type: list
  elements: dict
error:
  description: The parts of the message.
  returned: failure
  type: dict
"""

from ansible_collections.stairway.cloud.plugins.module_utils._certificate.arguments import SPEC, parse
from ansible_collections.stairway.cloud.plugins.module_utils._certificate.converge import converge
from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._common.quiet import QuietModule


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

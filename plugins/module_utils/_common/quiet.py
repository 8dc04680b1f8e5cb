"""A module whose arguments stay out of the host's journal."""

from __future__ import annotations

from ansible.module_utils.basic import AnsibleModule


class QuietModule(AnsibleModule):
    """For modules that get a secret of several lines, or deep inside a list.

    Ansible writes a module's arguments to the journal and hides secrets there by their text. A line break is spelled
    ``\\n`` in that line, so the text is another one, and the secret would be shown. ``no_log=True`` does not help: the
    controller's own value replaces it.
    """

    def _log_invocation(self) -> None:
        self.log(f"Invoked with {', '.join(sorted(self.params))}")

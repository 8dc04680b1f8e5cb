from __future__ import annotations

from ansible_collections.stairway.cloud.plugins.module_utils._docker import argv
from ansible_collections.stairway.cloud.plugins.module_utils._docker.argv import Mount, Run

FULL = Run(
    name="chat-api-blue-1",
    image="r/chat@sha256:aa",
    network="chat",
    command=("node", "--x"),
    labels={"b": "2", "a": "1"},
    env_file="/etc/stairway/chat/env/api",
    publish=((20480, 3000),),
    mounts=(Mount("chat-files", "/app/files"),),
    memory="512m",
    stop_seconds=7,
    user="node",
)


def test_a_new_container_earns_its_restart_policy_and_publishes_on_loopback_only():
    assert argv.run(FULL) == [
        *["docker", "run", "--detach", "--restart", "no", "--name", "chat-api-blue-1", "--init", "--network", "chat"],
        *["--pull", "never", "--stop-timeout", "7", "--label", "a=1", "--label", "b=2"],
        *["--env-file", "/etc/stairway/chat/env/api", "--publish", "127.0.0.1:20480:3000"],
        *["--mount", "type=volume,source=chat-files,target=/app/files", "--memory", "512m", "--user", "node"],
        *["--", "r/chat@sha256:aa", "node", "--x"],
    ]


def test_a_task_is_removed_after_its_run_and_runs_in_the_foreground():
    command = argv.run(Run(name="t", image="i", network="n"), detach=False)
    assert command[:3] == ["docker", "run", "--rm"]
    assert "--detach" not in command


def test_names_that_look_like_options_stay_names():
    for command in (argv.stop(["-f"]), argv.remove(["-f"]), argv.pull("-q"), argv.logs("-n", lines=1)):
        assert command[command.index("--") + 1 :] == [command[-1]]

# shellcheck shell=bash
# Shared by the deploy scripts. They run on GitHub and on any machine: settings come from the environment only.

# fail MESSAGE [WHAT TO DO]
fail() {
    printf 'deploy: %s\n' "$1" >&2
    if [ $# -gt 1 ]; then
        printf '  do next: %s\n' "$2" >&2
    fi
    exit 64 # EX_USAGE; ansible-playbook itself ends with 1 to 5
}

# need NAME WHAT-IT-IS
need() {
    if [ -z "${!1:-}" ]; then
        fail "$1 is not set: $2." "Set it in the repository's settings (variables and secrets of the environment), or export it."
    fi
}

# The tag of an image: letters, digits, and . _ - after the first character, at most 128.
check_version() {
    if ! [[ $1 =~ ^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$ ]]; then
        fail "'$1' cannot be a version: it is the tag of an image." "Use letters, digits, '.', '_' and '-', for example 1.4.2 or a commit id."
    fi
}

# A folder for keys and passwords that only this user can read and that goes away with the script.
private_folder() {
    umask 077
    private="$(mktemp -d "${RUNNER_TEMP:-${TMPDIR:-/tmp}}/stairway-deploy.XXXXXX")"
    trap 'rm -rf "$private"' EXIT
}

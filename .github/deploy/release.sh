#!/usr/bin/env bash
# Release a version on the hosts of an inventory, or go back to the last good one. Run it from the checkout of the collection.
#
#   STAIRWAY_ACTION          release (default) or rollback
#   STAIRWAY_VERSION         the version to release
#   STAIRWAY_INVENTORY       folders, separated by spaces, for example "inventories/chat"
#   STAIRWAY_SSH_KEY         the private key of the deploy user, as text
#   STAIRWAY_KNOWN_HOSTS     lines of ssh-keyscan for the hosts, compared with the hosts' own keys once, by a person
#   STAIRWAY_VAULT_PASSWORD  opens the vaulted files of the inventory (optional)
#   STAIRWAY_LIMIT           only these hosts (optional)
#
# Nothing secret is given as an argument, and keys and passwords are gone when it ends.
set -euo pipefail
# shellcheck source=.github/deploy/lib.sh
. "$(dirname "$0")/lib.sh"

need STAIRWAY_INVENTORY "the inventory of the app"
need STAIRWAY_SSH_KEY "the private key that the hosts know"
need STAIRWAY_KNOWN_HOSTS "the keys of the hosts, from ssh-keyscan"

case "${STAIRWAY_ACTION:-release}" in
    release)
        need STAIRWAY_VERSION "the version to release"
        check_version "$STAIRWAY_VERSION"
        play=(playbooks/release.yml -e "version=$STAIRWAY_VERSION")
        ;;
    rollback) play=(playbooks/rollback.yml) ;;
    *) fail "STAIRWAY_ACTION is '$STAIRWAY_ACTION', expected release or rollback." ;;
esac

read -ra inventories <<<"$STAIRWAY_INVENTORY"
for inventory in "${inventories[@]}"; do
    [ -e "$inventory" ] || fail "The inventory $inventory does not exist." "Correct STAIRWAY_INVENTORY; the path counts from $PWD."
    play+=(--inventory "$inventory")
done

private_folder
printf '%s\n' "$STAIRWAY_SSH_KEY" >"$private/key"
printf '%s\n' "$STAIRWAY_KNOWN_HOSTS" >"$private/known_hosts"
ssh-keygen -y -P '' -f "$private/key" >/dev/null 2>&1 ||
    fail "STAIRWAY_SSH_KEY is not a private key, or it has a passphrase." "Paste the whole file, its first and last line included."
# A connection that outlives this script would outlive its key: none is kept after the play.
play+=(
    --private-key "$private/key"
    --ssh-common-args "-o UserKnownHostsFile=$private/known_hosts -o StrictHostKeyChecking=yes -o IdentitiesOnly=yes"
)
sockets="$(mktemp -d /tmp/sw.XXXXXX)" # a socket's path has 108 bytes at most, so not below $private
export ANSIBLE_SSH_CONTROL_PATH_DIR="$sockets"
export ANSIBLE_SSH_ARGS="-o ControlMaster=auto -o ControlPersist=60s -o ServerAliveInterval=15"
if [ -n "${STAIRWAY_VAULT_PASSWORD:-}" ]; then
    printf '%s\n' "$STAIRWAY_VAULT_PASSWORD" >"$private/vault"
    play+=(--vault-password-file "$private/vault")
fi
if [ -n "${STAIRWAY_LIMIT:-}" ]; then
    play+=(--limit "$STAIRWAY_LIMIT")
fi
unset STAIRWAY_SSH_KEY STAIRWAY_VAULT_PASSWORD

finish() {
    for socket in "$sockets"/*; do
        if [ -S "$socket" ]; then
            ssh -o ControlPath="$socket" -O exit stairway 2>/dev/null || true
        fi
    done
    rm -rf "$private" "$sockets"
}
trap finish EXIT
ansible-playbook "${play[@]}"

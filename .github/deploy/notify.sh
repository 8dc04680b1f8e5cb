#!/usr/bin/env bash
# Tell Slack that a deployment ended before a host was reached. From there on the release itself tells how it went.
#
#   SLACK_WEBHOOK            where to; nothing is sent without it
#   STAIRWAY_MESSAGE         the text
set -euo pipefail
# shellcheck source=.github/deploy/lib.sh
. "$(dirname "$0")/lib.sh"

if [ -z "${SLACK_WEBHOOK:-}" ]; then
    echo "deploy: no SLACK_WEBHOOK is set, nobody is told"
    exit 0
fi
need STAIRWAY_MESSAGE "the text of the notice"
private_folder
python3 -c 'import json, os; print(json.dumps({"text": os.environ["STAIRWAY_MESSAGE"]}))' >"$private/notice.json"
# The address is a secret: curl reads it from standard input, so that it is no argument.
printf 'url = "%s"\n' "$SLACK_WEBHOOK" |
    curl --config - --silent --show-error --fail --max-time 10 --retry 2 --output /dev/null \
        --header 'Content-Type: application/json' --data "@$private/notice.json" ||
    fail "The notice could not be sent." "Check the secret SLACK_WEBHOOK."

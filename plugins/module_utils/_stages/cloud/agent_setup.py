"""The script that makes a fleet's machine watched: nobody reaches it, and its user data has no room for this. Pure.

It waits in Parameter Store, under a name that machines may read and not write, and runs after every release on them.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

_SCRIPT = r"""set -eu
# Managed by Stairway: watches @app@ on a machine of its fleet; runs after every release there.
logs=/var/log/stairway/@app@ home=/opt/aws/amazon-cloudwatch-agent done=/var/lib/stairway/cloudwatch-agent
mkdir -p "$logs" /var/lib/stairway
for id in $(docker ps --all --quiet --no-trunc --filter label=stairway.app=@app@); do
  set -- $(docker container inspect --format '{{.Name}} {{.LogPath}}' "$id")
  [ $# -eq 2 ] || continue
  mkdir -p "$logs/${1#/@app@-}"
  ln -sfn "$2" "$logs/${1#/@app@-}/$(printf %.12s "$id").log"
done
find "$logs" -xtype l -delete
export DEBIAN_FRONTEND=noninteractive
install() { apt-get -qq -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "$@" >/dev/null; }
if [ ! -x $home/bin/amazon-cloudwatch-agent-ctl ]; then
  command -v gpgv >/dev/null || install gpgv || { apt-get -qq update && install gpgv; }
  folder=$(mktemp -d) && trap 'rm -rf "$folder"' EXIT && chmod 755 "$folder"
  . /etc/os-release
  python3 - "$folder" "@url@" "@key@" "$ID" "$(dpkg --print-architecture)" <<'END'
import base64, sys, urllib.request
folder, url, key, system, arch = sys.argv[1:]
url = url.replace("{system}", system).replace("{arch}", arch)
for name, address in (("key", key), ("agent.deb.sig", url + ".sig"), ("agent.deb", url)):
    data = urllib.request.urlopen(address, timeout=60).read()
    if name == "key":
        lines = data.decode().split("-----")[2].strip().splitlines()
        lines = lines[lines.index("") + 1 :] if "" in lines else lines
        data = base64.b64decode("".join(one for one in lines if not one.startswith("=")))
    open(f"{folder}/{name}", "wb").write(data)
END
  gpgv --status-fd 1 --homedir "$folder" --keyring "$folder/key" "$folder/agent.deb.sig" "$folder/agent.deb" |
    grep -q '^\[GNUPG:\] VALIDSIG .* @fingerprint@$' ||
    { echo "the CloudWatch agent is not signed by @fingerprint@; it was not installed" >&2; exit 1; }
  install "$folder/agent.deb"
  rm -f $done
fi
[ "$(cat $done 2>/dev/null)" = @digest@ ] && exit 0
$home/bin/amazon-cloudwatch-agent-ctl -a fetch-config -m ec2 -c ssm:@parameter@ -s
echo @digest@ >$done
"""


@dataclass(frozen=True)
class Publisher:
    """Who gives the package. ``{system}`` is ``debian`` or ``ubuntu``, ``{arch}`` Debian's word for the machine."""

    url: str
    key: str
    fingerprint: str


# The CloudWatch user guide, «Verifying the signature of the CloudWatch agent package»:
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/verify-CloudWatch-Agent-Package-Signature.html
_BUCKET = "https://amazoncloudwatch-agent.s3.amazonaws.com"
AMAZON = Publisher(
    f"{_BUCKET}/{{system}}/{{arch}}/latest/amazon-cloudwatch-agent.deb",
    f"{_BUCKET}/assets/amazon-cloudwatch-agent.gpg",
    "937616F3450B7D806CBD9725D58167303B789C72",
)


def script(app: str, parameter: str, configuration: str, publisher: Publisher = AMAZON) -> str:
    """For ``sh``. The agent fetches ``parameter`` when ``configuration``, which stands in it, has changed."""
    digest = hashlib.sha256(configuration.encode()).hexdigest()[:16]
    words = {
        "app": app,
        "parameter": parameter,
        "digest": digest,
        "url": publisher.url,
        "key": publisher.key,
        "fingerprint": publisher.fingerprint,
    }
    text = _SCRIPT
    for name, value in words.items():
        text = text.replace(f"@{name}@", value)
    return text

#!/usr/bin/env bash
# Build an image for each service and push it.
#
#   STAIRWAY_VERSION         the tag, also handed to the build as VERSION
#   STAIRWAY_IMAGES          lines of <image>=<folder with a Dockerfile>; the image as it stands in app.yml
#   STAIRWAY_REGISTRY        where to log in, for example ghcr.io; without a user nobody logs in
#   STAIRWAY_REGISTRY_USER, STAIRWAY_REGISTRY_PASSWORD
set -euo pipefail
# shellcheck source=.github/deploy/lib.sh
. "$(dirname "$0")/lib.sh"

need STAIRWAY_VERSION "the version to build"
need STAIRWAY_IMAGES "which images to build from which folders"
check_version "$STAIRWAY_VERSION"

private_folder
if [ -n "${STAIRWAY_REGISTRY_USER:-}" ]; then
    need STAIRWAY_REGISTRY "the registry to log in to"
    need STAIRWAY_REGISTRY_PASSWORD "the password of $STAIRWAY_REGISTRY_USER at $STAIRWAY_REGISTRY"
    export DOCKER_CONFIG="$private/docker"
    # The password goes over standard input: arguments of a program can be read by everybody.
    printf '%s' "$STAIRWAY_REGISTRY_PASSWORD" |
        docker login --username "$STAIRWAY_REGISTRY_USER" --password-stdin "$STAIRWAY_REGISTRY" 2>/dev/null
fi

while IFS='=' read -r image folder; do
    [ -n "$image" ] || continue
    [ -f "$folder/Dockerfile" ] || fail "$image: there is no $folder/Dockerfile." "Correct STAIRWAY_IMAGES: one <image>=<folder> a line."
    printf 'deploy: building %s:%s from %s\n' "$image" "$STAIRWAY_VERSION" "$folder"
    docker build --build-arg "VERSION=$STAIRWAY_VERSION" --tag "$image:$STAIRWAY_VERSION" -- "$folder"
    docker push "$image:$STAIRWAY_VERSION"
done <<<"$STAIRWAY_IMAGES"

#!/bin/sh
# An option or something that is no program is meant for node, as in the official image.
set -e
if [ "${1#-}" != "${1}" ] || [ -z "$(command -v "${1}")" ]; then
  set -- node "$@"
fi
exec "$@"

#!/bin/sh
# As in the official image: templates are filled in from the environment, scripts run, then Nginx starts.
set -e
if [ "$1" = nginx ]; then
  names=$(env | cut -d= -f1 | sed 's/^/${/; s/$/}/' | tr '\n' ' ')
  for template in /etc/nginx/templates/*.template; do
    [ -e "$template" ] || continue
    target=/etc/nginx/conf.d/$(basename "$template" .template)
    envsubst "$names" < "$template" > "$target"
  done
  for script in /docker-entrypoint.d/*.sh; do
    if [ -x "$script" ]; then "$script"; fi
  done
fi
exec "$@"

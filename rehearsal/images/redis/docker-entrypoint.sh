#!/bin/sh
# As in the official image: options and *.conf are meant for redis-server, which does not run as root.
set -e
if [ "${1#-}" != "$1" ] || [ "${1%.conf}" != "$1" ]; then
  set -- redis-server "$@"
fi
if [ "$1" = redis-server ]; then
  [ "$(id -u)" != 0 ] || find . \! -user redis -exec chown redis:redis {} +
  um=$(umask); if [ "$um" = 0022 ]; then umask 0077; fi
  # Debian's redis-server guards itself against the world by default; the official image's does not, and neither does this.
  if [ "$#" -eq 1 ]; then set -- "$@" --protected-mode no; fi
  if [ "$(id -u)" = 0 ]; then exec setpriv --reuid=redis --regid=redis --init-groups -- "$@"; fi
fi
exec "$@"

#!/bin/sh
# The way of docker-rollout: twice as many containers, wait until the new ones are healthy, stop the old ones.
# No switch at the edge: the edge finds out by itself. Run in the folder of the compose project.
set -eu
old=$(docker compose ps -q api)
docker compose up -d --no-deps --no-recreate --scale api=2 api
new=$(docker compose ps -q api | grep -v -F "$old")
tries=0
until [ "$(docker inspect -f '{{.State.Health.Status}}' "$new")" = healthy ]; do
  tries=$((tries + 1))
  [ "$tries" -lt 120 ] || { docker stop "$new"; docker rm "$new"; exit 1; }
  sleep 0.5
done
docker stop "$old"
docker rm "$old"

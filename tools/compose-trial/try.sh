#!/usr/bin/env bash
# Brings docker-compose.yml up where no registry of images can be reached, and breaks it: base images are made from
# Debian packages under the names the file uses, EventStoreDB is the tests' double. Needs root, docker.io (dockerd, docker),
# docker-compose 1.29, debootstrap, a built repository. docs/operations/install.md says what this shows and what not.
#
#   tools/compose-trial/try.sh [work folder]      default: a temporary one, deleted at the end
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
here=tools/compose-trial
given=${1:-}
work=${given:-$(mktemp -d)}
mkdir -p "$work"
# The double of Jaeger reads JSON.
export OTEL_EXPORTER_OTLP_PROTOCOL=http/json
export DOCKER_HOST="unix://$work/docker.sock" COMPOSE_PROJECT_NAME=skynet-trial DOCKER_BUILDKIT=0
docker=$(command -v /usr/bin/docker docker | head -1)
compose() { docker-compose --ansi never "$@"; }
say() { printf '== %s (%d s)\n' "$1" "$SECONDS"; }
fail() { echo "FAILED: $1" >&2; exit 1; }

cleanup() {
  compose --profile demo --profile redis down --volumes --timeout 5 >/dev/null 2>&1 || true
  if [[ -f $work/dockerd.pid ]]; then
    kill "$(cat "$work/dockerd.pid")" 2>/dev/null || true
    while [[ -f $work/dockerd.pid ]] && kill -0 "$(cat "$work/dockerd.pid")" 2>/dev/null; do sleep 0.2; done
  fi
  [[ -n $given ]] || rm -rf "$work"
}
trap cleanup EXIT

start_engine() {
  dockerd --data-root "$work/data" --exec-root "$work/exec" --pidfile "$work/dockerd.pid" -H "$DOCKER_HOST" \
    --bridge=none --iptables=false --ip6tables=false --ip-forward=false --ip-masq=false \
    --storage-driver overlay2 >"$work/dockerd.log" 2>&1 &
  for _ in $(seq 100); do "$docker" info >/dev/null 2>&1 && return; sleep 0.2; done
  fail "dockerd does not start, see $work/dockerd.log"
}

base_images() {
  if ! "$docker" image inspect skynet-trial/debian >/dev/null 2>&1; then
    debootstrap --variant=minbase --include=ca-certificates,curl,wget,nats-server,redis-server \
      bookworm "$work/debian" >"$work/debootstrap.log" 2>&1
    rm -rf "$work"/debian/var/cache/apt/archives/*.deb "$work"/debian/var/lib/apt/lists/*
    tar -C "$work/debian" -c . | "$docker" import - skynet-trial/debian >/dev/null
    rm -rf "$work/debian"
  fi
  mkdir -p "$work/node"
  cp node_modules/node-linux-*/bin/node "$work/node/node"
  cp -r "$(dirname "$(dirname "$(readlink -f "$(command -v npm)")")")" "$work/node/npm"
  cp /etc/ssl/certs/ca-certificates.crt "$work/node/"
  "$docker" build -q -t skynet-trial/node -f $here/images/node.Dockerfile "$work/node" >/dev/null
  rm -rf "$work/node"
  "$docker" tag skynet-trial/node node:24-bookworm-slim
  # The context of a build is what .dockerignore lets through; these need other files.
  context() { tar -c "$here" libs/testing/dist; }
  context | "$docker" build -q -t nats:2.12.15-alpine -f $here/images/nats.Dockerfile - >/dev/null
  context | "$docker" build -q -t redis:8.0.2-alpine -f $here/images/redis.Dockerfile - >/dev/null
  context | "$docker" build -q -t jaegertracing/jaeger:2.21.0 -f $here/images/jaeger.Dockerfile - >/dev/null
  "$docker" build -q --network host -t skynet-mcp:0.1.0 . >/dev/null
  context | "$docker" build -q -t kurrentplatform/kurrentdb:26.1.1 -f $here/images/eventstore.Dockerfile - >/dev/null
}

cli() { compose run --rm -T cli "$@" </dev/null 2>/dev/null; }
wait_healthy() {
  for _ in $(seq 120); do
    [[ $(curl -so /dev/null -w '%{http_code}' http://127.0.0.1:7510/health/ready) == 200 ]] && return
    sleep 0.5
  done
  compose ps; compose logs --tail 20; fail "the edge is not ready"
}

wait_running() {
  for _ in $(seq 15); do
    [[ $(cli status "$1" --json) == *'"status":"running"'* ]] && return
  done
  fail 'the agent does not run'
}

start_engine
say 'the engine runs'
base_images
say 'images are made'
"$docker" images --format '{{.Repository}}:{{.Tag}} {{.Size}}' | grep -E 'skynet-mcp|node:24'

compose up -d >"$work/up.log" 2>&1 || { tail -5 "$work/up.log"; compose logs --tail 15; fail 'docker-compose up'; }
wait_healthy
say 'the stack is up'
[[ $(curl -so /dev/null -w '%{http_code}' -X POST http://127.0.0.1:7510/mcp) == 401 ]] || fail 'the edge lets anyone in'

compose --profile demo run --rm -T demo </dev/null >"$work/demo.log" 2>&1 || { tail -30 "$work/demo.log"; fail 'the demo'; }
tail -4 "$work/demo.log"
say 'the demo ran through it'
sleep 2
echo "spans and traces received: $("$docker" exec skynet-trial_jaeger_1 curl -s http://127.0.0.1:16686)"

spawn() { cli spawn '{"depth":3,"fanOut":3}' --model scripted:tree; }
# As a crash: the engine does not know that somebody meant it, and restarts the container.
crash() { kill -9 "$("$docker" inspect -f '{{.State.Pid}}' "skynet-trial_$1_1")"; }
before=$(spawn)
[[ -n $before ]] || fail 'spawn'
cli wait "$before" --timeout 60 >/dev/null || fail 'wait'
result_before=$(cli result "$before" --json)
for container in agent-runtime scheduler eventstore nats auth mcp-edge; do
  running=$(cli spawn '{"seconds":10,"steps":10}' --model scripted:slow)
  wait_running "$running"
  crash "$container"
  sleep 1
  wait_healthy
  for _ in 1 2 3; do cli wait "$running" --timeout 60 >/dev/null && break; sleep 2; done
  result=$(cli result "$running" --json)
  [[ $result == *'done in 10 steps'* ]] || fail "after killing $container: $result"
  say "killed $container with -9 while an agent ran: the agent completed"
done

compose stop --timeout 25 >"$work/stop.log" 2>&1
say 'stopped'
compose up -d >"$work/up2.log" 2>&1
wait_healthy
[[ $(cli result "$before" --json) == "$result_before" ]] || fail 'the result from before is gone'
say 'up again: nothing lost'

# The other state store begins empty: what readers see is made anew from the log.
export STATE_STORE=redis
compose --profile redis up -d >"$work/redis.log" 2>&1
wait_healthy
[[ $(cli result "$before" --json) == "$result_before" ]] || fail 'the rows were not made anew in Redis'
cli wait "$(spawn)" --timeout 60 >/dev/null || fail 'a tree with its rows in Redis'
say 'with Redis: the rows are there again, a tree completed'

#!/bin/sh
# What deploy/pakta is without containers, called by root: `pakta verify_documents`. Each command
# runs in a container of its own, with what it needs and no more.
set -eu

service=manage
case "${1:-}" in
    create_seal_certificate | seal_pending) service=manage-seal ;;
    migrate | grant_runtime | restore) service=manage-owner ;;
esac

compose="docker compose"
if command -v podman-compose >/dev/null; then compose=podman-compose; fi
# Nobody sits before it when cron calls.
[ -t 0 ] && no_terminal='' || no_terminal=-T
# shellcheck disable=SC2086 # one word each
exec $compose --file /srv/pakta/deploy/compose.yaml --profile by-hand \
    run --rm $no_terminal "$service" "$@"

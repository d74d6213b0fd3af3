#!/usr/bin/env bash
# Runs all tests as this user and, at the same time, those that start processes as the other kind of user
# (tools/test_as_plain_user.sh), whose output follows when both are done. Fails if either does.
set -uo pipefail
set -m  # else what runs in the background would ignore Ctrl-C, and so would all that the tests start
cd "$(dirname "${BASH_SOURCE[0]}")/.."

said=$(mktemp)
trap 'rm -f "$said"' EXIT
trap 'kill -TERM -- "-$other" 2>/dev/null; exit 130' INT TERM

tools/test_as_plain_user.sh >"$said" 2>&1 </dev/null &
other=$!
code=0
.venv/bin/pytest "$@" </dev/null || code=$?
echo "== meanwhile, as the other kind of user"
wait "$other" || code=$?
cat "$said"
exit "$code"

#!/usr/bin/env bash
# Runs all tests: as this user and, at the same time, as the other kind of user (tools/test_as_plain_user.sh),
# whose output follows when both are done. Fails if either does.
#
# Whatever the kernel has a say in runs as both. What does not depend on who runs it runs once, as whoever has
# the time (ELSEWHERE: as the other one). Where no other user is to be had, everything runs as this one.
set -uo pipefail
set -m  # else what runs in the background would ignore Ctrl-C, and so would all that the tests start
cd "$(dirname "${BASH_SOURCE[0]}")/.."

BOTH=(
    tests/escape tests/compat
    tests/integration/{agents,confinement,execute,host,limits,network,runtime,scan,sessions,testkit}
    tests/integration/test_{git_insight,git_provider,process,transports}.py
)
ELSEWHERE=(examples tests/integration/{cli,docs,embed,findings,market,package})

said=$(mktemp)
trap 'rm -f "$said"' EXIT
trap 'kill -TERM -- "-$other" 2>/dev/null; exit 130' INT TERM

here=()
if tools/test_as_plain_user.sh --possible; then
    here=("${ELSEWHERE[@]/#/--ignore=}")
fi
tools/test_as_plain_user.sh --tests "${BOTH[@]}" "${ELSEWHERE[@]}" >"$said" 2>&1 </dev/null &
other=$!
code=0
.venv/bin/pytest "${here[@]}" "$@" </dev/null || code=$?
echo "== meanwhile, as the other kind of user"
wait "$other" || code=$?
cat "$said"
exit "$code"

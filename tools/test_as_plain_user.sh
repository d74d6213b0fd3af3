#!/usr/bin/env bash
# Runs tests as the other kind of user.
#
#   tools/test_as_plain_user.sh --tests FOLDER…   the tests in these folders
#   tools/test_as_plain_user.sh --possible        nothing; tell by the exit code whether there is another user
#   tools/test_as_plain_user.sh PROGRAM [WORD…]   a program of .venv/bin instead; its output alone goes to stdout
#
# Confinement differs between root and everybody else, so both must be tried. Root runs them
# here as a plain user: a uid nobody has, without groups or capabilities, with a home, an
# environment and a copy of the checkout of its own. A plain user cannot become root; in CI
# that is a failure (unless sudo works without a password), elsewhere it is said loudly.
# The copy is removed whatever happens, and processes that the tests left behind fail the run.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
umask 022

copy=
uid=
as_other=()
tests=()
instead=()
case ${1:-} in
    --tests) tests=("${@:2}") ;;
    --possible) [ "$(id -u)" -eq 0 ] || { [ "${CI:-}" = true ] && sudo -n true 2>/dev/null; }; exit ;;
    "") echo "usage: tools/test_as_plain_user.sh --tests FOLDER… | --possible | PROGRAM [WORD…]" >&2; exit 2 ;;
    *) instead=("$@") ;;
esac
exec 3>&1 >&2  # 3 is for what is run

processes_of_uid() {  # but for those that have ended and only wait to be collected by whoever is init here
    grep -ls "^Uid:[[:space:]]*${uid}[[:space:]]" /proc/[0-9]*/status |
        xargs -r grep -Ls '^State:[[:space:]]*Z' | cut -d/ -f3 || true
}

remove_copy() {
    [ -z "$uid" ] || processes_of_uid | xargs -r kill -9 2>/dev/null || true
    [ -z "$copy" ] || rm -rf "$copy" 2>/dev/null || "${as_other[@]}" rm -rf "$copy"
}
trap remove_copy EXIT
trap 'exit 130' INT TERM

unused_uid() {  # from the range that systemd's and Debian's tables leave to nobody
    for ((uid = 60578; uid < 60678; uid++)); do
        if ! getent passwd "$uid" >/dev/null && ! getent group "$uid" >/dev/null && [ -z "$(processes_of_uid)" ]; then
            return
        fi
    done
    uid=
    echo "plain user: no unused uid between 60578 and 60677." >&2
    exit 1
}

checkout_files() {  # what git would commit, NUL-separated; everything but our own makings where git cannot tell
    if git ls-files >/dev/null 2>&1; then
        LC_ALL=C comm -z -23 <(git ls-files -zco --exclude-standard | LC_ALL=C sort -zu) \
            <(git ls-files -zd | LC_ALL=C sort -zu)
    else
        find . \( -name .git -o -name .venv -o -name .tools -o -name __pycache__ -o -name '.*_cache' \) -prune \
            -o \( -type f -o -type l \) -print0
    fi
}

make_copy() {
    copy=$(mktemp -d /var/tmp/yesman-plain-XXXXXX)
    chmod 755 "$copy"
    mkdir -p "$copy/main" "$copy/home"
    checkout_files | tar --null --no-recursion -T - -cf - | tar -C "$copy/main" --no-same-owner -xf -
    if [ -r ../shared/plan.md ]; then
        mkdir "$copy/shared"
        cp ../shared/plan.md "$copy/shared/plan.md"
    fi
    # Copied, never linked: a hard link would hand the caller's package cache to the other user.
    UV=$PWD/.tools/uv/bin/uv UV_LINK_MODE=copy "$copy/main/tools/setup.sh"
}

kept_environment() {  # how packages are reached; nothing else of the caller's
    eval "$(.venv/bin/python -I tools/index_settings.py)"
    local name
    for name in CI TERM {http,https,all,no}_proxy {HTTP,HTTPS,ALL,NO}_PROXY SSL_CERT_{FILE,DIR} \
        UV_{DEFAULT_INDEX,INDEX,INDEX_URL,EXTRA_INDEX_URL,FIND_LINKS,INSECURE_HOST,NATIVE_TLS} \
        PIP_{INDEX_URL,EXTRA_INDEX_URL,FIND_LINKS,CERT,TRUSTED_HOST}; do
        [ -z "${!name:-}" ] || printf '%s=%s\0' "$name" "${!name}"
    done
}

run_tests() {  # NAME: the name the other user goes by
    local kept=()
    mapfile -d '' -t kept < <(kept_environment)
    local run=(-m pytest -p no:cacheprovider --basetemp="$copy/t" "${tests[@]}")
    [ ${#instead[@]} -eq 0 ] || run=("${instead[@]:1}")
    cd "$copy/main"
    "${as_other[@]}" env -i "${kept[@]}" HOME="$copy/home" USER="$1" LOGNAME="$1" SHELL=/bin/sh LANG=C.UTF-8 \
        PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
        ".venv/bin/${instead[0]:-python}" "${run[@]}" </dev/null >&3
}

as_plain_user() {
    case $(.venv/bin/python -I tools/probe_python.py) in
        own\ *)
            echo "plain user: .venv rests on a Python that only its owner may run; install Debian's python3, make clean, try again." >&2
            exit 1
            ;;
    esac
    unused_uid
    echo "== once more as a plain user (uid $uid)"
    make_copy
    chown -R "$uid:$uid" "$copy"
    as_other=(setpriv "--reuid=$uid" "--regid=$uid" --clear-groups --inh-caps=-all --)
    run_tests plain
    local deadline=$((SECONDS + 20))
    while [ -n "$(processes_of_uid)" ] && [ $SECONDS -lt $deadline ]; do :; done
    if [ -n "$(processes_of_uid)" ]; then
        echo "plain user: the tests left processes behind:" >&2
        processes_of_uid | while read -r pid; do
            printf '  %s %s\n' "$pid" "$(tr '\0' ' ' <"/proc/$pid/cmdline")" >&2
        done
        exit 1
    fi
    echo "== passed as root and as a plain user (uid $uid)"
}

as_root_by_sudo() {
    echo "== once more as root (by sudo)"
    as_other=(sudo -n --)
    make_copy
    run_tests root
    echo "== passed as a plain user ($(id -un 2>/dev/null || id -u)) and as root"
}

if [ "$(id -u)" -eq 0 ]; then
    as_plain_user
elif [ "${CI:-}" = true ] && sudo -n true 2>/dev/null; then
    as_root_by_sudo
else
    echo "== passed as a plain user ($(id -un 2>/dev/null || id -u)); root run: NOT RUN (not root)"
    [ "${CI:-}" != true ]
fi

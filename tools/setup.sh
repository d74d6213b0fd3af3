#!/usr/bin/env bash
# Makes ready what the targets of the Makefile need.
#
# Afterwards tmux and git can be run and .venv holds what uv.lock names, or the script has
# ended with exit 1 and one sentence that says what to do. Everything it makes lies in .venv,
# .tools and browser/node_modules; only tmux, git, python3-venv, chromium and npm come from apt-get, where that is permitted.
# Doing nothing takes a few hundredths of a second.
#
#   tools/setup.sh [--browser] [GROUP...]
#                                bench: also what `make bench` compares with; docs: also what `make docs` needs
#   --browser                    also chromium, which tests of web pages drive, and what of npm they need
#   PYTHON=/path/to/python3      use this interpreter
#   UV=/path/to/uv               use this uv
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

venv=$PWD/.venv
stamp=$venv/.setup-stamp
log=$PWD/.tools/setup.log

say() { printf 'setup: %s\n' "$*"; }

give_up() {
    [ -z "${2:-}" ] || tail -n 15 "$2" >&2
    printf 'setup: %s\n' "$1" >&2
    exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

apt_install() {  # PACKAGE...: false where this user may not, or where it failed
    local as_root=()
    have apt-get || return 1
    if [ "$(id -u)" -ne 0 ]; then
        sudo -n true 2>/dev/null || return 1
        as_root=(sudo -n)
    fi
    say "installing $* with apt-get"
    # A package list that cannot be refreshed need not matter; the installation decides.
    "${as_root[@]}" apt-get -q update >"$log" 2>&1 </dev/null || true
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get -q install -y --no-install-recommends "$@" >>"$log" 2>&1 </dev/null ||
        give_up "apt-get could not install $*; install it by hand and run this again." "$log"
}

need_programs() {
    local missing=() program
    for program in tmux git ${browser:+chromium npm}; do
        have "$program" || missing+=("$program")
    done
    [ ${#missing[@]} -eq 0 ] || apt_install "${missing[@]}" ||
        give_up "Please install ${missing[*]} with the system's package manager and run this again."
}

# An interpreter that every user may run is preferred: the tests run once as a plain user, who
# cannot enter root's private home, and neither can a plugin that was given its own uid.
choose_python() {
    local candidate verdict fallback=
    for candidate in ${PYTHON:-python3 /usr/bin/python3 /usr/local/bin/python3 \
        python3.14 python3.13 python3.12 python3.11}; do
        verdict=$("$candidate" -I tools/probe_python.py 2>/dev/null) || continue
        case $verdict in
            any\ *) python=${verdict#any } && return ;;
            own\ *) fallback=${fallback:-${verdict#own }} ;;
        esac
    done
    python=$fallback
    [ -n "$python" ] || give_up "Please install Python 3.11 or newer${PYTHON:+ (PYTHON=$PYTHON is not)} and run this again."
}

uv_by_pip() {  # REQUIREMENT: into .tools/uv, whichever way this interpreter has pip
    rm -rf .tools/uv
    if "$python" -c 'import ensurepip' 2>/dev/null; then
        "$python" -m venv .tools/uv && .tools/uv/bin/python -m pip install -q --disable-pip-version-check "$1"
    else
        "$python" -m pip install -q --disable-pip-version-check --target .tools/uv "$1"
    fi
}

get_uv() {
    uv=${UV:-$PWD/.tools/uv/bin/uv}
    ! "$uv" --version >/dev/null 2>&1 || return 0
    uv=$PWD/.tools/uv/bin/uv
    local locked
    locked=$(awk '/^name = "uv"$/ {getline; gsub(/"/, "", $3); print $3; exit}' uv.lock)
    if ! "$python" -c 'import ensurepip' 2>/dev/null && ! "$python" -m pip --version >/dev/null 2>&1; then
        if have uv; then
            uv=$(command -v uv)
            return
        fi
        apt_install python3-venv || give_up "Please install python3-venv (or uv) and run this again."
    fi
    say "getting uv $locked"
    uv_by_pip "uv==$locked" >"$log" 2>&1 </dev/null || uv_by_pip "uv>=0.5" >>"$log" 2>&1 </dev/null ||
        give_up "pip could not get uv; check the network and pip's index settings, then run this again." "$log"
}

# uv.lock names files by full address. Behind a mirror the same files, held to the same hashes,
# come from the mirror; only a mirror that lacks them leads to other versions, and that is said.
from_mirror() {
    "$uv" export -q --frozen --no-emit-project "${groups[@]}" -o .tools/locked.txt &&
        "$uv" venv -q --clear --python "$python" "$venv" &&
        "$uv" pip sync -q --python "$venv" --require-hashes .tools/locked.txt &&
        "$uv" pip install -q --python "$venv" --no-deps -e .
}

unlocked() {
    "$uv" venv -q --clear --python "$python" "$venv" &&
        "$uv" pip install -q --python "$venv" -e . --group dev "${groups[@]}"
}

install_dependencies() {
    say "installing into .venv (base: $python)"
    if [ -z "${UV_DEFAULT_INDEX:-}${UV_INDEX_URL:-}" ] &&
        "$uv" sync -q --frozen --python "$python" "${groups[@]}" >"$log" 2>&1 </dev/null; then
        return
    fi
    say "installing through the configured package index, by the hashes in uv.lock"
    ! from_mirror >"$log" 2>&1 </dev/null || return 0
    ! grep -qi 'hash mismatch' "$log" ||
        give_up "The package index serves other files than uv.lock names; refusing to install them." "$log"
    say "NOT LOCKED: the index lacks what uv.lock names; installing the versions it has"
    unlocked >"$log" 2>&1 </dev/null ||
        give_up "uv could not install the dependencies; check the network and the index settings, then run this again." "$log"
}

fingerprint() {  # what the environment was made from, and where: its scripts hold absolute paths
    printf '%s\n' "$PWD" "${PYTHON:-}" | cat - uv.lock pyproject.toml tools/setup.sh | sha256sum | cut -d' ' -f1
}

is_ready() {  # the stamp is the last thing written, so a set-up that broke off is done again
    [ "$(sed -n 1p "$stamp" 2>/dev/null)" = "$(fingerprint)" ] || return 1
    local group
    for group in "$@"; do
        grep -qwF "$group" <(sed -n 2p "$stamp") || return 1
    done
    "$venv/bin/python" -c 'import yesman' 2>/dev/null
}

# By the lock file in browser/: nothing of a package is run, and its hash must be the one that is named there.
need_npm_packages() {
    local stamp=browser/node_modules/.setup-stamp sum
    sum=$(sha256sum <browser/package-lock.json)
    [ "$(cat "$stamp" 2>/dev/null)" != "$sum" ] || return 0
    say "getting what browser/package-lock.json names with npm"
    (cd browser && npm ci --ignore-scripts --no-audit --no-fund) >"$log" 2>&1 </dev/null ||
        give_up "npm could not get what browser/package-lock.json names; check the network and npm's registry, then run this again." "$log"
    printf '%s\n' "$sum" >"$stamp"
}

browser=
[ "${1:-}" != --browser ] || { browser=yes && shift; }
mkdir -p .tools
need_programs
[ -z "$browser" ] || need_npm_packages
if is_ready "$@"; then
    exit 0
fi
# Groups that are installed already stay.
wanted=$(printf '%s\n' "$@" $(sed -n 2p "$stamp" 2>/dev/null) | sort -u | xargs)
groups=()
for group in $wanted; do
    groups+=(--group "$group")
done
unset VIRTUAL_ENV CONDA_PREFIX
export UV_PROJECT_ENVIRONMENT=$venv UV_PYTHON_DOWNLOADS=never
choose_python
get_uv
eval "$("$python" -I tools/index_settings.py)"
rm -f "$stamp"
install_dependencies
printf '%s\n%s\n' "$(fingerprint)" "$wanted" >"$stamp"
say "ready"

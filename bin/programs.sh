# Sourced: which of this machine's programs to use; a function that finds none that will do prints nothing.
# shellcheck shell=bash

python_program() {
    local python
    for python in ${PYTHON:-python3 python3.13 python3.12 python3.11}; do
        if "$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$python"
            return
        fi
    done
}

# The folder of initdb, pg_ctl and psql: of the newest PostgreSQL (14 or later) that has PostGIS, or of VERSION.
postgres_programs() { # [VERSION]
    local programs version
    for programs in $(printf '%s\n' /usr/lib/postgresql/*/bin | sort --reverse --version-sort) \
        "$(dirname "$(command -v initdb)")"; do
        if [ ! -x "$programs/initdb" ] || [ ! -x "$programs/pg_config" ]; then continue; fi
        version=$("$programs/pg_config" --version | grep --only-matching --extended-regexp '[0-9]+' | head -n 1)
        if [ "$version" -ge 14 ] && [ "$version" = "${1:-$version}" ] &&
            [ -f "$("$programs/pg_config" --sharedir)/extension/postgis.control" ]; then
            echo "$programs"
            return
        fi
    done
}

browser_program() {
    command -v chromium-headless-shell || command -v chromium || command -v chromium-browser || command -v google-chrome || true
}

pip_or_fail() { # WHAT ARGUMENTS...
    local what=$1
    shift
    .venv/bin/python -m pip --disable-pip-version-check --no-input "$@" >var/pip.log 2>&1 </dev/null && return
    grep ERROR var/pip.log | tail -n 3 >&2 || true
    if grep -qiE 'resolution|connection|timed out' var/pip.log; then
        fail "no network: pip could not fetch $what. Connect this machine and run this again."
    fi
    fail "pip could not fetch $what (all it said is in var/pip.log). Mend that and run this again."
}

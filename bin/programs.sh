# Sourced: which of this machine's programs to use. Each function prints nothing when there is none that will do.
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
    command -v chromium || command -v chromium-browser || command -v google-chrome || true
}

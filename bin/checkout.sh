# Sourced by the scripts beside it: stand in the checkout, say what went wrong, one set-up at a time.
# shellcheck shell=bash
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$(pwd -P)

trap 'echo "Stopped. Run it again to carry on from here." >&2; exit 130' INT

fail() {
    echo "Error: $*" >&2
    exit 1
}

one_set_up_at_a_time() {
    if ! mkdir -p var 2>/dev/null || [ ! -w var ]; then
        fail "$(id -un) may not write to $root/var: run this as the owner of the checkout."
    fi
    # Whatever outlives this script (the database server) must close descriptor 9, or it would keep the lock.
    exec 9>var/set-up.lock
    flock --nonblock 9 || { echo "Another set-up of this checkout is running: waiting for it." && flock 9; }
}

need_disk_space() { # DIRECTORY MEGABYTES
    local free
    free=$(df -Pm "$1" | awk 'NR == 2 {print $4}')
    [ "$free" -ge "$2" ] || fail "$1 has $free MB free and set-up needs $2 MB: free some space and run this again."
}

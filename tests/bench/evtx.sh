#!/bin/sh
# Unpacks the shared event logs and measures our reader over them, beside evtxexport where it is
# installed (Debian: libevtx-utils). Called by script/bench evtx.
set -eu
cd "$(dirname "$0")/../.."
data=${TOCSIN_SHARED:-/nonexistent}/data/scan
[ -d "$data" ] || { echo "no shared samples: set TOCSIN_SHARED" >&2; exit 0; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for archive in "$data"/evtx_*.tar.gz; do
    mkdir "$work/$(basename "$archive" .tar.gz)"
    tar -xzf "$archive" -C "$work/$(basename "$archive" .tar.gz)"
done
ninja -C build --quiet tests/bench/bench_evtx tocsin >&2
find "$work" -name '*.evtx' | sort | tr '\n' '\0' >"$work/list"
xargs -0 build/tests/bench/bench_evtx <"$work/list"
sh tests/bench/events.sh
timed() { # timed NAME COMMAND...: user and system time, once
    name=$1
    shift
    /usr/bin/time -f "$name: %U s user, %S s system" "$@" >/dev/null 2>"$work/time" || true
    tail -n 1 "$work/time"
}
export work
timed 'tocsin dump, all files      ' sh -c 'xargs -0 build/tocsin dump <"$work/list"'
timed 'tocsin dump --xml, all files' sh -c 'xargs -0 build/tocsin dump --xml <"$work/list"'
if command -v evtxexport >/dev/null; then
    timed 'evtxexport -f xml, a file each' sh -c 'xargs -0 -n 1 evtxexport -f xml <"$work/list"'
else
    echo 'evtxexport is not installed (libevtx-utils)'
fi

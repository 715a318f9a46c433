#!/bin/sh
# Unpacks the shared event logs and measures our reader over them, beside evtxexport where it is
# installed (Debian: libevtx-utils), then the scan under all shared rules. Called by script/bench evtx;
# arguments are those of evtx_rules.py.
set -eu
cd "$(dirname "$0")/../.."
data=${TOCSIN_SHARED:-/nonexistent}/data
[ -d "$data/scan" ] || { echo "no shared samples: set TOCSIN_SHARED" >&2; exit 0; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for archive in "$data"/scan/evtx_*.tar.gz; do
    to=$work/samples/$(basename "$archive" .tar.gz)
    mkdir -p "$to"
    tar -xzf "$archive" -C "$to"
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
mkdir "$work/rules"
tar -xzf "$data/rules/sigma_rules_dev.tar.gz" -C "$work/rules"
python3 tests/bench/evtx_rules.py "$@" "$work/samples" "$work/rules" build

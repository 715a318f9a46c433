#!/bin/sh
# Measures how fast events as JSON Lines become rows, over the shared samples (zipped exports of
# NXLog). Called by tests/bench/evtx.sh.
set -eu
cd "$(dirname "$0")/../.."
data=${TOCSIN_SHARED:-/nonexistent}/data/scan/otrf_security_datasets_dev.tar.gz
[ -f "$data" ] || { echo "no shared samples: set TOCSIN_SHARED" >&2; exit 0; }
command -v unzip >/dev/null || { echo 'unzip is not installed' >&2; exit 0; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tar -xzf "$data" -C "$work"
mkdir "$work/json"
find "$work/datasets" -name '*.zip' -exec unzip -qqo {} -d "$work/json" \;
ninja -C build --quiet tests/bench/bench_events >&2
find "$work/json" -type f | sort | tr '\n' '\0' | xargs -0 build/tests/bench/bench_events

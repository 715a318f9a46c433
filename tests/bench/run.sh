#!/bin/sh
# Builds the generator and runs the benchmarks; arguments go to bench.py. Called by script/bench.
set -eu
cd "$(dirname "$0")/../.."
ninja -C build --quiet tests/bench/gen_log tests/bench/bench_ioc >&2
exec python3 tests/bench/bench.py "$@" build

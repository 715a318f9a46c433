#!/bin/sh
# Builds the generator and runs the benchmarks; arguments go to bench.py. Called by script/bench.
set -eu
cd "$(dirname "$0")/../.."
ninja -C build --quiet tests/bench/gen_log tests/bench/bench_ioc tests/bench/own_literals >&2
ninja -C build --quiet tests/bench/ceiling >&2 2>/dev/null || true # without Vectorscan: one peer less
exec python3 tests/bench/bench.py "$@" build

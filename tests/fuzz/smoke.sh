#!/bin/sh
# Runs one fuzz target on its corpus and for a few seconds more. usage: smoke.sh TARGET CORPUS
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
set -- "$1" "$work" "$2"
[ -d "$3" ] || { echo "no corpus in $3"; exit 1; }
"$@" -max_total_time="${FUZZ_SECONDS:-3}" -timeout=10 -rss_limit_mb=2048 -max_len=65536 \
    -artifact_prefix="$work/" -print_final_stats=0 2>&1

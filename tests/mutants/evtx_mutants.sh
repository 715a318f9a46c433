#!/bin/sh
# Damages event logs N times and prints TAP: shared samples if they are there, else made ones.
# usage: evtx_mutants.sh PROGRAM N
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for archive in "${TOCSIN_SHARED:-/nonexistent}"/data/scan/evtx_*.tar.gz; do
    [ ! -f "$archive" ] || tar -xzf "$archive" -C "$work" --wildcards '*.evtx'
done
find "$work" -name '*.evtx' | sort >"$work/list"
echo 1..1
status=0
"$1" "$2" <"$work/list" >"$work/out" || status=$?
[ "$status" -eq 0 ] || printf 'not '
echo "ok 1 - $(tail -n 1 "$work/out")"
sed "s|^|# |; s|$work/||g" "$work/out"
exit "$status"

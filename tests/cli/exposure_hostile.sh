#!/bin/sh
# exposure: what could make it say "fixed" or "all clear" of a server that is open.
set -u
tocsin=$1
. tests/tap.sh

ask() { python3 -c '
import json, sys
for line in open(sys.argv[1]):
    row = json.loads(line)
    if all(str(row.get(k)) == v for k, v in (a.split("=", 1) for a in sys.argv[3:])):
        print(" ".join(str(row[k]) for k in sys.argv[2].split(",")))
' "$tap_work/out" "$@"; }
is() { [ "$1" = "$2" ] || { printf 'got\n%s\nwanted\n%s\n' "$1" "$2"; return 1; }; }
P=CVE-2021-26855
table() { printf '%s\n' "$@" >"$tap_work/fleet.csv"; }

lists=${TOCSIN_SHARED:-../shared}/knowledge/exchange-cves.csv
what='a second reckoning: each build of the lists and its neighbours, each CVE'
if [ -e "$lists" ]; then
    ok "$what" python3 tests/golden/exposure_oracle.py "$tocsin"
else
    skip "$what" "no $lists"
fi

table 'host,build' 'EX01,15.1.2507.69'
run "$tocsin" exposure --json "$tap_work/fleet.csv"
ask because type=exposure cve=CVE-2026-45500 >"$tap_work/because"
ok 'where sources differ, the answer says so' grep -q 'sources differ: by date of pub' "$tap_work/because"

tap_done

#!/bin/sh
# exposure on logs: patch dates of two years to the day; real samples; logs beside inventories.
set -u
tocsin=$1
. tests/tap.sh

ask() { python3 -c '
import json, sys
for line in open(sys.argv[1]):
    row = json.loads(line)
    if all(str(row.get(k)) == v for k, v in (a.split("=", 1) for a in sys.argv[3:])):
        print(" ".join(str(row[k])[:10] if k in ("since", "other_until", "until", "open") else str(row[k])
                       for k in sys.argv[2].split(",")))
' "$tap_work/out" "$@"; }
is() { [ "$1" = "$2" ] || { printf 'got\n%s\nwanted\n%s\n' "$1" "$2"; return 1; }; }

python3 tests/gen/patch_tree.py "$tap_work/tree"
run "$tocsin" exposure --json "$tap_work/tree"
ok 'status 1, and nothing was left out' sh -c "[ $status = 1 ] && ! grep -q '\"gap\"' $tap_work/out"
ok 'ProxyLogon: one day, a downgrade in between, and logs that do not show it' is \
    "$(ask host,state,since,other_until type=exposure cve=CVE-2021-26855)" \
    'MBX1 fixed 2021-03-04 2021-03-04
MBX2 fixed 2021-03-15 2021-03-15
MBX3 unknown 2021-01-01 None'
ok 'ProxyShell' is "$(ask host,state,since type=exposure cve=CVE-2021-34473)" \
    'MBX1 fixed 2021-04-20
MBX2 fixed 2022-05-01
MBX3 unknown 2021-01-01'
ok 'ProxyNotShell' is "$(ask host,state,since type=exposure cve=CVE-2022-41040)" \
    'MBX1 fixed 2022-11-20
MBX2 fixed 2022-11-09
MBX3 unknown 2021-01-01'
ok 'windows' is "$(ask host,until type=window dossier=hafnium-exchange-2021)" \
    'MBX1 2021-03-04
MBX2 2021-03-15
MBX3 None'
run "$tocsin" exposure --explain MBX2 CVE-2021-26855 "$tap_work/tree"
ok 'explained: two years of rows are one line a build, with the first and the last' is \
    "$(sed -n '/^1/,/^2/s/^  \([-0-9]* to [-0-9]*  [0-9.]*\), .*HttpProxy_\(20[0-9]*\)00-1.LOG), \([0-9]*\) times.*HttpProxy_\(20[0-9]*\)00-1.LOG)$/\1 \2 \4/p' "$tap_work/out")" \
    '2021-01-01 to 2021-03-10  15.2.792.3 20210101 20210310
2021-03-10 to 2021-03-12  15.2.792.10 20210310 20210312
2021-03-12 to 2021-03-15  15.2.792.3 20210312 20210315
2021-03-15 to 2022-05-01  15.2.792.10 20210315 20220501
2022-05-01 to 2022-11-09  15.2.1118.7 20220501 20221109
2022-11-09 to 2022-12-31  15.2.1118.20 20221109 20221231'
run "$tocsin" exposure --json --as-of 2021-03-13 "$tap_work/tree"
ok 'as of a day within the downgrade' is \
    "$(ask host,state,since type=exposure cve=CVE-2021-26855)" \
    'MBX1 fixed 2021-03-04
MBX2 exposed 2021-03-12
MBX3 unknown 2021-01-01'

printf 'host,build\nMBX1,15.1.2176.2\nMBX3,15.0.1497.15\nMBX4,15.1.2176.2\n' >"$tap_work/inventory.csv"
run "$tocsin" exposure --json "$tap_work/inventory.csv" "$tap_work/tree"
ok 'beside an undated inventory the logs decide; what they do not show it does' is \
    "$(ask host,state,source type=exposure cve=CVE-2021-26855)" \
    'MBX1 fixed httpproxy-owa
MBX3 fixed inventory
MBX4 exposed inventory
MBX2 fixed httpproxy-owa'
ok 'the contradiction is shown' sh -c "grep '\"MBX1\"' $tap_work/out | grep -q 'inventory.csv:2, undated) says otherwise'"

real=${TOCSIN_SHARED:-../shared}/data/exchange/artefacts_help
if [ ! -d "$real" ]; then
    skip 'real samples' "no $real"
else
    run "$tocsin" exposure --json --host REAL "$real"
    ok 'real samples: one build' is "$(ask build type=update)" '15.1.2375.7'
    run "$tocsin" exposure --host REAL --explain REAL CVE-2022-41040 "$real"
    ok 'shown by all of its logs that have builds: their first and last rows' is \
        "$(sed -n 's/.*15.1.2375.7, exact to the su, by .*, \([0-9]*\) times, .*/\1/p' "$tap_work/out")" 15
fi
tap_done

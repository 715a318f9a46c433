#!/bin/sh
# The formats of a report from outside: what other programs ask of them, over a report in which every
# list has something and over a real case, and what may leave the house.
set -u
tocsin=$1
print_report=$2
. tests/tap.sh
w=$tap_work
check() { python3 tests/cli/report_check.py "$@"; }

# --- a report that has everything (tests/unit/sample_report.h) ---
for how in '' victim-data hostile empty; do
    as=${how:-veiled}
    for format in json ecs ecs-bulk navigator timesketch csv cacao; do
        run "$print_report" "$format" $how
        ok "$as: $format is written" status_is 0
        cp "$w/out" "$w/$format.$as"
    done
    ok "$as: json keeps to its schema" check json "$w/json.$as"
    ok "$as: a layer of the Navigator" check navigator "$w/navigator.$as"
    ok "$as: a playbook of CACAO 2.0" check cacao "$w/cacao.$as"
    case $as in
        empty) ok 'empty: nothing in ecs' test ! -s "$w/ecs.empty"; want=0 ;;
        *)
            ok "$as: ecs has 4 findings, 1 exposure, 2 alerts" python3 tests/cli/ecs_check.py "$w/ecs.$as" 7
            ok "$as: ecs-bulk is pairs" python3 tests/cli/ecs_check.py --bulk "$w/ecs-bulk.$as"
            ok "$as: timesketch" check timesketch "$w/timesketch.$as"
            want=4
            ;;
    esac
    ok "$as: csv" check csv "$w/csv.$as" "$want"
done
sed -n 'n;p' "$w/ecs-bulk.veiled" >"$w/documents"
ok 'ecs-bulk holds the documents of ecs' cmp "$w/documents" "$w/ecs.veiled"
kinds() { python3 -c '
import collections, json, sys
print(*sorted(collections.Counter(s["type"] for s in json.load(open(sys.argv[1]))["workflow"].values()).items()))' "$1"; }
is() { [ "$1" = "$2" ] || { echo "'$1', wanted '$2'"; return 1; }; }
ok 'cacao: who does what at the same time is parallel, the rest a row' is "$(kinds "$w/cacao.veiled")" \
    "('action', 6) ('end', 3) ('parallel', 1) ('start', 1)"
scores() { python3 -c '
import json, sys
for t in json.load(open(sys.argv[1]))["techniques"]:
    print(t["techniqueID"], t.get("score"), t["enabled"], t["showSubtechniques"], end=" ")' "$1"; }
ok 'navigator: seen, opened, and not looked for' is "$(scores "$w/navigator.veiled")" \
    'T1003.001 None False False T1190 100 True False T1505 None True True T1505.003 100 True False T1589.002 None False False '

# --- a case of the examples ---
run "$tocsin" scan --case "$w/case" examples
ok 'a case is made' status_is 1
write() { run "$tocsin" report --case "$w/case" --format "$@" && cp "$w/out" "$w/$1"; }
for format in json ecs ecs-bulk navigator timesketch csv cacao; do
    write "$format"
    ok "examples: $format is written" status_is 0
done
ok 'examples: json keeps to its schema' check json "$w/json"
ok 'examples: ecs' python3 tests/cli/ecs_check.py "$w/ecs"
ok 'examples: ecs-bulk' python3 tests/cli/ecs_check.py --bulk "$w/ecs-bulk"
ok 'examples: a layer of the Navigator' check navigator "$w/navigator"
ok 'examples: timesketch' check timesketch "$w/timesketch"
ok 'examples: csv' check csv "$w/csv"
ok 'examples: a playbook of CACAO 2.0' check cacao "$w/cacao"
run "$tocsin" report --case "$w/case" --format json --with-victim-data
ok 'examples: json with victim data' status_is 0
cp "$w/out" "$w/lifted"
ok 'and that keeps to its schema as well' check json "$w/lifted"
ok 'no host, file, account, mailbox or log line leaves' check veiled "$w/lifted" "$w/json" "$w/ecs" "$w/ecs-bulk" \
    "$w/navigator" "$w/timesketch" "$w/csv" "$w/cacao"
run "$tocsin" report --case "$w/case" --format csv --with-victim-data
cp "$w/out" "$w/rows"
run "$tocsin" scan --csv examples
sort "$w/out" >"$w/scanned"
sort "$w/rows" >"$w/reported"
ok 'csv with victim data is what scan --csv prints' cmp "$w/scanned" "$w/reported"

# --- the mark stands in the file, or the program says that it does not ---
for format in html md json navigator cacao stix misp ecs ecs-bulk timesketch csv; do
    run "$tocsin" report --case "$w/case" --format "$format" --tlp green
    ok "$format: --tlp green is not lost" sh -c "grep -qi 'tlp:green' $w/out || grep -q 'TLP:GREEN' $w/err"
done

# --- never over the case or its evidence, by whatever name ---
cp -R examples/SP01 "$w/SP01"
"$tocsin" scan --quiet --case "$w/own" "$w/SP01" >"$w/ignored"
log=$(find "$w/SP01" -name '*.log')
cp "$log" "$w/log.before"
cp "$w/own" "$w/own.before"
ln "$w/own" "$w/hard"
ln -s "$log" "$w/soft"
for over in own hard own-wal soft; do
    run "$tocsin" report --case "$w/own" -o "$w/$over"
    ok "-o $over is refused" status_is 2
done
run "$tocsin" report --case "$w/own" --format csv -o "$log"
ok '-o over evidence is refused' status_is 2
ok 'and says so' grep -q 'evidence' "$w/err"
ok 'the evidence is as it was' cmp "$log" "$w/log.before"
ok 'the case is as it was' cmp "$w/own" "$w/own.before"
run "$tocsin" scan --quiet -o "$w/soft" "$w/SP01"
ok 'scan -o through a link into the evidence is refused' status_is 2
tap_done

#!/bin/sh
# What an analyst says in a case: kept, told, and worked into the verdict; never deleted.
set -u
tocsin=$1
. tests/tap.sh
w=$tap_work
c=$w/c.case

is() { [ "$1" = "$2" ] || { printf 'got\n%s\nwanted\n%s\n' "$1" "$2"; return 1; }; }
# ids HOST GRADE: of the findings of the HAFNIUM affair
ids() { python3 - "$w/scan" "$1" "$2" <<'PYTHON'
import json, sys
for line in open(sys.argv[1]):
    row = json.loads(line)
    if row['type'] == 'finding' and row['host'] == sys.argv[2] and row['grade'] == sys.argv[3] \
            and row['dossier'] == 'hafnium-exchange-2021':
        print(row['id'])
PYTHON
}
note() { run "$tocsin" note --case "$c" "$@"; }

run "$tocsin" scan --json --case "$c" examples
cp "$w/out" "$w/scan"
one=$(ids EX03 attempt | sed -n 1p)

note "$one" --state own-scanner --by jd
ok 'why is needed' sh -c "[ $status = 2 ] && grep -q -- '--why' $w/err"
note "$one" --state wrong --by jd --why x
ok 'a state that is none' status_is 2
note 0000000000 --by jd --why x
ok 'an id that is none' status_is 2
note 'EX0' --by jd --why x
ok 'a host that is none' status_is 2
note EX03 --state own-scanner --by jd --why x
ok 'a host is no scanner' sh -c "[ $status = 2 ] && grep -q 'is said of a finding' $w/err"
short=$(python3 - "$w/scan" <<'PYTHON'
import collections, json, sys
seen = collections.Counter(json.loads(l)['id'][:1] for l in open(sys.argv[1]) if '"type":"finding"' in l[:20])
print(seen.most_common(1)[0][0])
PYTHON
)
note "$short" --by jd --why x
ok 'too little of an id' status_is 2
run "$tocsin" verify --case "$c" --no-evidence
ok 'of what was refused nothing is kept' out_has 'all as they were written'
note --list
ok 'nor told' out_has 'no notes'

note EX03 --by jd --why 'disk image taken'
ok 'a remark' status_is 0
note ex03 --by mk --why 'memory, too'
note --list
ok 'two remarks of one host stand side by side' sh -c "[ \$(grep -c '^host EX03: remark' $w/out) = 2 ]"
note "$(echo "$one" | cut -c1-10)" --state own-scanner --by jd --why 'our test
forged line'
ok 'a state, by the beginning of an id' status_is 0
note --list
ok 'a break in a line forges none' sh -c "[ \$(wc -l <$w/out) = 3 ] && grep -q 'our test.nforged line' $w/out"
# shellcheck disable=SC2046
note $(ids EX03 attempt) --state own-scanner --by jd --why 'our test'
ok 'all tries are the own scanner: no sign, and who said so' test \
    "$("$tocsin" report --case "$c" --format md | grep -c '^- EX03: no sign in logs: .*our test; the logs alone say: attempted')" = 1
# shellcheck disable=SC2046
note $(ids EX03 attempt) --state clear --by jd --why 'it was not us'
ok 'taken back: attempted again' is "$("$tocsin" report --case "$c" --format md | grep -c '^- EX03: attempted')" 1
# shellcheck disable=SC2046
note $(ids EX01 compromise) --state own-scanner --by jd --why 'our test'
"$tocsin" report --case "$c" --format md >"$w/out"
ok 'a scanner explains no break-in' sh -c "grep -q '^- EX01: compromised: .*does not explain that' $w/out"
run "$tocsin" note --case "$c" --list --json
ok 'as JSON, with the keys of the schema' python3 - "$w/out" <<'PYTHON'
import json, sys
wanted = set(json.load(open('docs/reference/schema/note.json'))['properties'])
rows = [json.loads(line) for line in open(sys.argv[1])]
assert rows and all(set(r) <= wanted and r['type'] == 'note' for r in rows), rows
PYTHON
run "$tocsin" verify --case "$c" --no-evidence
ok 'the chain holds' status_is 0
run "$tocsin" scan --json examples
ok 'no finding was deleted' is "$(python3 - "$c" <<'PYTHON'
import sqlite3, sys
print(sqlite3.connect(sys.argv[1]).execute("SELECT count(*) FROM item i JOIN version v ON v.number = i.latest"
      " WHERE i.type = 'finding' AND v.body IS NOT NULL").fetchone()[0])
PYTHON
)" "$(grep -c '"type":"finding"' "$w/out")"
tap_done

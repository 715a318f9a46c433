#!/bin/sh
# Several cases as one, and what is purged out of one: nothing twice, nothing left, the chain holds.
set -u
tocsin=$1
. tests/tap.sh
w=$tap_work

is() { [ "$1" = "$2" ] || { printf 'got\n%s\nwanted\n%s\n' "$1" "$2"; return 1; }; }
# sql CASE STATEMENT
sql() { python3 - "$w/$1" "$2" <<'PYTHON'
import sqlite3, sys
with sqlite3.connect(sys.argv[1]) as c:
    for row in c.execute(sys.argv[2]):
        print(*row)
PYTHON
}
now() { sql "$1" "SELECT count(*) FROM item i JOIN version v ON v.number = i.latest WHERE v.body IS NOT NULL AND i.type = '$2'"; }
holds() { run "$tocsin" verify --no-evidence --case "$w/$1"; status_is 0; }
gone() { ! cat "$w/$1" "$w/$1"-* 2>/dev/null | grep -a -i -q -e "$2"; }

run "$tocsin" scan --case "$w/a.case" examples/EX01 examples/EX02
run "$tocsin" scan --case "$w/b.case" examples/EX03
run "$tocsin" exposure --case "$w/b.case" examples
run "$tocsin" note --case "$w/b.case" EX03 --by jd --why 'disk image taken'
run "$tocsin" case merge --into "$w/m.case" "$w/b.case" "$w/a.case"
ok 'two cases into a new one' sh -c "[ $status = 0 ] && grep -q '^4 runs taken in, 0 were there' $w/out"
ok 'with all that they hold' is "$(now m.case finding) $(now m.case note)" "$(($(now a.case finding) + $(now b.case finding))) 1"
ok 'each run with its verb, in order of time' is \
    "$(sql m.case 'SELECT verb FROM run ORDER BY number' | tr '\n' ' ')" 'scan scan exposure note case merge '
n=$(sql m.case 'SELECT count(*) FROM version')
run "$tocsin" case merge --into "$w/m.case" "$w/b.case" "$w/a.case"
ok 'a second time adds nothing' is "$status $(sql m.case 'SELECT count(*), (SELECT count(*) FROM run) FROM version')" "0 $n 5"
ok 'the chain holds' holds m.case
run "$tocsin" report --case "$w/m.case" --format md
ok 'a report tells hosts of both' sh -c "grep -q '^- EX01: compromised' $w/out && grep -q '^- EX03: attempted' $w/out"
cp "$w/a.case" "$w/bad.case"
sql bad.case "UPDATE version SET body = replace(body, 'EX01', 'EX99') WHERE number = 7"
run "$tocsin" case merge --into "$w/m.case" "$w/bad.case"
ok 'one whose chain does not hold is refused' sh -c "[ $status = 3 ] && grep -q 'not what was written' $w/err"
run "$tocsin" case merge --into "$w/m.case" "$w/none.case"
ok 'one that is not there' status_is 74
run "$tocsin" case merge "$w/a.case"
ok 'into what is needed' status_is 2

# Purging
p() { run "$tocsin" case purge --case "$w/m.case" "$@"; }
p --person exadmin --why x
ok 'who and why are needed' status_is 2
p --person exadmin --before 2021-01-01 --by jd --why x
ok 'one thing at a time' status_is 2
p --person exadmin --by jd --why 'exadmin asked'
ok 'the name may not stay in the reason' sh -c "[ $status = 2 ] && grep -q 'must not hold' $w/err"
p --person exadmin --by jd --why 'a request'
ok 'without --yes it is only counted' out_has 'would mask: '
ok 'and still there' sh -c "cat $w/m.case* | grep -a -q exadmin"
p --person exadmin --by jd --why 'a request' --yes
ok 'a name goes out of everything' sh -c "[ $status = 0 ] && grep -q '^masked: [1-9]' $w/out"
ok 'out of the file and of what lies beside it' gone m.case exadmin
ok 'the chain holds' holds m.case
ok 'and verify says by whom and why' out_has 'by jd on'
sha=$(sql m.case "SELECT json_extract(v.body, '\$.sha256') FROM item i JOIN version v ON v.number = i.latest
    WHERE i.type = 'finding' AND i.host = 'EX03' LIMIT 1")
before=$(now m.case finding)
p --source "$sha" --by jd --why 'a wrong copy' --yes
ok 'what one file held' test "$(now m.case finding)" -lt "$before"
ok 'and its hash are gone' gone m.case "\"sha256\":\"$sha"
p --before 2021-04-01 --by jd --why 'kept long enough' --yes
ok 'what is older' is "$(sql m.case "SELECT count(*) FROM item i JOIN version v ON v.number = i.latest
    WHERE i.type = 'finding' AND v.body IS NOT NULL AND i.time < 1617235200000000")" 0
ok 'what is younger stays' test "$(now m.case finding)" -gt 0
ok 'the chain holds to the end' holds m.case
ok 'three times' is "$(grep -c '^purged: ' "$w/out")" 3
python3 - "$w/m.case" "$tocsin" <<'PYTHON'
import sqlite3, subprocess, sys
reader = sqlite3.connect(sys.argv[1], isolation_level=None)
reader.execute('BEGIN')
reader.execute('SELECT count(*) FROM version').fetchone()
open(sys.argv[1] + '.status', 'w').write(str(subprocess.run([sys.argv[2], 'case', 'purge', '--case', sys.argv[1],
    '--person', 'nobody at all', '--by', 'jd', '--why', 'x', '--yes'], stderr=subprocess.DEVNULL).returncode))
PYTHON
ok 'while another program reads it, its log cannot be emptied' is "$(cat "$w/m.case.status")" 75
run "$tocsin" case merge --into "$w/m.case" "$w/a.case" "$w/b.case"
ok 'runs that were there do not bring it back' sh -c "grep -q '^0 runs taken in' $w/out"
sql m.case 'DELETE FROM purged WHERE version IN (SELECT version FROM purged LIMIT 1)'
run "$tocsin" verify --no-evidence --case "$w/m.case"
ok 'a list of purges that was changed is noticed' status_is 1
tap_done

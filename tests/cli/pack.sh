#!/bin/sh
# A case as a folder for another team: all of it, checked with what every system has, the same each time.
set -u
tocsin=$1
. tests/tap.sh
w=$tap_work

is() { [ "$1" = "$2" ] || { printf 'got\n%s\nwanted\n%s\n' "$1" "$2"; return 1; }; }
ls_of() { (cd "$1" && find . -type f | sort); }

run "$tocsin" scan --json --case "$w/c.case" examples
cp "$w/out" "$w/scan"
run "$tocsin" note --case "$w/c.case" EX01 --by jd --why 'disk image taken'
run "$tocsin" pack --case "$w/c.case" -o "$w/p"
ok 'a pack' status_is 0
ok 'its sums hold' sh -c "cd $w/p && sha256sum --quiet -c SHA256SUMS"
ok 'and are those of all files' is "$(cut -c67- "$w/p/SHA256SUMS" | sort)" "$(ls_of "$w/p" | sed 's/^..//' | grep -v SHA256SUMS)"
ok 'the evidence is what was read' sha256sum --quiet -c "$w/p/evidence.sha256"
ok 'findings are those of the scan, to the byte' is "$(sort "$w/p/findings.jsonl")" "$(grep '^{"type":"finding"' "$w/scan" | sort)"
ok 'verdicts, too' is "$(sort "$w/p/verdicts.jsonl")" "$(grep '^{"type":"verdict"' "$w/scan" | sort)"
ok 'the note' grep -q 'disk image taken' "$w/p/notes.jsonl"
ok 'a page' grep -q 'EX01: compromised' "$w/p/report.md"
run "$tocsin" verify --no-evidence --case "$w/c.case"
end=$(sed -n 's/^end of the chain: //p' "$w/out")
ok 'the end of the chain, where people and programs look' sh -c "grep -q $end $w/p/README.txt && grep -q $end $w/p/case.json"
ok 'README names every file' sh -c "cd $w/p && for f in *.jsonl *.json report.* evidence.sha256; do grep -q \"^\$f \" README.txt || exit 1; done"
run "$tocsin" pack --case "$w/c.case" -o "$w/q"
ok 'the same case gives the same bytes' diff -r "$w/p" "$w/q"
run "$tocsin" pack --case "$w/c.case" -o "$w/p"
ok 'nothing is written over' sh -c "[ $status = 2 ] && grep -q 'is there already' $w/err"
run "$tocsin" pack --case "$w/c.case"
ok 'a folder is needed' status_is 2
run "$tocsin" pack --case "$w/none.case" -o "$w/r"
ok 'no case, no folder' sh -c "[ $status = 74 ] && [ ! -e $w/r ]"
run "$tocsin" pack --case "$w/c.case" -o "$w/no/where"
ok 'a folder that cannot be made' status_is 74
ok 'for its owner alone' is "$(find "$w/p" -perm /077 | wc -l | tr -d ' ')" 0
python3 - "$w/c.case" <<'PYTHON'
import sqlite3, sys
with sqlite3.connect(sys.argv[1]) as c:
    c.execute("UPDATE version SET body = replace(body, 'EX01', 'EX99') WHERE number = 7")
PYTHON
run "$tocsin" pack --case "$w/c.case" -o "$w/bad"
ok 'a case that was changed is packed, and it says so' sh -c "[ $status = 1 ] && grep -q 'NOT ALL' $w/bad/README.txt"
tap_done

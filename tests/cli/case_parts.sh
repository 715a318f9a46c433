#!/bin/sh
# Scans of one host that do not read the same: what an earlier one found stays, whatever the next one says.
set -u
tocsin=$1
. tests/tap.sh
w=$tap_work

# says CASE HOST STATE: of the HAFNIUM affair
says() {
    "$tocsin" report --case "$w/$1" --format json --with-victim-data -o "$w/report.json" && python3 - "$w/report.json" "$2" "$3" <<'PYTHON'
import json, sys
rows = json.load(open(sys.argv[1]))['verdicts']
got = [(r['verdict'], r['because']) for r in (row['verdict'] for row in rows)
       if r['host'] == sys.argv[2] and r['dossier'] == 'hafnium-exchange-2021']
assert [g[0] for g in got] == [sys.argv[3]], got
PYTHON
}
scan() { # CASE OPTION...
    scan_case=$w/$1
    shift
    run "$tocsin" scan --quiet --case "$scan_case" "$@"
}

# Other logs under the same name: EX04 has no sign, EX01 was broken into, EX03 was tried.
scan a.case examples/EX01
scan a.case --host EX01 examples/EX04
ok 'a scan of other logs does not take back what one found before' says a.case EX01 compromised
scan b.case --host EX01 examples/EX04
cp "$w/a.case" "$w/old.case"
run "$tocsin" case purge --case "$w/old.case" --before 2021-04-01 --by jd --why 'kept long enough' --yes
ok 'nor does a purge of what it rests on' says old.case EX01 compromised
scan l.case examples/EX01
run "$tocsin" case purge --case "$w/l.case" --before 2021-03-04 --by jd --why 'kept long enough' --yes
# shellcheck disable=SC2046
run "$tocsin" note --case "$w/l.case" --state false-positive --by jd --why 'our own test' $(python3 - "$w/l.case" <<'PYTHON'
import json, sqlite3, sys
for body, in sqlite3.connect(sys.argv[1]).execute("SELECT body FROM item JOIN version v ON v.number = latest"
        " WHERE type = 'finding' AND body IS NOT NULL"):
    print(json.loads(body)['id'])
PYTHON
)
ok 'what is left after a purge is set aside: that clears nothing' says l.case EX01 not-enough-evidence
ok 'no sign' says b.case EX01 no-sign
run "$tocsin" case merge --into "$w/m.case" "$w/a.case" "$w/b.case"
ok 'nor does a case with another verdict that is taken in' says m.case EX01 compromised
run "$tocsin" case merge --into "$w/b.case" "$w/a.case"
ok 'nor one that is merged into' says b.case EX01 compromised
for name in ex01 ex01.a.example; do
    rm -f "$w"/n.case*
    scan n.case examples/EX01
    scan n.case --host "$name" examples/EX04
    ok "the same, called $name, does not stand beside it with no sign" sh -c "'$tocsin' report --case $w/n.case --format md >$w/n.md
        grep -q '^- EX01: compromised' $w/n.md && ! grep -q '^- ex01' $w/n.md"
    "$tocsin" advice --case "$w/n.case" --json >"$w/advice"
    ok "it is told to be isolated" grep -q 'isolate.*EX01' "$w/advice"
done
scan t.case examples/EX03
scan t.case --host EX03 examples/EX04
ok 'tries stay tries' says t.case EX03 attempted
scan a.case examples/EX01 --host EX01 examples/EX04
ok 'nor does a scan of all of it' says a.case EX01 compromised

# The same logs, but not all of them, or not all rules.
printf '203.0.113.1\n' >"$w/list.txt"
for part in '--since 2021-03-06' '--until 2021-02-01' '--dossier proxyshell-2021' "--no-dossiers --indicators $w/list.txt"; do
    rm -f "$w"/p.case*
    scan p.case examples/EX01
    # shellcheck disable=SC2086
    scan p.case $part examples/EX01
    ok "nor does a scan with ${part%%/*}" says p.case EX01 compromised
done
run "$tocsin" case merge --into "$w/merged.case" "$w/p.case"
ok 'nor where its run is taken in' says merged.case EX01 compromised
tap_done

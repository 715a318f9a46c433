#!/bin/sh
# A case: what runs of all verbs add to it, its timeline, what changed, and that no change goes unseen.
set -u
tocsin=$1
. tests/tap.sh
w=$tap_work

is() { [ "$1" = "$2" ] || { printf 'got\n%s\nwanted\n%s\n' "$1" "$2"; return 1; }; }
# sql STATEMENT...: in the case, with Python's sqlite
sql() { python3 - "$w/c.case" "$@" <<'PYTHON'
import sqlite3, sys
with sqlite3.connect(sys.argv[1]) as c:
    for statement in sys.argv[2:]:
        for row in c.execute(statement):
            print(*row)
PYTHON
}
counts() { sql "SELECT type, count(*) FROM item GROUP BY type ORDER BY type" | tr '\n' ' '; }
versions() { sql "SELECT count(*) FROM version"; }
# pick KEYS [FIELD=VALUE]...: of the objects of the last output
pick() { python3 - "$w/out" "$@" <<'PYTHON'
import json, sys
for line in open(sys.argv[1]):
    row = json.loads(line)
    if all(str(row.get(k)) == v for k, v in (a.split('=', 1) for a in sys.argv[3:])):
        print(*(row[k] for k in sys.argv[2].split(',')))
PYTHON
}

cp -r examples "$w/evidence"
run "$tocsin" scan --json "$w/evidence"
cp "$w/out" "$w/plain"
run "$tocsin" scan --json --case "$w/c.case" "$w/evidence"
ok 'a scan with a case says what it says without' sh -c \
    "[ $status = 1 ] && grep -v summary $w/out >$w/a; grep -v summary $w/plain | diff $w/a - >&2"
wanted=$(python3 - "$w/plain" <<'PYTHON'
import collections, json, sys
seen = collections.Counter()
for line in set(open(sys.argv[1])):
    kind = json.loads(line)['type']
    seen[kind] += kind != 'summary'
print(*(f'{k} {n}' for k, n in sorted(seen.items()) if n))
PYTHON
)
ok 'each object of it is kept once' is "$(counts | sed 's/evidence [0-9]* //; s/ $//')" "$wanted"
ok 'and each file of the evidence' is "$(sql "SELECT count(*) FROM item WHERE type = 'evidence'")" \
    "$(find "$w/evidence" -type f ! -name 'README*' -exec sha256sum {} + | cut -d' ' -f1 | sort -u | wc -l | tr -d ' ')"
ok 'with the hash that it has' is "$(sql "SELECT json_extract(body, '\$.sha256') FROM version v JOIN item i ON i.latest = v.number
    WHERE i.type = 'evidence' AND body LIKE '%EX01/%HttpProxy_2021022800%' LIMIT 1")" \
    "$(sql "SELECT json_extract(body, '\$.file') FROM version v JOIN item i ON i.latest = v.number
    WHERE i.type = 'evidence' AND body LIKE '%EX01/%HttpProxy_2021022800%' LIMIT 1" | xargs sha256sum | cut -d' ' -f1)"
n=$(versions)
run "$tocsin" scan --case "$w/c.case" "$w/evidence"
ok 'the same again adds nothing' is "$(versions)" "$n"
cp -r "$w/evidence" "$w/other"
run "$tocsin" scan --case "$w/c.case" "$w/other"
ok 'a copy that lies elsewhere adds no finding' is "$(sql "SELECT count(*) FROM version WHERE run = 3 AND body LIKE '%\"type\":\"finding\"%'")" 0

# What is gone
find "$w/evidence/EX01" -name 'u_ex*.gz' -exec zcat {} + | grep -oE '(198[.]51[.]100|203[.]0[.]113|192[.]0[.]2)[.][0-9]+' |
    sort -u >"$w/clients.txt"
run "$tocsin" scan --indicators "$w/clients.txt" --case "$w/c.case" "$w/evidence"
run "$tocsin" scan --case "$w/c.case" "$w/evidence"
gone=$(sql "SELECT count(*) FROM version WHERE run = 5 AND body IS NULL")
ok 'without the indicators of the run before some are gone' test "$gone" -gt 10
run "$tocsin" diff --json --case "$w/c.case"
ok 'and diff tells each' is "$status $(pick gone type=summary) $(pick of what=gone | wc -l | tr -d ' ')" "1 $gone $gone"
run "$tocsin" diff --case "$w/c.case" 1 5 --type finding
ok 'nothing else changed since the first run' is "$status $(tail -1 "$w/out")" \
    '0 from run 1 to run 5: 0 added, 0 changed, 0 gone'
run "$tocsin" diff --case "$w/c.case" 3 99
ok 'a run that is not there' sh -c "[ $status = 2 ] && grep -q '0 to 5' $w/err"

# The other verbs
run "$tocsin" exposure --case "$w/c.case"
ok 'a course of nothing says so' sh -c "[ $status = 0 ] && grep -q 'no run of .tocsin exposure. is in this case' $w/err"
run "$tocsin" exposure --case "$w/c.case" "$w/evidence"
ok 'exposures are kept' test "$(sql "SELECT count(*) FROM item WHERE type = 'exposure'")" -gt 100
run "$tocsin" exposure --stream --case "$w/c.case" "$w/evidence"
ok 'not of a stream' sh -c "[ $status = 2 ] && grep -q 'exclude each other' $w/err"
python3 tests/gen/chatter_year.py --seed 7 >"$w/year.jsonl"
printf 'customer,host,product\nExample Ltd,EX01,Exchange Server 2016\nExample Ltd,WEB1,Apache Tomcat\n' >"$w/assets.csv"
run "$tocsin" watch --json --case "$w/c.case" --state "$w/s.db" --assets "$w/assets.csv" "$w/year.jsonl"
ok 'what the user runs is kept beside the alerts' is \
    "$(sql "SELECT body FROM item JOIN version v ON v.number = latest WHERE type = 'asset' ORDER BY body")" \
    '{"type":"asset","customer":"Example Ltd","label":"EX01","vendor":null,"product":"Exchange Server 2016","version":null}
{"type":"asset","customer":"Example Ltd","label":"WEB1","vendor":null,"product":"Apache Tomcat","version":null}'
ok 'alerts are kept' is "$(sql "SELECT count(*) FROM item WHERE type = 'alert'")" "$(pick id type=alert | wc -l | tr -d ' ')"
ok 'and how often each of their subjects was named, by weeks: as a search of the texts counts them' python3 - "$w/c.case" "$w/year.jsonl" <<'PYTHON'
import collections, datetime, json, sqlite3, sys
posts = [json.loads(line) for line in open(sys.argv[2])]
courses = [json.loads(body) for body, in sqlite3.connect(sys.argv[1]).execute(
    "SELECT body FROM item JOIN version v ON v.number = latest WHERE type = 'chatter'")]
by_word = 0
for course in courses:
    n = collections.Counter()
    threads = collections.defaultdict(set)
    for p in posts:
        if course['subject'].lower() in p['text'].lower():
            day = datetime.date.fromisoformat(p['time'][:10])
            monday = str(day - datetime.timedelta(day.weekday()))
            n[monday] += 1
            threads[monday].add((p['site'], p['thread']))
    got = [(w['from'][:10], w['threads'], w['posts']) for w in course['weeks']]
    assert len(got) == 53 and got[0][0] == '2020-03-02' and got[-1][0] == '2021-03-01', got
    by_word += got == [(m, len(threads[m]), n[m]) for m, _, _ in got]
assert by_word >= 15 and len(courses) >= by_word, (by_word, len(courses)) # others go by several names
PYTHON

# The course of a fleet
for step in 06: 11:A 21:AB 22:AB; do # the last one changes nothing
    day=${step%:*}
    for host in A B C; do
        case ${step#*:} in *$host*) build=15.1.2176.9 ;; *) build=15.1.2176.2 ;; esac
        echo "$host,$build,2021-03-$day"
    done | sed '1i host,build,date' >"$w/day$day.csv"
    run "$tocsin" exposure --as-of 2021-03-$day --case "$w/fleet.case" "$w/day$day.csv"
done
run "$tocsin" exposure --json --case "$w/fleet.case"
ok 'from run to run: each share on the day that was asked about; a run that changed nothing is left out' is \
    "$(pick time,open,exposed,fixed type=share dossier=hafnium-exchange-2021 part=fleet)" \
    '2021-03-06T00:00:00Z 1 3 0
2021-03-11T00:00:00Z 0.6666 2 1
2021-03-21T00:00:00Z 0.3333 1 2'
ok 'and ends with a summary' is "$status $(pick verb type=summary)" '0 exposure'
run "$tocsin" exposure --case "$w/fleet.case"
ok 'for people: the affairs of the whole fleet' is "$(grep -c '03-[0-9]* hafnium' "$w/out") $(grep -c CVE "$w/out")" '3 0'
run "$tocsin" timeline --json --kind exposure --case "$w/fleet.case"
ok 'the timeline says when a host was found fixed, and by which run' is \
    "$(pick time,host,message,source type=event dossier=hafnium-exchange-2021)" \
    '2021-03-11T00:00:00Z A was exposed, is fixed: hafnium-exchange-2021 exposure, run 2
2021-03-21T00:00:00Z B was exposed, is fixed: hafnium-exchange-2021 exposure, run 3'
ok 'CVEs that belong to no affair are one event' is "$(pick host type=event dossier=None | sort | tr '\n' ' ')" 'A B '
run "$tocsin" note --case "$w/fleet.case" A --by ann --why 'rebuilt from scratch' --state confirmed
run "$tocsin" timeline --json --kind note --case "$w/fleet.case"
ok 'and what the analyst says' is "$(pick host,message,source,ref type=event)" 'A confirmed: rebuilt from scratch ann A'
run "$tocsin" timeline --kind rumour --case "$w/fleet.case"
ok 'an unknown kind' status_is 2
run "$tocsin" exposure --csv --case "$w/fleet.case"
ok 'not as CSV' status_is 2

# Timeline
run "$tocsin" timeline --json --case "$w/c.case"
ok 'a timeline is in order' sh -c "[ $status = 0 ] && python3 -c '
import json, sys
rows = [json.loads(l) for l in open(sys.argv[1])]
import datetime
times = [datetime.datetime.fromisoformat(r[\"time\"][:-1] + \"+00:00\") for r in rows[:-1]]
assert times == sorted(times) and rows[-1][\"type\"] == \"summary\" and rows[-1][\"records\"] == len(times)' $w/out"
ok 'it has events of all kinds' is "$(pick kind type=event | sort -u | tr '\n' ' ')" \
    'alert finding fixed logs-begin logs-end public silence-begin silence-end '
ok 'each finding that has a time is there' is "$(pick ref kind=finding | sort -u | wc -l | tr -d ' ')" \
    "$(sql "SELECT count(*) FROM item JOIN version v ON v.number = latest WHERE type = 'finding' AND time IS NOT NULL AND body IS NOT NULL")"
ok 'a host is fixed on the day that exposure tells' is \
    "$(pick time kind=fixed host=EX06 dossier=hafnium-exchange-2021)" \
    "$(sql "SELECT json_extract(body, '\$.until') FROM version v JOIN item i ON i.latest = v.number WHERE i.type = 'window' AND i.host = 'EX06' AND i.dossier = 'hafnium-exchange-2021'")"
run "$tocsin" timeline --json --case "$w/c.case" --host ex01 --grade compromise --since 2021-02-26 --until 2021-03-12
ok 'filters: host, grade, time' is "$(pick host,kind type=event | sed 's/None/-/' | grep -v logs | LC_ALL=C sort -u | tr '\n' ' ')" \
    '- alert - public EX01 finding EX01 fixed '
ok 'within the time' is "$(pick time type=event | cut -c1-10 | sort -u | sed -n '1p;$p' | tr '\n' ' ')" "$(printf '2021-02-26 2021-03-11 ')"
run "$tocsin" timeline --csv --case "$w/c.case"
ok 'CSV: one row an event' is "$(python3 -c '
import csv, sys
rows = list(csv.reader(open(sys.argv[1], newline="")))
print(len(rows), {len(r) for r in rows}, rows[0][0])' "$w/out")" "$(($("$tocsin" timeline --json --case "$w/c.case" | wc -l))) {8} time"
run "$tocsin" timeline --timesketch --case "$w/c.case"
ok 'Timesketch: what its importer wants, timestamp and datetime the same instant' python3 - "$w/out" <<'PYTHON'
import datetime, json, sys
for line in open(sys.argv[1]):
    row = json.loads(line)
    at = datetime.datetime.fromisoformat(row['datetime'])
    assert row['message'] and row['timestamp_desc']
    assert round(at.timestamp() * 1e6) == row['timestamp'], row
PYTHON
run "$tocsin" timeline --grade high --case "$w/c.case"
ok 'an unknown grade' status_is 2
run "$tocsin" timeline
ok 'without a case' sh -c "[ $status = 2 ] && grep -q -- '--case' $w/err"

# Nothing can be changed unseen
run "$tocsin" verify --json --case "$w/c.case"
end=$(pick end type=summary)
ok 'the case is what was written' is "$status $(pick problems,evidence_absent type=summary)" '0 0 0'
run "$tocsin" verify --case "$w/c.case" --no-evidence --expect "$end"
ok 'and ends where it did' status_is 0
run "$tocsin" verify --case "$w/c.case" --no-evidence --expect "0$end"
ok 'or does not' status_is 1
flip() {
    cp "$w/c.case" "$w/kept.case"
    sql "$1"
    run "$tocsin" verify --json --no-evidence --case "$w/c.case"
    cp "$w/kept.case" "$w/c.case"
    rm -f "$w/c.case-wal" "$w/c.case-shm"
}
for number in 1 7 100 "$n"; do
    flip "UPDATE version SET body = substr(body, 1, 40) || char(unicode(substr(body, 41, 1)) + 1) || substr(body, 42) WHERE number = $number"
    ok "one byte of version $number: it is named, and no other" is "$status $(pick what type=problem | cut -d, -f1)" "1 version $number"
done
flip "DELETE FROM version WHERE number = 50"
ok 'a version that is missing is named' is "$status $(pick what type=problem | sed -n 1p)" '1 version 50'
file=$(find "$w/evidence" -name '*.LOG' | sort | head -1)
printf x >>"$file"
run "$tocsin" verify --json --case "$w/c.case"
ok 'a file of the evidence that changed is named' is "$status $(pick what,of type=problem)" "1 evidence $file"
rm "$file"
run "$tocsin" verify --json --case "$w/c.case"
ok 'one that is not there any more is counted' is "$status $(pick evidence_absent type=summary)" '0 1'

# Mistakes
run "$tocsin" scan --case "$w/evidence/c.case" "$w/evidence"
ok 'a case is not written into the evidence' sh -c "[ $status = 2 ] && [ ! -e $w/evidence/c.case ]"
run "$tocsin" verify --case "$w/absent.case"
ok 'verify makes no case' sh -c "[ $status = 74 ] && [ ! -e $w/absent.case ]"
run "$tocsin" timeline --case "$w/s.db"
ok "another file of ours is refused" sh -c "[ $status = 3 ] && grep -q 'another program' $w/err"
head -c 5000 /dev/zero >"$w/zero.case"
run "$tocsin" scan --case "$w/zero.case" "$w/evidence"
ok 'and what is no database, before the work begins' sh -c "[ $status = 3 ] && [ ! -s $w/out ]"
tap_done

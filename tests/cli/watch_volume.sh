#!/bin/sh
# watch counts what sites say in the worker, or, with a state, post by post: the answer is the same.
set -u
tocsin=$1
. tests/tap.sh

python3 tests/gen/chatter_year.py --until 2020-10-01 >"$tap_work/all.jsonl"
head -n 5000 "$tap_work/all.jsonl" >"$tap_work/1.jsonl"
tail -n +5001 "$tap_work/all.jsonl" >"$tap_work/2.jsonl"

# alerts NAME: what the last run told, one alert a line, to the file NAME
alerts() {
    python3 - "$tap_work/out" >"$tap_work/$1" <<'PYTHON'
import json, sys
for line in open(sys.argv[1]):
    a = json.loads(line)
    if a['type'] == 'alert':
        # Hashes are keyed anew for each state, so that a thread may count twice now and then.
        print(a['id'], a['lane'], a['observed'], round(a['exposure'], -1), [s['site'] for s in a['sites']])
PYTHON
}

run "$tocsin" watch -q --json "$tap_work/all.jsonl"
ok 'a history is read' status_is 1
alerts whole
ok 'it raises alerts' test -s "$tap_work/whole"
run "$tocsin" watch -q --json --state "$tap_work/state" "$tap_work/all.jsonl"
alerts kept
ok 'with a state the same alerts are told' cmp "$tap_work/whole" "$tap_work/kept"
run "$tocsin" watch -q --json "$tap_work/1.jsonl" "$tap_work/2.jsonl"
alerts parts
ok 'in two files the same alerts are told' cmp "$tap_work/whole" "$tap_work/parts"
# The same posts again are the same threads.
run "$tocsin" watch -q --json "$tap_work/all.jsonl" "$tap_work/1.jsonl"
python3 - "$tap_work/out" >"$tap_work/exposures" <<'PYTHON'
import json, sys
print(max(a['exposure'] for a in map(json.loads, open(sys.argv[1])) if a['type'] == 'alert'))
PYTHON
run "$tocsin" watch -q --json "$tap_work/all.jsonl"
ok 'threads that come again count once' python3 -c "
import json
most = max(a['exposure'] for a in map(json.loads, open('$tap_work/out')) if a['type'] == 'alert')
again = float(open('$tap_work/exposures').read())
assert abs(again - most) < 0.02 * most, (most, again)"
tap_done

#!/bin/sh
# selftest --null: false alarms a week stay near the budget; usage; the same bytes each time.
set -u
tocsin=$1
. tests/tap.sh

python3 tests/gen/chatter_year.py >"$tap_work/year.jsonl"
near_budget() { python3 -c '
import json, sys
r = json.load(open(sys.argv[1]))
lanes = [r[n] for n in ("burst", "rise", "breadth")]
print(r)
assert all(l["low"] <= l["a_week"] <= l["high"] for l in lanes + [r["all"]])
assert r["all"]["a_week"] <= 1.25 * 2, "more false alarms than allowed"
assert r["weeks"] > 20 and r["runs"] == 3
' "$tap_work/out"; }

run "$tocsin" selftest --null --json --runs 3 "$tap_work/year.jsonl"
ok 'status 0' status_is 0
ok 'false alarms a week are at most 1.25 times the budget' near_budget
cp "$tap_work/out" "$tap_work/first"
run "$tocsin" selftest --null --json --runs 3 "$tap_work/year.jsonl"
ok 'the same answer again' cmp "$tap_work/out" "$tap_work/first"
run "$tocsin" selftest --null --runs 2 "$tap_work/year.jsonl"
ok 'text has a line a lane' out_has 'breadth'
run "$tocsin" selftest --null --settle 3000 "$tap_work/year.jsonl"
ok 'posts of too few days are an error' status_is 2
run "$tocsin" selftest "$tap_work/year.jsonl"
ok 'without a test it is a usage error' status_is 2
tap_done

#!/bin/sh
# watch --interest: who showed interest in a subject within a year, from the state.
set -u
tocsin=$1
. tests/tap.sh

python3 tests/gen/chatter_year.py --until 2021-02-20 >"$tap_work/year.jsonl"
"$tocsin" watch --quiet --state "$tap_work/s.db" "$tap_work/year.jsonl" >"$tap_work/alerts" 2>&1
holds() { python3 -c '
import json, sys
rows = [json.loads(line) for line in open(sys.argv[1])]
posts = [json.loads(line) for line in open(sys.argv[2])]
names = ("Exchange", "OWA")
named = [p for p in posts if any(n in p["text"] for n in names)]
assert len({(r["site"], r["intent"]) for r in rows}) == len(rows), "an entry twice"
assert {r["site"] for r in rows} == {p["site"] for p in named}, "sites differ"
assert min(r["first"] for r in rows)[:10] == min(p["time"] for p in named)[:10]
assert {"seek", "sell"} <= {r["intent"] for r in rows}
assert rows == sorted(rows, key=lambda r: r["first"]), "not in order"
' "$tap_work/out" "$tap_work/year.jsonl"; }

run "$tocsin" watch --state "$tap_work/s.db" --interest 'microsoft exchange' --json
ok 'status 0' status_is 0
ok 'each intent on each site once, from its first day on' holds
run "$tocsin" watch --state "$tap_work/s.db" --interest 'Microsoft Exchange'
ok 'text ends with the score' out_has 'first times on'
run "$tocsin" watch --state "$tap_work/s.db" --interest 'nothing of the kind'
ok 'a subject that nobody named has none' out_has '0 first times'
run "$tocsin" watch --interest Exchange
ok 'without a state it is a usage error' status_is 2
run "$tocsin" watch --state "$tap_work/absent.db" --interest Exchange
ok 'a state that is not there is not made' test ! -e "$tap_work/absent.db"
tap_done

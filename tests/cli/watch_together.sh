#!/bin/sh
# watch: subjects that rise in the same threads are one event, told once, with nothing lost.
set -u
tocsin=$1
. tests/tap.sh
w=$tap_work
is() { [ "$1" = "$2" ] || { printf 'got\n%s\nwanted\n%s\n' "$1" "$2"; return 1; }; }
posts() { python3 tests/gen/chatter_event.py "$@"; }
# Day, subject and companions of the event's alerts, and of what joined one.
event() { look_event "$@" | sed 's/ *$//'; }
look_event() { python3 -c '
import json, sys
for path in sys.argv[1:]:
    for o in map(json.loads, open(path)):
        if o["type"] in ("alert", "joined") and o["time"] > "2021-05-02" and o["subject"] in ("Zimbra", "Exim"):
            print(o["type"], o["time"][:10], o["subject"], o.get("with", "")[:4], *(
                "%s/%s %d of %d" % (t["subject"], t["lane"], t["shared"], t["threads"]) for t in o.get("together", [])))
' "$@"; }
key() { python3 -c 'import json, sys; print(json.loads(open(sys.argv[1]).readlines()[-1])[sys.argv[2]])' "$w/out" "$1"; }

posts >"$w/posts.jsonl"
run "$tocsin" watch --json "$w/posts.jsonl"
cp "$w/out" "$w/whole"
ok 'one alert, the weaker subject with it' is "$(event "$w/out")" 'alert 2021-05-03 Zimbra  Exim/burst 13 of 14'
ok 'it is counted' is "$(key together)" 1
ok 'the contract holds' python3 tests/cli/watch_look.py contract "$w/out"
run "$tocsin" watch "$w/posts.jsonl"
ok 'text: beside the alert and in the summary' eval 'out_has "rose with   Exim (burst, p" && out_has "1 rose in the threads of an alert"'
for form in rss stix misp; do
    run "$tocsin" watch --$form "$w/posts.jsonl"
    ok "$form names it" out_has 'In the same threads rose Exim'
done
run "$tocsin" watch --json --about exim "$w/posts.jsonl"
ok '--about the weaker one finds the alert' is "$(event "$w/out")" "$(event "$w/whole")"
for seed in 1 2; do
    posts --shuffle $seed >"$w/shuffled.jsonl"
    run "$tocsin" watch --json "$w/shuffled.jsonl"
    ok "order $seed of the posts: the same" is "$(event "$w/out")" "$(event "$w/whole")"
done
posts --apart >"$w/apart.jsonl"
run "$tocsin" watch --json "$w/apart.jsonl"
ok 'in threads of their own they are two' is "$(event "$w/out" | grep -c 'alert 2021-05-02 [A-Z][a-z]*$')" 2

# ---- assets ----
printf 'customer,asset,product\nACME,M1,Exim\n' >"$w/exim.csv"
run "$tocsin" watch --json --assets "$w/exim.csv" "$w/posts.jsonl"
ok 'what concerns an asset does not disappear into what does not' is "$(event "$w/out" | sort)" \
    'alert 2021-05-03 Exim
alert 2021-05-03 Zimbra'
printf 'customer,asset,product\nACME,M1,Zimbra\n' >"$w/zimbra.csv"
run "$tocsin" watch --json --assets "$w/zimbra.csv" "$w/posts.jsonl"
ok 'the other way round it does' is "$(event "$w/out")" "$(event "$w/whole")"
cat "$w/exim.csv" >"$w/two.csv"
printf 'OTHER,M2,Zimbra\n' >>"$w/two.csv"
run "$tocsin" watch --json --assets "$w/two.csv" "$w/posts.jsonl"
ok "nor one customer's into another's" is "$(event "$w/out" | sort)" \
    'alert 2021-05-03 Exim
alert 2021-05-03 Zimbra'

# ---- the state ----
run "$tocsin" watch --json --state "$w/s.db" "$w/posts.jsonl"
ok '--state: the same' is "$(event "$w/out")" "$(event "$w/whole")"
id=$(python3 -c '
import json, sys
for o in map(json.loads, open(sys.argv[1])):
    for t in o.get("together", []):
        print(t["id"])' "$w/out")
run "$tocsin" watch --state "$w/s.db" --ack "$id"
ok 'what is told with an alert can be acknowledged' status_is 0
run "$tocsin" watch --json --state "$w/s.db" "$w/posts.jsonl"
ok 'nothing is told twice' is "$(event "$w/out")" ''

# ---- later ----
posts --later >"$w/later.jsonl"
run "$tocsin" watch --json "$w/later.jsonl"
cp "$w/out" "$w/joined"
ok 'later, weaker, in threads of the open episode: it joins it' is "$(event "$w/out" | cut -d' ' -f1-3)" \
    'alert 2021-05-02 Zimbra
joined 2021-05-07 Exim'
ok 'it names the alert' grep -q "\"type\":\"alert\",\"id\":\"$(event "$w/out" | sed -n 's/joined.*Exim \(....\).*/\1/p')" "$w/out"
run "$tocsin" watch "$w/later.jsonl"
ok 'text says so' eval 'out_has "TOGETHER  Exim (burst" && out_has "rose in the threads of the alert"'
posts --later --until 2021-05-04 >"$w/front.jsonl"
run "$tocsin" watch --json --state "$w/c.db" "$w/front.jsonl"
cp "$w/out" "$w/first"
run "$tocsin" watch --json --state "$w/c.db" "$w/later.jsonl"
ok 'cut into two runs: the same' is "$(event "$w/first" "$w/out")" "$(event "$w/joined")"
run "$tocsin" watch --json --state "$w/c.db" "$w/later.jsonl"
ok 'told once' is "$(event "$w/out")" ''
run "$tocsin" watch --json --state "$w/m.db" "$w/front.jsonl"
run "$tocsin" watch --state "$w/m.db" --mute Zimbra
run "$tocsin" watch --json --state "$w/m.db" "$w/later.jsonl"
ok 'nothing joins what was muted since' is "$(event "$w/out" | cut -d' ' -f1-3)" 'alert 2021-05-07 Exim'
tap_done

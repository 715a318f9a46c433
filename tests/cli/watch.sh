#!/bin/sh
# watch: options, statuses, forms of the answer, the year that leads up to Exchange, formats, damaged and odd posts.
set -u
tocsin=$1
. tests/tap.sh
w=$tap_work
look() { python3 tests/cli/watch_look.py "$@"; }
is() { [ "$1" = "$2" ] || { printf 'got\n%s\nwanted\n%s\n' "$1" "$2"; return 1; }; }
key() { look key "$w/out" "$1"; }
holds() { python3 -c 'import sys; sys.exit(0 if eval(sys.argv[1]) else print(sys.argv[1]) or 1)' "$1"; }
watch() { "$tocsin" watch "$@"; }
exchange='Microsoft Exchange'

# ---- the year ----
printf 'customer,asset,product\nACME,EX01,Microsoft Exchange Server 2016\n' >"$w/assets.csv"
for seed in 1 2 3; do
    python3 tests/gen/chatter_year.py --seed $seed >"$w/year.jsonl"
    run watch --json --assets "$w/assets.csv" "$w/year.jsonl"
    ok "seed $seed: status 1, with alerts" status_is 1
    ok "seed $seed: Exchange at least 28 days before it was public" holds \
        "$(look first "$w/out" "$exchange") >= 28"
    ok "seed $seed: each of them names the customer and the asset" is \
        "$(look about "$w/out" "$exchange" | cut -d' ' -f3- | sort -u)" 'ACME EX01'
    if [ $seed = 1 ]; then
        cp "$w/out" "$w/with"
        ok 'every line is JSON, the last one a summary' look lines "$w/out"
        ok 'keys and types of the contract' look contract "$w/out"
        ok 'the summary says what the sandbox was' holds "'$(key sandbox)' not in ('None', '')"
        ok 'what stands beside a subject has the place of its first post' python3 -c '
import json, sys
posts = {p["id"]: p for p in map(json.loads, open(sys.argv[2]))}
items = [i for o in map(json.loads, open(sys.argv[1])) if o["type"] == "alert" for i in o["items"]]
assert items
for i in items:
    site, post = i["source"].split(" ")
    assert posts[post]["site"] == site and posts[post]["time"] == i["first"], i' "$w/out" "$w/year.jsonl"
        sed 's|^{"id": "\([0-9]*\)"|{"id": "\1", "url": "https://forum.example/\1"|' "$w/year.jsonl" >"$w/urls.jsonl"
        run watch --json --assets "$w/assets.csv" "$w/urls.jsonl"
        ok 'its address, where the post has one' eval 'out_has "\"source\":\"https://forum.example/" && ! out_has "\"source\":null"'
        cp "$w/with" "$w/out"
        cp "$w/year.jsonl" "$w/y.jsonl"
        run watch --json "$w/year.jsonl"
        ok 'the assets bring their alerts earlier' holds \
            "$(look first "$w/with" "$exchange") > $(look first "$w/out" "$exchange") >= 28"
        ok 'without --assets no customer' is "$(look about "$w/out" "$exchange" | cut -d' ' -f3 | sort -u)" None
    fi
    python3 tests/gen/chatter_year.py --seed $seed --quiet >"$w/quiet.jsonl"
    run watch --json --assets "$w/assets.csv" "$w/quiet.jsonl"
    ok "seed $seed: without that interest no alert about it" is "$(look first "$w/out" "$exchange")" none
done
y=$w/y.jsonl

# ---- forms ----
run watch --assets "$w/assets.csv" "$y"
ok 'text: status 1' status_is 1
ok 'text: the alert, its customer, a summary' eval 'out_has "ALERT  $exchange" && out_has EX01 && out_has "of which name a subject"'
run watch --rss "$y"
ok 'RSS is XML' look xml "$w/out"
ok 'RSS names the subject' out_has "$exchange"
for form in stix misp; do
    run watch --$form "$y"
    ok "$form is JSON" look json "$w/out"
    ok "$form names the subject" out_has "$exchange"
done
run watch --stix "$y"
ok 'stix is a good bundle' python3 tests/cli/stix_check.py "$w/out"
run watch --json --about "$exchange" "$y"
ok '--about tells those and no others' is "$(python3 -c '
import json, sys
print({json.loads(l)["subject"] for l in open(sys.argv[1]) if "\"alert\"" in l})' "$w/out")" "{'$exchange'}"
run watch --json --about 'nothing of that name' "$y"
ok '--about a subject without alert: status 0' status_is 0
run watch --json --per-week 1 --pages 1 "$y"
ok '--pages 1: no two alerts end on one day' is "$(look ids "$w/out" | wc -l)" "$(python3 -c '
import json, sys
print(len({json.loads(l)["time"] for l in open(sys.argv[1]) if "\"alert\"" in l}))' "$w/out")"
ok 'the others are counted' holds "$(key digest) > 0"

# ---- a draft ----
run watch --assets "$w/assets.csv" --draft "$w/draft" "$y"
ok '--draft: status 1' status_is 1
run "$tocsin" dossier lint "$w/draft"
ok 'the draft is a good dossier' status_is 0
hash=$(python3 -c 'import hashlib; print(hashlib.sha256(b"tocsin: a made-up tool").hexdigest())')
ok 'it has what posts passed around' grep -q "$hash" "$w/draft/indicators.csv"
printf '2021-03-03 10:00:00 GET /owa/ %s 200\n' "$hash" >"$w/a.log"
run "$tocsin" scan --dossier "$w/draft" "$w/a.log"
ok 'scan takes it, and it decides nothing' holds "$status in (0, 3)"

# ---- what people say ----
s=$w/state.db
run watch --json --state "$s" --assets "$w/assets.csv" "$y"
ok '--state: the alerts of a run without' is "$(look ids "$w/out")" "$(look ids "$w/with")"
id=$(look ids "$w/out" | sed -n 1p)
run watch --json --state "$s" "$y"
ok 'the same file again: nothing counted twice' is "$(key again)" "$(key records)"
ok 'and nothing told twice: status 0' status_is 0
run watch --state "$s" --ack "$(echo "$id" | cut -c1-12)" --reason seen
ok '--ack takes the first digits of an id' status_is 0
run watch --state "$s" --ack 0123456789abcdef
ok '--ack of no alert: status 2' status_is 2
run watch --state "$w/none.db" --ack 0123456789abcdef
ok '--ack where there is no state: status 2, and none is made' eval 'status_is 2 && [ ! -e "$w/none.db" ]'
run watch --ack 01
ok '--ack without --state: status 2' status_is 2
run watch --state "$w/m.db" --mute "$exchange" --reason 'it is being replaced'
ok '--mute before the first run' status_is 0
ok 'that nothing was read yet is said' err_has 'no post was read into that state yet'
run watch --json --state "$w/m.db" "$y"
ok 'a muted subject is silent' is "$(look first "$w/out" "$exchange")" none
ok 'and counted' holds "$(key quiet) > 0"
run watch --state "$w/m.db" --mute 'Microsoft Exchnage'
ok '--mute of a subject that nobody named: status 2' status_is 2
ok '... with the name that was meant' err_has "no subject of the state is called 'Microsoft Exchnage'; did you mean '$exchange'?"
run watch --state "$w/m.db" --mute exchange
ok '... or that has it in it' err_has "did you mean '$exchange'?"
run watch --state "$w/m.db" --mute 'nothing of that name'
ok '... or none' eval 'status_is 2 && ! err_has "did you mean"'
ok 'none of them is kept' is "$(python3 -c 'import sqlite3, sys; print(*sqlite3.connect(sys.argv[1]).execute("SELECT subject FROM mute"))' "$w/m.db")" "('$exchange',)"
run watch --state "$w/u.db" --mute "$(echo "$exchange" | tr ME me)" --until 2021-01-31
ok '--mute --until, whatever the case' status_is 0
run watch --json --state "$w/u.db" --assets "$w/assets.csv" "$y"
ok 'muted until then, told afterwards' holds "0 < $(look first "$w/out" "$exchange") <= 30"
# The episode that is open at the end of the front part speaks again in the rest, unless it is dealt with.
grep -n '"time": "2021-02-10' "$y" | sed -n 1p | cut -d: -f1 >"$w/at"
head -n "$(cat "$w/at")" "$y" >"$w/front.jsonl"
run watch --json --state "$w/a.db" --assets "$w/assets.csv" "$w/front.jsonl"
ok 'alerts about it in the front part' holds "$(look about "$w/out" "$exchange" | wc -l) > 0"
python3 -c '
import json, sys
for line in open(sys.argv[1]):
    o = json.loads(line)
    if o["type"] == "alert" and o["subject"] == sys.argv[2]:
        print(o["id"])' "$w/out" "$exchange" >"$w/ids"
cp "$w/a.db" "$w/b.db"
while read -r id; do run watch --state "$w/a.db" --ack "$id"; done <"$w/ids"
ok 'the last of them is acknowledged' status_is 0
run watch --json --state "$w/b.db" --assets "$w/assets.csv" "$y"
open=$(look about "$w/out" "$exchange" | wc -l)
run watch --json --state "$w/a.db" --assets "$w/assets.csv" "$y"
ok 'acknowledged: fewer alerts than without' holds "$(look about "$w/out" "$exchange" | wc -l) < $open"
ok 'and they are counted' holds "$(key quiet) > 0"

# ---- formats ----
mkdir "$w/formats"
python3 tests/gen/post_files.py "$w/formats"
for file in "$w/formats"/*; do
    run watch --json "$file"
    ok "$(basename "$file"): one post, of a subject" is "$status $(key records) $(key named) $(key gaps)" '0 1 1 0'
done
run watch --json "$w/formats"
ok 'a folder: all of them' is "$(key records) $(key named)" "$(find "$w/formats" -type f | wc -l) $(find "$w/formats" -type f | wc -l)"
gzip -c "$y" >"$w/y.jsonl.gz"
run watch --json "$w/y.jsonl.gz"
cp "$w/out" "$w/gz"
run watch --json "$y"
ok 'gz: the same alerts' is "$(look ids "$w/gz")" "$(look ids "$w/out")"
if command -v zstd >/dev/null; then
    zstd -q "$y" -o "$w/y.jsonl.zst"
    run watch --json "$w/y.jsonl.zst"
    ok 'zst: the same alerts' is "$(look ids "$w/gz")" "$(look ids "$w/out")"
else
    skip 'zst: the same alerts' 'no zstd program'
fi
"$tocsin" watch --json - <"$y" >"$w/out" 2>"$w/err"
ok 'standard input: the same alerts' is "$(look ids "$w/gz")" "$(look ids "$w/out")"
printf 'when;who;what\n2021-01-05;a;CVE-2021-26855\n' >"$w/odd.csv"
run watch --json --map time=when,text=what,author=who "$w/odd.csv"
ok '--map' is "$status $(key records) $(key named)" '0 1 1'
run watch --json --map time=nope,text=what "$w/odd.csv"
ok '--map, a wrong column: status 3' status_is 3
ok '... and those that are there' eval 'err_has nope && err_has when'
run watch --json --map tme=when "$w/odd.csv"
ok '--map, a wrong field: status 2' status_is 2
run watch --json --format nope "$w/odd.csv"
ok '--format, a wrong name: status 2 or 3' holds "$status in (2, 3)"

# ---- odd posts ----
python3 -c '
import datetime as dt
now = dt.datetime.now(dt.timezone.utc)
day = lambda n: (now + dt.timedelta(days=n)).strftime("%Y-%m-%dT%H:%M:%SZ")
text = "\"site\":\"s\",\"text\":\"CVE-2021-26855\""
for t in "2021-01-05T00:00:00Z", day(400), day(3), "9999-12-31T00:00:00Z", "1980-01-01T00:00:00Z", "1989-12-31T23:59:59Z":
    print("{\"time\":\"%s\",%s}" % (t, text))
print("{%s}" % text)
print("{\"time\":\"2021-01-05T00:00:00Z\",\"ingest\":\"9000-01-01T00:00:00Z\",%s}" % text)
print("{\"time\":\"2021-01-05T00:00:00Z\",\"ingest\":9223372036854775807,%s}" % text)
' >"$w/times.jsonl"
run watch --json "$w/times.jsonl"
ok 'no date, future and ancient ones: left out and counted' is \
    "$(key records) $(key undated) $(key ancient)" '9 1 2'
ok 'neither a time nor an ingest time of the future is believed' is "$(key future) $(key named)" '5 1'
ok 'they are no gaps: status 0' status_is 0
run watch "$w/times.jsonl"
ok 'text says so, too' eval 'out_has "have no date" && out_has "in the future" && out_has "before 1990"'
{
    head -n 100 "$y"
    echo '{"time": "2020-03-02T00:00:00Z", "text": "cut off'
    sed -n 101,200p "$y"
} >"$w/damaged.jsonl"
at=$(head -n 100 "$y" | wc -c)
run watch --json "$w/damaged.jsonl"
ok 'a damaged line: status 3' status_is 3
ok 'the rest is read' is "$(key records) $(key gaps)" '200 1'
ok 'the gap has its place' out_has "\"offset\":$at"
ok 'and is told on standard error' err_has "at $at: "
{ cat "$y"; echo '{"time": "2020-03-02T00:00:00Z", "text": "cut off'; } >"$w/found.jsonl"
run watch --json "$w/found.jsonl"
ok 'alerts and a gap: status 1' status_is 1
run watch --json "$w/missing.jsonl"
ok 'a file that is not there: status 74' status_is 74
run watch
ok 'nothing to read: status 2' status_is 2
run watch --per-week 0 "$y"
ok 'a budget of nothing: status 2' status_is 2
run watch --assets "$w/missing.csv" "$y"
ok 'assets that are not there: status 74' status_is 74
: >"$w/empty"
run watch --json --state "$w/e.db" "$w/empty"
ok 'nothing said: status 0' is "$status $(key records)" '0 0'
# Secrets that stand beside a subject are not shown.
python3 -c '
import json, sys
secrets = (" password: hunter2secret", " admin@corp.example:S3cretPass", " key aB3dE5fG7hI9kL1mN3oP5qR7sT9uV1wX3yZ5aB7c", " https://u:pa55w0rd@h.example/",
           " пароль: тайна", " PASS=swordfish", " token = letmein99")
for n, line in enumerate(open(sys.argv[1])):
    o = json.loads(line)
    o["text"] += secrets[n % len(secrets)]
    print(json.dumps(o))' "$y" >"$w/secrets.jsonl"
run watch --json "$w/secrets.jsonl"
ok 'alerts whose posts hold secrets' status_is 1
ok 'its snippets do not' python3 -c '
import json, sys
shown = " ".join(p["snippet"] or "" for l in open(sys.argv[1]) for o in [json.loads(l)] if o["type"] == "alert" for p in o["posts"])
assert "***" in shown
bad = [s for s in ("hunter2", "S3cret", "aB3dE5", "pa55", "тайна", "swordf", "letmein") if s in shown]
assert not bad, (bad, shown)' "$w/out"
tap_done

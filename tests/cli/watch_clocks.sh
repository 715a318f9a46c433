#!/bin/sh
# watch: the two clocks and the state. Late posts, dumps of archives and feeds that grow raise nothing; a stream in
# parts is the stream as a whole.
set -u
tocsin=$1
. tests/tap.sh
w=$tap_work
look() { python3 tests/cli/watch_look.py "$@"; }
is() {
    [ "$1" = "$2" ] && return 0
    printf "%s\n" "$1" >"$w/got"
    printf "%s\n" "$2" >"$w/wanted"
    diff "$w/wanted" "$w/got" | head -20
    return 1
}
key() { look key "$w/out" "$1"; }
ids() { look ids "$@" | sort; }

# The year without the affair and with it; what follows is made of them.
python3 tests/gen/chatter_year.py --seed 7 >"$w/year.jsonl"
cat >"$w/make.py" <<'PYTHON'
import datetime as dt
import json
import sys
w = sys.argv[1]
posts = [json.loads(line) for line in open(w + '/year.jsonl')]
last = dt.date(2021, 3, 7)
def put(name, rows):
    with open(f'{w}/{name}', 'w') as f:
        f.writelines(json.dumps(p, ensure_ascii=False) + '\n' for p in rows)
def shifted(p, days, **more):
    at = dt.datetime.fromisoformat(p['time'][:-1]) + dt.timedelta(days=days)
    return {**p, 'time': at.strftime('%Y-%m-%dT%H:%M:%SZ'), **more}
# A year of other posts of the same sites and of two new ones, all before the clock of the state.
put('past.jsonl', [shifted(p, -3, id='b' + p['id'], thread='b' + p['thread'], author='b' + p['author'],
                           site=p['site'] if n % 3 else 'old.board') for n, p in enumerate(posts) if p['time'] < '2021-02'])
# One feed dumps its archive: new ids; old times, or all of them those of the day.
archive = [p for p in posts if p['site'] == 'chan.alpha']
day = last + dt.timedelta(days=1)
put('dump.jsonl', [{**p, 'id': 'd' + p['id'], 'thread': 'd' + p['id'], 'ingest': f'{day}T10:00:00Z'} for p in archive])
put('dump_now.jsonl', [{**p, 'id': 'e' + p['id'], 'thread': 'e' + p['id'], 'time': f'{day}T10:00:00Z'} for p in archive])
# In August and September one feed says twice as much, about the same things.
quiet = [p for p in posts if 'xchange' not in p['text'] and 'OWA' not in p['text']]
more = [shifted(p, -150, id='m' + p['id'], thread='m' + p['thread'], author='m' + p['author']) for p in quiet
        if p['site'] == 'chan.alpha']
put('plain.jsonl', quiet)
put('doubled.jsonl', sorted(quiet + [p for p in more if '2020-08' <= p['time'][:7] < '2020-10'], key=lambda p: p['time']))
days = sorted({p['time'][:10] for p in posts})
for i, (a, b) in enumerate(((0, 200), (200, 340), (340, 999))):
    part = set(days[a:b])
    put(f'part{i}.jsonl', [p for p in posts if p['time'][:10] in part])
put('front.jsonl', [p for p in posts if p['time'][:10] in days[:300]])
put('rest.jsonl', [p for p in posts if p['time'][:10] not in days[:300]])
PYTHON
python3 "$w/make.py" "$w"
watch() { run "$tocsin" watch --json "$@"; }

watch --state "$w/s.db" "$w/year.jsonl"
cp "$w/out" "$w/whole"
ok 'the year, with a state: status 1' status_is 1
watch "$w/year.jsonl"
ok 'the same alerts as without a state' is "$(ids "$w/out")" "$(ids "$w/whole")"
for copy in late dump dump_now; do cp "$w/s.db" "$w/$copy.db"; done

watch --state "$w/s.db" "$w/year.jsonl"
ok 'read again: all of it was read before' is "$(key again)" "$(key records)"
ok 'read again: no alert' is "$(key findings) $(key digest)" '0 0'
watch --state "$w/s.db" "$w/year.jsonl" "$w/year.jsonl"
ok 'twice in one run: the same' is "$(key again) $(key findings)" "$(key records) 0"
sed 's/$/ /' "$w/year.jsonl" >"$w/copy.jsonl"
watch --state "$w/s.db" "$w/copy.jsonl"
ok 'another copy of the same export: the same' is "$(key again) $(key findings)" "$(key records) 0"

watch --state "$w/late.db" "$w/past.jsonl"
ok 'a back-filled year raises nothing on the day of the clock' is "$(key again) $(ids "$w/out")" '0 '
watch --state "$w/late.db" "$w/year.jsonl"
ok 'nor does the next run' is "$(ids "$w/out")" ''
watch --state "$w/dump.db" "$w/dump.jsonl"
ok 'a feed that dumps its archive raises nothing' is "$(key again) $(ids "$w/out")" '0 '
watch --state "$w/dump_now.db" "$w/dump_now.jsonl"
ok 'nor one that dates its archive today' is "$(key again) $(ids "$w/out")" '0 '

during() { python3 -c '
import json, sys
print(sum("2020-08-01" <= o["time"][:10] <= "2020-10-14" for l in open(sys.argv[1]) for o in [json.loads(l)] if o["type"] == "alert"))' "$w/out"; }
watch "$w/plain.jsonl"
plain=$(during)
watch "$w/doubled.jsonl"
# What it adds is noise as well: two more may be chance.
ok 'while a feed has doubled there are no more alerts than else' test "$(during)" -le $((plain + 2))

# Days are closed when a run ends: parts that are cut between days are the whole.
watch --state "$w/h.db" "$w/front.jsonl"
cp "$w/out" "$w/out1"
watch --state "$w/h.db" "$w/rest.jsonl"
ok 'two halves, one state: the alerts of the whole' is "$(ids "$w/out1" "$w/out")" "$(ids "$w/whole")"
for i in 0 1 2; do
    watch --state "$w/p.db" "$w/part$i.jsonl"
    cp "$w/out" "$w/out$i"
done
ok 'three parts: the same' is "$(ids "$w/out0" "$w/out1" "$w/out2")" "$(ids "$w/whole")"
watch --state "$w/q.db" "$w/front.jsonl"
cp "$w/out" "$w/out1"
watch --state "$w/q.db" "$w/year.jsonl"
ok 'an export that grew: only what is new' is "$(ids "$w/out1" "$w/out")" "$(ids "$w/whole")"
ok 'and what was there is counted as read before' is "$(key again)" "$(wc -l <"$w/front.jsonl" | tr -d ' ')"
: >"$w/empty"
for i in 1 2 3; do watch --state "$w/h.db" "$w/empty"; done
watch --state "$w/h.db" "$w/year.jsonl"
ok 'runs without a post change nothing' is "$(key again) $(ids "$w/out")" "$(key records) "
tap_done

#!/bin/sh
# watch --new-terms: what the digest of a week lists, and what it must not (tests/gen/terms_posts.py).
set -u
tocsin=$1
. tests/tap.sh
w=$tap_work
less=1
grep -q __asan_init "$tocsin" && less=20

python3 tests/gen/terms_posts.py "$w"
# told EXPRESSION: of the last run's output, with `terms` by week, and `of` a term
told() {
    python3 - "$w/out" "$1" <<'PYTHON'
import json, sys
rows = [json.loads(line) for line in open(sys.argv[1], encoding='utf-8')]
weeks = [r['week'][:10] for r in rows if r['type'] == 'week']
terms = {week: [r['term'] for r in rows if r['type'] == 'term' and r['week'][:10] == week] for week in weeks}
everywhere = [r['term'].lower() for r in rows if r['type'] == 'term'] + [
    w.lower() for r in rows if r['type'] == 'term' for w in r['with']]
of = {r['term']: r for r in rows if r['type'] == 'term'}
summary = rows[-1]
assert summary['type'] == 'summary', summary
assert eval(f'({sys.argv[2]})'), (sys.argv[2], terms)
PYTHON
}
contract() {
    python3 - "$w/out" <<'PYTHON'
import json, sys
sys.path.insert(0, 'tests/cli')
import watch_look
for line in open(sys.argv[1], encoding='utf-8'):
    row = json.loads(line)
    with open(f'docs/reference/schema/{row["type"]}.json', encoding='utf-8') as f:
        schema = json.load(f)
    watch_look.check(schema, row, row['type'])
    assert row['type'] == 'summary' or set(row) == set(schema['properties']), row
PYTHON
}
# nowhere WORD...: no term has it, none is told with it
nowhere() { for word in "$@"; do told "not any('$word' in t for t in everywhere)" || return 1; done; }
event=2023-02-27

run "$tocsin" watch --new-terms --json "$w"/[0-3].jsonl
ok 'status 0: a digest is no alert' status_is 0
ok 'nothing to say on standard error' err_empty
ok 'weeks, terms and the summary have the keys of their schemas' contract
ok 'every week is told, in order' told 'len(weeks) == 10 and weeks == sorted(weeks) and weeks[0] == "2023-01-02"'
ok 'a new name on several sites is listed, in that week only' told \
    "[w for w in weeks if 'Zorbalek' in terms[w]] == ['$event']"
ok 'so is one of two words' told "[w for w in weeks if 'Quaxify Bleed' in terms[w]] == ['$event']"
ok '... and not its parts' told "'quaxify' not in everywhere and 'bleed' not in everywhere"
ok 'so is one in Cyrillic letters, whatever its ending' told \
    "[t for t in terms['$event'] if t.startswith('гнездозме')] and sum('гнездозме' in t for t in everywhere) == 1"
ok 'so is one in Chinese' told "[w for w in weeks if '墨鸦' in terms[w]] == ['$event']"
ok '... the whole name, not its pieces' told \
    "[t for t in terms['$event'] if '曜' in t] == ['黑曜石鸢尾'] and sum('曜' in t for t in everywhere) == 1"
ok 'threads, sites, voices, expected and first day are those of the posts' told \
    "(of['Zorbalek']['threads'], of['Zorbalek']['sites'], of['Zorbalek']['voices'], of['Zorbalek']['expected'],
      of['Zorbalek']['first'][:10], of['Zorbalek']['site']) ==
     (4, 4, 4, 0, '$event', ['site-0', 'site-1', 'site-2', 'site-3'])"
ok 'the words around it are shown' told "'Zorbalek' in of['Zorbalek']['snippet']"
ok "a spammer's word is not listed" nowhere buxomatic
ok 'nor one that stands in one text on many sites' nowhere crosspostium
ok 'nor what many voices say in two threads' nowhere onethreadium
ok 'nor one of a single site' nowhere monositum
ok 'nor one of sites that were never heard before' nowhere younglingo
ok 'nor what was always there' nowhere firewall kernel
ok 'nor names of the dictionary' nowhere moveit citrix
ok 'nor addresses and keys' nowhere evilnewhost example gate zx81
ok 'nor passwords' nowhere geheimwort
ok '... which are masked in the words beside what is listed' told \
    "'Maskarello' in str(rows) and 'Geheimwort' not in str(rows) and of['Maskarello']['snippet']"
ok 'the first four weeks list nothing' told "not any(terms[w] for w in weeks[:4])"
ok 'later ones list the word of their week, and hardly any other' told \
    "all(any(t.endswith('zor') for t in terms[w]) for w in weeks[4:]) and len(everywhere) < 16"

# ---- order of files, options ----
grep -v '"type":"summary"' "$w/out" >"$w/first"
mkdir "$w/other"
sort -r "$w"/[0-3].jsonl >"$w/reversed"
split -n l/3 --additional-suffix=.jsonl "$w/reversed" "$w/other/x"
run "$tocsin" watch --new-terms --json "$w/other"
grep -v '"type":"summary"' "$w/out" >"$w/second"
ok 'the same posts in other files, in another order, give the same bytes' cmp "$w/first" "$w/second"
run "$tocsin" watch --new-terms --json --warm-up 7 "$w"/[0-3].jsonl
ok '--warm-up: weeks before any is told' told "not any(terms[w] for w in weeks[:7]) and terms[weeks[7]]"
run "$tocsin" watch --new-terms --json --least-sites 4 "$w"/[0-3].jsonl
ok '--least-sites' told "'zorbalek' in everywhere and 'iotazor' not in everywhere"
run "$tocsin" watch --new-terms --json --least-voices 5 "$w"/[0-3].jsonl
ok '--least-voices' told "not everywhere"
run "$tocsin" watch --new-terms --json --least-threads 5 "$w"/[0-3].jsonl
ok '--least-threads' told "not everywhere"
run "$tocsin" watch --new-terms --json --least-sites 1 --least-voices 1 "$w"/[0-3].jsonl
ok 'with lower floors a word of one site is listed' told "'Monositum' in terms['$event']"
ok '... the word of one voice is not, however often' nowhere buxomatic
run "$tocsin" watch --new-terms --json --top 2 "$w"/[0-3].jsonl
ok '--top, and the rest is counted' told \
    "len(terms['$event']) == 2 and [r['more'] for r in rows if r['type'] == 'week'][8] == 5"
printf 'alias\tcanonical\tkind\tlang\nZorbalek\tZorbalek\tmalware\ten\n' >"$w/more.tsv"
run "$tocsin" watch --new-terms --json --lexicon "$w/more.tsv" "$w"/[0-3].jsonl
ok 'what the lexicon has is listed no more' nowhere zorbalek
run "$tocsin" watch --new-terms "$w"/[0-3].jsonl
ok 'text says what it was made from' out_has 'of this run alone'
ok '... and lists the terms' out_has 'Quaxify Bleed'
for bad in '--state x' '--rss' '--assets x' '--follow x' '--interest x' '--per-week 1'; do
    # shellcheck disable=SC2086 # an option and its value
    run "$tocsin" watch --new-terms $bad "$w/0.jsonl"
    ok "--new-terms does not go with $bad" status_is 2
done
run "$tocsin" watch --top 3 "$w/0.jsonl"
ok '--top is for --new-terms' status_is 2
run "$tocsin" watch --new-terms --least-threads 1 "$w/0.jsonl"
ok 'one thread is no rise, whatever is asked for' status_is 2
run "$tocsin" watch --new-terms
ok 'without posts it is a usage error' status_is 2

# ---- bad input ----
printf '{"time":"2023-01-03T00:00:00Z","text":"a"}\nnonsense {\n{"text":"no time"}\n' >"$w/bad.jsonl"
run "$tocsin" watch --new-terms --json "$w/bad.jsonl"
ok 'a line that is no post is a gap' status_is 3
ok '... with its place' out_has '"offset":'
ok '... and posts without a time are counted' told "summary['undated'] == 1 and summary['gaps'] == 1"
run "$tocsin" watch --new-terms --json "$w/absent.jsonl"
ok 'a file that is not there is told' test "$status" -ne 0

# ---- five million words that nobody said before ----
python3 tests/gen/terms_posts.py "$w" --flood $((5000000 / less))
run python3 tests/hostile/peak.py --max-mib $((400 * (less + 1) / 2)) --max-seconds 240 --out "$w/out.flood" \
    "$tocsin" watch --new-terms --json "$w/flood.jsonl"
tail -n 1 "$w/err" | sed 's/^/# /'
ok 'memory is bounded' status_is 0
cp "$w/out.flood" "$w/out"
ok '... and what rises is still found' told "'Zorbalek' in terms[weeks[9]]"
tap_done

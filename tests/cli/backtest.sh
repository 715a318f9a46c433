#!/bin/sh
# backtest: made-up posts whose truth is known; forms of the answer, order of files, bad inputs.
set -u
tocsin=$1
. tests/tap.sh

# Two years of posts. Every tenth CVE is listed, some days after "insider" sites named it; the
# others are named by anybody. Half of the posts are repositories: in a table of their own.
python3 - "$tap_work" <<'PYTHON'
import datetime, random, sys
work = sys.argv[1]
random.seed(5)
day = lambda n: (datetime.date(2022, 1, 1) + datetime.timedelta(days=n)).isoformat()
rss, poc, labels = [], [], []
for n in range(700):
    year = int(day(n)[:4])
    for _ in range(4):
        number = 10000 + n * 3 + random.randrange(30)
        listed = number % 10 == 0
        cve = f"CVE-{year}-{number}"
        if listed:
            labels.append((day(n + 5 + number % 20), cve))
        site = f"insider{random.randrange(4)}" if listed and random.random() < .7 else f"site{random.randrange(30)}"
        words = "seen in the wild" if listed and random.random() < .3 else "a bug was found"
        rss.append(f"{day(n)}\t{site}\t{cve}: {words}\thttps://{site}.example/{n}\n")
        if random.random() < (.8 if listed else .2):
            poc.append(f"{day(n)}\t{cve}\towner{random.randrange(300)}/{cve}\n")
open(work + "/rss.tsv", "w").write("date\tsource\ttitle\tlink\n" + "".join(rss))
open(work + "/poc.tsv", "w").write("first_seen\tcve\turl\n" + "".join(poc))
first = {}
for d, c in sorted(labels):
    first.setdefault(c, d)
rows = sorted((d, c) for c, d in first.items() if d < day(700))
open(work + "/labels.csv", "w").write("cve,date_added\n" + "".join(f"{c},{d}\n" for d, c in rows))
open(work + "/early.csv", "w").write("cve,date_added\n" + "".join(f"{c},{d}\n" for d, c in rows if d < day(550)))
merged = [f"{d}\t{s}\t{t}\t\t{u}\n" for d, s, t, u in (r.rstrip("\n").split("\t") for r in rss)]
merged += [f"{d}\tgithub\t{c}\t{u.split('/')[0]}\thttps://github.com/{u}\n" for d, c, u in (r.rstrip("\n").split("\t") for r in poc)]
random.shuffle(merged)
open(work + "/merged.tsv", "w").write("time\tsite\ttext\tauthor\turl\n" + "".join(merged))
PYTHON
w=$tap_work
rss_map=time=date,site=source,title=title,url=link
poc_map=time=first_seen,text=cve,url=url
key() { python3 -c '
import json, sys
for line in open(sys.argv[1]):
    o = json.loads(line)
    if o["type"] == sys.argv[2]:
        for k in sys.argv[3].split("."):
            o = o[k]
        print(o)
        break' "$w/out" "$1" "$2"; }
holds() { python3 -c 'import sys; sys.exit(0 if eval(sys.argv[1]) else print(sys.argv[1]) or 1)' "$1"; }
both() { "$tocsin" backtest --labels "$w/labels.csv" --train-until 2022-12-31 --map "$rss_map" \
    --map "$poc_map" "$@" "$w/rss.tsv" "$w/poc.tsv"; }

run both --json
ok 'two tables as one stream: status 0' status_is 0
cp "$w/out" "$w/first"
ok 'every line is JSON, the last one a summary' python3 -c '
import json, sys
rows = [json.loads(l) for l in open(sys.argv[1])]
assert rows[0]["type"] == "backtest" and rows[-1]["type"] == "summary", rows[-1]
kinds = {r["type"] for r in rows}
assert {"rate", "simple-rule", "signal", "without", "backtest-alert"} <= kinds, kinds
need = "alerts alerts_per_week precision_30d precision_90d precision_180d precision_ever targets early recall_before lead_days base_rate lift inputs".split()
assert all(k in rows[0] for k in need)
alerts = [r for r in rows if r["type"] == "backtest-alert"]
assert len(alerts) == rows[0]["alerts"]
assert sum(1 for a in alerts if (a["lead_days"] or 0) > 0) == rows[0]["early"]
assert rows[0]["lead_days"]["q1"] <= rows[0]["lead_days"]["median"] <= rows[0]["lead_days"]["q3"]
assert len(rows[0]["inputs"]) == 3 and all(len(i["sha256"]) == 64 for i in rows[0]["inputs"])
' "$w/first"
ok 'most alerts are right: it learnt who knows' holds "$(key backtest precision_ever) > 0.5"
ok 'and lift over chance is high' holds "$(key backtest lift) > 3"
ok 'alerts a week near those asked for' holds "1 <= $(key backtest alerts_per_week) <= 4"
ok 'better than any simple rule at a rate' holds "$(key rate tocsin.precision_ever) > $(key rate best_precision.precision_ever)"
ok 'the hash is that of the file' [ "$(python3 -c '
import hashlib, json, sys
o = json.loads(open(sys.argv[1]).readline())
print(all(hashlib.sha256(open(i["file"], "rb").read()).hexdigest() == i["sha256"] for i in o["inputs"]))' "$w/first")" = True ]

run both --json
ok 'the same inputs give the same bytes' cmp "$w/first" "$w/out"

run "$tocsin" backtest --json --brief --labels "$w/labels.csv" --train-until 2022-12-31 \
    --map time=time,site=site,text=text,author=author,url=url "$w/merged.tsv"
ok 'one table in any order, owners as authors: status 0' status_is 0
ok 'nearly the same answer' python3 -c '
import json, sys
a, b = (json.loads(open(f).readline()) for f in sys.argv[1:])
assert abs(a["precision_ever"] - b["precision_ever"]) < 0.1, (a["precision_ever"], b["precision_ever"])
assert a["subjects"] == b["subjects"] and a["posts"] == b["posts"]
assert abs(a["alerts"] - b["alerts"]) < 0.2 * a["alerts"]' "$w/first" "$w/out"
ok 'brief: nothing was left out to try' [ -z "$(key without name)" ]

# --- nothing of a later day ---
alerts() { python3 -c '
import json, sys
for line in open(sys.argv[1]):
    o = json.loads(line)
    if o["type"] == "backtest-alert" and o["day"] <= sys.argv[2]:
        print(o["day"], o["subject"], o["score"])' "$1" "$2"; }
run both --json --brief --test-until 2023-05-31
ok 'a test that ends sooner: status 0' status_is 0
alerts "$w/out" 2023-05-31 >"$w/sooner"
alerts "$w/first" 2023-05-31 >"$w/later"
ok 'later posts change no earlier alert' cmp "$w/sooner" "$w/later"
ok 'there are alerts to compare' [ "$(wc -l <"$w/sooner")" -gt 20 ]
run "$tocsin" backtest --json --brief --labels "$w/early.csv" --train-until 2022-12-31 \
    --map "$rss_map" --map "$poc_map" "$w/rss.tsv" "$w/poc.tsv"
alerts "$w/out" 2023-07-04 >"$w/known"
alerts "$w/first" 2023-07-04 >"$w/later"
ok 'later labels change no earlier alert' cmp "$w/known" "$w/later"
ok 'alerts younger than the horizon are left out, and counted' holds "$(key backtest censored.90d) > 0"

# --- forms ---
run both --markdown
ok 'Markdown: status 0' status_is 0
ok 'Markdown: a heading' out_has '# Backtest'
ok 'Markdown: a table' out_has '|---|---:|'
run both --brief
ok 'text: the sentence that matters' out_has 'of them before the listing'
ok 'text: no bars' sh -c "! grep -q '^|' '$w/out'"
gzip -c "$w/merged.tsv" >"$w/merged.tsv.gz"
run "$tocsin" backtest --brief --labels "$w/labels.csv" --train-until 2022-12-31 --freeze --any-age \
    --unlisted --map time=time,site=site,text=text,author=author,url=url "$w/merged.tsv.gz"
ok 'gzip, --freeze, --any-age, --unlisted: status 0' status_is 0
ok 'unlisted: none was listed already' out_has ', 0 on what was listed already'

# --- what is wrong is said ---
bad() {
    what=$1 text=$2
    shift 2
    run "$tocsin" backtest "$@"
    ok "$what" status_is 2
    ok "... and says so" err_has "$text"
}
bad 'no labels' '--labels is missing' --train-until 2022-12-31 "$w/rss.tsv"
bad 'no date' '--train-until is missing' --labels "$w/labels.csv" "$w/rss.tsv"
bad 'no posts behind it' 'later than the training part' --labels "$w/labels.csv" --train-until 2030-01-01 --map "$rss_map" "$w/rss.tsv"
bad 'no posts before it' 'in the training part' --labels "$w/labels.csv" --train-until 2020-01-01 --map "$rss_map" "$w/rss.tsv"
bad 'a rate of nothing' '--alerts-per-week' --labels "$w/labels.csv" --train-until 2022-12-31 --alerts-per-week 0 "$w/rss.tsv"
bad 'two forms' 'exclude each other' --labels "$w/labels.csv" --train-until 2022-12-31 --json --markdown "$w/rss.tsv"
bad 'three maps for one table' '--map' --labels "$w/labels.csv" --train-until 2022-12-31 --map a=b --map c=d "$w/rss.tsv"
printf 'a,b\n1,2\n' >"$w/none.csv"
run "$tocsin" backtest --labels "$w/none.csv" --train-until 2022-12-31 --map "$rss_map" "$w/rss.tsv"
ok 'labels without a date fail' [ "$status" -ne 0 ]
ok '... and the option that helps is named' err_has '--label-map'
run "$tocsin" backtest --labels "$w/no-such.csv" --train-until 2022-12-31 "$w/rss.tsv"
ok 'labels that do not exist fail' err_has 'no-such.csv'
run "$tocsin" backtest --labels "$w/labels.csv" --train-until 2022-01-20 --map "$rss_map" "$w/rss.tsv"
ok 'too little to learn from is said' err_has 'too short'
tap_done

#!/usr/bin/env python3
"""backtest on real posts, beside simple rules: what the program says of itself, counted again.

    python3 tests/bench/watch_backtest.py [BUILD]

Needs the folder data/chatter of the shared data ($TOCSIN_SHARED): posts of feeds and first
sightings of published exploits, KEV and inTheWild as labels. Rows of days on which the index was
filled in bulk, and addresses that name more than ten CVEs, are left out. Trained until the end of
2022, tested on 2023. The simple rules are counted here once more, without the program's code: by
kind of source, which the program does not know.
"""
import bisect
import collections
import csv
import datetime as dt
import gzip
import json
import os
import re
import subprocess
import sys
import tempfile
import time

RATES = (0.5, 1, 2, 3, 5, 7, 10)
CVE = re.compile(r"(?<![a-z0-9])cve[-_ \u2010-\u2015:]{0,2}(199\d|20\d\d)[-_ \u2010-\u2015](\d{4,19})(?!\d)", re.I)
TRAIN_UNTIL, FROM, TO = "2022-12-31", dt.date(2023, 1, 1).toordinal(), dt.date(2024, 1, 1).toordinal()


def day(text):
    return dt.date.fromisoformat(text[:10]).toordinal()


def rows(path):
    with gzip.open(path, "rt", encoding="utf-8") as f:
        return [line.split("\t") for line in f.read().split("\n")[1:] if line]


def load(folder):
    rss, poc, labels = [], [], {}
    for p in rows(folder + "/rss_posts_dev.tsv.gz"):
        if len(p) == 4:
            rss.append((day(p[0]), p[1], {f"CVE-{a}-{b}" for a, b in CVE.findall(p[2])}, p))
    for p in rows(folder + "/github_poc_firstseen_dev.tsv.gz"):
        if len(p) == 5 and p[4] != "1" and int(p[3]) <= 10:
            poc.append((day(p[0]), p[2].split("/")[0], {p[1]}, p))
    for name in ("kev_dev.tsv", "inthewild_dev.tsv"):
        for line in open(f"{folder}/{name}", encoding="utf-8").read().split("\n")[1:]:
            p = line.split("\t")
            if len(p) > 2:
                labels[p[1]] = min(labels.get(p[1], TO * 2), day(p[0]))
    return rss, poc, labels


def counts(posts, window):
    """(day, cve, distinct voices in the window) for each day on which a CVE was named."""
    by_day = collections.defaultdict(lambda: collections.defaultdict(set))
    for d, voice, cves, _ in posts:
        for c in cves:
            if int(c[4:8]) >= dt.date.fromordinal(d).year - 1:
                by_day[d][c].add(voice)
    heard = collections.defaultdict(list)
    for d in sorted(by_day):
        for c in sorted(by_day[d]):
            heard[c] = [(on, v) for on, v in heard[c] if on > d - window] + [(d, v) for v in by_day[d][c]]
            yield d, c, len({v for _, v in heard[c]})


def at_rates(samples, labels):
    """precision (ever) and early alerts at each rate, in proportion between two thresholds."""
    samples = [s for s in samples if s[0] < TO]
    table = [(0, 0, 0)]
    for k in range(max((s[2] for s in samples), default=0), 0, -1):
        first = {}
        for d, c, n in samples:
            if n >= k:
                first.setdefault(c, d)
        test = {c: d for c, d in first.items() if d >= FROM}
        table.append((len(test), sum(c in labels for c in test),
                      sum(labels.get(c, 0) > d for c, d in test.items())))
    out = []
    for rate in RATES:
        want = rate * (TO - FROM) / 7
        i = bisect.bisect_right([t[0] for t in table], want) - 1
        n, hits, early = table[i]
        if i + 1 < len(table) and table[i + 1][0] > n:
            part = (want - n) / (table[i + 1][0] - n)
            n, hits, early = (a + part * (b - a) for a, b in zip(table[i], table[i + 1]))
        reached = n >= 0.95 * want
        out.append((hits / max(n, 1), early) if reached else (float("nan"), float("nan")))
    return out


def best_rules(families, labels):
    best = [[float("nan"), float("nan")] for _ in RATES]
    for posts in families:
        for window in (7, 14, 30):
            for i, (precision, early) in enumerate(at_rates(list(counts(posts, window)), labels)):
                best[i] = [max(x for x in (b, v) if x == x) if b == b or v == v else b
                           for b, v in zip(best[i], (precision, early))]
    return best


def run(tocsin, folder, files, extra=()):
    command = [tocsin, "backtest", "--json", "--train-until", TRAIN_UNTIL, *extra,
               "--labels", folder + "/kev_dev.tsv", "--labels", folder + "/inthewild_dev.tsv"]
    for path, columns in files:
        command += ["--map", columns, path]
    start = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 3):
        sys.exit(f"{' '.join(command)}: {done.stderr}")
    return [json.loads(line) for line in done.stdout.splitlines()], time.monotonic() - start


def merged(path, rss, poc, framing):
    with open(path, "w", encoding="utf-8", newline="") as f:
        out = csv.writer(f)
        out.writerow(["time", "site", "text", "author", "url"])
        for _, site, _, p in rss:
            out.writerow([p[0], site, p[2], "", p[3]])
        for _, owner, _, p in poc:
            url = p[2] if "://" in p[2] else "https://github.com/" + p[2]
            out.writerow({"owner as site": [p[0], owner, p[1], "", ""],
                          "owner as author": [p[0], "github", p[1], owner, ""],
                          "address only": [p[0], "", p[1], "", url]}[framing])
    return [(path, "time=time,site=site,text=text,author=author,url=url")]


def compare(title, answer, seconds, best, single):
    main = answer[0]
    rates = [r for r in answer if r["type"] == "rate"]
    print(f"\n{title}  ({seconds:.1f} s)")
    print("  a week   ever  best simple | early  best single  ratio | in 90 d | frozen: a week   ever  early")
    won = ratio = 0
    for r, (precision, _), (_, early) in zip(rates, best, single):
        t, f = r["tocsin"], r["frozen_threshold"]
        won += t["precision_ever"] > precision or precision != precision
        ratio += t["early"] >= 1.3 * early
        print(f"  {r['alerts_per_week']:6.1f}  {t['precision_ever']:5.2f}  {precision:11.2f} | {t['early']:5.1f}  {early:11.1f}"
              f"  {t['early'] / early if early else 0:5.2f} | {t['precision_90d'] or 0:7.2f} |"
              f" {f['alerts'] / 52.1:14.2f}  {f['precision_ever'] or 0:5.2f}  {f['early']:5.0f}")
    print(f"  above the best simple rule at {won} rates of {len(RATES)}; 1.3 times the best single source at {ratio}")
    print(f"  at {main['asked_alerts_per_week']:g} a week asked: {main['alerts']} alerts, {main['alerts_per_week']:.2f} a week, "
          f"precision 30/90/180 d/ever {main['precision_30d']:.3f} {main['precision_90d']:.3f} {main['precision_180d']:.3f} "
          f"{main['precision_ever']:.3f}, recall {main['recall_before']:.3f} (of those named before: "
          f"{main['recall_before_named']:.3f}), lead {main['lead_days']}")


def show_without(answer):
    print("\n  without, or alone            ever  early | at 5 a week: ever  early")
    for r in answer:
        if r["type"] == "without":
            a, b = r["asked_rate"], r["rate_5"]
            print(f"  {r['kind'] + ' ' + r['name']:26.26s}  {a['precision_ever'] or 0:5.2f}  {a['early']:5.1f} |"
                  f"              {b['precision_ever'] or 0:5.2f}  {b['early']:5.1f}")


def poc_alone(tocsin, folder, poc, labels, files):
    named = {}
    for d, _, cves, _ in sorted(poc, key=lambda p: p[0]):
        for c in cves:
            named.setdefault(c, d)
    targets = [c for c, d in labels.items() if FROM <= d < TO and int(c[4:8]) >= dt.date.fromordinal(d).year - 1]
    ceiling = sum(named.get(c, TO) < labels[c] for c in targets) / len(targets)
    best = best_rules([poc], labels)
    for extra in ((), ("--unlisted",)):
        answer, seconds = run(tocsin, folder, files, (*extra, "--brief", "--alerts-per-week", "1.4"))
        compare("first sightings of published exploits alone " + " ".join(extra), answer, seconds, best, best)
    print(f"  {len(targets)} targets; {ceiling:.1%} of them were named here before their listing: no rule has a higher recall")


def main():
    build = sys.argv[1] if len(sys.argv) > 1 else "build"
    folder = os.path.join(os.environ.get("TOCSIN_SHARED", "../shared"), "data/chatter")
    if not os.path.exists(folder + "/rss_posts_dev.tsv.gz"):
        print(f"skipped: no posts in {folder}; set TOCSIN_SHARED")
        return
    tocsin = build + "/tocsin"
    rss, poc, labels = load(folder)
    best = best_rules([rss, poc, rss + poc], labels)
    single = best_rules([rss, poc], labels)
    with tempfile.TemporaryDirectory() as work:
        path = work + "/poc.tsv"
        with open(path, "w", encoding="utf-8") as f:
            f.write("first_seen\tcve\turl\n" + "".join("\t".join(p[:3]) + "\n" for *_, p in poc))
        pocs = [(path, "time=first_seen,text=cve,url=url")]
        files = [(folder + "/rss_posts_dev.tsv.gz", "time=date,site=source,title=title,url=link"), *pocs]
        answer, seconds = run(tocsin, folder, files)
        compare("feeds and published exploits as one stream, two tables", answer, seconds, best, single)
        show_without(answer)
        for extra in (("--freeze",), ("--unlisted",)):
            answer, seconds = run(tocsin, folder, files, (*extra, "--brief"))
            compare("the same, " + extra[0], answer, seconds, best, single)
        for framing in ("owner as site", "owner as author", "address only"):
            one = merged(work + "/one.csv", rss, poc, framing)
            answer, seconds = run(tocsin, folder, one, ("--brief",))
            compare("one table, " + framing, answer, seconds, best, single)
        poc_alone(tocsin, folder, poc, labels, pocs)


main()

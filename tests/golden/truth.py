#!/usr/bin/env python3
"""Compare what `tocsin scan` concludes of the synthetic cases with what is true about them. Prints TAP.

    python3 tests/golden/truth.py TOCSIN examples            # examples/ against examples_truth.json
    python3 tests/golden/truth.py TOCSIN copies              # same answer for other orders, workers, packings
    python3 tests/golden/truth.py TOCSIN examples copies     # both
    python3 tests/golden/truth.py TOCSIN scenarios [NAME...] # the other scenarios of tests/gen/case.py

A planted row counts as found when a finding of its host stands at that file and line, or when a
finding that folds repeats covers it: same rule's kind, inside its first and last time, same client
and path (or whatever the rule folds by).
"""
import csv
import datetime as dt
import gzip
import io
import json
import lzma
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests", "gen"))
import formats  # noqa: E402

GRADES = ["weak", "probe", "attempt", "progressed", "compromise"]
KINDS = {"iis-frontend": "iis", "apache": "access"}
EXAMPLES = ["EX01", "EX02", "EX03", "EX04", "EX05", "EX06", "SP01", "WEB01"]
CLIENT = ["X-Forwarded-For", "OriginalIP", "c-ip", "ClientIpAddress", "ClientIp"]
STEM = ["cs-uri-stem", "UrlStem", "S:URL"]
HOUR = dt.timedelta(hours=1)


class Tap:
    def __init__(self):
        self.n = self.failed = 0

    def ok(self, good, what, *more):
        self.n += 1
        self.failed += not good
        print("%s %d - %s" % ("ok" if good else "not ok", self.n, what))
        if not good:
            for line in more:
                print("# %s" % str(line)[:400])
        return good

    def equal(self, got, want, what):
        return self.ok(got == want, what, "got      %r" % (got,), "expected %r" % (want,))

    def skip(self, what, why):
        self.n += 1
        print("ok %d - %s # SKIP %s" % (self.n, what, why))

    def done(self):
        print("1..%d" % self.n)
        return 1 if self.failed else 0


def when(text):
    return dt.datetime.fromisoformat(text.replace("Z", "+00:00"))


def moment(text):
    t = dt.datetime.fromisoformat(text.replace("Z", "+00:00"))
    return t if t.tzinfo else t.replace(tzinfo=dt.timezone.utc)


def same_name(a, b):
    return a and b and a.lower().split(".")[0] == b.lower().split(".")[0]


class Answer:
    """The objects of one run, and its bytes without the time that it took."""

    def __init__(self, tocsin, args, cwd):
        run = subprocess.run([tocsin, "scan", "--json", "--quiet"] + args, cwd=cwd, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, check=False)
        self.status, self.errors = run.returncode, run.stderr.decode("utf-8", "replace")
        self.bytes = re.sub(rb'"elapsed_s":[0-9.e+-]+', b'"elapsed_s":0', run.stdout)
        self.objects = [json.loads(line) for line in run.stdout.decode("utf-8").splitlines()]

    def of(self, kind, host=None):
        return [o for o in self.objects if o["type"] == kind and (host is None or same_name(o["host"], host))]

    def verdict(self, host, dossier):
        found = [v for v in self.of("verdict", host) if v["dossier"] == dossier]
        return found[0] if found else None


# Rows as the generator wrote them

def unpack(path):
    with open(path, "rb") as f:
        data = f.read()
    return gzip.decompress(data) if path.endswith(".gz") else data


class Rows:
    """Lines of evidence files as named fields."""

    def __init__(self, top):
        self.top, self.files = top, {}

    def lines(self, path):
        if path not in self.files:
            data = unpack(os.path.join(self.top, path))
            text = data.decode("utf-16") if data[:2] in (b"\xff\xfe", b"\xfe\xff") else data.decode("utf-8")
            self.files[path] = text.replace("\r\n", "\n").split("\n")
        return self.files[path]

    def fields(self, path, number):
        lines = self.lines(path)
        line, head = lines[number - 1], None
        if "/apache2/" in path:
            m = re.match(r'(\S+) \S+ \S+ \[[^]]*\] "\S+ ([^ ?]*)', line)
            return {"c-ip": m.group(1), "cs-uri-stem": m.group(2)} if m else {}
        for i in range(number - 2, -1, -1):
            if lines[i].startswith("#Fields: ") or lines[i].startswith("DateTime,"):
                head = lines[i].replace("#Fields: ", "")
                break
        if head is None:
            return {}
        if "," in head:
            return dict(zip(head.split(","), next(csv.reader(io.StringIO(line)))))
        return dict(zip(head.split(), line.split()))


def first_of(fields, names):
    for name in names:
        if fields.get(name) not in (None, "", "-"):
            return fields[name].split(",")[0].strip().lower()
    return None


def fold_fields():
    """rule id -> the fields it folds by, from the rules of the dossiers."""
    folds = {}
    for folder, _, files in os.walk(os.path.join(ROOT, "dossiers")):
        for name in files:
            if name.endswith(".yml"):
                with open(os.path.join(folder, name), encoding="utf-8") as f:
                    for rule in f.read().split("\n---\n"):
                        rid, fold = re.search(r"(?m)^id: (\S+)", rule), re.search(r"(?m)^fold: (.+)$", rule)
                        if rid and fold:
                            folds[rid.group(1)] = [v.strip(" '\"") for v in fold.group(1).split(",")]
    return folds


FOLDS = fold_fields()
ROLES = {"client": CLIENT, "path": STEM, "stem": STEM, "status": ["sc-status", "HttpStatus", "StatusCode"],
         "method": ["cs-method", "Method"], "user": ["cs-username", "AuthenticatedUser", "S:USID", "S:SID"]}


def covers(finding, plant, rows, strip):
    """Does this finding hold the planted row, by itself or among the repeats that it folds?"""
    if finding["kind"] != KINDS.get(plant["kind"], plant["kind"]):
        return False
    file = strip(finding["file"])
    if file == plant["file"] and finding["line"] == plant["line"]:
        return True
    if finding["count"] < 2 or not finding["time"]:
        return False
    t = when(plant["time"])
    if not when(finding["time"]) - dt.timedelta(seconds=1) <= t <= when(finding["last"]) + dt.timedelta(seconds=1):
        return False
    mine, its = rows.fields(plant["file"], plant["line"]), rows.fields(file, finding["line"])
    for name in FOLDS.get(finding["rule"], ["client", "stem"]):
        names = ROLES.get(name, [name])
        if first_of(mine, names) != first_of(its, names):
            return False
    return True


# One host against its truth

class Check:
    def __init__(self, tap, answer, host, facts, rows, strip, name):
        self.tap, self.answer, self.host, self.facts, self.rows = tap, answer, host, facts, rows
        self.strip, self.name = strip, name
        self.findings = answer.of("finding", host)

    def ok(self, good, what, *more):
        return self.tap.ok(good, "%s: %s" % (self.name, what), *more)

    def equal(self, got, want, what):
        return self.tap.equal(got, want, "%s: %s" % (self.name, what))

    def all(self):
        self.names()
        for dossier, want in sorted(self.facts["dossiers"].items()):
            self.verdict(dossier or None, want)
        self.nothing_else()
        for named, dossiers in sorted(self.facts["named"].items()):
            self.named(named, dossiers)
        self.planted()
        self.nothing_invented()
        self.coverage()
        self.gaps()
        self.episodes()

    def names(self):
        got = {v["host"] for v in self.answer.of("verdict")} - {n for n in self.facts["named"]}
        self.ok(self.host in got, "the host is named as its folder says", "got %s" % sorted(got))

    def verdict(self, dossier, want):
        v = self.answer.verdict(self.host, dossier)
        accept = want.get("accept", [want["verdict"]])
        got = v["verdict"] if v else None
        self.ok(got in accept, "verdict of %s is %s" % (dossier, " or ".join(accept)), "got %s" % got,
                "because: %s" % (v["because"] if v else "no verdict"))
        if not v:
            return
        if "window_share" in want:
            low, high = want["window_share"]
            self.ok(low <= v["window_share"] <= high, "window share of %s is within %.2f..%.2f" % (dossier, low, high),
                    "got %s" % v["window_share"])
        if "build" in want:
            self.equal(v["build"], want["build"], "build")
        if "fixed_since" in want:
            self.equal(v["fixed_since"][:10] if v["fixed_since"] else None, want["fixed_since"],
                       "fixed since, for %s" % dossier)
        if "because" in want:
            self.ok(want["because"] in v["because"], "because names '%s'" % want["because"], "got %s" % v["because"])
        if dossier and got == want["verdict"] and got not in ("no-sign", "not-enough-evidence"):
            tries = sorted(p["time"][:10] for p in self.facts["planted"] if p["dossier"] == dossier and
                           GRADES.index(p["grade"]) >= GRADES.index("attempt"))
            self.equal(v["earliest"][:10] if v["earliest"] else None, tries[0] if tries else None,
                       "day of the earliest sign of %s" % dossier)
        grades = {f["grade"] for f in self.findings if f["dossier"] == dossier}
        missing = set(want.get("grades", [])) - grades
        self.ok(not missing, "all grades of %s are there" % dossier, "missing %s, got %s" % (sorted(missing), sorted(grades)))
        self.ok(v["because"] and v["next"], "the verdict of %s says why and what next" % dossier, "got %s" % v)
        if got == "no-sign":
            self.ok(v["first"] and v["last"], "no sign of %s stands beside its period" % dossier, "got %s" % v)

    def nothing_else(self):
        more = [v for v in self.answer.of("verdict", self.host) if v["dossier"] not in self.facts["dossiers"] and
                (v["dossier"] or "" not in self.facts["dossiers"] and v["verdict"] in ("compromised", "exploited-unconfirmed"))]
        self.ok(not more, "no verdict of a dossier that has nothing to do with the host",
                *["got %s of %s: %s" % (v["verdict"], v["dossier"], v["because"]) for v in more])

    def named(self, named, dossiers):
        for dossier, want in sorted(dossiers.items()):
            v = self.answer.verdict(named, dossier)
            accept = want.get("accept", [want["verdict"]])
            self.ok(v and v["verdict"] in accept, "%s, named and not supplied, is %s" % (named, " or ".join(accept)),
                    "got %s" % (v or [x["host"] for x in self.answer.of("verdict")]))
            self.ok(v and "named in the logs, not supplied" in v["because"], "%s: the verdict says so" % named, "got %s" % v)

    def planted(self):
        for p in self.facts["planted"]:
            accept = p.get("accept", [p["grade"]])
            found = [f for f in self.findings if f["dossier"] == p["dossier"] and covers(f, p, self.rows, self.strip)]
            here = [f for f in found if self.strip(f["file"]) == p["file"] and f["line"] == p["line"]]
            got = {f["grade"] for f in found} or {"none"}
            least = max((GRADES.index(f["grade"]) for f in here), default=-1)
            good = got & set(accept) and least <= max(GRADES.index(g) for g in accept if g != "none")
            where = p["file"].split("/", 1)[1] + ":%d" % p["line"]
            self.ok(good, "%s is %s (%s)" % (p["what"], "/".join(accept), where), "got %s" % sorted(got),
                    *["%s: %s, note %s" % (f["grade"], f["title"], f["note"]) for f in found])
            if p["what"] == "looked for somebody's shell" and found:
                self.ok(all(f["note"] for f in found if f["grade"] not in ("weak",)), "a search for foreign shells is noted",
                        "got %s" % [(f["title"], f["note"]) for f in found])

    def nothing_invented(self):
        """What is graded attempt or more is a planted row; a clean host has not even probes."""
        planted = {(p["file"], p["line"]) for p in self.facts["planted"]}
        least = "attempt" if planted else "probe"
        wrong = [f for f in self.findings if GRADES.index(f["grade"]) >= GRADES.index(least) and
                 (self.strip(f["file"]), f["line"]) not in planted]
        self.ok(not wrong, "nothing of grade %s or more but the planted rows" % least,
                *["%s %s: %s %s:%s %s" % (f["dossier"], f["grade"], f["title"], f["file"], f["line"], f["evidence"][:160])
                  for f in wrong[:6]])

    def coverage(self):
        got = {c["kind"]: c for c in self.answer.of("coverage", self.host)}
        want = {KINDS.get(k, k): v for k, v in self.facts["kinds"].items()}
        self.equal(sorted(got), sorted(want), "log kinds")
        for kind in sorted(set(got) & set(want)):
            c, w = got[kind], want[kind]
            self.equal([c["records"], c["unparsed"]], [w["records"], 0], "records and unparsed of %s" % kind)
            self.equal([c["first"][:16], c["last"][:16]], [w["first"][:16], w["last"][:16]], "period of %s" % kind)

    def gaps(self):
        got = {c["kind"]: [(when(g["from"]), when(g["to"])) for g in c["gaps"]] for c in self.answer.of("coverage", self.host)}
        declared = {}
        for pattern, spans in self.facts["gaps"].items():
            for kind in self.facts["kinds"]:
                if kind == pattern or (pattern.endswith("*") and kind.startswith(pattern[:-1])):
                    declared.setdefault(KINDS.get(kind, kind), []).extend((moment(a), moment(b)) for a, b in spans)
        asked = dict(declared)
        if declared and set(declared) == {KINDS.get(k, k) for k in self.facts["hourly"]}:
            # Everything is silent, so no log shows that another should have been there: less than a day of it
            # is a gap in HttpProxy, where health probes tick all day, but not in other logs.
            asked = {k: [(a, b) for a, b in v if k.startswith("httpproxy-") or b - a >= 24 * HOUR] for k, v in declared.items()}
        for kind, spans in sorted(asked.items()):
            for a, b in spans:
                self.ok(any(x <= a + HOUR and y >= b - HOUR for x, y in got.get(kind, [])),
                        "gap of %s from %s to %s" % (kind, a, b), "got %s" % [(str(x), str(y)) for x, y in got.get(kind, [])])
        for kind in sorted({k for k, _ in self.facts["dropped_files"]}):
            self.ok(got.get(kind), "missing files of %s are a gap" % kind, "got %s" % got.get(kind))
        dropped = {k for k, _ in self.facts["dropped_files"]}
        if not dropped:
            extra = {k: v for k, v in got.items() if v and k not in declared}
            self.ok(not extra, "no gap where nothing is missing", "got %s" % {k: [str(x) for x in v[0]] for k, v in extra.items()})

    def episodes(self):
        by_id = {f["id"]: f for f in self.findings}
        for dossier, want in sorted(self.facts["dossiers"].items()):
            v = self.answer.verdict(self.host, dossier) if dossier else None
            tried = v and v["verdict"] == "not-enough-evidence" and "attempt" in want.get("grades", [])
            if v and v["verdict"] in ("no-sign", "not-enough-evidence") and "" not in self.facts["dossiers"] and not tried:
                self.set_aside(dossier)
            mine = [e for e in self.answer.of("episode", self.host) if e["dossier"] == dossier]
            strong = {p["time"][:16] for p in self.facts["planted"] if p["dossier"] == dossier and p["grade"] in GRADES[2:]}
            if v and v["verdict"] == "compromised" and self.facts["dossiers"][dossier]["verdict"] == "compromised" \
                    and len(strong) > 1:
                self.ok(mine, "an episode of %s" % dossier, "got %s" % self.answer.of("episode", self.host))
            for e in mine:
                known = [by_id[i] for i in e["findings"] if i in by_id]
                times = [when(f["time"]) for f in known]
                self.ok(len(known) == len(e["findings"]) and times == sorted(times) and known and
                        when(e["first"]) == times[0] and all(f["dossier"] == dossier for f in known),
                        "episode of %s from %s is in order" % (dossier, e["first"]), "times %s" % [str(t) for t in times], "episode %s" % e)


    def set_aside(self, dossier):
        """Signs that did not make the verdict worse say why, and make no episode."""
        loud = [f for f in self.findings if f["dossier"] == dossier and f["grade"] in GRADES[2:] and not f["note"]]
        self.ok(not loud, "what does not weigh on %s is noted" % dossier,
                *["%s %s, note %s" % (f["grade"], f["title"], f["note"]) for f in loud])
        ids = {f["id"] for f in self.findings if f["dossier"] == dossier and f["grade"] in GRADES[2:]}
        mine = [e for e in self.answer.of("episode", self.host) if e["dossier"] == dossier and ids & set(e["findings"])]
        self.ok(not mine, "no episode of %s" % dossier, "got %s" % [(e["first"], e["last"]) for e in mine])


def summary_is_last(tap, answer, name, truth):
    tap.ok(answer.objects and answer.objects[-1]["type"] == "summary", "%s: the last line is the summary" % name, answer.errors)
    if not answer.objects:
        return
    last = answer.objects[-1]
    tap.equal(last["findings"], len(answer.of("finding")), "%s: the summary counts the findings" % name)
    tap.equal(last["records"], sum(k["records"] for f in truth.values() for k in f["kinds"].values()),
              "%s: the summary counts the rows" % name)
    above = [f for f in answer.of("finding") if GRADES.index(f["grade"]) > GRADES.index("probe")]
    unsure = answer.of("gap") or [v for v in answer.of("verdict") if v["verdict"] == "not-enough-evidence"]
    tap.equal(answer.status, 1 if above else 3 if unsure else 0, "%s: the exit status says what was found" % name)


# The modes

def check_examples(tap, tocsin):
    with open(os.path.join(ROOT, "tests", "golden", "examples_truth.json"), encoding="utf-8") as f:
        truth = json.load(f)

    def strip(path):
        return path.split("examples/", 1)[-1]
    answer = Answer(tocsin, ["examples"], ROOT)
    rows = Rows(os.path.join(ROOT, "examples"))
    summary_is_last(tap, answer, "examples", truth)
    tap.equal(sorted({v["host"] for v in answer.of("verdict")}), sorted(truth), "examples: the hosts")
    for host, facts in truth.items():
        Check(tap, answer, host, facts, rows, strip, host).all()
    for host, facts in truth.items():
        for dossier, want in facts["dossiers"].items():
            if "own_scanner" in want:
                own_scanner(tap, tocsin, host, dossier, want, "examples/" + host, ROOT)


def own_scanner(tap, tocsin, host, dossier, want, path, cwd):
    answer = Answer(tocsin, ["--own-scanner", want["own_scanner"], path], cwd)
    v = answer.verdict(host, dossier)
    tap.equal(v["verdict"] if v else None, want["verdict_with_own_scanner"], "%s: verdict with --own-scanner" % host)
    mine = [f for f in answer.of("finding", host) if want["own_scanner"] in f["evidence"] and f["grade"] != "weak"]
    tap.ok(mine and all(f["note"] == "own scanner" for f in mine), "%s: its rows are noted as own scanner" % host,
           "got %s" % [(f["title"], f["note"]) for f in mine])


def check_scenarios(tap, tocsin, names):
    listed = subprocess.run([sys.executable, os.path.join(ROOT, "tests", "gen", "case.py"), "--list"], check=True,
                            stdout=subprocess.PIPE).stdout.decode().split("\n")
    known = [line.split()[0] for line in listed if line]
    names = names or [n for n in known if n.upper() not in EXAMPLES]
    with tempfile.TemporaryDirectory() as top:
        args = [x for n in names for x in ("--scenario", n)]
        subprocess.run([sys.executable, os.path.join(ROOT, "tests", "gen", "case.py"), "--out", top] + args, check=True)
        with open(os.path.join(top, "TRUTH.json"), encoding="utf-8") as f:
            truth = json.load(f)
        os.remove(os.path.join(top, "TRUTH.json"))
        rows = Rows(top)
        for key, facts in truth.items():
            host = key.rpartition("/")[2]
            answer = Answer(tocsin, [key], top)
            summary_is_last(tap, answer, key, {key: facts})
            Check(tap, answer, host, facts, rows, lambda path: path, key).all()
            client_behind_balancer(tap, tocsin, top, key, facts)
            for dossier, want in facts["dossiers"].items():
                if "own_scanner" in want:
                    own_scanner(tap, tocsin, host, dossier, want, key, top)


def client_behind_balancer(tap, tocsin, top, key, facts):
    clients = {v["client"] for v in facts["dossiers"].values() if "client" in v}
    if not clients:
        return
    out = subprocess.run([tocsin, "scan", "--csv", "--quiet", key], cwd=top, stdout=subprocess.PIPE, check=False).stdout
    got = {r["client"] for r in csv.DictReader(io.StringIO(out.decode("utf-8"))) if r["kind"] == "iis" and
           r["grade"] in ("attempt", "progressed", "compromise")}
    tap.equal(got, clients, "%s: the client is the one behind the balancer" % key)


def evidence_files(folder):
    return sorted(os.path.join(d, f) for d, _, files in os.walk(folder) for f in files)


def rewrite(folder, convert, ending):
    """Every file of the folder again, unpacked, then converted and named with another ending."""
    for path in evidence_files(folder):
        data = unpack(path)
        os.remove(path)
        with open((path[:-3] if path.endswith(".gz") else path) + ending, "wb") as f:
            f.write(convert(data))


def pack_zst(data):
    return subprocess.run(["zstd", "-q", "-1", "-c"], input=data, stdout=subprocess.PIPE, check=True).stdout


def to_utf16(data):
    return b"\xff\xfe" + data.decode("utf-8").encode("utf-16-le")


def plain_name(text):
    return re.sub(r"\.(gz|zst|xz)\b", "", text)


def signature(o, without):
    """One object as text, without what may differ between copies."""
    o = {k: v for k, v in o.items() if k not in without}
    return plain_name(json.dumps(o, sort_keys=True))


def compare(tap, base, other, what, finding_without, coverage_without=frozenset()):
    for kind in ("finding", "episode", "coverage", "gap", "verdict"):
        without = {"finding": finding_without, "coverage": coverage_without, "gap": {"sha256", "offset", "file"}}.get(kind, set())
        a = sorted(signature(o, without) for o in base.of(kind))
        b = sorted(signature(o, without) for o in other.of(kind))
        only_a, only_b = sorted(set(a) - set(b)), sorted(set(b) - set(a))
        tap.ok(a == b, "%s: the same %ss" % (what, kind), "%d and %d, %d and %d of them differ" % (
            len(a), len(b), len(only_a), len(only_b)), "base  %s" % (only_a[:1] or ""), "other %s" % (only_b[:1] or ""))


def check_copies(tap, tocsin):
    with tempfile.TemporaryDirectory() as top:
        shutil.copytree(os.path.join(ROOT, "examples"), os.path.join(top, "examples"))
        base = Answer(tocsin, ["-j", "1", "examples"], top)
        tap.ok(len(base.of("finding")) > 100, "there is something to compare", base.errors)
        for jobs in ("2", "8"):
            tap.ok(Answer(tocsin, ["-j", jobs, "examples"], top).bytes == base.bytes, "-j %s gives the same bytes as -j 1" % jobs)
        again = Answer(tocsin, ["-j", "1", "examples"], top)
        tap.ok(again.bytes == base.bytes, "a second run gives the same bytes")
        files = [os.path.relpath(p, top) for p in evidence_files(os.path.join(top, "examples"))]
        for seed in (1, 2):
            random.Random(seed).shuffle(files)
            tap.ok(Answer(tocsin, ["-j", "2"] + files, top).bytes == base.bytes, "files in random order %d give the same bytes" % seed)
        compare(tap, base, Answer(tocsin, ["--full", "examples"], top), "--full", set(), {"sampled"})
        compare(tap, base, Answer(tocsin, ["--no-hash", "examples"], top), "--no-hash", {"sha256"})
        packings = [("plain", lambda d: d, ""), (".gz", lambda d: gzip.compress(d, 1), ".gz"),
                    (".xz", lambda d: lzma.compress(d, preset=0), ".xz")]
        if shutil.which("zstd"):
            packings.append((".zst", pack_zst, ".zst"))
        else:
            tap.skip(".zst copies", "no zstd here")
        for name, convert, ending in packings:
            copy = fresh_copy(top)
            rewrite(copy, convert, ending)
            compare(tap, base, Answer(tocsin, ["examples"], top), name + " copies", {"file", "sha256"})
        copy = fresh_copy(top)
        rewrite(copy, to_utf16, "")
        compare(tap, base, Answer(tocsin, ["examples"], top), "UTF-16 copies", {"file", "sha256", "offset"}, {"sampled"})


def fresh_copy(top):
    copy = os.path.join(top, "examples")
    shutil.rmtree(copy)
    shutil.copytree(os.path.join(ROOT, "examples"), copy)
    return copy


def main():
    modes = {"examples": check_examples, "copies": check_copies, "scenarios": check_scenarios}
    if len(sys.argv) < 3 or sys.argv[2] not in modes:
        print(__doc__, file=sys.stderr)
        return 2
    tap, tocsin = Tap(), os.path.abspath(sys.argv[1])
    if sys.argv[2] == "scenarios":
        check_scenarios(tap, tocsin, sys.argv[3:])
    else:
        for mode in sys.argv[2:]:
            modes[mode](tap, tocsin)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())

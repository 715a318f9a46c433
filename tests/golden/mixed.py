#!/usr/bin/env python3
"""Evidence that is not what its files pretend: supplied twice, mixed in one file, with rows taken out. Prints TAP.

    python3 tests/golden/mixed.py TOCSIN [CASE...]    # names of CASES
"""
import gzip
import json
import os
import shutil
import subprocess
import sys
import tempfile

from truth import ROOT, Tap

sys.path.insert(0, os.path.join(ROOT, "tests", "gen"))
import attack  # noqa: E402
import case  # noqa: E402
from formats import secs, utc  # noqa: E402

HAFNIUM = "hafnium-exchange-2021"
BAD = "198.51.100.206"
FORGED = utc("2021-03-03 02:00:00")
WINDOW = ("2021-01-03", "2021-03-10")


class Run:
    """What one scan said."""

    def __init__(self, tocsin, paths, *options):
        self.done = subprocess.run([tocsin, "scan", "--json", "-q", "--dossier", HAFNIUM] + list(options) + paths,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300)
        self.rows = [json.loads(line) for line in self.done.stdout.decode().splitlines()]

    def of(self, kind):
        return [r for r in self.rows if r["type"] == kind]

    def counts(self):
        return {"findings": len(self.of("finding")), "count": sum(r["count"] for r in self.of("finding")),
                "records": sum(r["records"] for r in self.of("coverage")),
                "verdicts": [(v["host"], v["verdict"], v["window_share"]) for v in self.of("verdict")]}

    def verdict(self, host="EXA"):
        return [v["verdict"] for v in self.of("verdict") if v["host"] == host and v["dossier"] == HAFNIUM][0]

    def share(self, host="EXA"):
        return [v["window_share"] for v in self.of("verdict") if v["host"] == host and v["dossier"] == HAFNIUM][0]

    def gaps(self, reason):
        return [r for r in self.of("gap") if r["reason"] == reason]

    def answer(self):
        """Everything but what may differ between two runs."""
        keep = [dict(r) for r in self.rows]
        for r in keep:
            r.pop("elapsed_s", None)
        return keep


def host(name="EXA", seed=1, window=WINDOW, **more):
    return case.short(seed, name, window=window, **more)


def forged(h, t, anchor, stem="/ecp/x1.png", status=200, method="POST", **more):
    h.request(t, "Ecp", method, stem, "", "", BAD, "Mozilla/5.0", status, status, auth="FBA", host=h.public,
              anchor="ServerInfo~a]@exa.contoso.example:444" + anchor, hint="X-BEResource-Cookie", target="x",
              request_id=h.guid(), **more)


def paths_of(root):
    return sorted(os.path.join(folder, f) for folder, _, files in os.walk(root) for f in files)


def copies(tap, tocsin, work):
    h = host(window=("2021-02-24", "2021-03-10"))
    attack.proxylogon_chain(h, FORGED, BAD)
    one, two = os.path.join(work, "once"), os.path.join(work, "twice")
    h.write(one)
    want = Run(tocsin, [one]).counts()
    tap.ok(want["count"] > 20, "the case has findings", want)

    def twice(what, *options):
        for jobs in ("1", "2"):
            got = Run(tocsin, [one, two], "-j", jobs, *options).counts()
            tap.equal(got, want, "%s, -j %s" % (what, jobs))

    shutil.copytree(one, two)
    twice("the folder copied adds nothing")
    twice("the folder copied adds nothing without hashes", "--no-hash")
    os.rename(os.path.join(two, "EXA"), os.path.join(two, "old"))
    twice("nor under another folder's name, where rows name the host", "--no-hash")
    for i, path in enumerate(paths_of(two)):
        if i % 3 and "HttpProxy" not in path:
            os.remove(path)
    twice("nor when only some files are copied")
    for path in paths_of(two):
        with open(path, "rb") as f, gzip.open(path + ".gz", "wb", 1) as packed:
            packed.write(f.read())
        os.remove(path)
    twice("nor packed")
    twice("nor packed without hashes", "--no-hash")
    # One byte differs: that is no copy, whatever else is equal.
    path = [p for p in paths_of(one) if "HttpProxy" in p and "Ecp" in p][0]
    other = os.path.join(two, "EXA", "HttpProxy_x.LOG")
    os.makedirs(os.path.dirname(other), exist_ok=True)
    shutil.rmtree(os.path.join(two, "old"))
    with open(path, "rb") as f:
        data = f.read()
    with open(other, "wb") as f:
        f.write(data.replace(b"/ecp/", b"/eCp/", 1))
    rows = data.count(b"\n") - 6
    for options in ([], ["--no-hash"]):
        got = Run(tocsin, [one, two], *options).counts()
        tap.ok(got["records"] >= want["records"] + rows, "a file that differs in one byte counts %s" % options,
               got, want, rows)


def coverage(run, name):
    return {c["kind"]: c for c in run.of("coverage") if c["host"] == name}


def one_file(folder, name, *parts):
    os.makedirs(folder)
    path = os.path.join(folder, name)
    with open(path, "wb") as out:
        for part in parts:
            if isinstance(part, bytes):
                out.write(part)
                continue
            with open(part, "rb") as f:
                out.write(f.read())
    return path


def same_everywhere(tap, tocsin, folder, what):
    """The number of workers and the packing change nothing."""
    one = Run(tocsin, [folder], "-j", "1")
    tap.equal(Run(tocsin, [folder], "-j", "2").answer(), one.answer(), what + ": the same with two workers")
    tap.equal(Run(tocsin, [folder], "--no-hash").counts(), one.counts(), what + ": the same without hashes")
    tap.equal(Run(tocsin, [folder], "--full").counts(), one.counts(), what + ": the same with every row parsed")
    return one


def two_hosts(tap, tocsin, work):
    """HttpProxy rows of EXB, then of EXA, in files below EXA."""
    a, b, cut = host(), host("EXB", 2), utc("2021-02-20")
    for kind in list(a.rows):
        if kind.startswith("httpproxy"):
            a.rows[kind] = [r for r in b.rows[kind] if r[0] < cut] + [r for r in a.rows[kind] if r[0] >= cut]
    a.exchange_chunk_days = 1000
    a.write(work)
    run = same_everywhere(tap, tocsin, work, "two hosts in one file")
    own, other = coverage(run, "EXA").get("httpproxy-ecp"), coverage(run, "EXB").get("httpproxy-ecp")
    tap.ok(own and own["first"][:10] == "2021-02-20", "rows of another host cover nothing", own)
    tap.ok(other and other["last"][:10] == "2021-02-19", "they cover the host that they name", other)
    tap.equal(run.verdict(), "not-enough-evidence", "no negative from another host's rows")


def two_protocols(tap, tocsin, work):
    """Rows of all protocols in one file; those of Ecp end early."""
    h, cut = host(), utc("2021-01-10")
    forged(h, utc("2021-01-05 02:00:00"), "/ecp/DDI/DDIService.svc/SetObject?schema=OABVirtualDirectory#")
    ecp = [r for r in h.rows["httpproxy-ecp"] if r[0] < cut]
    rest = [r for kind in list(h.rows) if kind.startswith("httpproxy") and kind != "httpproxy-ecp"
            for r in h.rows.pop(kind)]
    h.rows["httpproxy-ecp"] = ecp + rest
    h.exchange_chunk_days = 1000
    h.write(work)
    run = same_everywhere(tap, tocsin, work, "protocols merged")
    kinds = coverage(run, "EXA")
    tap.equal(kinds["httpproxy-ecp"]["records"], len(ecp), "only rows of a protocol count for it")
    tap.ok(kinds["httpproxy-ecp"]["last"] < "2021-01-10", "its coverage ends with them", kinds["httpproxy-ecp"])
    tap.equal(sum(c["records"] for k, c in kinds.items() if k.startswith("httpproxy")), len(ecp) + len(rest),
              "no row is lost")
    tap.ok(run.share() < 0.15, "the share is that of the Ecp rows", run.share())
    tap.ok(any(f["kind"] == "httpproxy-ecp" and f["grade"] in ("progressed", "compromise") for f in run.of("finding")),
           "findings name the protocol of their row", [(f["kind"], f["grade"], f["title"]) for f in run.of("finding")])


def glued(tap, tocsin, work):
    """An IIS log, an HttpProxy log and an ECP log one behind the other, in one file."""
    h = host(window=("2021-02-24", "2021-03-10"))
    attack.proxylogon_chain(h, FORGED, BAD)
    base = os.path.join(work, "apart")
    h.kinds = {"iis-frontend", "httpproxy-ecp", "ecp-server"}
    h.write(base)
    want = Run(tocsin, [base])

    def logs(word):
        return [p for p in paths_of(base) if word in p]

    def tell(run):
        return ([(c["kind"], c["records"], c["unparsed"], c["first"], c["last"]) for c in run.of("coverage")],
                sorted((f["rule"], f["kind"], f["count"], f["evidence"]) for f in run.of("finding")),
                run.verdict())

    iis, proxy, ecp = logs("W3SVC1"), logs("Ecp/HttpProxy"), logs("ECPServer")
    tap.ok(iis and proxy and ecp, "three kinds of logs")
    orders = {"iis, httpproxy, ecp": iis + proxy + ecp, "ecp, iis, httpproxy": ecp + iis + proxy,
              "httpproxy, ecp, iis": proxy + ecp + iis}
    for name, parts in orders.items():
        folder = os.path.join(work, name.replace(", ", "-"), "EXA")
        path = one_file(folder, "all.log", *parts)
        run = Run(tocsin, [folder])
        tap.equal(tell(run), tell(want), "glued in the order " + name)
        with open(path, "rb") as f:
            piped = subprocess.run([tocsin, "scan", "--json", "-q", "--host", "EXA", "--dossier", HAFNIUM, "-"],
                                   stdin=f, stdout=subprocess.PIPE, timeout=300)
        kinds = {r["kind"]: r["records"] for r in map(json.loads, piped.stdout.decode().splitlines())
                 if r["type"] == "coverage"}
        tap.equal(kinds, {c["kind"]: c["records"] for c in want.of("coverage")}, "and from a pipe, " + name)
    # Beyond 96 MiB a file is cut into segments.
    read = [b"".join(open(p, "rb").read() for p in part) for part in (iis, proxy)]
    times = [80 * 1024 * 1024 // len(data) + 1 for data in read]
    folder = os.path.join(work, "large", "EXA")
    one_file(folder, "all.log", read[0] * times[0], read[1] * times[1])
    whole = Run(tocsin, [folder])
    tap.equal({c["kind"]: c["records"] for c in whole.of("coverage")},
              {c["kind"]: c["records"] * times["iis" != c["kind"]] for c in want.of("coverage") if c["kind"] != "ecp-server"},
              "a large file of two logs")
    cut = [Run(tocsin, [folder], "--no-hash", "-j", jobs) for jobs in ("1", "2")]
    tap.equal(cut[0].answer(), cut[1].answer(), "in segments, the same with two workers")
    for key in ("findings", "count", "records"):
        tap.equal(cut[0].counts()[key], whole.counts()[key], "in segments, the same " + key)


def removed(tap, tocsin, work):
    """HttpProxy rows taken out of hours that it logged, and rows that nobody took out."""
    h = host(window=("2021-01-03", "2021-03-10"))
    for i in range(5):
        forged(h, FORGED + secs(i), "/x#", "/ecp/evil%d.js" % i, log_proxy=False)
    h.write(os.path.join(work, "a"))
    run = Run(tocsin, [os.path.join(work, "a")])
    tap.equal(len(run.gaps("removed-row")), 5, "rows that HttpProxy lacks are told")
    tap.equal(run.verdict(), "not-enough-evidence", "an attempt whose HttpProxy row is missing was not covered")
    for i in range(70):
        h.request(FORGED - secs(7200 - i), "Ecp", "POST", "/ecp/d%d.js" % i, "", "", "203.0.113.9", "x", 404, None,
                  request_id=h.guid())
    h.write(os.path.join(work, "b"))
    run = Run(tocsin, [os.path.join(work, "b")])
    tap.equal(len(run.gaps("removed-row")), 5, "decoys do not crowd them out")
    h = host()
    attack.localhost_probe(h, utc("2021-02-27 23:41:09"), "203.0.113.77")
    attack.shell(h, utc("2021-03-02 04:00:00"), BAD, "/owa/auth/hT5rWq.aspx")
    h.kinds = {"iis-frontend", "iis-backend", "httpproxy-ecp", "ecp-server"}
    h.write(os.path.join(work, "d"))
    run = Run(tocsin, [os.path.join(work, "d")])
    tap.equal(run.gaps("removed-row"), [], "nothing is alleged where the protocol's log was not copied")
    h = host()
    forged(h, utc("2021-02-27 12:30:00"), "/x#", "/ecp/evil.js")
    h.gaps = {"httpproxy-*": [(utc("2021-02-27 10:00"), utc("2021-02-27 20:00"))]}
    h.write(os.path.join(work, "e"))
    run = Run(tocsin, [os.path.join(work, "e")])
    tap.ok(run.of("finding") and not run.gaps("removed-row"), "nor where it was silent", run.counts())


def misread(tap, tocsin, work):
    """Rows of which only the first columns are left say nothing of what was asked for."""
    def cut(root, share, name):
        for path in paths_of(root):
            if name not in path:
                continue
            with open(path, "rb") as f:
                lines = f.read().split(b"\r\n")
            lines = [b",".join(line.split(b",")[:9]) if i % share == 0 and not line.startswith((b"#", b"DateTime"))
                     else line for i, line in enumerate(lines)]
            with open(path, "wb") as f:
                f.write(b"\r\n".join(lines))

    nets = os.path.join(work, "nets.txt")
    with open(nets, "w") as f:
        f.write("192.0.2.0/25\n")
    for what, share, days, want in (("every row", 1, 7, "not-enough-evidence"),
                                    ("every row of one large file", 1, 1000, "not-enough-evidence"),
                                    ("every third row", 3, 7, "not-enough-evidence"),
                                    ("every sixth row of one large file", 6, 1000, "not-enough-evidence"),
                                    ("every fiftieth row of one large file", 50, 1000, "no-sign"),
                                    ("every fiftieth row", 50, 7, "no-sign")):
        h = host()
        h.exchange_chunk_days = days
        root = os.path.join(work, what)
        h.write(root)
        tap.equal(Run(tocsin, [root]).verdict(), "no-sign", "whole rows: no sign")
        cut(root, share, os.sep + "Ecp" + os.sep)
        for options in ([], ["--full"], ["--indicators", nets]): # rows of another shape are parsed for these
            run = Run(tocsin, [root], *options)
            tap.equal(run.verdict(), want, "%s cut %s" % (what, options))
            tap.equal(bool(run.gaps("not-understood")), want != "no-sign", "%s cut %s: told" % (what, options))


def estimated(tap, tocsin, work):
    """Of a large file rows are tried: neither those with something in them speak for the others, nor other days."""
    def write(name, spoilt, agent):
        path = os.path.join(work, name)
        with open(path, "w", newline="") as f:
            f.write("#Software: Microsoft Internet Information Services 10.0\r\n#Fields: date time s-ip cs-method "
                    "cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) sc-status time-taken\r\n")
            for i in range(40000):
                row = "2021-03-%02d %02d:%02d:%02d 10.9.9.9 GET /owa/ a=%d 443 - 10.0.0.%d %s" % (
                    1 + i // 20000, i // 3600 % 24, i // 60 % 60, i % 60, i, i * i % 7, agent(i))
                f.write(row + ("\r\n" if spoilt(i) else " 200 %d\r\n" % (i % 900)))
        return path

    listed = os.path.join(work, "listed.txt")
    with open(listed, "w") as f:
        f.write("quiet-monitor/1.0\n")
    path = write("days.log", lambda i: i < 20000 and i % 3 == 0, lambda i: "Mozilla")
    for more in ([], ["--full"]):
        tap.ok(Run(tocsin, [path], *more).gaps("not-understood"), "a third of one day's rows cut %s" % more)
        tap.equal(Run(tocsin, [path], "--since", "2021-03-02", *more).gaps("not-understood"), [],
                  "that is nothing to the next day %s" % more)
    path = write("drowned.log", lambda i: i % 4 == 3, lambda i: "quiet-monitor/1.0" if i % 2 == 0 else "Mozilla")
    for more in ([], ["--full"]):
        tap.ok(Run(tocsin, [path], "--indicators", listed, *more).gaps("not-understood"),
               "rows with something in them do not hide the others %s" % more)
    path = os.path.join(work, "hosts.log")
    with open(path, "w", newline="") as f:
        f.write("#Software: Microsoft Exchange Server\r\n#Log-type: HttpProxy Logs\r\n#Fields: DateTime,RequestId,"
                "Protocol,UrlStem,AuthenticatedUser,AnchorMailbox,UserAgent,ClientIpAddress,ServerHostName,HttpStatus\r\n")
        for i in range(40000):
            f.write("2021-03-%02dT%02d:%02d:%02d.000Z,%08x,Owa,/owa/,CONTOSO\\u1,,Mozilla,10.0.0.1,EX%d%s\r\n" % (
                1 + i // 4320, i // 180 % 24, i // 3 % 60, i % 3 * 20, i, 1 if i % 50 == 0 else 2,
                "" if i % 12 == 5 and i % 50 else ",200"))
    for more in ([], ["--full"]):
        tap.equal(Run(tocsin, [path], *more).gaps("not-understood"), [], "rows of one host are not another's %s" % more)


def take_out(h, kind, match):
    """Takes rows out of an HttpProxy log, as somebody with an editor would: returns how many."""
    before = len(h.rows[kind])
    h.rows[kind] = [r for r in h.rows[kind] if not match(r)]
    return before - len(h.rows[kind])


def between(first, last):
    return lambda r: utc(first) <= r[0] < utc(last)


def noted(run, kind, name="EXA"):
    return [n for c in run.of("coverage") if c["host"] == name and c["kind"] == kind for n in c["not_tested"]
            if n.startswith("rows that were removed")]


def lively(seed=1, name="EXA", minutes=3, window=("2021-02-20", "2021-03-10")):
    """A server whose monitoring asks every few minutes, as real ones do."""
    h = host(name, seed, window)
    t = utc("2021-02-27 00:00:30")
    while t < utc("2021-03-02"):
        for protocol, stem in (("Ecp", "/ecp/"), ("Owa", "/owa/")):
            h.request(t, protocol, "GET", stem, "", "", "127.0.0.1", "AMProbe/Local/ClientAccess", 200, None,
                      request_id=h.guid())
        t += secs(60 * minutes)
    return h


class Picked:
    """Scans of changed hosts, each with 1, 2 and 8 workers."""

    def __init__(self, tap, tocsin, work):
        self.tap, self.tocsin, self.work, self.n = tap, tocsin, work, 0

    def scan(self, what, *hosts, options=(), shuffled=False):
        self.n += 1
        folder = os.path.join(self.work, str(self.n))
        for h in hosts:
            h.write(folder)
        return self.again(what, folder, options, shuffled)

    def again(self, what, folder, options=(), shuffled=False):
        runs = [Run(self.tocsin, [folder], "-j", jobs, *options) for jobs in ("1", "2", "8")]
        self.tap.ok(all(r.answer() == runs[0].answer() for r in runs), what + ": the same with 1, 2 and 8 workers")
        if shuffled:
            self.tap.equal(Run(self.tocsin, paths_of(folder)[::-1], *options).answer(), runs[0].answer(),
                           what + ": in any order")
        runs[0].folder = folder
        return runs[0]

    def quiet(self, run, what, notes=0):
        self.tap.equal([g for g in run.of("gap") if g["reason"] == "removed-row" or "IIS logged" in (g["detail"] or "")],
                       [], what)
        got = [noted(run, kind, c["host"]) for c in run.of("coverage") for kind in [c["kind"]]]
        self.tap.equal(sum(len(n) for n in got), notes, what + ": %d notes" % notes)


def edit(h, kind, change):
    h.rows[kind] = [(r[0], r[1], change(r), r[3]) for r in h.rows[kind]]


def picked(tap, tocsin, work):
    """Rows that no rule meets, taken out of HttpProxy's logs."""
    p = Picked(tap, tocsin, work)
    run = p.scan("nothing taken out", lively())
    p.quiet(run, "nothing is told where nothing is missing")
    verdict = run.verdict()

    h = lively()
    tap.equal(take_out(h, "httpproxy-owa", between("2021-02-28 12:33:00", "2021-02-28 12:34:00")), 1, "one row")
    run = p.scan("one row", h, shuffled=True)
    gaps = run.gaps("removed-row")
    tap.ok(len(gaps) == 1 and gaps[0]["host"] == "EXA" and "1 request below /owa/ at 2021-02-28 12:33:30" in
           gaps[0]["detail"], "one ordinary row is told", gaps)
    with open(gaps[0]["file"], "rb") as f:
        f.seek(gaps[0]["offset"])
        row = f.readline().decode()
    tap.ok(gaps[0]["detail"].split("ids: ")[1] in row and " 12:33:30 " in row and "/owa/" in row, "at its place", row, gaps)
    tap.equal(run.verdict(), verdict, "the verdict does not rest on it")
    for option in ("--no-hash", "--full"):
        tap.equal([g["detail"] for g in Run(tocsin, [run.folder], option).gaps("removed-row")], [gaps[0]["detail"]],
                  "the same with " + option)

    h = lively()
    h.encoding = "utf-16"
    take_out(h, "httpproxy-owa", between("2021-02-28 12:33:00", "2021-02-28 12:34:00"))
    gap = p.scan("UTF-16", h).gaps("removed-row")[0]
    with open(gap["file"], "rb") as f:
        f.seek(gap["offset"])
        tap.equal(f.read(38).decode("utf-16-le"), "2021-02-28 12:33:30", "its place in UTF-16")

    h = lively()
    n = take_out(h, "httpproxy-ecp", lambda r: between("2021-02-28 10:00", "2021-02-28 16:00")(r) and
                 r[0].minute % 12 == 0 and r[0].second == 30)
    gaps = p.scan("many rows", h, shuffled=True).gaps("removed-row")
    tap.ok(n == 30 and len(gaps) == 1 and "30 requests below /ecp/ from 2021-02-28 10:00:30 to 2021-02-28 15:48:30" in
           gaps[0]["detail"], "many rows make one gap", n, gaps)
    tap.equal(len(gaps[0]["detail"].split("ids: ")[1].split(", ")), 3, "with three ids")


def swap(path, at):
    """From the row at that time on, the server logs query and path in the other order."""
    with open(path, encoding="utf-8", newline="") as f:
        lines = f.readlines()
    fields = [line for line in lines if line.startswith("#Fields:")][0]
    i = fields.split()[1:].index("cs-uri-stem")
    first = [n for n, line in enumerate(lines) if line.startswith(at)][0]

    def other(line, k):
        words = line.split(" ")
        words[k], words[k + 1] = words[k + 1], words[k]
        return " ".join(words)

    with open(path, "w", encoding="utf-8", newline="") as f:
        f.writelines(lines[:first] + [other(fields, i + 1)] + [other(line, i) for line in lines[first:]])


def other_columns(tap, tocsin, work):
    """A row is read with the columns that were in force where it stands, within a block as well."""
    p = Picked(tap, tocsin, work)
    h = lively()
    take_out(h, "httpproxy-owa", lambda r: between("2021-02-28 10:00", "2021-02-28 16:00")(r) and
             r[0].minute == 30 and r[0].second == 30)
    want = p.scan("before", h).gaps("removed-row")
    swap(want[0]["file"], "2021-02-28 12:")
    got = p.again("columns swapped", os.path.join(work, "1")).gaps("removed-row")
    tap.ok(len(got) == 1 and got[0]["detail"] == want[0]["detail"], "other columns in mid-file change nothing", got, want)


def silence(tap, tocsin, work):
    """Hours and parts of hours that HttpProxy lacks as a whole: nobody picked rows."""
    p = Picked(tap, tocsin, work)
    for first, last in (("2021-02-28 10:00", "2021-02-28 11:00"), ("2021-02-28 10:20", "2021-02-28 13:40")):
        h = lively()
        take_out(h, "httpproxy-ecp", between(first, last))
        run = p.scan("silent from " + first, h)
        p.quiet(run, "no row was picked where the log is silent, from " + first)
        tap.ok([g for g in run.gaps("silent") if "httpproxy-ecp" in g["detail"]], "it is a gap", run.of("gap"))
    h = lively()
    n = take_out(h, "httpproxy-ecp", between("2021-02-28 10:20", "2021-02-28 10:50"))
    run = p.scan("a part of an hour", h)
    tap.equal(run.gaps("removed-row"), [], "nothing was picked where a part of a file is missing")
    tap.ok(len([g for g in run.gaps("silent") if "%d requests below /ecp/" % n in g["detail"]]) == 1,
           "it is told as such", n, run.of("gap"))


def unpicked(tap, tocsin, work):
    """Rows that HttpProxy lacks, and nobody took them out."""
    p = Picked(tap, tocsin, work)
    h, other = lively(), lively(2, "EXB")
    other.rows = {k: v for k, v in other.rows.items() if k == "iis-frontend"}
    p.quiet(p.scan("IIS of another host", h, other), "a host's HttpProxy log answers for no other host")
    run = p.again("as one host", os.path.join(work, str(p.n)), ("--host", "ONE"))
    p.quiet(run, "nor where both are called one", 2)

    h, other = lively(), lively(2, "EXB")
    h.rows = {k: v for k, v in h.rows.items() if k == "iis-frontend"}
    other.rows = {k: v for k, v in other.rows.items() if k.startswith("httpproxy")}
    p.quiet(p.scan("HttpProxy of another host", h, other), "without an HttpProxy log nothing is told")

    h = lively()
    for kind in ("httpproxy-ecp", "httpproxy-owa"):
        edit(h, kind, lambda r: ",".join(r[2].split(",")[:1] + [h.guid()] + r[2].split(",")[2:]))
    p.quiet(p.scan("ids that never join", h), "ids that do not correspond tell nothing", 2)

    h = lively()
    for i in range(200):
        h.request(utc("2021-02-28 00:00:10") + secs(300 * i), "Owa", "GET", "/owa/healthcheck.htm", "", "", "10.0.0.9",
                  "Balancer", 200, None, request_id=h.guid(), log_proxy=False)
        h.request(utc("2021-02-28 00:00:11") + secs(300 * i), "Owa", "GET", "/owa/", "", "", "10.0.0.9", "x", 403, None,
                  request_id=h.guid(), log_proxy=False)
    run = p.scan("kinds of rows that HttpProxy never has", h)
    p.quiet(run, "what is never logged was not removed", 1)
    tap.ok("400 requests" in noted(run, "httpproxy-owa")[0], "but counted", noted(run, "httpproxy-owa"))

    h = lively()
    for i, t in enumerate(("11:59:59", "12:00:00", "12:59:59", "13:00:00")):
        rid = h.request(utc("2021-02-28 " + t), "Owa", "GET", "/owa/", "", "", "10.0.0.9", "x", 200, None,
                        request_id=h.guid())
        edit(h, "httpproxy-owa", lambda r: r[2].replace("2021-02-28T" + t, "2021-02-28T" + (
            "12:00:01", "11:59:58", "13:00:02", "12:59:57")[i]) if rid in r[2] else r[2])
    p.quiet(p.scan("edges of hours", h), "a row of the next hour is the same request's")

    h = lively()
    for i in range(20):
        h.request(utc("2021-02-28 10:00:10") + secs(60 * i), "Owa", "GET", "/owa/", "cafeReqId=%s;" % h.guid(), "",
                  "203.0.113.7", "x", 200, None, request_id=h.guid())
    p.quiet(p.scan("ids that a client sends", h), "what a client writes into its query is no id")

    h = lively()
    n = take_out(h, "httpproxy-ecp", lambda r: between("2021-02-27 02:00", "2021-03-01 22:00")(r) and
                 r[0].hour % 2 and r[0].minute == 30)
    gaps = p.scan("a loss that goes on", h).gaps("removed-row")
    tap.ok(n > 30 and len(gaps) == 1 and "%d requests" % n in gaps[0]["detail"] and "how this server logs" in
           gaps[0]["detail"], "a loss that goes on and on is one gap, and doubted", n, gaps)

    h = lively()
    take_out(h, "httpproxy-ecp", between("2021-02-28 12:33:00", "2021-02-28 12:34:00"))
    h.write(os.path.join(work, "cut"))
    path = [f for f in paths_of(os.path.join(work, "cut")) if "HttpProxy/Ecp" in f][0]
    with open(path, "rb") as f:
        data = gzip.compress(f.read())
    with open(path + ".gz", "wb") as f:
        f.write(data[:len(data) * 3 // 4])
    os.remove(path)
    p.quiet(p.again("a damaged log", os.path.join(work, "cut")), "nothing is told where an HttpProxy log is damaged", 1)


def headers(tap, tocsin, work):
    """Bare header rows in mid-file turn the columns round: wherever a block ends, rows go by the one before them."""
    first = ("DateTime,RequestId,UrlStem,AnchorMailbox,UserAgent,ClientIpAddress,HttpStatus,Method,TargetServer,"
             "RoutingHint,BackEndCookie,UrlQuery").split(",")
    orders = [first, first[:2] + ["UserAgent", "UrlStem", "AnchorMailbox", "HttpStatus", "Method", "ClientIpAddress"] +
              first[8:]]
    row = dict.fromkeys(first, "") | {"HttpStatus": "200", "TargetServer": "ex01", "UserAgent": "curl/7"}
    lines, attacks = [], 0
    for i in range(60000):
        if i % 9 == 0:
            lines.append(",".join(orders[i // 9 % 2]))
        attack = i % 4 == 1
        attacks += attack
        row |= {"DateTime": "2021-03-01T%02d:%02d:%02d.000Z" % (i // 3600, i // 60 % 60, i % 60), "RequestId": str(i),
                "UrlStem": "/ecp/y%d.js" % i if attack else "/owa/", "Method": "POST" if attack else "GET",
                "AnchorMailbox": "ServerInfo~a]@ex01:444/autodiscover/autodiscover.xml?#" if attack else "u@a.example",
                "ClientIpAddress": "198.51.%d.%d" % (i // 250, i % 250 + 1)}
        lines.append(",".join(row[c] for c in orders[i // 9 % 2]))
    folder = os.path.join(work, "EX01", "HttpProxy", "Ecp")
    os.makedirs(folder)
    with open(os.path.join(folder, "HttpProxy_2021030100-1.LOG"), "w", newline="\r\n") as f:
        f.write("\n".join(lines) + "\n")
    for options in ([], ["--full"]):
        run = Run(tocsin, [os.path.join(work, "EX01")], "--rules", rule(work), *options)
        tap.equal(sum(f["count"] for f in run.of("finding") if f["rule"] == FORGED_RULE), attacks, "rows behind headers in mid-file %s" % options)


FORGED_RULE = "3d0a1c55-5a6e-4b13-9d55-0d3f0f4c2f11"


def rule(work):
    path = os.path.join(work, "forged.yml")
    with open(path, "w") as f:
        f.write("title: forged request\nid: " + FORGED_RULE + "\nlogsource:\n  category: webserver\n"
                "detection:\n  s:\n    cs-uri-stem|startswith: /ecp/y\n    cs-method: POST\n  condition: s\n")
    return path


CASES = {"headers": headers,
         "misread": misread, "estimated": estimated,
         "picked": picked, "other_columns": other_columns, "silence": silence, "unpicked": unpicked, "removed": removed, "copies": copies, "two_hosts": two_hosts, "two_protocols": two_protocols, "glued": glued}


def main():
    tap = Tap()
    for name in sys.argv[2:] or CASES:
        work = tempfile.mkdtemp()
        try:
            CASES[name](tap, sys.argv[1], work)
        finally:
            shutil.rmtree(work)
    sys.exit(tap.done())


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Evidence that is not what its files pretend: supplied twice, mixed in one file, with rows taken out. Prints TAP.

    python3 tests/golden/mixed.py TOCSIN [CASE...]    # copies, mixed, removed
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


CASES = {"copies": copies}


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

"""Look-alikes of web shells and harmless neighbours through the recogniser, in memory: what must be
found is found, what must stay quiet does, and reasons point into the text. usage: shells.py TOCSIN JUDGE"""
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "gen"))
import shells  # noqa: E402

LEAST_HELD_OUT = 0.95


def judged(items):
    items = list(items)
    data = b"".join(shells.frames(items))
    out = subprocess.run([sys.argv[2]], input=data, stdout=subprocess.PIPE, check=True).stdout.decode("latin-1")
    rows = [line.split("\t") for line in out.splitlines()]
    assert len(rows) == len(items), (len(rows), len(items))
    return [(row, shells.clean(text)) for row, (_, text) in zip(rows, items)]


def high(row):
    return row[0] in ("likely", "certain")


def places(rows):
    for row, text in rows:
        for reason in filter(None, row[3].split(",")):
            at, length = map(int, reason.rsplit("@", 1)[1].split("+"))
            if at + length > len(text):
                yield f"{row[5]} {reason}"


def told(row, text):
    at, length = map(int, row[3].split(",")[0].rsplit("@", 1)[1].split("+"))
    return text[at:at + length]


def main():
    alike, held, quiet = (judged(x) for x in (shells.look_alikes(), shells.HELD_OUT, shells.HARMLESS))
    by_name = {row[5]: (row, text) for row, text in alike}
    missed = [row[5] for row, _ in alike if not high(row)]
    found = sum(high(row) for row, _ in held)
    loud = [f"{row[5]} {row[3]}" for row, _ in quiet if high(row)]
    checks = [
        ("there are many look-alikes", len(alike) >= 150, len(alike)),
        ("every look-alike is found", not missed, missed),
        (f"{found} of {len(held)} that were held out are found", found >= LEAST_HELD_OUT * len(held),
         [row[5] for row, _ in held if not high(row)]),
        ("harmless neighbours stay quiet", not loud, loud),
        ("reasons point into the text", not list(places(alike + held + quiet)), list(places(alike + held + quiet))),
        ("an export with script is certain", by_name["oab.aspx"][0][0] == "certain", by_name["oab.aspx"][0]),
        ("and points at its URL", told(*by_name["oab.aspx"]).startswith(b"http://f/<script"), told(*by_name["oab.aspx"])),
        ("so it does in UTF-16", told(*by_name["oab16.aspx"]).decode("utf-16-le").startswith("http://f/<script"),
         told(*by_name["oab16.aspx"])),
        ("an export without script is weak", quiet[10][0][0] == "weak", quiet[10][0]),
        ("languages are told", {row[4] for row, _ in alike} >= {"php", "asp", "aspx", "jsp", "config"}, ""),
    ]
    print(f"1..{len(checks)}")
    for i, (what, is_so, why) in enumerate(checks, 1):
        print(f"{'' if is_so else 'not '}ok {i} - {what}")
        if not is_so:
            print(f"# {why}")
    return not all(c[1] for c in checks)


sys.exit(main())

#!/usr/bin/env python3
"""Long lists of addresses are looked up without parsing rows: the answer is the same as if each was parsed. Prints TAP.

    python3 tests/golden/clients.py TOCSIN [FIRST_SEED [SEEDS]]
"""
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile

from truth import Tap

ROWS = 9000  # several blocks of 128 KiB
IIS = "date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken"
IIS_FORWARDED = IIS + " X-Forwarded-For"
IIS_OTHER = "date time c-ip cs-username s-ip s-port cs-method cs-uri-stem cs-uri-query sc-status cs(User-Agent) X-Forwarded-For"
# No literal can stand for it: every row is parsed.
ALWAYS = """title: Status that does not exist
id: 0f5b6f0e-58a3-4c9e-9d3e-0f0d5c6f7a11
logsource:
  category: webserver
detection:
  s:
    sc-status|gte: 1000
  condition: s
level: low
"""
PROXY = "DateTime,RequestId,Protocol,UrlStem,AuthenticatedUser,AnchorMailbox,UserAgent,ClientIpAddress,ServerHostName,HttpStatus"


def listed(r):
    return r.choice(["198.18.%d.%d" % (r.randrange(8), r.randrange(256)), "203.0.113.%d" % r.randrange(256),
                     "2001:db8:77::%x" % r.randrange(9), "2001:DB8:77:0:0:0:0:5", "::ffff:198.18.1.1"])


def address(r):
    """Listed ones, strangers, and what looks like either."""
    if r.random() < 0.02:
        return r.choice([listed(r), listed(r) + ":51234", "[%s]:443" % listed(r), listed(r) + "%4"])
    return r.choice(["10.0.%d.%d" % (r.randrange(4), r.randrange(256)), "127.0.0.1", "fe80::1%12",
                     "192.0.2.%d" % r.randrange(256), "-", "198.18.1", "1198.18.1.1"])


def chain(r):
    return r.choice(["-", address(r), "%s,+%s" % (address(r), address(r)), "unknown,+" + address(r)])


def spoil(r, line, cut):
    """What crashes, other systems and hands do to a row."""
    at = r.randrange(len(line))
    words = line.split(cut)
    k = r.randrange(len(words))
    return r.choice([
        lambda: line.replace(cut, cut * 2, r.randrange(1, 9)), lambda: line.replace(cut, "\t", 3),
        lambda: cut + line, lambda: line + cut, lambda: "\0\0" + line, lambda: line + "\0\0\0",
        lambda: line + " \0", lambda: line[:at] + "\0" + line[at:], lambda: line[:at] + "\r" + line[at:],
        lambda: line[:at], lambda: cut.join(words[:k] + words[k + 1:]), lambda: cut.join(words[:k] + ["x"] + words[k:]),
        lambda: cut.join(words[:k] + ['"a%sb"' % cut] + words[k + 1:]), lambda: line[:at] + '"' + line[at:],
        lambda: "#" + line, lambda: "", lambda: "\0" * 300, lambda: line + "\r", lambda: line[:at] + "\x0b" + line[at:]])()


def iis_row(r, fields, second):
    value = {"date": "2021-03-%02d" % (1 + second // 86400), "s-ip": "10.9.9.9", "cs-method": r.choice(["GET", "POST"]),
             "time": "%02d:%02d:%02d" % (second // 3600 % 24, second // 60 % 60, second % 60), "s-port": "443",
             "cs-uri-stem": r.choice(["/owa/", "/ecp/default.aspx", "/mapi/emsmdb/"]), "c-ip": address(r),
             "cs-uri-query": r.choice(["-", "a=%d" % r.randrange(9999)]), "X-Forwarded-For": chain(r),
             "cs-username": r.choice(["-", "CONTOSO\\u%d" % r.randrange(99), address(r)]), "sc-status": "200"}
    return " ".join(value.get(f, "-") for f in fields.split())


def iis(r):
    fields = r.choice([IIS, IIS_FORWARDED, IIS_OTHER])
    lines = ["#Software: Microsoft Internet Information Services 10.0", "#Version: 1.0", "#Fields: " + fields]
    for i in range(ROWS):
        if r.random() < 0.0003:
            fields = r.choice([IIS, IIS_FORWARDED, IIS_OTHER])
            lines += ["#Fields: " + fields]
        row = iis_row(r, fields, 20 * i)
        lines.append(spoil(r, row, " ") if r.random() < 0.02 else row)
    return lines


def proxy(r):
    lines = ["#Software: Microsoft Exchange Server", "#Log-type: HttpProxy Logs", "#Fields: " + PROXY]
    for i in range(ROWS):
        agent = r.choice(["Mozilla/5.0", "", '"a,b"', '"say ""hi"", 203.0.113.7"', "203.0.113.9"])
        row = ",".join(["2021-03-%02dT%02d:%02d:%02d.000Z" % (1 + i // 4320, i // 180 % 24, i // 3 % 60, i % 3 * 20),
                        "%08x" % r.getrandbits(32), r.choice(["Owa", "Ecp"]), "/owa/", "CONTOSO\\u1", "", agent,
                        address(r), "EX1", "200"])
        lines.append(spoil(r, row, ",") if r.random() < 0.02 else row)
    return lines


def autodiscover(r):
    """The client's column is the first one."""
    lines = ["#Software: Microsoft Exchange Server", "#Log-type: Autodiscover Logs",
             "#Fields: ClientIpAddress,DateTime,ServerHostName,UserAgent"]
    for i in range(ROWS):
        row = "%s,2021-03-%02dT%02d:%02d:%02d.000Z,EX1,%s" % (address(r), 1 + i // 4320, i // 180 % 24, i // 3 % 60,
                                                           i % 3 * 20, r.choice(["Mozilla/5.0 (Windows NT 10.0; Win64; x64)", ""]))
        lines.append(r.choice(["\0" + row, row + "\0", spoil(r, row, ",")]) if r.random() < 0.1 else row)
    return lines


OTHERS = {  # what its header calls it: columns, the cut between them
    "Microsoft HTTP API 2.0": ("date time c-ip c-port s-ip s-port cs-version cs-method cs-uri streamid sc-status "
                               "s-siteid s-reason s-queuename", " "),
    "Microsoft Internet Information Services 8.5": ("c-ip date time cs-method cs-uri-stem s-port sc-status", " "),
    "Microsoft Internet Information Services 7.5": ("date time cs-method cs-uri-stem s-port sc-status OriginalIP c-ip", " "),
    "SMTP Receive Protocol Log": ("date-time,connector-id,session-id,sequence-number,local-endpoint,remote-endpoint,"
                                  "event,data,context", ","),
    "EWS Logs": ("DateTime,EventData,ClientIpAddress,SoapAction,AuthenticatedUser", ","),
    "Rps Http Logs": ("DateTime,ServerHostName,UrlQuery,UserAgent,ClientIpAddress", ","),
    "Message Tracking Log": ("date-time,client-ip,client-hostname,server-ip,server-hostname,original-client-ip,"
                             "message-id,event-id,sender-address,recipient-address", ","),
    "Agent Log": ("Timestamp,SessionId,LocalEndpoint,RemoteEndpoint,P1FromAddress,Agent,Recipient", ","),
}


def value(r, column, i):
    """Of row i."""
    day, clock = "2021-03-%02d" % (1 + i // 2000), "%02d:%02d:%02d" % (i // 60 % 24, i % 60, i % 7)
    name = column.lower()
    if "endpoint" in name:
        return address(r) + r.choice(["", ":%d" % r.randrange(65536)])
    return {"date": day, "time": clock, "date-time": day + "T" + clock + "Z", "datetime": day + "T" + clock + "Z",
            "timestamp": day + "T" + clock + "Z", "c-ip": address(r), "clientipaddress": address(r),
            "client-ip": address(r), "original-client-ip": address(r), "originalip": address(r), "s-port": "443",
            "sc-status": "200", "cs-method": "GET", "server-hostname": "EX1", "serverhostname": "EX1",
            "eventdata": r.choice(["S:CMD=x;S:URL=/y", "'S:CMD=a''b'"])}.get(
                name, r.choice(["a", "b%d" % r.randrange(50), address(r), "-"]))


def mangle(r, line, cut):
    """As spoil, and worse."""
    at, words = r.randrange(len(line) + 1), line.split(cut)
    return r.choice([
        lambda: spoil(r, line, cut), lambda: "\0" + line, lambda: "\r" + line, lambda: line + "\r\0", lambda: line + "\0\r",
        lambda: line + cut + "\0", lambda: line[:at] + "\r\n" + line[at:], lambda: line + "\n\n", lambda: "\0#" + line,
        lambda: line[:at] + "y" * r.choice([500, 65000, 65536, 140000] if r.random() < 0.1 else [9]) + line[at:],
        lambda: cut.join('"%s"' % w for w in words), lambda: line + '"', lambda: line.replace(cut, cut + "\0", 2),
        lambda: cut.join(w + "\0" if r.random() < 0.3 else w for w in words),
        lambda: cut.join("\0" + w if r.random() < 0.3 else w for w in words)])()


def other(r):
    """Two logs in one file, of any kinds; their columns change."""
    lines = []
    for name in r.sample(sorted(OTHERS), 2):
        columns, cut = OTHERS[name]
        columns = columns.split(cut)
        software = name if cut == " " else "Microsoft Exchange Server"
        lines += ["#Software: " + software] + (["#Log-type: " + name] if cut == "," else []) + ["#Fields: " + cut.join(columns)]
        bad = r.choice([0.001, 0.02, 0.2])
        for i in range(ROWS):
            if r.random() < 0.0003:
                r.shuffle(columns)
                lines.append("#Fields: " + cut.join(columns))
            row = cut.join(value(r, c, i) for c in columns)
            lines.append(mangle(r, row, cut) if r.random() < bad else row)
    return lines


def findings(tocsin, lists, path, *more):
    done = subprocess.run([tocsin, "scan", "--json", "-q", "--no-hash", "--no-dossiers", "--indicators", lists, *more, path],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300)
    rows = [json.loads(line) for line in done.stdout.decode().splitlines()]
    return sorted(json.dumps(row, sort_keys=True) for row in rows if row["type"] == "finding")


def main():
    tocsin, tap = sys.argv[1], Tap()
    first, seeds = (int(a) for a in (sys.argv[2:] + ["1", "6"][len(sys.argv) - 2:])[:2])
    work = tempfile.mkdtemp(prefix="tocsin-clients-")
    lists = os.path.join(work, "addresses.txt")
    with open(lists, "w") as f:
        f.write("203.0.113.0/24\n2001:db8:77::/64\n")
        f.writelines("198.18.%d.%d\n" % (i >> 8, i & 255) for i in range(2048))
    rule = os.path.join(work, "always.yml")
    with open(rule, "w") as f:
        f.write(ALWAYS)
    for seed in range(first, first + seeds):
        for name, make in (("iis", iis), ("httpproxy", proxy), ("autodiscover", autodiscover), ("other", other)):
            r = random.Random(seed)
            path = os.path.join(work, "%s.log" % name)
            with open(path, "w", newline="", encoding="utf-16" if name == "other" and seed % 3 == 0 else "utf-8") as f:
                end = r.choice(["\n", "\r\n"])
                f.write(end.join(make(r)) + r.choice([end, ""]))
            want = findings(tocsin, lists, path, "--rules", rule)
            rows = sum(json.loads(row)["count"] for row in want)
            tap.ok(rows > 40, "%s, seed %d: listed clients are found" % (name, seed), rows)
            for more in ([], ["--full"]):
                got = findings(tocsin, lists, path, *more)
                tap.ok(got == want, "%s, seed %d: the same ones without parsing every row %s" % (name, seed, more),
                       *sorted(set(got) ^ set(want))[:4])
    shutil.rmtree(work)
    tap.done()
    return tap.failed != 0


sys.exit(main())

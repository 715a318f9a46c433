#!/usr/bin/env python3
"""Oddities of real IIS and Exchange logs, each with an attack row behind it: the row must be found, with its time and
line, and nothing but the oddity may go uncounted. Short files are parsed row by row, long ones swept. Prints TAP.

    python3 tests/golden/traps.py TOCSIN
"""
import json
import os
import subprocess
import sys
import tempfile

from truth import Tap

SHORT, LONG = 3, 3000
GUID = "80696448-c2e2-4137-a337-4742f987020b"

IIS = ("date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status "
       "sc-substatus sc-win32-status time-taken")
IIS_HEAD = "#Software: Microsoft Internet Information Services 10.0\n#Version: 1.0\n#Date: 2021-03-03 00:00:00\n"
SHELL = ("2021-03-03 02:00:00 10.0.0.5 POST /aspnet_client/system_web/zz1.aspx &CorrelationID=<empty>;&cafeReqId=%s;"
         "&encoding=; 443 - 203.0.113.9 python-requests/2.25 - 200 0 0 31\n" % GUID)

PROXY = ("DateTime RequestId MajorVersion MinorVersion BuildVersion RevisionVersion Protocol UrlHost UrlStem "
         "AuthenticatedUser AnchorMailbox UserAgent ClientIpAddress ServerHostName HttpStatus BackEndStatus Method "
         "TargetServer TargetServerVersion RoutingHint BackEndCookie UrlQuery GenericInfo GenericErrors").split()
PROXY_HEAD = ("#Software: Microsoft Exchange Server\n#Version: 15.01.2375.007\n#Log-type: HttpProxy Logs\n"
              "#Date: 2021-03-03T00:00:00.000Z\n")
PROXY_2013 = [c for c in PROXY if c not in ("UrlHost", "RoutingHint")]
ANCHOR = "ServerInfo~a]@exa.contoso.example:444/ecp/proxyLogon.ecp?#"


def iis(n, hour):
    return "".join("2021-03-03 %02d:%02d:%02d 10.0.0.5 GET /owa/auth/logon.aspx - 443 - 192.0.2.%d Mozilla/5.0+(X) - "
                   "200 0 0 31\n" % (hour, i // 60 % 60, i % 60, i % 250) for i in range(n))


def proxy(columns=PROXY, quoted=False, **more):
    row = {"DateTime": "2021-03-03T02:00:00.000Z", "RequestId": GUID, "MajorVersion": "15", "MinorVersion": "1",
           "BuildVersion": "2176", "RevisionVersion": "2", "Protocol": "Ecp", "UrlHost": "mail.contoso.example",
           "UrlStem": "/ecp/y.js", "UserAgent": "Mozilla/5.0 (KHTML  like Gecko)", "ClientIpAddress": "203.0.113.9",
           "ServerHostName": "EXA", "HttpStatus": "200", "BackEndStatus": "200", "Method": "GET",
           "TargetServerVersion": "15.01.2176.000"}
    row.update(more)
    cells = [row.get(c, "") for c in columns]
    return ",".join('"%s"' % c.replace('"', '""') if quoted else c for c in cells) + "\n"


def proxies(n, hour, **more):
    return "".join(proxy(DateTime="2021-03-03T%02d:%02d:%02d.000Z" % (hour, i // 60 % 60, i % 60),
                         UrlStem="/ecp/default.aspx", **more) for i in range(n))


def iis_cases(n):
    """name -> text, rows not understood; the time of the attack row is 02:00:00."""
    head, a, b = IIS_HEAD + "#Fields: " + IIS + "\n", iis(n, 1), iis(n, 3)
    few = "#Fields: date time c-ip cs-method cs-uri-stem sc-status cs(User-Agent) cs-uri-query\n"
    few_shell = "2021-03-03 02:00:00 203.0.113.9 POST /aspnet_client/system_web/zz1.aspx 200 python-requests/2.25 -\n"
    timed = "#Fields: time c-ip cs-method cs-uri-stem sc-status cs(User-Agent) cs-uri-query\n"
    timed_rows = "".join("%02d:%02d:00 192.0.2.7 GET /owa/ 200 Moz -\n" % (3 + i // 60 % 20, i % 60) for i in range(n))
    return {
        "plain": (head + a + SHELL + b, 0),
        "a mark of UTF-8": ("\ufeff" + head + a + SHELL + b, 0),
        "directives in another order, others, blank lines": (
            "#Fields: " + IIS + "\n#Remark: x\n\n" + IIS_HEAD + a + "\n\n" + SHELL + b, 0),
        "columns that change in mid-file": (head + a + few + few_shell, 0),
        "columns that change there and back": (head + a + few + few_shell.replace("zz1", "zz0") + head + SHELL + b, 0),
        "no date, taken from #Date": (IIS_HEAD + timed + timed_rows + few_shell[11:] + timed_rows, 0),
        "no date, taken from the file's name": (timed + timed_rows + few_shell[11:] + timed_rows, 0),
        "NUL bytes at the end": (head + a + SHELL + "\0" * 5000, 1),
        "NUL bytes in the middle": (head + a + "\0" * 5000 + SHELL + b, 0),
        "two blanks before the user": (head + a + SHELL.replace(" 443 - ", " 444  CONTOSO\\user ") + b, 0),
        "a blank in the user": (head + a + SHELL.replace(" 443 - ", " 443 CONTOSO\\us er ") + b, 0),
        "a cut last row": (head + a + SHELL + SHELL[:60], 1),
        "a last row without a line end": (head + a + SHELL[:-1], 0),
        "an address with a zone": (head + a + SHELL.replace("203.0.113.9", "fe80::1%12") + b, 0),
        "a status beyond 64 bits": (head + a + SHELL.replace(" 200 0 0 31", " 200 0 184467440737095516160 31") + b, 0),
        "odd methods and users": (
            head + a + "2021-03-03 01:59:00 10.0.0.5 RPC_IN_DATA /rpc/rpcproxy.dll exa:6001 443 contoso/u@x 192.0.2.3 "
            "MSRPC - 200 0 0 1\n2021-03-03 01:59:01 10.0.0.5 PROPFIND /odata/$metadata - 443 - 192.0.2.3 x - 207 0 0 1\n"
            + SHELL + b, 0),
        "letters that are no UTF-8": (head + a + SHELL.replace("python-requests", "\udcf6\udcff") + b, 0),
        "an address behind a balancer": (
            (head + a + SHELL + b).replace("time-taken", "time-taken X-Forwarded-For").replace(
                " 31\n", " 31 198.51.100.77,+10.0.0.1\n"), 0),
        "a path in capitals, encoded twice": (head + a + SHELL.replace("/aspnet_client", "/ASPNET%255fclient") + b, 0),
    }


def proxy_cases(n):
    fields = "#Fields: " + ",".join(PROXY) + "\n"
    bare, head, a, b = ",".join(PROXY) + "\n", PROXY_HEAD + fields, proxies(n, 1), proxies(n, 3)
    names = ",".join('"%s"' % c for c in PROXY) + "\n"
    row = proxy(Method="POST", HttpStatus="241", AnchorMailbox=ANCHOR)
    return {
        "the bare row first": (bare + head + a + row + b, 0),
        "the bare row behind the directives": (head + bare + a + row + b, 0),
        "no bare row": (head + a + row + b, 0),
        "nothing but the bare row": (bare + a + row + b, 0),
        "the header once more in mid-file": (head + a + PROXY_HEAD + fields + row + b, 0),
        "a script's output": (
            "#TYPE Selected.System.Management.Automation.PSCustomObject\n" + names + proxies(n, 1, quoted=True) +
            proxy(quoted=True, Method="POST", HttpStatus="241", AnchorMailbox=ANCHOR), 0),
        "quoted and doubly quoted cells": (
            head + a + proxy(Method="POST", HttpStatus="241", AnchorMailbox='"%s"' % ANCHOR,
                             UserAgent='"a, ""b"", c"') + b, 0),
        "names in other letters": (
            (head + a + row + b).replace("BackEndStatus", "BackendStatus").replace("BackEndCookie", "BackendCookie")
            .replace("ClientIpAddress", "ClientIPAddress").replace("AnchorMailbox", "anchormailbox"), 0),
        "columns that an older version lacks": (
            PROXY_HEAD + "#Fields: " + ",".join(PROXY_2013) + "\n" + proxies(n, 1, columns=PROXY_2013) +
            proxy(PROXY_2013, Method="POST", HttpStatus="241", AnchorMailbox=ANCHOR), 0),
        "a row without time": (head + a + row + proxy(DateTime="", UrlStem="/ecp/z") + b, 1),
        "a cut last row": (head + a + row + row[:100], 1),
        "NUL bytes at the end": (head + a + row + "\0" * 5000, 1),
        "a mark of UTF-8": ("\ufeff" + head + a + row + b, 0),
    }


def scan(tocsin, folder, *options):
    done = subprocess.run([tocsin, "scan", "--json", "-q", "-j1", "--dossier", "hafnium-exchange-2021"] +
                          list(options) + [folder], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)
    return [json.loads(line) for line in done.stdout.decode().splitlines()]


def seen(rows, line):
    """(found with its time at its line, rows in all, rows not understood)"""
    found = any(r["type"] == "finding" and r["line"] == line and (r["time"] or "").startswith("2021-03-03T02:00:00")
                and r["grade"] in ("progressed", "compromise") for r in rows)
    cover = [r for r in rows if r["type"] == "coverage"]
    return found, sum(r["records"] for r in cover), sum(r["unparsed"] for r in cover)


def encodings(text, n):
    yield "", text.replace("\n", "\r\n").encode("utf-8", "surrogateescape")
    if n == SHORT and "\udcf6" not in text:
        yield ", UTF-16", ("\ufeff" + text.lstrip("\ufeff")).replace("\n", "\r\n").encode("utf-16-le")


def main():
    tap, tocsin = Tap(), sys.argv[1]
    for what, cases, name, needle in (("IIS", iis_cases, "u_ex210303.log", "/zz1.aspx"),
                                      ("HttpProxy", proxy_cases, "HttpProxy_2021030300-1.LOG", ",241,")):
        for n in (SHORT, LONG):
            for trap, (text, bad) in cases(n).items():
                lines = text.split("\n")
                line = [i + 1 for i, row in enumerate(lines)
                        if (needle in row or needle.replace(",", '"') in row) and "2:00:00" in row][0]
                for how, data in encodings(text, n):
                    with tempfile.TemporaryDirectory() as work:
                        os.makedirs(os.path.join(work, "EXA"))
                        with open(os.path.join(work, "EXA", name), "wb") as f:
                            f.write(data)
                        swept, full = scan(tocsin, work), scan(tocsin, work, "--full")
                    title = "%s, %d rows%s: %s" % (what, n, how, trap)
                    want = (True, seen(full, line)[1], bad)
                    tap.equal(seen(full, line), want, title + ", every row parsed")
                    tap.equal(seen(swept, line)[:2], want[:2], title + ", swept")
    sys.exit(tap.done())


if __name__ == "__main__":
    main()

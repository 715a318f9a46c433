#!/bin/sh
# Single traces: what each row of traces.tsv is worth by itself. The table says what a row means and
# how to add one; here the rows become log files of their true format, one scan reads all of them,
# and every row is looked up by file and line. Each row has a host of its own, so that no row lends
# another its weight.
tocsin=$1
. "$(dirname "$0")/../tap.sh"
python3 - "$tocsin" "$(dirname "$0")" "$tap_work" <<'PYTHON'
import collections, json, os, subprocess, sys

tocsin, here, work = os.path.abspath(sys.argv[1]), *sys.argv[2:]
sys.path.insert(0, os.path.join(here, "..", "gen"))
import formats as f  # noqa: E402

GRADES = ["none", "weak", "probe", "attempt", "progressed", "compromise"]
DAY = {"hafnium-exchange-2021": "2021-03-03", "proxyshell-2021": "2021-08-20",
       "proxynotshell-owassrf-2022": "2022-12-10", "sharepoint-toolshell-2025": "2025-07-19", "-": "2021-03-03"}
TOKENS = "CorrelationID=<empty>;&cafeReqId=4d0a5f0a-0000-4444-8888-1234567890ab;&encoding=;"
BUILD = dict(MajorVersion=15, MinorVersion=1, BuildVersion=1713, RevisionVersion=5)
IIS = [c for c in f.IIS_FIELDS]
IIS.insert(3, "s-computername")
AUDIT = "Timestamp Server TenantId RecordType Data UserKey RecordId Operation Workload ResultStatus Version Scope".split()
OAB = ["DateTime", "ServerName", "EventId", "Message"]


def parts(row):
    """'main | name=value | name=value' as (main, names and values)."""
    cut = row.split(" | ")
    return cut[0], dict(p.split("=", 1) for p in cut[1:])


def iis(row, host, t, fields, tokens):
    cut = row.split(" ")
    method, stem, query, status = cut[:4]
    more = dict(p.split("=", 1) for p in cut[4:])
    if tokens and more.get("port", "443") == "443" and stem[1:].split("/")[0] not in ("_layouts", "sites", "_vti_bin"):
        query = ("" if query == "-" else query) + "&" + tokens
    values = {"date": t[:10], "time": t[11:19], "s-ip": "10.0.1.5", "s-computername": host, "cs-method": method,
              "cs-uri-stem": stem, "cs-uri-query": query, "s-port": more.get("port", "443"),
              "cs-username": more.get("user", "-"), "c-ip": more.get("client", "203.0.113.9"),
              "cs(User-Agent)": more.get("agent", "Mozilla/5.0"), "cs(Referer)": more.get("referer", "-"),
              "sc-status": status, "sc-substatus": "0", "sc-win32-status": "0", "time-taken": "15"}
    return " ".join(values[c] for c in fields)


def front(row, host, t):
    return iis(row, host, t, IIS, TOKENS)


def back(row, host, t):
    cut = row.split(" ")
    return iis(" ".join(cut[:4] + ([] if "port=" in row else ["port=444"]) + cut[4:]), host, t, IIS, "")


def no_referer(row, host, t):
    return iis(row, host, t, [c for c in IIS if c != "cs(Referer)"], "")


def access(row, host, t):
    method, stem, query, status = row.split(" ")[:4]
    return '203.0.113.9 - - [%s] "%s %s HTTP/1.1" %s 512 "-" "Mozilla/5.0"' % (
        f.utc(t).strftime("%d/%b/%Y:%H:%M:%S +0000"), method, stem + ("" if query == "-" else "?" + query), status)


def httpproxy(row, host, t):
    main, more = parts(row)
    method, stem, status = main.split(" ")
    fields = dict(BUILD, DateTime=t, RequestId=f.Host(host, None, None, [], 1).guid(), Protocol="Ecp",
                  UrlHost="mail.contoso.example", UrlStem=stem, IsAuthenticated="false", UserAgent="Mozilla/5.0",
                  ClientIpAddress="203.0.113.9", ServerHostName=host, HttpStatus=status, BackEndStatus=status,
                  Method=method, ProxyAction="Proxy", GenericInfo="FEAuth=BEVersion-1941996672;")
    fields.update(more)
    return f.csv_row(f.HTTPPROXY_COLUMNS, fields)


def ecp(row, host, t):
    main, more = parts(row)
    wrap = main if "'" not in main else "'" + main.replace("'", "''") + "'"
    data = "S:TIME=13;S:SID=1;S:CMD=%s;S:REQID=;S:URL=%s;S:REFERRER=;S:EX=%s;S:ACTID=1;S:RS=0;S:BLD=15.1.1713.5;S:TNAME=<null>" % (
        wrap, more.get("S:URL", "/ecp/x"), more.get("S:EX", ""))
    return f.csv_row(f.ECP_COLUMNS, dict(TimeStamp=t, ServerName=host, EventId="ECP.Request", EventData=data))


def oab(row, host, t):
    return f.csv_row(OAB, dict(DateTime=t, ServerName=host, EventId="Download", Message=(
        "Download failed and temporary file '%s' needs to be removed" % row)))


def ews(row, host, t):
    main, more = parts(row)
    fields = dict(BUILD, DateTime=t, IsAuthenticated="true", AuthenticatedUser="joe@contoso.example", UserAgent="Outlook",
                  ClientIpAddress="203.0.113.9", ServerHostName=host, SoapAction=main, HttpStatus=200)
    fields.update(more)
    return f.csv_row(f.EWS_COLUMNS, fields)


def rps_http(row, host, t):
    main, more = parts(row)
    query, status = main.split(" ")
    fields = dict(BUILD, DateTime=t, UrlHost="ex01", UrlStem="/Powershell", AuthenticationType="Kerberos",
                  IsAuthenticated="true", AuthenticatedUser="CONTOSO\\admin", ClientIpAddress="203.0.113.9",
                  ServerHostName=host, HttpStatus=status, ClientInfo="Microsoft WinRM Client",
                  UrlQuery="" if query == "-" else "?" + query)
    fields.update(more)
    return f.csv_row(f.RPS_HTTP_COLUMNS, fields)


def cmdlet(row, host, t):
    main, more = parts(row)
    name, _, parameters = main.partition(" ")
    fields = dict(BUILD, DateTime=t, ServerHostName=host, ProcessName="w3wp#MSExchangePowerShellAppPool", IsAdmin="True",
                  AuthenticatedUser="CONTOSO\\admin", Cmdlet=name, Parameters=parameters, ExecutionResult="Success")
    fields.update(more)
    return f.csv_row(f.RPS_CMDLET_COLUMNS, fields)


def audit(row, host, t):
    main, more = parts(row)
    data = json.dumps({"CreationTime": t[:19], "Operation": main, "UserId": "CONTOSO\\admin", "ResultStatus": "True",
                       "Parameters": [{"Name": k, "Value": v} for k, v in more.items()]},
                      ensure_ascii=False, separators=(",", ":")).replace("/", "\\/")
    return f.csv_row(AUDIT, dict(Timestamp=t, Server=host, RecordType="ExchangeAdmin", Data=data, UserKey="CONTOSO\\admin",
                                 Operation=main, Workload="Exchange", ResultStatus="True", Version=1, Scope="Online"))


def exchange(log_type, columns, software="Microsoft Exchange Server"):
    return f.exchange_header("15.01.1713.005", log_type, f.utc("2021-03-03"), columns, software=software)


def w3c(fields):
    return ["#Software: Microsoft Internet Information Services 10.0", "#Version: 1.0", "#Date: 2021-03-03 00:00:00",
            "#Fields: " + " ".join(fields)]


EX = "V15/Logging/"
KINDS = {  # how a row is written, the file, its header
    "iis": (front, "inetpub/logs/LogFiles/W3SVC1/u_ex210303.log", w3c(IIS)),
    "iis-backend": (back, "inetpub/logs/LogFiles/W3SVC2/u_ex210303.log", w3c(IIS)),
    "iis-no-referer": (no_referer, "inetpub/logs/LogFiles/W3SVC3/u_ex210303.log", w3c([c for c in IIS if c != "cs(Referer)"])),
    "access": (access, "var/log/apache2/%s/access.log", []),
    "httpproxy": (httpproxy, EX + "HttpProxy/Ecp/HttpProxy_2021030304-1.LOG", exchange("HttpProxy Logs", f.HTTPPROXY_COLUMNS)),
    "ecp": (ecp, EX + "ECP/Server/ECPServer20210303-1.LOG", exchange("ECP Server Log", f.ECP_COLUMNS)),
    "oab": (oab, EX + "%s/OABGeneratorLog/OABGeneratorLog20210303-1.LOG", exchange("OABGenerator Log", OAB)),
    "ews": (ews, EX + "Ews/Ews_2021030304-1.LOG", exchange("EWS Logs", f.EWS_COLUMNS)),
    "rps-http": (rps_http, EX + "CmdletInfra/Powershell-Proxy/Http/Rps_Http_2021030304-1.LOG",
                 exchange("Rps Http Logs", f.RPS_HTTP_COLUMNS)),
    "cmdlet": (cmdlet, EX + "CmdletInfra/Powershell-Proxy/Cmdlet/Rps_Cmdlet_2021030304-1.LOG",
               exchange("Rps Cmdlet Logs", f.RPS_CMDLET_COLUMNS)),
    "audit": (audit, EX + "LocalQueue/Exchange/audit20210303-1.LOG", exchange("audit", AUDIT, "Microsoft Exchange")),
}

table = []  # (line of the table, kind, row, dossier, grade)
with open(os.path.join(here, "traces.tsv"), encoding="utf-8") as tsv:
    for number, line in enumerate(tsv, 1):
        line = line.rstrip("\n")
        if line and not line.startswith("#"):
            table.append((number, *line.split("\t")))

files, place = collections.OrderedDict(), {}
for n, (number, kind, row, dossier, grade) in enumerate(table):
    write, name, header = KINDS[kind]
    host = "TR%04d" % number
    if "%s" in name:  # a kind that does not name its host in the row
        name %= host
    lines = files.setdefault(name, list(header))
    lines.append(write(row, host, "%sT%02d:%02d:%02d.000Z" % (DAY[dossier], n // 3600, n // 60 % 60, n % 60)))
    place[name, len(lines)] = number
for name, lines in files.items():
    path = os.path.join(work, "logs", name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8", newline="") as out:
        out.write("\r\n".join(lines) + "\r\n")


def scan(*more):
    run = subprocess.run([tocsin, "scan", "--json", "--quiet", "--no-hash", *more, "logs"], cwd=work,
                         stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, check=False)
    objects = [json.loads(x) for x in run.stdout.decode("utf-8").splitlines()]
    found = collections.defaultdict(list)
    for o in objects:
        if o["type"] == "finding":
            found[place[o["file"].split("logs/", 1)[1], o["line"]]].append((o["dossier"], o["grade"], o["title"]))
    return found, [o for o in objects if o["type"] == "summary"][0]


found, summary = scan()
full, _ = scan("--full")
checks = []
for number, kind, row, dossier, grade in table:
    here = found[number]
    if grade == "none":
        good = not here
    else:
        best = max((GRADES.index(g) for d, g, _ in here if d == dossier), default=0)
        want = GRADES.index(grade.lstrip("="))
        good = best == want if grade.startswith("=") else best >= want
    checks.append((good, "line %d, %s: %s: %s" % (number, grade.lstrip("="), kind, row), here))
checks.append((summary["records"] == len(table), "every row was read as a record", [summary["records"], len(table)]))
checks.append(({k: sorted(v) for k, v in found.items() if v} == {k: sorted(v) for k, v in full.items() if v},
               "looking at every row finds the same", []))
for n, (good, what, got) in enumerate(checks, 1):
    print("%s %d - %s" % ("ok" if good else "not ok", n, what.replace("#", "").replace("\\", "/")))
    if not good:
        for g in got or ["nothing was found"]:
            print("# found:", g)
print("1..%d" % len(checks))
sys.exit(0 if all(c[0] for c in checks) else 1)
PYTHON
exit $?

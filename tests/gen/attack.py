"""The traces that attacks leave in logs, as log rows only.

Nothing here sends anything or holds a working payload: where a log would show script, the rows hold
an inert stand-in of the same outer shape. Each row says which grade a reader should give it.
"""
import base64
import datetime as dt

from formats import RPS_HTTP_COLUMNS, iso, secs
from traffic import cmdlet, ews_row

PYTHON = "python-requests/2.25.1"
INERT = 'http://f/<script language="JScript" runat="server">function Page_Load(){/**/INERT-LOOKALIKE}</script>'
HAFNIUM, PROXYSHELL = "hafnium-exchange-2021", "proxyshell-2021"
NOTSHELL, TOOLSHELL = "proxynotshell-owassrf-2022", "sharepoint-toolshell-2025"


def plant(grade, what, dossier=HAFNIUM, accept=()):
    out = {"grade": grade, "what": what, "dossier": dossier}
    if accept:
        out["accept"] = sorted(set(accept) | {grade})
    return out


# ProxyLogon

def forged(host, t, client, target, status, grade, what, agent=PYTHON, stem="/ecp/q1.js", name=None, back=None,
           log_proxy=True, taken=180, aim=None, accept=()):
    """A request to a static name whose cookie names a back end of the caller's choosing."""
    aim = aim or host.fqdn()
    anchor = "ServerInfo~a]@%s:444%s?#" % (aim, target) if "?" not in target else \
        "ServerInfo~a]@%s:444%s#" % (aim, target)
    mark = plant(grade, what, accept=accept)
    rid = host.guid()
    host.request(t, "Ecp", "POST", stem, "", "", client, agent, status, back if back is not None else status, auth="FBA",
                 host=name or host.public, anchor=anchor, hint="X-BEResource-Cookie", target=anchor.split("~", 1)[1],
                 taken=taken, bytes_in=812, bytes_out=1467, request_id=rid, plant=mark, log_proxy=log_proxy,
                 iis_plant=plant("attempt", "POST to a static name under /ecp/ (front-end IIS)",
                                 accept=("probe", "attempt", "progressed", "compromise")))
    if status < 400 and aim == host.fqdn():
        stem, _, query = target.partition("?")
        host.iis(t, "POST", stem, (query + "&" if query else "") + "ActID=" + host.guid(), 444,
                 host.netbios + "\\" + host.name + "$", host.address, agent, status, site="iis-backend", taken=taken - 5,
                 plant=plant("attempt", "back-end row of the forged request",
                             accept=("weak", "probe", "attempt", "progressed", "compromise", "none")))


def localhost_probe(host, t, client, agent="Mozilla/5.0 (compatible; Nmap Scripting Engine; https://nmap.org/book/nse.html)"):
    mark = plant("probe", "ServerInfo~localhost: somebody asked whether the hole is there", accept=("weak", "probe"))
    host.request(t, "Owa", "GET", "/owa/auth/x.js", "", "", client, agent, 500, None, auth="FBA",
                 host=host.address, anchor="ServerInfo~localhost/ecp/default.flt", hint="X-AnonResource-Backend-Cookie",
                 target="localhost", target_version="15.00.0000.000", be_number=3, request_id=host.guid(), plant=mark,
                 iis_plant=plant("probe", "static name that never shipped, /owa/auth/x.js", accept=("weak", "probe", "attempt")),
                 errors="UnexpectedException: inert stand-in")


def autodiscover_only(host, t, client, status=200, **more):
    forged(host, t, client, "/autodiscover/autodiscover.xml", status, "attempt",
           "forged request, autodiscover only", agent="ExchangeServicesClient/0.0.0.0", **more)


def ecp_url(verb, schema, canary):
    return "/ecp/DDI/DDIService.svc/%s?msExchEcpCanary=%s&schema=%s" % (verb, canary, schema)


def virtual_directory_steps(host, t, canary, remove=True):
    """What the back end logs: the cmdlets, with script in ExternalUrl, then tracks covered."""
    session, oab = host.guid(), host.guid()
    set_url, get_url = ecp_url("SetObject", "OABVirtualDirectory", canary), ecp_url("GetObject", "OABVirtualDirectory", canary)
    reset_url = ecp_url("SetObject", "ResetOABVirtualDirectory", canary)

    def row(after, cmd, url, mark, error=""):
        host.ecp_server(t + dt.timedelta(milliseconds=after), cmd, url, error, session, mark, taken=60)
    row(0, "Get-OabVirtualDirectory.ADPropertiesOnly=$true.Identity=$null", get_url,
        plant("progressed", "Get-OabVirtualDirectory inside the forged session", accept=("weak", "probe", "attempt", "none")))
    row(2300, "Set-OabVirtualDirectory.ExternalUrl='%s'.Identity='%s'" % (INERT, oab), set_url,
        plant("compromise", "script in ExternalUrl"))
    row(2410, "Get-OabVirtualDirectory.ADPropertiesOnly=$true.Identity='%s'" % oab, set_url, None)
    row(2990, "Set-OabVirtualDirectory.ExternalUrl=$null.Identity='%s'" % oab, set_url,
        plant("progressed", "ExternalUrl emptied: tracks covered", accept=("weak", "none", "attempt")),
        "" if remove else "ADNoSuchObjectException")
    if remove:
        row(6900, "Remove-OABVirtualDirectory.Force=$true.Identity='%s'" % oab, reset_url,
            plant("progressed", "virtual directory removed", accept=("weak", "attempt", "compromise")))
        row(8300, "New-OABVirtualDirectory.WebSiteName='Default Web Site'.Server='%s'.Path='%s'" % (
            host.name, "C:\\Program Files\\Microsoft\\Exchange Server\\V15\\FrontEnd\\HttpProxy\\OAB"), reset_url,
            plant("progressed", "virtual directory made anew", accept=("weak", "attempt", "compromise")))


def proxylogon_chain(host, t, client, name=None, set_rows=True, remove=True, quick=1.0, log_proxy=True, ecp=True, aim=None):
    """One run from the first forged request to the virtual directory; set_rows=False: HttpProxy ends early."""
    canary = "Inert%08x." % host.rng.getrandbits(32)
    say = dict(name=name, log_proxy=log_proxy, aim=aim)

    def after(s):
        return t + dt.timedelta(milliseconds=int(s * quick * 1000))
    autodiscover_only(host, t, client, **say)
    forged(host, after(1.5), client, "/mapi/emsmdb/", 200, "progressed", "forged request to /mapi/emsmdb", **say)
    forged(host, after(4.0), client, "/ecp/proxyLogon.ecp", 241, "progressed", "session made: proxyLogon.ecp answered 241",
           **say)
    forged(host, after(7.2), client, ecp_url("GetObject", "OABVirtualDirectory", canary), 200, "progressed",
           "GetObject through the forged session", **say)
    if set_rows:
        forged(host, after(9.4), client, ecp_url("SetObject", "OABVirtualDirectory", canary), 200, "compromise",
               "SetObject OABVirtualDirectory answered 200", **say)
        forged(host, after(11.2), client, ecp_url("SetObject", "ResetOABVirtualDirectory", canary), 200, "compromise",
               "SetObject ResetOABVirtualDirectory answered 200", **say)
        forged(host, after(12.5), client, ecp_url("SetObject", "OABVirtualDirectory", canary), 200, "compromise",
               "SetObject OABVirtualDirectory answered 200", **say)
    if ecp:
        virtual_directory_steps(host, after(7.1), canary, remove)


def shell(host, t, client, path, status=200, method="POST", agent="Mozilla/5.0 (Windows NT 10.0; Win64; x64) inert", mark=None,
          query=""):
    """A request for a page that never shipped."""
    if mark is None:
        if status == 200:
            mark = plant("compromise", "%s of a script that never shipped, 200" % method, accept=("progressed",))
        else:
            mark = plant("probe", "%d for a script name: looked for" % status, accept=("weak", "attempt"))
    proxied = path.startswith("/owa/")
    tokens = dict(auth="FBA", anchor="", taken=31, request_id=host.guid(), plant=mark,
                  extra="" if status == 200 else "NoCookies=302 - GET/E14AuthPost;")
    if proxied:
        host.request(t, "Owa", method, path, query, "", client, agent, status, None, **tokens)
    else:
        host.iis(t, method, path, query, 443, "", client, agent, status, taken=31, plant=mark)


SHELL_NAMES = ["supp0rt", "discover", "shell", "help", "web", "aa", "HttpProxy", "RedirSuiteServerProxy", "OutlookEN",
               "errorEE", "TimeoutLogoff", "8Lw7tAhF9i1pJnRo", "log", "load", "xx"]


def shell_scan(host, t, client, names=SHELL_NAMES, missing=302):
    """Somebody walks a list of other people's shells."""
    for i, name in enumerate(names):
        owa = i % 3 != 2
        path = "/owa/auth/%s.aspx" % name if owa else "/aspnet_client/%s.aspx" % name
        shell(host, t + secs(i * 2), client, path, missing if owa else 404, "GET", "python-requests/2.25.1",
              plant("probe", "looked for somebody's shell", accept=("weak", "attempt")))


def mailbox_theft(host, t, client, n=6):
    """Mail read through forged requests: no shell is needed."""
    autodiscover_only(host, t, client)
    for i in range(n):
        at = t + secs(3 + i * 4)
        forged(host, at, client, "/EWS/Exchange.asmx", 200, "compromise", "EWS answered a forged request", taken=240)
        if "ews" in host.wanted:
            ews_row(host, at, host.name + "$", host.address, "python-requests/2.25.1", "GetItem",
                    "b.stone@" + host.domain, plant=plant("progressed", "EWS row of the forged request",
                                                          accept=("none", "weak", "attempt", "compromise")), size=88211)


# ProxyShell, ProxyNotShell, OWASSRF

def rps_token(user, sid):
    """An X-Rps-CAT value that decodes to the same tagged fields as a real one and grants nothing."""
    def counted(tag, text):
        return tag + bytes([len(text)]) + text.encode("ascii")
    raw = (b"V\x01\x00" + counted(b"T", "Windows") + b"C\x00" + counted(b"A", "Kerberos") + counted(b"L", user) +
           counted(b"U", sid) + b"G\x00\x00\x00\x00E\x00\x00\x00\x00")
    return base64.b64encode(raw).decode("ascii")


def confused_path(host, t, client, inner, status, grade, what, method="POST", agent="python-requests/2.26.0", extra="",
                  user="", dossier=PROXYSHELL, accept=()):
    query = "@scan.example.com/%s?&Email=autodiscover/autodiscover.json%%3F@scan.example.com%s" % (inner, extra)
    ok = status < 400
    host.request(t, "Autodiscover", method, "/autodiscover/autodiscover.json", query, user, client, agent, status,
                 status if ok else None, auth="Basic" if user else "Anonymous", anchor="Smtp~autodiscover/autodiscover.json?@scan.example.com" if ok else "",
                 hint="ExplicitLogon-SMTP", taken=120, request_id=host.guid(),
                 plant=plant(grade, what, dossier, accept))
    if ok:
        host.iis(t, method, "/" + inner.rstrip("/"), extra.lstrip("&"), 444, "NT AUTHORITY\\SYSTEM", host.address, agent, status,
                 site="iis-backend", plant=plant("attempt", "back-end row of the same request", dossier,
                                                 ("none", "weak", "probe", "progressed", "compromise")))


def rps_http(host, t, user, query, agent, status=200, mark=None):
    host.exchange_row("rps-http", RPS_HTTP_COLUMNS, t, plant=mark, RequestId=host.guid(), StartTime=iso(t),
                      UrlHost=host.fqdn(), UrlStem="/Powershell", AuthenticationType="Kerberos", IsAuthenticated="true",
                      AuthenticatedUser=user, ClientIpAddress=host.address, ServerHostName=host.name,
                      FrontEndServer=host.name, HttpStatus=status, SubStatus=0, Action="Command", ClientInfo=agent,
                      TotalTime=80, UrlQuery="?" + query)


def export_cmdlets(host, t, user, path, with_file=True, dossier=PROXYSHELL):
    cmdlet(host, t, user, "New-ManagementRoleAssignment", '-Role "Mailbox Import Export" -User "%s"' % user.split("\\")[-1],
           application="", sid="-500", plant=plant("progressed", "role Mailbox Import Export given", dossier,
                                                   ("attempt", "weak", "compromise")))
    cmdlet(host, t + secs(9), user, "New-MailboxExportRequest",
           '-Mailbox "b.stone@%s" -IncludeFolders ("#Drafts#") -FilePath "%s"' % (host.domain, path),
           application="", sid="-500", plant=plant("compromise", "mailbox exported to a script name", dossier,
                                                   ("progressed",)))
    cmdlet(host, t + secs(48), user, "Remove-MailboxExportRequest", '-Identity "b.stone\\MailboxExport" -Confirm "False"',
           application="", sid="-500", plant=plant("progressed", "export request removed", dossier, ("weak", "probe", "attempt", "none")))


def proxyshell_chain(host, t, client, page):
    user, sid = host.netbios + "\\exadmin", host.sid + "-500"
    token = rps_token(user, sid)
    confused_path(host, t, client, "owa/", 302, "attempt", "path confusion answered 302", "GET", accept=("probe", "progressed"))
    confused_path(host, t + secs(4), client, "autodiscover/autodiscover.xml", 200, "attempt",
                  "path confusion to autodiscover", accept=("probe", "progressed"))
    confused_path(host, t + secs(6), client, "mapi/emsmdb/", 200, "progressed", "path confusion to MAPI answered 200",
                  accept=("compromise",))
    for i, what in enumerate(("first", "second", "third")):
        at = t + secs(12 + 10 * i)
        confused_path(host, at, client, "powershell/", 200, "progressed", "back-end PowerShell reached, %s call" % what,
                      extra="&X-Rps-CAT=" + token, accept=("compromise",))
        rps_http(host, at, user, "X-Rps-CAT=" + token, "Python PSRP Client",
                 mark=plant("progressed", "X-Rps-CAT of %s" % user, PROXYSHELL, ("compromise",)))
    export_cmdlets(host, t + secs(18), user, "\\\\127.0.0.1\\c$\\inetpub\\wwwroot\\aspnet_client\\" + page)
    for i in range(4):
        shell(host, t + secs(95 + i * 41), client, "/aspnet_client/" + page, 200, "POST",
              mark=plant("compromise", "POST of a script that never shipped, 200", PROXYSHELL, ("progressed",)))


def proxynotshell(host, t, client, user="a.fields"):
    login = "%s\\%s" % (host.netbios, user)
    for i in range(4):
        confused_path(host, t + secs(i * 7), client, "powershell/", 200, "progressed",
                      "autodiscover and powershell in one request, 200, with a login", user=login, dossier=NOTSHELL,
                      accept=("compromise",), agent="Mozilla/5.0 (Windows NT 10.0; Win64; x64) inert")


def owassrf(host, t, client, user="a.fields"):
    login = "%s\\%s" % (host.netbios, user)
    for i in range(3):
        at = t + secs(i * 6)
        mark = plant("progressed", "POST /owa/<user>/powershell answered 200", NOTSHELL, ("compromise",))
        host.request(at, "Owa", "POST", "/owa/%s%%40%s/powershell" % (user, host.domain), "", login, client,
                     "python-requests/2.28.1", 200, 200, auth="Basic", taken=130, request_id=host.guid(), plant=mark)
        host.iis(at, "POST", "/powershell", "", 444, login, host.address, "python-requests/2.28.1", 200, site="iis-backend",
                 plant=plant("attempt", "POST /powershell on the back end in the same minute", NOTSHELL,
                             ("none", "weak", "probe", "progressed")))
        rps_http(host, at, login, "PSVersion=5.1", "python-requests/2.28.1",
                 mark=plant("progressed", "remote PowerShell by a foreign client", NOTSHELL, ("attempt", "compromise", "none")))


# SharePoint

def toolshell(host, t, client):
    agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:120.0) Gecko/20100101 Firefox/120.0"
    host.iis(t - secs(3600), "GET", "/_layouts/15/ToolPane.aspx", "DisplayMode=Edit", 443, "", client, agent, 401, 2, 5,
             plant=plant("probe", "ToolPane.aspx asked for without a login", TOOLSHELL, ("weak", "attempt", "none")))
    host.iis(t, "POST", "/_layouts/15/ToolPane.aspx", "DisplayMode=Edit&a=/ToolPane.aspx", 443, "", client, agent, 302,
             taken=820, referer="/_layouts/SignOut.aspx",
             plant=plant("progressed", "anonymous POST to ToolPane.aspx from SignOut answered 302", TOOLSHELL, ("compromise",)))
    host.iis(t + secs(9), "GET", "/_layouts/15/spinstall0.aspx", "", 443, "", client, agent, 200, taken=44,
             referer="/_layouts/SignOut.aspx",
             plant=plant("compromise", "keys page answered 200: machine keys stolen", TOOLSHELL))

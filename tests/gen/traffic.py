"""The ordinary life of a server: health probes, people, administrators, and the noise of the internet."""
import datetime as dt
import math

from formats import EWS_COLUMNS, MSGTRK_COLUMNS, RPS_CMDLET_COLUMNS, RPS_HTTP_COLUMNS, ECP_COLUMNS, csv_row, iso, long_build

USERS = ["a.fields", "b.stone", "c.rivers", "d.lake", "e.meadow", "f.hill", "g.forest", "h.marsh", "i.grove",
         "j.brook", "k.ridge", "l.dale"]
BROWSERS = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/88.0.4324.150 Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:85.0) Gecko/20100101 Firefox/85.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/14.0.3 Safari/605.1.15"]
OUTLOOK = "Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.13127; Pro)"
MACOUTLOOK = "MacOutlook/16.45.21011103 (Intelx64 Mac OS X Version 10.15.7 (Build 19H114))"
PHONES = ["Apple-iPhone12C1/1803.72", "Outlook-iOS-Android/1.0", "Android-SAMSUNG-SM-G970F/101.110000"]
PROBE_AGENT = "AMProbe/Local/ClientAccess"
SCANNERS = ["Mozilla/5.0 zgrab/0.x", "Mozilla/5.0 (compatible; CensusScan/1.1)", "curl/7.68.0",
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/74.0.3729.169 Safari/537.36"]
NOISE = ["/.env", "/wp-login.php", "/boaform/admin/formLogin", "/HNAP1", "/solr/admin/info/system",
         "/vendor/phpunit/phpunit/src/Util/PHP/eval-stdin.php", "/favicon.ico", "/robots.txt", "/.git/config",
         "/api/jsonws/invoke", "/actuator/health", "/manager/html", "/phpmyadmin/index.php", "/cgi-bin/luci"]
STATIC = ["/owa/auth/{v}/themes/resources/logon.css", "/owa/auth/{v}/themes/resources/lgntopl.gif",
          "/owa/auth/{v}/themes/resources/owafont_ko.css", "/owa/auth/{v}/scripts/premium/flogon.js",
          "/owa/auth/{v}/themes/resources/segoeui-regular.ttf"]


def ews_probe_agent(host, t):
    return "Ews_AM_Probe/Local (ExchangeServicesClient/%s)" % long_build(host.build(t))


def home(rng):
    """An address from the documentation ranges that stands for a person's home or a phone."""
    if rng.random() < 0.08:
        return "2001:db8:12::%x" % rng.randint(1, 120)
    net = rng.choice(["192.0.2.", "198.51.100."])
    return net + str(rng.randint(2, 120))


def noise_address(rng):
    return "203.0.113." + str(rng.randint(128, 250))


def busy(t):
    """0.05 at night, 1 around noon of a working day."""
    hour = t.hour + t.minute / 60
    level = max(0.05, math.sin((hour - 5) / 15 * math.pi)) if 5 < hour < 20 else 0.05
    return level * (0.25 if t.weekday() >= 5 else 1)


def at(host, hour, last=3599):
    return hour + dt.timedelta(seconds=host.rng.randint(0, last), milliseconds=host.rng.randint(0, 999))


PROBES = {
    "Autodiscover": ("GET", "/Autodiscover/", None), "Eas": ("OPTIONS", "/Microsoft-Server-ActiveSync/", None),
    "Ecp": ("GET", "/ecp/", None), "Ews": ("GET", "/ews/", None), "Oab": ("GET", "/oab/", None),
    "Owa": ("GET", "/owa/", None), "RpcHttp": ("GET", "/rpc/", None), "Mapi": ("GET", "/mapi/", None),
}


def probe(host, protocol, t):
    user = host.netbios + "\\HealthMailbox3f2c91a"
    if protocol == "PowerShell":
        version = ".".join(host.build(t).split(".")[:2])
        third = host.build(t).split(".")[2]
        query = "clientApplication=ActiveMonitor;PSVersion=5.1.14393.4225&sessionID=Version_%s_(Build_%s.0)=rJqNiZqNg" % (
            version, third)
        host.request(t, "PowerShell", "POST", "/powershell", query, user, "::1", "Microsoft WinRM Client", 200, 200,
                     auth="Kerberos", hint="ExchClientVer-ServerCookie", action="Get-Mailbox:Command",
                     anchor="ServerVersion~Version %s (Build %s.0)" % (version, third))
        return
    method, stem, _ = PROBES[protocol]
    host.request(t, protocol, method, stem, "", user, "127.0.0.1", PROBE_AGENT, 200, None, taken=1,
                 target=host.fqdn(), port=443)


def back_end_probe(host, t):
    """The monitoring calls every hour, straight to the back end."""
    act = host.near_guid("act")
    user = host.netbios + "\\HealthMailbox3f2c91a"
    pick = host.rng.random()
    if pick < 0.4:
        host.iis(t, "GET", "/ecp/RulesEditor/InboxRules.svc/GetList",
                 "msExchEcpCanary=&ActID=%s" % act, 444, user, "::1",
                 "Mozilla/4.0 (compatible; MSIE 9.0; Windows NT 6.1; MSEXCHMON; ACTIVEMONITORING; ECP)", 200,
                 site="iis-backend")
    elif pick < 0.7:
        host.iis(t, "POST", "/powershell", "clientApplication=ActiveMonitor;PSVersion=5.1.14393.4225", 444, user, "::1",
                 "Microsoft WinRM Client", 200, site="iis-backend")
    else:
        host.iis(t, "POST", "/ews/exchange.asmx", "&request_id=" + act, 444, user, "::1",
                 ews_probe_agent(host, t), 200, site="iis-backend")


def ecp_probe(host, t):
    host.ecp_server(t, "Get-InboxRule", "/ecp/RulesEditor/InboxRules.svc/GetList?msExchEcpCanary=", taken=13)


def person(host, t):
    """One request of a random user by one of the client kinds that the copy has logs of."""
    rng = host.rng
    name = rng.choice(USERS)
    user, mail = "%s\\%s" % (host.netbios, name), "%s@%s" % (name, host.domain)
    client = home(rng) if rng.random() < 0.6 else "10.0.%d.%d" % (rng.randint(20, 24), rng.randint(10, 250))
    pick = rng.random()
    if pick < 0.30:
        browser = rng.choice(BROWSERS)
        if rng.random() < 0.3:
            stem = rng.choice(STATIC).format(v=".".join(host.build(t).split(".")[:3]))
            host.request(t, "Owa", "GET", stem, "", "", client, browser, 200, None, auth="FBA", anchor="", taken=3)
        elif rng.random() < 0.3:
            host.request(t, "Owa", "GET", "/owa/auth/logon.aspx", "replaceCurrent=1&url=https%%3a%%2f%%2f%s%%2fowa%%2f"
                         % host.public, "", client, browser, 200, None, auth="FBA", anchor="", taken=5)
        else:
            host.request(t, "Owa", "POST", "/owa/service.svc", "action=%s&EP=1&ID=-%d&AC=1" % (
                rng.choice(["FindConversation", "GetItem", "UpdateItem", "GetFolderMruConfiguration"]),
                rng.randint(2, 90)), mail, client, browser, 200, 200, auth="FBA", taken=rng.randint(20, 90),
                bytes_in=2111, bytes_out=4093)
    elif pick < 0.50:
        host.request(t, "Ews", "POST", "/EWS/Exchange.asmx", "", user, client, MACOUTLOOK if pick < 0.4 else OUTLOOK,
                     200, 200, auth="NTLM", taken=rng.randint(15, 80), bytes_in=901, bytes_out=5120)
        if "ews" in host.wanted:
            ews_row(host, t, mail, client, MACOUTLOOK, "GetFolder")
    elif pick < 0.72:
        host.request(t, "Mapi", "POST", "/mapi/emsmdb/", "mailboxId=%s@%s" % (host.near_guid("mbx"), host.domain), user,
                     client, OUTLOOK, 200, 200, auth="NTLM", hint="MailboxGuidWithDomain", taken=rng.randint(9, 40),
                     anchor="MailboxGuid~" + host.near_guid("mbx"), organization=host.domain)
    elif pick < 0.87 and "Eas" in host.protocols:
        host.request(t, "Eas", "POST", "/Microsoft-Server-ActiveSync/default.eas",
                     "Cmd=%s&User=%s%%5C%s&DeviceId=%08X%08X&DeviceType=iPhone" % (
                         rng.choice(["Ping", "Sync", "FolderSync"]), host.netbios, name, rng.getrandbits(32), 0x5EEDF00D),
                     user, client, rng.choice(PHONES), 200, 200, auth="Basic", taken=rng.randint(30, 400))
    elif pick < 0.95:
        host.request(t, "Autodiscover", "POST", "/autodiscover/autodiscover.xml", "", user, client, OUTLOOK, 200, 200,
                     auth="NTLM", host="autodiscover." + host.domain, taken=12)
    else:  # genuine Autodiscover v2: holds an '@' and must not be taken for an attack
        host.request(t, "Autodiscover", "GET", "/autodiscover/autodiscover.json",
                     "Email=%s%%40%s&Protocol=%s&RedirectCount=1" % (
                         name, host.domain, rng.choice(["ActiveSync", "EWS", "AutodiscoverV1"])), "", client,
                     rng.choice(["Microsoft Office/16.0", PHONES[1]]), 200, 200, auth="Anonymous", anchor="Smtp~" + mail,
                     hint="AutodiscoverV2", host="autodiscover." + host.domain, taken=10)


def ews_row(host, t, mail, client, agent, action, impersonated="", status=200, plant=None, size=5120):
    host.exchange_row("ews", EWS_COLUMNS, t, plant=plant, RequestId=host.near_guid("ewsreq"), Ring="Unknown",
                      AuthenticationType="Negotiate", IsAuthenticated="true", AuthenticatedUser=mail,
                      Organization=host.domain.upper(), UserAgent=agent.replace(",", " "),
                      VersionInfo="Target=None;Req=Exchange2013_SP1/Exchange2013_SP1;", ClientIpAddress=client,
                      ServerHostName=host.name, FrontEndServer=host.name, SoapAction=action, HttpStatus=status,
                      RequestSize=901, ResponseSize=size, ImpersonatedUser=impersonated,
                      PrimaryOrProxyServer="PrimaryServer", TaskType="LocalTask", TotalRequestTime=17,
                      GenericInfo="SKU=Unknown;RequestHandler=Wcf;BackEndAuthenticator=WindowsAuthenticator;",
                      StartTime=iso(t), ProcessId=9716)


def noise(host, t):
    """Somebody walks the address range of the internet: 404s, now and then a look at the version."""
    rng = host.rng
    client, agent = noise_address(rng), rng.choice(SCANNERS)
    if rng.random() < 0.1:
        host.request(t, "Ecp", "GET", "/ecp/Current/exporttool/microsoft.exchange.ediscovery.exporttool.application",
                     "", "", client, SCANNERS[0], 200, 200, auth="FBA", anchor="ServerVersion~Version 15.0 (Build 0.0)",
                     hint="EDiscoveryExportTool-ServerVersion", host=host.address)
        return
    if rng.random() < 0.2:
        host.request(t, "Owa", "GET", "/owa/", "", "", client, agent, 302, None, auth="FBA", anchor="",
                     extra="NoCookies=302 - GET/E14AuthPost;")
        return
    host.iis(t, "GET", rng.choice(NOISE), "", 443, "", client, agent, 404, 0, 2, 1)


def administrator(host, day):
    """A visit to the admin centre, and the remote shell, in working hours."""
    rng = host.rng
    t = day + dt.timedelta(hours=rng.randint(8, 15), minutes=rng.randint(0, 59), seconds=rng.randint(0, 59))
    if not host.start <= t < host.end - dt.timedelta(hours=1):
        return
    mail, client, agent = "exadmin@" + host.domain, "10.0.5.11", BROWSERS[1]
    canary = "ADM%08x." % rng.getrandbits(32)
    host.request(t, "Ecp", "GET", "/ecp/", "exsvurl=1&p=Mailboxes", mail, client, agent, 200, 200, auth="FBA", taken=160)
    steps = [("GetList", "MailboxService", "Get-Recipient.ResultSize=501"),
             ("GetObject", "MailboxService", "Get-Mailbox.Identity='%s'" % host.guid()),
             ("SetObject", "MailboxService", "Set-Mailbox.Identity='%s'.CustomAttribute1='room 12'" % host.guid())]
    if day.day == 14:  # an honest change of a virtual directory, with an honest address
        steps.append(("SetObject", "OABVirtualDirectory", "Set-OabVirtualDirectory.ExternalUrl='https://%s/OAB'.Identity='%s'" % (
            host.public, host.guid())))
    for verb, schema, cmd in steps:
        t += dt.timedelta(seconds=rng.randint(4, 20), milliseconds=rng.randint(0, 999))
        url = "/ecp/DDI/DDIService.svc/" + verb
        query = "schema=%s&msExchEcpCanary=%s" % (schema, canary)
        host.request(t, "Ecp", "POST", url, query, mail, client, agent, 200, 200, auth="FBA", taken=90)
        host.iis(t, "POST", url, query + "&ActID=" + host.near_guid("act"), 444, mail, host.address, agent, 200,
                 site="iis-backend", referer="https://localhost/ecp/")
        host.ecp_server(t + dt.timedelta(milliseconds=40), cmd, url + "?" + query, taken=80)
    if "rps-cmdlet" in host.wanted:
        t += dt.timedelta(minutes=4)
        admin_shell(host, t)


def admin_shell(host, t):
    user, rid = host.netbios + "\\exadmin", host.near_guid("rps")
    host.exchange_row("rps-http", RPS_HTTP_COLUMNS, t, RequestId=rid, StartTime=iso(t), UrlHost=host.fqdn(),
                      UrlStem="/powershell", AuthenticationType="Kerberos", IsAuthenticated="true", AuthenticatedUser=user,
                      ClientIpAddress="10.0.5.11", ServerHostName=host.name, FrontEndServer=host.name, HttpStatus=200,
                      SubStatus=0, Action="Command", CommandName="Get-MailboxDatabase", ClientInfo="Microsoft WinRM Client",
                      TotalTime=61, UrlQuery="?PSVersion=5.1.14393.4225")
    cmdlet(host, t, user, "Get-MailboxDatabase", '-Status "True"', application="")


def cmdlet(host, t, user, name, parameters, result="Success", application="ActiveMonitor", sid="-1142", errors="",
           plant=None, admin="True"):
    host.exchange_row("rps-cmdlet", RPS_CMDLET_COLUMNS, t, plant=plant, StartTime=iso(t - dt.timedelta(milliseconds=15)),
                      RequestId=host.near_guid("rpsc"), ServerHostName=host.name, ProcessId=15756,
                      ProcessName="w3wp#MSExchangePowerShellAppPool", ThreadId=85, AuthenticatedUser=user,
                      ExecutingUserSid=host.sid + sid, IsAdmin=admin, ClientApplication=application, Cmdlet=name,
                      Parameters=parameters, CmdletUniqueId=host.near_guid("cmdlet"),
                      RunspaceSettingsCreationHint="GCRandomly", ADViewEntireForest="False",
                      ADRecipientViewRoot=host.domain, TotalTime=15, ExecutionResult=result,
                      GenericInfo="PSSenderInfo=" + user.lower() + ";", GenericErrors=errors, NonPiiParameters=parameters)


def rps_probe(host, t):
    user = host.netbios + "\\HealthMailbox3f2c91a"
    host.exchange_row("rps-http", RPS_HTTP_COLUMNS, t, RequestId=host.near_guid("rps"), StartTime=iso(t),
                      UrlHost=host.fqdn(), UrlStem="/powershell", AuthenticationType="Kerberos", IsAuthenticated="true",
                      AuthenticatedUser=user, ClientIpAddress="::1", ServerHostName=host.name, FrontEndServer=host.name,
                      HttpStatus=200, SubStatus=0, Action="Command", CommandName="Get-Mailbox",
                      ClientInfo="Microsoft WinRM Client", TotalTime=24,
                      UrlQuery="?clientApplication=ActiveMonitor;PSVersion=5.1.14393.4225")
    cmdlet(host, t, "HealthMailbox3f2c91a", "Get-Mailbox", '-ResultSize "1"', admin="False")


def mail(host, t):
    rng = host.rng
    sender, to = rng.choice(USERS), rng.choice(USERS)
    host.add("message-tracking", t, csv_row(MSGTRK_COLUMNS, {
        "date-time": iso(t), "client-ip": host.address, "client-hostname": host.fqdn(),
        "server-ip": host.address, "server-hostname": host.name,
        "source-context": "MDB:%s, Mailbox:%s, Event:%d, MessageClass:IPM.Note" % (
            host.database, host.near_guid("mbx"), rng.randint(10 ** 6, 10 ** 7)),
        "source": "STOREDRIVER", "event-id": "RECEIVE", "internal-message-id": rng.randint(1000, 99999),
        "message-id": "<%08x@%s>" % (rng.getrandbits(32), host.domain), "network-message-id": host.near_guid("net"),
        "recipient-address": "%s@%s" % (to, host.domain), "recipient-status": "To",
        "total-bytes": rng.randint(4000, 90000), "recipient-count": 1,
        "message-subject": rng.choice(["minutes", "re: offer", "lunch", "invoice, second copy"]),
        "sender-address": "%s@%s" % (sender, host.domain), "return-path": "%s@%s" % (sender, host.domain),
        "directionality": "Originating", "log-id": host.near_guid("log"),
        "schema-version": long_build(host.build(t))}))


def oab_generator(host, t):
    host.add("oabgenerator", t, csv_row(["DateTime", "ServerName", "EventId", "Message"], {
        "DateTime": iso(t), "ServerName": host.name, "EventId": "Info",
        "Message": "Generation of offline address book \\Default Offline Address Book finished"}))


def ecp_activity(host, t):
    host.add("ecp-activity", t, csv_row(ECP_COLUMNS, {
        "TimeStamp": iso(t), "ServerName": host.name, "EventId": "Request",
        "EventData": "S:PSA=<PII>HealthMailbox3f2c91a@%s</PII>;S:URL=https://localhost:444/ecp/RulesEditor/InboxRules.svc/"
                     "GetList?msExchEcpCanary=;S:Bld=%s;S:ActID=%s;Dbl:WLM.TS=16" % (
                         host.domain, host.build(t), host.near_guid("act"))}))


def httperr(host, t):
    host.add("httperr", t, "%s %s %s %d %s 443 - - - - - - Timer_ConnectionIdle -" % (
        t.strftime("%Y-%m-%d"), t.strftime("%H:%M:%S"), noise_address(host.rng), host.rng.randint(20000, 60000), host.address))


def exchange_life(host, protocols, wanted=(), people=1.0, noise_per_day=3.0):
    """Fill the host's whole period. Every hour gets a row in every hourly kind."""
    host.protocols, host.wanted = protocols, set(wanted)
    rng = host.rng
    hour = host.start
    step = dt.timedelta(hours=1)
    while hour < host.end:
        span = min(3599, int((host.end - hour).total_seconds()) - 1)
        for protocol in protocols:
            probe(host, protocol, at(host, hour, span))
        back_end_probe(host, at(host, hour, span))
        ecp_probe(host, at(host, hour, span))
        for name, make in (("rps-cmdlet", rps_probe), ("message-tracking", mail), ("ecp-activity", ecp_activity)):
            if name in host.wanted:
                make(host, at(host, hour, span))
        if "ews" in host.wanted:
            ews_row(host, at(host, hour, span), "HealthMailbox3f2c91a@" + host.domain, "::1",
                    ews_probe_agent(host, hour), "GetFolder")
        factor = 6.0 if hour.date() in host.plain_days else 1.0
        for _ in range(poisson(rng, people * factor * busy(hour))):
            person(host, at(host, hour, span))
        for _ in range(poisson(rng, noise_per_day / 24)):
            noise(host, at(host, hour, span))
        if "httperr" in host.wanted and rng.random() < 0.1:
            httperr(host, at(host, hour, span))
        if hour.hour == 5:
            if "oabgenerator" in host.wanted:
                oab_generator(host, at(host, hour, span))
        if hour.hour == 0 and hour.weekday() in (1, 3, 6) and not (hour.weekday() == 6 and hour.day != 14):
            administrator(host, hour)
        hour += step


def poisson(rng, mean):
    limit, n, product = math.exp(-mean), 0, rng.random()
    while product > limit:
        n += 1
        product *= rng.random()
    return n


SHAREPOINT_PAGES = ["/SitePages/Home.aspx", "/Shared%20Documents/Forms/AllItems.aspx", "/_layouts/15/start.aspx",
                    "/sites/projects/SitePages/Home.aspx", "/_layouts/15/images/spcommon.png",
                    "/_layouts/15/1033/init.js", "/_api/web/lists", "/_vti_bin/client.svc/ProcessQuery"]


def sharepoint_life(host, people=3.0):
    rng = host.rng
    base = "https://intranet." + host.domain
    hour = host.start
    while hour < host.end:
        t = at(host, hour)
        host.iis(t, "GET", "/_layouts/15/health.aspx", "", 443, "", "10.0.5.30", "HealthCheck/1.0 (balancer)", 200)
        for _ in range(poisson(rng, people * busy(hour))):
            t, user = at(host, hour), "0#.w|%s\\%s" % (host.netbios.lower(), rng.choice(USERS))
            user = user.replace("\\\\", "\\")
            client = "10.0.20.%d" % rng.randint(10, 250)
            agent, stem = rng.choice(BROWSERS), rng.choice(SHAREPOINT_PAGES)
            host.iis(t, "GET", stem, "", 443, "", client, agent, 401, 2, 5, 2)
            host.iis(t, "POST" if stem.startswith("/_vti") else "GET", stem, "", 443, user, client, agent, 200,
                     taken=rng.randint(4, 400), referer=base + "/SitePages/Home.aspx")
            if rng.random() < 0.03:  # an honest page editor
                host.iis(t + dt.timedelta(seconds=3), "POST", "/_layouts/15/ToolPane.aspx", "DisplayMode=Edit", 443, user,
                         client, agent, 200, taken=310, referer=base + "/SitePages/Home.aspx")
        if rng.random() < 0.1:
            host.iis(at(host, hour), "GET", rng.choice(NOISE), "", 443, "", noise_address(rng), rng.choice(SCANNERS), 404, 0, 2)
        hour += dt.timedelta(hours=1)


APACHE_PAGES = ["/", "/index.html", "/news/", "/news/2021/spring", "/css/site.css", "/js/site.js", "/img/logo.png",
                "/contact", "/feed.xml"]
EXCHANGE_LURES = ["/owa/auth/logon.aspx", "/owa/auth/x.js", "/ecp/y.js", "/autodiscover/autodiscover.xml",
                  "/aspnet_client/supp0rt.aspx", "/autodiscover/autodiscover.json?@scan.example.com/owa/?&Email=autodiscover/autodiscover.json%3F@scan.example.com"]
LURE = {"grade": "probe", "what": "lure for Exchange, answered 404", "dossier": "hafnium-exchange-2021",
        "accept": ["attempt", "none", "probe", "weak"]}


def apache(host, t, client, method, target, status, size, agent, referer="-", plant=None):
    host.add("apache", t, '%s - - [%s +0000] "%s %s HTTP/1.1" %d %d "%s" "%s"' % (
        client, t.strftime("%d/%b/%Y:%H:%M:%S"), method, target, status, size, referer, agent), plant)


def apache_life(host):
    rng = host.rng
    hour = host.start
    while hour < host.end:
        apache(host, at(host, hour), "10.0.5.30", "GET", "/health", 200, 2, "HealthCheck/1.0 (balancer)")
        for _ in range(poisson(rng, 3 * busy(hour))):
            apache(host, at(host, hour), home(rng), "GET", rng.choice(APACHE_PAGES), rng.choice([200, 200, 200, 304]),
                   rng.randint(300, 40000), rng.choice(BROWSERS), "https://www.example.com/")
        for _ in range(poisson(rng, 0.3)):
            apache(host, at(host, hour), noise_address(rng), "GET", rng.choice(NOISE), 404, 196, rng.choice(SCANNERS))
        if rng.random() < 0.02:  # lures for another product: nothing here answers them
            apache(host, at(host, hour), noise_address(rng), rng.choice(["GET", "POST"]), rng.choice(EXCHANGE_LURES), 404, 196,
                   "python-requests/2.25.1", plant=dict(LURE))
        hour += dt.timedelta(hours=1)

"""Writers for the log formats of web and Exchange servers.

A Host collects rows per log kind; write() sorts them, cuts them into files as the servers would,
puts the right header on each file and says on which line a planted row ended up.
Everything is derived from a seed: the same seed gives the same bytes.
"""
import datetime as dt
import gzip
import json
import os
import random

UTC = dt.timezone.utc

HTTPPROXY_COLUMNS = (
    "DateTime RequestId MajorVersion MinorVersion BuildVersion RevisionVersion ClientRequestId Protocol UrlHost "
    "UrlStem ProtocolAction AuthenticationType IsAuthenticated AuthenticatedUser Organization AnchorMailbox UserAgent "
    "ClientIpAddress ServerHostName HttpStatus BackEndStatus ErrorCode Method ProxyAction TargetServer "
    "TargetServerVersion RoutingType RoutingHint BackEndCookie ServerLocatorHost ServerLocatorLatency RequestBytes "
    "ResponseBytes TargetOutstandingRequests AuthModulePerfContext HttpPipelineLatency CalculateTargetBackEndLatency "
    "GlsLatencyBreakup TotalGlsLatency AccountForestLatencyBreakup TotalAccountForestLatency "
    "ResourceForestLatencyBreakup TotalResourceForestLatency ADLatency SharedCacheLatencyBreakup "
    "TotalSharedCacheLatency ActivityContextLifeTime ModuleToHandlerSwitchingLatency ClientReqStreamLatency "
    "BackendReqInitLatency BackendReqStreamLatency BackendProcessingLatency BackendRespInitLatency "
    "BackendRespStreamLatency ClientRespStreamLatency KerberosAuthHeaderLatency HandlerCompletionLatency "
    "RequestHandlerLatency HandlerToModuleSwitchingLatency ProxyTime CoreLatency RoutingLatency HttpProxyOverhead "
    "TotalRequestTime RouteRefresherLatency UrlQuery BackEndGenericInfo GenericInfo GenericErrors EdgeTraceId "
    "DatabaseGuid UserADObjectGuid PartitionEndpointLookupLatency RoutingStatus").split()

# What the first release of Exchange 2013 did not have yet.
HTTPPROXY_2013_MISSING = {"UrlHost", "RoutingType", "EdgeTraceId", "DatabaseGuid", "UserADObjectGuid",
                          "PartitionEndpointLookupLatency", "RoutingStatus", "RouteRefresherLatency"}

RPS_HTTP_COLUMNS = (
    "DateTime StartTime RequestId MajorVersion MinorVersion BuildVersion RevisionVersion ClientRequestId UrlHost "
    "UrlStem AuthenticationType IsAuthenticated AuthenticatedUser Organization ManagedOrganization ClientIpAddress "
    "ServerHostName FrontEndServer HttpStatus SubStatus ErrorCode Action CommandId CommandName SessionId ShellId "
    "FailFast ContributeToFailFast RequestBytes ClientInfo CPU Memory ActivityContextLifeTime TotalTime UrlQuery "
    "GenericLatency GenericInfo GenericErrors").split()

RPS_CMDLET_COLUMNS = (
    "DateTime StartTime RequestId ClientRequestId MajorVersion MinorVersion BuildVersion RevisionVersion "
    "ServerHostName ProcessId ProcessName ThreadId CultureInfo Organization AuthenticatedUser ExecutingUserSid "
    "EffectiveOrganization UserServicePlan IsAdmin ClientApplication Cmdlet Parameters CmdletUniqueId "
    "UserBudgetOnStart ContributeToFailFast RunspaceSettingsCreationHint ADViewEntireForest ADRecipientViewRoot "
    "ADConfigurationDomainControllers ADPreferredGlobalCatalogs ADPreferredDomainControllers "
    "ADUserConfigurationDomainController ADUserPreferredGlobalCatalog ADuserPreferredDomainControllers "
    "ThrottlingInfo DelayInfo ThrottlingDelay IsOutputObjectRedacted CmdletProxyStage CmdletProxyRemoteServer "
    "CmdletProxyRemoteServerVersion CmdletProxyMethod ProxiedObjectCount CmdletProxyLatency OutputObjectCount "
    "ParameterBinding BeginProcessing ProcessRecord EndProcessing StopProcessing BizLogic PowerShellLatency "
    "UserInteractionLatency ProvisioningLayerLatency ActivityContextLifeTime TotalTime ErrorType ExecutionResult "
    "CacheHitCount CacheMissCount GenericLatency GenericInfo GenericErrors ObjectGuid "
    "ExternalDirectoryOrganizationId ExternalDirectoryObjectId NonPiiParameters").split()

EWS_COLUMNS = (
    "DateTime RequestId MajorVersion MinorVersion BuildVersion RevisionVersion Ring ClientRequestId "
    "AuthenticationType IsAuthenticated AuthenticatedUser Organization UserAgent VersionInfo ClientIpAddress "
    "ServerHostName FrontEndServer SoapAction HttpStatus RequestSize ResponseSize ErrorCode ImpersonatedUser "
    "ProxyAsUser ActAsUser Cookie CorrelationGuid PrimaryOrProxyServer TaskType RemoteBackendCount "
    "LocalMailboxCount RemoteMailboxCount LocalIdCount RemoteIdCount BeginBudgetConnections EndBudgetConnections "
    "BeginBudgetHangingConnections EndBudgetHangingConnections BeginBudgetAD EndBudgetAD BeginBudgetCAS "
    "EndBudgetCAS BeginBudgetRPC EndBudgetRPC BeginBudgetFindCount EndBudgetFindCount BeginBudgetSubscriptions "
    "EndBudgetSubscriptions MDBResource MDBHealth MDBHistoricalLoad ThrottlingPolicy ThrottlingDelay "
    "ThrottlingRequestType TotalDCRequestCount TotalDCRequestLatency TotalMBXRequestCount TotalMBXRequestLatency "
    "RecipientLookupLatency ExchangePrincipalLatency HttpPipelineLatency CheckAccessCoreLatency AuthModuleLatency "
    "CallContextInitLatency PreExecutionLatency CoreExecutionLatency TotalRequestTime "
    "DetailedExchangePrincipalLatency ClientStatistics GenericInfo AuthenticationErrors GenericErrors Puid StartTime "
    "ProcessId TimeInGC StartTotalMemory EndTotalMemory StartGCCounts EndGCCounts TokenBasedThrottlingPolicy "
    "BudgetKey CoinsCharged CoinsChargedMethod SidBudgetInfo AppBudgetInfo TenantBudgetInfo ResourceAccessed "
    "ResourceHealthBasedThreshold ThrottledBy BackoffHint WorkClassification").split()

MSGTRK_COLUMNS = (
    "date-time client-ip client-hostname server-ip server-hostname source-context connector-id source event-id "
    "internal-message-id message-id network-message-id recipient-address recipient-status total-bytes "
    "recipient-count related-recipient-address reference message-subject sender-address return-path message-info "
    "directionality tenant-id original-client-ip original-server-ip custom-data transport-traffic-type log-id "
    "schema-version").split()

ECP_COLUMNS = ["TimeStamp", "ServerName", "EventId", "EventData"]

IIS_FIELDS = ("date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) "
              "cs(Referer) sc-status sc-substatus sc-win32-status time-taken").split()

HTTPERR_FIELDS = ("date time c-ip c-port s-ip s-port cs-version cs-method cs-uri streamid sc-status s-siteid "
                  "s-reason s-queuename").split()


def utc(text):
    """'2021-03-03 04:05:06[.789]' as an aware time."""
    text = text.replace("T", " ").rstrip("Z")
    for form in ("%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d"):
        try:
            return dt.datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    raise ValueError(text)


def secs(n):
    return dt.timedelta(seconds=n)


def iso(t):
    return t.strftime("%Y-%m-%dT%H:%M:%S.") + "%03dZ" % (t.microsecond // 1000)


def long_build(build):
    a, b, c, d = build.split(".")
    return "%02d.%02d.%04d.%03d" % (int(a), int(b), int(c), int(d))


def target_version(build):
    a, b, c, _ = build.split(".")
    return "%02d.%02d.%04d.000" % (int(a), int(b), int(c))


def be_version(build):
    """The packed number that FEAuth=BEVersion-<n> shows."""
    a, b, c, _ = (int(x) for x in build.split("."))
    return 0x70008000 | a << 22 | b << 16 | c


def cell(value):
    text = str(value)
    if any(c in text for c in ',"\r\n'):
        return '"' + text.replace('"', '""') + '"'
    return text


def csv_row(columns, fields):
    unknown = set(fields) - set(columns)
    if unknown:
        raise KeyError(unknown)
    return ",".join(cell(fields.get(c, "")) for c in columns)


def exchange_header(version, log_type, first, columns, bare=False, software="Microsoft Exchange Server"):
    lines = ["#Software: " + software, "#Version: " + version, "#Log-type: " + log_type,
             "#Date: " + iso(first), "#Fields: " + ",".join(columns)]
    return [",".join(columns)] + lines if bare else lines


def event_data(items):
    """The ';'-parted list of ECP logs; an item with special signs is wrapped in single quotes."""
    out = []
    for key, value in items:
        item = "%s=%s" % (key, value)
        if "'" in item or ";" in item or '"' in item:
            item = "'" + item.replace("'", "''") + "'"
        out.append(item)
    return ";".join(out)


def w3c(value):
    text = str(value)
    return text.replace(" ", "+") if text else "-"


class Kind:
    """Where a log kind lies, what its files are called, and how they begin."""

    def __init__(self, name, folder, file_name, header, chunk, hourly):
        self.name, self.folder, self.file_name = name, folder, file_name
        self.header, self.chunk, self.hourly = header, chunk, hourly


def iis_header(host, first, kind):
    fields = list(host.iis_fields)
    return ["#Software: Microsoft Internet Information Services " + host.iis_version, "#Version: 1.0",
            "#Date: " + first.strftime("%Y-%m-%d %H:%M:%S"), "#Fields: " + " ".join(fields)]


def httperr_header(host, first, kind):
    return ["#Software: Microsoft HTTP API 2.0", "#Version: 1.0",
            "#Date: " + first.strftime("%Y-%m-%d %H:%M:%S"), "#Fields: " + " ".join(HTTPERR_FIELDS)]


def exchange(log_type, columns, version=None, software="Microsoft Exchange Server"):
    def header(host, first, kind):
        cols = host.httpproxy_columns if columns is HTTPPROXY_COLUMNS else columns
        return exchange_header(version or long_build(host.build(first)), log_type, first, cols,
                               bare=host.bare_header and columns is HTTPPROXY_COLUMNS, software=software)
    return header


def no_header(host, first, kind):
    return []


def by_hour(prefix):
    return lambda t, n: "%s%s-%d.LOG" % (prefix, t.strftime("%Y%m%d%H"), n)


def by_day(prefix):
    return lambda t, n: "%s%s-%d.LOG" % (prefix, t.strftime("%Y%m%d"), n)


EX = "V15/Logging/"
PROTOCOLS = ["Autodiscover", "Eas", "Ecp", "Ews", "Mapi", "Oab", "Owa", "PowerShell", "RpcHttp"]
KINDS = {
    "iis-frontend": Kind("iis-frontend", "inetpub/logs/LogFiles/W3SVC1",
                         None, iis_header, "iis", True),
    "iis-backend": Kind("iis-backend", "inetpub/logs/LogFiles/W3SVC2",
                        None, iis_header, "iis", True),
    "httperr": Kind("httperr", "Windows/System32/LogFiles/HTTPERR",
                    lambda t, n: "httperr%d.log" % n, httperr_header, "all", False),
    "ecp-server": Kind("ecp-server", EX + "ECP/Server", by_day("ECPServer"),
                       exchange("ECP Server Log", ECP_COLUMNS, "15.0.0.0"), "exchange", True),
    "ecp-activity": Kind("ecp-activity", EX + "ECP/Activity", by_day("ECPActivity_11844_"),
                         exchange("ECP Activity Context Log", ECP_COLUMNS, "15.0.0.0"), "exchange", False),
    "oabgenerator": Kind("oabgenerator", EX + "OABGeneratorLog", by_day("OABGeneratorLog"),
                         exchange("OABGenerator Log", ["DateTime", "ServerName", "EventId", "Message"]),
                         "all", False),
    "ews": Kind("ews", EX + "Ews", by_hour("Ews_"), exchange("EWS Logs", EWS_COLUMNS), "exchange", False),
    "rps-http": Kind("rps-http", EX + "CmdletInfra/Powershell-Proxy/Http", by_hour("Rps_Http_"),
                     exchange("Rps Http Logs", RPS_HTTP_COLUMNS), "exchange", False),
    "rps-cmdlet": Kind("rps-cmdlet", EX + "CmdletInfra/Powershell-Proxy/Cmdlet", by_hour("Rps_Cmdlet_"),
                       exchange("Rps Cmdlet Logs", RPS_CMDLET_COLUMNS), "exchange", False),
    "message-tracking": Kind("message-tracking", "V15/TransportRoles/Logs/MessageTracking", by_hour("MSGTRKMS"),
                             exchange("Message Tracking Log", MSGTRK_COLUMNS), "exchange", False),
    "apache": Kind("apache", "var/log/apache2",
                   lambda t, n: "access.log" if n == 1 else "access.log.%d" % (n - 1), no_header, "all", True),
}
for _p in PROTOCOLS:
    _name = "httpproxy-" + _p.lower()
    KINDS[_name] = Kind(_name, EX + "HttpProxy/" + _p, by_hour("HttpProxy_"),
                        exchange("HttpProxy Logs", HTTPPROXY_COLUMNS), "exchange", True)


class Host:
    """One server: its identity, its rows, and what is true about it."""

    def __init__(self, name, start, end, builds, seed, domain="contoso.example"):
        self.name, self.domain = name, domain
        self.start, self.end = start, end
        self.builds = builds              # [(from time, "15.1.2176.2")], rising
        self.rng = random.Random("%s/%s" % (seed, name))
        self.iis_version, self.iis_fields = "10.0", IIS_FIELDS
        self.httpproxy_columns = HTTPPROXY_COLUMNS
        self.bare_header = False
        self.address = "10.0.1.%d" % self.rng.randint(10, 200)
        self.public = "mail.%s" % domain
        self.netbios = domain.split(".")[0].upper()
        self.sid = "S-1-5-21-%d-%d-%d" % tuple(self.rng.randint(10 ** 8, 2 ** 31) for _ in range(3))
        self.database = self.guid()
        self.rows, self.seq = {}, 0
        self.plain_days = set()           # dates whose files stay uncompressed
        self.compress_rest = False
        self.iis_monthly, self.exchange_chunk_days = False, 7
        self.gaps = {}                    # kind -> [(from, to)] that the copy lacks
        self.drop_files = []              # (kind, index): file numbers that the copy lacks
        self.encoding = "utf-8"
        self.kinds = None                 # None: every kind that has rows
        self.balancer = None              # address of a balancer; clients then appear in X-Forwarded-For
        self.planted, self.files = [], {}
        self.tails = {}

    # identity

    def fqdn(self):
        return "%s.%s" % (self.name.lower(), self.domain)

    def build(self, t):
        current = self.builds[0][1]
        for since, build in self.builds:
            if t >= since:
                current = build
        return current

    def guid(self):
        r = self.rng.getrandbits(128)
        h = "%032x" % r
        return "%s-%s-4%s-a%s-%s" % (h[:8], h[8:12], h[13:16], h[17:20], h[20:])

    def near_guid(self, group):
        """An id as sequential generators make them: only the first group differs. Compresses well."""
        if group not in self.tails:
            self.tails[group] = self.guid()[8:]
        return "%08x%s" % (self.rng.getrandbits(32), self.tails[group])

    # rows

    def add(self, kind, t, line, plant=None):
        self.seq += 1
        self.rows.setdefault(kind, []).append((t, self.seq, line, plant))

    def iis(self, t, method, stem, query, port, user, client, agent, status, sub=0, win32=0, taken=15,
            referer="-", site="iis-frontend", plant=None, xff=None):
        server = "::1" if client == "::1" else "127.0.0.1" if client == "127.0.0.1" else self.address
        if site == "iis-backend" and client != "::1":
            server = self.address
        forwarded = "-"
        if self.balancer and client not in ("::1", "127.0.0.1") and site == "iis-frontend":
            forwarded, client = client, self.balancer
        values = {"date": t.strftime("%Y-%m-%d"), "time": t.strftime("%H:%M:%S"), "s-ip": server,
                  "cs-method": method, "cs-uri-stem": stem, "cs-uri-query": w3c(query), "s-port": port,
                  "cs-username": w3c(user), "c-ip": client, "cs(User-Agent)": w3c(agent),
                  "cs(Referer)": w3c(referer), "sc-status": status, "sc-substatus": sub,
                  "sc-win32-status": win32, "time-taken": taken, "X-Forwarded-For": forwarded}
        line = " ".join(str(values[f]) for f in self.iis_fields)
        if site == "iis-backend" and user not in ("", "-") and stem.startswith("/powershell"):
            line = line.replace(" %s %s " % (port, w3c(user)), " %s  %s " % (port, w3c(user)), 1)
        self.add(site, t, line, plant)

    def httpproxy(self, protocol, t, plant=None, **fields):
        major, minor, build, revision = self.build(t).split(".")
        row = {"DateTime": iso(t), "MajorVersion": major, "MinorVersion": minor, "BuildVersion": build,
               "RevisionVersion": revision, "Protocol": protocol, "ServerHostName": self.name,
               "ServerLocatorLatency": "", "RequestBytes": 0}
        row.update(fields)
        row["UserAgent"] = row.get("UserAgent", "").replace(",", " ")
        row = {k: v for k, v in row.items() if k in self.httpproxy_columns}
        self.add("httpproxy-" + protocol.lower(), t, csv_row(self.httpproxy_columns, row), plant)

    def exchange_row(self, kind, columns, t, plant=None, **fields):
        if "MajorVersion" in columns:
            major, minor, build, revision = self.build(t).split(".")
            fields.update(MajorVersion=major, MinorVersion=minor, BuildVersion=build, RevisionVersion=revision)
        fields.setdefault("DateTime", iso(t))
        self.add(kind, t, csv_row(columns, fields), plant)

    def ecp_server(self, t, cmd, url, error="", sid=None, plant=None, taken=16):
        data = event_data([
            ("S:TIME", taken), ("S:SID", sid or self.near_guid("ecpsid")), ("S:CMD", cmd), ("S:REQID", ""),
            ("S:URL", url), ("S:REFERRER", ""), ("S:EX", error), ("S:ACTID", self.near_guid("ecpact")),
            ("S:RS", 0), ("S:BLD", self.build(t)), ("S:TNAME", "<null>"), ("S:TID", ""),
            ("S:USID", self.near_guid("ecpusid")), ("S:EDOID", ""), ("S:ACID", "")])
        self.add("ecp-server", t, csv_row(ECP_COLUMNS, {
            "TimeStamp": iso(t), "ServerName": self.name, "EventId": "ECP.Request", "EventData": data}), plant)

    def request(self, t, protocol, method, stem, query="", user="", client="::1", agent="", status=200,
                back_status=None, auth="Negotiate", host=None, anchor=None, hint="WindowsIdentity", action="",
                taken=14, target=None, target_version=None, extra="", be_number=None, plant=None, port=443,
                request_id=None, bytes_in=0, bytes_out=0, log_proxy=True, log_iis=True, organization="",
                iis_status=None, errors="", iis_plant="same"):
        """One request to the front end: an IIS row and an HttpProxy row that share the request id."""
        rid = request_id or self.near_guid(protocol)
        local = client in ("::1", "127.0.0.1")
        tokens = "&CorrelationID=<empty>;&cafeReqId=%s;&encoding=;" % rid
        if log_iis:
            self.iis(t, method, stem, query + tokens, port, user, client, agent, iis_status or status,
                     taken=taken, plant=plant if iis_plant == "same" else iis_plant)
        if not log_proxy:
            return rid
        build = self.build(t)
        begin = t - dt.timedelta(milliseconds=taken)
        info = "BeginRequest=%s;CorrelationID=<empty>;" % iso(begin)
        if back_status is not None or target:
            info += "ProxyState-Run=None;FEAuth=BEVersion-%d;" % (be_number or be_version(build))
            if back_status is not None:
                info += "BeginGetResponse=%s;OnResponseReady=%s;EndGetResponse=%s;" % (iso(begin), iso(t), iso(t))
                info += "ProxyState-Complete=ProxyResponseData;"
            else:
                info += "ProxyState-Complete=PrepareServerRequest;"
        info += extra + "SharedCacheGuard=0;EndRequest=%s;" % iso(t)
        proxied = back_status is not None or target is not None
        fields = dict(
            RequestId=rid, UrlHost=host or ("localhost" if local else self.public), UrlStem=stem,
            ProtocolAction=action, AuthenticationType=auth, IsAuthenticated="true" if user else "false",
            AuthenticatedUser=user, Organization=organization, UserAgent=agent,
            AnchorMailbox=anchor if anchor is not None else ("Sid~" + self.sid + "-1142" if user else ""),
            ClientIpAddress=self.balancer if self.balancer and not local else client,
            HttpStatus=status, BackEndStatus="" if back_status is None else back_status, Method=method,
            HttpPipelineLatency=0, ActivityContextLifeTime=taken, HandlerToModuleSwitchingLatency=0,
            CoreLatency=1, HttpProxyOverhead=1, TotalRequestTime=taken, RequestBytes=bytes_in or "",
            ResponseBytes=bytes_out or "", GenericInfo=info, GenericErrors=errors,
            UrlQuery="?" + query.lstrip("&") if query else "")
        if proxied:
            fields.update(
                ProxyAction="Proxy", TargetServer=target or self.fqdn(), RoutingType="IntraForest",
                TargetServerVersion=target_version or target_version_of(build), RoutingHint=hint,
                CalculateTargetBackEndLatency=1, TotalGlsLatency=0, TotalAccountForestLatency=0,
                TotalResourceForestLatency=0, ADLatency=0, TotalSharedCacheLatency=0,
                ModuleToHandlerSwitchingLatency=0, BackendProcessingLatency=max(taken - 3, 0), ProxyTime=taken - 1,
                RequestHandlerLatency=taken, RoutingLatency=1, HandlerCompletionLatency=0)
            if user:
                fields["DatabaseGuid"] = "|RoutingDB:" + self.database
            fields["RoutingStatus"] = "CafeV1"
        self.httpproxy(protocol, t, plant, **fields)
        return rid

    # writing

    def missing(self, kind, t):
        for name, spans in self.gaps.items():
            if kind == name or (name.endswith("*") and kind.startswith(name[:-1])):
                if any(a <= t < b for a, b in spans):
                    return True
        return False

    def chunk_of(self, kind, t):
        """The day (or month) that names the file which holds a row of time t."""
        day = t.replace(hour=0, minute=0, second=0, microsecond=0)
        if kind.chunk == "all":
            return self.start
        if kind.chunk == "iis":
            return day.replace(day=1) if self.iis_monthly else day
        if t.date() in self.plain_days:
            return day
        n = self.exchange_chunk_days
        if n == 1:
            return day
        origin = self.start.replace(hour=0, minute=0, second=0, microsecond=0)
        first = origin + dt.timedelta(days=(day - origin).days // n * n)
        for i in range((day - first).days, -1, -1):  # a file ends where a plain day begins
            if (day - dt.timedelta(days=i)).date() in self.plain_days and i > 0:
                first = day - dt.timedelta(days=i - 1)
        return first

    def write(self, root, clear_plants=False):
        base = os.path.join(root, self.name)
        for kind_name in sorted(self.rows):
            if self.kinds is not None and kind_name not in self.kinds:
                continue
            kind = KINDS[kind_name]
            rows = [r for r in sorted(self.rows[kind_name], key=lambda r: (r[0], r[1]))
                    if not self.missing(kind_name, r[0])]
            chunks = {}
            for row in rows:
                chunks.setdefault(self.chunk_of(kind, row[0]), []).append(row)
            for index, (day, chunk) in enumerate(sorted(chunks.items())):
                if (kind_name, index) in self.drop_files:
                    continue
                self.write_file(base, kind, day, chunk)
        return self

    def write_file(self, base, kind, day, chunk):
        if kind.chunk == "iis":
            name = day.strftime("u_ex%y%m.log" if self.iis_monthly else "u_ex%y%m%d.log")
        else:
            name = kind.file_name(day, 1)
        lines = kind.header(self, max(day, min(r[0] for r in chunk)), kind)
        planted = []
        for t, _, line, plant in chunk:
            lines.append(line)
            if plant:
                planted.append(dict(plant, kind=kind.name, line=len(lines), time=iso(t)))
        eol = "\n" if kind.name == "apache" else "\r\n"
        data = (eol.join(lines) + eol).encode(self.encoding)
        if self.compress_rest and day.date() not in self.plain_days:
            name += ".gz"
            data = gzip.compress(data, 9, mtime=0)
        path = os.path.join(base, kind.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as f:
            f.write(data)
        relative = os.path.relpath(path, os.path.dirname(base)).replace(os.sep, "/")
        for plant in planted:
            self.planted.append(dict(plant, file=relative))
        entry = self.files.setdefault(kind.name, {"first": None, "last": None, "records": 0, "files": 0})
        entry["first"] = min(filter(None, [entry["first"], iso(chunk[0][0])]))
        entry["last"] = max(filter(None, [entry["last"], iso(chunk[-1][0])]))
        entry["records"] += len(chunk)
        entry["files"] += 1


target_version_of = target_version


def dump_json(path, value):
    with open(path, "w", encoding="utf-8") as f:
        json.dump(value, f, indent=1, sort_keys=True)
        f.write("\n")

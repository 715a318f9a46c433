/* tests/bench/gen_iis.c — large realistic logs for benchmarks.
 *
 * What:   writes N bytes of an IIS front-end log or an HttpProxy log of an Exchange server, with a
 *         few planted attack traces (inert, as log rows only) whose offsets go to stderr as JSON;
 *         also lists of indicator literals and addresses that do not occur in the background.
 * Input:  its command line only; the same seed gives the same bytes.
 * Limits: 2^62 bytes; a line stays below LINE_MAX_BYTES.
 * Owner:  static tables and one output block.
 * Spec:   --help
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    LINE_MAX_BYTES = 8192,
    BLOCK_BYTES = 1 << 20,
    MAX_PLANTED = 10000,
    N_USERS = 600,
    N_ADDRESSES = 3000
};

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static uint64_t state[2];

static uint64_t rnd(void)
{ /* xoroshiro128+: fast, and good enough for made-up traffic */
    uint64_t a = state[0], b = state[1], sum = a + b;
    b ^= a;
    state[0] = (a << 24 | a >> 40) ^ b ^ (b << 16);
    state[1] = b << 37 | b >> 27;
    return sum;
}

static void rnd_seed(uint64_t seed)
{
    for (int i = 0; i < 2; i++) { /* splitmix64 */
        uint64_t z = (seed += 0x9e3779b97f4a7c15u);
        z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
        z = (z ^ z >> 27) * 0x94d049bb133111ebu;
        state[i] = z ^ z >> 31;
    }
}

static uint32_t below(uint32_t n)
{
    return (uint32_t)((rnd() >> 32) * n >> 32);
}

struct text { /* a short string with its length known */
    char s[48];
    uint8_t n;
};
static struct text user[N_USERS], mailbox[N_USERS], address[N_ADDRESSES];

struct out {
    char *p; /* write position in block */
    char block[BLOCK_BYTES + LINE_MAX_BYTES];
    uint64_t written; /* bytes already given to the file */
    int fd;
};
static struct out out;

static void die(const char *what)
{
    fprintf(stderr, "gen_log: %s: %s\n", what, strerror(errno));
    exit(74);
}

static void flush_block(void)
{
    const char *p = out.block;
    size_t n = (size_t)(out.p - out.block);
    out.written += n;
    while (n > 0) {
        ssize_t w = write(out.fd, p, n);
        if (w < 0) {
            if (errno == EINTR) {
                continue;
            }
            die("write");
        }
        p += w;
        n -= (size_t)w;
    }
    out.p = out.block;
}

static inline char *put(char *p, const char *s, size_t n)
{
    memcpy(p, s, n);
    return p + n;
}
static inline char *put_s(char *p, const char *s)
{
    return put(p, s, strlen(s));
}
static inline char *put_t(char *p, const struct text *t)
{
    memcpy(p, t->s, sizeof t->s); /* fixed size: one wide copy; the next put writes over the rest */
    return p + t->n;
}
#define PUT(p, lit) put(p, lit, sizeof(lit) - 1)

static inline char *put_2(char *p, uint32_t v)
{
    p[0] = (char)('0' + v / 10);
    p[1] = (char)('0' + v % 10);
    return p + 2;
}

static inline char *put_u(char *p, uint32_t v)
{
    char tmp[10];
    int n = 0;
    do {
        tmp[n++] = (char)('0' + v % 10);
        v /= 10;
    } while (v > 0);
    while (n > 0) {
        *p++ = tmp[--n];
    }
    return p;
}

static char hex2[256][2];

static char *put_guid(char *p)
{
    uint64_t r[2] = {rnd(), rnd()};
    unsigned char b[16];
    memcpy(b, r, sizeof b);
    b[6] = (unsigned char)(0x40 | (b[6] & 15));
    b[8] = (unsigned char)(0x80 | (b[8] & 63));
    for (int i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10) {
            *p++ = '-';
        }
        memcpy(p, hex2[b[i]], 2);
        p += 2;
    }
    return p;
}

/* Time. The log starts on 1 March 2021 and its lines are spread over `days`. */
struct moment {
    uint32_t day, second, ms; /* day counts from 1 March 2021, below 31 */
};

static char *put_date(char *p, const struct moment *m)
{
    p = PUT(p, "2021-03-");
    return put_2(p, m->day + 1);
}
static char *put_clock(char *p, const struct moment *m)
{
    p = put_2(p, m->second / 3600);
    *p++ = ':';
    p = put_2(p, m->second / 60 % 60);
    *p++ = ':';
    return put_2(p, m->second % 60);
}
static char *put_iso(char *p, const struct moment *m)
{
    p = put_date(p, m);
    *p++ = 'T';
    p = put_clock(p, m);
    *p++ = '.';
    *p++ = (char)('0' + m->ms / 100);
    p = put_2(p, m->ms % 100);
    *p++ = 'Z';
    return p;
}

enum who { NOBODY, LOGIN, PROBE };

/* One sort of request: how often it comes, and what stands in its line. In `query`, '$' is
 * replaced: $m mailbox, $u user, $g id, $h 8 hex digits, $n number. */
struct traffic {
    uint32_t weight; /* parts of 1000 */
    const char *protocol, *method, *stem, *query, *agent, *iis_agent, *auth, *hint;
    uint16_t status;
    enum who who;
};

#define CHROME                                                                                     \
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML  like Gecko) "            \
    "Chrome/88.0.4324.190 Safari/537.36"
#define CHROME_IIS                                                                                 \
    "Mozilla/5.0+(Windows+NT+10.0;+Win64;+x64)+AppleWebKit/537.36+(KHTML,+like+Gecko)+Chrome/"     \
    "88.0.4324.190+Safari/537.36"
#define OUTLOOK "Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.13127; Pro)"
#define OUTLOOK_IIS "Microsoft+Office/16.0+(Windows+NT+10.0;+Microsoft+Outlook+16.0.13127;+Pro)"
#define MAC "MacOutlook/16.45.21011103 (Intelx64 Mac OS X Version 10.15.7 (Build 19H114))"
#define MAC_IIS "MacOutlook/16.45.21011103+(Intelx64+Mac+OS+X+Version+10.15.7+(Build+19H114))"
#define PHONE "Apple-iPhone12C1/1803.72"
#define LOCAL "AMProbe/Local/ClientAccess"

static const struct traffic mix[] = {
    {150, "Owa", "GET", "/owa/auth/15.1.2176/themes/resources/lgntopl.gif", NULL, CHROME,
     CHROME_IIS, "FBA", "", 200, NOBODY},
    {150, "Eas", "POST", "/Microsoft-Server-ActiveSync/Proxy", NULL, PHONE, PHONE, "Basic", "", 401,
     NOBODY},
    {120, "Owa", "POST", "/owa/service.svc", "action=FindConversation&EP=1&UA=0&ID=-$n&AC=1",
     CHROME, CHROME_IIS, "FBA", "WindowsIdentity", 200, LOGIN},
    {60, "Owa", "POST", "/owa/service.svc", "action=GetConversationItems&EP=1&ID=-$n&AC=1", CHROME,
     CHROME_IIS, "FBA", "WindowsIdentity", 200, LOGIN},
    {40, "Owa", "GET", "/owa/ev.owa2",
     "ns=PendingRequest&ev=PendingNotificationRequest&UA=0&cid=$g&X-OWA-CANARY=$h.", CHROME,
     CHROME_IIS, "FBA", "WindowsIdentity", 200, LOGIN},
    {35, "Owa", "GET", "/owa/auth/logon.aspx",
     "replaceCurrent=1&url=https%3a%2f%2fmail.contoso.example%2fowa%2f", CHROME, CHROME_IIS, "FBA",
     "", 200, NOBODY},
    {30, "Owa", "GET", "/owa/prem/15.1.2176.2/resources/styles/0/boot.worldwide.mouse.css", "",
     CHROME, CHROME_IIS, "FBA", "", 200, NOBODY},
    {30, "Owa", "GET", "/owa/auth/15.1.2176/themes/resources/segoeui-regular.ttf", "", CHROME,
     CHROME_IIS, "FBA", "", 200, NOBODY},
    {190, "Eas", "POST", "/Microsoft-Server-ActiveSync/default.eas",
     "Cmd=Ping&User=CONTOSO%5C$u&DeviceId=Appl$h$h&DeviceType=iPhone", PHONE, PHONE, "Basic",
     "WindowsIdentity", 200, LOGIN},
    {60, "Eas", "POST", "/Microsoft-Server-ActiveSync/default.eas",
     "Cmd=Sync&User=$u%40contoso.example&DeviceId=Appl$h$h&DeviceType=iPad", PHONE, PHONE, "Basic",
     "WindowsIdentity", 200, LOGIN},
    {100, "Ews", "POST", "/EWS/Exchange.asmx", "", MAC, MAC_IIS, "NTLM", "WindowsIdentity", 200,
     LOGIN},
    {40, "Ews", "POST", "/EWS/Exchange.asmx", "", OUTLOOK, OUTLOOK_IIS, "Negotiate", "", 401,
     NOBODY},
    {110, "Mapi", "POST", "/mapi/emsmdb/", "mailboxId=$g@contoso.example", OUTLOOK, OUTLOOK_IIS,
     "NTLM", "MailboxGuidWithDomain", 200, LOGIN},
    {20, "Mapi", "POST", "/mapi/nspi/", "mailboxId=$g@contoso.example", OUTLOOK, OUTLOOK_IIS,
     "NTLM", "MailboxGuidWithDomain", 200, LOGIN},
    {20, "RpcHttp", "RPC_IN_DATA", "/rpc/rpcproxy.dll", "$g@contoso.example:6001", "MSRPC", "MSRPC",
     "NTLM", "MailboxGuid", 200, LOGIN},
    {20, "RpcHttp", "RPC_OUT_DATA", "/rpc/rpcproxy.dll", "$g@contoso.example:6001", "MSRPC",
     "MSRPC", "NTLM", "MailboxGuid", 200, LOGIN},
    {30, "Autodiscover", "POST", "/autodiscover/autodiscover.xml", "", OUTLOOK, OUTLOOK_IIS, "NTLM",
     "WindowsIdentity", 200, LOGIN},
    {10, "Autodiscover", "GET", "/autodiscover/autodiscover.json",
     "Email=$u%40contoso.example&Protocol=ActiveSync&RedirectCount=1", "Outlook-iOS-Android/1.0",
     "Outlook-iOS-Android/1.0", "Anonymous", "AutodiscoverV2", 200, NOBODY},
    {8, "Oab", "GET", "/OAB/6e3a1c52-77b0-4f0b-9a55-0c1d6a7d9b11/oab.xml", "", OUTLOOK, OUTLOOK_IIS,
     "NTLM", "OAB", 200, LOGIN},
    {20, "Ecp", "POST", "/ecp/DDI/DDIService.svc/GetList",
     "schema=MailboxService&msExchEcpCanary=$h$h.", CHROME, CHROME_IIS, "FBA", "WindowsIdentity",
     200, LOGIN},
    {9, "Ecp", "GET", "/ecp/15.1.2176.2/scripts/common.js", "", CHROME, CHROME_IIS, "FBA", "", 200,
     LOGIN},
    {75, "PowerShell", "POST", "/powershell",
     "clientApplication=ActiveMonitor;PSVersion=5.1.14393.4225&sessionID=Version_15.1_(Build_2176."
     "0)=rJqNi$h$h",
     "Microsoft WinRM Client", "Microsoft+WinRM+Client", "Kerberos", "ExchClientVer-ServerCookie",
     200, PROBE},
    {75, "Ews", "GET", "/ews/", "", LOCAL, LOCAL, "Negotiate", "WindowsIdentity", 200, PROBE},
    {75, "Owa", "GET", "/owa/", "", LOCAL, LOCAL, "Negotiate", "WindowsIdentity", 200, PROBE},
    {75, "Ecp", "GET", "/ecp/", "", LOCAL, LOCAL, "Negotiate", "WindowsIdentity", 200, PROBE},
    {75, "Eas", "OPTIONS", "/Microsoft-Server-ActiveSync/", "", LOCAL, LOCAL, "Negotiate",
     "WindowsIdentity", 200, PROBE},
    {8, "Owa", "GET", "/favicon.ico", "", "curl/7.68.0", "curl/7.68.0", "FBA", "", 404, NOBODY},
};
static uint8_t pick_table[1000];

static char *put_query(char *p, const char *query, const struct text *name, const struct text *mail)
{
    for (; *query != '\0'; query++) {
        if (*query != '$') {
            *p++ = *query;
            continue;
        }
        switch (*++query) {
        case 'u': p = put_t(p, name); break;
        case 'm': p = put_t(p, mail); break;
        case 'g': p = put_guid(p); break;
        case 'n': p = put_u(p, 1 + below(400)); break;
        default: {
            uint32_t r = (uint32_t)rnd();
            for (int i = 0; i < 4; i++) {
                p = put(p, hex2[r >> (8 * i) & 255], 2);
            }
        }
        }
    }
    return p;
}

static const char iis_fields[] =
    "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip "
    "cs(User-Agent) "
    "cs(Referer) sc-status sc-substatus sc-win32-status time-taken\r\n";

static char *iis_header(char *p, const struct moment *m)
{
    p = PUT(p,
            "#Software: Microsoft Internet Information Services 10.0\r\n#Version: 1.0\r\n#Date: ");
    p = put_date(p, m);
    *p++ = ' ';
    p = put_clock(p, m);
    p = PUT(p, "\r\n");
    return put(p, iis_fields, sizeof iis_fields - 1);
}

static char *iis_line(char *p, const struct moment *m)
{
    const struct traffic *t = &mix[pick_table[below(1000)]];
    uint32_t who = below(N_USERS);
    p = put_date(p, m);
    *p++ = ' ';
    p = put_clock(p, m);
    p = t->who == PROBE ? PUT(p, " 127.0.0.1 ") : PUT(p, " 10.0.1.20 ");
    p = put_s(p, t->method);
    *p++ = ' ';
    p = put_s(p, t->stem);
    *p++ = ' ';
    if (t->query == NULL) { /* what the proxy module does not see has no tokens appended */
        p = PUT(p, "- 443 ");
    } else {
        p = put_query(p, t->query, &user[who], &mailbox[who]);
        p = PUT(p, "&CorrelationID=<empty>;&cafeReqId=");
        p = put_guid(p);
        p = PUT(p, ";&encoding=; 443 ");
    }
    if (t->who == LOGIN) {
        p = PUT(p, "CONTOSO\\");
        p = put_t(p, &user[who]);
    } else if (t->who == PROBE) {
        p = PUT(p, "CONTOSO\\HealthMailbox3f2c91a");
    } else {
        *p++ = '-';
    }
    *p++ = ' ';
    p = t->who == PROBE ? PUT(p, "127.0.0.1") : put_t(p, &address[below(N_ADDRESSES)]);
    *p++ = ' ';
    p = put_s(p, t->iis_agent);
    p = t->agent[0] == 'M' && t->agent[1] == 'o' && below(3) == 0
            ? PUT(p, " https://mail.contoso.example/owa/ ")
            : PUT(p, " - ");
    p = put_u(p, t->status);
    p = t->status == 401   ? PUT(p, " 1 2148074254 ")
        : t->status == 404 ? PUT(p, " 0 2 ")
                           : PUT(p, " 0 0 ");
    p = put_u(p, 1 + below(below(8) == 0 ? 60000 : 200));
    return PUT(p, "\r\n");
}

static const char proxy_fields[] =
    "#Fields: "
    "DateTime,RequestId,MajorVersion,MinorVersion,BuildVersion,RevisionVersion,ClientRequestId,"
    "Protocol,"
    "UrlHost,UrlStem,ProtocolAction,AuthenticationType,IsAuthenticated,AuthenticatedUser,"
    "Organization,AnchorMailbox,"
    "UserAgent,ClientIpAddress,ServerHostName,HttpStatus,BackEndStatus,ErrorCode,Method,"
    "ProxyAction,TargetServer,"
    "TargetServerVersion,RoutingType,RoutingHint,BackEndCookie,ServerLocatorHost,"
    "ServerLocatorLatency,RequestBytes,"
    "ResponseBytes,TargetOutstandingRequests,AuthModulePerfContext,HttpPipelineLatency,"
    "CalculateTargetBackEndLatency,"
    "GlsLatencyBreakup,TotalGlsLatency,AccountForestLatencyBreakup,TotalAccountForestLatency,"
    "ResourceForestLatencyBreakup,TotalResourceForestLatency,ADLatency,SharedCacheLatencyBreakup,"
    "TotalSharedCacheLatency,ActivityContextLifeTime,ModuleToHandlerSwitchingLatency,"
    "ClientReqStreamLatency,"
    "BackendReqInitLatency,BackendReqStreamLatency,BackendProcessingLatency,BackendRespInitLatency,"
    "BackendRespStreamLatency,ClientRespStreamLatency,KerberosAuthHeaderLatency,"
    "HandlerCompletionLatency,"
    "RequestHandlerLatency,HandlerToModuleSwitchingLatency,ProxyTime,CoreLatency,RoutingLatency,"
    "HttpProxyOverhead,"
    "TotalRequestTime,RouteRefresherLatency,UrlQuery,BackEndGenericInfo,GenericInfo,GenericErrors,"
    "EdgeTraceId,"
    "DatabaseGuid,UserADObjectGuid,PartitionEndpointLookupLatency,RoutingStatus\r\n";

static char *proxy_header(char *p, const struct moment *m)
{
    p = PUT(p, "#Software: Microsoft Exchange Server\r\n#Version: 15.01.2176.002\r\n#Log-type: "
               "HttpProxy Logs\r\n#Date: ");
    p = put_iso(p, m);
    p = PUT(p, "\r\n");
    return put(p, proxy_fields, sizeof proxy_fields - 1);
}

/* Columns 20 (HttpStatus) to 65 (TotalRequestTime, RouteRefresherLatency), then the query. */
static char *proxy_middle(char *p, const struct traffic *t, uint32_t taken)
{
    p = put_u(p, t->status);
    *p++ = ',';
    p = t->status == 200 && t->hint[0] != '\0' ? PUT(p, "200,,") : PUT(p, ",,");
    p = put_s(p, t->method);
    if (t->hint[0] == '\0') {
        p = PUT(p, ",,,,,,,,,0,,,,,,,,,,,,,,,");
    } else {
        p = PUT(p, ",Proxy,ex01.contoso.example,15.01.2176.000,IntraForest,");
        p = put_s(p, t->hint);
        p = PUT(p, ",,,,");
        p = put_u(p, 200 + below(4000));
        *p++ = ',';
        p = put_u(p, 200 + below(40000));
        p = PUT(p, ",,,0,1,,0,,0,,0,0,,0,");
    }
    p = put_u(p, taken);
    p = t->hint[0] == '\0' ? PUT(p, ",,,,,,,,,,,0,0,,0,,0,0,,")
                           : PUT(p, ",0,0,1,0,11,0,0,0,0,0,13,0,11,1,1,1,13,,");
    return p;
}

static char *proxy_line(char *p, const struct moment *m)
{
    const struct traffic *t = &mix[pick_table[below(1000)]];
    uint32_t who = below(N_USERS), taken = 1 + below(200);
    bool login = t->who != NOBODY;
    p = put_iso(p, m);
    *p++ = ',';
    p = put_guid(p);
    p = PUT(p, ",15,1,2176,2,,");
    p = put_s(p, t->protocol);
    p = t->who == PROBE ? PUT(p, ",localhost,") : PUT(p, ",mail.contoso.example,");
    p = put_s(p, t->stem);
    p = PUT(p, ",,");
    p = put_s(p, t->auth);
    p = login ? PUT(p, ",true,CONTOSO\\") : PUT(p, ",false,");
    p = t->who == PROBE ? PUT(p, "HealthMailbox3f2c91a") : login ? put_t(p, &user[who]) : p;
    p = PUT(p, ",,");
    p = login ? PUT(p, "Sid~S-1-5-21-1004336348-1177238915-682003330-") : p;
    p = login ? put_u(p, 1100 + who) : p;
    *p++ = ',';
    p = put_s(p, t->agent);
    *p++ = ',';
    p = t->who == PROBE ? PUT(p, "127.0.0.1") : put_t(p, &address[below(N_ADDRESSES)]);
    p = PUT(p, ",EX01,");
    p = proxy_middle(p, t, taken);
    if (t->query != NULL && t->query[0] != '\0') {
        *p++ = '?';
        p = put_query(p, t->query, &user[who], &mailbox[who]);
    }
    p = PUT(p, ",,BeginRequest=");
    p = put_iso(p, m);
    p = PUT(
        p,
        ";CorrelationID=<empty>;ProxyState-Run=None;FEAuth=BEVersion-1942063232;BeginGetResponse=");
    p = put_iso(p, m);
    p = PUT(p, ";OnResponseReady=");
    p = put_iso(p, m);
    p = PUT(p, ";ProxyState-Complete=ProxyResponseData;SharedCacheGuard=0;EndRequest=");
    p = put_iso(p, m);
    p = login ? PUT(p, ";,,,|RoutingDB:5b0c7a51-2e7a-4f39-8f0e-1f2e7a9c4d10,,,CafeV1\r\n")
              : PUT(p, ";,,,,,,\r\n");
    return p;
}

/* Planted rows: traces as a log would hold them; nothing in them works. */
static const char *const iis_plants[] = {
    "POST /ecp/q1.js &CorrelationID=<empty>;&cafeReqId=%s;&encoding=; 443 - 198.51.100.%u "
    "python-requests/2.25.1 - 241 0 0 180",
    "POST /owa/auth/Current/themes/resources/logon.css "
    "&CorrelationID=<empty>;&cafeReqId=%s;&encoding=; 443 - 198.51.100.%u "
    "ExchangeServicesClient/0.0.0.0 - 200 0 0 91",
    "POST /owa/auth/q7RtNm2kXw.aspx &CorrelationID=<empty>;&cafeReqId=%s;&encoding=; 443 - "
    "198.51.100.%u Mozilla/5.0 - 200 0 0 31",
    "GET /autodiscover/autodiscover.json "
    "@scan.example.com/powershell/?&Email=autodiscover/"
    "autodiscover.json%%3F@scan.example.com&CorrelationID=<empty>;&cafeReqId=%s;&encoding=; 443 - "
    "198.51.100.%u python-requests/2.26.0 - 302 0 0 12",
    "POST /aspnet_client/supp0rt.aspx &id=%s 443 - 198.51.100.%u antSword/v2.1 - 200 0 0 44",
};
static const char *const proxy_targets[] = {
    "/autodiscover/autodiscover.xml?#",
    "/mapi/emsmdb/?#",
    "/ecp/proxyLogon.ecp?#",
    "/ecp/DDI/DDIService.svc/SetObject?schema=ResetOABVirtualDirectory#",
    "/EWS/Exchange.asmx?#",
};

static char *planted_line(char *p, const struct moment *m, unsigned i, bool proxy)
{
    char guid[40];
    *put_guid(guid) = '\0';
    size_t room = LINE_MAX_BYTES / 2;
    if (!proxy) {
        p = put_date(p, m);
        *p++ = ' ';
        p = put_clock(p, m);
        p = PUT(p, " 10.0.1.20 ");
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        p += snprintf(p, room, iis_plants[i % COUNT(iis_plants)], guid, 200 + i % 50);
#pragma GCC diagnostic pop
        return PUT(p, "\r\n");
    }
    p = put_iso(p, m);
    const char *target = proxy_targets[i % COUNT(proxy_targets)];
    int status = strstr(target, "proxyLogon") != NULL ? 241 : 200;
    p += snprintf(
        p, room,
        ",%s,15,1,2176,2,,Ecp,mail.contoso.example,/ecp/"
        "q1.js,,FBA,false,,,ServerInfo~a]@ex01.contoso.example:444%s,"
        "python-requests/"
        "2.25.1,198.51.100.%u,EX01,%d,%d,,POST,Proxy,a]@ex01.contoso.example:444%s,15.01.2176.000,"
        "IntraForest,X-BEResource-Cookie,,,,812,1467,,,0,1,,0,,0,,0,0,,0,180,0,0,1,0,11,0,0,0,0,0,"
        "13,0,11,1,1,1,13,,,,"
        "CorrelationID=<empty>;ProxyState-Run=None;SharedCacheGuard=0;,,,,,,CafeV1\r\n",
        guid, target, 200 + i % 50, status, status, target);
    return p;
}

static void make_people(void)
{
    static const char *const first[] = {"alex",    "billie", "casey",  "dana",   "ellis",
                                        "frankie", "gray",   "harper", "indigo", "jules"};
    static const char *const last[] = {"fields", "stone", "rivers", "lake",  "meadow", "hill",
                                       "forest", "marsh", "grove",  "brook", "ridge",  "dale"};
    for (uint32_t i = 0; i < N_USERS; i++) {
        const char *a = first[i % COUNT(first)], *b = last[i / COUNT(first) % COUNT(last)];
        user[i].n = (uint8_t)snprintf(user[i].s, sizeof user[i].s, "%s.%s%u", a, b, i / 120 + 1);
        mailbox[i].n = (uint8_t)snprintf(mailbox[i].s, sizeof mailbox[i].s,
                                         "%s.%s%u@contoso.example", a, b, i / 120 + 1);
    }
    for (uint32_t i = 0; i < N_ADDRESSES; i++) {
        uint32_t r = below(100);
        struct text *t = &address[i];
        if (r < 60) {
            t->n = (uint8_t)snprintf(t->s, sizeof t->s, "10.%u.%u.%u", 20 + below(30), below(256),
                                     1 + below(254));
        } else if (r < 97) {
            t->n = (uint8_t)snprintf(t->s, sizeof t->s, r < 80 ? "192.0.2.%u" : "203.0.113.%u",
                                     1 + below(254));
        } else {
            t->n = (uint8_t)snprintf(t->s, sizeof t->s, "2001:db8:%x::%x", below(65536),
                                     1 + below(65535));
        }
    }
    for (int i = 0; i < 256; i++) {
        memcpy(hex2[i], &"0123456789abcdef"[i >> 4], 1);
        memcpy(hex2[i] + 1, &"0123456789abcdef"[i & 15], 1);
    }
    uint32_t sum = 0, at = 0;
    for (uint32_t i = 0; i < COUNT(mix); i++) {
        sum += mix[i].weight;
    }
    for (uint32_t i = 0, acc = 0; i < COUNT(mix); i++) {
        acc += mix[i].weight;
        while (at < 1000 && at < acc * 1000 / sum) {
            pick_table[at++] = (uint8_t)i;
        }
    }
}

static int by_offset(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

struct options {
    uint64_t bytes, seed;
    unsigned planted, days;
    bool proxy;
    const char *path;
};

static void write_log(const struct options *o)
{
    static uint64_t want[MAX_PLANTED];
    for (unsigned i = 0; i < o->planted; i++) {
        want[i] = (uint64_t)((double)(rnd() >> 11) / 9007199254740992.0 * (double)o->bytes * 0.98);
    }
    qsort(want, o->planted, sizeof want[0], by_offset);
    struct moment m = {0, 0, 0};
    uint64_t line = 0, total_ms = (uint64_t)o->days * 86400000, last_ms = 0;
    unsigned next = 0;
    uint32_t last_day = UINT32_MAX;
    fprintf(stderr, "{\"kind\": \"%s\", \"seed\": %" PRIu64 ", \"planted\": [",
            o->proxy ? "httpproxy" : "iis", o->seed);
    out.p = out.block;
    for (;;) {
        uint64_t pos = out.written + (uint64_t)(out.p - out.block);
        if (pos >= o->bytes && next >= o->planted) {
            break;
        }
        uint64_t ms = (uint64_t)((double)pos / (double)o->bytes * (double)total_ms);
        ms = ms >= total_ms ? total_ms - 1 : ms;
        last_ms = ms > last_ms ? ms : last_ms;
        m = (struct moment){(uint32_t)(last_ms / 86400000), (uint32_t)(last_ms / 1000 % 86400),
                            (uint32_t)(last_ms % 1000)};
        if (m.day != last_day) { /* a new log file begins each day; here they follow one another */
            last_day = m.day;
            out.p = o->proxy ? proxy_header(out.p, &m) : iis_header(out.p, &m);
            line += o->proxy ? 5 : 4;
            continue;
        }
        if (next < o->planted && pos >= want[next]) {
            fprintf(stderr, "%s\n {\"offset\": %" PRIu64 ", \"line\": %" PRIu64 "}",
                    next ? "," : "", pos, line + 1);
            out.p = planted_line(out.p, &m, next++, o->proxy);
        } else {
            out.p = o->proxy ? proxy_line(out.p, &m) : iis_line(out.p, &m);
        }
        line++;
        if (out.p - out.block >= BLOCK_BYTES) {
            flush_block();
        }
    }
    flush_block();
    fprintf(stderr, "],\n \"lines\": %" PRIu64 ", \"bytes\": %" PRIu64 "}\n", line, out.written);
}

/* Literals: file names and URL paths in the manner of real indicator lists. Each carries a run of
 * letters that no word of the background has, so none of them occurs there. */
static void write_literals(uint64_t n, const char *path)
{
    static const char *const dir[] = {
        "/aspnet_client/", "/owa/auth/", "/ecp/auth/", "/aspnet_client/system_web/",
        "/_layouts/15/",   "/uploads/",  "/rpc/",      "/OAB/"};
    static const char *const word[] = {"shell", "error", "log",   "web", "help",
                                       "load",  "test",  "admin", "cmd", "up"};
    static const char *const ext[] = {".aspx", ".ashx", ".asmx", ".js", ".php", ".jsp", ".txt"};
    FILE *f = fopen(path, "w");
    if (f == NULL) {
        die(path);
    }
    for (uint64_t i = 0; i < n; i++) {
        char name[16], text[96];
        uint32_t len = 6 + below(5);
        for (uint32_t k = 0; k < len; k++) {
            name[k] = "bcdfghjkmnpqrstvwxzBCDFGHJKMNPQRSTVWXZ2345679"[below(45)];
        }
        name[len] = '\0';
        do {
            snprintf(text, sizeof text, "%s%s%s%s", below(2) ? dir[below(COUNT(dir))] : "",
                     below(3) == 0 ? word[below(COUNT(word))] : "", name, ext[below(COUNT(ext))]);
        } while (strlen(text) < 8 || strlen(text) > 40);
        if (strlen(text) > 30) {
            i--;
            continue;
        }
        fprintf(f, "%s\n", text);
    }
    if (fclose(f) != 0) {
        die(path);
    }
}

/* Addresses outside those of the background: from 198.51.100.0/24 first, then 2001:db8:ffff::/48
 * and 198.18.0.0/15 (the range kept for benchmarks). */
static void write_addresses(uint64_t n, const char *path)
{
    FILE *f = fopen(path, "w");
    if (f == NULL) {
        die(path);
    }
    for (uint64_t i = 0; i < n; i++) {
        if (i < 256) {
            fprintf(f, "198.51.100.%u\n", (unsigned)i);
        } else if (i % 10 == 0) {
            fprintf(f, "2001:db8:ffff::%x:%x\n", (unsigned)(i >> 16 & 65535),
                    (unsigned)(i & 65535));
        } else {
            uint32_t a = (uint32_t)(i * 2654435761u) & 0x1ffff;
            fprintf(f, "198.%u.%u.%u\n", 18 + (a >> 16), a >> 8 & 255, a & 255);
        }
    }
    if (fclose(f) != 0) {
        die(path);
    }
}

static uint64_t number(const char *s)
{
    char *end;
    errno = 0;
    uint64_t v = strtoull(s, &end, 10);
    static const char unit[] = "kMG";
    const char *u = *end != '\0' ? strchr(unit, *end) : NULL;
    if (u != NULL) {
        for (long i = 0; i <= u - unit; i++) {
            v *= 1000;
        }
        end++;
    }
    if (errno != 0 || *s == '-' || *end != '\0') {
        fprintf(stderr, "gen_log: \"%s\" is not a number\n", s);
        exit(2);
    }
    return v;
}

static void usage(void)
{
    fputs("gen_log [--bytes N] [--seed N] [--kind iis|httpproxy] [--days N] [--planted N] [-o "
          "FILE|-]\n"
          "gen_log [--seed N] --literals N FILE\n"
          "gen_log [--seed N] --addresses N FILE\n"
          "N may end in k, M or G. Offsets and lines of the planted rows go to stderr as JSON.\n",
          stderr);
    exit(2);
}

int main(int argc, char **argv)
{
    struct options o = {.bytes = 2000000000u, .seed = 1, .planted = 20, .days = 30, .path = "-"};
    const char *literals = NULL, *addresses = NULL;
    uint64_t n_list = 0;
    for (int i = 1; i < argc; i++) {
        const char *a = argv[i];
        bool pair = strcmp(a, "--literals") == 0 || strcmp(a, "--addresses") == 0;
        if (i + (pair ? 2 : 1) >= argc) {
            usage();
        }
        const char *v = argv[++i];
        if (strcmp(a, "--bytes") == 0) {
            o.bytes = number(v);
        } else if (strcmp(a, "--seed") == 0) {
            o.seed = number(v);
        } else if (strcmp(a, "--planted") == 0) {
            o.planted = (unsigned)number(v);
        } else if (strcmp(a, "--days") == 0) {
            o.days = (unsigned)number(v);
        } else if (strcmp(a, "-o") == 0) {
            o.path = v;
        } else if (strcmp(a, "--kind") == 0 &&
                   (strcmp(v, "iis") == 0 || strcmp(v, "httpproxy") == 0)) {
            o.proxy = v[0] == 'h';
        } else if (pair) {
            n_list = number(v);
            *(a[2] == 'l' ? &literals : &addresses) = argv[++i];
        } else {
            usage();
        }
    }
    if (o.planted > MAX_PLANTED || o.days < 1 || o.days > 31 || o.bytes == 0 ||
        o.bytes >> 62 != 0) {
        usage();
    }
    rnd_seed(o.seed);
    if (literals != NULL || addresses != NULL) {
        if (literals != NULL) {
            write_literals(n_list, literals);
        } else {
            write_addresses(n_list, addresses);
        }
        return 0;
    }
    make_people();
    out.fd = strcmp(o.path, "-") == 0
                 ? STDOUT_FILENO
                 : open(o.path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (out.fd < 0) {
        die(o.path);
    }
    write_log(&o);
    return close(out.fd) == 0 ? 0 : 74;
}

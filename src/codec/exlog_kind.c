#include "codec/exlog.h"

#include "codec/line.h"

struct str exlog_kind_of_type(struct str log_type)
{
    /* The first text found in #Log-type, without case, decides. */
    static const struct {
        const char *text, *kind;
    } types[] = {
        {"HttpProxy", "httpproxy"},
        {"ECP Server", "ecp-server"},
        {"ECP Activity", "ecp-activity"},
        {"OABGenerator", "oabgenerator"},
        {"OAB Generator", "oabgenerator"},
        {"EWS", "ews"},
        {"Autodiscover", "autodiscover"},
        {"OWA", "owa"},
        {"Rps Http", "rps-http"},
        {"Rps_Http", "rps-http"},
        {"Cmdlet Logs", "rps-cmdlet"},
        {"Rps Cmdlet", "rps-cmdlet"},
        {"Message Tracking", "msgtrk"},
        {"SMTP Receive", "smtp-receive"},
        {"SMTP Send", "smtp-send"},
        {"Agent Log", "agent"},
        {"audit", "audit"},
    };
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        if (str_ifind(log_type, str_of(types[i].text)) >= 0)
            return str_of(types[i].kind);
    return STR_NONE;
}

struct str exlog_kind_of_columns(const struct log_state *s)
{
    /* The first line whose columns are all there decides. */
    static const struct {
        const char *column[3], *kind;
    } shapes[] = {
        {{"AnchorMailbox", NULL}, "httpproxy"},
        {{"BackEndStatus", "UrlStem", NULL}, "httpproxy"},
        {{"ProxyAction", "Protocol", NULL}, "httpproxy"},
        {{"EventId", "EventData", "ServerName"}, "ecp-server"},
        {{"SoapAction", "AuthenticatedUser", NULL}, "ews"},
        {{"Cmdlet", "Parameters", NULL}, "rps-cmdlet"},
        {{"ShellId", "CommandName", NULL}, "rps-http"},
        {{"message-id", "event-id", NULL}, "msgtrk"},
        {{"connector-id", "session-id", "sequence-number"}, "smtp-receive"},
        {{"P1FromAddress", "Agent", NULL}, "agent"},
        {{"RecordType", "Data", "Operation"}, "audit"},
    };
    for (size_t i = 0; i < ARRAY_LEN(shapes); i++) {
        bool all = true;
        for (size_t k = 0; k < ARRAY_LEN(shapes[i].column) && shapes[i].column[k]; k++)
            all &= column_find(s, str_of(shapes[i].column[k])) >= 0;
        if (all)
            return str_of(shapes[i].kind);
    }
    return STR("exchange-other");
}

/* The folder behind the named one: ".../HttpProxy/Owa/HttpProxy_2021030312-1.LOG" gives "Owa". */
static struct str folder_below(struct str path, struct str parent)
{
    struct str part = STR_NONE, before = STR_NONE;
    size_t from = 0;
    for (size_t i = 0; i < path.n; i++) {
        if (path.p[i] != '/' && path.p[i] != '\\')
            continue;
        before = part;
        part = str_sub(path, from, i);
        from = i + 1;
        if (str_ieq(before, parent))
            return part;
    }
    return STR_NONE;
}

bool exlog_protocol_kind(struct str protocol, char ret_kind[KIND_BYTES])
{
    if (protocol.n == 0 || protocol.n > KIND_BYTES - 11)
        return false;
    memcpy(ret_kind, "httpproxy-", 10);
    for (size_t i = 0; i < protocol.n; i++) {
        unsigned char c = (unsigned char)protocol.p[i];
        if (!ascii_alpha(c) && !ascii_digit(c))
            return false;
        ret_kind[10 + i] = (char)ascii_lower(c);
    }
    ret_kind[10 + protocol.n] = 0;
    return true;
}

static bool set_protocol(struct log_state *s, struct str protocol)
{
    char kind[KIND_BYTES];
    if (!exlog_protocol_kind(protocol, kind))
        return false;
    line_set(s->kind, sizeof s->kind, str_of(kind));
    return true;
}

/* One row tells what it can; *open says what is still wanted. */
struct wanted {
    bool host, protocol, ecp;
};

static void look(struct log_state *s, const struct log_state *scratch, const struct record *r,
                 struct wanted *open)
{
    static const char *const host[] = {"ServerHostName", "ServerName", "server-hostname", "Server"};
    for (size_t i = 0; i < ARRAY_LEN(host) && open->host; i++) {
        struct str name = record_get(scratch, r, str_of(host[i]));
        if (name.n) {
            line_set(s->host, sizeof s->host, name);
            open->host = false;
        }
    }
    if (open->protocol && set_protocol(s, record_get(scratch, r, STR("Protocol"))))
        open->protocol = false;
    struct str event = record_get(scratch, r, STR("EventId"));
    if (open->ecp && event.n) {
        /* The activity log has plain "Request" events, the server log "ECP.Request" ones. */
        bool activity = str_ieq(event, STR("Request")) && !record_get(scratch, r, STR("S:CMD")).p;
        line_set(s->kind, sizeof s->kind, activity ? STR("ecp-activity") : STR("ecp-server"));
        open->ecp = false;
    }
}

void exlog_look_at_rows(struct log_state *s, struct str rows, struct str path, bool type_known)
{
    struct log_state scratch = *s;
    struct str text, kind = str_of(s->kind);
    struct record r;
    struct wanted open = {
        .host = true,
        .protocol = str_eq(kind, STR("httpproxy")),
        .ecp = str_starts(kind, STR("ecp-")) && !type_known,
    };
    while ((open.host || open.protocol || open.ecp) && line_next(&rows, &text, NULL)) {
        enum line_class class = codec_exlog.line(&scratch, text, NULL, &r);
        if (class == LINE_RECORD || class == LINE_CUT)
            look(s, &scratch, &r, &open);
    }
    if (open.protocol)
        (void)set_protocol(s, folder_below(path, STR("HttpProxy")));
}

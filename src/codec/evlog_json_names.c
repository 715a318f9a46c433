#include "codec/evlog_json.h"

/* Exporters nest and name alike things in their own ways: these tables say what is what. */

/* What stands between an event and its fields and says nothing of them. */
static const char *const wrappers[] = {"Event", "#attributes", "Event_attributes",
                                       "#text", "value",       "_source"};
/* Below these a field goes by its last name alone; by the section as well where System has a field
 * of that name: no event can forge its own number, channel or computer. */
enum section { EVENT_DATA, USER_DATA, SECTIONS };
static const struct {
    const char *below;
    enum section section;
} plain_below[] = {
    {"EventData", EVENT_DATA},       {"UserData", USER_DATA},   {"winlog.event_data", EVENT_DATA},
    {"winlog.user_data", USER_DATA}, {"eventdata", EVENT_DATA}, {"userdata", USER_DATA},
};
#define OF_SYSTEM(name)                                                                            \
    {                                                                                              \
        name,                                                                                      \
        {                                                                                          \
            "EventData_" name, "UserData_" name                                                    \
        }                                                                                          \
    }
static const struct {
    const char *name, *elsewhere[SECTIONS];
} of_system[] = {
    OF_SYSTEM("Channel"),
    OF_SYSTEM("Computer"),
    OF_SYSTEM("EventID"),
    OF_SYSTEM("EventRecordID"),
    OF_SYSTEM("Provider_Name"),
    OF_SYSTEM("Provider_Guid"),
    OF_SYSTEM("Qualifiers"),
    OF_SYSTEM("Version"),
    OF_SYSTEM("Level"),
    OF_SYSTEM("Task"),
    OF_SYSTEM("Opcode"),
    OF_SYSTEM("Keywords"),
    OF_SYSTEM("SystemTime"),
    OF_SYSTEM("EventSourceName"),
    OF_SYSTEM("ActivityID"),
    OF_SYSTEM("RelatedActivityID"),
    OF_SYSTEM("Execution_ProcessID"),
    OF_SYSTEM("Execution_ThreadID"),
    OF_SYSTEM("Security_UserID"),
};

/* A path, without wrappers and the place it stands in, and the field that it is. */
static const struct {
    const char *path, *field;
} names[] = {
    /* System, as in the XML */
    {"Provider.Name", "Provider_Name"},
    {"Provider.Guid", "Provider_Guid"},
    {"Provider.EventSourceName", "EventSourceName"},
    {"EventID.Qualifiers", "Qualifiers"},
    {"TimeCreated.SystemTime", "SystemTime"},
    {"Correlation.ActivityID", "ActivityID"},
    {"Correlation.RelatedActivityID", "RelatedActivityID"},
    {"Execution.ProcessID", "Execution_ProcessID"},
    {"Execution.ThreadID", "Execution_ThreadID"},
    {"Security.UserID", "Security_UserID"},
    {"Provider_attributes.Name", "Provider_Name"},
    {"Provider_attributes.Guid", "Provider_Guid"},
    {"TimeCreated_attributes.SystemTime", "SystemTime"},
    {"Execution_attributes.ProcessID", "Execution_ProcessID"},
    {"Execution_attributes.ThreadID", "Execution_ThreadID"},
    {"Security_attributes.UserID", "Security_UserID"},
    {"Correlation_attributes.ActivityID", "ActivityID"},
    {"EventID_attributes.Qualifiers", "Qualifiers"},
    {"Provider.@Name", "Provider_Name"},
    {"Provider.@Guid", "Provider_Guid"},
    {"EventID.@Qualifiers", "Qualifiers"},
    {"TimeCreated.@SystemTime", "SystemTime"},
    {"Execution.@ProcessID", "Execution_ProcessID"},
    {"Execution.@ThreadID", "Execution_ThreadID"},
    {"Security.@UserID", "Security_UserID"},
    /* Winlogbeat */
    {"winlog.channel", "Channel"},
    {"winlog.event_id", "EventID"},
    {"winlog.provider_name", "Provider_Name"},
    {"winlog.provider_guid", "Provider_Guid"},
    {"winlog.computer_name", "Computer"},
    {"winlog.record_id", "EventRecordID"},
    {"winlog.process.pid", "Execution_ProcessID"},
    {"winlog.process.thread.id", "Execution_ThreadID"},
    {"winlog.user.identifier", "Security_UserID"},
    {"winlog.version", "Version"},
    {"winlog.opcode", "Opcode"},
    {"winlog.task", "Task"},
    {"winlog.activity_id", "ActivityID"},
    /* NXLog, and Get-WinEvent as ConvertTo-Json writes it */
    {"Hostname", "Computer"},
    {"MachineName", "Computer"},
    {"SourceName", "Provider_Name"},
    {"ProviderName", "Provider_Name"},
    {"ProviderGuid", "Provider_Guid"},
    {"ProviderId", "Provider_Guid"},
    {"RecordNumber", "EventRecordID"},
    {"RecordId", "EventRecordID"},
    {"LogName", "Channel"},
    {"Id", "EventID"},
    {"ExecutionProcessID", "Execution_ProcessID"},
    {"ThreadID", "Execution_ThreadID"},
    {"Properties.Value", "Data"},
};

/* What an event is and where it comes from: of these it has one value. other: where further ones
 * go that have no name of their own. */
static const struct {
    const char *field, *other;
} single[JSON_SINGLES] = {
    {"Channel", "Other_Channel"},
    {"Computer", "Other_Computer"},
    {"EventID", "Other_EventID"},
    {"EventRecordID", "Other_EventRecordID"},
    {"Provider_Name", "Other_Provider_Name"},
};

/* Objects and lists whose text rules search as a whole. */
static const char *const whole[] = {
    "requestParameters",  "responseElements",   "Parameters",        "OperationProperties",
    "ExtendedProperties", "ModifiedProperties", "additionalDetails", "targetResources",
    "AdditionalDetails",  "TargetResources",    "requestObject",
};

/* What a list of events goes by in the object around it. */
static const char *const lists[] = {"Records", "records", "value", "values", "items",
                                    "entries", "events",  "logs",  "hits"};

const char *const json_times[] = {"SystemTime",      "@timestamp",
                                  "TimeCreated",     "EventTime",
                                  "UtcTime",         "time",
                                  "CreationTime",    "published",
                                  "timestamp",       "ts",
                                  "TimeGenerated",   "activityDateTime",
                                  "createdDateTime", "utc_time",
                                  "id.time",         "requestReceivedTimestamp",
                                  "isotimestamp",    "detectedDateTime",
                                  "created_at",      NULL};

/* The channel of events that tell their provider alone; the first row that fits. */
static const struct {
    const char *provider;
    uint32_t id; /* 0: any */
    const char *channel;
} providers[] = {
    {"Microsoft-Windows-Security-Auditing", 0, "Security"},
    {"Microsoft-Windows-Sysmon", 0, "Microsoft-Windows-Sysmon/Operational"},
    {"Microsoft-Windows-PowerShell", 0, "Microsoft-Windows-PowerShell/Operational"},
    {"PowerShellCore", 0, "PowerShellCore/Operational"},
    {"PowerShell", 0, "Windows PowerShell"},
    {"Service Control Manager", 0, "System"},
    {"Microsoft-Windows-Eventlog", 104, "System"},
    {"Microsoft-Windows-Eventlog", 0, "Security"},
    {"MSExchange CmdletLogs", 0, "MSExchange Management"},
    {"Microsoft-Windows-Windows Defender", 0, "Microsoft-Windows-Windows Defender/Operational"},
    {"Microsoft-Windows-TaskScheduler", 0, "Microsoft-Windows-TaskScheduler/Operational"},
    {"Microsoft-Windows-WMI-Activity", 0, "Microsoft-Windows-WMI-Activity/Operational"},
    {"Microsoft-Windows-Bits-Client", 0, "Microsoft-Windows-Bits-Client/Operational"},
    {"Microsoft-Windows-CodeIntegrity", 0, "Microsoft-Windows-CodeIntegrity/Operational"},
    {"Microsoft-Windows-DNS-Client", 0, "Microsoft-Windows-DNS-Client/Operational"},
    {"Microsoft-Windows-NTLM", 0, "Microsoft-Windows-NTLM/Operational"},
    {"Microsoft-Windows-TerminalServices-LocalSessionManager", 0,
     "Microsoft-Windows-TerminalServices-LocalSessionManager/Operational"},
    {"Microsoft-Windows-TerminalServices-RemoteConnectionManager", 0,
     "Microsoft-Windows-TerminalServices-RemoteConnectionManager/Operational"},
    {"MsiInstaller", 0, "Application"},
    {"OpenSSH", 0, "OpenSSH/Operational"},
};

/* Labels in the message of 4688, without blanks, and the fields that they are. */
static const struct {
    const char *label, *field;
} labels[] = {
    {"ProcessCommandLine", "CommandLine"}, {"CreatorProcessName", "ParentProcessName"},
    {"CreatorProcessID", "ProcessId"},     {"NewProcessID", "NewProcessId"},
    {"AccountName", "SubjectUserName"},    {"AccountDomain", "SubjectDomainName"},
    {"LogonID", "SubjectLogonId"},         {"SecurityID", "SubjectUserSid"},
};

/* How to add events of a product: a row with keys that no other product's events have, all of
 * them, and the channel's name, and a row in data/events.yaml. The first row that fits counts. */
const struct json_sign json_signs[] = {
    {"aws/cloudtrail", {"eventSource", "eventName", "awsRegion"}, NULL, "eventName", false},
    {"m365/audit", {"Workload", "Operation", "RecordType"}, NULL, "Operation", false},
    {"m365/threats", {"eventSource", "eventName", "status"}, NULL, "eventName", false},
    /* Azure by diagnostic settings */
    {"azure/auditlogs", {"operationName", "category"}, "AuditLogs", "operationName", false},
    {"azure/signinlogs", {"operationName", "category"}, "SignInLogs", NULL, false},
    {"azure/signinlogs",
     {"operationName", "category"},
     "NonInteractiveUserSignInLogs",
     NULL,
     false},
    {"azure/signinlogs", {"operationName", "category"}, "ServicePrincipalSignInLogs", NULL, false},
    {"azure/signinlogs", {"operationName", "category"}, "ManagedIdentitySignInLogs", NULL, false},
    {"azure/riskdetection", {"operationName", "category"}, "UserRiskEvents", NULL, false},
    {"azure/activitylogs",
     {"operationName", "resourceId", "category"},
     NULL,
     "operationName",
     false},
    /* Log Analytics */
    {"azure/auditlogs",
     {"TimeGenerated", "OperationName", "LoggedByService"},
     NULL,
     "OperationName",
     false},
    {"azure/signinlogs",
     {"TimeGenerated", "ResultType", "ConditionalAccessStatus"},
     NULL,
     NULL,
     false},
    {"azure/activitylogs",
     {"TimeGenerated", "OperationNameValue"},
     NULL,
     "OperationNameValue",
     false},
    /* Graph */
    {"azure/auditlogs",
     {"activityDateTime", "activityDisplayName"},
     NULL,
     "activityDisplayName",
     false},
    {"azure/riskdetection", {"riskEventType", "riskState"}, NULL, "riskEventType", false},
    {"azure/signinlogs",
     {"createdDateTime", "userPrincipalName", "conditionalAccessStatus"},
     NULL,
     NULL,
     false},
    /* Google */
    {"gcp/workspace-login", {"protoPayload.serviceName"}, "login.googleapis.com", NULL, false},
    {"gcp/workspace-admin", {"protoPayload.serviceName"}, "admin.googleapis.com", NULL, false},
    {"gcp/audit",
     {"protoPayload.serviceName", "protoPayload.methodName"},
     NULL,
     "protoPayload.methodName",
     false},
    {"gcp/workspace-", {"events.name", "id.applicationName"}, NULL, NULL, false},
    {"okta", {"eventType", "displayMessage", "published"}, NULL, "eventType", false},
    {"onelogin", {"event_type_id", "account_id"}, NULL, "event_type_id", false},
    {"cisco/duo", {"event_type", "factor", "reason"}, NULL, NULL, false},
    {"bitbucket/audit",
     {"auditType.category", "auditType.action"},
     NULL,
     "auditType.action",
     false},
    {"kubernetes/audit", {"auditID", "stage", "verb"}, NULL, "verb", false},
    {"opencanary", {"node_id", "logtype"}, NULL, "logtype", false},
    {"suricata/stats", {"event_type"}, "stats", NULL, true},
    {"suricata/", {"flow_id", "event_type"}, NULL, NULL, false},
    /* Zeek, with and without the name of the log */
    {"zeek/", {"ts", "_path"}, NULL, NULL, false},
    {"zeek/dns", {"ts", "uid", "query"}, NULL, NULL, false},
    {"zeek/http", {"ts", "uid", "trans_depth", "method"}, NULL, NULL, false},
    {"zeek/http", {"ts", "uid", "trans_depth", "status_code"}, NULL, NULL, false},
    {"zeek/conn", {"ts", "uid", "conn_state"}, NULL, NULL, false},
    {"zeek/dce_rpc", {"ts", "uid", "endpoint", "operation"}, NULL, NULL, false},
    {"zeek/kerberos", {"ts", "uid", "request_type"}, NULL, NULL, false},
    {"zeek/smb_files", {"ts", "uid", "action", "name"}, NULL, NULL, false},
    {"zeek/x509", {"ts", "certificate.serial"}, NULL, NULL, false},
    {"zeek/rdp", {"ts", "uid", "cookie", "security_protocol"}, NULL, NULL, false},
    {"zeek/rdp", {"ts", "uid", "cookie", "result"}, NULL, NULL, false},
    {"zeek/ssl", {"ts", "uid", "cipher"}, NULL, NULL, false},
    {"zeek/other", {"ts", "uid", "id.orig_h"}, NULL, NULL, false},
    {"github/audit", {"actor", "created_at", "action"}, NULL, "action", false},
    {.channel = NULL},
};

static bool is_one_of(struct str s, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(s, str_of(list[i])))
            return true;
    return false;
}

bool json_wraps(struct str key)
{
    return is_one_of(key, wrappers, ARRAY_LEN(wrappers));
}

bool json_is_list(struct str key)
{
    return is_one_of(key, lists, ARRAY_LEN(lists));
}

bool json_is_whole(struct str path)
{
    ptrdiff_t dot = str_rchr(path, '.');
    return is_one_of(str_sub(path, (size_t)(dot + 1), path.n), whole, ARRAY_LEN(whole));
}

/* "EventData.Outer.Inner": the name by which Inner goes there; absent if it stands elsewhere. */
static struct str plain_field(struct str path)
{
    struct str leaf = STR_NONE;
    for (size_t i = 0; i < ARRAY_LEN(plain_below) && !leaf.p; i++) {
        struct str below = str_of(plain_below[i].below);
        if (!str_starts(path, below) || path.n <= below.n || path.p[below.n] != '.')
            continue;
        leaf = str_sub(path, (size_t)str_rchr(path, '.') + 1, path.n);
        for (size_t k = 0; k < ARRAY_LEN(of_system); k++)
            if (str_ieq(leaf, str_of(of_system[k].name)))
                return str_of(of_system[k].elsewhere[plain_below[i].section]);
    }
    return leaf;
}

/* Where all names are in small letters, "event" is what it is elsewhere, too: of other products a
 * section with fields of its own. Below it an event's own sections are told by their names. */
static struct str behind_event(struct str path)
{
    static const char *const sections[] = {"system.", "eventdata.", "userdata."};
    struct str inner = str_starts(path, STR("event.")) ? str_sub(path, 6, path.n) : path;
    for (size_t i = 0; i < ARRAY_LEN(sections); i++)
        if (str_starts(inner, str_of(sections[i])))
            return inner;
    return path;
}

/* "eventid" of "system.eventid" as System has it; absent if it has no such field: "system" says
 * little. */
static struct str small_of_system(struct str path)
{
    if (!str_starts(path, STR("system.")))
        return STR_NONE;
    path = str_sub(path, 7, path.n);
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (str_chr(str_of(names[i].path), '.') > 0 && str_ieq(path, str_of(names[i].path)))
            return str_of(names[i].field);
    for (size_t i = 0; i < ARRAY_LEN(of_system); i++)
        if (str_ieq(path, str_of(of_system[i].name)))
            return str_of(of_system[i].name);
    return STR_NONE;
}

bool json_is_named_data(struct str path)
{
    return str_ieq(behind_event(path), STR("EventData.Data"));
}

struct str json_field_of(struct str path)
{
    struct str inner = behind_event(path), field = plain_field(inner);
    if (!field.p)
        field = small_of_system(inner);
    if (field.p)
        return field;
    if (str_starts(path, STR("System.")))
        path = str_sub(path, 7, path.n);
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (str_eq(path, str_of(names[i].path)))
            return str_of(names[i].field);
    for (size_t i = 0; i < ARRAY_LEN(single); i++)
        if (str_ieq(path, str_of(single[i].field)))
            return str_of(single[i].field);
    return path;
}

enum json_single json_single(struct str path, struct str field)
{
    for (size_t i = 0; i < ARRAY_LEN(single); i++)
        if (str_eq(field, str_of(single[i].field)))
            return str_eq(path, field) || str_chr(path, '.') >= 0 ? JSON_SINGLE : JSON_ALIAS;
    return JSON_MANY;
}

struct str json_beside(struct str path, struct str field)
{
    for (size_t i = 0; i < ARRAY_LEN(single); i++)
        if (str_ieq(path, str_of(single[i].field)) || str_chr(path, '.') >= 0)
            if (str_eq(field, str_of(single[i].field)))
                return str_of(single[i].other);
    return path;
}

struct str json_label(struct str label, bool of_process)
{
    for (size_t i = 0; i < ARRAY_LEN(labels) && of_process; i++)
        if (str_eq(label, str_of(labels[i].label)))
            return str_of(labels[i].field);
    for (size_t i = 0; i < ARRAY_LEN(of_system); i++)
        if (str_ieq(label, str_of(of_system[i].name)))
            return str_of(of_system[i].elsewhere[EVENT_DATA]);
    return label;
}

struct str json_channel_of(struct str provider, struct str number)
{
    uint64_t id = 0;
    if (!str_u64(number, &id))
        id = 0;
    for (size_t i = 0; i < ARRAY_LEN(providers); i++)
        if (str_ieq(provider, str_of(providers[i].provider)) &&
            (!providers[i].id || providers[i].id == id))
            return str_of(providers[i].channel);
    return STR_NONE;
}

/* Is the key in the text, quoted, as it is or by its last part? */
static bool has_key(struct str text, const char *key)
{
    char room[80];
    const char *dot = strrchr(key, '.');
    for (int last = 0; last <= (dot != NULL); last++) {
        int n = snprintf(room, sizeof room, "\"%s\"", last ? dot + 1 : key);
        if (n > 0 && str_find(text, str_make(room, (size_t)n)) >= 0)
            return true;
    }
    return false;
}

static bool fits(const struct json_sign *sign, struct str text)
{
    for (size_t i = 0; i < SIGN_KEYS && sign->keys[i]; i++)
        if (!has_key(text, sign->keys[i]))
            return false;
    return true;
}

/* Any two of the names that all of Windows' events have, or a product's own. */
bool json_events_know(struct str head)
{
    static const char *const windows[] = {"Channel", "EventID",       "winlog",       "event_id",
                                          "LogName", "EventRecordID", "ProviderName", "EventData",
                                          "System",  "channel",       "MachineName",  "Computer",
                                          "eventid", "eventrecordid", "eventdata"};
    size_t n = 0, at = 0;
    while (at < head.n && (unsigned char)head.p[at] <= ' ')
        at++;
    if (at == head.n || (head.p[at] != '{' && head.p[at] != '['))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(windows) && n < 2; i++)
        n += has_key(head, windows[i]);
    for (const struct json_sign *s = json_signs; n < 2 && s->channel; s++)
        if (fits(s, head))
            n = 2;
    return n >= 2;
}

#include "output/technique.h"

#include "output/roles.h"

/* Sorted by id. */
static const char *const names[][2] = {
    {"T1003", "OS Credential Dumping"},
    {"T1003.001", "LSASS Memory"},
    {"T1003.003", "NTDS"},
    {"T1005", "Data from Local System"},
    {"T1016", "System Network Configuration Discovery"},
    {"T1016.001", "Internet Connection Discovery"},
    {"T1018", "Remote System Discovery"},
    {"T1021.002", "SMB/Windows Admin Shares"},
    {"T1027", "Obfuscated Files or Information"},
    {"T1033", "System Owner/User Discovery"},
    {"T1036", "Masquerading"},
    {"T1046", "Network Service Discovery"},
    {"T1047", "Windows Management Instrumentation"},
    {"T1053.005", "Scheduled Task"},
    {"T1055", "Process Injection"},
    {"T1057", "Process Discovery"},
    {"T1059", "Command and Scripting Interpreter"},
    {"T1059.001", "PowerShell"},
    {"T1059.003", "Windows Command Shell"},
    {"T1068", "Exploitation for Privilege Escalation"},
    {"T1070", "Indicator Removal"},
    {"T1070.001", "Clear Windows Event Logs"},
    {"T1070.004", "File Deletion"},
    {"T1071", "Application Layer Protocol"},
    {"T1071.001", "Web Protocols"},
    {"T1074.001", "Local Data Staging"},
    {"T1078", "Valid Accounts"},
    {"T1078.003", "Local Accounts"},
    {"T1078.004", "Cloud Accounts"},
    {"T1083", "File and Directory Discovery"},
    {"T1087", "Account Discovery"},
    {"T1095", "Non-Application Layer Protocol"},
    {"T1098", "Account Manipulation"},
    {"T1098.002", "Additional Email Delegate Permissions"},
    {"T1105", "Ingress Tool Transfer"},
    {"T1110", "Brute Force"},
    {"T1110.003", "Password Spraying"},
    {"T1114", "Email Collection"},
    {"T1114.002", "Remote Email Collection"},
    {"T1114.003", "Email Forwarding Rule"},
    {"T1119", "Automated Collection"},
    {"T1132.001", "Standard Encoding"},
    {"T1133", "External Remote Services"},
    {"T1136", "Create Account"},
    {"T1136.001", "Local Account"},
    {"T1136.002", "Domain Account"},
    {"T1140", "Deobfuscate/Decode Files or Information"},
    {"T1190", "Exploit Public-Facing Application"},
    {"T1199", "Trusted Relationship"},
    {"T1203", "Exploitation for Client Execution"},
    {"T1204", "User Execution"},
    {"T1210", "Exploitation of Remote Services"},
    {"T1212", "Exploitation for Credential Access"},
    {"T1213.002", "Sharepoint"},
    {"T1218.011", "Rundll32"},
    {"T1486", "Data Encrypted for Impact"},
    {"T1490", "Inhibit System Recovery"},
    {"T1505", "Server Software Component"},
    {"T1505.002", "Transport Agent"},
    {"T1505.003", "Web Shell"},
    {"T1530", "Data from Cloud Storage"},
    {"T1539", "Steal Web Session Cookie"},
    {"T1550.001", "Application Access Token"},
    {"T1552", "Unsecured Credentials"},
    {"T1552.001", "Credentials In Files"},
    {"T1552.004", "Private Keys"},
    {"T1555.006", "Cloud Secrets Management Stores"},
    {"T1560", "Archive Collected Data"},
    {"T1560.001", "Archive via Utility"},
    {"T1562.001", "Disable or Modify Tools"},
    {"T1564.001", "Hidden Files and Directories"},
    {"T1566", "Phishing"},
    {"T1567", "Exfiltration Over Web Service"},
    {"T1567.002", "Exfiltration to Cloud Storage"},
    {"T1569.002", "Service Execution"},
    {"T1583.003", "Virtual Private Server"},
    {"T1583.005", "Botnet"},
    {"T1583.006", "Web Services"},
    {"T1584.005", "Botnet"},
    {"T1589.002", "Email Addresses"},
    {"T1590", "Gather Victim Network Information"},
    {"T1590.005", "IP Addresses"},
    {"T1592.004", "Client Configurations"},
    {"T1593.003", "Code Repositories"},
    {"T1595.002", "Vulnerability Scanning"},
    {"T1606", "Forge Web Credentials"},
};

const char *technique_name(struct str id)
{
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (str_eq(id, str_of(names[i][0])))
            return names[i][1];
    return NULL;
}

bool technique_ok(struct str id)
{
    return text_shaped(id, "T####") || text_shaped(id, "T####.###");
}

void technique_url(struct buf *b, struct str id)
{
    struct str rest = id, part;
    buf_puts(b, "https://attack.mitre.org/techniques/");
    while (str_cut(&rest, '.', &part)) {
        buf_str(b, part);
        buf_putc(b, '/');
    }
}

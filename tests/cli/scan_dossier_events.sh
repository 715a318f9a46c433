#!/bin/sh
# What the dossiers' rules for event logs and their correlations are worth. Each case has a host of its own, its events as
# JSON lines, and IIS rows where the case needs them; one scan reads all. A case says which findings of its dossier it
# must have, by title and grade, and has no others.
tocsin=$1
. "$(dirname "$0")/../tap.sh"
python3 - "$tocsin" "$tap_work" <<'PYTHON'
import collections, json, os, subprocess, sys

tocsin, work = os.path.abspath(sys.argv[1]), sys.argv[2]
DAY = {"hafnium-exchange-2021": "2021-03-03", "proxyshell-2021": "2021-08-20",
       "proxynotshell-owassrf-2022": "2022-12-10", "sharepoint-toolshell-2025": "2025-07-19"}
H, PS, PN, TS = DAY
PROVIDER = {"Security": "Microsoft-Windows-Security-Auditing", "MSExchange Management": "MSExchange CmdletLogs",
            "System": "Service Control Manager", "Microsoft-Windows-Sysmon/Operational": "Microsoft-Windows-Sysmon",
            "Microsoft-Windows-Windows Defender/Operational": "Microsoft-Windows-Windows Defender"}
W3WP, SYS32 = r"C:\Windows\System32\inetsrv\w3wp.exe", "C:\\Windows\\System32\\"
EX = "C:\\Program Files\\Microsoft\\Exchange Server\\V15\\"
OWA, CLIENT = EX + "FrontEnd\\HttpProxy\\owa\\auth\\", "C:\\inetpub\\wwwroot\\aspnet_client\\"
TEMP = "C:\\Windows\\Microsoft.NET\\Framework64\\v4.0.30319\\Temporary ASP.NET Files\\"
LAYOUTS = "C:\\Program Files\\Common Files\\microsoft shared\\Web Server Extensions\\16\\TEMPLATE\\LAYOUTS\\"


def event(channel, number, data, at=0, provider=None, level=4):
    return ("event", at, channel, number, data, provider or PROVIDER.get(channel, channel), level)


def sysmon(child, command="", parent=W3WP, pool="", user="NT AUTHORITY\\SYSTEM", at=0):
    line = 'c:\\windows\\system32\\inetsrv\\w3wp.exe -ap "%s" -v "v4.0" -l "webengine4.dll"' % pool if pool else "x.exe"
    return event("Microsoft-Windows-Sysmon/Operational", 1, {"Image": child, "CommandLine": command or child, "User": user,
                 "ParentImage": parent, "ParentCommandLine": line}, at)


def created(child, command="", parent=W3WP, sid="S-1-5-18", at=0):
    data = {"SubjectUserSid": sid, "SubjectUserName": "EX01$" if sid == "S-1-5-18" else "svc-app", "NewProcessName": child,
            "ParentProcessName": parent}
    return event("Security", 4688, dict(data, CommandLine=command) if command else data, at)


def file(path, image="System", at=0):
    return event("Microsoft-Windows-Sysmon/Operational", 11, {"Image": image, "TargetFilename": path}, at)


def cmdlet(name, parameters, at=0, number=1, more=""):
    return event("MSExchange Management", number, {"Data": [name, parameters, "contoso.example/Users/admin", "S-1-5-21-1-2-3-500",
                 "S-1-5-21-1-2-3-500", "Remote-ManagementShell-Unknown", "5668 w3wp#MSExchangePowerShellAppPool", "", "5",
                 "00:00:00.03", "View Entire Forest: 'False'", more]}, at)


def share(name, client="127.0.0.1", user="EX01$", access="%%1541\n\t\t\t\t%%4417\n\t\t\t\t%%4418", mask="0x120116"):
    return event("Security", 5145, {"SubjectUserName": user, "IpAddress": client, "ShareName": "\\\\*\\C$",
                 "RelativeTargetName": name, "AccessMask": mask, "AccessList": access})


def application(provider, number, *strings, at=0, level=2):
    return event("Application", number, {"Data": list(strings)}, at, provider, level)


def defender(number, at=0, **data):
    return event("Microsoft-Windows-Windows Defender/Operational", number, {k.replace("_", " "): v for k, v in data.items()}, at)


def iis(row, at=0):
    return ("iis", at, row)


POOL, SHELL = "MSExchangeOWAAppPool", "Web server process of Exchange started a shell"
BARE, PATHS = "Web server process of the system started a shell", "Web server process ran a command for a web folder of Exchange"
BY_EX = "Script written into a web folder by Exchange itself"
BY_NET = "Script that never shipped written into a web folder over the network"
COMPILED, SHARED = "Page that never shipped compiled", "Script written through a share of the server itself"
DIRECTORY = "Virtual directory given a script as address (event log)"
SET, GONE, NEW = ("Offline address book directory %s (event log)" % w for w in ("changed", "removed", "made anew"))
LSASS, LATER = "Memory of the login process written to a file", "Service, task or account made after the break-in"
FAILED, REFUSED = "Anonymous POST failed on an ordinary page", "View state refused by the server"
KEYS, KEYS_SITE = "Page state with stolen machine keys", "Page state with stolen machine keys, to a page of a site"
OAB = '-Identity "EX01\\OAB (Default Web Site)" -ExternalUrl "%s"'
SCRIPT = 'http://f/<script language="JScript" runat="server">function Page_Load(){/**/}</script>'
STATE = ("4009", "Viewstate verification failed. Reason: Viewstate was invalid.")
cmd, power = SYS32 + "cmd.exe", SYS32 + "WindowsPowerShell\\v1.0\\powershell.exe"

CASES = [  # dossier, what, records, findings by title
    (H, "a shell below an Exchange pool (Sysmon)", [sysmon(cmd, "cmd /c whoami", pool=POOL)], {SHELL: "compromise"}),
    (H, "a tool below an Exchange pool", [sysmon(SYS32 + "nltest.exe", pool="MSExchangeECPAppPool")], {SHELL: "compromise"}),
    (H, "a compiler below an Exchange pool", [sysmon(TEMP + "csc.exe", pool=POOL), sysmon(SYS32 + "WerFault.exe", pool=POOL)], {}),
    (H, "a foreign program below an Exchange pool", [sysmon("C:\\Vendor\\sign.exe", pool=POOL)],
     {"Web server process of Exchange started an unusual program": "attempt"}),
    (H, "a shell below another pool", [sysmon(cmd, pool="DefaultAppPool")], {}),
    (H, "a shell below the system's web server (4688)", [created(cmd)], {BARE: "attempt"}),
    (H, "the same after a directory was given a script", [cmdlet("Set-OabVirtualDirectory", OAB % SCRIPT), created(cmd, at=60)],
     {DIRECTORY: "compromise", SET: "weak", BARE: "progressed"}),
    (H, "a shell in a folder of Exchange (4688)", [created(cmd, 'cmd /c cd /d "' + CLIENT + 'system_web"&whoami&echo [S]&cd&echo [E]')],
     {PATHS: "compromise"}),
    (H, "a shell below a web server of a user", [created(cmd, sid="S-1-5-82-3006700770")], {}),
    (H, "a shell of the task scheduler", [created(cmd, parent=SYS32 + "svchost.exe")], {}),
    (H, "the voice mail worker starts a program", [sysmon(cmd, parent=EX + "Bin\\UMWorkerProcess.exe")],
     {"Voice mail service started a program": "compromise"}),
    (H, "the voice mail worker reports a fault", [sysmon(SYS32 + "WerFault.exe", parent=EX + "Bin\\UMWorkerProcess.exe")], {}),
    (H, "a dump of LSASS by comsvcs", [sysmon(SYS32 + "rundll32.exe",
     "rundll32 C:\\windows\\system32\\comsvcs.dll, MiniDump 624 C:\\root\\x.dmp full", parent=cmd)], {LSASS: "attempt"}),
    (H, "a dump of LSASS by ProcDump (4688)", [created("C:\\t\\p.exe", "p.exe -accepteula -ma lsass.exe C:\\root\\l.dmp", parent=cmd)],
     {LSASS: "attempt"}),
    (H, "a dump of another process", [created("C:\\t\\p.exe", "p.exe -ma notepad.exe n.dmp", parent=cmd)], {}),

    (H, "a script by a worker process", [file(CLIENT + "discover.aspx", W3WP)], {BY_EX: "compromise"}),
    (H, "a script over the network", [file(OWA + "RedirSuiteServerProxy.aspx")], {BY_NET: "progressed"}),
    (H, "the same behind a directory that was given a script",
     [cmdlet("Set-OabVirtualDirectory", OAB % SCRIPT), file(OWA + "RedirSuiteServerProxy.aspx", at=1)],
     {DIRECTORY: "compromise", SET: "weak", BY_NET: "compromise"}),
    (H, "a shipped page over the network", [file(OWA + "logon.aspx"), file(EX + "FrontEnd\\HttpProxy\\ecp\\auth\\TimeoutLogout.aspx")], {}),
    (H, "a page by the installer", [file(OWA + "errorFE.aspx", EX + "bin\\ExSetup.exe"), file(EX + "ClientAccess\\owa\\x.aspx", power),
     file(OWA + "mfa.aspx", power)], {}),
    (H, "a script elsewhere", [file("C:\\inetpub\\wwwroot\\shop\\cart.aspx", W3WP)], {}),
    (H, "a compiled page that never shipped", [file(TEMP + "owa\\8e05b027\\e164d61b\\supp0rt.aspx.cdcab7d2.compiled", W3WP)],
     {COMPILED: "attempt"}),
    (H, "compiled pages that shipped", [file(TEMP + "owa\\8e05b027\\e164d61b\\logon.aspx.cdcab7d2.compiled", W3WP),
     file(TEMP + "root\\8e05b027\\e164d61b\\shop.aspx.cdcab7d2.compiled", W3WP)], {}),
    (H, "the voice mail worker writes a program", [file("C:\\ProgramData\\a.exe", EX + "Bin\\UMWorkerProcess.exe")],
     {"Voice mail service wrote an unusual file": "weak"}),
    (H, "a script through a share of the server itself", [share("inetpub\\wwwroot\\aspnet_client\\x.aspx")], {SHARED: "compromise"}),
    (H, "the same by its mask, over IPv6", [share("inetpub\\wwwroot\\aspnet_client\\x.aspx", "::1", access="-", mask="0x2")],
     {SHARED: "compromise"}),
    (H, "a script read through a share, or written from outside, or by a user, or no script",
     [share("a\\x.aspx", access="%%4416\n%%4423", mask="0x120089"), share("a\\x.aspx", "192.0.2.7"), share("a\\x.aspx", user="admin"),
      share("a\\x.txt")], {}),

    (H, "a script as address", [cmdlet("Set-OabVirtualDirectory", OAB % SCRIPT)], {DIRECTORY: "compromise", SET: "weak"}),
    (H, "an address that is none", [cmdlet("Set-OwaVirtualDirectory", '-ExternalUrl "http://f/<%eval%>" -Identity "x"')],
     {DIRECTORY: "compromise"}),
    (H, "an ordinary address", [cmdlet("Set-OwaVirtualDirectory", '-ExternalUrl "https://mail.contoso.example/owa" -Identity "x"')], {}),
    (H, "set, remove, new", [cmdlet("Set-OabVirtualDirectory", OAB % "http://f/"), cmdlet("Remove-OabVirtualDirectory", "-Force", 2),
     cmdlet("New-OabVirtualDirectory", "-Name x", 5)], {SET: "weak", GONE: "weak", NEW: "weak",
     "Offline address book directory changed, removed and made anew within a minute": "progressed"}),
    (H, "an administrator's repair: remove, new, set", [cmdlet("Remove-OabVirtualDirectory", "-Identity x"),
     cmdlet("New-OabVirtualDirectory", "-Name x", 5), cmdlet("Set-OabVirtualDirectory", OAB % "https://mail.contoso.example/OAB", 9)],
     {SET: "weak", GONE: "weak", NEW: "weak"}),
    (H, "a forged request acted on, and the directory", [iis("POST /ecp/y.js - 443 - 203.0.113.9 Mozilla/5.0 - 200", 2),
     cmdlet("New-OabVirtualDirectory", "-Name x")], {NEW: "weak", "ProxyLogon: POST to a static name, acted on": "attempt",
     "Offline address book directory changed while a forged request was acted on": "compromise"}),
    (H, "the same an hour apart", [iis("POST /ecp/y.js - 443 - 203.0.113.9 Mozilla/5.0 - 200", 3600),
     cmdlet("New-OabVirtualDirectory", "-Name x")], {NEW: "weak", "ProxyLogon: POST to a static name, acted on": "attempt"}),

    (H, "Unified Messaging fails on forged data", [application("MSExchange Unified Messaging", 1423, "System.InvalidCastException: x")],
     {"Unified Messaging failed on forged data": "attempt"}),
    (H, "a report on a forged object", [application("MSExchange Common", 4999, "E12", "c-RTL-AMD64", "UMWorkerProcess",
     "M.V.T.TextFormattingRunProperties")], {"Unified Messaging broke on a forged object": "attempt"}),
    (H, "a crash of the worker", [application("Application Error", 1000, "UMWorkerProcess.exe", "15.1.1713.5", "KERNELBASE.dll")],
     {"Voice mail worker crashed": "weak"}),
    (H, "crashes of others, and for want of memory", [application("Application Error", 1000, "notepad.exe"),
     application("MSExchange Common", 4999, "umworkerprocess", "System.OutOfMemoryException")], {}),
    (H, "Defender on a web shell", [defender(1116, Threat_Name="Backdoor:JS/Webshell.A", Path="file:_" + CLIENT + "shell.aspx")],
     {"Defender found a web shell in a folder of Exchange": "compromise"}),
    (H, "Defender on this affair elsewhere", [defender(1117, Threat_Name="Exploit:Script/Exmann.A!dha", Path="file:_C:\\t\\a.txt")],
     {"Defender named this affair": "attempt"}),
    (H, "Defender on something else", [defender(1116, Threat_Name="Virus:DOS/EICAR_Test_File", Path="file:_C:\\t\\e.com")], {}),
    (H, "protection off, a new exclusion", [defender(5001), defender(5007, Old_Value="", New_Value="HKLM\\SOFTWARE\\Microsoft\\"
     "Windows Defender\\Exclusions\\Paths\\C:\\t = 0x0")], {"Virus protection switched off (event log)": "weak",
     "Virus protection told to look away (event log)": "weak"}),
    (H, "another setting of Defender", [defender(5007, Old_Value="", New_Value="HKLM\\SOFTWARE\\Microsoft\\Windows Defender\\X = 1")], {}),
    (H, "logs cleared", [event("Security", 1102, {"LogFileCleared": {"SubjectUserName": "a"}}, provider="Microsoft-Windows-Eventlog"),
     event("System", 104, {"LogFileCleared": {"SubjectUserName": "a", "Channel": "Application"}}, provider="Microsoft-Windows-Eventlog")],
     {"Security log cleared (event log)": "weak", "Event log cleared (event log)": "weak"}),
    (H, "a service after a break-in", [sysmon(cmd, pool=POOL), event("System", 7045, {"ServiceName": "x"}, 7200)],
     {SHELL: "compromise", LATER: "probe"}),
    (H, "a task after a script was written", [share("inetpub\\wwwroot\\aspnet_client\\x.aspx"),
     event("Security", 4698, {"TaskName": "\\x"}, 60)], {SHARED: "compromise", LATER: "probe"}),
    (H, "a service before it", [event("System", 7045, {"ServiceName": "x"}), sysmon(cmd, pool=POOL, at=60)], {SHELL: "compromise"}),
    (H, "services, tasks and accounts by themselves", [event("System", 7045, {"ServiceName": "x"}), event("Security", 4698, {}),
     event("Security", 4720, {})], {}),

    (PS, "an export into a script", [cmdlet("New-MailboxExportRequest", '-Mailbox "a" -FilePath "\\\\127.0.0.1\\c$\\inetpub\\x.aspx"')],
     {"Mailbox exported to a script (event log)": "compromise", "Mailbox exported (event log)": "weak"}),
    (PS, "a certificate request into a script", [cmdlet("New-ExchangeCertificate", '-GenerateRequest "True" -RequestFile "C:\\x.asp"')],
     {"Mailbox exported to a script (event log)": "compromise"}),
    (PS, "an export to the server itself", [cmdlet("New-MailboxExportRequest", '-Mailbox "a" -FilePath "\\\\localhost\\c$\\x.pst"')],
     {"Mailbox exported to a disk of the server itself (event log)": "attempt", "Mailbox exported (event log)": "weak"}),
    (PS, "an ordinary export", [cmdlet("New-MailboxExportRequest", '-Mailbox "a" -FilePath "\\\\fs01\\pst\\a.aspen.pst"')],
     {"Mailbox exported (event log)": "weak"}),
    (PS, "the right, and its use within minutes", [cmdlet("New-ManagementRoleAssignment", '-Role "Mailbox Import Export" -User "a"'),
     cmdlet("New-MailboxExportRequest", '-Mailbox "a" -FilePath "\\\\127.0.0.1\\c$\\x.pst"', 120),
     cmdlet("Remove-MailboxExportRequest", '-Identity "x" -Confirm "False"', 150)],
     {"Right to export mailboxes given away (event log)": "weak", "Mailbox exported (event log)": "weak",
      "Mailbox exported to a disk of the server itself (event log)": "attempt",
      "Right to export mailboxes taken and used within minutes": "attempt",
      "Mailbox export request removed without asking (event log)": "weak"}),
    (PS, "the right, and its use next day", [cmdlet("New-ManagementRoleAssignment", '-Role "Mailbox Import Export" -User "a"'),
     cmdlet("New-MailboxExportRequest", '-Mailbox "a" -FilePath "\\\\fs01\\pst\\a.pst"', 80000)],
     {"Right to export mailboxes given away (event log)": "weak", "Mailbox exported (event log)": "weak"}),
    (PS, "another role", [cmdlet("New-ManagementRoleAssignment", '-Role "Help Desk" -User "a"')], {}),
    (PS, "a script by mailbox replication", [file(OWA + "x.aspx", EX + "Bin\\MSExchangeMailboxReplication.exe")], {BY_EX: "compromise"}),
    (PS, "a transport agent", [cmdlet("Install-TransportAgent", '-Name "x"', number=6)], {"Transport agent installed (event log)": "weak"}),

    (PN, "a shell below the PowerShell pool", [sysmon(power, "powershell -enc JAB", pool="MSExchangePowerShellAppPool")],
     {SHELL: "compromise"}),
    (PN, "the PowerShell back end reached, and a shell (4688)", [created(cmd, at=3),
     iis("POST /owa/mastermailbox@contoso.example/powershell - 443 CONTOSO\\joe 203.0.113.9 Mozilla/5.0 - 200")],
     {BARE: "progressed", "OWASSRF: PowerShell reached through Outlook on the web": "progressed",
      "Shell started while the back-end PowerShell was reached": "compromise"}),
    (PN, "the same a day apart", [created(cmd, at=80000),
     iis("POST /owa/mastermailbox@contoso.example/powershell - 443 CONTOSO\\joe 203.0.113.9 Mozilla/5.0 - 200")],
     {BARE: "progressed", "OWASSRF: PowerShell reached through Outlook on the web": "progressed"}),

    (TS, "a shell below a SharePoint pool", [sysmon(cmd, pool="SharePoint - 80", user="CONTOSO\\svc-sp")],
     {"Web server process of SharePoint started a shell": "compromise"}),
    (TS, "a command for LAYOUTS (4688)", [created(power, "powershell -c type " + LAYOUTS + "x", sid="S-1-5-21-1")],
     {"Web server process of SharePoint started a shell": "compromise"}),
    (TS, "an encoded command below a web server", [created(power, "powershell -EncodedCommand JABi", sid="S-1-5-21-1")],
     {"Web server process started an encoded command": "attempt"}),
    (TS, "the request of the attack, and an encoded command", [created(power, "powershell -EncodedCommand JABi", sid="S-1-5-21-1", at=4),
     iis("POST /_layouts/15/ToolPane.aspx DisplayMode=Edit 443 - 203.0.113.9 Mozilla/5.0 /_layouts/SignOut.aspx 200")],
     {"Web server process started an encoded command": "progressed", "ToolShell: forged request answered": "progressed",
      "Shell started while the ToolShell request was answered": "compromise"}),
    (TS, "a known page dropped", [file(LAYOUTS + "spinstall0.aspx", power)], {"Known page dropped into LAYOUTS": "compromise"}),
    (TS, "its compiled trace", [file(TEMP + "root\\a\\b\\App_Web_spinstall0.aspx.9c9699a8.x.dll", SYS32 + "csc.exe")],
     {"Known page dropped into LAYOUTS": "compromise"}),
    (TS, "another page by the web server", [file(LAYOUTS + "info3.aspx", W3WP)], {"Script written into LAYOUTS by the web server": "compromise"}),
    (TS, "a page by a command", [file(LAYOUTS + "Vendor\\page.aspx", power)], {"Script written into LAYOUTS by hand": "attempt"}),
    (TS, "a page of a solution", [file(LAYOUTS + "Vendor\\page.aspx", LAYOUTS + "..\\..\\BIN\\OWSTIMER.EXE")], {}),
    (TS, "a failed anonymous POST and event 1316", [iis("POST /_layouts/15/start.aspx - 443 - 203.0.113.9 Mozilla/5.0 - 500", 30),
     application("ASP.NET 4.0.30319.0", 1316, *STATE, level=3)], {FAILED: "weak", REFUSED: "attempt", KEYS: "progressed"}),
    (TS, "the same in the other order, on a German server", [iis("POST /_layouts/15/start.aspx - 443 - 203.0.113.9 Mozilla/5.0 - 500"),
     application("ASP.NET 4.0.30319.0", 1316, "4009", "Fehler", at=90, level=3)], {FAILED: "weak", REFUSED: "attempt", KEYS: "progressed"}),
    (TS, "the same on a page of a site", [iis("POST /sites/hr/SitePages/Home.aspx - 443 - 203.0.113.9 Mozilla/5.0 - 500"),
     application("ASP.NET 4.0.30319.0", 1316, *STATE, at=1, level=3)], {REFUSED: "attempt", KEYS_SITE: "progressed"}),
    (TS, "ten minutes apart", [iis("POST /_layouts/15/start.aspx - 443 - 203.0.113.9 Mozilla/5.0 - 500"),
     application("ASP.NET 4.0.30319.0", 1316, *STATE, at=600, level=3)], {FAILED: "weak", REFUSED: "attempt"}),
    (TS, "with a login, or answered", [iis("POST /_layouts/15/start.aspx - 443 CONTOSO\\joe 192.0.2.9 Mozilla/5.0 - 500"),
     iis("POST /_layouts/15/start.aspx - 443 - 192.0.2.9 Mozilla/5.0 - 200", 2),
     application("ASP.NET 4.0.30319.0", 1316, *STATE, at=1, level=3)], {REFUSED: "attempt"}),
    (TS, "event 1316 of something else", [application("ASP.NET 4.0.30319.0", 1316, "4010", "x", level=3),
     application("ASP.NET 4.0.30319.0", 1309, "3005", "An unhandled exception has occurred.", level=3)], {}),
]
# Rules that every affair of Exchange has, in a dossier each.
for dossier in (PS, PN):
    CASES += [
        (dossier, "a shell below a pool", [sysmon(cmd, pool=POOL)], {SHELL: "compromise"}),
        (dossier, "a shell below the system's web server", [created(cmd)], {BARE: "attempt"}),
        (dossier, "a shell in a folder of Exchange", [created(cmd, "cmd /c dir " + OWA)], {PATHS: "compromise"}),
        (dossier, "a script by a worker process", [file(CLIENT + "discover.aspx", W3WP)], {BY_EX: "compromise"}),
    ]
CASES += [(PS, "a script over the network", [file(OWA + "x.aspx")], {BY_NET: "progressed"})]
# Told through correlations only.
SILENT = {"Service installed", "Scheduled task made", "Account made or put into a group", "Anonymous POST failed on a page of a site",
          "Offline address book directory changed", "Forged request acted on", "Break-in", "Something to stay with"}


def titles(dossier):
    """Of the rules for event logs, as their files have them."""
    folder = os.path.join("dossiers", dossier, "rules")
    for name in sorted(os.listdir(folder)):
        if name.startswith("events"):
            with open(os.path.join(folder, name), encoding="utf-8") as rules:
                yield from (x[8:-2].replace("''", "'") for x in rules if x.startswith("title: '"))


def clock(dossier, at):
    at += 4 * 3600
    day = "%s%02d" % (DAY[dossier][:8], int(DAY[dossier][8:]) + at // 86400)
    return day, "%02d:%02d:%02d" % (at // 3600 % 24, at // 60 % 60, at % 60)


os.makedirs(os.path.join(work, "logs", "winevt"))
with open(os.path.join(work, "logs", "winevt", "events.json"), "w", encoding="utf-8") as out:
    for n, (dossier, what, records, _) in enumerate(CASES):
        host, rows = "DE%04d" % n, []
        for k, r in enumerate(records):
            day, time = clock(dossier, r[1])
            if r[0] == "iis":
                method, stem, query, port, user, client, agent, referer, status = r[2].split(" ")
                rows.append(" ".join([day, time, "10.0.1.5", method, stem, query, port, user, client, agent, referer, status, "0", "0", "9"]))
                continue
            _, _, channel, number, data, provider, level = r
            system = {"Provider": {"#attributes": {"Name": provider}}, "EventID": number, "Level": level,
                      "TimeCreated": {"#attributes": {"SystemTime": "%sT%s.250Z" % (day, time)}}, "EventRecordID": n * 10 + k,
                      "Channel": channel, "Computer": host + ".contoso.example"}
            strings = data.get("Data") if isinstance(data.get("Data"), list) else None
            body = {"Data": {"#text": strings}} if strings else data
            out.write(json.dumps({"Event": {"System": system, "UserData" if "LogFileCleared" in data else "EventData": body}}) + "\n")
        if rows:
            folder = os.path.join(work, "logs", host, "inetpub", "logs", "LogFiles", "W3SVC1")
            os.makedirs(folder)
            with open(os.path.join(folder, "u_ex210303.log"), "w", encoding="utf-8", newline="") as log:
                log.write("\r\n".join(["#Software: Microsoft Internet Information Services 10.0", "#Fields: date time s-ip cs-method "
                          "cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status sc-substatus "
                          "sc-win32-status time-taken"] + rows) + "\r\n")


def scan(*more):
    run = subprocess.run([tocsin, "scan", "--json", "--quiet", *more, "logs"], cwd=work, stdout=subprocess.PIPE,
                         stdin=subprocess.DEVNULL, check=False)
    found, verdicts = collections.defaultdict(set), collections.defaultdict(set)
    for o in map(json.loads, run.stdout.decode("utf-8").splitlines()):
        # What the indicators of a dossier add is not the matter here.
        if o["type"] == "finding" and not o["title"].startswith("known "):
            found[int(o["host"].split(".")[0][2:])].add((o["dossier"], o["title"], o["grade"], o["note"]))
        if o["type"] == "verdict" and o["verdict"] not in ("no-sign", "not-enough-evidence"):
            verdicts[int(o["host"].split(".")[0][2:])].add((o["dossier"], o["verdict"]))
    return found, verdicts


(found, verdicts), checks = scan(), []
for n, (dossier, what, _, want) in enumerate(CASES):
    here = {(t, g) for d, t, g, _ in found[n] if d == dossier}
    good = here == set(want.items()) and (want or not any(g not in ("weak", "probe") for _, _, g, _ in found[n]))
    checks.append((good, "%s: %s" % (dossier.split("-")[0], what), sorted(found[n], key=str)))
for dossier in DAY:
    untried = set(titles(dossier)) - SILENT - {t for d, _, _, want in CASES if d == dossier for t in want}
    checks.append((not untried, "%s: every rule for event logs has a case" % dossier.split("-")[0], sorted(untried)))
for what, want in (("a shell below an Exchange pool (Sysmon)", (H, "compromised")), ("a script elsewhere", None),
                   ("a shell below the system's web server (4688)", (None, "attempted")),
                   ("a failed anonymous POST and event 1316", (TS, "exploited-unconfirmed"))):
    got = verdicts[[c[1] for c in CASES].index(what)]
    checks.append((got == ({want} if want else set()), "verdict on %s" % what, sorted(got, key=str)))
full, _ = scan("--full", "-j1", "--no-hash")
checks.append((all(full[n] == found[n] for n in range(len(CASES))), "looking at every row, by one worker, finds the same",
               [(n, full[n] ^ found[n]) for n in range(len(CASES)) if full[n] != found[n]]))
for n, (good, what, got) in enumerate(checks, 1):
    print("%s %d - %s" % ("ok" if good else "not ok", n, what))
    if not good:
        for g in got or ["nothing was found"]:
            print("# found:", g)
print("1..%d" % len(checks))
sys.exit(0 if all(c[0] for c in checks) else 1)
PYTHON
exit $?

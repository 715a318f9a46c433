#!/usr/bin/env python3
"""Write synthetic but format-true logs of servers in known situations, and what is true about them.

    python3 tests/gen/case.py --out DIR [--scenario NAME]... [--seed N] [--examples] [--list]

Each scenario is one or more hosts below DIR. DIR/TRUTH.json says what a reader must conclude: per
host and dossier the verdict (and others that are acceptable), the grades, patch date and build, the
share of the window, and for each planted row its file, line and grade. --examples writes the cases
that the tree ships in examples/, and the truth beside the golden files instead of inside.
"""
import argparse
import datetime as dt
import os

import attack
import formats
import traffic
from attack import HAFNIUM, NOTSHELL, PROXYSHELL, TOOLSHELL
from formats import HTTPPROXY_2013_MISSING, HTTPPROXY_COLUMNS, IIS_FIELDS, Host, secs, utc

SCENARIOS = {}
EXAMPLES = ["ex01", "ex02", "ex03", "ex04", "ex05", "ex06", "sp01", "web01"]
CU19, CU19_FIXED = "15.1.2176.2", "15.1.2176.9"
SMALL = ["Autodiscover", "Ecp", "Ews", "Mapi", "Owa"]
WINDOW = ("2021-01-03", "2021-03-10")

NEVER_OPEN = {"verdict": "no-sign", "accept": ["no-sign", "not-enough-evidence"]}
NOT_COVERED = {"verdict": "not-enough-evidence", "window_share": [0.0, 0.1]}


def scenario(function):
    SCENARIOS[function.__name__] = function
    return function


def days(first, n):
    return {(utc(first) + dt.timedelta(days=i)).date() for i in range(n)}


def exchange_host(seed, name, builds, window=WINDOW, protocols=None, wanted=(), people=0.7, noise=2.0, plain=(),
                  compress=True, chunk=7, monthly=True, domain="contoso.example", setup=None):
    """A host with its ordinary life; setup(host) may change its format before the rows are made."""
    start, end = utc(window[0]), utc(window[1])
    host = Host(name, start, end, [(utc(t), b) for t, b in builds], seed, domain)
    host.plain_days, host.compress_rest = set(plain), compress
    host.exchange_chunk_days, host.iis_monthly = chunk, monthly
    host.truth = {}
    if setup:
        setup(host)
    traffic.exchange_life(host, protocols or SMALL, wanted, people, noise)
    return host


def patched(day, build=CU19_FIXED, before=CU19):
    return [("2020-12-16", before), (day, build)]


def others(host):
    """What the dossiers of other affairs must say of logs of spring 2021."""
    host.truth.setdefault(PROXYSHELL, dict(NOT_COVERED))
    host.truth.setdefault(NOTSHELL, dict(NOT_COVERED))


def hafnium(host, verdict, share=(0.95, 1.0), fixed=None, grades=(), **more):
    host.truth[HAFNIUM] = dict(verdict=verdict, window_share=list(share), fixed_since=fixed, grades=sorted(grades), **more)
    others(host)
    return host


# The cases of examples/

@scenario
def ex01(seed):
    """Taken over by ProxyLogon in two runs on 3 March, patched on the 4th, searched for shells by others afterwards."""
    host = exchange_host(seed, "EX01", patched("2021-03-04 20:14:00"), ("2021-01-03", "2021-03-12"),
                         SMALL + ["PowerShell"], ("ecp-activity", "oabgenerator", "httperr"), plain=days("2021-03-03", 2),
                         monthly=False)
    attack.localhost_probe(host, utc("2021-02-27 23:41:09.120"), "203.0.113.77")
    attack.autodiscover_only(host, utc("2021-02-28 02:14:51.502"), "203.0.113.12")
    first, second = "198.51.100.201", "/owa/auth/q7RtNm2kXw.aspx"
    attack.proxylogon_chain(host, utc("2021-03-03 03:21:10.162"), first, set_rows=False, quick=2.0)
    attack.shell(host, utc("2021-03-03 03:21:55.300"), first, "/aspnet_client/system_web/k3TzPq9a.aspx", query="")
    attack.proxylogon_chain(host, utc("2021-03-03 03:30:02.071"), first, name="autodiscover." + host.domain, remove=False)
    for i, at in enumerate(("03:30:31", "03:31:02", "03:44:19", "11:08:40")):
        attack.shell(host, utc("2021-03-03 " + at), first, second)
    attack.shell(host, utc("2021-03-04 17:22:03"), "198.51.100.202", second)
    attack.shell(host, utc("2021-03-04 21:10:48"), "198.51.100.202", second)
    attack.shell(host, utc("2021-03-07 04:02:11"), "198.51.100.202", second, 302)
    attack.shell_scan(host, utc("2021-03-08 09:14:00"), "203.0.113.140")
    attack.shell_scan(host, utc("2021-03-10 16:47:30"), "203.0.113.151", attack.SHELL_NAMES[:8])
    return [hafnium(host, "compromised", fixed="2021-03-04", build=CU19_FIXED, first_build=CU19,
                    grades=("probe", "attempt", "progressed", "compromise"), first="2021-02-27")]


@scenario
def ex02(seed):
    """ProxyShell in August 2021; patched four days later."""
    builds = [("2021-04-01", "15.1.2242.4"), ("2021-08-25 19:30:00", "15.1.2242.12")]
    host = exchange_host(seed, "EX02", builds, ("2021-08-01", "2021-08-29"), SMALL + ["PowerShell"],
                         ("rps-cmdlet", "oabgenerator"), plain=days("2021-08-21", 1))
    attack.confused_path(host, utc("2021-08-14 05:12:44"), "203.0.113.40", "owa/", 302, "attempt",
                         "path confusion answered 302", "GET", accept=("probe", "progressed"))
    attack.proxyshell_chain(host, utc("2021-08-21 08:03:12.400"), "198.51.100.222", "wnrtqk.aspx")
    host.truth[PROXYSHELL] = dict(verdict="compromised", fixed_since="2021-08-25", build="15.1.2242.12",
                                  first_build="15.1.2242.4", window_share=[0.0, 1.0],
                                  grades=["attempt", "compromise", "progressed"], first="2021-08-14")
    host.truth[HAFNIUM] = dict(NEVER_OPEN)
    host.truth[NOTSHELL] = dict(NOT_COVERED)
    return [host]


@scenario
def ex03(seed):
    """Tried, and no more: autodiscover only, probes, other people's shells looked for; patched on 3 March."""
    host = exchange_host(seed, "EX03", patched("2021-03-03 22:05:00", "15.2.792.10", "15.2.792.3"), chunk=14)
    for when, client in (("2021-02-28 05:01:13.2", "203.0.113.12"), ("2021-03-02 17:44:50.9", "203.0.113.31"),
                         ("2021-03-03 06:30:00.4", "203.0.113.31")):
        attack.autodiscover_only(host, utc(when), client)
    attack.localhost_probe(host, utc("2021-03-01 11:12:13.100"), "203.0.113.77")
    attack.shell_scan(host, utc("2021-03-08 10:00:02"), "203.0.113.140")
    return [hafnium(host, "attempted", fixed="2021-03-03", build="15.2.792.10", first_build="15.2.792.3",
                    grades=("probe", "attempt"))]


@scenario
def ex04(seed):
    """Quiet, and fully covered until after its patch; an administrator made an honest change."""
    host = exchange_host(seed, "EX04", patched("2021-03-03 19:00:00"), ("2021-01-03", "2021-03-06"), chunk=14)
    return [hafnium(host, "no-sign", fixed="2021-03-03", build=CU19_FIXED, first_build=CU19)]


@scenario
def ex05(seed):
    """Quiet where there are logs, but ten days of HttpProxy and IIS are missing."""
    host = exchange_host(seed, "EX05", patched("2021-03-05 06:00:00", "15.2.721.13", "15.2.721.2"),
                         ("2021-01-03", "2021-03-08"), chunk=14)
    gap = (utc("2021-02-20"), utc("2021-03-02"))
    host.gaps = {"httpproxy-*": [gap], "iis-*": [gap]}
    return [hafnium(host, "not-enough-evidence", (0.75, 0.88), fixed="2021-03-05", build="15.2.721.13",
                    first_build="15.2.721.2", gap=["2021-02-20", "2021-03-02"])]


@scenario
def ex06(seed):
    """Scanned by its owner from 10.0.5.20 with the public nmap script, then patched."""
    host = exchange_host(seed, "EX06", patched("2021-03-08 18:20:00", "15.2.792.10", "15.2.792.5"),
                         ("2021-01-03", "2021-03-10"), chunk=14)
    for i in range(3):
        attack.localhost_probe(host, utc("2021-03-06 10:15:01.250") + secs(i * 40), "10.0.5.20")
    return [hafnium(host, "no-sign", fixed="2021-03-08", build="15.2.792.10", first_build="15.2.792.5",
                    grades=("probe",), because="4 probes met it", own_scanner="10.0.5.20",
                    verdict_with_own_scanner="no-sign")]


@scenario
def sp01(seed):
    """A SharePoint front end, ToolShell in July 2025; IIS only, Referer logged."""
    host = Host("SP01", utc("2025-07-01"), utc("2025-07-27"), [(utc("2025-01-01"), "16.0.10417.20018")], seed)
    host.compress_rest, host.plain_days = True, days("2025-07-19", 1)
    host.truth = {TOOLSHELL: dict(verdict="compromised", window_share=[0.0, 1.0], fixed_since=None,
                                  grades=["compromise", "probe", "progressed"])}
    traffic.sharepoint_life(host)
    attack.toolshell(host, utc("2025-07-19 07:42:18"), "198.51.100.240")
    return [host]


@scenario
def web01(seed):
    """An Apache server that knows none of these products, with scanners asking for them."""
    host = Host("WEB01", utc("2021-03-01"), utc("2021-03-13"), [(utc("2020-01-01"), "0.0.0.0")], seed)
    host.truth = {}
    traffic.apache_life(host)
    return [host]


# More cases, for tests only

def short(seed, name, fixed="2021-03-04 20:14:00", **more):
    more.setdefault("compress", False)
    return exchange_host(seed, name, more.pop("builds", patched(fixed)), more.pop("window", WINDOW), people=0.2, noise=0.5,
                         **more)


@scenario
def owassrf(seed):
    """OWASSRF in December 2022."""
    builds = [("2022-06-01", "15.1.2507.12")]
    host = short(seed, "EX22", builds=builds, monthly=False, window=("2022-12-01", "2022-12-20"), wanted=("rps-cmdlet",))
    attack.owassrf(host, utc("2022-12-08 13:20:00"), "198.51.100.230")
    host.truth[NOTSHELL] = dict(verdict="exploited-unconfirmed", accept=["exploited-unconfirmed", "compromised"],
                                grades=["progressed"])
    host.truth[HAFNIUM], host.truth[PROXYSHELL] = dict(NEVER_OPEN), dict(NEVER_OPEN)
    return [host]


@scenario
def proxynotshell(seed):
    """ProxyNotShell in September 2022, with a stolen login."""
    host = short(seed, "EX23", builds=[("2022-06-01", "15.1.2507.12")], window=("2022-09-10", "2022-10-05"),
                 wanted=("rps-cmdlet",))
    attack.proxynotshell(host, utc("2022-09-21 02:10:00"), "198.51.100.231")
    host.truth[NOTSHELL] = dict(verdict="exploited-unconfirmed", accept=["exploited-unconfirmed", "compromised"],
                                grades=["progressed"])
    host.truth[HAFNIUM], host.truth[PROXYSHELL] = dict(NEVER_OPEN), dict(NEVER_OPEN)
    return [host]


@scenario
def mailtheft(seed):
    """January 2021: mail read through forged EWS requests; never a shell."""
    host = short(seed, "EX10", wanted=("ews",))
    attack.mailbox_theft(host, utc("2021-01-06 04:11:00"), "198.51.100.210")
    return [hafnium(host, "compromised", fixed="2021-03-04", grades=("attempt", "compromise"), because="mailbox access")]


@scenario
def iisonly(seed):
    """ex01, but only the IIS logs were kept."""
    host = ex01(seed)[0]
    host.name, host.kinds = "EX01", {"iis-frontend", "iis-backend"}
    return [hafnium(host, "compromised", (0.0, 0.1), grades=("probe", "attempt", "compromise"),
                    accept=["exploited-unconfirmed", "compromised"])]


@scenario
def target(seed):
    """The forged requests name a second server of the organisation whose logs were not supplied."""
    host = short(seed, "EX11")
    attack.proxylogon_chain(host, utc("2021-03-03 05:02:00"), "198.51.100.205", ecp=False,
                            aim="ex12.contoso.example")
    hafnium(host, "compromised", fixed="2021-03-04", grades=("attempt", "progressed", "compromise"),
            accept=["compromised", "exploited-unconfirmed"])
    host.named = {"ex12.contoso.example": {HAFNIUM: {"verdict": "not-enough-evidence",
                                                     "accept": ["not-enough-evidence", "compromised"]}}}
    return [host]


@scenario
def cmdlet(seed):
    """An export to a script name by a cmdlet for which no front-end request of that user exists."""
    host = short(seed, "EX13", builds=[("2021-04-01", "15.1.2242.4")], window=("2021-08-10", "2021-08-29"),
                 wanted=("rps-cmdlet",))
    attack.export_cmdlets(host, utc("2021-08-19 03:02:00"), host.netbios + "\\exadmin",
                          "\\\\localhost\\c$\\inetpub\\wwwroot\\aspnet_client\\mkqpz.aspx")
    host.truth[PROXYSHELL] = dict(verdict="compromised", grades=["compromise", "progressed"],
                                  accept=["compromised", "exploited-unconfirmed"])
    host.truth[HAFNIUM], host.truth[NOTSHELL] = dict(NEVER_OPEN), dict(NOT_COVERED)
    return [host]


@scenario
def deletion(seed):
    """The HttpProxy rows of the attack were taken out; the front-end IIS rows still name their request ids."""
    host = short(seed, "EX14")
    attack.proxylogon_chain(host, utc("2021-03-03 02:02:00"), "198.51.100.206", log_proxy=False, ecp=False)
    return [hafnium(host, "exploited-unconfirmed", fixed="2021-03-04", accept=["attempted", "exploited-unconfirmed", "compromised"],
                    grades=("attempt",), orphaned_request_ids=True)]


@scenario
def afterfix(seed):
    """Every forged request came after the fix."""
    host = short(seed, "EX15", "2021-03-03 01:00:00")
    for i, goal in enumerate(("/autodiscover/autodiscover.xml", "/mapi/emsmdb/", "/ecp/proxyLogon.ecp")):
        attack.forged(host, utc("2021-03-05 09:00:00") + secs(i * 3), "203.0.113.60", goal, 500, "attempt",
                      "forged request after the fix", accept=("weak", "probe", "attempt"))
    return [hafnium(host, "no-sign", fixed="2021-03-03", grades=("probe",), accept=["attempted", "no-sign"])]


@scenario
def firstfixed(seed):
    """The first build seen already had the fix: nothing is known of the days before."""
    host = short(seed, "EX16", builds=[("2021-03-17", "15.1.2242.4")], window=("2021-03-18", "2021-04-02"))
    attack.autodiscover_only(host, utc("2021-03-22 09:00:00"), "203.0.113.61", status=500, accept=("probe", "attempt"))
    return [hafnium(host, "not-enough-evidence", (0.0, 0.01), fixed="2021-03-18", grades=("probe",), because="already had the fix")]


@scenario
def proved(seed):
    """A researcher's scan found the server open (a probe answered 200 and 302); nothing else followed."""
    host = short(seed, "EX17")
    t = utc("2021-03-03 12:00:00")
    attack.forged(host, t, "203.0.113.70", "/autodiscover/autodiscover.xml", 200, "attempt", "probe answered 200")
    attack.confused_path(host, t + secs(5), "203.0.113.70", "owa/", 302, "attempt", "path confusion answered 302", "GET",
                         accept=("probe", "progressed"))
    return [hafnium(host, "attempted", fixed="2021-03-04", grades=("attempt",), because="server proved vulnerable")]


@scenario
def balancer(seed):
    """A balancer stands before the server: every client is private, X-Forwarded-For is logged."""
    def setup(host):
        host.balancer, host.iis_fields = "10.0.9.9", IIS_FIELDS + ["X-Forwarded-For"]
    host = short(seed, "EX18", setup=setup)
    attack.proxylogon_chain(host, utc("2021-03-03 03:21:10"), "198.51.100.207")
    attack.shell(host, utc("2021-03-03 03:22:10"), "198.51.100.207", "/owa/auth/zXcV12.aspx")
    return [hafnium(host, "compromised", fixed="2021-03-04", grades=("attempt", "progressed", "compromise"),
                    client="198.51.100.207")]


@scenario
def ex2013(seed):
    """Exchange 2013: fewer HttpProxy columns, a revision that cannot be trusted, a bare header row first."""
    def setup(host):
        host.httpproxy_columns = [c for c in HTTPPROXY_COLUMNS if c not in HTTPPROXY_2013_MISSING]
        host.bare_header, host.iis_version = True, "8.5"
    host = short(seed, "EX19", builds=[("2020-12-01", "15.0.1497.0")], setup=setup)
    attack.proxylogon_chain(host, utc("2021-03-03 03:21:10"), "198.51.100.208")
    return [hafnium(host, "compromised", (0.0, 1.0), grades=("attempt", "progressed", "compromise"))]


@scenario
def utf16(seed):
    """A copy that passed through a tool which wrote UTF-16."""
    host = short(seed, "EX20", window=("2021-02-20", "2021-03-08"))
    host.encoding = "utf-16"
    attack.proxylogon_chain(host, utc("2021-03-03 03:21:10"), "198.51.100.209")
    return [hafnium(host, "compromised", (0.0, 0.6), fixed="2021-03-04", grades=("attempt", "progressed", "compromise"))]


@scenario
def removed(seed):
    """A shell was used, then removed: 200 by POST, later 302; nothing of the exploit is left in the logs."""
    host = short(seed, "EX21", window=("2021-03-01", "2021-03-14"))
    for i in range(5):
        attack.shell(host, utc("2021-03-02 04:00:00") + secs(i * 77), "198.51.100.211", "/owa/auth/hT5rWq.aspx")
    for i in range(2):
        attack.shell(host, utc("2021-03-09 04:00:00") + secs(i * 900), "198.51.100.211", "/owa/auth/hT5rWq.aspx", 302)
    return [hafnium(host, "compromised", (0.0, 0.1), fixed="2021-03-04", grades=("probe", "compromise"))]


@scenario
def between(seed):
    """Shells in use in February 2022, on a server whose older logs are gone: both affairs of 2021 may have left them."""
    host = short(seed, "EX26", builds=[("2022-01-15", "15.1.2375.18")], window=("2022-02-01", "2022-02-20"))
    for start, path, dossier in (("22:10:00", "vRw3kz", HAFNIUM), ("22:40:00", "q8LmTx", PROXYSHELL)):
        for i in range(4):
            attack.shell(host, utc("2022-02-09 " + start) + secs(i * 53), "198.51.100.213", "/aspnet_client/%s.aspx" % path,
                         mark=attack.plant("compromise", "POST of a script that never shipped, 200", dossier, ("progressed",)))
    host.truth[HAFNIUM], host.truth[PROXYSHELL] = dict(verdict="compromised"), dict(verdict="compromised")
    host.truth[NOTSHELL] = dict(NOT_COVERED)
    return [host]


@scenario
def earlyend(seed):
    """Quiet logs of a server that was never seen patched, copied before the mass wave: no all-clear."""
    host = short(seed, "EX27", builds=[("2020-12-16", CU19)], window=("2021-01-03", "2021-02-20"))
    return [hafnium(host, "not-enough-evidence", (0.0, 0.9), build=CU19)]


@scenario
def clockgap(seed):
    """Nothing of any kind for fourteen hours: the server was off, or its logs were."""
    host = short(seed, "EX24")
    gap = (utc("2021-02-11 18:00"), utc("2021-02-12 08:00"))
    host.gaps = {"httpproxy-*": [gap], "iis-*": [gap], "ecp-*": [gap]}
    return [hafnium(host, "no-sign", (0.95, 1.0), fixed="2021-03-04", gap=["2021-02-11 18:00", "2021-02-12 08:00"])]


@scenario
def missingfiles(seed):
    """File numbers are missing: three weeks of HttpProxy/Ecp and ECP Server were not copied."""
    host = short(seed, "EX25")
    host.drop_files = [("httpproxy-ecp", 4), ("httpproxy-ecp", 5), ("httpproxy-ecp", 6), ("ecp-server", 5)]
    return [hafnium(host, "not-enough-evidence", (0.55, 0.75), fixed="2021-03-04")]


@scenario
def nostatus(seed):
    """IIS without its status column: what a shell was asked cannot be told, nor that it was not."""
    def setup(host):
        host.iis_fields = [f for f in IIS_FIELDS if f != "sc-status"]
    host = short(seed, "EX28", setup=setup)
    for i in range(5):
        attack.shell(host, utc("2021-03-02 04:00:00") + secs(i * 77), "198.51.100.212", "/aspnet_client/hT5rWq.aspx",
                     mark=attack.plant("attempt", "POST of a script that never shipped, answer not logged"))
    return [hafnium(host, "not-enough-evidence", fixed="2021-03-04", grades=("attempt",), because="sc-status was not logged")]


@scenario
def noanchor(seed):
    """HttpProxy without AnchorMailbox, the one column that shows ProxyLogon: no all-clear."""
    def setup(host):
        host.httpproxy_columns = [c for c in HTTPPROXY_COLUMNS if c != "AnchorMailbox"]
    host = short(seed, "EX29", setup=setup)
    return [hafnium(host, "not-enough-evidence", fixed="2021-03-04", because="AnchorMailbox was not logged")]


@scenario
def noquery(seed):
    """ProxyShell by IIS alone, its query column left out: the path does not show the attack."""
    def setup(host):
        host.iis_fields = [f for f in IIS_FIELDS if f != "cs-uri-query"]
    host = short(seed, "EX30", builds=[("2021-04-01", "15.1.2242.4")], window=("2021-08-01", "2021-09-20"), setup=setup)
    host.kinds = {"iis-frontend", "iis-backend"}
    host.truth[PROXYSHELL] = dict(verdict="not-enough-evidence", because="cs-uri-query was not logged")
    host.truth[HAFNIUM], host.truth[NOTSHELL] = dict(NOT_COVERED), dict(NOT_COVERED)
    return [host]


@scenario
def unrequested(seed):
    """Changes by cmdlets for which no front end has a request: mail forwarded, a virtual directory set."""
    host = short(seed, "EX31", wanted=("rps-cmdlet",))
    t, ghost = utc("2021-02-10 03:00:00"), host.netbios + "\\ghost"
    host.ecp_server(t, "Set-OabVirtualDirectory.ExternalUrl='https://mail.contoso.example/OAB'.Identity='x'",
                    "/ecp/DDI/DDIService.svc/SetObject?schema=OABVirtualDirectory",
                    plant=attack.plant("progressed", "virtual directory set, no request for that page"))
    for i, (name, parameters, grade) in enumerate((
            ("New-InboxRule", '-Name "x" -ForwardTo "a@scan.example.com"', "progressed"),
            ("Set-Mailbox", '-Identity "b" -ForwardingSmtpAddress "smtp:a@scan.example.com"', "progressed"),
            ("Set-Mailbox", '-Identity "b" -MaxSendSize "10MB"', "probe"))):
        traffic.cmdlet(host, t + secs(20 * i), ghost, name, parameters, application="",
                       plant=attack.plant(grade, name + " without a request of its user"))
    return [hafnium(host, "exploited-unconfirmed", fixed="2021-03-04", grades=("probe", "progressed"))]


def bulk_reader(seed, name, agent, who):
    """One client that reads mail over EWS; who(i) gives the account and the mailbox impersonated."""
    host = short(seed, name, wanted=("ews",))
    grade = "progressed" if "python" in agent else "probe"
    for i in range(40):
        user, box = who(i)
        traffic.ews_row(host, utc("2021-02-10 01:00:00") + secs(i * 5), user, "203.0.113.9", agent, "GetItem", box,
                        plant=attack.plant(grade, "item of a mailbox read, one of many"))
    return host


@scenario
def mailboxes(seed):
    """A script reads forty mailboxes over EWS in the name of a service account."""
    host = bulk_reader(seed, "EX32", attack.PYTHON, lambda i: ("CONTOSO\\svc", "user%d@contoso.example" % i))
    return [hafnium(host, "exploited-unconfirmed", fixed="2021-03-04", grades=("progressed",))]


@scenario
def accounts(seed):
    """One address reads mail under forty accounts with an ordinary program: a thief, or an office."""
    host = bulk_reader(seed, "EX33", "MacOutlook/16.45.0", lambda i: ("user%d@contoso.example" % i, ""))
    return [hafnium(host, "no-sign", fixed="2021-03-04", grades=("probe",))]


@scenario
def middletry(seed):
    """Three tries of one client; HttpProxy is silent around the second, whose end nobody can see."""
    host = short(seed, "EX34")
    for when in ("2021-02-10 02:00:00", "2021-02-27 12:30:00", "2021-03-02 02:00:00"):
        attack.autodiscover_only(host, utc(when), "198.51.100.206")
    host.gaps = {"httpproxy-*": [(utc("2021-02-27 10:00"), utc("2021-02-27 20:00"))]}
    return [hafnium(host, "not-enough-evidence", (0.95, 1.0), fixed="2021-03-04", grades=("attempt",),
                    because="what followed the one on 2021-02-27 12:00:00")]


@scenario
def ownscan(seed):
    """The owner's penetration test behind a balancer: IIS logs its address, HttpProxy the balancer's."""
    def setup(host):
        host.balancer, host.iis_fields = "10.0.9.9", IIS_FIELDS + ["X-Forwarded-For"]
    host = short(seed, "EX35", setup=setup)
    attack.autodiscover_only(host, utc("2021-03-03 02:00:00"), "10.0.5.20")
    return [hafnium(host, "attempted", fixed="2021-03-04", grades=("attempt",), own_scanner="10.0.5.20",
                    verdict_with_own_scanner="no-sign")]


@scenario
def getshell(seed):
    """A shell that takes its commands by GET: two addresses come back to a page that never shipped."""
    host = short(seed, "EX36")
    for i, client in enumerate(("198.51.100.211", "198.51.100.211", "198.51.100.214")):
        attack.shell(host, utc("2021-03-02 04:00:00") + secs(i * 77), client, "/aspnet_client/hT5rWq.aspx", method="GET")
    return [hafnium(host, "compromised", fixed="2021-03-04", grades=("compromise",))]


def write_scenario(name, seed, out):
    truth = {}
    for host in SCENARIOS[name](seed):
        host.write(out)
        truth[host.name] = {
            "scenario": name, "about": SCENARIOS[name].__doc__.strip(), "dossiers": host.truth, "kinds": host.files,
            "address": host.address, "fqdn": host.fqdn(), "named": getattr(host, "named", {}),
            "period": [formats.iso(host.start), formats.iso(host.end)],
            "hourly": sorted(k for k in host.files if formats.KINDS[k].hourly),
            "gaps": {k: [[formats.iso(a), formats.iso(b)] for a, b in v] for k, v in host.gaps.items()},
            "dropped_files": [list(d) for d in host.drop_files], "encoding": host.encoding,
            "planted": sorted(host.planted, key=lambda p: (p["time"], p["file"], p["line"]))}
    return truth


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", help="folder to write to")
    parser.add_argument("--scenario", action="append", choices=sorted(SCENARIOS), help="may be given again")
    parser.add_argument("--seed", type=int, default=2021)
    parser.add_argument("--examples", action="store_true", help="write examples/ and tests/golden/examples_truth.json")
    parser.add_argument("--list", action="store_true")
    args = parser.parse_args()
    if args.list:
        for name, function in SCENARIOS.items():
            print("%-14s %s" % (name, function.__doc__.strip()))
        return
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    out = args.out or (os.path.join(root, "examples") if args.examples else None)
    if not out:
        parser.error("--out is needed")
    names = args.scenario or (EXAMPLES if args.examples else list(SCENARIOS))
    truth = {}
    for name in names:
        # iisonly repeats the host name of ex01: each scenario beyond the examples has a folder of its own
        folder = out if name in EXAMPLES else os.path.join(out, name)
        for host, facts in write_scenario(name, args.seed, folder).items():
            if folder != out:
                for planted in facts["planted"]:
                    planted["file"] = name + "/" + planted["file"]
            truth[host if folder == out else name + "/" + host] = facts
    path = os.path.join(root, "tests", "golden", "examples_truth.json") if args.examples else os.path.join(out, "TRUTH.json")
    formats.dump_json(path, truth)


if __name__ == "__main__":
    main()

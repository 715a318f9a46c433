#!/bin/sh
# exposure on configuration of IIS: mitigations that are in force, that only look so, and extended protection.
set -u
tocsin=$1
. tests/tap.sh
w=$tap_work

is() { [ "$1" = "$2" ] || { printf 'got\n%s\nwanted\n%s\n' "$1" "$2"; return 1; }; }
cat >"$w/make.py" <<'PYTHON'
"""A server's folders: make.py DIR BUILD FILE... with files of `site`, `child` and `host` by name."""
import os, sys
RULE = '''<rule name="{name}" stopProcessing="{stop}"{more}><match url="{url}" /><conditions{group}>{conditions}</conditions>
<action type="{action}" /></rule>'''
def rule(name, pattern, input='{HTTP_COOKIE}', stop='true', more='', url='.*', group='', extra='', attr='', action='AbortRequest'):
    conditions = f'<add input="{input}" pattern="{pattern}"{attr} />' + extra
    return RULE.format(name=name, stop=stop, more=more, url=url, group=group, conditions=conditions, action=action)
ANON, BE = '(.*)X-AnonResource-Backend(.*)', '(.*)X-BEResource=(.+)/(.+)~(.+)'
POWER, URI = '(?=.*autodiscover)(?=.*powershell)', '{UrlDecode:{REQUEST_URI}}'
def config(rules, before='', inherit=''):
    body = f'<system.webServer><rewrite><rules>{rules}</rules></rewrite></system.webServer>'
    if inherit:
        body = f'<location path="." inheritInChildApplications="false">{body}</location>'
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<configuration>\n{before}{body}\n</configuration>\n'
COOKIES = rule('A', ANON, stop='false') + rule('B', BE)
PASS = '<rule name="P" stopProcessing="true"><match url="owa.*" /><action type="None" /></rule>'
SITES = {
    'both': config(COOKIES), 'one': config(rule('B', BE)), 'none': config(''),
    'off': config(rule('A', ANON, stop='false', more=' enabled="false"') + rule('B', BE)),
    'wildcard': config(rule('A', ANON, more=' patternSyntax="Wildcard"') + rule('B', BE)),
    'case': config(rule('A', ANON, attr=' ignoreCase="false"') + rule('B', BE)),
    'negated': config(rule('A', ANON, attr=' negate="true"') + rule('B', BE)),
    'and': config(rule('A', ANON, extra='<add input="{URL}" pattern="x" />') + rule('B', BE)),
    'any': config(rule('A', ANON, extra=f'<add input="{{HTTP_COOKIE}}" pattern="{BE}" />', group=' logicalGrouping="MatchAny"')),
    'narrow': config(rule('A', ANON, url='^owa/') + rule('B', BE)),
    'rewrites': config(rule('A', ANON, action='Rewrite') + rule('B', BE)),
    'passed': config(PASS + COOKIES), 'undone': config(rule('A', ANON, stop='false') + rule('B', BE, stop='false') +
        '<rule name="Q"><match url=".*" /><action type="Rewrite" url="/x" /></rule>'),
    'notinherited': config(COOKIES, inherit='no'),
    'comment': config('<!-- ' + COOKIES + ' -->'),
    'power': config(rule('EEMS M1.1', POWER, input=URI)),
    'old': config(rule('EEMS M1', '.*autodiscover\\.json.*\\@.*Powershell.*', input='{REQUEST_URI}')),
}
CHILDREN = {'clear': config('<clear />'), 'remove': config('<remove name="a" />'), 'other': config('<remove name="x" />')}
def pools(ecp, oab):
    add = ''.join(f'<add name="MSExchange{n}AppPool" autoStart="{v}" />' for n, v in (('ECP', ecp), ('OAB', oab)))
    return f'<system.applicationHost><applicationPools>{add}</applicationPools></system.applicationHost>'
def place(path, value):
    ep = f'<extendedProtection tokenChecking="{value}" />' if value else ''
    return (f'<location path="{path}"><system.webServer><security><authentication><windowsAuthentication enabled="true">{ep}'
            '</windowsAuthentication></authentication></security></system.webServer></location>\n')
ALL = ''.join(place(f'Default Web Site/{d}', v) for d, v in (('ecp', 'Require'), ('EWS', 'Allow'), ('owa', 'Require'), ('Autodiscover', 'None'))) + \
    ''.join(place(f'Exchange Back End/{d}', 'Require') for d in ('ecp', 'EWS', 'owa', 'mapi/emsmdb', 'PowerShell'))
APPS = '<system.applicationHost><sites><site name="Default Web Site"><application path="/"/><application path="/rpc"/></site></sites></system.applicationHost>'
def host(body): return f'<configuration>{body}</configuration>'
HOSTS = {
    'pools': host(pools('false', 'false')), 'onepool': host(pools('false', 'true')),
    'protected': host(ALL), 'lax': host(ALL.replace('EWS"><system.webServer><security><authentication><windowsAuthentication enabled="true">'
        '<extendedProtection tokenChecking="Require"', 'EWS"><system.webServer><security><authentication><windowsAuthentication enabled="true">'
        '<extendedProtection tokenChecking="Allow"')),
    'forgotten': host(APPS + ALL), 'part': host(place('Default Web Site/ecp', 'Require')),
    'inherited': host(place('Default Web Site/owa', 'Require') + place('Exchange Back End', 'Require') + place('Exchange Back End/mapi', '') + place('Exchange Back End/mapi/nspi', '')),
    'siterules': host('<location path="Default Web Site"><system.webServer><rewrite><rules>' + COOKIES + '</rules></rewrite></system.webServer></location>'),
}
V15 = 'Program Files/Microsoft/Exchange Server/V15/'
top, build = sys.argv[1:3]
for name in sys.argv[3:]:
    kind, _, which = name.partition(':')
    path, text = {'site': ('inetpub/wwwroot/web.config', SITES.get(which)), 'copy': ('backup/inetpub/wwwroot/web.config', SITES.get(which)),
                  'child': (V15 + 'FrontEnd/HttpProxy/owa/web.config', CHILDREN.get(which)),
                  'host': ('Windows/System32/inetsrv/config/applicationHost.config', HOSTS.get(which)),
                  'lost': ('somewhere/web.config', SITES.get(which))}[kind]
    path = f'{top}/EX01/{path}'
    os.makedirs(os.path.dirname(path), exist_ok=True)
    open(path, 'w').write(text)
open(f'{top}/inventory.csv', 'w').write(f'host,build,date\nEX01,{build},2022-12-05\n')
PYTHON

# look CVE BUILD FILES...: the state, and what `because` says behind the build's own source
look() {
    cve=$1
    shift
    rm -rf "$w/server"
    mkdir "$w/server"
    python3 "$w/make.py" "$w/server" "$@" || return
    run "$tocsin" exposure --json "$w/server"
    python3 - "$w/out" "$cve" <<'PYTHON'
import json, re, sys
for line in open(sys.argv[1]):
    row = json.loads(line)
    if row['type'] == 'exposure' and row['cve'] == sys.argv[2]:
        said = re.findall(r'; (?:the mitigation )?([a-z-]+) is (on|off|in force|there only in part, or undone,) by iis-config \(.*?EX01/(?:.*/)?([\w.]+):(\d+)', row['because'])
        print(row['state'], *(' '.join(s) for s in said))
    elif row['type'] == 'gap':
        print(row['reason'])
PYTHON
}
L=CVE-2021-26855
in_force='mitigated backend-cookie-rules in force web.config'
ok 'both cookie rules: mitigated, and the line' is "$(look $L 15.1.2176.4 site:both)" "$in_force 3"
ok 'but never fixed: the share counts it as not exposed, the summary as mitigated' \
    grep -q '"mitigated":1[,}]' "$w/out"
ok 'a fixed server stays fixed' is "$(look $L 15.1.2176.9 site:both)" 'fixed backend-cookie-rules in force web.config 3'
ok 'rules in a location of applicationHost.config' is "$(look $L 15.1.2176.4 host:siterules)" \
    'mitigated backend-cookie-rules in force applicationHost.config 1'
ok 'both conditions in one rule that asks for any' is "$(look $L 15.1.2176.4 site:any)" "$in_force 3"
part='exposed backend-cookie-rules there only in part, or undone, web.config'
for kind in one off wildcard case negated and narrow; do
    ok "a rule that does not turn everything away ($kind): exposed" is "$(look $L 15.1.2176.4 "site:$kind" | cut -d' ' -f1-9)" "$part"
done
for kind in none passed rewrites undone notinherited comment; do
    ok "no rule that is in force ($kind): exposed, and nothing said" is "$(look $L 15.1.2176.4 "site:$kind")" exposed
done
ok 'a directory below clears what it inherits' is "$(look $L 15.1.2176.4 site:both child:clear)" "$part 3"
ok 'or removes one of the rules' is "$(look $L 15.1.2176.4 site:both child:remove)" "$part 3"
ok 'or another one' is "$(look $L 15.1.2176.4 site:both child:other)" "$in_force 3"
ok 'two copies, one without the rules: nobody knows which is in force' is \
    "$(look $L 15.1.2176.4 site:both copy:none)" exposed
ok 'a web.config of nobody knows which site' is "$(look $L 15.1.2176.4 lost:both)" 'unplaced
exposed'
ok 'the Autodiscover rule in its last form' is "$(look CVE-2022-41040 15.1.2507.12 site:power)" \
    'mitigated autodiscover-rule in force web.config 3'
ok 'its first form could be passed by' is "$(look CVE-2022-41040 15.1.2507.12 site:old)" exposed
ok 'it does not stop what came after it' is "$(look CVE-2022-41080 15.1.2507.12 site:power)" exposed
ok 'application pools that do not start' is "$(look CVE-2021-27065 15.1.2176.4 host:pools)" \
    'mitigated ecp-and-oab-off in force applicationHost.config 1'
ok 'one of two' is "$(look CVE-2021-27065 15.1.2176.4 host:onepool)" \
    'exposed ecp-and-oab-off there only in part, or undone, applicationHost.config 1'

E=CVE-2022-21979
ok 'extended protection: not seen' is "$(look $E 15.1.2507.16 site:none)" fixed-if-configured
ok 'as Microsoft asks for it: fixed' is "$(look $E 15.1.2507.16 host:protected)" \
    'fixed extended-protection on applicationHost.config 1'
ok 'one directory is laxer: exposed, by its line' is "$(look $E 15.1.2507.16 host:lax)" \
    'exposed extended-protection off applicationHost.config 6'
ok 'a directory in use of which no location speaks' is "$(look $E 15.1.2507.16 host:forgotten)" \
    'exposed extended-protection off applicationHost.config 1'
ok 'inherited from the site' is "$(look $E 15.1.2507.16 host:inherited)" \
    'fixed extended-protection on applicationHost.config 1'
ok 'of one site alone: nothing is known of the other' is "$(look $E 15.1.2507.16 host:part)" fixed-if-configured
ok 'without the fix it does not help' is "$(look $E 15.1.2507.6 host:protected)" exposed

look $E 15.1.2507.16 host:lax >/dev/null
# Files that were made to mislead, or are no configuration.
mkdir -p "$w/bad/EX01/inetpub/wwwroot"
python3 - "$w/bad/EX01/inetpub/wwwroot/web.config" "$w" <<'PYTHON'
import sys
path, w = sys.argv[1:]
good = open(w + '/server/EX01/Windows/System32/inetsrv/config/applicationHost.config').read()
files = {'cut': good[:len(good) // 2], 'bomb': '<!DOCTYPE c [<!ENTITY a "b">]>' + good.replace('Require', '&a;'),
         'deep': '<configuration><location path="x">' + '<system.webServer>' * 100000,
         'tag': '<configuration><location path="x"><system.webServer ' + 'a' * 3000000,
         'rules': '<configuration><location path="Default Web Site"><system.webServer><rewrite>' + '<rules></rules>' * 20000 +
             '</rewrite></system.webServer></location></configuration>',
         'many': '<configuration>' + ''.join(f'<location path="Default Web Site/{i}"></location>' for i in range(20000)) + '</configuration>'}
for name, text in files.items():
    open(f'{w}/bad/{name}.config', 'w').write(text)
PYTHON
for kind in cut:damaged bomb:damaged deep:damaged tag:too-long rules:too-long many:too-long; do
    run timeout 60 "$tocsin" exposure --json --host EX01 "$w/bad/${kind%:*}.config"
    ok "a bad file (${kind%:*}) is told, status 3" is "$status $(python3 -c '
import json, sys
print(*[json.loads(l)["reason"] for l in open(sys.argv[1]) if "\"gap\"" in l])' "$w/out")" "3 ${kind#*:}"
done
cp "$w/server/EX01/Windows/System32/inetsrv/config/applicationHost.config" "$w/server/inventory.csv" "$w/bad"
run "$tocsin" exposure --json "$w/bad/applicationHost.config"
ok 'a file of nobody knows which host says how to tell' grep -q '"no-host".*--host' "$w/out"
run "$tocsin" exposure --host EX01 --explain EX01 $E "$w/bad/applicationHost.config" "$w/bad/inventory.csv"
ok '--host tells it' grep -q 'exposed: .*extended-protection is off by iis-config' "$w/out"
tap_done

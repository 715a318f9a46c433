#!/bin/sh
# Files that are no logs: baselines, servers among each other, lists of harmless files, types and
# names, times. All of them are made here and harmless.
set -u
tocsin=$1
. tests/tap.sh

web=inetpub/wwwroot
exchange='Program Files/Microsoft/Exchange Server/V15'
auth="$exchange/FrontEnd/HttpProxy/owa/auth"

# A server with a log that tells its build, and a page that is not as any build ships it.
server() { # NAME BUILD...
    mkdir -p "$tap_work/$1/$auth" "$tap_work/$1/$web/app" "$tap_work/$1/$exchange/Logging/ECP/Server"
    python3 - "$1" "$2" >"$tap_work/$1/$exchange/Logging/ECP/Server/ECPServer20210303-1.LOG" <<'PYTHON'
import sys
sys.path.insert(0, 'tests/gen')
import formats as f
name, build = sys.argv[1:]
print('\r\n'.join(f.exchange_header(build, 'ECP Server Log', f.utc('2021-03-03'), f.ECP_COLUMNS)), end='\r\n')
for minute in range(0, 60, 5):
    data = "S:TIME=12;S:SID=1;'S:CMD=Get-Mailbox';S:REQID=1;S:URL=https://%s/ecp/;S:BLD=%s" % (name, build)
    print('2021-03-03T10:%02d:00.000Z,%s,ECP.Request,"%s"' % (minute, name, data), end='\r\n')
PYTHON
    echo '<%@ Page Language="C#" %><html>page</html>' >"$tap_work/$1/$web/app/page.aspx"
}
scan() { run "$tocsin" scan --json "$@"; }
# Findings of a rule in a file whose name ends so.
found() { # RULE NAME COUNT
    test "$(grep '"type":"finding"' "$tap_work/out" | grep "\"rule\":\"$1" | grep -c "\"file\":\"[^\"]*$2\"")" -eq "$3"
}
is_lines() { test "$(grep -c "$2" "$tap_work/out")" -eq "$1"; }
shows() { grep '"type":"finding"' "$tap_work/out" | grep -q "$1"; }

server EX01 15.1.2106.2
echo 'not what is shipped' >"$tap_work/EX01/$auth/errorFE.aspx"
scan "$tap_work/EX01"
ok 'a page of the product with other bytes' found tocsin:file-altered errorFE.aspx 1
ok 'it says of which build' shows '"Build":"15.1.2106.2"'
ok 'and is no page of a name that never shipped' found 60e4d2a7 errorFE.aspx 0
echo '<html>' >"$tap_work/EX01/$auth/errorFF.aspx"
scan "$tap_work/EX01"
ok 'a name that never shipped' shows 'errorFF.aspx'
ok 'is not altered' found tocsin:file-altered errorFF.aspx 0
server NEW1 15.2.1544.4
echo 'not what is shipped' >"$tap_work/NEW1/$auth/errorFE.aspx"
scan "$tap_work/NEW1"
ok 'of a build that no baseline knows nothing is altered' found tocsin:file-altered errorFE.aspx 0
rm -rf "$tap_work/EX01" "$tap_work/NEW1"

# One shell in three places, and the whole supplied twice
shell='<%@ Page Language="JScript"%><%eval(Request.Item["inert"],"unsafe");%>'
for folder in aspnet_client app/one app/two; do
    mkdir -p "$tap_work/SH01/$web/$folder"
    echo "$shell" >"$tap_work/SH01/$web/$folder/same.aspx"
done
scan "$tap_work/SH01"
ok 'a shell that lies in three places is found three times' found 5f40c1cc same.aspx 3
cp -rp "$tap_work/SH01" "$tap_work/copy"
scan "$tap_work/SH01" --host SH01 "$tap_work/copy"
ok 'evidence that is supplied twice adds nothing' is_lines 3 '"type":"finding"'
ok 'the counts neither' is_lines 3 '"type":"finding".*"count":1,'
rm -rf "$tap_work/copy"
run "$tocsin" scan "$tap_work/SH01"
for folder in aspnet_client one two; do # the first by its time with its file, the others with their place
    ok "for people: that in $folder is named" grep -q "$folder[/\\\\]same.aspx" "$tap_work/out"
done
rm -rf "$tap_work/SH01"
python3 -c '
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w") as z: # 1980 stands for no time
    z.writestr(zipfile.ZipInfo("SH01/inetpub/wwwroot/same.aspx", (1980, 1, 1, 0, 0, 0)), sys.argv[2])' "$tap_work/SH01.zip" "$shell"
run "$tocsin" scan --case "$tap_work/c.case" "$tap_work/SH01.zip"
run "$tocsin" timeline --case "$tap_work/c.case"
ok 'a finding without a time is not in the timeline, which says so' err_has '1 finding has no time and is not told here'
rm "$tap_work/SH01.zip" "$tap_work/c.case"

# States: one text in several places is several things to look after
mkdir -p "$tap_work/ST01/$web/one" "$tap_work/ST01/$web/two" "$tap_work/ST01/Windows/System32/Tasks/below"
python3 - "$tap_work/ST01" <<'PYTHON'
import os, sys
sys.path.insert(0, 'tests/gen')
import artefacts as a
root = sys.argv[1]
config = dict(a.CONFIGS)['Web shell inside a configuration']
for name, more in (('one', ''), ('two', ''), ('', '\n')):
    a.write(os.path.join(root, 'inetpub/wwwroot', name, 'web.config'), config + more)
for name in ('Upd', 'below/Upd'):
    a.write(os.path.join(root, 'Windows/System32/Tasks', name), a.task('C:\\Users\\Public\\svc.exe', '', '\\Upd'))
for user in ('anna', 'bob'):
    a.write(os.path.join(root, 'C/Users', user, 'AppData/Roaming/Microsoft/Windows/PowerShell/PSReadLine/ConsoleHost_history.txt'),
            '\n'.join(a.BAD_COMMANDS))
PYTHON
scan "$tap_work/ST01"
same_title() { test "$(grep -c "\"title\":\"$1" "$tap_work/out")" -eq "$2"; }
ok 'a configuration in three folders is found three times' same_title 'Web shell inside a configuration' 3
ok 'a task in two folders twice' same_title 'Task that runs a file from a folder where everybody' 2
ok 'a history of two users twice' same_title 'Memory of LSASS taken (history)' 2
ok 'each has an id of its own' python3 -c '
import json, sys
ids = [r["id"] for r in map(json.loads, open(sys.argv[1])) if r["type"] == "finding"]
sys.exit(len(ids) != len(set(ids)))' "$tap_work/out"
cp "$tap_work/out" "$tap_work/once"
cp -r "$tap_work/ST01" "$tap_work/copy"
scan "$tap_work/ST01" --host ST01 "$tap_work/copy"
ok 'supplied twice they are not more' is_lines "$(grep -c '"type":"finding"' "$tap_work/once")" '"type":"finding"'
rm -rf "$tap_work/ST01" "$tap_work/copy"

# How many files of which hosts
for host in FA01 FA02; do
    mkdir -p "$tap_work/farm/$host/C/Windows/Temp"
    for name in a b c; do echo alike >"$tap_work/farm/$host/C/Windows/Temp/$name.bin"; done
done
scan "$tap_work/farm"
ok 'files alike are counted each, for every host' is_lines 2 '"type":"coverage".*"kind":"file".*"records":3,.*"files":3,'
scan --since 2999-01-01 "$tap_work/farm"
ok 'those that --since leaves out are not looked at' is_lines 2 '"type":"coverage".*"kind":"file".*"records":0,'

# A page that goes on beyond what is judged
mkdir -p "$tap_work/PA01/$web"
{ head -c 33M /dev/zero | tr '\0' ' '; echo "$shell"; } >"$tap_work/PA01/$web/long.aspx"
{ head -c 33M /dev/zero | tr '\0' ' '; echo "$shell"; } >"$tap_work/PA01/$web/long.bin"
scan "$tap_work/PA01"
ok 'a page beyond what is judged is a gap' is_lines 1 '"type":"gap".*long.aspx.*"reason":"limit"'
ok 'another file is none' is_lines 0 '"type":"gap".*long.bin'
rm -rf "$tap_work/farm" "$tap_work/PA01"

for name in EX01 EX02 EX03; do server $name 15.1.2106.2; done
echo '<%@ Page Language="C#" %><html>other</html>' >"$tap_work/EX02/$web/app/page.aspx"
echo '<%@ Page Language="C#" %><html>more</html>' >"$tap_work/EX03/$web/app/extra.aspx"
scan "$tap_work/EX01" "$tap_work/EX02" "$tap_work/EX03"
ok 'the page that differs from that of two other servers' found tocsin:file-odd EX02/$web/app/page.aspx 1
ok 'not those that agree' found tocsin:file-odd EX01/$web/app/page.aspx 0
ok 'the page that no other server has' found tocsin:file-odd extra.aspx 1
ok 'with the servers that agree' shows '| otherwise on EX01, EX03'
scan "$tap_work/EX02"
ok 'one server is not compared' found tocsin:file-odd '' 0

# Types and names.
mkdir -p "$tap_work/EX04/Windows/Temp" "$tap_work/EX04/ProgramData" "$tap_work/EX04/$web/aspnet_client"
python3 - "$tap_work/EX04" <<'PYTHON'
import sys
root = sys.argv[1]
with open(root + '/Windows/Temp/a1.tmp', 'wb') as f:  # a dump by its first bytes and size alone
    f.write(b'MDMP\x93\xa7\0\0')
    f.truncate(25 << 20)
with open(root + '/ProgramData/x.dat', 'wb') as f:
    f.write(b'7z\xbc\xaf\x27\x1c\0\4' + bytes(2000))
with open(root + '/' + 'inetpub/wwwroot/aspnet_client/p.aspx', 'wb') as f:
    f.write(b'<html>nothing</html>')
PYTHON
scan "$tap_work/EX04"
ok 'a dump of memory by what it begins with' shows '"file":"[^"]*a1.tmp"'
ok 'an archive by what it begins with' shows '"file":"[^"]*x.dat"'
ok 'a script in aspnet_client' shows '"file":"[^"]*p.aspx"'
sha256sum "$tap_work/EX04/$web/aspnet_client/p.aspx" >"$tap_work/known.txt"
scan --known "$tap_work/known.txt" "$tap_work/EX04"
ok '--known: it is harmless' sh -c "! grep '\"type\":\"finding\"' '$tap_work/out' | grep -q p.aspx"
ok 'the others are not' shows '"file":"[^"]*a1.tmp"'
touch -d '2020-05-05 05:05:05 UTC' "$tap_work/EX04/$web/aspnet_client/p.aspx"
scan "$tap_work/EX04"
ok 'the time of a finding is that of the file' shows '"time":"2020-05-05T05:05:05Z"'
scan --since 2021-01-01 "$tap_work/EX04"
ok '--since leaves older files out' sh -c "! grep '\"type\":\"finding\"' '$tap_work/out' | grep -q p.aspx"

# A baseline of one's own.
cp -r "$tap_work/EX01/$web" "$tap_work/clean"
run "$tocsin" baseline make --product app --build 1.0.0.0 -o "$tap_work/own.csv" "$tap_work/clean"
ok 'a baseline is made' status_is 0
ok 'and read' sh -c "'$tocsin' scan --quiet --baseline '$tap_work/own.csv' '$tap_work/EX01' >/dev/null 2>'$tap_work/err'; test ! -s '$tap_work/err'"
tap_done

#!/bin/sh
# Which hosts a scan speaks of: servers of which only an event log was copied, folders that are no
# server, --host over rows of several.
set -u
tocsin=$1
. tests/tap.sh

# verdicts: "HOST STATE" of every verdict of the last run
verdicts() {
    python3 -c '
import json, sys
for line in open(sys.argv[1]):
    o = json.loads(line)
    if o["type"] == "verdict":
        print(o["host"], o["verdict"])
' "$tap_work/out" | sort -u
}
are() { [ "$(verdicts)" = "$1" ] || { echo "got $(verdicts), wanted $1"; return 1; }; }

# iis FILE SERVER
iis() {
    mkdir -p "$(dirname "$1")"
    printf '#Software: Microsoft Internet Information Services 10.0\n#Fields: date time s-computername cs-method cs-uri-stem sc-status\n2021-03-01 00:00:01 %s GET / 200\n' \
        "$2" >"$1"
}

iis "$tap_work/a/EXA/inetpub/logs/LogFiles/W3SVC1/u_ex210301.log" EXA
mkdir -p "$tap_work/a/EX09/Windows/System32/winevt/Logs" "$tap_work/a/notes"
printf 'ElfFile\0\0\0\0' >"$tap_work/a/EX09/Windows/System32/winevt/Logs/Application.evtx"
echo 'copied by hand' >"$tap_work/a/notes/README"
run "$tocsin" scan --json "$tap_work/a"
ok 'a server of which only an event log is there has its line, a folder of notes has none' are \
    "$(printf 'EX09 not-enough-evidence\nEXA no-sign')"
ok 'status: incomplete' status_is 3
run "$tocsin" scan "$tap_work/a"
ok 'the text says that nothing could be read' out_has 'no file of a known kind of log'

iis "$tap_work/b/one/u_ex210301.log" EXA
iis "$tap_work/b/two/u_ex210302.log" EXA.contoso.example
run "$tocsin" scan --json --host EX01 "$tap_work/b"
ok 'spellings of one server: no warning' sh -c "! grep -q several '$tap_work/err'"
iis "$tap_work/b/two/u_ex210302.log" EXB
run "$tocsin" scan --json --host EX01 "$tap_work/b"
ok '--host makes one host of several' are 'EX01 no-sign'
ok '--host over several servers is warned of' err_has 'rows name several servers (EXA, EXB)'
mkdir -p "$tap_work/c/EXA/inetpub/logs/LogFiles/W3SVC1" "$tap_work/c/EXB/inetpub/logs/LogFiles/W3SVC1"
for name in EXA EXB; do
    printf '#Fields: date time c-ip cs-method cs-uri-stem sc-status\n2021-03-01 00:00:00 192.0.2.1 GET /%s 200\n' $name \
        >"$tap_work/c/$name/inetpub/logs/LogFiles/W3SVC1/u_ex210301.log"
done
run "$tocsin" scan --json --host EX01 "$tap_work/c"
ok '--host over the folders of several servers is warned of' err_has 'folders name several servers (EXA, EXB)'
run "$tocsin" scan --json --host EX01 "$tap_work/c/EXA"
ok 'and not over one of them' sh -c "! grep -q several '$tap_work/err'"
for name in EXA EXB; do
    mkdir -p "$tap_work/d/given/$name/Web Server Extensions/16/TEMPLATE/LAYOUTS"
    echo '<%@ Page Language="JScript"%><%eval(Request.Item["inert"],"unsafe");%>' >"$tap_work/d/given/$name/Web Server Extensions/16/TEMPLATE/LAYOUTS/a.aspx"
done
run "$tocsin" scan --json "$tap_work/d/given"
ok "a copy of SharePoint's folder is of the folder above it" are "$(printf 'EXA compromised\nEXB compromised')"
mkdir -p "$tap_work/d/given/EXC/Windows/Temp"
echo x >"$tap_work/d/given/EXC/Windows/Temp/a.txt"
run "$tocsin" scan --json "$tap_work/d/given"
ok 'a server of which there is hardly anything has a verdict beside others' are \
    "$(printf 'EXA compromised\nEXB compromised\nEXC not-enough-evidence')"
for name in EXD EXE; do
    mkdir -p "$tap_work/e/$name/var/www/html"
    echo '<?php phpinfo();' >"$tap_work/e/$name/var/www/html/info.php"
done
mkdir -p "$tap_work/e/EXF/inetpub/wwwroot"
echo x >"$tap_work/e/EXF/inetpub/wwwroot/a.txt"
run "$tocsin" scan --json "$tap_work/e"
ok 'so have web servers of other systems' are \
    "$(printf 'EXD not-enough-evidence\nEXE not-enough-evidence\nEXF not-enough-evidence')"
run "$tocsin" scan --help
ok '--help says what --host does' out_has 'one host for everything in the run'
tap_done

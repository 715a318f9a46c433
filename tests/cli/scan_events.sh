#!/bin/sh
# Sigma rules over event logs: channels, categories, mapped fields, keywords, and all in one folder.
set -u
tocsin=$1
make_evtx=$2
. tests/tap.sh

scan() { run "$tocsin" scan --json --no-dossiers "$@"; }
# found N TITLE: findings of that title cover N events
found() {
    n=$(sed -n '/"type":"finding"/s/.*"title":"\([^"]*\)".*"count":\([0-9]*\).*/\1|\2/p' "$tap_work/out" |
        awk -F'|' -v t="$2" '$1 == t { n += $2 } END { print n + 0 }')
    [ "$n" = "$1" ] || { echo "# $2: $n, not $1"; cat "$tap_work/err"; return 1; }
}
gaps() { grep '"type":"gap"' "$tap_work/out" | grep -c -e "\"reason\":\"$1\""; }
# rule NUMBER TITLE LOGSOURCE DETECTION
rule() {
    printf 'title: %s\nid: 6f1a0d0e-3f0c-4d7e-9a50-0a7f6f3b9d%s\nlogsource: {%s}\ndetection:\n  s: %s\n  condition: s\nlevel: high\n' \
        "$2" "$1" "$3" "$4" >"$tap_work/rules/$1.yml"
}
mkdir -p "$tap_work/rules" "$tap_work/in"

cat >"$tap_work/in/events.json" <<'EVENTS'
{"Event":{"System":{"Provider":{"#attributes":{"Name":"Microsoft-Windows-Sysmon"}},"EventID":1,"TimeCreated":{"#attributes":{"SystemTime":"2021-03-03T00:00:01Z"}},"EventRecordID":11,"Channel":"Microsoft-Windows-Sysmon/Operational","Computer":"EX01.example.org"},"EventData":{"Image":"C:\\Windows\\System32\\cmd.exe","ParentImage":"C:\\Windows\\System32\\inetsrv\\w3wp.exe","CommandLine":"cmd /c whoami","User":"NT AUTHORITY\\SYSTEM","IntegrityLevel":"High"}}}
{"Event":{"System":{"Provider":{"#attributes":{"Name":"Microsoft-Windows-Security-Auditing"}},"EventID":4688,"TimeCreated":{"#attributes":{"SystemTime":"2021-03-03T00:00:02Z"}},"EventRecordID":12,"Channel":"Security","Computer":"EX01.example.org"},"EventData":{"NewProcessName":"C:\\Windows\\System32\\cmd.exe","ParentProcessName":"C:\\Windows\\System32\\inetsrv\\w3wp.exe","CommandLine":"cmd /c whoami","SubjectUserName":"EX01$","MandatoryLabel":"S-1-16-12288"}}}
{"Event":{"System":{"Provider":{"#attributes":{"Name":"Microsoft-Windows-Security-Auditing"}},"EventID":4657,"TimeCreated":{"#attributes":{"SystemTime":"2021-03-03T00:00:03Z"}},"EventRecordID":13,"Channel":"Security","Computer":"EX01.example.org"},"EventData":{"ObjectName":"\\REGISTRY\\MACHINE\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Run","ObjectValueName":"updater","NewValue":"C:\\x.exe","OperationType":"%%1904"}}}
{"Event":{"System":{"Provider":{"#attributes":{"Name":"MSExchange CmdletLogs"}},"EventID":1,"TimeCreated":{"#attributes":{"SystemTime":"2021-03-03T00:00:04Z"}},"EventRecordID":14,"Channel":"MSExchange Management","Computer":"EX01.example.org"},"EventData":{"Data":["Set-OabVirtualDirectory","-Identity \"OAB\" -ExternalUrl \"http://f/\"","x"]}}}
{"Event":{"System":{"Provider":{"#attributes":{"Name":"Microsoft-Windows-Eventlog"}},"EventID":1102,"TimeCreated":{"#attributes":{"SystemTime":"2021-03-03T00:00:05Z"}},"EventRecordID":15,"Channel":"Security","Computer":"EX01.example.org"},"UserData":{"LogFileCleared":{"SubjectUserName":"admin"}}}}
{"Event":{"System":{"Provider":{"#attributes":{"Name":"Other"}},"EventID":1102,"TimeCreated":{"#attributes":{"SystemTime":"2021-03-03T00:00:06Z"}},"EventRecordID":16,"Channel":"Application","Computer":"EX01.example.org"},"EventData":{"Threat Name":"Tool:X"}}}
EVENTS
cat >"$tap_work/in/lists.json" <<'EVENTS'
{"Event":{"System":{"Provider":{"#attributes":{"Name":"P"}},"EventID":7,"EventRecordID":1,"Channel":"Lists","Computer":"EX01.example.org"},"EventData":{"Data":["first","evil.exe","C:\\Temp"],"Address":["198.51.100.1","192.0.2.7"]}}}
{"Event":{"System":{"Provider":{"#attributes":{"Name":"Microsoft-Windows-Security-Auditing"}},"EventID":4688,"EventRecordID":9,"Channel":"Security","Computer":"EX01.example.org"},"EventData":{"MandatoryLabel":["x","S-1-16-16384"]}}}
{"Event":{"System":{"Provider":{"#attributes":{"Name":"P"}},"EventID":7,"EventRecordID":2,"Channel":"Lists","Computer":"EX01.example.org"},"EventData":{"Data":["evil.exe\nfirst","x"],"Address":["198.51.100.1"]}}}
{"Event":{"System":{"Provider":{"#attributes":{"Name":"P"}},"EventID":7,"EventRecordID":3,"Channel":"Lists","Computer":"EX01.example.org"},"EventData":{"Data":"first\nevil.exe","Address":"198.51.100.1\n192.0.2.7"}}}
EVENTS
printf '%s\n' '#Software: Microsoft Internet Information Services 10.0' \
    '#Fields: date time cs-method cs-uri-stem cs-uri-query s-port c-ip cs(User-Agent) sc-status' \
    '2021-03-03 00:00:00 POST /owa/auth/x.aspx - 443 203.0.113.9 a 200' >"$tap_work/in/u_ex210303.log"

rule 01 'shell of w3wp' 'category: process_creation, product: windows' \
    '{"ParentImage|endswith": \\w3wp.exe, "Image|endswith": \\cmd.exe}'
rule 02 'high integrity' 'category: process_creation, product: windows' '{IntegrityLevel: High}'
rule 03 'run key' 'category: registry_set, product: windows' \
    '{"TargetObject|contains": "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Run\\updater", EventType: SetValue}'
rule 04 'offline address book' 'product: windows, service: msexchange-management' \
    '{"|all": [Set-OabVirtualDirectory, " -ExternalUrl "]}'
rule 05 'log cleared' 'product: windows, service: security' '{EventID: 1102, Provider_Name: Microsoft-Windows-Eventlog}'
rule 06 'all of windows' 'product: windows' '{EventID: 1102}'
rule 07 'name without blanks' 'product: windows, service: application' '{"ThreatName|startswith": "Tool:"}'
rule 08 'of a provider' 'product: windows, service: msexchange-management' '["MSExchange CmdletLogs"]'
rule 09 'no such field' 'product: windows, service: security' '{EventID: 4657, Gone: null}'
rule 10 'web' 'category: webserver' '{"cs-uri-stem|endswith": .aspx}'

rule 11 'one of a list' 'product: windows' '{EventID: 7, Data: evil.exe}'
rule 12 'the beginning of one' 'product: windows' '{Data|startswith: "C:\\Temp"}'
rule 13 'a network of one' 'product: windows' '{"Address|cidr": 192.0.2.0/24}'
rule 14 'not one of a list' 'product: windows' '{EventID: 7}
  known: {Data: first}'
rule 15 'a code of several' 'category: process_creation, product: windows' '{IntegrityLevel: System}'
sed -i 's/condition: s$/condition: s and not known/' "$tap_work/rules/14.yml"

for mode in '' --full -j1 --no-hash; do
    scan $mode --rules "$tap_work/rules" "$tap_work/in"
    ok "a rule for processes runs on Sysmon and Security ${mode:-as usual}" found 2 'shell of w3wp'
    ok "a code stands for a word ${mode:-as usual}" found 2 'high integrity'
    ok "a key is put together from its parts ${mode:-as usual}" found 1 'run key'
    ok "keywords are found in the strings of an event ${mode:-as usual}" found 1 'offline address book'
    ok "number and provider alone make a rule ${mode:-as usual}" found 1 'log cleared'
    ok "a product alone means all of its channels ${mode:-as usual}" found 2 'all of windows'
    ok "blanks in names do not count ${mode:-as usual}" found 1 'name without blanks'
    ok "a keyword may be the provider ${mode:-as usual}" found 1 'of a provider'
    ok "a field that is not there is null ${mode:-as usual}" found 1 'no such field'
    ok "a rule for one value finds it in a list, and in none that holds two ${mode:-as usual}" found 1 'one of a list'
    ok "so do beginnings ${mode:-as usual}" found 1 'the beginning of one'
    ok "and networks ${mode:-as usual}" found 1 'a network of one'
    ok "a line break makes no value that a filter knows ${mode:-as usual}" found 2 'not one of a list'
    ok "a code in a list stands for its word ${mode:-as usual}" found 1 'a code of several'
    ok "a text log in the same folder is read as ever ${mode:-as usual}" found 1 'web'
done

scan --rules "$tap_work/rules" "$tap_work/in"
ok 'a finding names the number of its event' sh -c "grep '\"title\":\"run key\"' '$tap_work/out' | grep -q '\"record\":13,'"
ok 'and shows the event by name' sh -c \
    "grep '\"title\":\"run key\"' '$tap_work/out' | grep -q '\"evidence\":\"Channel: Security | EventID: 4657 | Provider_Name: '"
ok 'coverage is told by channel' sh -c "for k in security sysmon application msexchange-management iis; do
    grep '\"type\":\"coverage\"' '$tap_work/out' | grep -q \"\\\"kind\\\":\\\"\$k\\\"\" || exit 1; done"
ok 'of the host that the events name' sh -c \
    "! grep '\"type\":\"coverage\"' '$tap_work/out' | grep '\"kind\":\"s' | grep -v '\"host\":\"EX01.example.org\"'"
scan --since 2021-03-03T00:00:04Z --rules "$tap_work/rules" "$tap_work/in"
ok 'events before --since are passed over' found 0 'run key'
ok 'and those behind it are not' found 1 'offline address book'

printf 'type,value\nip,198.51.100.77\nname,cmd.exe\n' >"$tap_work/list.csv"
sed 's/whoami/ping 198.51.100.77/' "$tap_work/in/events.json" >"$tap_work/in/more.json"
scan --indicators "$tap_work/list.csv" "$tap_work/in/more.json"
ok 'indicators are looked for in events' sh -c "grep '\"type\":\"finding\"' '$tap_work/out' | grep -q 'cmd.exe'"

# Written as JSON, CSV and the event want it.
long='http://f/<script language="x">+100%25, and on, until it is longer than what is swept for</script>'
sed "s|whoami|$(printf %s "$long" | sed 's/"/\\\\"/g')|" "$tap_work/in/events.json" >"$tap_work/in/more.json"
printf 'type,value\ntext,"%s"\n' "$(printf %s "$long" | tr '[:lower:]' '[:upper:]' | sed 's/"/""/g')" >"$tap_work/list.csv"
scan --indicators "$tap_work/list.csv" "$tap_work/in/more.json"
of_text() { test "$(grep -c '"rule":"indicator:text' "$tap_work/out")" = "$1"; }
ok 'a long text with all kinds of signs, too' of_text 1
sed 's/for</fur</' "$tap_work/in/more.json" >"$tap_work/in/other.json"
scan --indicators "$tap_work/list.csv" "$tap_work/in/other.json"
ok 'and to its last sign' of_text 0
rm "$tap_work/in/other.json"

head -1 "$tap_work/in/events.json" >"$tap_work/sysmon.json"
gzip -k "$tap_work/in/events.json" && rm "$tap_work/in/events.json"
scan --rules "$tap_work/rules" "$tap_work/in/events.json.gz"
ok 'packed events are read' found 2 'shell of w3wp'
run sh -c "gzip -dc '$tap_work/in/events.json.gz' | '$tocsin' scan --json --no-dossiers --rules '$tap_work/rules' -"
ok 'and those of a pipe' found 2 'shell of w3wp'

printf '{"Channel":"Security","EventID":1,"a":}\n' >"$tap_work/in/bad.json"
scan --rules "$tap_work/rules" "$tap_work/in/bad.json"
ok 'a damaged event is a gap, and the answer incomplete' sh -c "grep '\"type\":\"gap\"' '$tap_work/out' | grep -q damaged"
ok 'with its exit status' status_is 3
printf '%s\n' '{"Channel":"Security","EventID":1,"Computer":"EX07","@timestamp":"2021-03-03T00:00:09Z"}' '{"Channel":"Security","EventID":1,"a":}' >"$tap_work/in/bad.json"
printf '%s\n' '{"Channel":"Security","EventID":1,"Computer":"EX08","@timestamp":"2021-03-03T00:00:09Z"}' >"$tap_work/in/good.json"
scan --case "$tap_work/gap.case" --rules "$tap_work/rules" "$tap_work/in/bad.json" "$tap_work/in/good.json"
ok 'the answer for its host says that something may be hidden' \
    sh -c "grep '\"type\":\"verdict\",\"host\":\"EX07\"' '$tap_work/out' | grep -q 'no sign in what could be read of the logs, 2 gaps may hide one'"
ok 'that of another host does not' \
    sh -c "grep '\"type\":\"verdict\",\"host\":\"EX08\"' '$tap_work/out' | grep -q -v 'may hide'"
ok 'the gap is of that host' grep -q '"type":"gap","host":"EX07"' "$tap_work/out"
run "$tocsin" report --case "$tap_work/gap.case" --format md
ok 'a report says so as well' sh -c "grep 'EX07: no sign' '$tap_work/out' | grep -q '2 gaps may hide a sign'"
ok 'of that host alone' sh -c "grep 'EX08: no sign' '$tap_work/out' | grep -q -v 'may hide'"
run "$tocsin" report --case "$tap_work/gap.case" --format html
ok 'and its first sentence' grep -q 'no sign in what could be read of the logs; not everything could' "$tap_work/out"
run "$tocsin" scan -q --no-dossiers --rules "$tap_work/rules" "$tap_work/in/bad.json"
ok 'so does the text' sh -c "tr '\n' ' ' <'$tap_work/out' | tr -s ' ' |
    grep -q 'no sign in what could be read of the logs, 2 gaps may hide one'"
rm "$tap_work/in/bad.json" "$tap_work/in/good.json"

# Logs of other systems: syslog beside a text log that comes first.
mkdir -p "$tap_work/unix"
cat >"$tap_work/unix/auth.log" <<'EVENTS'
2021-03-03T00:00:01+00:00 web01 sshd[411]: error: buffer_get_ret: trying to get more bytes 1907 than in buffer 308 [preauth]
2021-03-03T00:00:02+00:00 web01 sudo: alice : TTY=pts/0 ; PWD=/tmp ; USER=#-1 ; COMMAND=/bin/sh
2021-03-03T00:00:03+00:00 web01 app[7]: error: buffer_get_ret
  a line by itself: sad-thing
EVENTS
cat >"$tap_work/unix/router.raw" <<'EVENTS'
192.0.2.10 6705: Feb 17 13:40:03.673: %PARSER-5-CFGLOG_LOGGEDCMD: User:admin  logged command:no dot1x port-control
EVENTS
printf '%s\n' '203.0.113.9 - - [03/Mar/2021:00:00:01 +0000] "GET /x.aspx HTTP/1.1" 200 5 "-" "a"' >"$tap_work/unix/access.log"
cat >"$tap_work/unix/audit.log" <<'EVENTS'
type=SYSCALL msg=audit(1614729601.123:456): arch=c000003e syscall=59 success=yes comm="wget" exe="/usr/bin/wget" key="net"
type=EXECVE msg=audit(1614729601.123:456): argc=2 a0="wget" a1=2D2D706F73742D66696C653D2F6574632F706173737764
type=PATH msg=audit(1614729601.123:456): item=0 name="/etc/ld.so.preload" nametype=NORMAL
EVENTS
printf '#separator \\x09\n#path\tdns\n#fields\tts\tid.orig_h\tquery\tqtype_name\n1614729601.5\t192.0.2.1\tx.example\tTXT\n' \
    >"$tap_work/unix/dns.log"
cat >"$tap_work/unix/http.json" <<'EVENTS'
{"ts":1614729601.5,"uid":"C1","id.orig_h":"192.0.2.1","trans_depth":1,"method":"GET","host":"x.example","uri":"/a.exe","user_agent":"b"}
EVENTS
cat >"$tap_work/unix/trail.json" <<'EVENTS'
{"Records":[{"eventTime":"2021-03-03T00:00:01Z","eventSource":"iam.amazonaws.com","eventName":"CreateUser","awsRegion":"r","requestParameters":{"userName":"x"}}]}
EVENTS
cat >"$tap_work/unix/syslog" <<'EVENTS'
2021-03-03T00:00:04+00:00 web01 sysmon: <Event><System><Provider Name="Linux-Sysmon"/><EventID>1</EventID><TimeCreated SystemTime="2021-03-03T00:00:04Z"/><EventRecordID>77</EventRecordID><Channel>Linux-Sysmon/Operational</Channel><Computer>web01</Computer></System><EventData><Data Name="Image">/usr/bin/wget</Data><Data Name="CommandLine">wget --post-file=/etc/shadow</Data></EventData></Event>
EVENTS
mkdir "$tap_work/more"
more() { rule "$@"; mv "$tap_work/rules/$1.yml" "$tap_work/more"; }
more 11 'sshd' 'product: linux, service: sshd' '["error: buffer_get_ret"]'
more 12 'sudo as a number' 'product: linux, service: sudo' '{USER: "#-*"}'
more 13 'any line of linux' 'product: linux' '["sad-thing"]'
more 14 'cisco' 'product: cisco, service: aaa' '["no dot1x port-control"]'
more 15 'auditd command' 'product: linux, service: auditd' '{type: execve, a0: wget, "a1|startswith": "--post-file="}'
more 16 'auditd path' 'product: linux, service: auditd' '{type: PATH, name: /etc/ld.so.preload}'
more 17 'auditd call' 'product: linux, service: auditd' '{type: SYSCALL, SYSCALL: execve, key: net}'
more 18 'process' 'category: process_creation, product: linux' '{"Image|endswith": /wget, "CommandLine|contains": " --post-file=/etc/"}'
more 19 'dns of zeek' 'category: dns' '{query: x.example, record_type: TXT}'
more 20 'http of zeek' 'product: zeek, service: http' '{"c-uri|endswith": .exe, id.orig_h|cidr: 192.0.2.0/24}'
more 21 'cloud' 'product: aws, service: cloudtrail' '{eventName: CreateUser, "requestParameters|contains": userName}'
cp "$tap_work/rules/10.yml" "$tap_work/more"
scan --rules "$tap_work/more" "$tap_work/unix"
ok 'a rule for sshd runs on lines of sshd alone' found 1 'sshd'
ok 'what sudo says is fields' found 1 'sudo as a number'
ok 'a line that is not understood is searched' found 1 'any line of linux'
ok 'and counted' sh -c "grep '\"kind\":\"syslog\"' '$tap_work/out' | grep -q '\"unparsed\":1'"
ok 'a device of Cisco is read' found 1 'cisco'
ok 'arguments in digits are read' found 1 'auditd command'
ok 'a record is an event' found 1 'auditd path'
ok 'a call has its name' found 1 'auditd call'
ok 'a command of auditd is a process, as one of Sysmon in syslog' found 2 'process'
ok 'which has its own number' sh -c "grep '\"kind\":\"sysmon-linux\"' '$tap_work/out' | grep -q '\"record\":77,'"
ok 'a log of Zeek with its header is read' found 1 'dns of zeek'
ok 'and one of JSON' found 1 'http of zeek'
ok 'events of a cloud are known by their names' found 1 'cloud'
ok 'an access log is no syslog' found 1 'web'
ok 'the host is the one that lines name' sh -c "grep '\"type\":\"coverage\"' '$tap_work/out' | grep -q '\"host\":\"web01\"'"

# Two exporters that write a field in other letters, or by another name, in one file.
mkdir "$tap_work/mixed"
cat >"$tap_work/mixed/a.json" <<'END'
{"Channel":"Security","EventID":4688,"Computer":"a","CommandLine":"nothing"}
{"Channel":"Security","EventID":4688,"Computer":"b","commandLine":"an evil thing"}
{"Channel":"Security","EventID":4688,"Computer":"c","COMMANDLINE":"an evil thing","commandLine":"none"}
{"Channel":"azure/auditlogs","EventID":1,"Computer":"a","properties.category":"dull"}
{"Channel":"azure/auditlogs","EventID":1,"Computer":"a","category":"an evil thing"}
END
mkdir "$tap_work/mixed-rules"
rule 91 'other letters' 'product: windows, service: security' '{CommandLine|contains: evil}'
rule 92 'another name' 'product: azure, service: auditlogs' '{Category|contains: evil}'
rule 93 'no such field' 'product: windows, service: security' '{CommandLine: null, EventID: 4688}'
mv "$tap_work"/rules/9?.yml "$tap_work/mixed-rules"
scan --no-dossiers --rules "$tap_work/mixed-rules" "$tap_work/mixed"
ok 'a field is found in other letters than an event before had it' found 2 'other letters'
ok 'and by another name' found 1 'another name'
ok 'and is not missing' found 0 'no such field'

# Digests of files, as lists of indicators have them.
sed 's/"User":"NT AUTHORITY/"Hashes":"MD5=0123456789ABCDEF0123456789ABCDEF,SHA256=00000000000000000000000000000000000000000000000000000000000000AA",&/' \
    "$tap_work/sysmon.json" >"$tap_work/in/digests.json"
printf 'type,value\nmd5,0123456789abcdef0123456789abcdef\nsha256,00000000000000000000000000000000000000000000000000000000000000ab\n' >"$tap_work/digests.csv"
scan --indicators "$tap_work/digests.csv" "$tap_work/in/digests.json"
ok 'a listed digest of a file is found in what Sysmon tells' sh -c \
    "grep '\"type\":\"finding\"' '$tap_work/out' | grep -q '\"rule\":\"indicator:hash:0123456789abcdef'"
ok 'one that is not listed is not' test "$(grep -c '"type":"finding"' "$tap_work/out")" = 1

# An event that is long, with many names: nothing behind it is lost by it.
python3 - >"$tap_work/in/long.json" <<'PY'
import json
event = {'Channel': 'MSExchange Management', 'EventID': 1, 'a': 'x' * (1 << 20)}
event |= {f'{"n" * 30}{i}': 'v' for i in range(150)}
event['z'] = 'Set-OabVirtualDirectory -Identity "x" -ExternalUrl "http://f/"'
print(json.dumps(event))
print('{"Channel":"Security","EventID":4657,"ObjectName":"\\\\REGISTRY\\\\MACHINE\\\\SOFTWARE\\\\Microsoft\\\\Windows\\\\CurrentVersion\\\\Run","ObjectValueName":"updater","OperationType":"%%1904"}')
PY
scan --rules "$tap_work/rules" "$tap_work/in/long.json"
ok 'keywords are found behind a megabyte and many names' found 1 'offline address book'
ok 'and the next event is read' found 1 'run key'
ok 'nothing of it is a gap' test "$(gaps limit)" = 0
sed 's/nnnnnnnnnn/nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn/g' "$tap_work/in/long.json" >"$tap_work/in/longer.json"
scan --rules "$tap_work/rules" "$tap_work/in/longer.json"
ok 'names that are too long together are a gap' test "$(gaps limit)" -ge 1

# --- EVTX: what could not be read is said, all else is found ---
rule 11 'by hand' 'product: windows' '{Provider_Name: Made-By-Hand}'
for kind in whole damaged cut slack; do
    "$make_evtx" $kind >"$tap_work/$kind.evtx"
done
scan --rules "$tap_work/rules" "$tap_work/whole.evtx"
ok 'every record of an EVTX file is asked' found 3 'by hand'
ok 'and none is missed' sh -c "! grep -q '\"type\":\"gap\"' '$tap_work/out'"
# Bytes of the header that nobody reads, where a text log would name its columns.
printf '\n#Software: Microsoft Internet Information Services 10.0\n#Fields: date time cs-method cs-uri-stem c-ip sc-status\n' |
    dd of="$tap_work/whole.evtx" bs=1 seek=1000 conv=notrunc 2>/dev/null
scan --rules "$tap_work/rules" "$tap_work/whole.evtx"
ok 'what stands in it makes no text log of it' found 3 'by hand'
scan --rules "$tap_work/rules" "$tap_work/damaged.evtx"
ok 'a damaged record leaves the others' found 2 'by hand'
ok 'and is a gap' test "$(gaps record)" -ge 1
scan --rules "$tap_work/rules" "$tap_work/cut.evtx"
ok 'of a cut file what is there is asked' found 2 'by hand'
ok 'and the rest is a gap' sh -c "grep -q '\"type\":\"gap\"' '$tap_work/out'"
# Two chunks of three records; the header counts them and tells 7 as the next number.
for kind in two two_less two_copy two_bare two_shift two_logs two_none; do
    "$make_evtx" $kind >"$tap_work/$kind.evtx"
done
scan --rules "$tap_work/rules" "$tap_work/two.evtx"
ok 'a whole log of two chunks has no gap' sh -c "! grep -q '\"type\":\"gap\"' '$tap_work/out'"
scan --rules "$tap_work/rules" "$tap_work/two_less.evtx"
ok 'a chunk that was cut off is told by the header' test "$(gaps records-missing)" = 2
scan --rules "$tap_work/rules" "$tap_work/two_copy.evtx"
ok 'a copy of the first chunk in place of the second is told' test "$(gaps records-twice)" = 1
ok 'and what it stands for' test "$(gaps records-missing)" = 1
scan --rules "$tap_work/rules" "$tap_work/two_bare.evtx"
ok 'chunks without a header are read' found 6 'by hand'
ok 'and the header is missed' test "$(gaps header)" = 1
scan --rules "$tap_work/rules" "$tap_work/two_shift.evtx"
ok 'a chunk behind bytes of nothing is found' found 6 'by hand'
ok 'and the bytes are a gap' sh -c "grep '\"reason\":\"chunk\"' '$tap_work/out' | grep -q 'offset\":69632,.*:.7 bytes'"
scan --rules "$tap_work/rules" "$tap_work/two_logs.evtx"
ok 'a second log behind the first is read' found 6 'by hand'
ok 'and each is asked for what its header tells' test "$(gaps records-missing)" = 2
scan --rules "$tap_work/rules" "$tap_work/two_none.evtx"
ok 'a header alone is a gap' test "$(gaps chunk)" = 1

# --- what a log tells of itself ---
cat >"$tap_work/cleared.json" <<'EVENTS'
{"Event":{"System":{"Provider":{"#attributes":{"Name":"Microsoft-Windows-Eventlog"}},"EventID":1102,"TimeCreated":{"#attributes":{"SystemTime":"2021-03-03T00:00:05Z"}},"EventRecordID":15,"Channel":"Security","Computer":"EX01"},"UserData":{"LogFileCleared":{"SubjectUserName":"admin","SubjectDomainName":"CORP"}}}}
{"Event":{"System":{"Provider":{"#attributes":{"Name":"Microsoft-Windows-Eventlog"}},"EventID":104,"TimeCreated":{"#attributes":{"SystemTime":"2021-03-03T00:00:06Z"}},"EventRecordID":16,"Channel":"System","Computer":"EX01"},"UserData":{"LogFileCleared":{"SubjectUserName":"admin","Channel":"Application"}}}}
{"Event":{"System":{"Provider":{"#attributes":{"Name":"Other"}},"EventID":104,"TimeCreated":{"#attributes":{"SystemTime":"2021-03-03T00:00:07Z"}},"EventRecordID":17,"Channel":"System","Computer":"EX01"}}}
{"Event":{"System":{"Provider":{"#attributes":{"Name":"Microsoft-Windows-Eventlog"}},"EventID":1102,"TimeCreated":{"#attributes":{"SystemTime":"2021-03-03T00:00:08Z"}},"EventRecordID":18,"Channel":"Application","Computer":"EX01"}}}
EVENTS
mkdir "$tap_work/nothing"
rule 13 'nothing' 'product: windows' '{EventID: 4}' && mv "$tap_work/rules/13.yml" "$tap_work/nothing"
said() { grep '"type":"gap"' "$tap_work/out" | grep -c -F "$1"; }
scan --rules "$tap_work/nothing" "$tap_work/cleared.json"
ok 'an emptied log is told without any rule for it, and nothing else is' test "$(gaps log-cleared)" = 2
ok 'which one, when, by whom' test "$(said 'record 15: the log Security was emptied at 2021-03-03T00:00:05Z by CORP\\admin: ')" = 1
ok 'an event of System names the log' test "$(said 'record 16: the log Application was emptied at')" = 1
ok 'it is no all-clear' status_is 3
ok 'and each is a finding, of its log and account' found 2 'A log was emptied'
ok 'with what the event says' grep -q '"rule":"tocsin:log-cleared".*"technique":\["T1070.001"\].*"fields":{"Log":"Application","User":"admin"}' "$tap_work/out"
scan --until 2021-03-03T00:00:06Z --rules "$tap_work/nothing" "$tap_work/cleared.json"
ok 'one outside the time asked for is not told' test "$(gaps log-cleared)" = 1
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23; do sed -n 2p "$tap_work/cleared.json"; done >"$tap_work/many.json"
scan --rules "$tap_work/nothing" "$tap_work/many.json"
ok 'of very many the first are told one by one' test "$(gaps log-cleared)" = 21
ok 'and the others are counted' test "$(said '3 more records say')" = 1
ok 'all of them in the finding' found 23 'A log was emptied'

for kind in clock clock_little clock_less clock_days clock_renamed undated; do
    "$make_evtx" $kind >"$tap_work/$kind.evtx"
    scan --rules "$tap_work/nothing" "$tap_work/$kind.evtx"
    cp "$tap_work/out" "$tap_work/$kind.out"
done
ok 'a clock that went back is a finding' found 0 'nothing'
clocks() { grep '"rule":"tocsin:clock-back"' "$tap_work/$1.out"; }
ok 'with both records, both times, and how far' sh -c \
    "grep -q '\"grade\":\"weak\",\"level\":\"informational\".*\"record\":2,.*record 1: 2021-01-01T00:00:01Z | record 2: 2020-12-31T23:52:52Z | back by 7 min 9 s' '$tap_work/clock.out'"
ok 'what time service sets right is none' test "$(clocks clock_little | wc -l)" = 0
ok 'and a record without a time has none' test "$(clocks undated | wc -l)" = 0
scan --rules "$tap_work/nothing" "$tap_work/clock.evtx"
ok 'it is no attack' status_is 0
ok 'it is the clock of the computer that the records name, and no step between two computers' sh -c \
    "test $(clocks clock_renamed | wc -l) = 1 && grep -q '\"host\":\"QC\".*\"rule\":\"tocsin:clock-back\".*record 2: .* | record 3: ' '$tap_work/clock_renamed.out'"
ok 'each day is a finding of its own' test "$(clocks clock_days | grep -c '"Day":"2020-12-\(31\|30\)"')" = 2
ok 'and the step of each is told' sh -c "grep -q 'record 3: 2020-12-30T.* | back by 1 d 23 h 52 min' '$tap_work/clock_days.out'"
scan --rules "$tap_work/nothing" "$tap_work/clock_less.evtx" "$tap_work/clock.evtx"
ok 'all logs of a computer are one finding a day' test "$(grep -c '"rule":"tocsin:clock-back".*"count":2,' "$tap_work/out")" = 1
ok 'and the widest step stands for them, not the earliest' grep -q '"record":2,.*back by 7 min 9 s' "$tap_work/out"

# --- carving: what the log gave up ---
rule 12 'old' 'product: windows' '{EventID: 1102, Channel: Sec}'
carved() { grep '"type":"finding"' "$tap_work/out" | grep -c '"carved":true'; }
covered() { sed -n '/"type":"coverage"/s/.*"records":\([0-9]*\).*/\1/p' "$tap_work/out" | awk '{ n += $1 } END { print n + 0 }'; }
scan --rules "$tap_work/rules" "$tap_work/slack.evtx"
ok 'slack is not looked at without being asked' found 0 'old'
scan --carve --rules "$tap_work/rules" "$tap_work/slack.evtx"
ok 'a record in slack is found if asked for' found 1 'old'
ok 'it says that it was carved, in the finding and in the evidence, with its place' sh -c \
    "grep '\"title\":\"old\"' '$tap_work/out' | grep '\"record\":901,\"offset\":[0-9]*,\"carved\":true' | grep -q 'Carved: yes'"
ok 'three rules meet it, each by itself' test "$(carved)" = 3
ok 'and are found as ever' found 4 'by hand'
ok 'by themselves' sh -c "grep '\"title\":\"by hand\"' '$tap_work/out' | grep -v '\"carved\"' | grep -q '\"count\":3,'"
ok 'what was carved covers nothing' test "$(covered)" = 3
ok 'and is no gap' test "$(gaps .)" = 0
run "$tocsin" scan --no-dossiers --carve --rules "$tap_work/rules" "$tap_work/slack.evtx"
ok 'people are told, too' out_has 'carved record 901 @'
"$make_evtx" two_slack >"$tap_work/two_slack.evtx"
gzip -k "$tap_work/two_slack.evtx"
for in in "$tap_work/two_slack.evtx" "$tap_work/two_slack.evtx.gz"; do
    scan --carve --rules "$tap_work/rules" "$in"
    ok 'a record that is alive further on is not carved, and an old one once' found 1 'old'
    ok 'it is the old one' grep -q '"record":901,' "$tap_work/out"
done
"$make_evtx" two_uncounted >"$tap_work/two_uncounted.evtx"
scan --carve --rules "$tap_work/rules" "$tap_work/two_uncounted.evtx"
ok 'a chunk that the header does not count is carved' found 6 'by hand'
ok 'stays a gap' test "$(gaps uncounted)" = 1
ok 'and covers nothing' test "$(covered)" = 3
gzip -c "$tap_work/whole.evtx" >"$tap_work/whole.evtx.gz"
scan --rules "$tap_work/rules" "$tap_work/whole.evtx.gz"
ok 'a packed one is read' found 3 'by hand'
run sh -c "'$tocsin' scan --json --no-dossiers --rules '$tap_work/rules' - <'$tap_work/whole.evtx'"
ok 'and one from standard input' found 3 'by hand'

data=${TOCSIN_SHARED:-/nonexistent}/data
if [ -d "$data" ]; then
    ok 'each rule of SigmaHQ finds its own regression data, as EVTX and as JSON' \
        python3 tests/cli/sigma_regression.py "$tocsin" "$data/scan/sigma_regression_dev.tar.gz"
else
    skip 'SigmaHQ regression data' 'the shared data is not here'
fi
tap_done

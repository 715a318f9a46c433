#!/bin/sh
# The user's own rules, indicators and scanners against rows that are written in unusual ways.
set -u
tocsin=$1
. tests/tap.sh

scan() { run "$tocsin" scan --json -j1 "$@"; }
# found TITLE: a finding with that title is in the last answer
found() { grep '"type":"finding"' "$tap_work/out" | grep -F -q -e "$1" || { cat "$tap_work/out" "$tap_work/err"; return 1; }; }
not_found() { ! found "$1"; }
# rule NAME SERVICE-LINE DETECTION-LINE
rule() {
    cat >"$tap_work/$1.yml" <<RULE
title: rule $1
id: 6f1a0d0e-3f0c-4d7e-9a50-0a7f6f3b9c$2
logsource:
  $3
detection:
  s:
    $4
  condition: s
level: high
RULE
}

# --- rows of Exchange: quoted cells, a chain of clients, no time, the end of a crash ---
mkdir -p "$tap_work/in/EX01"
printf '%s\n' '#Software: Microsoft Exchange Server' '#Log-type: Rps Cmdlet Logs' \
    '#Fields: DateTime,AuthenticatedUser,Cmdlet,Parameters' \
    '2021-03-03T04:26:07Z,u,Set-X,"I say ""hi"", ok"' \
    ',u,Set-Y,"x"' >"$tap_work/in/EX01/cmdlet.log"
printf '\000\000\000\000\n' >>"$tap_work/in/EX01/cmdlet.log"
rule quoted 01 'product: exchange' '- '"'"'say "hi"'"'"
scan --no-dossiers --rules "$tap_work/quoted.yml" "$tap_work/in"
ok 'a keyword with quotes is found in a quoted cell' found 'rule quoted'
scan --no-dossiers --full --rules "$tap_work/quoted.yml" "$tap_work/in"
ok 'and with --full' found 'rule quoted'
ok 'a row without time and the NUL bytes of a crash count as not parsed' \
    sh -c "grep '\"type\":\"coverage\"' '$tap_work/out' | grep -q '\"unparsed\":2'"

head -c 5000 /dev/zero >>"$tap_work/in/EX01/cmdlet.log"
printf '2021-03-03T04:27:07Z,u,Set-Z,"behind the NUL bytes"\r\n' >>"$tap_work/in/EX01/cmdlet.log"
rule behind 05 'product: exchange' '- behind'
scan --no-dossiers --rules "$tap_work/behind.yml" "$tap_work/in"
ok 'a row behind the NUL bytes of a crash is shown without them' \
    sh -c "grep '\"type\":\"finding\"' '$tap_work/out' | grep -q '\"evidence\":\"2021-03-03T04:27:07Z,u.*\"marks\":\[\[3[0-9],'"
head -c 500 /dev/zero >>"$tap_work/in/EX01/cmdlet.log"
printf '2021-03-03T04:28:07Z,u,Set-Z,"an indicator"\r\n' >>"$tap_work/in/EX01/cmdlet.log"
printf 'type,value\ntext,indicator\n' >"$tap_work/behind.csv"
scan --no-dossiers --indicators "$tap_work/behind.csv" "$tap_work/in"
ok 'nor does an indicator behind them end the reading of its file' \
    sh -c "grep '\"type\":\"finding\"' '$tap_work/out' | grep -q '\"evidence\":\"2021-03-03T04:28:07Z,u' &&
        ! grep worker-died '$tap_work/out'"

rm -r "$tap_work/in"
mkdir -p "$tap_work/in/EX01"
printf '%s\n' '#Software: Microsoft Exchange Server' '#Log-type: Rps Http Logs' \
    '#Fields: DateTime,UrlStem,ClientIpAddress,HttpStatus,ClientInfo' \
    '2021-03-03T04:26:07Z,/powershell,203.0.113.9 198.51.100.7,200,x' >"$tap_work/in/EX01/http.log"
printf 'type,value\nip,198.51.100.7\n' >"$tap_work/one.csv"
printf 'type,value\nip,198.51.100.0/24\n' >"$tap_work/net.csv"
scan --no-dossiers --indicators "$tap_work/one.csv" "$tap_work/in"
ok 'an address behind the first of a chain is found' found 198.51.100.7
scan --no-dossiers --indicators "$tap_work/net.csv" "$tap_work/in"
ok 'and a net' found 198.51.100.0/24

mkdir -p "$tap_work/in/WEB2"
printf '%s\n' '#Fields: date time cs-method cs-uri-stem c-ip sc-status X-Forwarded-For' \
    '2021-03-03 04:26:07 GET / 198.51.100.8 200 unknown' >"$tap_work/in/WEB2/u_ex210303.log"
sed 's/\.7/.8/' "$tap_work/one.csv" >"$tap_work/peer.csv"
scan --no-dossiers --indicators "$tap_work/peer.csv" "$tap_work/in"
ok 'a forwarded chain without addresses leaves the peer' found 198.51.100.8

# --- odd paths, rules that ask for no query ---
rm -r "$tap_work/in"
mkdir -p "$tap_work/in/WEB1"
fields='#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken'
row() { echo "2021-03-03 04:26:07 192.0.2.1 GET $1 $2 443 - 198.51.100.7 x - 200 0 0 15"; }
{ echo "$fields"; row //a/./b%2fc//target.aspx -; row /other x=1; } >"$tap_work/in/WEB1/u_ex210303.log"
rule path 02 'category: webserver' 'cs-uri-stem: /a/b/c/target.aspx'
rule noquery 03 'category: webserver' 'cs-uri-query: null'
scan --no-dossiers --rules "$tap_work/path.yml" --rules "$tap_work/noquery.yml" "$tap_work/in"
ok 'a path with odd slashes is found' found 'rule path'
ok 'a row without a query is found' found 'rule noquery'

# --- own scanners ---
scan --no-dossiers --rules "$tap_work/path.yml" --own-scanner 198.51.100.0/24 "$tap_work/in"
ok 'a net may be my own scanner' found '"note":"own scanner"'
scan --own-scanner 198.51.100.300 "$tap_work/in"
ok 'what is nearly an address is refused' status_is 2
ok 'with the reason' err_has 'is no address or net'
scan --no-dossiers --rules "$tap_work/path.yml" --own-scanner 'x/1.0 (mine)' "$tap_work/in"
ok 'an agent is no address' status_is 1

# --- rules that cannot be tried are named, here as by rules lint ---
mkdir -p "$tap_work/odd"
rule expand 04 'category: webserver' 'cs-username|expand: "%admins%"'
mv "$tap_work/expand.yml" "$tap_work/odd/"
ln -s /dev/null "$tap_work/odd/linked.yml"
ln -s /dev/null "$tap_work/odd/no-rule"
scan --no-dossiers --rules "$tap_work/odd" "$tap_work/in"
ok 'a rule with a placeholder of no value is named' err_has 'odd/expand.yml:1: no values are known'
ok 'a rule file behind a link is named' err_has 'odd/linked.yml: symbolic link'
ok 'a link of another name is not' sh -c "! grep -q no-rule '$tap_work/err'"
scan --no-dossiers --rules "$tap_work/path.yml" "$tap_work/in"
ok 'of a rule that can be tried nothing is said' err_empty
if [ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null; then
    mkdir "$tap_work/odd/closed"
    chmod 711 "$tap_work"
    chmod 700 "$tap_work/odd/closed"
    cp "$tocsin" "$tap_work/tocsin"
    for command in 'scan --no-dossiers --rules' 'rules lint'; do
        more=$tap_work/in
        [ "$command" != 'rules lint' ] || more=
        # shellcheck disable=SC2086 # words
        run setpriv --reuid=65534 --regid=65534 --clear-groups "$tap_work/tocsin" $command "$tap_work/odd" $more
        ok "a folder that may not be listed is named ($command)" \
            grep -q 'odd/closed.*unreadable folder' "$tap_work/out" "$tap_work/err"
    done
else
    skip 'a folder that may not be listed is named' 'needs root and setpriv'
fi

# --- filters ---
cat >"$tap_work/filter.yml" <<'RULE'
title: a filter
id: 6f1a0d0e-3f0c-4d7e-9a50-0a7f6f3b9cff
logsource:
  category: webserver
filter:
  rules:
    - 11111111-1111-4111-8111-111111111111
  s:
    c-ip: 198.51.100.7
  condition: not s
RULE
scan --no-dossiers --rules "$tap_work/path.yml" --rules "$tap_work/filter.yml" "$tap_work/in"
ok 'a filter for a rule that is not there is named' err_has 'filter names the rule "11111111-1111'

# --- pivots ---
run "$tocsin" scan --pivot 192.0.2.254 --pivot 203.0.113.168 examples/WEB01
ok 'a value of --pivot that stands in no row is named' out_has '192.0.2.254: in no row that was read'
ok 'one that stands in rows is not' sh -c "! grep -q '203.0.113.168: in no row' '$tap_work/out'"

# --- long lines ---
mkdir "$tap_work/long"
python3 - "$tap_work/long/u_ex210303.log" <<'EOF'
import sys
with open(sys.argv[1], 'w') as f:
    f.write('#Software: Microsoft Internet Information Services 10.0\n'
            '#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip '
            'cs(User-Agent) sc-status sc-substatus sc-win32-status time-taken\n'
            '2021-03-03 01:00:00 10.0.0.5 GET /a.aspx q=%sNEEDLE%s 443 - 203.0.113.9 - 200 0 0 1\n'
            % ('a' * 9000, 'b' * 9000))
EOF
cat >"$tap_work/needle.yml" <<'RULE'
title: a needle
id: 6f1a0d0e-3f0c-4d7e-9a50-0a7f6f3b9cfe
logsource:
  category: webserver
detection:
  s:
    cs-uri-query|contains: NEEDLE
  condition: s
level: high
RULE
printf 'type,value\ntext,needlebb\n' >"$tap_work/needle.csv"
scan --no-dossiers --rules "$tap_work/needle.yml" --indicators "$tap_work/needle.csv" "$tap_work/long"
cat >"$tap_work/around.py" <<'EOF'
import json, sys
found = [f for f in map(json.loads, open(sys.argv[1])) if f['type'] == 'finding']
assert len(found) == 2, found
for f in found:
    text = f['evidence']
    assert len(text) == 4096 and 'aaNEEDLEbb' in text
    assert f['line_bytes'] > 18000, f['line_bytes']
    marks = [text[a:b] for a, b in f['marks']]
    assert marks in (['NEEDLE'], ['NEEDLEbb']), marks
EOF
ok 'of a long line the part around the match is kept' python3 "$tap_work/around.py" "$tap_work/out"
run "$tocsin" scan --no-dossiers --rules "$tap_work/needle.yml" "$tap_work/long"
ok 'the text shows it' out_has aNEEDLEb
ok 'the text says that it is a part' out_has ' 4096 are kept)'

# --- what counts as a row ---
mkdir "$tap_work/bare" "$tap_work/extend"
python3 - "$tap_work" <<'EOF'
import datetime, sys
head = 'DateTime,RequestId,MajorVersion,MinorVersion,BuildVersion,RevisionVersion,Protocol,UrlStem,HttpStatus\n'
time = datetime.datetime(2021, 3, 3)
with open(sys.argv[1] + '/bare/HttpProxy_1.LOG', 'w') as f:
    for i in range(6000):
        f.write(head if i % 1500 == 0 else '')
        f.write(f'{time:%Y-%m-%dT%H:%M:%S}.000Z,id-{i},15,1,2176,9,Ecp,/ecp/default.aspx/{"p" * 200},200\n')
        time += datetime.timedelta(seconds=30)
for n in (1, 3):
    with open(sys.argv[1] + f'/extend/u_extend{n}.log', 'w') as f:
        f.write('#Software: Microsoft Internet Information Services 10.0\n#Fields: date time cs-method cs-uri-stem sc-status\n')
        for hour in range(24):
            f.write(f'2021-03-0{n + 1} {hour:02}:00:00 GET /index.htm 200\n')
EOF
rows() { python3 -c '
import json, sys
answer = [json.loads(line) for line in open(sys.argv[1])]
kinds = [(c["kind"], c["records"], c["sampled"]) for c in answer if c["type"] == "coverage"]
assert kinds == [eval(sys.argv[2])], kinds
assert not [g for g in answer if g["type"] == "gap" and g["reason"] == "missing-file"]
' "$tap_work/out" "$1"; }
scan --no-dossiers --rules "$tap_work/needle.yml" "$tap_work/bare"
ok 'header rows in mid-file are no records where rows are counted' rows "('exchange-other', 6000, True)"
scan --full --no-dossiers --rules "$tap_work/needle.yml" "$tap_work/bare"
ok 'header rows in mid-file are no records where rows are parsed' rows "('exchange-other', 6000, False)"
scan --no-dossiers --rules "$tap_work/needle.yml" "$tap_work/extend"
ok 'logs that IIS cuts by size are read, their numbers are no dates' rows "('iis', 48, False)"
tap_done

#!/bin/sh
# Correlations over IIS logs: what is found does not depend on how the rows lie in files, nor on who reads them.
set -u
tocsin=$1
. tests/tap.sh

scan() { run "$tocsin" scan --json --no-dossiers "$@"; }
findings() { grep '"type":"finding"' "$tap_work/out"; }
found() { findings | grep -F -q -e "$1" || { cat "$tap_work/out" "$tap_work/err"; return 1; }; }
not_found() { ! found "$1"; }
gap_has() { grep '"type":"gap"' "$tap_work/out" | grep -F -q -e "$1" || { cat "$tap_work/out"; return 1; }; }
# The findings and gaps without where their files lie.
told() { grep -E '"type":"(finding|gap|verdict)"' "$tap_work/out" | sed 's/"sha256":[^,]*,//; s/"file":"[^"]*"/"file":""/g'; }
fields='#Software: Microsoft Internet Information Services 10.0
#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) sc-status sc-bytes'
# row CLOCK USER CLIENT STATUS [BYTES]
row() { echo "2021-03-01 $1 192.0.2.1 POST /owa/auth.owa - 443 $2 $3 Mozilla $4 ${5:-10}"; }

cat >"$tap_work/login.yml" <<'RULES'
title: Login refused
id: 1d9c4f46-9f0b-4c0e-8b1f-6d1a2f3e4a01
name: refused
logsource: {category: webserver}
detection: {s: {cs-uri-stem: /owa/auth.owa, sc-status: 401}, condition: s}
level: low
---
title: Login done
name: done
logsource: {category: webserver}
detection: {s: {cs-uri-stem: /owa/auth.owa, sc-status: 302}, condition: s}
level: low
RULES
cat >"$tap_work/guess.yml" <<'RULES'
title: Many refused logins
name: many
correlation:
  type: event_count
  rules: [1d9c4f46-9f0b-4c0e-8b1f-6d1a2f3e4a01]
  group-by: [c-ip]
  timespan: 5m
  condition: {gte: 3}
---
title: Password guessed
tags: [attack.t1110.001]
grade: progressed
meaning: somebody tried passwords until one fitted
next: reset the password of the account
level: high
correlation:
  type: temporal_ordered
  rules: [many, done]
  group-by: [client]
  aliases:
    client: {many: c-ip, done: c-ip}
  timespan: 10m
---
title: Password spray
level: high
correlation:
  type: value_count
  rules: [refused]
  group-by: [c-ip]
  timespan: 1h
  condition: {gte: 4, field: cs-username}
---
title: Much was sent
correlation: {type: value_sum, rules: [done], group-by: [c-ip], timespan: 1h, condition: {gt: 1000, field: sc-bytes}}
RULES

mkdir -p "$tap_work/in/EX01/W3SVC1" "$tap_work/in/EX01/W3SVC2" "$tap_work/in/EX02"
{ echo "$fields"; row 10:04:00 eve 198.51.100.7 401; row 10:02:00 eve 198.51.100.7 401; } >"$tap_work/in/EX01/W3SVC1/one.log"
{ echo "$fields"; row 10:00:00 eve 198.51.100.7 401; row 10:09:00 eve 198.51.100.7 302 999;
  row 10:09:30 eve 198.51.100.7 302 2; } >"$tap_work/in/EX01/W3SVC2/two.log"
{ echo "$fields"; row 12:00:00 ann 198.51.100.8 401; row 12:10:00 Ann 198.51.100.8 401; row 12:20:00 bob 198.51.100.8 401;
  row 12:59:59 cid 198.51.100.8 401; row 13:00:00 dan 198.51.100.8 401; row 16:00:00 ann 203.0.113.5 302; } >"$tap_work/in/EX02/w.log"

scan --rules "$tap_work/login.yml" --rules "$tap_work/guess.yml" "$tap_work/in"
told >"$tap_work/all"
ok 'a chain over rows of two files, out of order' found '"title":"Password guessed"'
ok 'with the custom keys of the rule' found '"grade":"progressed","level":"high","technique":["T1110.001"],"count":3'
ok 'its meaning and what to do' found '"meaning":"somebody tried passwords until one fitted","next":"reset'
ok 'values without case, the timespan with both ends' found '"fields":{"c-ip":"198.51.100.8","value_count cs-username":"4"}'
ok 'a sum' found '"title":"Much was sent"'
ok 'correlated rules are silent' not_found '"title":"Login'
ok 'and so is a correlation that another one rests on' not_found '"title":"Many refused'
ok 'that they met something is said' err_has '11 records met rules that report through correlations only'
ok 'the events are listed' found '"events":[{"time":"2021-03-01T12:00:00Z","rule":"1d9c4f46-9f0b-4c0e-8b1f-6d1a2f3e4a01","host":"EX02"'
ok 'the verdict falls on the host' grep -q '"type":"verdict","host":"EX01".*"verdict":"exploited-unconfirmed"' "$tap_work/out"
run "$tocsin" scan --no-dossiers --rules "$tap_work/login.yml" --rules "$tap_work/guess.yml" "$tap_work/in"
ok 'text says what the events have in common' out_has 'where  c-ip 198.51.100.8, value_count cs-username 4'
ok 'and where they stand' out_has 'last   2021-03-01 13:00:00 Login refused'

# --- the same rows in other files, other workers ---
same_as() { scan --rules "$tap_work/guess.yml" --rules "$tap_work/login.yml" "$@"; told | sed 's/"line":[0-9]*,"offset":[0-9]*//g' >"$tap_work/now"; sed 's/"line":[0-9]*,"offset":[0-9]*//g' "$tap_work/all" | diff - "$tap_work/now"; }
ok 'one worker' same_as -j1 "$tap_work/in"
ok 'two workers, files in another order' same_as -j2 "$tap_work/in/EX02" "$tap_work/in/EX01"
ok 'rule files in another order, without hashes' same_as -j2 --no-hash "$tap_work/in"
mkdir -p "$tap_work/again/EX01/W3SVC1" "$tap_work/again/EX01/W3SVC2" "$tap_work/again/EX02"
for name in EX01/W3SVC1/one EX01/W3SVC2/two EX02/w; do
    cp "$tap_work/in/$name.log" "$tap_work/again/$name.log"
done
ok 'files that are supplied twice count once' same_as "$tap_work/in" "$tap_work/again"
find "$tap_work/again" -name '*.log' -exec gzip {} +
ok 'packed ones, too' same_as "$tap_work/in" "$tap_work/again"

# --- generate ---
sed 's/^  type: temporal_ordered/  type: temporal_ordered\n  generate: true/' "$tap_work/guess.yml" >"$tap_work/speak.yml"
scan --rules "$tap_work/login.yml" --rules "$tap_work/speak.yml" "$tap_work/in"
ok 'with generate: true rules report as well' found '"title":"Login done"'
ok 'and correlations' found '"title":"Many refused logins"'
ok 'but not rules that only others name' not_found '"title":"Login refused"'

# --- what cannot be evaluated hides nothing ---
cat >"$tap_work/broken.yml" <<'RULES'
title: Waits in vain
correlation: {type: temporal, rules: [refused, gone], timespan: 5m}
RULES
scan --rules "$tap_work/login.yml" --rules "$tap_work/broken.yml" "$tap_work/in"
ok 'a correlation of a missing rule is told' err_has 'correlation left out: it names the rule "gone", which is not loaded'
ok 'and silences nobody' found '"title":"Login refused"'

cat >"$tap_work/shipped.yml" <<'RULES'
title: Shells asked for
correlation: {type: event_count, rules: [SHIPPED], timespan: 5m, condition: {gte: 100}}
RULES
id=$(sed -n 's/^id: //p' dossiers/hafnium-exchange-2021/rules/*.yml | head -1)
sed -i "s/SHIPPED/$id/" "$tap_work/shipped.yml"
told() { findings | sed 's/"file":"[^"]*"//'; }
run "$tocsin" scan --json examples
told >"$tap_work/all"
run "$tocsin" scan --json --rules "$tap_work/shipped.yml" examples
ok 'rules of a dossier are not silenced by those of the user' sh -c "! grep 'left out' '$tap_work/err'"
told >"$tap_work/now"
ok 'their findings stay' diff "$tap_work/all" "$tap_work/now"

# --- rows without a time ---
mkdir -p "$tap_work/timeless/EX01"
{ echo "$fields" | sed 's/date time //'; for i in 1 2 3; do row x eve 198.51.100.7 401 | cut -d' ' -f3-; done; } >"$tap_work/timeless/EX01/t.log"
scan --rules "$tap_work/login.yml" --rules "$tap_work/guess.yml" "$tap_work/timeless"
ok 'rows without a time are told as not correlated' gap_has '"reason":"not-correlated","detail":"3 records that correlated rules met have no time'
ok 'and their rule reports by itself' found '"title":"Login refused"'

# --- several hosts ---
cat >"$tap_work/wide.yml" <<'RULES'
title: Tried on several servers
level: high
correlation: {type: value_count, rules: [refused], group-by: [c-ip], timespan: 1h, condition: {gte: 2, field: ComputerName}}
RULES
mkdir -p "$tap_work/wide/EX01" "$tap_work/wide/EX02"
for h in EX01 EX02; do { echo "$fields"; row 10:00:00 eve 198.51.100.7 401; } >"$tap_work/wide/$h/w.log"; done
scan --rules "$tap_work/login.yml" --rules "$tap_work/wide.yml" "$tap_work/wide"
ok 'a finding falls on each host that has events of it' sh -c "grep -c '\"type\":\"finding\"' '$tap_work/out' | grep -q '^2\$'"
ok 'and says how many there are' found '"events of all hosts":"2","hosts":"2"'

# --- event logs, and event logs with text logs ---
mkdir -p "$tap_work/events/EX01"
cat >"$tap_work/logon.yml" <<'RULES'
title: Logon failed
name: failed
logsource: {product: windows, service: security}
detection: {s: {EventID: 4625}, condition: s}
---
title: Logons failed, then a page was asked for
level: high
correlation:
  type: temporal
  rules: [many_failed, done]
  group-by: [ip, Computer]
  aliases: {ip: {many_failed: IpAddress, done: c-ip}}
  timespan: 1h
---
title: Many failed
name: many_failed
correlation:
  type: value_count
  rules: [failed]
  group-by: [IpAddress, Computer]
  timespan: 10m
  condition: {gte: 3, field: TargetUserName}
RULES
for i in 1 2 3; do
    echo '{"Event":{"System":{"Provider":{"#attributes":{"Name":"Microsoft-Windows-Security-Auditing"}},"EventID":4625,"TimeCreated":{"#attributes":{"SystemTime":"2021-03-01T10:0'$i':00Z"}},"EventRecordID":4'$i',"Channel":"Security","Computer":"EX01.example.org"},"EventData":{"TargetUserName":"u'$i'","IpAddress":"198.51.100.7"}}}'
done >"$tap_work/events/EX01/security.json"
{ echo "$fields"; row 10:40:00 eve 198.51.100.7 302; } >"$tap_work/events/EX01/w.log"
scan --rules "$tap_work/login.yml" --rules "$tap_work/logon.yml" "$tap_work/events"
ok 'events and rows of a host make one correlation' found '"title":"Logons failed, then a page was asked for"'
ok 'with the number of the event' found '"events":[{"time":"2021-03-01T10:03:00Z","rule":"Many failed","host":"EX01.example.org","file":"'"$tap_work"'/events/EX01/security.json","record":43,'
ok 'rules of event logs are silent, too' not_found '"title":"Logon failed"'
run "$tocsin" rules lint "$tap_work/logon.yml" "$tap_work/login.yml"
ok 'fields of events are not called unknown' sh -c "! grep 'no log of' '$tap_work/out'"

# --- a case keeps it ---
run "$tocsin" scan --no-dossiers --rules "$tap_work/login.yml" --rules "$tap_work/guess.yml" --case "$tap_work/k.case" "$tap_work/in"
run "$tocsin" report --case "$tap_work/k.case" --format md
ok 'findings of correlations are in the report of a case' out_has 'Password guessed'
run "$tocsin" report --case "$tap_work/k.case" --format json
ok 'events stay out of files for others' sh -c "! grep -q 'two.log' '$tap_work/out'"
whole() { run "$tocsin" report --case "$tap_work/k.case" --with-victim-data --format "$1"; }
whole json
ok 'with victim data a report has them: JSON' sh -c "grep -q '\"events\":\[{\"time\":' '$tap_work/out' && grep -q 'two.log' '$tap_work/out'"
whole md
ok 'Markdown, five of them, the others counted' sh -c "grep 'Password guessed' '$tap_work/out' | grep -Eq 'on EX01.*(one|two).log'"
whole html
ok 'HTML' sh -c "grep -q '<dt>Events</dt><dd><ul class=\"fields\"><li>' '$tap_work/out'"

# --- placeholders ---
cat >"$tap_work/expand.yml" <<'RULES'
title: Not an admin's address
logsource: {category: webserver}
detection: {s: {cs-username: eve}, f: {'c-ip|expand': '%admins%'}, condition: s and not f}
level: high
RULES
scan --rules "$tap_work/expand.yml" "$tap_work/in"
ok 'a placeholder without values is told' err_has "no values are known for placeholder '%admins%'"
printf 'admins:\n  - 192.0.2.9\n  - 198.51.100.*\n' >"$tap_work/admins.yaml"
scan --rules "$tap_work/expand.yml" --placeholders "$tap_work/admins.yaml" "$tap_work/in"
ok 'its values come from a file' sh -c "! grep -q placeholder '$tap_work/err'"
ok 'and are used' not_found 'Not an admin'
printf 'admins: 192.0.2.9\n' >"$tap_work/admins.yaml"
scan --rules "$tap_work/expand.yml" --placeholders "$tap_work/admins.yaml" "$tap_work/in"
ok 'one value may stand alone' found 'Not an admin'
printf -- '- 192.0.2.9\n' >"$tap_work/admins.yaml"
scan --rules "$tap_work/expand.yml" --placeholders "$tap_work/admins.yaml" "$tap_work/in"
ok 'a file of another form is refused' status_is 3
ok 'with the reason' err_has 'is no map from names to lists'

# --- a million groups, in segments and as a whole, within bounds ---
cat >"$tap_work/each.yml" <<'RULES'
title: Twice
correlation: {type: event_count, rules: [refused], group-by: [c-ip], timespan: 5m, condition: {gte: 2}}
---
title: Each
correlation: {type: event_count, rules: [refused], group-by: [cs-username], timespan: 5m, condition: {gte: 1}}
---
title: All
correlation: {type: value_count, rules: [refused], timespan: 1d, condition: {gte: 1000000, field: c-ip}}
RULES
mkdir -p "$tap_work/many/EX01"
if grep -q __asan_init "$tocsin"; then
    skip 'a million groups' 'too slow under sanitizers'
elif ! python3 tests/hostile/many_groups.py 1000000 "$tap_work/many/EX01/w.log"; then
    skip 'a million groups' 'no room for 110 MB'
else
    peak() { python3 tests/hostile/peak.py --max-mib 300 --out "$tap_work/$1" "$tocsin" scan --json --no-dossiers --rules "$tap_work/login.yml" --rules "$tap_work/each.yml" "$tap_work/many" $2; }
    within() { status=0; peak "$@" || status=$?; [ "$status" -le 3 ]; }
    ok 'a million groups within 300 MiB' within whole -j1
    ok 'and in segments' within cut '-j2 --no-hash'
    grep -E '"type":"(finding|gap)"' "$tap_work/whole" | sed 's/"sha256":[^,]*,//' >"$tap_work/all"
    grep -E '"type":"(finding|gap)"' "$tap_work/cut" | sed 's/"sha256":[^,]*,//' >"$tap_work/now"
    ok 'with the same answer' cmp "$tap_work/all" "$tap_work/now"
    ok 'the one address that came twice is found' grep -q '"title":"Twice".*"count":2,.*"c-ip":"198.51.100.7"' "$tap_work/all"
    ok 'all of them are counted' grep -q '"title":"All".*"value_count c-ip":"1000000"' "$tap_work/all"
    ok 'what is not kept is counted' grep -q '"type":"gap".*further records that rules met were counted' "$tap_work/all"
fi
tap_done

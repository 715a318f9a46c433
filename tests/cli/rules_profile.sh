#!/bin/sh
# rules profile, rules coverage, and the end of rules that cost too much.
set -u
tocsin=$1
make_evtx=$2
. tests/tap.sh
make="python3 tests/hostile/make.py"

# value TYPE KEY VALUE WANTED: what the objects of that type with that value hold, by key
value() {
    python3 -c '
import json, sys
out, kind, key, value, wanted = sys.argv[1:]
got = [o.get(wanted) for o in map(json.loads, open(out)) if o["type"] == kind and o.get(key) == value]
print(json.dumps(got[0] if len(got) == 1 else got))
' "$tap_work/out" "$1" "$2" "$3" "$4"
}
is() { [ "$1" = "$2" ] || { echo "got $1, wanted $2"; return 1; }; }
# rule NUMBER TITLE LOGSOURCE DETECTION
rule() {
    printf 'title: %s\nid: 6f1a0d0e-3f0c-4d7e-9a50-0a7f6f3b9e%s\nlogsource: {%s}\ndetection:\n  s: %s\n  condition: s\nlevel: high\n' \
        "$2" "$1" "$3" "$4" >"$tap_work/rules/$1.yml"
}
# event SECOND CHANNEL NUMBER DATA
event() {
    printf '{"Event":{"System":{"Provider":{"#attributes":{"Name":"P"}},"EventID":%s,"TimeCreated":{"#attributes":{"SystemTime":"2021-03-03T00:00:%02dZ"}},"EventRecordID":%s,"Channel":"%s","Computer":"EX01.example.org"},"EventData":{%s}}}\n' \
        "$3" "$1" "$1" "$2" "$4"
}
# Each object has the keys of its schema, and no others; at least one of each type.
contract() {
    python3 - "$tap_work/out" "$@" <<'PYTHON'
import json, sys
sys.path.insert(0, 'tests/cli')
import watch_look
rows = [json.loads(line) for line in open(sys.argv[1], encoding='utf-8')]
assert {row['type'] for row in rows} == set(sys.argv[2:]), rows
for row in rows:
    with open(f'docs/reference/schema/{row["type"]}.json', encoding='utf-8') as f:
        schema = json.load(f)
    watch_look.check(schema, row, row['type'])
    assert set(row) == set(schema['properties']), row
PYTHON
}
mkdir -p "$tap_work/rules" "$tap_work/in"
rule 01 'new process' 'category: process_creation, product: windows' '{"Image|endswith": \\cmd.exe}'
rule 02 'run key' 'category: registry_set, product: windows' '{"TargetObject|contains": \\Run\\}'
rule 03 'log cleared' 'product: windows, service: security' '{EventID: 1102}'
rule 04 'page' 'category: webserver' '{"cs-uri-stem|endswith": .aspx}'
rule 05 'nowhere' 'product: no-such-product' '{a: b}'
for i in 1 2 3; do event "$i" Security 4688 '"NewProcessName":"C:\\Windows\\System32\\cmd.exe"'; done >"$tap_work/in/security.json"
event 4 Security 4688 '"NewProcessName":"C:\\Windows\\System32\\not-cmd.exe","CommandLine":"\\cmd.exe"' >>"$tap_work/in/security.json"

run "$tocsin" rules profile --json --no-dossiers --rules "$tap_work/rules" "$tap_work/in"
ok 'profile: all was read' status_is 0
ok 'profile: objects keep to their schema' contract rule_profile
ok 'profile: a rule is tried where its literal stands' is "$(value rule_profile title 'new process' evaluations)" 4
ok 'profile: and matches where it is the value' is "$(value rule_profile title 'new process' matches)" 3
ok 'profile: its file is named' sh -c "grep -q 'rules/01.yml' '$tap_work/out'"
ok 'profile: its time is told' sh -c "grep -Eq '\"seconds\":0\.[0-9]*[1-9]' '$tap_work/out'"
ok 'profile: a rule for other logs is not tried' sh -c "! grep -q '\"run key\"' '$tap_work/out'"
run "$tocsin" rules profile --no-dossiers --rules "$tap_work/rules" "$tap_work/in"
ok 'profile: the table names the rule' sh -c "grep -Eq ' 4 +3  new process$' '$tap_work/out'"
ok 'profile: and sums up' out_has '1 of 5 rules were tried, 4 times'
run "$tocsin" rules profile --no-dossiers "$tap_work/in"
ok 'profile: nothing to try is a wrong command line' status_is 2
run "$tocsin" rules profile --rules "$tap_work/rules" "$tap_work/absent"
ok 'profile: a missing input is an input error' status_is 74
gzip -c "$tap_work/in/security.json" | head -c 200 >"$tap_work/in/cut.gz"
run "$tocsin" rules profile --no-dossiers --rules "$tap_work/rules" "$tap_work/in"
ok 'profile: a damaged input is named, and the answer incomplete' sh -c "[ $status -eq 3 ] && grep -q 'cut.gz: damaged' '$tap_work/err'"
rm "$tap_work/in/cut.gz"

# --- which rules can run ---
run "$tocsin" rules coverage --json --rules "$tap_work/rules" "$tap_work/in"
ok 'coverage: all was read' status_is 0
ok 'coverage: objects keep to their schemas' contract rule_coverage rule_supply
ok 'coverage: rules for events that are there run' is "$(value rule_coverage category process_creation run)" 1
ok 'coverage: on the kind that has them' is "$(value rule_coverage category process_creation kinds)" '["security"]'
ok 'coverage: a rule that names the log runs whatever events it holds' is "$(value rule_coverage service security run)" 1
ok 'coverage: rules for other events of a log that is there lack them' is "$(value rule_coverage category registry_set lack)" 1
ok 'coverage: and do not run' is "$(value rule_coverage category registry_set run)" 0
ok 'coverage: rules for no log that is read never run' is "$(value rule_coverage product no-such-product never)" 1
ok 'coverage: the log that is there is named with its events' is "$(value rule_supply kind security events)" '["registry_set (4657)"]'
ok 'coverage: as one that is there' is "$(value rule_supply kind security present)" true
ok 'coverage: a log that is not there is named with its place' is "$(value rule_supply kind sysmon path)" \
    '"Windows\\System32\\winevt\\Logs\\Microsoft-Windows-Sysmon%4Operational.evtx"'
ok 'coverage: a text log as well' is "$(value rule_supply kind iis path)" '"inetpub\\logs\\LogFiles\\W3SVC1\\u_ex*.log"'
ok 'coverage: what would run no more rules is not asked for' is "$(value rule_supply kind system rules)" '[]'
printf '%s\n' '#Software: Microsoft Internet Information Services 10.0' \
    '#Fields: date time cs-method cs-uri-stem cs-uri-query s-port c-ip cs(User-Agent) sc-status' \
    '2021-03-03 00:00:00 GET / - 443 203.0.113.9 a 200' >"$tap_work/in/u_ex210303.log"
run "$tocsin" rules coverage --json --rules "$tap_work/rules" "$tap_work/in"
ok 'coverage: a text log that is there' is "$(value rule_coverage category webserver kinds)" '["iis"]'
ok 'coverage: is not asked for any more' is "$(value rule_supply kind iis rules)" '[]'
run "$tocsin" rules coverage --rules "$tap_work/rules" "$tap_work/in"
ok 'coverage: the table sums up' out_has '3 of 5 rules run on what was given, 1 lack a log, 1 run on no kind of log'
ok 'coverage: and says what to supply' out_has '1  Security (security): is there, without events of registry_set (4657)'
run "$tocsin" rules coverage "$tap_work/in"
ok 'coverage: without --rules, those of the dossiers' sh -c "[ $status -eq 0 ] && grep -q 'category webserver.*: on iis' '$tap_work/out'"
rm "$tap_work/in/u_ex210303.log"

# More numbers than are told apart: said, and the next file is counted.
mkdir "$tap_work/flood"
"$make_evtx" many >"$tap_work/flood/a.evtx"
cp "$tap_work/in/security.json" "$tap_work/flood/b.json"
run "$tocsin" rules coverage -j1 --json --rules "$tap_work/rules" "$tap_work/flood"
ok 'coverage: a flood of numbers makes the answer incomplete' status_is 3
ok 'coverage: what is not counted is told' err_has '1232 events are of more channels and numbers than are told apart: not counted'
ok 'coverage: the events of the next file are counted' is "$(value rule_coverage category process_creation run)" 1
for i in 1 2 3 4; do echo '{"Event":{"System":{"Provider":{"#attributes":{"Name":"Microsoft-Windows-Eventlog"}},"EventID":1102,"Channel":"Security","EventRecordID":'$i'}}}'; done >"$tap_work/flood/a.json"
rm "$tap_work/flood/a.evtx"
run "$tocsin" rules coverage --rules "$tap_work/rules" "$tap_work/flood"
ok 'coverage: is no judge of logs' status_is 0

# --- rules that cost too much ---
rule 06 'heavy' 'category: webserver' \
    "{\"cs-uri-stem|contains\": /slow/, \"cs-uri-query|re\": [$(for i in $(seq 100 199); do printf '"([a-z]+)*[0-9]{%s}$", ' "$i"; done) x0]}"
rule 07 'cheap' 'category: webserver' '{"cs-uri-stem|contains": /slow/}'
mkdir "$tap_work/heavy" && mv "$tap_work/rules/06.yml" "$tap_work/rules/07.yml" "$tap_work/heavy"
$make slow 200 300 >"$tap_work/slow.log"
cp "$tap_work/slow.log" "$tap_work/slow2.log"
start=$(date +%s)
run "$tocsin" scan --json --no-dossiers --rules "$tap_work/heavy" "$tap_work/slow.log" "$tap_work/slow2.log"
took=$(($(date +%s) - start))
ok 'a rule that costs too much is cut: the answer is incomplete or found more' sh -c "[ $status -eq 1 ] || [ $status -eq 3 ]"
gaps() { sed -n '/"type":"gap"/p' "$tap_work/out" | grep '"reason":"rule-cost"'; }
gaps >"$tap_work/gaps"
echo "# $(wc -l <"$tap_work/gaps") rules were cut, in $took s"
ok 'with its title and how many rows it was not tried on' grep -Eq 'heavy.* not tried on [1-9][0-9]* further rows' "$tap_work/gaps"
ok 'once a file, in each file' python3 -c '
import collections, json, sys
said = [json.loads(line) for line in open(sys.argv[1])]
each = collections.Counter((g["file"], g["detail"].split("took")[0]) for g in said)
assert each and max(each.values()) == 1, each
assert len({g["file"] for g in said}) == 2, said
' "$tap_work/gaps"
ok 'another rule is tried to the end' sh -c "[ \$(grep '\"title\":\"cheap\"' '$tap_work/out' | grep -c '\"count\":200') = 1 ]"

tap_done

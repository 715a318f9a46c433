#!/bin/sh
# How far an indicator may be passed on, by its source, from the lists through scan and a case into each
# format of a report. What is TLP:RED in its source leaves in none of them unless asked for.
set -u
tocsin=$1
. tests/tap.sh
w=$tap_work
red1=5e57c739-391a-4eb3-b6be-7d15ca92d5ed # TLP 1.0
strict2=939a9414-2ddd-4d32-a0cd-375ea402b003
amber2=55d920b0-5e8b-4f79-9ee9-91f868d9b421

# --- lists, and a log with one row for each of their addresses ---
cat >"$w/event.json" <<'EOF'
{"Event":{"info":"misp list","Attribute":[
{"type":"ip-dst","value":"198.51.100.21","to_ids":true,"Tag":[{"name":"tlp:red"}]},
{"type":"ip-dst","value":"198.51.100.22","to_ids":true,"Tag":[{"name":"tlp:green"}]},
{"type":"ip-dst","value":"198.51.100.23","to_ids":true,"Tag":[{"name":"tlp:chartreuse"}]}]}}
EOF
ids=0
sdo() { # ADDRESS MARKING
    ids=$((ids + 1))
    printf '{"type":"indicator","spec_version":"2.1","id":"indicator--00000000-0000-4000-8000-00000000000%s",' "$ids"
    printf '"pattern":"[ipv4-addr:value = '"'%s'"']","pattern_type":"stix","valid_from":"2020-01-01T00:00:00Z",' "$1"
    printf '"object_marking_refs":["marking-definition--%s"]}' "$2"
}
{
    printf '{"type":"bundle","id":"bundle--00000000-0000-4000-8000-000000000000","objects":[\n'
    sdo 198.51.100.24 "$red1"; echo ,
    sdo 198.51.100.25 "$strict2"; echo ,
    sdo 198.51.100.26 "$amber2"; echo ']}'
} >"$w/bundle.json"
# 26 is amber there and red here, 27 is not marked at all.
printf '# TLP:GREEN\ntype,value,tlp,note\nip,198.51.100.26,red,csv list\nip,198.51.100.27,,csv list\n' >"$w/list.csv"
mkdir "$w/logs"
{
    echo '#Software: Microsoft Internet Information Services 10.0'
    echo '#Fields: date time s-ip cs-method cs-uri-stem s-port cs-username c-ip cs(User-Agent) sc-status'
    for i in 21 22 23 24 25 26 27 28; do
        echo "2021-03-03 04:$i:01 10.0.0.5 GET /owa/p$i 443 - 198.51.100.$i Mozilla/5.0 200"
    done
} >"$w/logs/u_ex210303.log"
lists="--indicators $w/event.json --indicators $w/bundle.json --indicators $w/list.csv"

# shellcheck disable=SC2086 # a list of words
run "$tocsin" scan --no-dossiers $lists --case "$w/case" --json "$w/logs"
ok 'scan with marked lists' status_is 1
ok 'a mark that is none is told with its line' grep -q 'event.json:4: "tlp:chartreuse" is no mark' "$w/err"
marks_of() { python3 -c '
import json, sys
for line in open(sys.argv[1]):
    f = json.loads(line)
    if f["type"] == "finding":
        print(f["rule"].rpartition(".")[2], f.get("tlp"), end=" ")' "$1"; }
is() { [ "$1" = "$2" ] || { echo "'$1', wanted '$2'"; return 1; }; }
ok 'each finding has the mark of its source, of two the stricter' is "$(marks_of "$w/out")" \
    '21 TLP:RED 22 TLP:GREEN 23 None 24 TLP:RED 25 TLP:AMBER+STRICT 26 TLP:RED 26 TLP:RED 27 TLP:GREEN '
for format in csv timesketch ecs; do
    # shellcheck disable=SC2086
    run "$tocsin" scan --no-dossiers $lists --$format "$w/logs"
    ok "scan --$format says it as well" grep -qE 'TLP:RED|tlp:red|"tlp":"RED"' "$w/out"
done
# shellcheck disable=SC2086
run "$tocsin" scan --no-dossiers $lists "$w/logs"
ok 'scan for people says it as well' out_has 'TLP:AMBER+STRICT'

# --- what leaves, and how it is marked ---
report() { run "$tocsin" report --case "$w/case" --format "$@"; }
for format in json ecs ecs-bulk timesketch csv navigator cacao stix misp; do
    for more in '' --with-victim-data; do
        # shellcheck disable=SC2086
        report $format $more
        ok "$format $more: is written" status_is 0
        ok "$format $more: says how many are left out" grep -q 'left out.*TLP:RED: 3;' "$w/err"
        ok "$format $more: nothing of a red value" sh -c \
            "! grep -qE '198[.]51[.]100[.](21|24|26)|/owa/p(21|24|26)|tlp:red|TLP:RED|$red1|e828b379' $w/out"
    done
    report "$format" --tlp red
    ok "$format --tlp red: leaves nothing out" sh -c "! grep -q 'left out.*RED' $w/err"
done
report misp-feed -o "$w/feed"
ok 'misp-feed: nothing of a red value' sh -c \
    "[ $status = 0 ] && ! grep -rqE '198[.]51[.]100[.](21|24|26)|tlp:red' $w/feed && ! grep -q \$(printf 198.51.100.21 | md5sum | cut -d' ' -f1) $w/feed/hashes.csv"
for format in json ecs timesketch csv stix misp; do
    report "$format"
    ok "$format: what is not red is told" sh -c "grep -q '198[.]51[.]100[.]22' $w/out && grep -q '198[.]51[.]100[.]25' $w/out"
    report "$format" --tlp red
    ok "$format --tlp red: red values as well" grep -q '198[.]51[.]100[.]24' "$w/out"
done
for format in ecs ecs-bulk timesketch csv; do
    report "$format"
    ok "$format: the mark of the whole is told" grep -q 'no place .* say TLP:AMBER+STRICT' "$w/err"
done
mark() { # FORMAT REPORT: the mark of the whole, then those of addresses that are told
    python3 - "$@" <<'EOF'
import csv, json, re, sys
kind, path = sys.argv[1:]
text = open(path, encoding='utf-8', newline='').read()
own = {}
whole = '-'
def last(value):
    m = re.search(r'198\.51\.100\.(\d+)', value)
    return m and m[1]
if kind == 'json':
    d = json.loads(text)
    whole = d['sharing']['tlp']
    own = {last(f['rule']): f.get('tlp') for f in d['findings']}
    assert d['findings_total'] == len(d['findings']) == sum(c['findings'] for c in d['counts']), d['counts']
    assert d['timeline_total'] == len(d['timeline'])
elif kind == 'csv':
    own = {last(r['rule']): r['tlp'] or None for r in csv.DictReader(text.splitlines())}
elif kind == 'ecs':
    docs = [json.loads(line) for line in text.splitlines()]
    own = {last(d['rule']['id']): d.get('threat', {}).get('indicator', {}).get('marking', {}).get('tlp') for d in docs}
elif kind == 'timesketch':
    docs = [json.loads(line) for line in text.splitlines()]
    own = {last(d['rule']): next((t for t in d['tag'] if t.startswith('tlp:')), None) for d in docs if 'rule' in d}
elif kind == 'misp':
    e = json.loads(text)['Event']
    whole = [t['name'] for t in e['Tag'] if t['name'].startswith('tlp:')]
    every = e['Attribute'] + [a for o in e['Object'] for a in o['Attribute']]
    for a in every:
        tags = [t['name'] for t in a.get('Tag', [])]
        if a['type'] == 'ip-src':
            assert own.setdefault(last(a['value']), tags) == tags, a
        else:
            assert tags, a
else:
    objects = json.loads(text)['objects']
    name = {o['id']: o['name'] for o in objects if o['type'] == 'marking-definition'}
    marked = [o for o in objects if o['type'] != 'marking-definition']
    assert {r for o in marked for r in o['object_marking_refs']} == set(name), name
    for o in marked:
        tlp = [name[r] for r in o['object_marking_refs']]
        if o['type'] == 'report':
            whole = tlp
        elif o['type'] == 'indicator':
            own[last(o['name'])] = tlp
        elif o['type'] in ('identity', 'course-of-action', 'note'):
            assert tlp == ['TLP:' + ('AMBER' if 'amber' in path else 'GREEN')], o
    for o in marked:
        if o['type'] == 'ipv4-addr' and last(o['value']) in own:
            assert [name[r] for r in o['object_marking_refs']] == own[last(o['value'])], o
print(whole, *(f'{k}={own[k]}' for k in sorted(own)))
EOF
}
for format in json csv ecs timesketch misp stix; do
    report "$format"
    cp "$w/out" "$w/amber.$format"
    report "$format" --tlp green
    cp "$w/out" "$w/green.$format"
done
ok 'json: amber' is "$(mark json "$w/amber.json")" \
    'TLP:AMBER+STRICT 22=TLP:AMBER 23=None 25=TLP:AMBER+STRICT 27=TLP:AMBER'
ok 'json: green' is "$(mark json "$w/green.json")" \
    'TLP:AMBER+STRICT 22=TLP:GREEN 23=None 25=TLP:AMBER+STRICT 27=TLP:GREEN'
ok 'csv' is "$(mark csv "$w/green.csv")" '- 22=TLP:GREEN 23=None 25=TLP:AMBER+STRICT 27=TLP:GREEN'
ok 'ecs' is "$(mark ecs "$w/green.ecs")" '- 22=GREEN 23=None 25=AMBER+STRICT 27=GREEN'
ok 'timesketch' is "$(mark timesketch "$w/green.timesketch")" \
    '- 22=tlp:green 23=None 25=tlp:amber+strict 27=tlp:green'
ok 'misp' is "$(mark misp "$w/green.misp")" \
    "['tlp:amber+strict'] 22=['tlp:green'] 23=['tlp:green'] 25=['tlp:amber+strict'] 27=['tlp:green']"
ok 'stix: amber' is "$(mark stix "$w/amber.stix")" \
    "['TLP:AMBER+STRICT'] 22=['TLP:AMBER'] 23=['TLP:AMBER'] 25=['TLP:AMBER+STRICT'] 27=['TLP:AMBER']"
ok 'stix: green' is "$(mark stix "$w/green.stix")" \
    "['TLP:AMBER+STRICT'] 22=['TLP:GREEN'] 23=['TLP:GREEN'] 25=['TLP:AMBER+STRICT'] 27=['TLP:GREEN']"
ok 'misp is an event still' python3 tests/cli/misp_check.py "$w/green.misp"
ok 'stix is STIX 2.1 still' python3 tests/cli/stix_check.py "$w/green.stix" marking-definition=2
ok 'ecs has no field of its own for it' python3 tests/cli/ecs_check.py "$w/green.ecs"
ok 'json keeps to its schema' python3 tests/cli/report_check.py json "$w/green.json"
for format in navigator cacao; do
    report "$format" --tlp green
    ok "$format: the whole is marked as its strictest finding" grep -qi 'tlp:amber+strict' "$w/out"
done

# --- pages are for the case's own people: they hold it, and say so ---
for format in html md; do
    report "$format"
    ok "$format: holds what is red and is red as a whole" sh -c \
        "head -c 3000 $w/out | grep -q 'TLP:RED' && grep -q '/owa/p21' $w/out && ! grep -q 'left out.*RED' $w/err"
done
report html
ok 'html: the mark stands beside a finding' grep -q '<small>TLP:AMBER+STRICT</small>' "$w/out"
report md
ok 'md: the mark stands beside a finding' grep -q '(TLP:AMBER+STRICT) |' "$w/out"

run "$tocsin" pack --case "$w/case" -o "$w/pack"
ok 'pack: holds it all, says so, and its pages are red' sh -c \
    "[ $status = 0 ] && grep -q 'TLP:RED in its source' $w/err && head -5 $w/pack/report.md | grep -q TLP:RED"

# --- a list that is marked later: earlier findings of the value are red, too ---
printf 'ip,198.51.100.28\n' >"$w/late.csv"
"$tocsin" scan --quiet --no-dossiers --indicators "$w/late.csv" --case "$w/later" "$w/logs" >"$w/ignored"
run "$tocsin" report --case "$w/later" --format csv
ok 'not marked yet: told' grep -q '198.51.100.28' "$w/out"
mkdir "$w/logs2"
sed 's/2021-03-03/2021-03-04/; s/200$/404/' "$w/logs/u_ex210303.log" >"$w/logs2/u_ex210304.log"
printf '# TLP:RED\nip,198.51.100.28\n' >"$w/late.csv"
"$tocsin" scan --quiet --no-dossiers --indicators "$w/late.csv" --case "$w/later" "$w/logs2" >"$w/ignored"
run "$tocsin" report --case "$w/later" --format csv
ok 'marked by a later run: none of its findings leaves' sh -c "! grep -q '198.51.100.28' $w/out && grep -q 'TLP:RED: 2;' $w/err"

# --- a dossier of one's own ---
mkdir -p "$w/affair"
printf 'id: my-affair\ntitle: t\nsummary: s\nwindow: {from: 2021-01-01, source: me}\nsources: [me]\ndeciding: [iis]\nseen_kinds: [iis]\n' >"$w/affair/dossier.yaml"
printf 'type,value,strength,source,tlp\naddress,198.51.100.28,weak,me,tlp:amber+strict\n' >"$w/affair/indicators.csv"
run "$tocsin" scan --dossier "$w/affair" --json "$w/logs"
ok 'an indicator of a dossier carries its mark' sh -c "grep '198.51.100.28' $w/out | grep -q '\"tlp\":\"TLP:AMBER+STRICT\"'"
tap_done

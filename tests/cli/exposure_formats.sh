#!/bin/sh
# exposure: ECS and STIX hold what JSON holds, and are what their specifications ask for.
set -u
tocsin=$1
. tests/tap.sh
w=$tap_work

# Sorted rows of what was written: host, CVE, state.
rows() { python3 - "$@" <<'PY'
import json, sys
form, name = sys.argv[1:3]
rows = []
if form == 'json':
    for line in open(name):
        o = json.loads(line)
        if o['type'] == 'exposure' and (o['state'] != 'fixed' or sys.argv[3:] == ['all']):
            rows.append((o['host'], o['cve'], o['state']))
elif form == 'ecs':
    for line in open(name):
        o = json.loads(line)
        rows.append((o['host']['name'], o['vulnerability']['id'], o['tocsin']['state']))
else:
    objects = json.load(open(name))['objects']
    names = {o['id']: o.get('name') for o in objects}
    for o in objects:
        state = [x['state'] for x in o.get('extensions', {}).values()]
        if o['type'] == 'relationship' and o['relationship_type'] == 'has':
            rows.append((names[o['source_ref']], names[o['target_ref']], state[0]))
            assert state == ['exposed'], o
        elif o['type'] == 'note':
            rows.append(tuple(names[r] for r in o['object_refs']) + (state[0],))
            assert state != ['exposed'] and o['abstract'] == state[0], o
print(*sorted(rows), sep='\n')
PY
}
same() { rows "$1" "$2" >"$w/a" && rows json "$3" "$4" >"$w/b" && [ -s "$w/a" ] && cmp "$w/a" "$w/b"; }
is() { [ "$1" = "$2" ] || { printf 'got\n%s\nwanted\n%s\n' "$1" "$2"; return 1; }; }

cat >"$w/fleet.csv" <<'CSV'
host,product,Build,Last Seen,Site,Owner,Internet-Facing
EX01,,15.1.2176.2,2021-03-01,Bern,mail,yes
ex02.example.org,,15.01.2176.009,2021-03-05,Bern,mail,no
EX03,,15.1.2176.2,2021-03-01,Basel,web,no
EX03,,15.1.2176.9,2021-03-04,Basel,web,no
EX04,,15.1.2176,,Basel,web,
EX05,,15.1.2507.12,2024-05-01,,,
GL01,GitLab,16.7.1,2024-05-02,,,
CSV
cat >"$w/kev.json" <<'JSON'
{"vulnerabilities": [{"cveID": "CVE-2021-26855", "dateAdded": "2021-11-03", "dueDate": "2021-04-16", "knownRansomwareCampaignUse": "Known"}]}
JSON
printf 'host,of,owner,reason,until\nEX01,*,mail team,replaced soon,2030-04-30\n' >"$w/accepted.csv"
tell() { run "$tocsin" exposure --kev "$w/kev.json" --accepted "$w/accepted.csv" "$@" "$w/fleet.csv"; }

tell --json
cp "$w/out" "$w/json"

tell --ecs
ok 'ecs: status 1, as something is open' status_is 1
ok 'ecs: the fields are those of the schema' python3 tests/cli/ecs_check.py "$w/out"
ok 'ecs: what JSON tells, but for what is fixed' same ecs "$w/out" "$w/json" open
field() { python3 -c '
import json, sys
for line in open(sys.argv[1]):
    o = json.loads(line)
    if o["host"]["name"] == sys.argv[2] and o["vulnerability"]["id"] == sys.argv[3]:
        for name in sys.argv[4].split(","):
            v = o
            for key in name.split("."):
                v = v.get(key) if v else None
            print(v)
' "$w/out" "$@"; }
ok 'ecs: time, score, package, what was listed and accepted' is \
    "$(field EX01 CVE-2021-26855 @timestamp,vulnerability.enumeration,vulnerability.score.base,vulnerability.severity,package.name,package.version,tocsin.kev,tocsin.kev_due,tocsin.ransomware,tocsin.accepted.owner | tr '\n' ' ')" \
    '2021-03-01T00:00:00Z CVE 9.1 Critical Exchange Server 2016 15.1.2176.2 True 2021-04-16T00:00:00Z True mail team '
ok 'ecs: without a date it is of 1970 and says so' is \
    "$(field EX04 CVE-2021-26855 @timestamp,tags | tr '\n' ' ')" "1970-01-01T00:00:00Z ['tocsin', 'unknown', 'no-time'] "
cp "$w/out" "$w/first"
tell --ecs
ok 'ecs: the same again' cmp "$w/out" "$w/first"
tell --ecs --all
ok 'ecs: --all adds what is fixed' same ecs "$w/out" "$w/json" all
ok 'ecs: and keeps to the schema' python3 tests/cli/ecs_check.py "$w/out"
tell --ecs --as-of 2021-03-08
ok 'ecs: --as-of is the time of the state' is "$(field EX01 CVE-2021-26855 @timestamp,event.start | tr '\n' ' ')" \
    '2021-03-08T00:00:00Z 2021-03-01T00:00:00Z '

tell --stix
ok 'stix: status 1' status_is 1
ok 'stix: a good bundle, each host once' python3 tests/cli/stix_check.py "$w/out" infrastructure=6 identity=1
ok 'stix: what JSON tells, but for what is fixed' same stix "$w/out" "$w/json" open
cp "$w/out" "$w/first"
tell --stix
ok 'stix: the same again' cmp "$w/out" "$w/first"
tell --stix --all
ok 'stix: --all adds what is fixed, as notes' same stix "$w/out" "$w/json" all
ok 'stix: and is a good bundle' python3 tests/cli/stix_check.py "$w/out"
tell --stix --as-of 2021-03-08
ok 'stix: a later answer is a later version of the same' python3 -c '
import json, sys
now, before = ({o["id"]: o for o in json.load(open(f))["objects"]} for f in sys.argv[1:])
both = [i for i in now if i in before and i.startswith("relationship") and now[i]["relationship_type"] == "has"]
assert both and {now[i]["modified"] for i in both} == {"2021-03-08T00:00:00.000Z"}
assert all(now[i]["created"] == before[i]["created"] for i in both)' "$w/out" "$w/first"

printf 'nothing of that kind\n' >"$w/other.txt"
for form in ecs stix; do
    run "$tocsin" exposure --$form "$w/fleet.csv" "$w/other.txt"
    ok "$form: what was not read is told beside it" grep -q 'other.txt' "$w/err"
    ok "$form: and never in it" sh -c "! grep -q other.txt '$w/out'"
done
run "$tocsin" exposure --stix "$w/other.txt"
ok 'stix: of nothing, a bundle without hosts' python3 tests/cli/stix_check.py "$w/out" infrastructure=0 vulnerability=0
run "$tocsin" exposure --ecs "$w/other.txt"
ok 'ecs: of nothing, nothing' test ! -s "$w/out"

# a fleet in batches
python3 -c '
print("host,build,date")
for i in range(60000):
    print(f"h{i},15.1.2176.{i % 20},2021-03-0{i % 9 + 1}")' >"$w/many.csv"
for form in ecs stix; do
    run "$tocsin" exposure --$form --dossier hafnium-exchange-2021 "$w/many.csv"
    cp "$w/out" "$w/whole"
    run "$tocsin" exposure --$form --stream --dossier hafnium-exchange-2021 "$w/many.csv"
    ok "$form: a stream of hosts is the same" cmp "$w/out" "$w/whole"
done
ok 'stix: of a fleet, too, each vulnerability is written once' python3 tests/cli/stix_check.py "$w/out" software=9 infrastructure=27000
peak() {
    python3 -c '
import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=False)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)' \
        "$tocsin" exposure --stream --dossier hafnium-exchange-2021 "$@"
}
if grep -q __asan_init "$tocsin"; then
    skip 'memory of a stream' 'sanitizers keep what is freed'
else
    python3 -c '
print("host,build,date")
for i in range(120000):
    print(f"h{i},15.1.2176.{i % 20},2021-03-0{i % 9 + 1}")' >"$w/more.csv"
    for form in ecs stix; do
        few=$(peak --$form "$w/many.csv") many=$(peak --$form "$w/more.csv")
        ok "$form: twice as many hosts need no more memory ($few, $many KiB)" test "$many" -lt $((few * 5 / 4))
    done
fi

for both in '--json --csv' '--json --ecs' '--csv --stix' '--ecs --stix' '--explain EX01 --stix' '--explain EX01 --stream'; do
    # shellcheck disable=SC2086
    run "$tocsin" exposure $both CVE-2021-26855 "$w/fleet.csv"
    ok "$both: status 2 and a reason" eval 'status_is 2 && grep -q exclude "$w/err" && [ ! -s "$w/out" ]'
done
for n in nan -1 101 inf; do
    run "$tocsin" exposure --fail-on "percent=$n" "$w/fleet.csv"
    ok "percent=$n: status 2" status_is 2
done
run sh -c '"$1" exposure --stix "$2" >/dev/full' sh "$tocsin" "$w/fleet.csv"
ok 'a full disk is an error' grep -q 'cannot write' "$w/err"
tap_done

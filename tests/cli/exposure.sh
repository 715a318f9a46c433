#!/bin/sh
# exposure: worked cases, sources that contradict each other, statuses, bad input.
set -u
tocsin=$1
. tests/tap.sh

ask() { python3 -c '
import json, sys
for line in open(sys.argv[1]):
    row = json.loads(line)
    if all(str(row.get(k)) == v for k, v in (a.split("=", 1) for a in sys.argv[3:])):
        print(" ".join(str(row[k]) for k in sys.argv[2].split(",")))
' "$tap_work/out" "$@"; }
is() { [ "$1" = "$2" ] || { printf 'got\n%s\nwanted\n%s\n' "$1" "$2"; return 1; }; }
P=CVE-2021-26855

ok 'worked cases: every line of products and each boundary' \
    python3 tests/golden/exposure_cases.py "$tocsin"

cat >"$tap_work/fleet.csv" <<'CSV'
host;Build;Last Seen;Site;Owner;Internet-Facing
EX01;15.1.2176.2;2021-03-01;Bern;mail;yes
EX02;15.01.2176.009;2021-03-05;Bern;mail;yes
EX03;15.1.2176.2;2021-03-01;Basel;web;no
EX03;15.1.2176.9;2021-03-04;Basel;web;no
CSV
run "$tocsin" exposure --json --as-of 2021-03-08 "$tap_work/fleet.csv"
ok 'status 1: something is open' status_is 1
ok 'states, and since when' is "$(ask host,state,since,other_until type=exposure cve=$P)" \
    'EX01 exposed 2021-03-01T00:00:00Z None
EX02 fixed 2021-03-05T00:00:00Z None
EX03 fixed 2021-03-04T00:00:00Z 2021-03-01T00:00:00Z'
ok 'a third of the fleet' is "$(ask open,exposed,fixed type=share cve=$P)" '0.3333 1 2'
ok 'by site' is "$(ask name,open type=share part=site dossier=hafnium-exchange-2021)" \
    'Bern 0.5
Basel 0'
ok 'over time' is "$(ask time,exposed,fixed type=share part=fleet dossier=hafnium-exchange-2021 name=None | tail -n 3)" \
    '2021-03-01T00:00:00Z 2 0
2021-03-04T00:00:00Z 1 1
2021-03-05T00:00:00Z 1 2'
ok 'the window ends with the fix' is \
    "$(ask until,open type=window host=EX03 dossier=hafnium-exchange-2021)" \
    '2021-03-04T00:00:00Z 2021-03-01T00:00:00Z'
ok 'what to install, as of that day' is "$(ask host,first,then,then_build type=update)" \
    'EX01 None CU19 Mar21SU 15.1.2176.9'
ok 'a hole that nobody knew on that day is not told' is \
    "$(ask cve type=exposure cve=CVE-2022-41040)" ''

ok 'nor that it is in a list that came later' is "$(ask kev,ransomware type=exposure cve=$P host=EX01)" 'None False'

python3 tests/gen/fleet.py >"$tap_work/forty.csv"
run "$tocsin" exposure --json --as-of 2021-03-08 "$tap_work/forty.csv"
ok 'forty servers, of which 40 percent are open' is \
    "$(ask open,exposed,fixed type=share part=fleet dossier=hafnium-exchange-2021 time=None)" '0.4 16 24'

printf 'host,build\nEX01.corp.example,15.1.2176.2\nEX02,Version 15.1 (Build 2176.2)\n' \
    >"$tap_work/undated.csv"
printf 'server,fileversion,date\nex01,15.01.2176.009,2021-03-05\n' >"$tap_work/dated.csv"
run "$tocsin" exposure --json "$tap_work/undated.csv" "$tap_work/dated.csv"
ok 'a short name is its only full one, and the dated source decides' is \
    "$(ask host,state,source,precision type=exposure cve=$P)" \
    'EX01.corp.example fixed inventory su
EX02 unknown inventory cu'
ok 'the other one is named' sh -c "grep -q 'undated.csv:2, undated) says otherwise: 15.1.2176.2' $tap_work/out"

run "$tocsin" exposure --explain ex01.corp.example $P "$tap_work/undated.csv" "$tap_work/dated.csv"
ok 'the reasoning' sh -c "grep -q 'holds the fix of 15.1.2176.9' $tap_work/out"
run "$tocsin" exposure --explain EX09 $P "$tap_work/undated.csv"
ok 'of a host that is not there: status 2' status_is 2

printf 'host,of,owner,reason,until\nEX01,hafnium-exchange-2021,mail team,replaced in April,2021-04-30\n' \
    >"$tap_work/accepted.csv"
run "$tocsin" exposure --json --as-of 2021-03-08 --accepted "$tap_work/accepted.csv" "$tap_work/fleet.csv"
ok 'an accepted risk is open and named' is \
    "$(ask state,accepted type=exposure cve=$P host=EX01)" \
    "exposed {'owner': 'mail team', 'reason': 'replaced in April', 'until': '2021-04-30T00:00:00Z'}"
run "$tocsin" exposure --json --as-of 2021-05-08 --accepted "$tap_work/accepted.csv" "$tap_work/fleet.csv"
ok 'not after its end' is "$(ask accepted type=exposure cve=$P host=EX01)" None
printf 'host,of,owner,reason,until\nEX01,*,,because,2021-04-30\n' >"$tap_work/accepted.csv"
run "$tocsin" exposure --accepted "$tap_work/accepted.csv" "$tap_work/fleet.csv"
ok 'a risk without an owner is refused with its line' \
    sh -c "[ $status = 2 ] || [ $status = 65 ] || [ $status = 74 ]; grep -q 'accepted.csv:2' $tap_work/err"

run "$tocsin" exposure --as-of 2021-03-08 --fail-on percent=40 "$tap_work/fleet.csv"
ok 'a third is not more than 40 percent' status_is 0
run "$tocsin" exposure --as-of 2021-03-08 --fail-on percent=30 "$tap_work/fleet.csv"
ok 'but more than 30' status_is 1
run "$tocsin" exposure --as-of 2021-03-08 --fail-on cve=$P "$tap_work/fleet.csv"
ok 'that CVE is open' status_is 1
run "$tocsin" exposure --fail-on often "$tap_work/fleet.csv"
ok 'a condition that is none: status 2' status_is 2

printf 'host,build,date\nEX01,15.1.2176.9,yesterday\n"EX02,15.1.2176.9,\nEX03,,\nEX04,15.1.2176.9,2021-03-05\n' \
    >"$tap_work/bad.csv"
run "$tocsin" exposure --json "$tap_work/bad.csv"
ok 'bad rows are told with their line' is "$(ask reason,detail type=gap)" \
    'bad-time line 2: yesterday
damaged line 3: a quote is not closed
bad-build line 4: no build and no product'
ok 'and the rest is answered' is "$(ask host,state type=exposure cve=$P)" \
    'EX01 fixed
EX04 fixed'
printf 'nothing of that kind' >"$tap_work/other.txt"
run "$tocsin" exposure "$tap_work/other.txt"
ok 'an input of no known format: status 3' status_is 3

cat >"$tap_work/hc.json" <<'JSON'
{"VersionReport": "26.01.01.0000", "ReportDate": "2021-03-08T10:00:00Z", "Organization": "Example",
 "Servers": [
  {"Name": "EX11", "BuildVersion": "15.1.2176.9", "HasVulnerability": false, "Vulnerabilities": [], "Online": true},
  {"Name": "EX12", "BuildVersion": {"Major": 15, "Minor": 1, "Build": 2176, "Revision": 2}, "HasVulnerability": true,
   "Vulnerabilities": ["CVE-2021-26855", "CVE-2021-27065"], "Online": true},
  {"Name": "EX13", "BuildVersion": "15.1.2507.12", "HasVulnerability": true, "Vulnerabilities": ["CVE-2024-21410"]}]}
JSON
run "$tocsin" exposure --json "$tap_work/hc.json"
ok 'HealthChecker: builds, also written out by member; one is newer than the report' is \
    "$(ask host,build,state,source,seen type=exposure cve=$P)" \
    'EX11 15.1.2176.9 fixed healthchecker 2021-03-08T10:00:00Z
EX12 15.1.2176.2 exposed healthchecker 2021-03-08T10:00:00Z
EX13 15.1.2507.12 fixed healthchecker None'
ok 'that it lists nothing clears nothing: the three that it does not know' is \
    "$(ask host,state type=exposure cve=CVE-2021-34473 host=EX11)" 'EX11 exposed'
ok 'what it met decides where a setting does' is \
    "$(ask state type=exposure cve=CVE-2024-21410 host=EX13)" exposed
python3 -c '
import sys
text = open(sys.argv[1]).read()
open(sys.argv[2], "w", encoding="utf-16").write(text)
open(sys.argv[3], "w").write(text[:text.index("EX13") + 20])
open(sys.argv[4], "w").write(text.replace("2021-03-08T10:00:00Z", "03/08/2021 10:00:00"))' \
    "$tap_work/hc.json" "$tap_work/hc16.json" "$tap_work/hcut.json" "$tap_work/hclocal.json"
run "$tocsin" exposure --json "$tap_work/hc16.json"
ok 'the same in UTF-16' is "$(ask host,state type=exposure cve=$P)" 'EX11 fixed
EX12 exposed
EX13 fixed'
run "$tocsin" exposure --json "$tap_work/hcut.json"
ok 'half of it: what is whole is answered, the damage has its line' is \
    "$(ask host,state type=exposure cve=$P; ask reason,detail type=gap | cut -c1-16)" 'EX11 fixed
EX12 exposed
damaged line 6: '
run "$tocsin" exposure --json "$tap_work/hclocal.json"
ok 'a date that may be one of two is none' is "$(ask seen type=exposure cve=$P host=EX11)" None

# versions that are not what they look like: none of them may become a fix
cat >"$tap_work/odd.csv" <<'CSV'
host,product,version
G1,GitLab,16.7.1
G2,gitlab-ee,16.7.2
G3,GitLab CE,15.9.0
G4,,16.7.2
G5,GitLab,16.7
G6,GitLab,13.8.7
W1,,10.0.20348.2
W2,,08.03.2021
S1,SharePoint Server 2019,16.0.10417
S2,SharePoint Server 2016,Version 16.0 (Build 5600.1)
S3,SharePoint Server 2019,16.0.10300
X1,GitLab,15.1.2176.9
X2,Exchange Server 2019,15.1.2176.2
X3,,v15.1.2176.9
X4,,"15,1,2176,9"
X6,,15.1.99999999999.9
CSV
run "$tocsin" exposure --json "$tap_work/odd.csv"
ok 'GitLab: three numbers are all' is "$(ask host,state type=exposure cve=CVE-2023-7028)" 'G1 exposed
G2 fixed
G3 fixed
G5 unknown
G6 fixed
X1 unknown'
ok 'a hole that came with 11.9, mended in three lines: each row says since when' is \
    "$(ask host,state type=exposure cve=CVE-2021-22205 host=G6)" 'G6 exposed'
ok 'SharePoint: a coarse source proves what is lacking, no fix' is \
    "$(ask host,state type=exposure cve=CVE-2025-53770)" 'S1 unknown
S2 unknown
S3 exposed'
ok 'Exchange: the build tells the product' is \
    "$(ask host,product,state type=exposure cve=$P)" 'W2 Exchange Server 2007 unknown
X2 Exchange Server 2016 exposed
X3 Exchange Server 2016 fixed'
ok 'others are of no product, or no build' is \
    "$(ask unknown_hosts type=summary; ask detail type=gap)" '4
line 16: 15,1,2176,9
line 17: 15.1.99999999999.9'

# the way to the newest update, for each line of products
cat >"$tap_work/paths.csv" <<'CSV'
host,product,version
P13,,15.0.1497.2
P16-19,,15.1.2176.14
P16-20,,15.1.2242.4
P16-21,,15.1.2308.8
P19-08,,15.2.792.13
P19-09,,15.2.858.2
CSV
run "$tocsin" exposure --json --as-of 2021-07-20 "$tap_work/paths.csv"
ok 'a line that got the last update takes it; one that did not goes to the newest first' is \
    "$(ask host,first,first_build,then,then_build type=update | sort)" \
    'P13 None None CU23 Jul21SU 15.0.1497.23
P16-19 CU21 15.1.2308.8 CU21 Jul21SU 15.1.2308.14
P16-20 None None CU20 Jul21SU 15.1.2242.12
P16-21 None None CU21 Jul21SU 15.1.2308.14
P19-08 CU10 15.2.922.7 CU10 Jul21SU 15.2.922.13
P19-09 None None CU9 Jul21SU 15.2.858.15'
cat >"$tap_work/paths.csv" <<'CSV'
host,product,version
PSE,,15.2.2562.17
PS16,SharePoint Server 2016,16.0.5400.1
PS19,SharePoint Server 2019,16.0.10300.1
PG,GitLab,16.7.0
CSV
run "$tocsin" exposure --json --as-of 2025-08-20 "$tap_work/paths.csv"
ok 'where no number names a cumulative update there is one step' is \
    "$(ask host,first,then_build type=update | sort)" \
    'PG None 16.7.2
PS16 None 16.0.5513.1001
PS19 None 16.0.10417.20037
PSE None 15.2.2562.20'

# more hosts than a batch holds
python3 -c '
print("host,build,site")
for i in range(60000):
    print(f"h{i},15.1.2176.{i % 20},s{i % 3}")' >"$tap_work/many.csv"
rows_of() { grep -v '"summary"\|"update"' "$tap_work/out" | sort | md5sum; }
run "$tocsin" exposure --json --dossier hafnium-exchange-2021 "$tap_work/many.csv"
whole=$(rows_of)
run "$tocsin" exposure --json --stream --dossier hafnium-exchange-2021 "$tap_work/many.csv"
ok 'a stream of hosts has the same rows' is "$(rows_of)" "$whole"
run "$tocsin" exposure --csv --stream --dossier hafnium-exchange-2021 "$tap_work/many.csv"
ok 'and one header' is "$(grep -c '^host,site' "$tap_work/out")" 1
tap_done

#!/bin/sh
# exposure: what could make it say "fixed" or "all clear" of a server that is open.
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
table() { printf '%s\n' "$@" >"$tap_work/fleet.csv"; }

lists=${TOCSIN_SHARED:-../shared}/knowledge/exchange-cves.csv
what='a second reckoning: each build of the lists and its neighbours, each CVE'
if [ -e "$lists" ]; then
    ok "$what" python3 tests/golden/exposure_oracle.py "$tocsin"
else
    skip "$what" "no $lists"
fi

table 'host,build' 'EX01,15.1.2507.69'
run "$tocsin" exposure --json "$tap_work/fleet.csv"
ask because type=exposure cve=CVE-2026-45500 >"$tap_work/because"
ok 'where sources differ, the answer says so' grep -q 'sources differ: by date of pub' "$tap_work/because"

table 'host,build,date' 'EX01,15.1.2507.72,2026-08-20T10:00:00Z'
run "$tocsin" exposure --json --as-of 2026-08-19 "$tap_work/fleet.csv"
ok 'seen only later: nothing is known of it, and that is no all clear' status_is 3
ok 'it is counted' is "$(ask hosts,unknown_hosts,exposed,fixed type=summary)" '1 1 0 0'
run "$tocsin" exposure --json --as-of 2026-08-20 "$tap_work/fleet.csv"
ok 'as of a day is until its end' is "$(ask state type=exposure cve=$P)" fixed
run "$tocsin" exposure --json --as-of 2026-08-20T09:59:59Z "$tap_work/fleet.csv"
ok 'as of a time is until then' is "$(ask unknown_hosts type=summary)" 1

python3 -c '
print("host,product,version")
for i in range(40):
    print(f"EX01,Program {i},{i}.0")
print("EX01,Exchange Server 2016,15.1.2176.2")' >"$tap_work/fleet.csv"
run "$tocsin" exposure --json "$tap_work/fleet.csv"
ok 'forty other programs of the host hide nothing' is "$(ask state type=exposure cve=$P)" exposed
ok 'and are none of its unknowns' is "$(ask hosts,unknown_hosts type=summary)" '1 0'
table 'host,version' 'EX01,15.1.2507.72' 'EX01,15.9.1.1'
run "$tocsin" exposure --json "$tap_work/fleet.csv"
ok 'a build that no table has makes the host unknown beside what is known' is \
    "$(ask hosts,unknown_hosts type=summary)" '1 1'

table 'host,of,owner,reason,until' 'EX01,*,mail team,replaced,2021-03-08'
mv "$tap_work/fleet.csv" "$tap_work/accepted.csv"
table 'host,build,date' 'EX01,15.1.2176.2,2021-03-01'
run "$tocsin" exposure --json --as-of 2021-03-08T23:59:59Z --accepted "$tap_work/accepted.csv" "$tap_work/fleet.csv"
ok 'a risk is accepted until the end of its last day' status_is 0
run "$tocsin" exposure --json --as-of 2021-03-09 --accepted "$tap_work/accepted.csv" "$tap_work/fleet.csv"
ok 'and not on the next' status_is 1

table 'host,build' 'EX01,15.1.2176.2'
for condition in cve=CVE-2021-2685 percent=nan percent=inf percent=-1 percent=101 percent=; do
    run "$tocsin" exposure --fail-on "$condition" "$tap_work/fleet.csv"
    ok "--fail-on $condition can never be met: status 2" status_is 2
done
run "$tocsin" exposure --fail-on cve=cve-2021-26855 "$tap_work/fleet.csv"
ok 'a CVE in small letters is that CVE' status_is 1

cat >"$tap_work/kev.json" <<'JSON'
{"vulnerabilities": [
 {"cveID": "cve-2021-26855 ", "vendorProject": "Microsoft", "product": "Exchange Server", "dateAdded": "2021-10-01", "dueDate": "2021-10-09"},
 {"cveID": "CVE-2016-0001", "vendorProject": "Microsoft", "product": "Exchange Server", "dateAdded": "2022-03-03"},
 {"cveID": "CVE-2016-0002", "vendorProject": "Microsoft", "product": "SharePoint", "dateAdded": "2022-03-03"},
 {"cveID": "CVE-2016-0003", "vendorProject": "Example", "product": "Exchange Server", "dateAdded": "2022-03-03"}, 7, null]}
JSON
table 'host,build' 'EX01,15.1.2507.72'
run "$tocsin" exposure --json --kev "$tap_work/kev.json" "$tap_work/fleet.csv"
ok 'what is exploited in Exchange and in no table is no all clear' status_is 3
ok 'and is told, for what hosts run' is "$(ask reason,detail type=gap)" \
    'damaged entries without a CVE or a date were left out
not-examined CVE-2016-0001 is exploited and in no table: whether Exchange Server is open to it is not known'
ok 'small letters and blanks are that CVE' is "$(ask kev,due type=exposure cve=$P)" \
    '2021-10-01T00:00:00Z 2021-10-09T00:00:00Z'
ok 'others are counted' err_has 'kev.json: 1 entries are of products that no table knows'
run "$tocsin" exposure --json --as-of 2021-12-31 --kev "$tap_work/kev.json" "$tap_work/fleet.csv"
ok 'not before it was listed' is "$(ask detail type=gap reason=not-examined)" ''

for day in 2999-03-05 9999-12-31 1970-01-01 1601-01-01 1980-01-01; do
    table 'host,build,date' "EX01,15.1.2176.9,$day" 'EX01,15.1.2176.2,2021-03-10'
    run "$tocsin" exposure --json "$tap_work/fleet.csv"
    ok "a build dated $day is undated: the other one decides" is \
        "$(ask state,seen type=exposure cve=$P)" 'exposed 2021-03-10T00:00:00Z'
    ok 'and it is told' is "$(ask reason,detail type=gap)" \
        "bad-time line 2: nobody saw it on $day: taken as undated"
done

mkdir -p "$tap_work/EX01/inetpub/wwwroot"
cat >"$tap_work/EX01/inetpub/wwwroot/web.config" <<'XML'
<configuration><system.webServer><rewrite><rules>
<rule name="A" stopProcessing="true"><match url=".*" /><conditions><add input="{HTTP_COOKIE}" pattern="(.*)X-AnonResource-Backend(.*)" /></conditions><action type="AbortRequest" /></rule>
<rule name="B" stopProcessing="true"><match url=".*" /><conditions><add input="{HTTP_COOKIE}" pattern="(.*)X-BEResource=(.+)/(.+)~(.+)" /></conditions><action type="AbortRequest" /></rule>
</rules></rewrite></system.webServer></configuration>
XML
cat >"$tap_work/scan.xml" <<'XML'
<?xml version="1.0"?>
<nmaprun scanner="nmap" start="1615201200" version="7.93"><host starttime="1615201201"><address addr="192.0.2.2" addrtype="ipv4"/>
<hostnames><hostname name="EX01" type="user"/></hostnames><ports><port protocol="tcp" portid="443"><script id="http-vuln" output="x">
<table key="CVE-2021-26855"><elem key="title">forged requests</elem><elem key="state">VULNERABLE</elem>
<table key="ids"><elem>CVE:CVE-2021-26855</elem></table></table></script></port></ports></host></nmaprun>
XML
table 'host,build,date' 'EX01,15.1.2176.2,2021-03-08'
run "$tocsin" exposure --json "$tap_work/fleet.csv" "$tap_work/EX01"
ok 'a mitigation of no known day counts' is "$(ask state type=exposure cve=$P)" mitigated
run "$tocsin" exposure --json "$tap_work/fleet.csv" "$tap_work/EX01" "$tap_work/scan.xml"
ok 'but not against a scanner that met the hole' is "$(ask state type=exposure cve=$P)" exposed
cat >"$tap_work/hc.json" <<'JSON'
{"VersionReport": "26.01.01.0000", "ReportDate": "2021-03-08T10:00:00Z", "Servers": [
  {"Name": "EX01", "BuildVersion": "15.1.2176.2", "HasVulnerability": true, "Vulnerabilities": ["CVE-2021-26855"]},
  {"Name": "EX02", "BuildVersion": "15.1.2176.9", "HasVulnerability": true, "Vulnerabilities": ["CVE-2021-26855"]}]}
JSON
run "$tocsin" exposure --json "$tap_work/EX01" "$tap_work/hc.json"
ok 'one that goes by the build knows nothing of mitigations' is \
    "$(ask state type=exposure cve=$P host=EX01)" mitigated
ok 'what a report calls open its own build does not close' is \
    "$(ask state type=exposure cve=$P host=EX02)" exposed

python3 -c '
print("host,build,owner")
for i in range(70000):
    print(f"h{i},15.1.2176.2,owner{i}")' >"$tap_work/fleet.csv"
run "$tocsin" exposure --explain EX01 $P "$tap_work/fleet.csv" "$tap_work/scan.xml"
ok 'behind 70000 words a source keeps its name' out_has ', by nmap ('

python3 -c '
name = "a" * 600
print("host,build,date")
print(f"{name}1,15.1.2176.2,2021-03-01")
print(f"{name}2,15.1.2176.9,2021-03-08")' >"$tap_work/fleet.csv"
run "$tocsin" exposure --json "$tap_work/fleet.csv"
ok 'names too long are told, and not taken for one' is \
    "$(ask reason,detail type=gap)$(ask hosts type=summary)" 'too-long line 2: the name of a host
too-long line 3: the name of a host0'
table 'host,build,date' '2001:DB8::1,15.1.2176.2,2021-03-01' '[2001:db8:0::1]:443,15.1.2176.9,2021-03-02' \
    'EX01.example.,15.1.2176.2,2021-03-01' 'ex01.Example,15.1.2176.9,2021-03-02'
run "$tocsin" exposure --json "$tap_work/fleet.csv"
ok 'an address is one host in each of its forms, a name with and without the dot' is \
    "$(ask host,state type=exposure cve=$P)" '2001:DB8::1 fixed
EX01.example fixed'
table 'host,of,owner,reason,until' 'ex01.EXAMPLE.,*,mail team,replaced,2021-03-08' \
    '[2001:db8::1],*,mail team,replaced,2021-03-08' 'EX0,*,mail team,replaced,2021-03-08'
mv "$tap_work/fleet.csv" "$tap_work/accepted.csv"
table 'host,build,date' '2001:DB8::1,15.1.2176.2,2021-03-01' 'EX01.example,15.1.2176.2,2021-03-01'
run "$tocsin" exposure --json --as-of 2021-03-08 --accepted "$tap_work/accepted.csv" "$tap_work/fleet.csv"
ok 'so it is where a risk is accepted' status_is 0

table 'host,product,version' 'A,Microsoft Exchange Server 2016 Cumulative Update 19,15.1.2176.2' 'B,Exchange,15.1.2176.2' \
    'C,Exchange 2019 CU8,15.1.2176.2' 'D,,Exchange Server 15.1.2176.2' 'E,Exchangeable,15.1.2176.2' \
    'F,GitLab Runner,16.7.2' 'G,Other Exchange,15.1.2176.9' 'H,,not 15.1.2176.9' 'H,SharePoint Server 2019,16.0.10417.20018'
run "$tocsin" exposure --json "$tap_work/fleet.csv"
ok 'a name that says more or less than ours leaves the build its say' is \
    "$(ask host,state type=exposure cve=$P)" 'A exposed
B exposed
C exposed
D exposed'
ok 'another name does not' is "$(ask hosts,unknown_hosts type=summary)" '8 3'

table 'host,build,date' 'EX01,15.1.2176.9,2021-03-08' 'EX01,15.1.2176.2,2021-03-08'
run "$tocsin" exposure --json "$tap_work/fleet.csv"
ask because type=exposure cve=$P >"$tap_work/because"
ok 'a file that contradicts itself: the lower build' is "$(ask state type=exposure cve=$P)" exposed
ok 'and it is said' grep -q 'fleet.csv:2, 2021-03-08) says otherwise: 15.1.2176.9' "$tap_work/because"

table 'host,build,date' 'EX01,15.1.2176.9,2021-02-02' 'EX01,15.1.2176.2,2021-02-01'
run "$tocsin" exposure --json "$tap_work/fleet.csv"
ok 'a build before its release has a wrong date' is "$(ask detail type=gap)" \
    'line 2: nobody saw it on 2021-02-02, before its release: taken as undated'
ok 'and the other one decides' is "$(ask build,state type=exposure cve=$P)" '15.1.2176.2 exposed'

table 'host,build' 'EX01,15.1.2176.2'
odd=$(printf '%s/odd\033[31m.csv' "$tap_work")
mv "$tap_work/fleet.csv" "$odd"
run "$tocsin" exposure --explain EX01 $P "$odd"
ok 'the reasoning hands no escapes of a file name to the terminal' \
    sh -c "grep -q 'odd.x1b.31m.csv' '$tap_work/out' && ! grep -q '$(printf '\033')' '$tap_work/out'"

table 'host,product,build' 'a,GitLab,11.8.9' 'b,GitLab,11.9.0' 'c,GitLab,12.5.0' 'd,GitLab,13.8.7' 'e,GitLab,13.8.8' \
    'f,GitLab,13.9.0' 'g,GitLab,13.10.3' 'h,GitLab,13.11.0'
run "$tocsin" exposure --json "$tap_work/fleet.csv"
ok 'where each line says since when the hole is there, the oldest counts' is \
    "$(ask build,state type=exposure cve=CVE-2021-22205)" '11.8.9 fixed
11.9.0 exposed
12.5.0 exposed
13.8.7 exposed
13.8.8 fixed
13.9.0 exposed
13.10.3 fixed
13.11.0 fixed'
table 'host,product,build' 'a,GitLab,16.0.9' 'b,GitLab,16.1.0' 'c,GitLab,16.1.5' 'd,GitLab,16.1.6' 'e,GitLab,16.4.4' 'f,GitLab,16.8.0'
run "$tocsin" exposure --json "$tap_work/fleet.csv"
ok 'and so in CVE-2023-7028' is "$(ask build,state type=exposure cve=CVE-2023-7028)" '16.0.9 fixed
16.1.0 exposed
16.1.5 exposed
16.1.6 fixed
16.4.4 exposed
16.8.0 fixed'

table 'host,build,Internet-Facing' 'a,15.1.2176.2,yes' 'b,15.1.2176.2,No' 'c,15.1.2176.2,n/a' 'd,15.1.2176.2,?' 'e,15.1.2176.2,'
run "$tocsin" exposure --json "$tap_work/fleet.csv"
ok 'what is neither yes nor no stands nowhere' is "$(ask facing type=exposure cve=$P)" 'internet
inside
None
None
None'

table 'host,build,Build' 'a,15.1.2176.9,15.1.2176.2'
run "$tocsin" exposure --json "$tap_work/fleet.csv"
ok 'of two columns of one name neither is believed' is "$status $(ask detail type=gap)" \
    "3 the column 'build' stands there twice"

table 'My Host,The Build-No,Build' 'EX01,15.1.2176.2,15.1.2176.9'
run "$tocsin" exposure --json --map 'host=my host,build=The Build-No' "$tap_work/fleet.csv"
ok 'columns that the user names, blanks and all, and no others' is \
    "$(ask host,build,state type=exposure cve=$P)" 'EX01 15.1.2176.2 exposed'
run "$tocsin" exposure --json --map 'host=my host,build=Nothing' "$tap_work/fleet.csv"
ok 'a column that is not there is no other one' is "$status $(ask hosts type=summary)" '3 0'

tap_done

#!/bin/sh
# exposure on what PowerShell and Microsoft's scripts write of Exchange servers.
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

# --- CLIXML ---

cat >"$tap_work/servers.xml" <<'XML'
<Objs Version="1.1.0.1" xmlns="http://schemas.microsoft.com/powershell/2004/04">
  <Obj RefId="0">
    <TN RefId="0"><T>Microsoft.Exchange.Data.Directory.Management.ExchangeServer</T><T>System.Object</T></TN>
    <ToString>EX01</ToString>
    <Props><S N="Name">EX01</S><S N="Fqdn">EX01.corp.example</S>
      <Obj N="AdminDisplayVersion" RefId="1"><TN RefId="1"><T>Microsoft.Exchange.Data.ServerVersion</T></TN>
        <ToString>Version 15.1 (Build 2176.2)</ToString></Obj></Props>
  </Obj>
  <Obj RefId="2"><TNRef RefId="0" />
    <Props><S N="Name">EX02</S><Obj N="AdminDisplayVersion" RefId="3"><TNRef RefId="1" />
        <ToString>Version 15.1 (Build 1531.3)</ToString></Obj></Props>
  </Obj>
  <Obj RefId="4"><TN RefId="2"><T>System.Diagnostics.FileVersionInfo</T></TN>
    <Props><S N="FileName">D:\Exchange\bin\ExSetup.exe</S><S N="FileVersion">15.01.2176.009</S></Props>
    <MS><S N="PSComputerName">EX03</S></MS>
  </Obj>
</Objs>
XML
run "$tocsin" exposure --json "$tap_work/servers.xml"
ok 'CLIXML: the directory proves no update, ExSetup does' is \
    "$(ask host,build,state,precision,source type=exposure cve=$P)" \
    'EX01.corp.example 15.1.2176.2 unknown cu clixml
EX02 15.1.1531.3 unknown cu clixml
EX03 15.1.2176.9 fixed su clixml'
python3 - "$tap_work" <<'PY'
import sys
text = open(sys.argv[1] + '/servers.xml').read()
open(sys.argv[1] + '/wide.xml', 'w', encoding='utf-16').write(text)
open(sys.argv[1] + '/half.xml', 'w').write(text[:text.index('1531.3')])
open(sys.argv[1] + '/entity.xml', 'w').write('<!DOCTYPE Objs [<!ENTITY a "b">]>\n' + text)
open(sys.argv[1] + '/tag.xml', 'w').write(text[:text.index('  <Obj RefId="4">')] + '<S N="' + 'x' * 5000000)
PY
run "$tocsin" exposure --json "$tap_work/wide.xml"
ok 'the same in UTF-16' is "$(ask host,state type=exposure cve=$P)" 'EX01.corp.example unknown
EX02 unknown
EX03 fixed'
run "$tocsin" exposure --json "$tap_work/half.xml"
ok 'half of it: what is whole is answered, with file and line' is \
    "$(ask host,state type=exposure cve=$P; ask file,reason,detail type=gap)" \
    "EX01.corp.example unknown
$tap_work/half.xml cut line 11: no element found"
run "$tocsin" exposure --json "$tap_work/entity.xml"
ok 'entities are refused' is "$(ask reason,detail type=gap)" 'damaged line 1: it declares entities'
run "$tocsin" exposure --json "$tap_work/tag.xml"
ok 'a tag without an end' is "$(ask host type=exposure cve=$P; ask reason,detail type=gap)" \
    'EX01.corp.example
EX02
too-long line 13: a tag is too long'

servers=$(python3 tests/gen/clixml.py 300 "$tap_work/big.xml")
cat >"$tap_work/measure.py" <<'PY'
import resource
import subprocess
import sys
done = subprocess.run(sys.argv[2:], stdout=open(sys.argv[1], 'wb'), timeout=100)
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
print(done.returncode, usage.ru_maxrss // 1024, round(usage.ru_utime + usage.ru_stime, 1))
PY
measured=$(python3 "$tap_work/measure.py" "$tap_work/out" "$tocsin" exposure --json --dossier hafnium-exchange-2021 \
    "$tap_work/big.xml")
rm "$tap_work/big.xml"
ok '300 MB: each server' is "$(ask hosts,bytes,gaps type=summary | cut -c1-8)" "$servers 300"
# a sanitizer keeps what was freed
memory=$(echo "$measured" | cut -d' ' -f2) most=64
grep -q __asan_init "$tocsin" && most=1024
ok "300 MB: less than $most MiB" test "$memory" -lt $most

# --- what PowerShell prints ---

cat >"$tap_work/list.txt" <<'TXT'

Name                : EX01
Edition             : Enterprise
AdminDisplayVersion : Version 15.1 (Build 2176.2)

Name                : EX02
Edition             : Standard
AdminDisplayVersion : Version 15.1 (Build 2106.2)

TXT
python3 -c '
import sys
text = open(sys.argv[1]).read()
open(sys.argv[2], "w", encoding="utf-16", newline="\r\n").write(text)
open(sys.argv[3], "w").write(text[:text.index("06.2)")])' "$tap_work/list.txt" "$tap_work/wide.txt" "$tap_work/half.txt"
cat >"$tap_work/table.txt" <<'TXT'
ProductVersion   FileVersion      FileName                            PSComputerName
--------------   -----------      --------                            --------------
15.01.2176.009   15.01.2176.009   C:\Program Files\Microsoft\Excha... EX03
15.01.2176.002   15.01.2176.002   C:\Program Files\Microsoft\Excha... EX04
TXT
run "$tocsin" exposure --json "$tap_work/list.txt" "$tap_work/table.txt"
ok 'lists and tables' is "$(ask host,build,state,precision,source type=exposure cve=$P)" \
    'EX01 15.1.2176.2 unknown cu powershell
EX02 15.1.2106.2 unknown cu powershell
EX03 15.1.2176.9 fixed su powershell
EX04 15.1.2176.2 exposed su powershell'
run "$tocsin" exposure --json "$tap_work/wide.txt"
ok 'a list in UTF-16' is "$(ask host,build type=exposure cve=$P)" 'EX01 15.1.2176.2
EX02 15.1.2106.2'
run "$tocsin" exposure --json "$tap_work/half.txt"
ok 'half a version is none' is "$(ask host type=exposure cve=$P; ask reason,detail type=gap)" 'EX01
cut line 6: the end of a value is missing'
printf 'FileVersion : 15.01.2176.009\nFileName : D:\\bin\\ExSetup.exe\n' >"$tap_work/alone.txt"
run "$tocsin" exposure --json "$tap_work/alone.txt"
ok 'a version without a server' is "$(ask reason,detail type=gap)" \
    'no-host neither it nor its folders name the host: --host'
ok 'status 3: nothing was answered' status_is 3
run "$tocsin" exposure --json --host EX05 "$tap_work/alone.txt"
ok 'which --host names' is "$(ask host,state type=exposure cve=$P)" 'EX05 fixed'
mkdir -p "$tap_work/copy/EX06/inetpub" && cp "$tap_work/alone.txt" "$tap_work/copy/EX06/inetpub/"
run "$tocsin" exposure --json "$tap_work/copy"
ok 'or the folder of a copy' is "$(ask host,state type=exposure cve=$P)" 'EX06 fixed'
printf 'AdminDisplayVersion : Version 15.1 (Build 2176.2)\n' >"$tap_work/directory.txt"
run "$tocsin" exposure --json --host EX05 "$tap_work/directory.txt"
ok 'but not of what the directory says: that may be any server' is "$(ask reason,detail type=gap)" \
    'no-host line 1: a version in the directory, of no named server'

# --- what Export-Csv writes ---

printf '#TYPE Microsoft.Exchange.Data.Directory.Management.ExchangeServer\r
"Name","Edition","AdminDisplayVersion"\r\n"EX01","Standard","Version 15.1 (Build 2176.2)"\r
"EX02","Enterprise","15.1.2176.9"\r\n' >"$tap_work/servers.csv"
printf '"PSComputerName","FileVersion","ProductName"\r\n"EX03","15.01.2176.009","Microsoft\302\256 Exchange"\r\n' \
    >"$tap_work/exsetup.csv"
run "$tocsin" exposure --json "$tap_work/servers.csv" "$tap_work/exsetup.csv"
ok 'CSV: an edition is no product, and ExSetup does not say which' is \
    "$(ask host,product,state,precision type=exposure cve=$P)" \
    'EX01 Exchange Server 2016 unknown cu
EX02 Exchange Server 2016 unknown cu
EX03 Exchange Server 2016 fixed su'

# --- Test-ProxyLogon ---

mkdir "$tap_work/script"
printf '#TYPE Selected.System.Management.Automation.PSCustomObject\r
"DateTime","RequestId","UrlStem","AnchorMailbox","HttpStatus"\r
"2021-03-03T04:05:06.789Z","a","/ecp/y.js","ServerInfo~a]@ex/ecp","200"\r
"2021-03-02T04:05:06.789Z","b","/ecp/y.js","ServerInfo~a]@ex/ecp","200"\r\n' >"$tap_work/script/EX01-Cve-2021-26855.csv"
for host in EX01 EX02; do
    printf '#TYPE System.Management.Automation.PSCustomObject\r
"OabGen","Ecp","EcpProxy"\r\n"29.6","1,029.6",""\r\n' >"$tap_work/script/$host-LogAgeDays.csv"
done
printf 'D:\\Logging\\ECP\\Server\\a.LOG\r\n' >"$tap_work/script/EX02-Cve-2021-27065.log"
run "$tocsin" exposure --json "$tap_work/script"
ok 'Test-ProxyLogon alone: no state is proven, for the four CVEs' is "$(ask host,cve,state type=exposure)" \
    'EX01 CVE-2021-26855 unknown
EX01 CVE-2021-26857 unknown
EX01 CVE-2021-26858 unknown
EX01 CVE-2021-27065 unknown
EX02 CVE-2021-26855 unknown
EX02 CVE-2021-26857 unknown
EX02 CVE-2021-26858 unknown
EX02 CVE-2021-27065 unknown'
ok 'what it found, and in how much' is \
    "$(ask because type=exposure host=EX01 cve=$P | sed "s|$tap_work/script/||g; s/.*; signs of an attack: /found: /")" \
    'found: rows of HttpProxy (2), by test-proxylogon (EX01-Cve-2021-26855.csv, 2021-03-02); signs of an attack were looked for: logs of 29.6 days (OabGen) to 1029.6 days (Ecp), none of EcpProxy, by test-proxylogon (EX01-LogAgeDays.csv, undated)'
ok 'how many hosts have signs' is "$(ask sign_hosts,gaps type=summary)" '2 0'
ok 'status 3: nothing was found open, and all is unknown' status_is 3
run "$tocsin" exposure --json --as-of 2021-03-01 "$tap_work/script/EX01-Cve-2021-26855.csv"
ok 'a sign of later is not told' is "$(ask sign_hosts type=summary)" 0
printf 'host,build,date\nEX01,15.1.2176.9,2021-03-08\nEX02.corp.example,15.1.2176.2,2021-03-08\n' >"$tap_work/known.csv"
run "$tocsin" exposure --json "$tap_work/script" "$tap_work/known.csv"
ok 'beside a build they change nothing' is "$(ask host,state,source type=exposure cve=$P)" \
    'EX01 fixed inventory
EX02.corp.example exposed inventory'
ok 'but are told' sh -c "grep '\"EX01\".*$P' $tap_work/out | grep -q 'signs of an attack: rows of HttpProxy (2)'"
run "$tocsin" exposure "$tap_work/script" "$tap_work/known.csv"
ok 'on the page as well' out_has '2 of them with signs of an attack that another tool found'

# --- formats ---

run "$tocsin" exposure --format nonsense "$tap_work/servers.xml"
ok 'an unknown format: status 2' status_is 2
formats=$(sed -n 's/.* none of //p' "$tap_work/err" | tr -d ',')
run "$tocsin" help exposure
for format in ${formats:-none}; do
    ok "help names $format" grep -q -w -e "$format" "$tap_work/out"
    ok "the reference describes $format" grep -q "^| [^|]*\`$format\`" docs/reference/exposure.md
done
tap_done

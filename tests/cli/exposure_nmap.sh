#!/bin/sh
# exposure on nmap's XML: as real nmap writes it of a server on loopback, and files made to mislead.
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

cat >"$tap_work/scan.xml" <<'XML'
<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE nmaprun>
<nmaprun scanner="nmap" start="1615201200" version="7.93" xmloutputversion="1.05">
<host starttime="1615201201"><address addr="192.0.2.1" addrtype="ipv4"/><address addr="00:11:22:33:44:55" addrtype="mac"/>
<hostnames><hostname name="mail1.example" type="user"/><hostname name="other.example" type="PTR"/></hostnames>
<ports><port protocol="tcp" portid="443"><state state="open"/><script id="ms-exchange-version" output="x">
<table key="15.1.2176.9"><elem key="product">Exchange Server 2016</elem><elem key="build">15.1.2176.9</elem></table></script></port></ports></host>
<host><address addr="192.0.2.2" addrtype="ipv4"/><ports><port protocol="tcp" portid="443"><script id="http-vuln" output="x">
<table key="CVE-2021-26855"><elem key="title">forged requests</elem><elem key="state">VULNERABLE</elem>
<table key="ids"><elem>CVE:CVE-2021-26855</elem></table></table></script></port></ports></host>
<host><address addr="192.0.2.3" addrtype="ipv4"/><ports><port protocol="tcp" portid="443"><script id="http-vuln" output="x">
<table key="NMAP-1"><elem key="state">NOT VULNERABLE</elem>
<table key="ids"><elem>CVE:CVE-2021-26855</elem></table></table></script></port></ports></host>
<host><address addr="192.0.2.4" addrtype="ipv4"/></host>
</nmaprun>
XML
run "$tocsin" exposure --json "$tap_work/scan.xml"
ok 'a build, a hole that was met, one that was not: it clears nobody' is \
    "$(ask host,product,build,state,seen type=exposure cve=$P)" \
    'mail1.example Exchange Server 2016 15.1.2176.9 fixed 2021-03-08T11:00:01Z
192.0.2.2 None None exposed 2021-03-08T11:00:00Z
192.0.2.3 None None unknown 2021-03-08T11:00:00Z'
ok 'of nothing else that was not looked at' is "$(ask cve type=exposure host=192.0.2.2)" "$P"
ok 'its build has to be found out' is "$(ask advice type=update host=192.0.2.2)" \
    'no source tells its build: find it out first'

python3 - "$tap_work" <<'PY'
import sys
text = open(sys.argv[1] + '/scan.xml').read()
open(sys.argv[1] + '/cut.xml', 'w').write(text[:text.index('192.0.2.3')])
bomb = '<!DOCTYPE nmaprun [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
open(sys.argv[1] + '/bomb.xml', 'w').write(text.replace('<!DOCTYPE nmaprun>', bomb))
open(sys.argv[1] + '/deep.xml', 'w').write(text[:text.index('</nmaprun>')].replace(
    '<elem key="product">', '<table key="15.1.2176.2">' * 5000 + '</table>' * 5000 + '<elem key="product">') + '</nmaprun>')
PY
run "$tocsin" exposure --json "$tap_work/cut.xml"
ok 'a file that was cut: what is whole is answered' is \
    "$(ask host,state type=exposure cve=$P; ask reason type=gap)" 'mail1.example fixed
192.0.2.2 exposed
cut'
run "$tocsin" exposure --json "$tap_work/bomb.xml"
ok 'entities are refused' is "$(ask reason,detail type=gap)" 'damaged line 2: it declares entities'
run "$tocsin" exposure --json "$tap_work/deep.xml"
ok 'tables in tables' is "$(ask host,state type=exposure cve=$P host=mail1.example)" 'mail1.example fixed'

if ! command -v nmap >/dev/null; then
    skip 'real nmap' 'no nmap'
else
    cat >"$tap_work/server.py" <<'PY'
import http.server
import sys
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header('X-OWA-Version', sys.argv[2])
        self.send_header('Content-Length', '2')
        self.end_headers()
        self.wfile.write(b'ok')
    def log_message(self, *args):
        pass
server = http.server.HTTPServer(('127.0.0.1', 0), Answer)
open(sys.argv[1], 'w').write(str(server.server_port))
server.serve_forever()
PY
    for build in 15.1.2176.2 15.1.2176.9; do
        rm -f "$tap_work/port"
        python3 "$tap_work/server.py" "$tap_work/port" "$build" &
        server=$!
        for _ in 1 2 3 4 5 6 7 8 9 10; do [ -s "$tap_work/port" ] && break; sleep 0.3; done
        nmap -Pn -n -p "$(cat "$tap_work/port")" --script ./tests/nmap/exchange-look.nse -oX "$tap_work/real-$build.xml" \
            127.0.0.1 >/dev/null 2>&1
        kill "$server"
    done
    run "$tocsin" exposure --json "$tap_work/real-15.1.2176.2.xml"
    ok 'real nmap: an open server' is "$(ask build,state,source type=exposure cve=$P)" '15.1.2176.2 exposed nmap'
    ok 'both layouts were read' sh -c "grep -q 'a scanner found it vulnerable' $tap_work/out"
    run "$tocsin" exposure --json "$tap_work/real-15.1.2176.9.xml"
    ok 'real nmap: a fixed one' is "$(ask build,state,source type=exposure cve=$P)" '15.1.2176.9 fixed nmap'
fi
tap_done

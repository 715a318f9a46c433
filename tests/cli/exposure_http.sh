#!/bin/sh
# exposure on saved answers of web servers: as real curl and wget write them of a server on loopback.
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
SEEN=2021-03-08T11:00:01Z

# saved FILE HEADER...: an answer with these headers; its body is standard input
saved() {
    file=$tap_work/$1
    shift
    { printf 'HTTP/1.1 200 OK\r\nDate: Mon, 08 Mar 2021 11:00:01 GMT\r\n'
      for header; do printf '%s\r\n' "$header"; done
      printf '\r\n'
      cat; } >"$file"
}

printf '' | saved ex01.txt 'X-OWA-Version: 15.1.2176.9'
printf '' | saved ex02.txt 'X-OWA-Version: 15.1.2176.2'
echo '<link href="/owa/auth/15.1.2176/themes/resources/favicon.ico">' | saved ex03.txt
echo '<link href="/owa/auth/15.1.2106/themes/resources/favicon.ico">' | saved ex04.txt
echo '<link href="/owa/auth/15.1.1415/themes/resources/favicon.ico">' | saved ex05.txt
echo '<link href="/owa/auth/15.1.2507/themes/resources/favicon.ico">' | saved ex06.txt
echo '<assemblyIdentity name="microsoft.exchange.ediscovery.exporttool.application" version="15.1.2176.9" />' |
    saved ex07.txt 'X-FEServer: EX07A'
printf '' | saved ex08.txt 'X-OWA-Version: 15.0.1497.12'
printf '' | saved sp1.txt 'MicrosoftSharePointTeamServices: 16.0.0.10417'
printf '' | saved sp2.txt 'MicrosoftSharePointTeamServices: 16.0.0.10300'
printf '' | saved sp3.txt 'MicrosoftSharePointTeamServices: 15.0.0.4701'
echo nothing | saved other.txt
run "$tocsin" exposure --json "$tap_work"/ex*.txt
ok 'a header and a manifest show the update, a path the cumulative update: it proves no fix' is \
    "$(ask host,build,precision,state,source,seen type=exposure cve=$P)" \
    "ex01 15.1.2176.9 su fixed http $SEEN
ex02 15.1.2176.2 su exposed http $SEEN
ex03 15.1.2176 cu unknown http $SEEN
ex04 15.1.2106 cu unknown http $SEEN
ex05 15.1.1415 cu unknown http $SEEN
ex06 15.1.2507 cu fixed http $SEEN
EX07A 15.1.2176.9 su fixed http $SEEN
ex08 15.0.1497.12 cu unknown http $SEEN"
run "$tocsin" exposure --json "$tap_work"/sp*.txt
ok 'SharePoint: what a farm shows proves what is lacking, no fix' is \
    "$(ask host,product,state type=exposure cve=CVE-2025-53770)" \
    'sp1 SharePoint Server 2019 unknown
sp2 SharePoint Server 2019 exposed'
ok 'and 2013 is not taken for Exchange' is "$(ask hosts,unknown_hosts type=summary)" '3 1'

run "$tocsin" exposure --json "$tap_work/other.txt"
ok 'no build: a gap, and a host of which nothing is known' is \
    "$(ask reason,detail type=gap; ask hosts,unknown_hosts type=summary)" \
    'no-build no answer tells one
1 1'
ok 'status 3' status_is 3
printf 'host,build\nother,15.1.2176.9\n' >"$tap_work/inventory.csv"
run "$tocsin" exposure --json "$tap_work/other.txt" "$tap_work/inventory.csv"
ok 'unless another source knows it' is "$(ask host,state type=exposure cve=$P; ask unknown_hosts type=summary)" \
    'other fixed
0'
run "$tocsin" exposure --json --host mail.example.org "$tap_work/ex07.txt"
ok '--host goes before all that is saved' is "$(ask host type=exposure cve=$P)" mail.example.org
cat "$tap_work/ex03.txt" "$tap_work/ex01.txt" >"$tap_work/both.txt"
run "$tocsin" exposure --json "$tap_work/both.txt"
ok 'the more exact answer of the day is the one that counts, and nothing was otherwise before' is \
    "$(ask host,precision,state,other_until type=exposure cve=$P)" 'both su fixed None'
gzip -c "$tap_work/ex01.txt" >"$tap_work/ex09.txt.gz"
run "$tocsin" exposure --json "$tap_work/ex09.txt.gz"
ok 'packed' is "$(ask host,state type=exposure cve=$P)" 'ex09 fixed'

# An archive as a browser exports it: two servers, and things that are neither.
python3 - "$tap_work" <<'PY'
import base64, json, sys
def entry(url, headers=(), text=None, packed=False):
    content = {'size': 0, 'mimeType': 'text/html'}
    if text is not None:
        content['text'] = base64.b64encode(text.encode()).decode() if packed else text
    if packed:
        content['encoding'] = 'base64'
    return {'_initiator': {'type': 'other'}, 'startedDateTime': '2021-03-08T12:00:01.250+01:00', 'time': 12.5,
            'request': {'method': 'GET', 'url': url, 'headers': [{'name': 'X-OWA-Version', 'value': '15.1.1.1'}]},
            'response': {'status': 200, 'headers': [{'name': k, 'value': v} for k, v in headers], 'content': content}}
har = {'log': {'version': '1.2', 'creator': {'name': 'WebInspector'}, 'pages': [{'id': 'page_1', 'title': 'x'}],
               'entries': [entry('https://mail.example.org/owa/', [('x-owa-version', '15.1.2176.9')], 'hello'),
                           entry('https://cdn.example.net/a.js', [], 'x'),
                           entry('https://old.example.org:8443/owa/', [], '<a href="/owa/auth/15.1.1415/a">', True)]}}
text = json.dumps(har, indent=2)
open(sys.argv[1] + '/browser.har', 'w').write(text)
open(sys.argv[1] + '/half.har', 'w').write(text[:text.index('old.example')])
PY
run "$tocsin" exposure --json "$tap_work/browser.har"
ok 'an archive' is "$(ask host,build,precision,source,seen type=exposure cve=$P; ask gaps type=summary)" \
    'mail.example.org 15.1.2176.9 su har 2021-03-08T11:00:01.250Z
old.example.org 15.1.1415 cu har 2021-03-08T11:00:01.250Z
0'
run "$tocsin" exposure --json "$tap_work/half.har"
ok 'half of one: what is whole is answered' is "$(ask host type=exposure cve=$P; ask reason type=gap)" \
    'mail.example.org
cut'

# A page of 200 MB: memory stays where it is.
{ printf 'HTTP/1.1 200 OK\r\n\r\n'; head -c 200000000 /dev/zero | tr '\0' x; printf '/owa/auth/15.1.2176/'; } \
    >"$tap_work/large.txt"
run "$tocsin" exposure --json "$tap_work/large.txt"
ok 'a page of 200 MB' is "$(ask host,state type=exposure cve=$P)" 'large unknown'
rm "$tap_work/large.txt"

cat >"$tap_work/server.py" <<'PY'
import http.server
import sys
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        first = self.path == '/owa/'
        body = b'moved' if first else b'<link href="/owa/auth/15.1.2176/x.ico">'
        self.send_response(302 if first else 200)
        if first:
            self.send_header('Location', '/owa/auth/logon.aspx')
            self.send_header('X-FEServer', 'EX01')
        self.send_header('X-OWA-Version', '15.1.2176.9')
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *args):
        pass
server = http.server.HTTPServer(('127.0.0.1', 0), Answer)
open(sys.argv[1], 'w').write(str(server.server_port))
server.serve_forever()
PY
python3 "$tap_work/server.py" "$tap_work/port" &
server=$!
for _ in 1 2 3 4 5 6 7 8 9 10; do [ -s "$tap_work/port" ] && break; sleep 0.3; done
at=http://127.0.0.1:$(cat "$tap_work/port")/owa/
# by_tool TOOL HOST FILE
by_tool() {
    run "$tocsin" exposure --json "$tap_work/$3"
    ok "real $1" is "$(ask host,build,precision,source type=exposure cve=$P; ask reason type=gap)" "$2 15.1.2176.9 su http"
}
if command -v curl >/dev/null; then
    curl -s -i "$at" >"$tap_work/c1.txt"
    by_tool 'curl -i' EX01 c1.txt
    curl -s -i -L "$at" >"$tap_work/c2.txt"
    by_tool 'curl -i -L' EX01 c2.txt
    curl -s -D - -o /dev/null "$at" >"$tap_work/c3.txt"
    by_tool 'curl -D -' EX01 c3.txt
    curl -v -L "$at" >"$tap_work/c4.txt" 2>&1
    by_tool 'curl -v' 127.0.0.1 c4.txt
    curl -s -i "$at" "$at" "${at}x" >"$tap_work/c5.txt"
    by_tool 'curl -i of several addresses' EX01 c5.txt
else
    skip 'real curl' 'no curl'
fi
if command -v wget >/dev/null; then
    wget -S -O "$tap_work/page" "$at" >"$tap_work/w1.txt" 2>&1
    by_tool 'wget -S' 127.0.0.1 w1.txt
    wget -S -O - "$at" >"$tap_work/w2.txt" 2>&1
    by_tool 'wget -S -O -' 127.0.0.1 w2.txt
    wget -q --save-headers -O "$tap_work/w3.txt" "$at"
    by_tool 'wget --save-headers' w3 w3.txt
else
    skip 'real wget' 'no wget'
fi
kill "$server"
tap_done

#!/bin/sh
# watch --channels: an alert stays open at Alertmanager while its episode goes on, and is closed when it is dealt with.
set -u
tocsin=$1
. tests/tap.sh
w=$tap_work
is() { [ "$1" = "$2" ] || { printf 'got\n%s\nwanted\n%s\n' "$1" "$2"; return 1; }; }
python3 -c '
import http.server, sys
class Take(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        with open(sys.argv[1] + "/got", "ab") as f:
            f.write(self.rfile.read(int(self.headers["Content-Length"])) + b"\n")
        self.send_response(200)
        self.end_headers()
    def log_message(self, *rest):
        pass
server = http.server.HTTPServer(("127.0.0.1", 0), Take)
with open(sys.argv[1] + "/port.new", "w") as f:
    f.write(str(server.server_port))
import os
os.rename(sys.argv[1] + "/port.new", sys.argv[1] + "/port")
server.serve_forever()' "$w" &
server=$!
trap 'kill $server 2>/dev/null' EXIT
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do [ -e "$w/port" ] || sleep 0.2; done
printf 'channels:\n- {type: alertmanager, url: "http://127.0.0.1:%s"}\n' "$(cat "$w/port")" >"$w/channels.yaml"
# Of the event's subjects: whether each ends later or now.
ends() { python3 -c '
import datetime as dt, json, os, sys
now = dt.datetime.now(dt.timezone.utc)
for o in (o for line in open(sys.argv[1]) for o in json.loads(line)) if os.path.exists(sys.argv[1]) else ():
    end = dt.datetime.fromisoformat(o["endsAt"][:19] + "+00:00")
    if o["labels"]["subject"] == "Zimbra":
        print("open" if end > now + dt.timedelta(days=1) else "closed")' "$w/got"; }
watch() { run "$tocsin" watch --json --state "$w/s.db" --channels "$w/channels.yaml" --spool "$w/spool" "$@"; }

python3 tests/gen/chatter_event.py --until 2021-05-04 >"$w/posts.jsonl"
watch "$w/posts.jsonl"
ok 'an alert is sent as open' is "$(ends)" open
id=$(python3 -c '
import json, sys
print(*(o["id"] for o in map(json.loads, open(sys.argv[1])) if o["type"] == "alert" and o["subject"] == "Zimbra"))' "$w/out")
watch "$w/posts.jsonl"
ok 'it is open, and was sent within the hour: nothing' is "$(ends)" open
run "$tocsin" watch --state "$w/s.db" --ack "$id"
watch "$w/posts.jsonl"
ok 'acknowledged: it is closed' is "$(ends)" 'open
closed'
watch "$w/posts.jsonl"
ok '... once' is "$(ends)" 'open
closed'
rm "$w/got" "$w/s.db"
watch --about Zimbra "$w/posts.jsonl"
ok 'another state: open' is "$(ends)" open
python3 tests/gen/chatter_event.py | sed 's/2021-05-\(0[4-9]\|1[0-9]\)T/2021-06-\1T/; s/Zimbra/Jenkins/' >"$w/quiet.jsonl"
watch --about Zimbra "$w/quiet.jsonl"
ok 'a month without it: closed' is "$(ends)" 'open
closed'
rm "$w/got"
run "$tocsin" watch --json --channels "$w/channels.yaml" --spool "$w/other" "$w/posts.jsonl"
run "$tocsin" watch --json --channels "$w/channels.yaml" --spool "$w/other" /dev/null
ok 'without a state: sent once, to end by itself' is "$(ends) $(find "$w/other" -type f ! -name '.*' | wc -l)" 'open 0'
tap_done

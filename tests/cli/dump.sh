#!/bin/sh
# dump: JSON and XML of event logs, damage, carving, inputs of every kind, statuses.
set -u
tocsin=$1
make_evtx=$2
. tests/tap.sh

for kind in whole damaged slack cut; do
    "$make_evtx" $kind >"$tap_work/$kind.evtx"
done
is() { [ "$1" = "$2" ] || { printf 'got\n%s\nwanted\n%s\n' "$1" "$2"; return 1; }; }
ids() { python3 -c '
import json, sys
print(*[str(e["Event"]["System"]["EventID"]) + ("*" if e.get("carved") else "")
        for e in map(json.loads, open(sys.argv[1]))])' "$tap_work/out"; }

run "$tocsin" dump "$tap_work/whole.evtx"
ok 'status 0: all was read' status_is 0
ok 'every record, in order' is "$(ids)" '4624 4625 4634'
ok 'JSON, with nothing that a terminal obeys' is "$(head -1 "$tap_work/out")" '{"Event":{"#attributes":{"xmlns":"http://schemas.microsoft.com/win/2004/08/events/event"},"System":{"Provider":{"#attributes":{"Name":"Made-By-Hand"}},"EventID":4624,"Keywords":"0x8020000000000000","TimeCreated":{"#attributes":{"SystemTime":"2021-01-01T00:00:01.0000000Z"}},"EventRecordID":1,"Channel":"Sec","Computer":"PC","Security":null},"EventData":{"d0":"\u001b\u003c&\"\n\u202e","d1":""}}}'

run "$tocsin" dump --xml "$tap_work/whole.evtx"
ok 'XML: a record a line' is "$(sed -n 2p "$tap_work/out")" '<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System><Provider Name="Made-By-Hand"/><EventID>4625</EventID><Keywords>0x8020000000000000</Keywords><TimeCreated SystemTime="2021-01-01T00:00:02.0000000Z"/><EventRecordID>2</EventRecordID><Channel>Sec</Channel><Computer>PC</Computer><Security/></System><EventData><Data Name="d0">�&lt;&amp;&quot;&#10;&#8238;</Data><Data Name="d1"></Data></EventData></Event>'

run "$tocsin" dump "$tap_work/damaged.evtx"
ok 'status 3: a record could not be read' status_is 3
ok 'all others are there' is "$(ids)" '4624 4634'
ok 'the record is named with its place' err_has 'more values than the record holds'
ok 'and the sum that is wrong' err_has "crc: the chunk's records"

run "$tocsin" dump "$tap_work/cut.evtx"
ok 'a file that was cut: status 3' status_is 3
ok 'what is whole is told' is "$(ids)" '4624 4625'

run "$tocsin" dump "$tap_work/slack.evtx"
ok 'what the log no longer counts is not told' is "$(ids)" '4624 4625 4634'
run "$tocsin" dump --carve "$tap_work/slack.evtx"
ok 'carving: it is, and marked' is "$(ids)" '4624 4625 4634 1102*'
ok 'with status 0' status_is 0
run "$tocsin" dump --carve --xml "$tap_work/slack.evtx"
ok 'in XML, too' out_has '<!-- carved --><Event '

"$make_evtx" holes >"$tap_work/holes.evtx"
run "$tocsin" dump "$tap_work/holes.evtx"
ok 'record numbers that are missing: status 3' status_is 3
ok 'and said' err_has 'records-missing: 6 record numbers between 1 and 9 are not there'
ok 'all records are printed' is "$(ids)" '4624 4625 4634'
"$make_evtx" two_copy >"$tap_work/copy.evtx"
run "$tocsin" dump "$tap_work/copy.evtx"
ok 'so are numbers that are met twice' err_has 'records-twice: 3 records'
"$make_evtx" clock >"$tap_work/clock.evtx"
run "$tocsin" dump "$tap_work/clock.evtx"
ok 'a clock that went back is no damage' status_is 0

gzip -c "$tap_work/whole.evtx" >"$tap_work/whole.evtx.gz"
run "$tocsin" dump "$tap_work/whole.evtx.gz"
ok 'packed files are unpacked' is "$(ids)" '4624 4625 4634'
status=0
"$tocsin" dump - <"$tap_work/whole.evtx" >"$tap_work/out" 2>"$tap_work/err" || status=$?
ok 'standard input' is "$status $(ids)" '0 4624 4625 4634'

echo 'not an event log' >"$tap_work/text"
run "$tocsin" dump "$tap_work/text"
ok 'another file: status 3' status_is 3
ok 'and said' err_has 'this is no Windows event log'
run "$tocsin" dump "$tap_work/none"
ok 'no such file: status 74' status_is 74
run "$tocsin" dump
ok 'no file: wrong command line' status_is 2
if [ -e /dev/full ]; then
    status=0
    "$tocsin" dump "$tap_work/whole.evtx" >/dev/full 2>"$tap_work/err" || status=$?
    ok 'a full disk is an error' is "$status" 74
fi

tap_done

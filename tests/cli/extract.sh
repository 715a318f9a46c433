#!/bin/sh
# extract: text and JSON, inputs of every kind, statuses, hostile files.
set -u
tocsin=$1
. tests/tap.sh

cat >"$tap_work/report.txt" <<'TEXT'
The actor used CVE-2021-26855 and CVE-2021-26855/27065 (T1190) from 198.51.100.7,
then fetched hxxp://evil[.]example/a.php and dropped C:\Windows\Temp\x.dll.
Write to user[@]example[.]com.
TEXT
lines_of() { python3 -c '
import json, sys
raw = open(sys.argv[2], "rb").read()
for line in open(sys.argv[1]):
    item = json.loads(line)
    if item["type"] in ("subject", "indicator"):
        text = item["text"].encode()
        place = "" if raw[item["offset"]:][:len(text)] == text else " WRONG OFFSET"
        print(item["type"], item["kind"], item["value"] + place)
' "$tap_work/out" "$1"; }
key() { python3 -c '
import json, sys
for line in open(sys.argv[1]):
    item = json.loads(line)
    if item["type"] == sys.argv[2]:
        print(json.dumps(item[sys.argv[3]]))
' "$tap_work/out" "$1" "$2"; }
is() { [ "$1" = "$2" ] || { printf 'got\n%s\nwanted\n%s\n' "$1" "$2"; return 1; }; }

run "$tocsin" extract --json "$tap_work/report.txt"
ok 'status 0: all was read' status_is 0
ok 'every occurrence, in order, at its place' is "$(lines_of "$tap_work/report.txt")" 'subject cve CVE-2021-26855
subject cve CVE-2021-26855
subject cve CVE-2021-27065
subject technique T1190
indicator ipv4 198.51.100.7
indicator url http://evil.example/a.php
indicator path C:\Windows\Temp\x.dll
indicator email user@example.com'
ok 'the host of a URL stands beside it' out_has '"host":"evil.example"'
ok 'the file is named' out_has '/report.txt"'
ok 'the last line is the summary' sh -c "tail -n 1 '$tap_work/out' | grep -q '\"type\":\"summary\",\"verb\":\"extract\",\"records\":8'"

run "$tocsin" extract "$tap_work/report.txt"
ok 'text: a heading by kind' out_has 'cve'
ok 'text: equal values are counted' out_has '      2  CVE-2021-26855'
ok 'text: values are plain' out_has '      1  http://evil.example/a.php'
ok 'text: the sum' out_has '8 found, 7 different'
ok 'text: no blank line before the first heading' sh -c "head -n 1 '$tap_work/out' | grep -q ."
ok 'text: one before each other part' sh -c "[ \$(grep -c '^$' '$tap_work/out') -eq \$(grep -c '^[a-z]' '$tap_work/out') ]"
printf 'nothing\n' >"$tap_work/nothing.txt"
run "$tocsin" extract "$tap_work/nothing.txt"
ok 'text: nothing found is one line' sh -c "[ \$(wc -l <'$tap_work/out') -eq 1 ]"

# --- inputs ---
gzip -c "$tap_work/report.txt" >"$tap_work/report.gz"
run "$tocsin" extract "$tap_work/report.gz" "$tap_work/report.txt"
ok 'gzip, and several files' out_has '16 found, 7 different'
if command -v zstd >/dev/null; then
    zstd -q -c "$tap_work/report.txt" >"$tap_work/report.zst"
    run "$tocsin" extract "$tap_work/report.zst"
    ok 'zstd' out_has '8 found, 7 different'
fi
status=0
"$tocsin" extract - <"$tap_work/report.txt" >"$tap_work/out" 2>"$tap_work/err" || status=$?
ok 'standard input' out_has '8 found'
status=0
cat "$tap_work/report.txt" | "$tocsin" extract --json - >"$tap_work/out" 2>"$tap_work/err" || status=$?
ok 'a pipe' is "$(key summary records)" 8
run "$tocsin" extract "$tap_work"
ok 'a folder: all files below it' out_has '7 different'

printf '{"text":"seen\\nCVE-2021-26855 C:\\\\Temp\\\\x.exe\\nmore"}\n' >"$tap_work/posts.jsonl"
run "$tocsin" extract "$tap_work/posts.jsonl"
ok 'JSON: a line break in a string is one' out_has '1  CVE-2021-26855'
ok 'JSON: doubled backslashes are one' out_has '1  C:\Temp\x.exe'

# --- statuses ---
run "$tocsin" extract
ok 'no operand: usage' status_is 2
run "$tocsin" extract --no-such-option x
ok 'an unknown option: usage' status_is 2
run "$tocsin" extract "$tap_work/absent"
ok 'a missing file' status_is 74
ok 'is named' err_has absent
head -c 150 "$tap_work/report.gz" >"$tap_work/cut.gz"
run "$tocsin" extract --json "$tap_work/cut.gz"
ok 'a cut archive is incomplete' status_is 3
ok 'and a gap' is "$(key gap reason)" '"damaged"'
ok 'what came before the damage is told' sh -c "grep -q CVE-2021-26855 '$tap_work/out'"
: >"$tap_work/empty"
run "$tocsin" extract "$tap_work/empty"
ok 'an empty file holds nothing' status_is 0
if [ -w /dev/full ]; then
    status=0
    "$tocsin" extract --json "$tap_work/report.txt" >/dev/full 2>"$tap_work/err" || status=$?
    ok 'a full disk' status_is 74
fi

# An input that does not end: the first Ctrl-C ends the run, and its worker.
python3 -c '
import signal, subprocess, sys, time
p = subprocess.Popen([sys.argv[1], "extract", "--json", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
time.sleep(1)
p.send_signal(signal.SIGINT)
out = p.stdout.read()
sys.exit(p.wait() != 130 or b"summary" not in out)
' "$tocsin" &
interrupted=$!
ok 'Ctrl-C: status 130, with the summary' wait "$interrupted"

# --- hostile ---
printf 'hxxp://a[.]example/\033]0;x\007\302\233 C:\\a\342\200\256\\b.exe \377\376 m\320\260il.example\n' >"$tap_work/hostile"
run "$tocsin" extract "$tap_work/hostile"
ok 'no control byte comes out' sh -c "! LC_ALL=C grep -q '[[:cntrl:]]' '$tap_work/out' || ! LC_ALL=C tr -d '\n' <'$tap_work/out' | LC_ALL=C grep -q '[[:cntrl:]]'"
ok 'look-alike letters are told' out_has 'mail.example  (spelled with look-alike letters)'
run "$tocsin" extract --json "$tap_work/hostile"
ok 'JSON of hostile bytes is JSON' python3 -c 'import json, sys; [json.loads(line) for line in open(sys.argv[1])]' "$tap_work/out"
python3 -c 'import sys; sys.stdout.write("A" * 30000000 + " CVE-2021-26855")' >"$tap_work/long"
run timeout 60 "$tocsin" extract --json "$tap_work/long"
ok 'a word of 30 MB is passed over' is "$(key subject offset)" 30000001
tap_done

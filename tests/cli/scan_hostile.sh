#!/bin/sh
# Bad input: whatever stands in a file or folder, the scan ends by itself, finds what is beside the
# damage, and names what it could not read. TOCSIN_SLOW=1 makes the large inputs as large as promised.
set -u
tocsin=$1
. tests/tap.sh
make="python3 tests/hostile/make.py"
# A build with sanitizers has a memory and a speed of its own.
# size SMALL LARGE
size() { if [ -n "${TOCSIN_SLOW-}" ]; then echo "$2"; else echo "$1"; fi; }
sanitized=
grep -q __asan_init "$tocsin" && sanitized=1

# scan ARGUMENT...: the answer as JSON Lines is left in the file out
scan() { run "$tocsin" scan --json "$@"; }
# says EXPRESSION...: see tests/hostile/check.py
says() { python3 tests/hostile/check.py "$tap_work/out" "$@"; }
# found: ended as a scan that found something
found() { ok "$1: ends with what was found" status_is 1; }
generate() {
    mkdir -p "$tap_work/in"
    file=$tap_work/in/$1.log
    shift
    # shellcheck disable=SC2086,SC2068 # a command of two words
    $make $@ >"$file"
}
digest() { (cd "$1" && find . -name 'w*' -prune -o -type f -exec sha256sum {} + -exec stat -c '%n %s %Y %y %a' {} + | sort); }

# --- files that are cut off ---
generate whole log 2000 100
ok 'cut off at 92 places, plain, gz, xz, zst: all that is before the cut is found' \
    python3 tests/hostile/cut.py "$tocsin" "$file" "$tap_work/cut"

# --- lines and columns ---
generate lines long_lines 0.9 1 3
scan "$file"
found 'long lines'
ok 'long lines: the rows around them are found' says 'attacks == 4' 'len(findings) == 4'
ok 'long lines: each one is a gap with its place' says \
    'len(gaps) == 1' 'gaps[0]["reason"] == "line-too-long" and gaps[0]["offset"] > 1.9e6'
for what in 'alone 0 3' 'middle 2 1' 'nul 2 1' 'mixed 2 1'; do
    # shellcheck disable=SC2086 # three words
    set -- $what
    generate "junk-$1" junk "$1"
    scan "$file"
    ok "junk ($1): the exit status tells" status_is "$3"
    ok "junk ($1): the rows around it are found" says "attacks == $2"
done
ok 'junk between rows is counted as not parsed' says 'coverage[0]["unparsed"] > 0'
generate columns columns 100000
scan "$file"
found '100,000 columns'
ok '100,000 columns: the row behind them is found' says 'attacks == 1'
generate headers headers "$(size 20000 300000)"
scan "$file"
found 'columns that change on every row'
ok 'columns that change on every row: the rows around are found' says 'attacks == 2'
generate hours hours 100000 down
cp "$tap_work/in/whole.log" "$tap_work/in/behind.log"
scan -j 1 "$file" "$tap_work/in/behind.log"
found '100,000 hours'
ok '100,000 hours, the last one first: no worker dies of it' says '"worker-died" not in reasons' \
    'attacks == 21'
generate far far
scan "$file"
found 'the ends of the calendar'
ok 'the ends of the calendar: the usual row is found' says 'attacks >= 1'
generate bombed window
scan "$file"
ok 'a zstd window of 2 GiB is refused' says '"damaged" in reasons' 'gap("damaged")["detail"].find("memory") > 0'
ok 'a zstd window of 2 GiB: incomplete' status_is 3

# --- rules ---
for kind in flow condition regex; do
    $make brackets $kind >"$tap_work/rule.yml"
    scan --rules "$tap_work/rule.yml" "$tap_work/in/whole.log"
    found "200,000 brackets ($kind)"
    ok "200,000 brackets ($kind): the rule is named with its line" err_has 'rule.yml:'
    ok "200,000 brackets ($kind): all else is found" says 'attacks == 20'
done
$make regexes >"$tap_work/rule.yml"
generate slow slow 20
seconds=6
[ -n "$sanitized" ] && seconds=60
start=$(date +%s)
scan --rules "$tap_work/rule.yml" "$file"
took=$(($(date +%s) - start))
found 'catastrophic regexes'
ok 'catastrophic regexes on 64 KB: over in seconds' test "$took" -lt "$seconds"
ok 'catastrophic regexes: told with file and place, the rest is found' says 'attacks == 1' \
    'gap("regex-limit", "slow.log")["offset"] > 0'

# --- folders ---
$make tree "$tap_work/tree"
chmod 755 "$tap_work"
digest "$tap_work/tree" >"$tap_work/before"
scan "$tap_work/tree"
found 'a tree of traps'
ok 'a tree of traps: every readable log is found' says 'attacks == 10'
odd() { # odd PATH REASON DETAIL
    ok "a tree of traps: $1 is named as $3" says "gap('$2', 'tree/$1')['detail'] == '$3'"
}
odd pipe not-examined 'named pipe'
odd sock not-examined socket
for link in out inside sub/loop self; do odd "$link" not-examined 'symbolic link'; done
odd deep unreadable 'folders nested too deep'
odd wide unreadable unreadable
if [ -c "$tap_work/tree/null" ]; then
    ok 'a tree of traps: a device is named' says "gap('not-examined', 'tree/null')['detail'] == 'device'"
else
    skip 'a tree of traps: a device is named' 'devices are made by root'
fi
ok 'nothing of another folder was read' sh -c "! grep -q root: '$tap_work/out'"
digest "$tap_work/tree" >"$tap_work/after"
ok 'contents and times of the evidence are as before' cmp "$tap_work/before" "$tap_work/after"

mkdir "$tap_work/shut"
cp "$tap_work/in/whole.log" "$tap_work/shut/open.log"
cp "$tap_work/in/whole.log" "$tap_work/shut/shut.log"
mkdir "$tap_work/shut/room"
cp "$tap_work/in/whole.log" "$tap_work/shut/room/a.log"
chmod 0 "$tap_work/shut/shut.log" "$tap_work/shut/room"
if [ "$(id -u)" -ne 0 ]; then
    scan "$tap_work/shut"
elif command -v setpriv >/dev/null; then
    cp "$tocsin" "$tap_work/tocsin"
    run setpriv --reuid 65534 --regid 65534 --clear-groups "$tap_work/tocsin" scan --json "$tap_work/shut"
else
    status=-1
fi
if [ "$status" -ge 0 ]; then
    found 'unreadable'
    ok 'unreadable file and folder are named, the rest is found' says 'attacks == 20' \
        'gap("unreadable", "shut.log")' 'gap("unreadable", "room")["detail"] == "unreadable folder"'
else
    skip 'unreadable' 'neither a user without rights nor setpriv'
    skip 'unreadable file and folder are named, the rest is found' 'neither a user without rights nor setpriv'
fi
chmod 755 "$tap_work/shut/room"

mkdir "$tap_work/nolog"
echo hello >"$tap_work/nolog/readme.txt"
scan "$tap_work/nolog"
ok 'a folder without any log: incomplete' status_is 3
ok 'a folder without any log: said so' says 'gap("not-examined")' 'summary["records"] == 0' \
    'verdicts[0]["verdict"] == "not-enough-evidence"'
mkdir "$tap_work/bare"
scan "$tap_work/bare"
ok 'an empty folder: incomplete' status_is 3
: >"$tap_work/empty.log"
scan "$tap_work/empty.log"
ok 'an empty file: incomplete' status_is 3
ok 'an empty file: said so' says 'gap("not-examined", "empty.log")["detail"] == "empty"'
run "$tocsin" scan "$tap_work/empty.log"
ok 'an empty file: not "all that was given was read"' sh -c "! grep -q 'all that was given' '$tap_work/out'"
mkdir "$tap_work/beside"
cp "$tap_work/in/whole.log" "$tap_work/beside/"
: >"$tap_work/beside/u_ex210304.log"
scan "$tap_work/beside"
ok 'an empty file beside a log: said so' says 'gap("not-examined", "u_ex210304.log")["detail"] == "empty"' \
    'summary["records"] == 2000'
mkdir "$tap_work/one"
cp "$tap_work/in/whole.log" "$tap_work/one/"
scan "$tap_work/one/whole.log" "$tap_work/one/whole.log" "$tap_work/one/../one/whole.log" "$tap_work/one"
ok 'the same file by four paths is counted once' says 'attacks == 20' 'summary["records"] == 2000'
scan -- "$tap_work/absent" "$tap_work/in/whole.log"
ok 'a missing input is an input error' status_is 74
ok 'a missing input is named' err_has "$tap_work/absent"
ok 'a missing input: nothing on standard output' out_empty

# --- standard input ---
pipe() { # pipe COMMAND: its output is scanned
    status=0
    sh -c "$1" | "$tocsin" scan --json - >"$tap_work/out" 2>"$tap_work/err" || status=$?
}
whole=$tap_work/in/whole.log
pipe "cat '$whole'"
ok 'standard input is read' says 'attacks == 20' 'findings[0]["file"] == "-"'
pipe "gzip -c '$whole'"
ok 'gzip on standard input is unpacked' says 'attacks == 20'
pipe "head -c 50000 '$whole'; sleep 1; tail -c +50001 '$whole'"
ok 'a slow pipe is read to its end' says 'attacks == 20'
pipe "gzip -c '$whole' | head -c 3000"
ok 'a cut pipe is a gap' says '"damaged" in reasons' 'attacks > 0'
pipe :
ok 'an empty pipe: incomplete' status_is 3
ok 'an empty pipe: said so' says 'gap("not-examined", "-")["detail"] == "empty"'

# --- output is text, whatever the logs say ---
generate terminal terminal
mkdir "$tap_work/names"
cp "$file" "$tap_work/names/u_ex.log"
cp "$tap_work/tree/"*.log "$tap_work/names/"
for format in text json csv timesketch ecs; do
    option=--$format
    [ $format = text ] && option=--quiet
    run "$tocsin" scan "$option" "$tap_work/names"
    ok "$format: bytes that mean something to a terminal stay out" \
        python3 tests/hostile/bytes.py $format "$tap_work/out"
    ok "$format: the same for messages" python3 tests/hostile/bytes.py text "$tap_work/err"
done

# --- bombs and floods ---
limit=300
[ -n "$sanitized" ] && limit=4096
# within WHAT SECONDS EXPRESSION... < input in $file
within() {
    what=$1 seconds=$2
    shift 2
    ok "$what: ends in time, within $limit MiB" sh -c 'python3 tests/hostile/peak.py --max-mib "$1" \
        --max-seconds "$2" --out "$3" "$4" scan --json "$5" 2>&1; [ $? -eq 1 ]' - \
        $limit "$seconds" "$tap_work/out" "$tocsin" "$file"
    ok "$what: answers" says "$@"
    rm -f "$file"
}
gib=$(size 2 10)
for kind in gz xz zst; do
    generate bomb-$kind bomb $kind $gib
    within "a bomb of $gib GiB ($kind)" 60 'attacks == 1' 'gap("limit") or gap("line-too-long")'
done
generate bomb-low bomb gz-low "$(size 0.1 2)"
within 'a log that packs well' 60 'attacks == 1' 'not gaps or reasons == {"silent"}'
generate big big "$(size 120 600)" 200000
within 'a large log' 60 'attacks > 0' 'summary["bytes"] > 1e8'
for kind in client agent host; do
    generate flood-$kind flood "$(size 60000 2000000)" $kind
    within "a flood of rows ($kind)" 60 "attacks == $(size 60000 2000000)" 'len(findings) < 70000'
done
tap_done

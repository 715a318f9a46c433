#!/bin/sh
# Evidence stays as it is, to the last time stamp; and what is no file, or changes while it is read,
# costs nothing but itself.
set -u
tocsin=$1
. tests/tap.sh
says() { python3 tests/hostile/check.py "$tap_work/out" "$@"; }
scan() { run timeout 120 "$tocsin" scan --json "$@"; }
# Contents, and all that stat tells but when it was read last.
state() { (cd "$1" && find . -type f -exec sha256sum {} + && find . -printf '%p %y %i %n %s %T@ %C@ %m %U %G %l\n') | sort; }

made=$tap_work/made
python3 tests/gen/collection.py "$made" || exit 1
python3 tests/hostile/scan_archives.py whole "$made/a.zip"
python3 tests/hostile/scan_archives.py cut "$made/b.tgz"
chmod 440 "$made/a.zip"
state "$made" >"$tap_work/before"
for how in --json --csv --ecs --timesketch; do
    run "$tocsin" scan $how --carve --full -o "$tap_work/answer" "$made"
    ok "scan $how: found" status_is 1
done
run "$tocsin" scan --case "$tap_work/c.case" "$made"
state "$made" >"$tap_work/after"
ok 'bytes and times of all evidence are as before' cmp "$tap_work/before" "$tap_work/after"
ok 'there is a lot of it' test "$(wc -l <"$tap_work/before")" -gt 150

# --- what is no file ---
odd=$tap_work/odd
mkdir -p "$odd/a/b"
python3 tests/hostile/make.py log 2000 100 >"$odd/u_ex210301.log"
mkfifo "$odd/pipe" "$odd/EX01.zip"
ln -s .. "$odd/a/up"
ln -s ../a "$odd/a/b/round"
ln -s self "$odd/self"
ln -s /nowhere "$odd/dangling.zip"
ln -s "$made/a.zip" "$odd/link.zip"
python3 -c 'import socket, os, sys; os.chdir(sys.argv[1]); socket.socket(socket.AF_UNIX).bind("sock.7z")' "$odd"
if mknod "$odd/zero.tar" c 1 5 2>/dev/null; then device=1; else device=; fi
state "$odd" >"$tap_work/before"
scan "$odd"
ok 'pipes, sockets, links in circles: what is beside them is found' says 'attacks == 20'
for file in pipe EX01.zip up round self dangling.zip link.zip sock.7z; do
    ok "$file is named" says "gap('not-examined', '$file')"
done
if [ "$device" ]; then
    ok 'a device is named' says "gap('not-examined', 'zero.tar')['detail'] == 'device'"
else
    skip 'a device is named' 'devices are made by root'
fi
state "$odd" >"$tap_work/after"
ok 'they are as before' cmp "$tap_work/before" "$tap_work/after"

# --- what changes under the eyes of the scan ---
# shake COMMAND: again and again in the background, in the folder of changing evidence, until it is gone
busy=$tap_work/busy
shake() {
    mkdir "$busy"
    python3 tests/hostile/make.py log 2000 100 >"$busy/u_ex210301.log"
    python3 tests/hostile/make.py big 30 200000 >"$busy/big.log"
    cp "$made/kape/EX01.zip" "$busy/EX01.zip"
    python3 tests/hostile/scan_archives.py whole_tar "$busy/b.tgz"
    (cd "$busy" && while [ -e u_ex210301.log ]; do eval "$1"; done) >"$tap_work/shaken" 2>&1 &
    shaker=$!
}
still() {
    rm "$busy/u_ex210301.log"
    wait $shaker
    rm -rf "$busy"
}
for how in 'grown;printf "2021-03-09 00:00:00 junk\n" >>big.log; printf x >>EX01.zip; printf x >>b.tgz' \
    'cut short;truncate -s 1000 EX01.zip big.log b.tgz; cp ../made/kape/EX01.zip EX01.zip; cp ../made/a.zip big.log' \
    'renamed;mv EX01.zip x; mv x EX01.zip; mv b.tgz y; mv y b.tgz; mv big.log z; mv z big.log' \
    'exchanged;rm -f EX01.zip; mkfifo EX01.zip; rm EX01.zip; ln -s /dev/zero EX01.zip; rm EX01.zip; cp ../made/a.zip EX01.zip' \
    'gone;rm -f EX01.zip b.tgz; cp ../made/kape/EX01.zip .; cp ../made/b.tgz .'; do
    what=${how%%;*}
    worst=0
    shake "${how#*;}"
    lost=0
    for turn in 1 2 3 4; do
        scan "$busy"
        case $status in 1) ;; *) worst=$status ;; esac
        says 'attacks >= 20' >"$tap_work/said" 2>&1 || lost=$turn
    done
    still
    ok "files that are $what: every scan ends as usual" test $worst -eq 0
    ok "files that are $what: what keeps still is found" sh -c "[ $lost -eq 0 ] || { cat '$tap_work/said'; exit 1; }"
done
tap_done

#!/bin/sh
# Archives and collections: what is listed in them, and that those made to do harm end by themselves,
# within 30 s and 256 MiB, with what was not looked at named.
set -u
list=$2
. tests/tap.sh
make="python3 tests/hostile/archives.py"
sanitized=
grep -q __asan_init "$list" && sanitized=1
bounds="--max-mib 256 --max-seconds 30"
[ -z "$sanitized" ] || bounds="--max-seconds 120"

# lists ARGUMENT...: within the bounds; the list is left in the file out
lists() {
    # shellcheck disable=SC2086 # a list of words
    run python3 tests/hostile/peak.py $bounds --out "$tap_work/listed" "$list" "$@"
    cp "$tap_work/listed" "$tap_work/out"
}
lines() { [ "$(wc -l <"$tap_work/out")" -eq "$1" ] || { wc -l "$tap_work/out"; head -n 20 "$tap_work/out"; return 1; }; }
counts() { [ "$(grep -c -e "$2" "$tap_work/out")" -eq "$1" ] || { grep -c -e "$2" "$tap_work/out"; head -n 20 "$tap_work/out"; return 1; }; }
hostile() {
    $make "$1" >"$tap_work/in" 2>/dev/null
    shift
    lists "$@" "$tap_work/in"
}

hostile crowd --read
ok 'ten thousand odd names: all are listed and read, in bounds' status_is 0
ok 'ten thousand odd names: each of them is there' lines 10002
ok 'ten thousand odd names: twins are marked' counts 999 ' twin'
ok 'ten thousand odd names: a NUL and what is behind it are shown' counts 1000 'nul.*[0-9]\.log'
ok 'ten thousand odd names: their bytes are read' out_has 'read 88890 bytes'
rm -f "$tap_work/in"

# Of a zip the listing unpacks nothing: the sweep meets the end of a bomb in it.
hostile bomb --read
ok 'a bomb in a zip: it ends, in bounds' status_is 0
ok 'a bomb in a zip: it and what is behind it are listed' counts 2 '/\(bomb\|after\).log'
ok 'a bomb in a zip: no more of it is unpacked than may be' counts 1 '^read 21[0-9]* bytes'
for kind in bomb_gz bomb_bz2 bomb_xz; do
    hostile $kind
    ok "$kind: it ends, in bounds" status_is 0
    ok "$kind: what was met is listed" out_has '/bomb.log'
    ok "$kind: that it ended is told" out_has 'limit: unpacks to more than an archive of its size may'
done

hostile nest --read
ok 'zips in zips, twenty deep: in bounds' status_is 0
ok 'zips in zips, twenty deep: where it was given up is told' out_has 'archives nested too deep, unpack it first'

hostile fan
ok 'zips in zips, sixteen in each of them: in bounds' status_is 0
ok 'zips in zips, sixteen in each of them: where it was given up is told' out_has 'more files than are listed in one run'

hostile overlap --read
ok 'one member under twenty thousand names: in bounds' status_is 0
ok 'one member under twenty thousand names: it is read' out_has again.dat

hostile lies --read
ok 'sizes and places that are lies: in bounds' status_is 0
ok 'sizes and places that are lies: what is behind them is found' out_has honest.log
ok 'sizes and places that are lies: they are told' out_has 'damaged:'

hostile gz_quine
ok 'gzip in gzip without end: in bounds' status_is 0
ok 'gzip in gzip without end: it is no archive' lines 1

# --- the same files packed by other programs ---
mkdir -p "$tap_work/tree/C/inetpub/logs/LogFiles/W3SVC1" "$tap_work/p"
printf 'row\n' >"$tap_work/tree/C/inetpub/logs/LogFiles/W3SVC1/u_ex210305.log"
printf 'gr\303\274n\n' >"$tap_work/tree/C/inetpub/gr"
packed() { (cd "$tap_work/tree" && "$@" >/dev/null 2>&1) || echo "# $1 failed"; }
packed tar -cf ../p/EX01.tar C
packed tar -czf ../p/EX02.tar.gz C
packed tar -cJf ../p/EX03.tar.xz C
packed tar -c --zstd -f ../p/EX04.tar.zst C
packed tar -cjf ../p/EX05.tar.bz2 C
packed python3 -m zipfile -c ../p/EX06.zip C
if command -v 7z >/dev/null; then
    packed 7z a ../p/EX07.7z C
    packed 7z a ../p/EX08.zip C
    want=8
else
    skip '7z and zip as 7-Zip writes them' 'no 7z'
    want=6
fi
lists --read "$tap_work/p"
ok 'archives of all kinds: listed' status_is 0
ok 'archives of all kinds: the log was where it was' counts $want 'was C:\\inetpub\\logs\\LogFiles\\W3SVC1\\u_ex210305.log of EX0[0-9]$'
ok 'archives of all kinds: all bytes are read' counts $want '^read 10 bytes'

tap_done

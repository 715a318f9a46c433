#!/bin/sh
# Lists of file hashes given as --indicators: short ones are indicators as ever, long or packed ones
# go into a set.
set -u
tocsin=$1
. tests/tap.sh

mkdir "$tap_work/logs"
printf 'nothing\n' >"$tap_work/logs/readme.txt"
hashes() { python3 -c '
import hashlib, sys
for i in range(int(sys.argv[1])):
    print(hashlib.sha256(str(i).encode()).hexdigest())' "$1"; }
hashes 100 >"$tap_work/short.txt"
{ hashes 100; echo broken; } | gzip >"$tap_work/packed.txt.gz"
hashes 140000 >"$tap_work/long.txt"
{ hashes 140000; for i in $(seq 30); do echo "broken $i"; done; } >"$tap_work/bad.txt"

run "$tocsin" scan --no-dossiers --indicators "$tap_work/short.txt" "$tap_work/logs"
ok 'a short list: its hashes are indicators' err_has '100 file hashes: only event logs hold any to compare'
run "$tocsin" scan --no-dossiers --indicators "$tap_work/long.txt" "$tap_work/logs"
ok 'a long list: a set' err_has 'long.txt: 140000 hashes: a list of that length is compared with files'
ok 'and no indicators' sh -c "! grep -q 'only event logs' '$tap_work/err'"
run "$tocsin" scan --no-dossiers --indicators "$tap_work/packed.txt.gz" "$tap_work/logs"
ok 'a packed list' err_has 'packed.txt.gz: 100 hashes'
ok 'a line without a hash, with its number' err_has 'packed.txt.gz:101: no MD5, SHA-1 or SHA-256'
run "$tocsin" scan --no-dossiers --indicators "$tap_work/bad.txt" "$tap_work/logs"
ok 'of many, the first are named' err_has 'bad.txt:140020: no MD5'
ok 'and the others counted' err_has 'and 10 more lines without a usable hash'
ok 'not named' sh -c "! grep -q 'bad.txt:140021' '$tap_work/err'"
tap_done

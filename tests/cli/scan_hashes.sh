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

printf 7 >"$tap_work/logs/seven.dat" # in both lists
found() { # RULE COUNT: in the answer are as many findings of that rule
    test "$(grep '"type":"finding"' "$tap_work/out" | grep -c "\"rule\":\"$1")" -eq "$2"
}
seven=$(printf 7 | sha256sum | cut -d' ' -f1)
run "$tocsin" scan --json --no-dossiers --indicators "$tap_work/short.txt" "$tap_work/logs"
ok 'a short list: its hashes are indicators, and find the file' found "indicator:hash:$seven" 1
ok 'and nothing else' found '' 1
cp "$tap_work/logs/seven.dat" "$tap_work/logs/again.dat"
run "$tocsin" scan --json --no-dossiers --indicators "$tap_work/short.txt" "$tap_work/logs"
ok 'two files with the same bytes are two findings' found "indicator:hash:$seven" 2
rm "$tap_work/logs/again.dat"
printf '%s  some/file.exe\n%s *other.exe\n' "$seven" "$(printf 8 | sha256sum | cut -d' ' -f1)" >"$tap_work/sums.txt"
run "$tocsin" scan --json --no-dossiers --indicators "$tap_work/sums.txt" "$tap_work/logs"
ok 'a list as sha256sum writes it' found "indicator:hash:$seven" 1
printf 7 | md5sum | cut -d' ' -f1 >"$tap_work/md5.txt"
run "$tocsin" scan --json --no-dossiers --indicators "$tap_work/md5.txt" "$tap_work/logs"
ok 'MD5' found 'indicator:hash:' 1
printf 7 | sha1sum | cut -d' ' -f1 >"$tap_work/sha1.txt"
run "$tocsin" scan --json --no-dossiers --indicators "$tap_work/sha1.txt" "$tap_work/logs"
ok 'SHA-1' found 'indicator:hash:' 1
run "$tocsin" scan --json --no-dossiers --indicators "$tap_work/long.txt" "$tap_work/logs"
ok 'a long list finds the file' found 'tocsin:hash-listed' 1
ok 'and says where the list has it' grep -q '"Line":"8"' "$tap_work/out"
run "$tocsin" scan --no-dossiers --indicators "$tap_work/long.txt" "$tap_work/logs"
ok 'a long list: a set' err_has 'long.txt: 140000 hashes: a list of that length is compared with files'
run "$tocsin" scan --no-dossiers --indicators "$tap_work/packed.txt.gz" "$tap_work/logs"
ok 'a packed list' err_has 'packed.txt.gz: 100 hashes'
ok 'a line without a hash, with its number' err_has 'packed.txt.gz:101: no MD5, SHA-1 or SHA-256'
run "$tocsin" scan --no-dossiers --indicators "$tap_work/bad.txt" "$tap_work/logs"
ok 'of many, the first are named' err_has 'bad.txt:140020: no MD5'
ok 'and the others counted' err_has 'and 10 more lines without a usable hash'
ok 'not named' sh -c "! grep -q 'bad.txt:140021' '$tap_work/err'"
tap_done

#!/bin/sh
# Hostile archives: the scan ends by itself and soon, in little memory, finds what is beside the
# trap, names what it left out, shows no byte that speaks to a terminal, and writes nothing.
set -u
tocsin=$1
. tests/tap.sh
mebibytes=256 seconds=30 sanitized=no
grep -q __asan_init "$tocsin" && mebibytes=4096 seconds=300 sanitized=yes
says() { python3 tests/hostile/check.py "$tap_work/out" "$@"; }
in=$tap_work/in slow=no
mkdir "$in" "$tap_work/tmp"
everything() { (cd "$tap_work" && find in tmp -printf '%p %y %s %T@ %C@ %m\n' | sort); }

# measured WANTED ARGUMENT...: time and memory of all processes together
measured() {
    wanted=$1
    shift
    TMPDIR=$tap_work/tmp python3 tests/hostile/peak.py --max-mib $mebibytes --max-seconds $seconds --out "$tap_work/out" \
        "$tocsin" scan "$@" 2>&1
    got=$?
    [ $got -eq "$wanted" ] || { echo "status $got, wanted $wanted"; return 1; }
}
printable() { python3 tests/hostile/bytes.py text "$tap_work/out"; }

# trap WHAT EXPRESSION...: the row of attack beside the trap is found, and what the answer must say
trap_in() {
    what=$1
    shift
    python3 tests/hostile/scan_archives.py "$what" "$in/EX01.bin" || return
    everything >"$tap_work/before"
    ok "$what: ends in $seconds s within $mebibytes MiB, with what was found" measured 1 --json "$in"
    ok "$what: what is found and what is left out" says 'attacks == 1' "$@"
    [ $slow-$sanitized = yes-yes ] || as_text
}
as_text() {
    ok "$what: as text, nothing that speaks to a terminal" sh -c '
        status=0
        TMPDIR=$3/tmp "$1" scan "$2" >"$3/out" 2>&1 </dev/null || status=$?
        [ $status -eq 1 ]' - "$tocsin" "$in" "$tap_work"
    ok "$what: no byte of control" printable
    everything >"$tap_work/after"
    ok "$what: nothing was written, nothing touched" cmp "$tap_work/before" "$tap_work/after"
}
# incomplete WHAT: without a finding the gap alone decides
incomplete() {
    [ $slow-$sanitized = yes-yes ] && { skip "$1, quiet" 'too slow under sanitizers'; return; }
    python3 tests/hostile/scan_archives.py "$1" "$in/EX01.bin" quiet
    ok "$1, quiet: incomplete" measured 3 --json "$in"
    ok "$1, quiet: named" says "$2" 'not [f for f in findings if f["grade"] not in ("weak", "probe")]'
    rm "$in/EX01.bin"
}

chmod 500 "$tap_work/tmp"
trap_in whole 'not gaps'
trap_in names '"limit" not in reasons'
ok 'names: no member is unpacked anywhere' sh -c "! find /tmp /var/tmp '$tap_work' -name 'tocsin-escaped*' 2>/dev/null | grep ."
trap_in ratio 'gap("limit", "zeros.bin")'
incomplete ratio 'gap("limit", "zeros.bin")'
trap_in nested 'gap("unreadable", "inner.zip")["detail"].startswith("archives nested too deep")'
incomplete nested 'gap("unreadable", "inner.zip")'
trap_in quine 'gap("unreadable", "again.zip")["detail"].startswith("archives nested too deep")'
incomplete quine 'gap("unreadable", "again.zip")'
trap_in sizes 'all(gap("damaged", name) for name in ("smaller.bin", "larger.bin", "huge.bin", "crc.bin"))'
incomplete sizes 'gap("damaged", "smaller.bin")'
trap_in twins 'len(findings) >= 1'
trap_in cut 'gap("damaged")'
incomplete cut 'gap("damaged")'
trap_in cut_zip 'gap("damaged")'
trap_in long_headers 'gap("damaged")'
slow=yes
trap_in headers 'gap("limit", "EX01.bin")["detail"].startswith("more files than are listed")'
trap_in empty 'gap("limit", "EX01.bin")'
incomplete empty 'gap("limit", "EX01.bin")'
chmod 700 "$tap_work/tmp"
tap_done

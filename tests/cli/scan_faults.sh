#!/bin/sh
# A bad environment: full disks, closed pipes, signals, killed workers, little memory, inputs that
# change while they are read. What was done is printed, what was not is told.
set -u
tocsin=$1
. tests/tap.sh
make="python3 tests/hostile/make.py"
# size SMALL LARGE
size() { if [ -n "${TOCSIN_SLOW-}" ]; then echo "$2"; else echo "$1"; fi; }
sanitized=
grep -q __asan_init "$tocsin" && sanitized=1
says() { python3 tests/hostile/check.py "$tap_work/out" "$@"; }

$make log 2000 100 >"$tap_work/whole.log"
$make big "$(size 120 600)" 20000 >"$tap_work/big.log"
big=$tap_work/big.log

# --- output ---
if [ -w /dev/full ]; then
    for format in --json --csv --ecs --timesketch -q; do
        status=0
        "$tocsin" scan $format "$tap_work/whole.log" >/dev/full 2>"$tap_work/err" || status=$?
        ok "a full disk on standard output ($format): status 74" status_is 74
        ok "a full disk on standard output ($format): said so" err_has 'cannot write the answer: No space left'
    done
    run "$tocsin" scan --json -o /dev/full "$tap_work/whole.log"
    ok 'a full disk on -o: status 74' status_is 74
    ok 'a full disk on -o: said so' err_has 'cannot write the answer: No space left'
else
    skip 'a full disk' 'no /dev/full'
fi
run "$tocsin" scan -o "$tap_work/absent/out" "$tap_work/whole.log"
ok 'an output that cannot be created: status 74' status_is 74
ok 'an output that cannot be created: named' err_has absent/out
(
    ulimit -f 4
    trap '' XFSZ
    status=0
    "$tocsin" scan --json -o "$tap_work/short" "$tap_work/big.log" >"$tap_work/out" 2>"$tap_work/err" || status=$?
    echo $status >"$tap_work/status"
)
status=$(cat "$tap_work/status")
ok 'a limit on file sizes: status 74' status_is 74

# The reader goes away: as with every filter, SIGPIPE ends the writer without a word; who ignores
# that signal gets status 74.
mkdir "$tap_work/many"
i=0
while [ $i -lt 200 ]; do
    mkdir "$tap_work/many/host$i"
    cp "$tap_work/whole.log" "$tap_work/many/host$i/u_ex.log"
    i=$((i + 1))
done
python3 - "$tocsin" "$tap_work/many" >"$tap_work/pipes" <<'EOF'
import signal, subprocess, sys
for ignore in (False, True):
    def before():
        signal.signal(signal.SIGPIPE, signal.SIG_IGN if ignore else signal.SIG_DFL)
    p = subprocess.Popen([sys.argv[1], 'scan', '--json', sys.argv[2]], stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, preexec_fn=before, restore_signals=False)
    first = p.stdout.readline()
    p.stdout.close()
    err = p.stderr.read()
    print('ignored' if ignore else 'default', p.wait(), len(err.splitlines()), first[:8].decode())
EOF
ok 'a closed pipe: ended by SIGPIPE, without a word' grep -q '^default -13 0 {"type"' "$tap_work/pipes"
ok 'a closed pipe with SIGPIPE ignored: status 74, one line' grep -q '^ignored 74 1 ' "$tap_work/pipes"

# --- signals ---
# Two huge inputs, so that a signal half-way finds work done and work left.
cp "$big" "$tap_work/big2.log"
interrupt() { # interrupt SIGNAL FILE...: in the middle of the run
    signal=$1
    shift
    python3 - "$signal" "$tap_work/out" "$tap_work/err" "$tocsin" scan --json -j 1 "$@" <<'EOF'
import signal, subprocess, sys, time
with open(sys.argv[2], 'wb') as out, open(sys.argv[3], 'wb') as err:
    p = subprocess.Popen(sys.argv[4:], stdout=out, stderr=err)
    wait = time.monotonic() + 20
    # Half-way: the worker has read as much as half of the first input.
    while time.monotonic() < wait and p.poll() is None:
        try:
            kids = open(f'/proc/{p.pid}/task/{p.pid}/children').read().split()
            read = int(open(f'/proc/{kids[0]}/io').readline().split()[1])
        except (OSError, IndexError):
            read = 0
        if read > 40e6:
            break
        time.sleep(0.002)
    sent = time.monotonic()
    p.send_signal(getattr(signal, sys.argv[1]))
    code = p.wait()
    print(f'{time.monotonic() - sent:.1f} s', file=sys.stderr)
    sys.exit(code if code >= 0 else 128 - code)
EOF
    status=$?
}
for signal in SIGINT SIGTERM; do
    interrupt $signal "$big" "$tap_work/big2.log"
    ok "$signal half-way: status 130" status_is 130
    ok "$signal half-way: what was found until then is printed" says 'attacks > 0' 'summary["interrupted"]'
    ok "$signal half-way: what was not read is told, with the place" says \
        'gap("interrupted", "big.log")["offset"] > 1e6' 'gap("interrupted", "big2.log")'
done

# --- workers ---
# strike WHAT: kills a worker while it reads
strike() {
    python3 - "$tap_work/out" "$tap_work/err" "$tocsin" scan --json -j 2 "$@" <<'EOF'
import os, signal, subprocess, sys, time
with open(sys.argv[1], 'wb') as out, open(sys.argv[2], 'wb') as err:
    p = subprocess.Popen(sys.argv[3:], stdout=out, stderr=err)
    wait, struck = time.monotonic() + 20, False
    while not struck and time.monotonic() < wait and p.poll() is None:
        try:
            for kid in open(f'/proc/{p.pid}/task/{p.pid}/children').read().split():
                if int(open(f'/proc/{kid}/io').readline().split()[1]) > 20e6:
                    os.kill(int(kid), signal.SIGKILL)
                    struck = True
                    break
        except (OSError, IndexError):
            pass
        time.sleep(0.002)
    code = p.wait()
    sys.exit(code if code >= 0 else 128 - code)
EOF
    status=$?
}
mkdir "$tap_work/fleet"
cp "$big" "$tap_work/fleet/a-big.log"
for i in b c d e; do { cat "$tap_work/whole.log"; echo "# $i"; } >"$tap_work/fleet/$i.log"; done
strike "$tap_work/fleet"
ok 'a killed worker: the run goes on' status_is 1
ok 'a killed worker: its input is named, with the signal' says \
    '"signal 9" in gap("worker-died", "a-big.log")["detail"]' 'len([g for g in gaps if g["reason"] == "worker-died"]) == 1'
ok 'a killed worker: the findings of the other files are kept' says 'attacks == 80' 'reasons == {"worker-died"}'

if [ -z "$sanitized" ]; then
    for kib in 80000 120000 200000; do
        (
            ulimit -v $kib
            status=0
            "$tocsin" scan --json "$tap_work/whole.log" >"$tap_work/out" 2>"$tap_work/err" </dev/null || status=$?
            echo $status >"$tap_work/status"
        )
        status=$(cat "$tap_work/status")
        ok "no more than $kib KiB of memory: an answer or an error, nothing in between" sh -c \
            "case $status in 1|3) python3 tests/hostile/check.py '$tap_work/out' 'attacks == 20 or gaps or \"worker-died\" in reasons' ;; 70|74|75) [ -s '$tap_work/err' ] ;; *) echo status $status; cat '$tap_work/err'; false ;; esac"
    done
else
    skip 'little memory' 'sanitizers reserve terabytes'
fi

# --- inputs that change ---
# change WHAT: scans a pipe-fed file while WHAT is done to it
change() {
    cp "$big" "$tap_work/moving.log"
    python3 - "$1" "$tap_work" "$tocsin" <<'EOF'
import os, signal, subprocess, sys, time
what, work, tocsin = sys.argv[1:]
log = f'{work}/moving.log'
with open(f'{work}/out', 'wb') as out, open(f'{work}/err', 'wb') as err:
    p = subprocess.Popen([tocsin, 'scan', '--json', '-j', '1', log], stdout=out, stderr=err)
    kid, wait = None, time.monotonic() + 20
    while time.monotonic() < wait and p.poll() is None:
        try:
            kid = int(open(f'/proc/{p.pid}/task/{p.pid}/children').read().split()[0])
            if int(open(f'/proc/{kid}/io').readline().split()[1]) > 10e6:
                break
        except (OSError, IndexError):
            pass
        time.sleep(0.001)
    os.kill(kid, signal.SIGSTOP)
    if what == 'grow':
        with open(log, 'ab') as f:
            f.write(open(f'{work}/whole.log', 'rb').read())
    elif what == 'shrink':
        os.truncate(log, 30_000_000)
    elif what == 'replace':
        os.rename(f'{work}/other.log', log)
    elif what == 'touch':
        with open(log, 'r+b') as f:
            f.write(b'#')
    os.kill(kid, signal.SIGCONT)
    code = p.wait()
    sys.exit(code if code >= 0 else 128 - code)
EOF
    status=$?
}
for what in grow shrink replace touch; do
    cp "$tap_work/whole.log" "$tap_work/other.log"
    change $what
    ok "a file that changes while it is read ($what): the scan ends" status_is 1
    ok "a file that changes while it is read ($what): said so, what was read is kept" says \
        'gap("changed-while-read", "moving.log")' 'attacks > 0' '"worker-died" not in reasons'
done
tap_done

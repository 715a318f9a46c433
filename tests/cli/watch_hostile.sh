#!/bin/sh
# watch: posts made to waste time or memory, to reach the terminal, to break the state.
set -u
tocsin=$1
. tests/tap.sh
w=$tap_work
# Sanitizers take ten times as long and as much memory: there the forms count, not the figures.
less=1
grep -q __asan_init "$tocsin" && less=20
export less
look() { python3 tests/cli/watch_look.py "$@"; }
key() { look key "$w/out" "$1"; }
holds() { python3 -c 'import sys; sys.exit(0 if eval(sys.argv[1]) else print(sys.argv[1]) or 1)' "$1"; }
# is_status STATUS...: one of them
is_status() {
    for s in "$@"; do [ "$status" -eq "$s" ] && return 0; done
    status_is "$1"
}

# ---- repetition: linear time, bounded memory ----
cat >"$w/repeat.py" <<'PYTHON'
"""repeat.py PROGRAM: for each unit, 50 and 100 MB of it in lines and without an end, through a pipe."""
import os
import resource
import subprocess
import sys
import threading
import time

LESS = int(os.environ['less'])
MB = 1000 * 1000 // LESS
MEMORY_KIB = 256 * 1024 * LESS
HEAD, TAIL = b'{"time":"2021-01-05T00:00:00Z","site":"s","text":"CVE-2021-26855 ', b'"}\n'


def parts(unit, total, line):
    block = unit * (100000 // len(unit))
    done = 0
    while done < total:
        yield HEAD
        for _ in range(0, min(line, total - done), len(block)):
            yield block
        yield TAIL
        done += line


def feed(pipe, *args):
    try:
        for part in parts(*args):
            pipe.write(part)
        pipe.close()
    except BrokenPipeError:
        pass


def measure(program, *args):
    """Processor seconds, peak KiB of one process, status."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    p = subprocess.Popen([program, 'watch', '--json', '--format', 'jsonl', '-'], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                         stderr=subprocess.DEVNULL)
    thread = threading.Thread(target=feed, args=(p.stdin, *args))
    thread.start()
    status = p.wait()
    thread.join()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime, after.ru_maxrss, status


def main(program):
    bad = 0
    start, _, _ = measure(program, b'A', 1, 1)
    for unit in (b'A', b'.', b'@', b'0123456789abcdef', b'[.]', b'\\u0041'):
        for name, line in (('lines', 4 * MB), ('one line', 1 << 60)):
            if line > 4 * MB and unit not in (b'A', b'\\u0041'):
                continue  # it is the same: a record that is too long is passed over
            for _ in range(3):  # a machine that does other things, too, is asked again
                half = measure(program, unit, 50 * MB, line)
                whole = measure(program, unit, 100 * MB, line)
                ratio = (whole[0] - start) / max(half[0] - start, 0.05)
                linear = ratio < 2.6 or whole[0] - start < 1 or LESS > 1  # 100 MB a second: no square
                if linear:
                    break
            good = linear and whole[1] < MEMORY_KIB and whole[2] in (0, 3)
            bad += not good
            print(f'{unit.decode()} in {name}: {half[0]:.2f} s, {whole[0]:.2f} s, ratio {ratio:.2f}, '
                  f'peak {whole[1] // 1024} MiB, status {whole[2]}{"" if good else "   <<<"}')
    return bad != 0


sys.exit(main(sys.argv[1]))
PYTHON
ok 'repetition: linear time, memory below 256 MiB' python3 "$w/repeat.py" "$tocsin"

# ---- a Telegram export of 300 MB, packed ----
python3 tests/gen/telegram.py "$((300 / less))" | gzip -1 >"$w/result.json.gz"
run python3 -c '
import resource, subprocess, sys
status = subprocess.run([sys.argv[1], "watch", "--json", sys.argv[2]]).returncode
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
print(f"peak {peak} MiB", file=sys.stderr)
sys.exit(99 if peak >= 256 * int(sys.argv[3]) else status)' "$tocsin" "$w/result.json.gz" "$less"
ok 'a packed export of 300 MB: read to its end' is_status 0 1
ok '... all of it' holds "$(key bytes) > 300e6 // $less and $(key gaps) == 0 and $(key records) > 100000 // $less"
ok "... in $(sed -n '$p' "$w/err")" is_status 0 1

# Four times as long, and through a pipe: not one MiB more than chance makes.
cat >"$w/constant.sh" <<'SHELL'
# constant.sh PROGRAM VERB LESS DIR: the peaks of 60 and 240 MB, of all processes together. They are
# looked at now and then: a short run may be over before its peak was seen, so it is run a few times.
peak() {
    python3 tests/gen/telegram.py "$(($1 / $less))" |
        python3 tests/hostile/peak.py --out "$dir/out" "$program" "$verb" --json - 2>"$dir/err" || [ $? -eq 1 ] || exit 1
    sed -n 's/^peak \([0-9]*\) MiB.*/\1/p' "$dir/err" | tail -n 1
}
program=$1 verb=$2 less=$3 dir=$4
short=$({ peak 60; peak 60; peak 60; } | sort -n | tail -n 1)
long=$(peak 240)
echo "$verb: $short MiB, four times as long: $long MiB"
[ "$long" -le "$((short + 8 * less))" ]
SHELL
for verb in watch extract; do
    ok "$verb: memory does not grow with an export" sh "$w/constant.sh" "$tocsin" "$verb" "$less" "$w"
    ok '... which is read to its end' holds "$(key bytes) > 200e6 // $less and $(key gaps) == 0"
done

# ---- the terminal ----
python3 tests/gen/chatter_year.py --seed 2 >"$w/year.jsonl"
python3 -c '
import json, sys
esc = "\x1b]0;title\x07\x1b[31mred\x1b[0m\x9b31m\u202egnp.exe\u2066\x00\x08\x7f\r"
for line in open(sys.argv[1]):
    o = json.loads(line)
    for key in "site", "id", "thread", "author":
        o[key] = esc + o[key]
    print(json.dumps({**o, "url": "https://h.example/" + esc, "text": esc + " " + o["text"] + " " + esc}))
' "$w/year.jsonl" >"$w/escapes.jsonl"
printf '{"time": "2021-03-01", "site": "s", "te\033[31mxt": "broken\033]0;x\007\n' >>"$w/escapes.jsonl"
for form in '' --json --rss --stix --misp; do
    # shellcheck disable=SC2086
    run "$tocsin" watch $form "$w/escapes.jsonl"
    ok "escapes${form:+, $form}: an alert" status_is 1
    ok "escapes${form:+, $form}: no control character comes out" python3 -c '
import sys
for name in sys.argv[1:]:
    text = open(name, "rb").read()
    assert text or name.endswith("err"), name
    raw = [c for c in text.decode() if (ord(c) < 32 and c != "\n") or 127 <= ord(c) < 160 or c in "\u202e\u2066"]
    assert not raw, (name, raw[:5])' "$w/out" "$w/err"
done

# ---- too much of everything ----
python3 -c '
import json
print(json.dumps({"time": "2021-01-05", "site": "s", "id": "1",
  "text": " ".join("CVE-%d-%d" % (2000 + n % 20, 1000 + n) for n in range(100000))}))
print(json.dumps({"time": "2021-01-05", "site": "s", "id": "2", "text": "CVE-2021-26855"}))
' >"$w/subjects.jsonl"
run "$tocsin" watch --json --format jsonl --state "$w/subjects.db" "$w/subjects.jsonl"
ok 'a post with 100,000 subjects is one post' holds "($status, $(key records), $(key named), $(key gaps)) == (0, 2, 2, 0)"
python3 -c '
import json
long = "n" * 1200000  # more than a message between the processes holds
base = {"time": "2021-01-05", "text": "CVE-2021-26855"}
print(json.dumps({**base, "site": "s"}))
for name in "site", "id", "thread", "author", "url", "title", "lang", "source":
    for end in "a", "b":
        print(json.dumps({**base, name: long + end}))
print(json.dumps({**base, "time": long}))
print(json.dumps({**base, "text": base["text"] + "".join(" http://h%d.example/%s" % (n, "u" * 5000) for n in range(100))}))
print(json.dumps({**base, "site": "end"}))
' >"$w/long.jsonl"
run "$tocsin" watch --json --state "$w/long.db" "$w/long.jsonl"
ok 'names of a megabyte: the posts are read' holds "($status, $(key records), $(key named), $(key gaps)) == (3, 19, 19, 2)"
ok '... a gap tells that they were cut' grep -q '"too-long","detail":"fields of more than 4096 bytes were cut, posts: 12"' "$w/out"
ok '... and no other' sh -c 'test "$(grep -c bad-time "$1")" = 1' - "$w/out"
run "$tocsin" watch --json --state "$w/long.db" "$w/long.jsonl"
ok '... and known again' holds "$status == 3 and $(key again) == 19"
python3 -c '
import json
for n in range(6000):
    print(json.dumps({"time": "2021-01-%02d" % (1 + n % 28), "site": "site%d" % n, "id": "1", "text": "CVE-2021-%d" % (10000 + n)}))
' >"$w/sites.jsonl"
run "$tocsin" watch --json --state "$w/sites.db" "$w/sites.jsonl"
ok '6,000 sites: read' holds "$status in (0, 1) and $(key records) == 6000"
run "$tocsin" watch --json --state "$w/sites.db" "$w/sites.jsonl"
ok '... and known again' holds "$status == 0 and $(key again) == 6000"
head -c 3000000 /dev/urandom >"$w/noise"
run "$tocsin" watch --json "$w/noise"
ok 'noise is a gap' is_status 3

# ---- the state ----
unchanged() { [ "$(sha256sum <"$1")" = "$(cat "$1.sum")" ]; }
refused() { # NAME: tocsin refuses that state, says why, and leaves it as it is
    sha256sum <"$w/$1" >"$w/$1.sum"
    run "$tocsin" watch --json --state "$w/$1" "$w/sites.jsonl"
    ok "$1: refused" is_status 3 74
    ok "$1: says why" err_has "$1"
    ok "$1: is as it was" unchanged "$w/$1"
}
printf 'these are my notes, not a state\n' >"$w/notes.txt"
refused notes.txt
python3 -c '
import sqlite3, sys
c = sqlite3.connect(sys.argv[1]); c.execute("create table mine(x)"); c.execute("insert into mine values(1)"); c.commit()' "$w/mine.db"
refused mine.db
head -c 50000 "$w/sites.db" >"$w/cut.db"
refused cut.db
python3 -c '
import sqlite3, sys
c = sqlite3.connect(sys.argv[1]); c.execute("pragma user_version=99"); c.commit()' "$w/long.db"
mv "$w/long.db" "$w/newer.db"
refused newer.db
mkdir "$w/folder.db"
run "$tocsin" watch --json --state "$w/folder.db" "$w/sites.jsonl"
ok 'a folder as state: refused' is_status 3 74
run "$tocsin" watch --json --state "$w/nowhere/s.db" "$w/sites.jsonl"
ok 'a state in a folder that is not there: status 74' status_is 74
# Bits that flip: refused, or not noticed; never a crash, never a run without an end.
cat >"$w/flip.py" <<'PYTHON'
import random
import shutil
import subprocess
import sys
program, state, posts, copy = sys.argv[1:]
r = random.Random(4)
refused = 0
for n in range(60):
    shutil.copyfile(state, copy)
    with open(copy, 'r+b') as f:
        size = f.seek(0, 2)
        for _ in range(1 << r.randrange(6)):
            at = r.randrange(size)
            f.seek(at)
            byte = f.read(1)[0]
            f.seek(at)
            f.write(bytes([byte ^ 1 << r.randrange(8)]))
    p = subprocess.run([program, 'watch', '--json', '--state', copy, posts], capture_output=True, timeout=60)
    assert p.returncode in (0, 1, 3, 74, 75), (n, p.returncode, p.stderr)
    assert p.returncode < 3 or p.stderr, (n, 'refused without a word')
    refused += p.returncode > 1
print(f'{refused} of 60 refused')
PYTHON
head -n 3000 "$w/year.jsonl" >"$w/few.jsonl"
"$tocsin" watch --json --state "$w/flip.db" "$w/few.jsonl" >"$w/out" 2>"$w/err"
sed -n '3001,3500p' "$w/year.jsonl" >"$w/more.jsonl"
ok 'bits of a state flip: refused or not noticed' python3 "$w/flip.py" "$tocsin" "$w/flip.db" "$w/more.jsonl" "$w/flipped.db"
tap_done

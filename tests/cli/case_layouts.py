#!/usr/bin/env python3
"""Cases of every layout that the program ever wrote: opened, moved to the layout of today, nothing lost. Prints TAP.

    python3 tests/cli/case_layouts.py PROGRAM

A new layout needs a sample of the one before in tests/golden/case_layout_N.sql, made by the program that wrote it.
"""
import os
import random
import sqlite3
import sys
import tempfile
import time

import case_files as f

KEPT = ('version', 'seen')
END_OF_1 = '5bd998e837514e79024dae80383e9b57b34044875cdacab707f82e5e59dbdd7c'
FINDINGS = 6000
KILLS = 30


def layout(path):
    """Tables with their columns, and indices."""
    names = sorted(f.sql(path, "SELECT type, name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'"))
    return names, [f.sql(path, f'PRAGMA table_info({name})') for kind, name in names if kind == 'table'], \
        [f.sql(path, f'PRAGMA index_xinfo({name})') for kind, name in names if kind == 'index']


def verify(program, path):
    return f.run(program, 'verify', '--no-evidence', '--case', path)


def moved(program, folder):
    path, fresh = os.path.join(folder, 'one.case'), os.path.join(folder, 'fresh.case')
    f.sample(path)
    before = f.holds(path, KEPT)
    out = verify(program, path)
    f.ok('a case of layout 1 is good, and ends where it did', out.returncode == 0 and END_OF_1.encode() in out.stdout,
         out)
    f.ok('nothing of it is lost', f.holds(path, KEPT) == before)
    f.run(program, 'scan', '--case', fresh, '/dev/null')
    f.ok('it has the layout of a new one', layout(path) == layout(fresh), f'{layout(path)}\n{layout(fresh)}')
    out = f.run(program, 'scan', '--case', path, 'examples/SP01')
    f.ok('the same again adds nothing', b'' == b''.join(
        line for line in f.run(program, 'diff', '--case', path, '--type', 'finding').stdout.splitlines()
        if b' 0 added' not in line) and out.returncode in (0, 1), out)
    f.ok('and it is good', verify(program, path).returncode == 0, verify(program, path))
    counted = f.sql(path, 'SELECT count(*), count(alike) FROM item JOIN version v ON v.number = latest'
                          " WHERE type = 'finding' AND body IS NOT NULL")[0]
    f.ok('findings are counted', counted[0] == counted[1] > 0, counted)


def damaged(program, folder):
    path = os.path.join(folder, 'damaged.case')
    f.sample(path)
    c = sqlite3.connect(path)
    c.execute("UPDATE version SET body = 'x' WHERE number = (SELECT latest FROM item WHERE type = 'finding' LIMIT 1)")
    c.commit()
    c.close()
    out = verify(program, path)
    f.ok('what was changed before is named after it', out.returncode == 1 and b'not what was written' in out.stdout, out)


def newer(program, folder):
    path = os.path.join(folder, 'newer.case')
    f.sample(path)
    verify(program, path)
    c = sqlite3.connect(path)
    c.execute('PRAGMA user_version=99')
    c.close()
    with open(path, 'rb') as file:
        before = file.read()
    out = f.run(program, 'scan', '--case', path, 'examples/SP01')
    with open(path, 'rb') as file:
        same = file.read() == before
    f.ok('a case of a newer program is refused, with the reason, and left as it is',
         out.returncode == 3 and b'newer version' in out.stderr and b'99' in out.stderr and same, out)


def killed(program, folder):
    r = random.Random(3)
    path, kept = os.path.join(folder, 'killed.case'), os.path.join(folder, 'kept.case')
    f.many(kept, FINDINGS)
    with open(kept, 'rb') as file:
        raw = file.read()
    before = f.holds(kept, KEPT)

    def again():
        f.drop(path)
        with open(path, 'wb') as file:
            file.write(raw)

    again()
    start = time.monotonic()
    out = f.run(program, 'timeline', '--case', path)
    took = time.monotonic() - start
    good = verify(program, path)
    f.ok(f'a case of {FINDINGS} findings is moved', out.returncode == good.returncode == 0, (out, good))
    while_running, old, new, lost = 0, 0, 0, []
    for _ in range(KILLS):
        again()
        running, _ = f.kill_after(r.uniform(0, took), program, 'timeline', '--case', path)
        while_running += running
        version = f.sql(path, 'PRAGMA user_version')[0][0]
        old, new = old + (version == 1), new + (version == 2)
        out = verify(program, path)
        if out.returncode or f.holds(path, KEPT) != before:
            lost.append(out)
    f.ok(f'killed while it is moved, at {KILLS} moments: nothing is lost', not lost, lost[:1])
    f.ok('the old layout or the new one, both of them were seen', old + new == KILLS and old > 2, (old, new))
    print(f'# {while_running} of {KILLS} were killed while they ran; {old} were of the old layout still')


def main(program):
    with tempfile.TemporaryDirectory() as folder:
        moved(program, folder)
        damaged(program, folder)
        newer(program, folder)
        killed(program, folder)
    f.end()


main(sys.argv[1])

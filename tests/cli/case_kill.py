#!/usr/bin/env python3
"""A case whose runs are killed at random moments: what was acknowledged stays, what was not is absent whole. Prints TAP.

    python3 tests/cli/case_kill.py PROGRAM

Two inventories take turns, so that each run has something to change; how much is known from a calm series. A run is
acknowledged when the program ends by itself. One that was killed may be in the case, if it was committed before: then
all of it is.
"""
import os
import random
import sys
import tempfile
import time

import case_files as f

KILLS = 100
HOSTS = 16


def inventory(path, build):
    with open(path, 'w', encoding='utf-8') as out:
        out.write('host,build,date\n')
        out.writelines(f'H{i},15.1.2176.{build},2021-03-01\n' for i in range(HOSTS))


class Case:
    def __init__(self, program, path, inputs):
        self.program, self.path, self.inputs = program, path, inputs
        self.runs = []  # versions of each

    def words(self):
        """Not the inventory of the last run."""
        return self.program, 'exposure', '--case', self.path, '--as-of', '2021-03-20', self.inputs[len(self.runs) % 2]

    def stored(self):
        """Versions of each run, and what the chain was at its end; the number of rows that belong to no run."""
        if not os.path.exists(self.path) or not f.sql(self.path, "SELECT 1 FROM sqlite_master WHERE name = 'run'"):
            return [], 0
        runs = f.sql(self.path, 'SELECT r.number, r.ended IS NOT NULL AND summary IS NOT NULL, hex(r.seal),'
                     ' (SELECT count(*) FROM version v WHERE v.run = r.number) FROM run r ORDER BY r.number')
        strays = f.sql(self.path, 'SELECT (SELECT count(*) FROM version WHERE run NOT IN (SELECT number FROM run)) +'
                       ' (SELECT count(*) FROM seen WHERE run NOT IN (SELECT number FROM run)) +'
                       ' (SELECT count(*) FROM item WHERE latest NOT IN (SELECT number FROM version))')
        return runs, strays[0][0]

    def good(self):
        out = f.run(self.program, 'verify', '--no-evidence', '--case', self.path)
        return not os.path.exists(self.path) or out.returncode == 0


def calm(program, folder, inputs):
    """Versions of the first runs, and how long one takes."""
    case = Case(program, os.path.join(folder, 'calm.case'), inputs)
    for _ in range(4):
        start = time.monotonic()
        out = f.run(*case.words())
        took = time.monotonic() - start
        assert out.returncode in (0, 1), out
        case.runs, _ = case.stored()
    return [run[3] for run in case.runs], took


def main(program):
    r = random.Random(5)
    with tempfile.TemporaryDirectory() as folder:
        inputs = [os.path.join(folder, name) for name in ('a.csv', 'b.csv')]
        inventory(inputs[0], 2)
        inventory(inputs[1], 9)
        wanted, took = calm(program, folder, inputs)
        case = Case(program, os.path.join(folder, 'killed.case'), inputs)
        running, whole, ended, wrong, bad = 0, 0, 0, [], 0
        for i in range(KILLS):
            # Every second one late: where it commits, and where the log is copied into the file.
            start = time.monotonic()
            was_running, status = f.kill_after(r.uniform(0 if i % 2 else took * 0.6, took * 1.1), *case.words())
            if not was_running: # the machine has become faster
                took = min(took, time.monotonic() - start)
            elif i % 8 == 0: # or slower
                took *= 1.1
            running += was_running
            ended += not was_running
            before = case.runs
            # What another program reads first may be the log that the killed one left.
            if r.random() < 0.5:
                bad += not case.good()
            case.runs, strays = case.stored()
            bad += not case.good()
            new = len(case.runs) - len(before)
            whole += was_running and new == 1
            n = len(case.runs)
            if strays or case.runs[:len(before)] != before or not all(run[1] for run in case.runs) or \
                    new not in ((0, 1) if was_running else (1,)) or \
                    new == 1 and case.runs[-1][3] != (wanted[0] if n == 1 else wanted[2 + n % 2]):
                wrong.append((i, was_running, status, strays, before[-1:], case.runs[-2:]))
        f.ok(f'at least a third of {KILLS} runs were killed while they ran', running >= KILLS // 3, running)
        f.ok('what was acknowledged is there, what was killed is there whole or not at all', not wrong, wrong[:3])
        f.ok('the case is good each time', not bad, bad)
        out = f.run(*case.words())
        f.ok('and the next run works', out.returncode in (0, 1) and len(case.stored()[0]) == len(case.runs) + 1, out)
        print(f'# {running} killed while they ran, {whole} of them after they had committed; {ended} ended')
    f.end()


main(sys.argv[1])

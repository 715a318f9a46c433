#!/usr/bin/env python3
"""watch, killed at random moments of runs on one state: nothing is lost, nothing is told twice. Prints TAP.

    python3 tests/cli/watch_kill.py PROGRAM

A year of posts grows file by file. Each step is begun several times and killed, the last time it may end. Beside it
goes the same year without interruptions.

What "twice" means: an alert is printed, then marked as told. A program that is killed between the two has printed an
alert that the next run prints again, by design: the other order could lose one. So no id may come twice over the runs
that ended; what killed runs printed may come again in the next run, and is counted in the set of all that was told,
which must be the set of the undisturbed series.
"""
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time

KILLS = 36
STEPS = 9
done = 0
failed = 0


def ok(what, good, why=''):
    global done, failed
    done += 1
    failed += not good
    print(f'{"" if good else "not "}ok {done} - {what}')
    if not good:
        print(f'# {why}')


def alerts(raw):
    """Alerts of an output that may be cut in a line."""
    lines = raw.split(b'\n')[:-1]
    told = [json.loads(line) for line in lines]
    return [o['id'] for o in told if o['type'] == 'alert'], (told[-1] if told else None)


class Side:
    """One state, and what its runs said."""

    def __init__(self, program, folder, name):
        self.program, self.state = program, os.path.join(folder, name + '.db')
        self.out = os.path.join(folder, name + '.out')
        self.ended, self.killed = [], []

    def start(self, posts):
        with open(self.out, 'wb') as out:
            return subprocess.Popen([self.program, 'watch', '--json', '--state', self.state, posts], stdout=out,
                                    stderr=subprocess.PIPE, start_new_session=True)

    def output(self):
        with open(self.out, 'rb') as f:
            return f.read()

    def run(self, posts):
        """To its end: the summary."""
        p = self.start(posts)
        _, err = p.communicate()
        assert p.returncode in (0, 1), (p.returncode, err)
        told, summary = alerts(self.output())
        self.ended.append(told)
        return summary

    def kill(self, posts, after_s):
        """True if it was still running then."""
        p = self.start(posts)
        try:
            p.wait(after_s)
        except subprocess.TimeoutExpired:
            pass
        was_running = p.poll() is None
        try:
            os.killpg(p.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        p.communicate()
        told, _ = alerts(self.output())
        (self.killed if was_running else self.ended).append(told)
        return was_running


def year(folder):
    raw = subprocess.run([sys.executable, 'tests/gen/chatter_year.py', '--seed', '11'], capture_output=True,
                         check=True).stdout
    lines = raw.splitlines(True)
    days = sorted({json.loads(line)['time'][:10] for line in lines})
    cuts = [days[-1 - (STEPS - 1 - i) * 20] for i in range(STEPS)]
    names = []
    for i, last in enumerate(cuts):
        names.append(os.path.join(folder, f'until{i}.jsonl'))
        with open(names[-1], 'wb') as f:
            f.writelines(line for line in lines if json.loads(line)['time'][:10] <= last)
    return names


def main(program):
    r = random.Random(8)
    with tempfile.TemporaryDirectory() as folder:
        names = year(folder)
        calm, shaken = Side(program, folder, 'calm'), Side(program, folder, 'shaken')
        kills, before = 0, 0
        whole, exact = True, True
        for i, name in enumerate(names):
            start = time.monotonic()
            calm_summary = calm.run(name)
            took = time.monotonic() - start
            for _ in range(KILLS // STEPS):
                kills += shaken.kill(name, r.uniform(0.0, took * 1.05))
            summary = shaken.run(name)
            # What an ended run had read is known again; a killed one has read all of its file, or nothing.
            new = calm_summary['records'] - calm_summary['again']
            whole &= summary['records'] - summary['again'] in (0, new)
            whole &= summary['records'] == calm_summary['records'] and summary['again'] >= before
            before = summary['records']
        last = shaken.run(names[-1])
        exact = last['again'] == last['records'] and not shaken.ended[-1]
        ok(f'at least 20 of {KILLS} runs were killed while they ran', kills >= 20, f'only {kills}')
        ok('a killed run has read all of its posts, or none', whole)
        ok('in the end each post is known, and no alert is left', exact, str(last))
        ended = [one for told in shaken.ended for one in told]
        ok('no id comes twice over the runs that ended', len(ended) == len(set(ended)))
        told = set(ended) | {one for told in shaken.killed for one in told}
        wanted = {one for told in calm.ended for one in told}
        ok(f'the {len(wanted)} alerts of an undisturbed series, and no others', told == wanted and len(wanted) > 20,
           f'{len(wanted - told)} lost, {len(told - wanted)} made up')
        printed = {one for told in shaken.killed for one in told}
        print(f'# {kills} killed; they printed {len(printed)} alerts, {len(printed & set(ended))} of which came again')
    print(f'1..{done}')
    return failed != 0


sys.exit(main(sys.argv[1]))

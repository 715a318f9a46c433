#!/usr/bin/env python3
"""Runs every test program of the given meson build folders and counts what really ran.

usage: run_tests.py [-j N] [--only WORD]... BUILD...

Test programs speak TAP; cmocka does when CMOCKA_MESSAGE_OUTPUT=TAP is set. A program that
crashes, runs out of time, prints no plan or fewer results than planned is a failure of its own.
Fuzz targets have no TAP: each is one test, passed when it ends with 0. The output of what failed
is printed in full. The last line is "N passed, N failed, N skipped".
"""
import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

RESULT = re.compile(r'^(not )?ok\b\s*(\d+)?\s*-?\s*(.*)$')
PLAN = re.compile(r'^1\.\.(\d+)')


class Outcome:
    def __init__(self, label):
        self.label, self.passed, self.failed, self.skipped = label, 0, [], []
        self.output, self.seconds = '', 0.0


def registered(build):
    """What meson knows: name, command line, environment, time limit."""
    text = subprocess.run(['meson', 'introspect', '--tests', build], capture_output=True,
                          text=True, check=True).stdout
    return json.loads(text)


def read_tap(outcome, text):
    """Counts results; returns what was planned, or None."""
    planned, seen = None, 0
    for line in text.splitlines():
        plan, result = PLAN.match(line), RESULT.match(line)
        if plan:
            planned = (planned or 0) + int(plan.group(1))
            if 'skip' in line.lower():
                outcome.skipped.append(line)
        if not result:
            continue
        seen += 1
        if re.search(r'#\s*skip', result.group(3), flags=re.I):
            outcome.skipped.append(result.group(3))
        elif result.group(1):
            outcome.failed.append(result.group(3) or 'unnamed test')
        else:
            outcome.passed += 1
    if planned is None:
        outcome.failed.append('printed no plan')
    elif planned != seen:
        outcome.failed.append(f'planned {planned} tests, ran {seen}')


def text_of(data):
    return data.decode('utf-8', 'replace') if isinstance(data, bytes) else data or ''


def run(build, test):
    outcome = Outcome(f'{pathlib.Path(build).name}: {test["name"]}')
    env = {**os.environ, **test['env'], 'CMOCKA_MESSAGE_OUTPUT': 'TAP'}
    env.setdefault('ASAN_OPTIONS', 'detect_leaks=1:abort_on_error=0:exitcode=99')
    env.setdefault('UBSAN_OPTIONS', 'halt_on_error=1:print_stacktrace=1')
    start = time.monotonic()
    try:
        done = subprocess.run(test['cmd'], env=env, cwd=test['workdir'] or build,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=test['timeout'])
        outcome.output, status = text_of(done.stdout), done.returncode
    except subprocess.TimeoutExpired as late:
        outcome.output, status = text_of(late.stdout), None
    except OSError as error:
        outcome.failed.append(f'cannot be started: {error.strerror}')
        return outcome
    outcome.seconds = time.monotonic() - start
    if any(suite.endswith('fuzz') for suite in test['suite']):
        outcome.passed = int(status == 0)
    else:
        read_tap(outcome, outcome.output)
    if status is None:
        outcome.failed.append(f'ran longer than {test["timeout"]} s')
    elif status < 0:
        outcome.failed.append(f'killed by signal {-status}')
    elif status and not outcome.failed:
        outcome.failed.append(f'exit status {status}')
    return outcome


def show(outcome):
    line = f'{outcome.passed} passed'
    if outcome.failed:
        line += f', {len(outcome.failed)} FAILED'
    if outcome.skipped:
        line += f', {len(outcome.skipped)} skipped'
    print(f'{outcome.label:<44} {line} ({outcome.seconds:.1f} s)', flush=True)
    if outcome.failed:
        for line in outcome.output.splitlines() + [f'FAILED: {what}' for what in outcome.failed]:
            print(f'    {line}')


def shared_rules(folder):
    """Unpacks the public Sigma rules that lie beside a checkout, for the test that reads them."""
    shared = os.environ.get('TOCSIN_SHARED', '../shared')
    archive = os.path.join(shared, 'data/rules/sigma_rules_dev.tar.gz')
    if 'TOCSIN_SIGMA_DIR' not in os.environ and os.path.exists(archive):
        subprocess.run(['tar', '-xzf', archive, '-C', folder], check=True)
        os.environ['TOCSIN_SIGMA_DIR'] = folder


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('-j', type=int, default=os.cpu_count() or 1)
    parser.add_argument('--only', action='append', help='test programs with this word in the name; may be given again')
    parser.add_argument('build', nargs='+')
    args = parser.parse_args()
    jobs = [(build, test) for build in args.build for test in registered(build)
            if not args.only or any(word in test['name'] for word in args.only)]
    with tempfile.TemporaryDirectory() as folder:
        shared_rules(folder)
        os.environ['XDG_CACHE_HOME'] = folder  # rules are kept there, not in the user's own
        with concurrent.futures.ThreadPoolExecutor(args.j) as pool:
            outcomes = list(pool.map(lambda job: run(*job), jobs))
    for outcome in outcomes:
        show(outcome)
    reasons = sorted({re.sub(r'^.*?#\s*', '', s) for o in outcomes for s in o.skipped})
    for reason in reasons:
        print(f'skipped: {reason}')
    passed = sum(o.passed for o in outcomes)
    failed = sum(len(o.failed) for o in outcomes)
    skipped = sum(len(o.skipped) for o in outcomes)
    if not jobs:
        print('no test programs found')
    print(f'{passed} passed, {failed} failed, {skipped} skipped')
    sys.exit(1 if failed or not passed else 0)


main()

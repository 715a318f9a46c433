#!/usr/bin/env python3
"""tocsin exposure on made-up fleets, beside a plain Python loop over the same tables.

usage: exposure.py [--hosts N] [--runs N] BUILD

Inventories hold builds of the catalogue, one a host. Seconds are those of the processor, of all
processes together, each the least of some runs; peak memory is the largest of one process. The loop
does what scripts do: for each host and CVE it looks for the first fixed build of the host's line.
It counts exposed answers only, and knows nothing of sources, dates or settings.
"""
import argparse
import csv
import json
import pathlib
import random
import re
import resource
import subprocess
import tempfile
import time

CATALOGUE = pathlib.Path('dossiers/exchange-server')


def make(path, hosts):
    chance = random.Random(1)
    with (CATALOGUE / 'builds.csv').open() as f:
        builds = [r['build'] for r in csv.DictReader(f) if r['build'].startswith('15.')]
    with path.open('w') as out:
        out.write('host,build,date,owner,site,internet-facing\n')
        for i in range(hosts):
            out.write(f'ex{i:07d}.corp.example,{chance.choice(builds)},2021-03-{1 + i % 28:02d},team{i % 50},'
                      f'site{i % 200},{"yes" if i % 3 else "no"}\n')


def measure(command, runs):
    best, peak = None, 0
    for _ in range(runs):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(['/usr/bin/time', '-v', *command], capture_output=True, text=True, check=False)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        best = seconds if best is None else min(best, seconds)
        peak = max(peak, int(re.search(r'Maximum resident set size \(kbytes\): (\d+)', done.stderr).group(1)))
    return best, peak / 1024, done.stdout


def python_loop(path):
    """Exposed answers, with Exchange's products told by the first two numbers."""
    fixes = {}
    with (CATALOGUE / 'fixes.csv').open() as f:
        for r in csv.DictReader(f):
            build = tuple(map(int, r['build'].split('.')))
            fixes.setdefault((r['cve'], build[:2]), []).append(build)
    start, exposed = time.process_time(), 0
    with path.open() as f:
        for row in csv.DictReader(f):
            build = tuple(map(int, row['build'].split('.')))
            for (_, product), rows in fixes.items():
                if product != build[:2] or build[:3] > max(rows)[:3]:
                    continue
                exposed += not any(b[:3] == build[:3] and b <= build for b in rows)
    return time.process_time() - start, exposed


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--hosts', type=int, default=100_000)
    parser.add_argument('--runs', type=int, default=3)
    parser.add_argument('build')
    args = parser.parse_args()
    tocsin = f'{args.build}/tocsin'
    with tempfile.TemporaryDirectory() as folder:
        small, large = pathlib.Path(folder, 'small.csv'), pathlib.Path(folder, 'large.csv')
        make(small, args.hosts)
        make(large, args.hosts * 10)
        seconds, peak, _ = measure([tocsin, 'exposure', str(small)], args.runs)
        print(f'{args.hosts} hosts, all CVEs, the page: {seconds:.2f} s, {peak:.0f} MiB')
        seconds, peak, out = measure([tocsin, 'exposure', '--json', '--dossier', 'hafnium-exchange-2021', str(small)], 1)
        rows = sum(json.loads(line)['type'] == 'exposure' for line in out.splitlines())
        print(f'{args.hosts} hosts, one affair, JSON: {seconds:.2f} s, {peak:.0f} MiB, {rows} answers')
        for option in ([], ['--stream']):
            seconds, peak, _ = measure([tocsin, 'exposure', *option, str(large)], 1)
            print(f'{args.hosts * 10} hosts, all CVEs, the page {" ".join(option)}: {seconds:.2f} s, {peak:.0f} MiB')
        few = pathlib.Path(folder, 'few.csv')
        make(few, args.hosts // 20)
        seconds, _ = python_loop(few)
        print(f'Python loop, {args.hosts // 20} hosts: {seconds:.2f} s, so {seconds * 20:.1f} s for {args.hosts}')


main()

#!/usr/bin/env python3
"""Measures tocsin beside its peers, in one run on one machine, and prints ratios.

usage: bench.py [--bytes N] [--runs N] [--rules DIR] [--keep DIR] [--json FILE] BUILD_DIR

Every figure is the median of N runs with a warm page cache, pinned to one core unless said. Peers
read through a pipe where they would otherwise stop at the first hit. A row ends with its target.
"""
import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

LITERALS = 5000


def seconds(argv, stdin=None, core='0', env=None):
    cmd = (['taskset', '-c', core] if core and shutil.which('taskset') else []) + argv
    t = time.monotonic()
    with open(os.devnull, 'wb') as null:
        if stdin:
            cat = subprocess.Popen(['cat', stdin], stdout=subprocess.PIPE)
            p = subprocess.Popen(cmd, stdin=cat.stdout, stdout=subprocess.PIPE, stderr=null, env=env)
            cat.stdout.close()
            p.communicate()
            cat.wait()
        else:
            p = subprocess.Popen(cmd, stdout=subprocess.PIPE, stderr=null, env=env)
            p.communicate()
    return time.monotonic() - t


def medians(runs, **commands):
    """The commands in turn, run after run, so that a slow moment of the machine hits them all."""
    times = {name: [] for name in commands}
    for _ in range(runs):
        for name, call in commands.items():
            times[name].append(call())
    return {name: statistics.median(v) for name, v in times.items()}


def peak_kib(argv):
    """Largest sum of proportional set sizes of the process and its workers, in KiB."""
    p = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    peak = 0
    while p.poll() is None:
        total = 0
        pids = [p.pid]
        try:
            with open(f'/proc/{p.pid}/task/{p.pid}/children') as f:
                pids += [int(x) for x in f.read().split()]
            for pid in pids:
                with open(f'/proc/{pid}/smaps_rollup') as f:
                    for line in f:
                        if line.startswith('Pss:'):
                            total += int(line.split()[1])
        except OSError:
            pass
        peak = max(peak, total)
        time.sleep(0.01)
    return peak


class Report:
    def __init__(self):
        self.rows = []

    def add(self, what, value, unit, target=None, good=None):
        self.rows.append({'what': what, 'value': value, 'unit': unit, 'target': target, 'met': good})
        mark = '' if good is None else ('  met' if good else '  MISSED')
        aim = f'  (target {target})' if target else ''
        print(f'{what:<62} {value:>9.3f} {unit}{aim}{mark}', flush=True)


def tocsin(exe, *args, jobs='1'):
    return [exe, 'scan', '--json', '-q', '-j', jobs, *args]


def generate_log(gen, kind, size, log):
    """Makes the log unless it is there, with the places of its planted rows in LOG.planted."""
    if not os.path.exists(log + '.planted'):
        made = subprocess.run([gen, '--kind', kind, '--bytes', str(size), '--planted', '20', '-o', log],
                              check=True, stderr=subprocess.PIPE)
        with open(log + '.planted', 'wb') as f:
            f.write(made.stderr)


def planted_found(argv, log):
    """How many of the planted rows are among the findings, at their offsets, and how many there are."""
    with open(log + '.planted') as f:
        planted = {row['offset'] for row in json.load(f)['planted']}
    answer = subprocess.run([*argv, log], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    rows = map(json.loads, answer.splitlines())
    return len(planted & {row.get('offset') for row in rows}), len(planted)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument('build')
    ap.add_argument('--bytes', type=int, default=2_000_000_000)
    ap.add_argument('--runs', type=int, default=5)
    ap.add_argument('--rules', help='folder of Sigma rules to load as well (SigmaHQ webserver rules)')
    ap.add_argument('--keep', help='folder for the generated logs, kept for the next run')
    ap.add_argument('--json', help='write the figures here as well')
    a = ap.parse_args()
    exe, gen = os.path.join(a.build, 'tocsin'), os.path.join(a.build, 'tests/bench/gen_log')
    d = a.keep or tempfile.mkdtemp(prefix='tocsin-bench-')
    os.makedirs(d, exist_ok=True)
    path = lambda n: os.path.join(d, n)
    made = lambda n, *args: os.path.exists(path(n)) or subprocess.run([gen, *args], check=True, stderr=subprocess.DEVNULL)
    generate_log(gen, 'iis', a.bytes, path('iis.log'))
    generate_log(gen, 'httpproxy', a.bytes, path('hp.log'))
    made('literals', '--literals', str(LITERALS), path('literals'))
    for n in (100, 100_000):
        made(f'addresses{n}', '--addresses', str(n), path(f'addresses{n}'))
    if not os.path.exists(path('small.log')):
        with open(path('iis.log'), 'rb') as f, open(path('small.log'), 'wb') as o:
            o.write(f.read(min(a.bytes, 256_000_000)))
        for tool, ext in (('gzip', 'gz'), ('zstd', 'zst')):
            if shutil.which(tool):
                with open(path('small.log.' + ext), 'wb') as o:
                    subprocess.run([tool, '-c', path('small.log')], stdout=o, check=True)
    with open(path('tiny.log'), 'wb') as o, open(path('iis.log'), 'rb') as f:
        o.write(b''.join(f.readlines(20_000)))
    for n in ('iis.log', 'hp.log', 'small.log'):
        with open(path(n), 'rb') as f:
            while f.read(1 << 24):
                pass
    gb = os.path.getsize(path('iis.log')) / 1e9
    full = ['--indicators', path('literals')] + (['--rules', a.rules] if a.rules else [])
    r = Report()
    print(f'{gb:.2f} GB, {a.runs} runs, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}')
    for n in ('iis.log', 'hp.log'):
        found, planted = planted_found(tocsin(exe, '--no-hash', *full), path(n))
        r.add(f'planted traces found in {n}', found, f'of {planted}', f'{planted}', found == planted)

    bare = os.path.join(a.build, 'tests/bench/ceiling')
    ceiling = {}
    if os.path.exists(bare):
        with open(path('own'), 'wb') as f:
            subprocess.run([os.path.join(a.build, 'tests/bench/own_literals'), path('literals')] + ([a.rules] if a.rules else []),
                           stdout=f, check=True)
        ceiling = {'bare': lambda: seconds([bare, path('literals'), path('iis.log')]),
                   'own_bare': lambda: seconds([bare, path('own'), path('iis.log')])}
    m = medians(a.runs, **ceiling,
                wc=lambda: seconds(['wc', '-l', path('iis.log')]),
                sweep=lambda: seconds(tocsin(exe, '--no-hash', *full, path('iis.log'))),
                own=lambda: seconds(tocsin(exe, '--no-hash', path('iis.log'))),
                hp=lambda: seconds(tocsin(exe, '--no-hash', *full, path('hp.log'))),
                hashed=lambda: seconds(tocsin(exe, *full, path('iis.log'))),
                sha=lambda: seconds(['openssl', 'dgst', '-sha256', path('iis.log')]))
    rg = statistics.median(seconds(['rg', '-i', '-F', '-c', '-f', path('literals')], stdin=path('iis.log'))
                           for _ in range(min(a.runs, 2)))
    r.add('wc -l', gb / m['wc'], 'GB/s')
    r.add(f'rg -i -F -c, {LITERALS} literals', gb / rg, 'GB/s')
    r.add(f'sweep: dossiers, {LITERALS} indicators, rules; no hash', gb / m['sweep'], 'GB/s')
    r.add('   times as fast as rg', rg / m['sweep'], 'x', '>= 10', rg / m['sweep'] >= 10)
    r.add('   times as long as wc -l', m['sweep'] / m['wc'], 'x', '<= 4', m['sweep'] / m['wc'] <= 4)
    if ceiling:
        for key, what in (('bare', f'bare Vectorscan, the {LITERALS} literals, nothing else'),
                          ('own_bare', 'bare Vectorscan, all literals of the sweep, nothing else')):
            r.add(what, gb / m[key], 'GB/s')
            r.add('   times as fast as rg', rg / m[key], 'x')
            r.add('   times as long as wc -l', m[key] / m['wc'], 'x')
        r.add('   sweep, times as long as it', m['sweep'] / m['own_bare'], 'x')
    r.add('sweep: shipped dossiers alone', gb / m['own'], 'GB/s')
    r.add('HttpProxy log against IIS', m['hp'] / m['sweep'], 'x', '<= 1.5', m['hp'] / m['sweep'] <= 1.5)
    both = m['sweep'] + m['sha']
    r.add('with SHA-256 against sweep + openssl sha256', m['hashed'] / both, 'x', '<= 1', m['hashed'] / both <= 1)

    m = medians(a.runs,
                wc=lambda: seconds(['wc', '-l', path('iis.log')]),
                full=lambda: seconds(tocsin(exe, '--no-hash', '--full', *full, path('iis.log'))),
                one=lambda: seconds(tocsin(exe, '--no-hash', *full, path('iis.log'), jobs='1'), core='0,1'),
                two=lambda: seconds(tocsin(exe, '--no-hash', *full, path('iis.log'), jobs='2'), core='0,1'))
    r.add('full mode: every row by itself, everything', gb / m['full'], 'GB/s', '>= 0.9', gb / m['full'] >= 0.9)
    r.add('two workers against one', m['one'] / m['two'], 'x', '>= 1.8', m['one'] / m['two'] >= 1.8)

    small = path('small.log')
    if os.path.exists(small + '.gz'):
        m = medians(a.runs, plain=lambda: seconds(tocsin(exe, '--no-hash', small)),
                    gz=lambda: seconds(tocsin(exe, '--no-hash', small + '.gz')),
                    zst=lambda: seconds(tocsin(exe, '--no-hash', small + '.zst')),
                    gzip=lambda: seconds(['gzip', '-dc', small + '.gz']),
                    zstd=lambda: seconds(['zstd', '-dcq', small + '.zst']))
        r.add('gzip input against gzip -dc', m['gz'] / m['gzip'], 'x', '<= 1', m['gz'] / m['gzip'] <= 1)
        r.add('zstd input against zstd -dc plus the sweep', m['zst'] / (m['zstd'] + m['plain']), 'x', '<= 1',
              m['zst'] / (m['zstd'] + m['plain']) <= 1)
    m = medians(a.runs,
                few=lambda: seconds(tocsin(exe, '--no-hash', '--indicators', path('addresses100'), path('iis.log'))),
                many=lambda: seconds(tocsin(exe, '--no-hash', '--indicators', path('addresses100000'), path('iis.log'))),
                start=lambda: seconds(tocsin(exe, path('tiny.log'))))
    r.add('100,000 addresses against 100', m['many'] / m['few'], 'x', '<= 1.2', m['many'] / m['few'] <= 1.2)
    r.add('start to end on a tiny log, shipped dossiers', m['start'] * 1000, 'ms', '< 50', m['start'] < 0.05)
    for jobs in ('1', '2'):
        peak = peak_kib(tocsin(exe, '--no-hash', *full, path('iis.log'), jobs=jobs)) / 1024
        r.add(f'peak memory, all processes, {jobs} worker(s)', peak, 'MiB', '< 256', peak < 256)
    if a.json:
        with open(a.json, 'w') as f:
            json.dump(r.rows, f, indent=1)
    if not a.keep:
        shutil.rmtree(d)


sys.exit(main())

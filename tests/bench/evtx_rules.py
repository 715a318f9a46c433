#!/usr/bin/env python3
"""Event logs under all public rules: records a second of one core, two workers against one, events as JSON, memory.

usage: evtx_rules.py [--runs N] [--copies N] [--folder-gb N] SAMPLES RULES BUILD

Large logs are copied with their times moved, so that no copy is evidence supplied twice (a scan would read such files once
more). Times are processor seconds, the least of some runs that take turns; what loading takes is the same run over an
empty folder. The folder of --folder-gb is made of links to the samples.
"""
import argparse
import json
import os
import pathlib
import re
import resource
import shutil
import struct
import subprocess
import sys
import tempfile
import time
import zlib

CHUNK, FILE_HEADER, LARGE = 65536, 4096, 1 << 20
HOUR = 3600 * 10 ** 7  # as FILETIME counts
PUBLISHED = [
    ('Hayabusa, all cores', '18,000 records/s'),
    ('rsigma, a core', '19,000 to 106,000 records/s'),
    ('evtx (Rust), a core, no rules', '419 MB/s'),
]


def move_chunk(chunk, hours):
    """Moves the time of each record by hours, and puts the sums right."""
    free, = struct.unpack_from('<I', chunk, 48)
    at = 512
    while at + 28 <= min(free, CHUNK) and chunk[at:at + 4] == b'**\0\0':
        size, = struct.unpack_from('<I', chunk, at + 4)
        if size < 28 or at + size > CHUNK:
            break
        written = bytes(chunk[at + 16:at + 24])
        moved = struct.pack('<Q', struct.unpack('<Q', written)[0] + hours * HOUR)
        chunk[at:at + size] = chunk[at:at + size].replace(written, moved)
        at += size
    struct.pack_into('<I', chunk, 52, zlib.crc32(chunk[512:free]))
    struct.pack_into('<I', chunk, 124, zlib.crc32(bytes(chunk[:120] + chunk[128:512])))
    return chunk


def move_log(log, hours):
    out = bytearray(log)
    for at in range(FILE_HEADER, len(log) - CHUNK + 1, CHUNK):
        if log[at:at + 8] == b'ElfChnk\0':
            out[at:at + CHUNK] = move_chunk(out[at:at + CHUNK], hours)
    return out


def large_logs(samples, to, copies):
    logs = [p for p in sorted(samples.rglob('*.evtx')) if p.stat().st_size > LARGE]
    for k in range(copies):
        folder = to / f'host{k}'
        folder.mkdir(parents=True)
        for i, path in enumerate(logs):
            (folder / f'{i}-{path.name}').write_bytes(move_log(path.read_bytes(), 31 * 24 * k))


def json_events(samples, to, build, copies):
    """Lines as `tocsin dump` writes them, one file a copy; hosts are told apart by what they are called."""
    logs = [str(p) for p in sorted(samples.rglob('*.evtx')) if p.stat().st_size > LARGE]
    lines = subprocess.run([build / 'tocsin', 'dump', *logs], capture_output=True, check=False).stdout
    to.mkdir()
    for k in range(copies):
        moved = re.sub(rb'"Computer":"', b'"Computer":"h%d-' % k, lines)
        (to / f'events{k}.jsonl').write_bytes(moved)


def linked_folder(samples, to, gb):
    """Hard links of the samples until the folder has so many GB. Returns its bytes."""
    paths = [p for p in sorted(samples.rglob('*')) if p.is_file()]
    total, k = 0, 0
    while total < gb * 1e9:
        for i, path in enumerate(paths):
            folder = to / f'host{k}' / f'{i // 1000}'
            folder.mkdir(parents=True, exist_ok=True)
            os.link(path, folder / f'{i}-{path.name}')
            total += path.stat().st_size
        k += 1
    return total


class Bench:
    def __init__(self, args):
        self.tocsin, self.runs = str(args.build / 'tocsin'), args.runs
        self.rules = ['--rules', str(args.rules)]

    def command(self, folder, *options):
        return [self.tocsin, 'scan', '--json', '-q', '--no-hash', *options, *self.rules, str(folder)]

    def once(self, command):
        """Processor and elapsed seconds, and the summary."""
        before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        out = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False).stdout
        took, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return cpu, took, json.loads(out.splitlines()[-1])

    def best(self, *commands):
        """Of each command the least of both times; they take turns."""
        best = [(1e9, 1e9, None)] * len(commands)
        for _ in range(self.runs):
            for i, command in enumerate(commands):
                cpu, took, said = self.once(command)
                best[i] = (min(best[i][0], cpu), min(best[i][1], took), said)
        return best


def say(what, figure):
    print(f'{what:58} {figure}', flush=True)


def speed(b, logs, empty):
    for name, options in (('all rules', ['--no-dossiers']), ('all rules and dossiers', [])):
        load, scan = b.best(b.command(empty, '-j1', *options), b.command(logs, '-j1', *options))
        records, own = scan[2]['records'], scan[0] - load[0]
        say(f'loading, {name}', f'{load[0] * 1000:.0f} ms')
        say(f'records a second and core, {name}', f'{records / own:,.0f} (with loading {records / scan[0]:,.0f}), '
            f'{scan[2]["bytes"] / own / 1e6:.0f} MB/s, {scan[2]["findings"]} findings')


def workers(b, logs):
    load = os.getloadavg()[0]
    one, two = b.best(b.command(logs, '-j1'), b.command(logs, '-j2'))
    say('two workers against one, elapsed', f'{one[1] / two[1]:.2f} ({one[1]:.2f} s, {two[1]:.2f} s), load average {load:.1f}, '
        f'{os.cpu_count()} processors')
    say('processor time of two against one', f'{two[0] / one[0]:.2f}')


def memory(b, folder, total, peak):
    for jobs in ('1', '2'):
        command = [b.tocsin, 'scan', '--json', '-q', f'-j{jobs}', *b.rules, str(folder)]
        with tempfile.NamedTemporaryFile() as out:
            told = subprocess.run([sys.executable, peak, '--out', out.name, *command], stderr=subprocess.PIPE, text=True, check=False)
            last = json.loads(out.read().splitlines()[-1])
        found = re.search(r'peak (\d+) MiB, ([\d.]+) s', told.stderr)
        say(f'peak memory, {total / 1e9:.1f} GB, {jobs} worker(s)',
            f'{found[1]} MiB; {last["records"]:,} records in {found[2]} s, {last["gaps"]} gaps')


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--runs', type=int, default=5)
    parser.add_argument('--copies', type=int, default=12)
    parser.add_argument('--folder-gb', type=float, default=2)
    for name in ('samples', 'rules', 'build'):
        parser.add_argument(name, type=pathlib.Path)
    args = parser.parse_args()
    b = Bench(args)
    work = pathlib.Path(tempfile.mkdtemp(dir=args.samples.parent))  # links need one file system
    os.environ['XDG_CACHE_HOME'] = str(work / 'cache')
    try:
        (work / 'empty').mkdir()
        (work / 'cache').mkdir(mode=0o700)
        large_logs(args.samples, work / 'large', args.copies)
        b.once(b.command(work / 'empty'))  # rules are kept from here on
        speed(b, work / 'large', work / 'empty')
        workers(b, work / 'large')
        json_events(args.samples, work / 'json', args.build, 2)
        load, scan = b.best(b.command(work / 'empty', '-j1'), b.command(work / 'json', '-j1'))
        say('events as JSON Lines, a core, all rules and dossiers',
            f'{scan[2]["bytes"] / (scan[0] - load[0]) / 1e6:.0f} MB/s, {scan[2]["records"] / (scan[0] - load[0]):,.0f} records/s')
        total = linked_folder(args.samples, work / 'folder', args.folder_gb)
        memory(b, work / 'folder', total, pathlib.Path(__file__).parents[1] / 'hostile/peak.py')
    finally:
        shutil.rmtree(work)
    print('published by others, on other machines and logs, not measured here:')
    for what, figure in PUBLISHED:
        say(f'  {what}', figure)


main()

#!/usr/bin/env python3
"""Files as a whole: all public YARA rules over a tree of mixed files, against the yara command.

  files.py [--gb N] [--runs N] BUILD

The tree is made of this machine's files (programs, libraries, scripts, texts), taken by chance with
a fixed seed until it is large enough, and of files made of the rules' own strings. Runs take turns; the least of
each is told, by the clock and of the processor, with the memory of all processes at once. A
whole `tocsin scan` of the same tree, which also hashes and judges, is measured beside it.
"""
import argparse
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'interop'))
import yara as interop  # noqa: E402

SOURCES = ['/usr/bin', '/usr/lib', '/usr/share', '/usr/sbin']


def make_tree(tree, size):
    """Files by chance; what is larger than 64 MiB is left where it is."""
    files = []
    for top in SOURCES:
        for folder, _, names in os.walk(top):
            files += [os.path.join(folder, n) for n in names]
    files = sorted(f for f in files if os.path.isfile(f) and not os.path.islink(f))
    random.Random(1).shuffle(files)
    have = number = 0
    while have < size:
        for path in files:
            n = os.path.getsize(path)
            if n > 64 << 20 or have >= size:
                continue
            folder = tree / f'{number // 1000:03d}'
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, folder / f'{number}-{os.path.basename(path)}')
            have += n
            number += 1
    return number, have


def resident(pid):
    """KiB of a process and all below it, shared pages counted once."""
    total, todo = 0, [pid]
    while todo:
        one = todo.pop()
        try:
            with open(f'/proc/{one}/smaps_rollup', encoding='ascii') as f:
                total += sum(int(line.split()[1]) for line in f if line.startswith('Pss:'))
            with open(f'/proc/{one}/task/{one}/children', encoding='ascii') as f:
                todo += [int(x) for x in f.read().split()]
        except OSError:
            pass
    return total


def measure(command):
    """(seconds by the clock, seconds of the processor, KiB at most, output)"""
    before = os.times()
    start = time.monotonic()
    with tempfile.TemporaryFile() as out:
        with subprocess.Popen(command, stdout=out, stderr=subprocess.DEVNULL) as p:
            most = 0
            while p.poll() is None:
                most = max(most, resident(p.pid))
                time.sleep(0.05)
        seconds = time.monotonic() - start
        after = os.times()
        out.seek(0)
        text = out.read().decode(errors='replace')
    return (seconds, after.children_user + after.children_system - before.children_user - before.children_system,
            most, text)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--gb', type=float, default=2)
    parser.add_argument('--runs', type=int, default=3)
    parser.add_argument('build')
    args = parser.parse_args()
    rules = pathlib.Path(os.environ.get('TOCSIN_SHARED', '/nonexistent')) / 'data/rules/yara_signature_base_dev.tar.gz'
    if not rules.exists():
        print('no public rules beside the tree')
        return
    jobs = str(os.cpu_count() or 1)
    with tempfile.TemporaryDirectory(dir=args.build) as work:
        work = pathlib.Path(work)
        shutil.unpack_archive(rules, work / 'rules')
        sources = sorted(p for p in (work / 'rules').rglob('*') if p.suffix in ('.yar', '.yara'))
        defines = [x for name in interop.NAMES for x in ('-d', name + '=')]
        compiled = str(work / 'rules.yarc')
        subprocess.run(['yarac', '-w', *defines, *[f'n{i}:{p}' for i, p in enumerate(sources)], compiled],
                       check=True, capture_output=True)
        tree = work / 'tree'
        number, size = make_tree(tree, int(args.gb * 1e9))
        interop.make_files(sources, tree / 'made')
        print(f'{len(sources)} files of rules; {number} files of this machine, {size / 1e9:.2f} GB; {jobs} threads or workers')
        ours = [f'{args.build}/tests/bench/bench_yara', '-j' + jobs, '-n', '-s', '-c', str(work / 'cache'),
                str(work / 'rules'), str(tree)]
        theirs = ['yara', '-w', '-N', '-r', '-s', '-p', jobs, '-C', compiled, str(tree)]
        scan = [f'{args.build}/tocsin', 'scan', '--json', '--quiet', '--no-dossiers', '-j' + jobs, '--rules',
                str(work / 'rules'), str(tree)]
        best = {}
        for _ in range(args.runs):
            for name, command in (('gate and libyara', ours), ('yara', theirs), ('tocsin scan', scan)):
                got = measure(command)
                old = best.get(name, got)
                best[name] = (min(old[0], got[0]), min(old[1], got[1]), max(old[2], got[2]), got[3])
        for name, (seconds, cpu, kib, _) in best.items():
            print(f'{name:17} {seconds:7.1f} s {cpu:7.1f} s CPU {size / seconds / 1e6:6.0f} MB/s {kib / 1024:6.0f} MiB '
                  f'{best["yara"][0] / seconds:5.1f} times yara, {best["yara"][1] / cpu:.1f} in CPU')
        mine, peer = (interop.told(best[n][3]) for n in ('gate and libyara', 'yara'))
        print(f'matches: {len(peer)} of yara, {len(mine)} of ours; ' +
              ('identical, with their places' if mine == peer else f'{len(set(mine) ^ set(peer))} DIFFER'))


if __name__ == '__main__':
    main()

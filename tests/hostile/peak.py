#!/usr/bin/env python3
"""Runs a command and watches the memory of it and of all its children.

usage: peak.py [--max-mib N] [--max-seconds N] [--out FILE] COMMAND...

Samples the sum of proportional set sizes (Pss, or Rss where the kernel does not tell it) of the
process tree. The last line on standard error is "peak N MiB, N.N s, status N"; passing a maximum
is status 125. Otherwise the status is the command's. Seconds are those of the processor, of all
processes together: other work on the machine costs none. By the clock it may take four times as many.
"""
import argparse
import os
import resource
import subprocess
import sys
import time


def children(pid):
    found = [pid]
    for p in found:
        try:
            for task in os.listdir(f'/proc/{p}/task'):
                with open(f'/proc/{p}/task/{task}/children', encoding='ascii') as f:
                    found += [int(c) for c in f.read().split()]
        except OSError:
            pass
    return found


def field(path, name):
    try:
        with open(path, encoding='ascii', errors='replace') as f:
            for line in f:
                if line.startswith(name):
                    return int(line.split()[1])
    except OSError:
        pass
    return None


def memory_kib(pid):
    total = 0
    for p in children(pid):
        pss = field(f'/proc/{p}/smaps_rollup', 'Pss:')
        total += pss if pss is not None else field(f'/proc/{p}/status', 'VmRSS:') or 0
    return total


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--max-mib', type=int, default=0)
    parser.add_argument('--max-seconds', type=float, default=0)
    parser.add_argument('--out', default=os.devnull)
    parser.add_argument('command', nargs=argparse.REMAINDER)
    args = parser.parse_args()
    peak, start, late = 0, time.monotonic(), False
    with open(args.out, 'wb') as out, subprocess.Popen(args.command, stdout=out) as child:
        while child.poll() is None:
            peak = max(peak, memory_kib(child.pid))
            if args.max_seconds and time.monotonic() - start > 4 * args.max_seconds:
                late = True
                child.kill()
            time.sleep(0.02)
    mib = (peak + 1023) // 1024
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = used.ru_utime + used.ru_stime
    late = late or (args.max_seconds and seconds > args.max_seconds)
    print(f'peak {mib} MiB, {seconds:.1f} s, status {child.returncode}', file=sys.stderr)
    if late or (args.max_mib and mib > args.max_mib):
        sys.exit(125)
    sys.exit(child.returncode if child.returncode >= 0 else 128 - child.returncode)


main()

#!/usr/bin/env python3
"""Runs a program: peak.py MIB OUTPUT COMMAND...; fails if it, or a process it waited for, had more memory than that."""
import resource
import subprocess
import sys


def main():
    with open(sys.argv[2], 'wb') as out:
        status = subprocess.run(sys.argv[3:], stdout=out, check=False).returncode
    mib = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    print(f'status {status}, {mib} MiB')
    return 0 if status in (0, 1, 3) and mib <= int(sys.argv[1]) else 1


if __name__ == '__main__':
    sys.exit(main())

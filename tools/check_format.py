#!/usr/bin/env python3
"""Checks that clang-format would change no C file, and that no line ends in a blank.

Prints TAP.
"""
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
# The output of clang-format differs between versions; this is Debian 12's.
CLANG_FORMAT = shutil.which('clang-format-14') or shutil.which('clang-format')


def c_files():
    return sorted(p for folder in ('src', 'tests') for end in ('*.c', '*.h')
                  for p in (ROOT / folder).rglob(end))


def unformatted():
    done = subprocess.run([CLANG_FORMAT, '--style=file', '--dry-run', *c_files()],
                          capture_output=True, text=True, check=False)
    if done.returncode:
        yield f'clang-format failed: {done.stderr}'
    for name in sorted(set(re.findall(r'^(\S+):\d+:\d+: warning: ', done.stderr, flags=re.M))):
        yield f'{pathlib.Path(name).relative_to(ROOT)}: run clang-format -i'


def trailing_blanks():
    scripts = [p for folder in ('script', 'tools', 'tests/cli') for p in (ROOT / folder).glob('*')]
    for path in c_files() + sorted(p for p in scripts if p.is_file()):
        for number, line in enumerate(path.read_bytes().split(b'\n'), 1):
            if line.endswith((b' ', b'\t', b'\r')):
                yield f'{path.relative_to(ROOT)}:{number}: blank at the end'


def report(number, what, broken):
    broken = list(broken)
    print(f'{"not ok" if broken else "ok"} {number} - {what}')
    for line in broken:
        print(f'# {line}')
    return bool(broken)


def main():
    print('1..2')
    failed = False
    if CLANG_FORMAT:
        failed |= report(1, 'C files are formatted', unformatted())
    else:
        print('ok 1 - C files are formatted # SKIP no clang-format')
    failed |= report(2, 'no line ends in a blank', trailing_blanks())
    sys.exit(failed)


main()

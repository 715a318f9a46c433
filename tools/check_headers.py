#!/usr/bin/env python3
"""Checks that every header of src/ starts with its contract: What, Input, Limits, Owner, Spec.

Prints TAP.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
WORDS = ['What', 'Input', 'Limits', 'Owner', 'Spec']


def first_comment(text):
    match = re.match(r'/\*.*?\*/', text, flags=re.S)
    return match.group(0) if match else ''


def missing(path):
    """What the first comment lacks: a title line, a word, the order of the words."""
    comment = first_comment(path.read_text())
    if not re.match(rf'/\* (\S*/)?{re.escape(path.name)} — .+', comment):
        yield f'the first line is not "/* {path.name} — what it is."'
    found = re.findall(r'^ \* (\w+):[ \t]+\S', comment, flags=re.M)
    found = [word for word in found if word in WORDS]
    if found != WORDS:
        yield f'has {", ".join(found) or "none"} of {", ".join(WORDS)}'


def wrong_guards(path):
    guard = re.sub(r'\W', '_', str(path.relative_to(ROOT / 'src'))).upper()
    if f'#ifndef {guard}\n#define {guard}\n' not in path.read_text():
        yield f'the include guard is not {guard}'


def report(number, what, check):
    broken = [f'{path.relative_to(ROOT)}: {problem}'
              for path in sorted((ROOT / 'src').rglob('*.h')) for problem in check(path)]
    print(f'{"not ok" if broken else "ok"} {number} - {what}')
    for line in broken:
        print(f'# {line}')
    return bool(broken)


def main():
    print('1..2')
    failed = report(1, 'every header starts with What, Input, Limits, Owner, Spec', missing)
    failed |= report(2, 'every header is guarded by its own path', wrong_guards)
    sys.exit(failed)


main()

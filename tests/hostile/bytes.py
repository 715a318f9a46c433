#!/usr/bin/env python3
"""Checks that an output is text and nothing else. usage: bytes.py FORMAT FILE"""
import csv
import json
import sys
import unicodedata

BIDI = {0x061c, 0x200b, 0x200c, 0x200d, 0x200e, 0x200f, 0xfeff, *range(0x202a, 0x202f), *range(0x2060, 0x206a)}


def problems(fmt, data):
    try:
        text = data.decode('utf-8')
    except UnicodeDecodeError as e:
        yield f'no UTF-8 at byte {e.start}'
        return
    for i, c in enumerate(text):
        n = ord(c)
        if (n < 32 and c != '\n' and not (fmt == 'csv' and c == '\r')) or 127 <= n < 160:
            yield f'control character {n:#x} at {i}'
        if fmt in ('text', 'csv') and n in BIDI:
            yield f'invisible character {n:#x} at {i}'
        if unicodedata.category(c) == 'Cs':
            yield f'half a surrogate at {i}'
    if fmt in ('json', 'timesketch', 'ecs'):
        for n, line in enumerate(text.splitlines(), 1):
            try:
                json.loads(line)
            except ValueError as e:
                yield f'line {n}: {e}'
    if fmt == 'csv':
        rows = list(csv.reader(text.splitlines(keepends=True), strict=True))
        for n, row in enumerate(rows, 1):
            if len(row) != len(rows[0]):
                yield f'row {n} has {len(row)} cells'
            for cell in row:
                if cell[:1] in ('=', '+', '-', '@', '\t', '\r') and not cell[1:].replace('.', '').isdigit():
                    yield f'row {n}: a cell that a spreadsheet computes: {cell[:40]!r}'


def main():
    with open(sys.argv[2], 'rb') as f:
        found = list(problems(sys.argv[1], f.read()))
    print(*found[:20], sep='\n')
    sys.exit(1 if found else 0)


main()

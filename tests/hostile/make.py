#!/usr/bin/env python3
"""Writes hostile and merely large inputs for the tests. Nothing of it is stored in the tree.

usage: make.py WHAT [ARGUMENT...] > FILE        make.py tree FOLDER

Each WHAT is a function below; its docstring says what comes out. Rows of attack are shapes that
the shipped dossiers know, with addresses of the documentation ranges.
"""
import gzip
import lzma
import os
import pathlib
import random
import socket
import sys
import zlib

FIELDS = ('date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip '
          'cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken')
HEAD = ('#Software: Microsoft Internet Information Services 8.5\r\n#Version: 1.0\r\n'
        '#Date: 2021-03-02 00:00:00\r\n')
OUT = sys.stdout.buffer


def clock(i, step=1):
    """A time on or after 2021-03-01, i steps of so many seconds later."""
    s = i * step
    return f'2021-03-{1 + s // 86400 % 28:02d} {s // 3600 % 24:02d}:{s // 60 % 60:02d}:{s % 60:02d}'


STEMS = ('/EWS/Exchange.asmx', '/mapi/emsmdb/', '/Microsoft-Server-ActiveSync/default.eas',
         '/owa/auth/logon.aspx', '/rpc/rpcproxy.dll', '/owa/service.svc', '/mapi/nspi/', '/owa/')


def plain(i, step=1):
    return (f'{clock(i, step)} 192.0.2.5 GET {STEMS[i * 7 % 61 % 8]} url=x{i} 443 - 198.51.100.{i % 250} '
            'Mozilla/5.0+(Windows+NT+10.0) - 200 0 0 15\r\n')


def attack(i, client='203.0.113.7', agent='Mozilla/5.0', stem='/ecp/y.js', step=1, query='-'):
    return (f'{clock(i, step)} 192.0.2.5 POST {stem} {query} 443 - {client} {agent} - '
            '200 0 0 15\r\n')


def header(fields=FIELDS):
    return f'{HEAD}#Fields: {fields}\r\n'


def log(rows=1000, every=100):
    """An IIS log; each so many rows one of attack, with a client of its own."""
    rows, every = int(rows), int(every)
    OUT.write(header().encode())
    for start in range(0, rows, 1000):
        part = []
        for i in range(start, min(rows, start + 1000)):
            if every and i % every == every // 2:
                part.append(attack(i, f'203.0.113.{i // every % 250}'))
            else:
                part.append(plain(i))
        OUT.write(''.join(part).encode())


def big(mib=600, every=200000):
    """A large IIS log, quickly: the same block of rows again and again, with rows of attack between."""
    block = ''.join(plain(i) for i in range(20000)).encode()
    OUT.write(header().encode())
    for n in range(int(mib) * 1024 * 1024 // len(block)):
        OUT.write(block)
        if n % max(1, int(every) // 20000) == 0:
            OUT.write(attack(n).encode())


def flood(rows=2000000, kind='client'):
    """Nothing but rows of attack, each different: in client, in agent, or in the server's name."""
    rows = int(rows)
    named = kind == 'host'
    OUT.write(header(FIELDS.replace('s-ip', 's-computername s-ip') if named else FIELDS).encode())
    for start in range(0, rows, 10000):
        part = []
        for i in range(start, min(rows, start + 10000)):
            client = f'2001:db8:{i >> 16:x}:{i & 0xffff:x}::1'
            agent = f'python-requests/2.25.1+x{i}' + 'A' * 200 if kind == 'agent' else 'Mozilla/5.0'
            row = attack(i // 10, client, agent, f'/ecp/{i:x}.js')
            part.append(row.replace(' 192.0.2.5 ', f' SRV{i} 192.0.2.5 ', 1) if named else row)
        OUT.write(''.join(part).encode())


def long_lines(*mib):
    """Lines of so many MiB, rows of attack before, between and behind them."""
    OUT.write((header() + attack(1, '203.0.113.1')).encode())
    for n, size in enumerate(mib):
        OUT.write(b'2021-03-01 00:10:00 192.0.2.5 GET /owa/' + b'a' * int(float(size) * 1048576) +
                  b' - 443 - 198.51.100.1 - - 200 0 0 1\r\n')
        OUT.write(attack(100 + n, f'203.0.113.{2 + n}').encode())


def junk(mode='middle'):
    """Random bytes: alone, in the middle of a log, as NULs behind it, or one bad byte a row."""
    r = random.Random(7)
    noise = r.randbytes(300000)
    if mode == 'alone':
        OUT.write(noise)
        return
    OUT.write((header() + attack(1, '203.0.113.1')).encode())
    if mode == 'middle':
        OUT.write(noise + b'\r\n')
    elif mode == 'nul':
        OUT.write(attack(2, '203.0.113.2').encode() + bytes(200000))
        return
    elif mode == 'mixed':
        for i in range(3000):
            row = bytearray(plain(i).encode())
            row[r.randrange(len(row) - 2)] = r.choice(b'\0\x01\x0b\x1b\x7f\x80\xff\xc3\xe2')
            OUT.write(bytes(row))
    OUT.write(attack(5000, '203.0.113.2').encode())


def columns(n=100000):
    """#Fields with so many columns; then the usual ones again and a row of attack."""
    OUT.write((HEAD + '#Fields: ' + ' '.join(f'c{i}' for i in range(int(n))) + '\r\n').encode())
    OUT.write((' '.join('x' for _ in range(int(n))) + '\r\n').encode())
    OUT.write((header() + attack(1)).encode())


def headers(n=100000):
    """The columns change on every row."""
    OUT.write((header() + attack(1)).encode())
    for i in range(int(n)):
        OUT.write(f'#Fields: date time a{i} b{i % 7} c-ip\r\n2021-03-01 00:00:01 x y 192.0.2.1\r\n'
                  .encode())
    OUT.write((header() + attack(2)).encode())


def hours(n=100000, order='down'):
    """Rows of so many different hours, the last first or shuffled, then a row of attack."""
    OUT.write(header().encode())
    numbers = list(range(int(n)))
    numbers.reverse() if order == 'down' else random.Random(3).shuffle(numbers)
    for k in numbers:
        day = k // 24
        date = f'{2021 - day // 336:04d}-{1 + day // 28 % 12:02d}-{1 + day % 28:02d}'
        OUT.write(f'{date} {k % 24:02d}:00:00 192.0.2.5 GET /owa/ - 443 - 198.51.100.1 - - 200 0 0 1'
                  '\r\n'.encode())
    OUT.write(attack(1).encode())


def far():
    """Rows at the ends of the calendar."""
    OUT.write(header().encode())
    for date in ('0001-01-01', '9999-12-31', '1601-01-01', '1970-01-01', '2021-02-30', '0000-00-00'):
        for hour in ('00:00:00', '23:59:59', '24:00:00', '23:59:60'):
            OUT.write(attack(0).replace('2021-03-01 00:00:00', f'{date} {hour}').encode())
    OUT.write(attack(1).encode())


def brackets(kind='flow', n=200000):
    """A Sigma rule with so many nested brackets: in YAML, in its condition, or in a regex."""
    n = int(n)
    one = {'flow': ('[' * n + ']' * n, 'selection'),
           'condition': ('/ecp/', '(' * n + 'selection' + ')' * n),
           'regex': ("'" + '(' * n + 'a' + ')' * n + "'", 'selection')}[kind]
    field = 'cs-uri-stem|re' if kind == 'regex' else 'cs-uri-stem|contains'
    OUT.write((f'title: Brackets\nid: 6f2d1f0a-4a7e-4a3e-9f3c-5a1b2c3d4e5f\nlogsource:\n'
               f'  category: webserver\ndetection:\n  selection:\n    {field}: {one[0]}\n'
               f'  condition: {one[1]}\nlevel: high\n').encode())


REGEXES = ['(a+)+$', '(a*)*b', '(a|aa)+$', '(a|a?)+$', '([a-z]+)*[0-9]$', '(.*a){20}b', '(x+x+)+y',
           '^(([a-z])+.)+[A-Z]([a-z])+$', '(a+){2,}(b+){2,}$', '(.*)*!', '(?:a?){30}a{30}b', '(\\w+\\s?)*#']


def regexes():
    """One Sigma rule for each regex that backtracks without end."""
    for i, regex in enumerate(REGEXES):
        OUT.write((f'---\ntitle: Regex {i}\nid: 6f2d1f0a-4a7e-4a3e-9f3c-{i:012x}\nlogsource:\n'
                   '  category: webserver\ndetection:\n  selection:\n    cs-uri-stem|contains: /slow/\n'
                   f"    cs-uri-query|re: '{regex}'\n  condition: selection\nlevel: high\n").encode())


def slow(rows=20, size=65000):
    """Rows with values on which those regexes run for ever."""
    OUT.write(header().encode())
    for i in range(int(rows)):
        value = 'a' * int(size) if i % 2 else 'x' * int(size)
        OUT.write(f'{clock(i)} 192.0.2.5 GET /slow/ {value}! 443 - 198.51.100.1 - - 200 0 0 1\r\n'.encode())
    OUT.write(attack(100).encode())


def bomb(kind='gz', gib=10):
    """A head of a log, then zeros or blanks that unpack to so many GiB."""
    total, chunk = int(float(gib) * 2**30), b' ' * (1 << 20)
    head = (header() + attack(1)).encode()
    if kind == 'gz':
        # One member of 16 MiB again and again: quick to write, any size to read.
        member = gzip.compress(chunk * 16, 9, mtime=0)
        OUT.write(gzip.compress(head, mtime=0))
        for _ in range(total // (16 << 20)):
            OUT.write(member)
    elif kind == 'gz-low':
        # Lines that repeat: a ratio below the limit, so the whole of it must be read.
        z = zlib.compressobj(1, zlib.DEFLATED, 31)
        rows = ''.join(plain(i) for i in range(5000)).encode()
        OUT.write(z.compress(head))
        for _ in range(total // len(rows)):
            OUT.write(z.compress(rows))
        OUT.write(z.flush())
    elif kind == 'xz':
        block = lzma.compress(chunk * 64)
        OUT.write(lzma.compress(head))
        for _ in range(total // (64 << 20)):
            OUT.write(block)
    elif kind == 'zst':
        # Frames written by hand: blocks of one repeated byte, 4 bytes for 128 KiB.
        OUT.write(b'\x28\xb5\x2f\xfd\x00\x58' + raw_block(head, True))
        rle = (1 | 1 << 1 | (128 * 1024) << 3).to_bytes(3, 'little') + b' '
        OUT.write(b'\x28\xb5\x2f\xfd\x00\x58')
        body = rle[:3].replace(rle[:1], bytes([rle[0] & ~1]), 1) + b' '
        for _ in range(total // (128 << 10) // 1024):
            OUT.write(body * 1024)
        OUT.write(raw_block(b'', True))


def raw_block(data, last):
    return (int(last) | 0 << 1 | len(data) << 3).to_bytes(3, 'little') + data


def window():
    """A zstd frame that asks for a window of 2 GiB."""
    OUT.write(b'\x28\xb5\x2f\xfd\x00' + bytes([21 << 3]) + raw_block(b'#Fields: date time\n', True))


TERMINAL = ['\x1b[31mred\x1b[0m', '\x1b]52;c;cHduZWQ=\x07', '\x1b]8;;http://192.0.2.1\x07link\x1b]8;;\x07',
            '\x9b31m', '\u202egpj.exe', '\u2066x\u2069', 'a\rb', 'a\x08b', '=1+2', '+1', '-1', '@SUM(1)',
            '\t=1', '"quoted",comma', "'quote'", '<script>x</script>', '\x00nul', '\x7fdel', '\u200bzero',
            '\ufeffbom', '{"a":1}', '%s%n']


def terminal():
    """Rows of attack whose values attack terminals, spreadsheets and parsers of output."""
    OUT.write(header().encode())
    values = [v.encode('utf-8' if v != '\x9b31m' else 'latin-1') for v in TERMINAL]
    values += [b'\xff\xfe\x80', b'\xc3(', b'\xed\xa0\x80', b'\xf0\x9f\x92']
    for i, value in enumerate(values):
        for row in (attack(i, f'203.0.113.{i}', 'AGENT'), attack(i, f'203.0.113.{i}', query='QUERY')):
            row = row.encode()
            OUT.write(row.replace(b'AGENT', value).replace(b'QUERY', value))


def tree(folder):
    """A folder of things that are no files, links in circles and out of it, and wild names."""
    root = pathlib.Path(folder)
    (root / 'sub').mkdir(parents=True)
    text = (header() + attack(1)).encode()
    (root / 'good.log').write_bytes(text)
    (root / 'empty.log').write_bytes(b'')
    os.symlink('/etc/passwd', root / 'out')
    os.symlink('good.log', root / 'inside')
    os.symlink('..', root / 'sub' / 'loop')
    os.symlink('self', root / 'self')
    os.mkfifo(root / 'pipe')
    with socket.socket(socket.AF_UNIX) as s:
        s.bind(str(root / 'sock'))
    if os.geteuid() == 0:
        try:
            os.mknod(root / 'null', 0o020666, os.makedev(1, 3))
        except OSError:
            pass
    for i, name in enumerate(('new\nline.log', '\x1b[31mred.log', '\x1b]52;c;eA==\x07.log', '-rf.log',
                              '\u202egol.exe.log', '=cmd.log', 'a\rb.log')):
        (root / name).write_bytes((header() + attack(10 + i, f'203.0.113.{10 + i}')).encode())
    (root / os.fsdecode(b'bad\xff\xfe.log')).write_bytes((header() + attack(20, '203.0.113.20')).encode())
    (root / ('n' * 251 + '.log')).write_bytes((header() + attack(21, '203.0.113.21')).encode())
    deep(root / 'deep', 100, 'd')
    deep(root / 'wide', 40, 'w' * 200)


def deep(folder, depth, name):
    """Folders in folders, by descriptors, since the path is longer than the system allows."""
    folder.mkdir()
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    for _ in range(depth):
        os.mkdir(name, dir_fd=fd)
        inner = os.open(name, os.O_RDONLY | os.O_DIRECTORY, dir_fd=fd)
        os.close(fd)
        fd = inner
    out = os.open('bottom.log', os.O_WRONLY | os.O_CREAT, 0o644, dir_fd=fd)
    os.write(out, (header() + attack(30, '203.0.113.30')).encode())
    os.close(out)
    os.close(fd)


def main():
    what = {f.__name__: f for f in (log, big, flood, long_lines, junk, columns, headers, hours, far,
                                    brackets, regexes, slow, bomb, window, terminal, tree)}
    if len(sys.argv) < 2 or sys.argv[1] not in what:
        sys.exit(f'{__doc__}\n' + '\n'.join(f'{n:<12} {f.__doc__}' for n, f in what.items()))
    what[sys.argv[1]](*sys.argv[2:])
    OUT.flush()


main()

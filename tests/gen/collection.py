#!/usr/bin/env python3
"""One Exchange server after a break-in, as collectors of evidence bring it home. Nothing in it
works: what looks like a script calls functions that no host has.

usage: collection.py OUT [HOST]       collection.py --sealed FILE

Makes below OUT the same files three times, with the same times: tree/EX01/C/... as a copy of a
drive, kape/EX01.zip as KAPE packs it (a CopyLog with times, a SkipLog), velociraptor/
Collection-EX01-....zip as an offline collector of Velociraptor does. OUT/skipped names what the
SkipLog says was not copied. --sealed: a collection that Velociraptor encrypted for its server.
"""
import datetime as dt
import io
import json
import os
import random
import struct
import sys
import tempfile
import zipfile

import artefacts
import attack
import case
from formats import utc

BUILD = '15.1.2106.2'  # Exchange 2016 CU18, without any fix of March 2021
PAGE = 'k3TzPq9a.aspx'
WROTE = utc('2021-03-03 03:21:26')  # the chain below sets the virtual directory then
EXCHANGE = 'C:/Program Files/Microsoft/Exchange Server/'
DUMP_BYTES = 21 * 1024 * 1024
SKIPPED = (('C:\\Windows\\System32\\config\\SAM', 'Access denied'),
           ('C:\\pagefile.sys', 'Larger than the limit'))


def host_of(name):
    """Five days of the server's life, with one chain from the forged request to the page."""
    host = case.exchange_host(2021, name, [('2020-09-20', BUILD)], ('2021-03-01', '2021-03-06'), people=0.2,
                              noise=0.5, compress=False, chunk=1, monthly=False)
    client = '198.51.100.201'
    attack.proxylogon_chain(host, utc('2021-03-03 03:21:10'), client)
    for when in ('03:21:55', '03:22:41', '03:40:12'):
        attack.shell(host, utc('2021-03-03 ' + when), client, '/aspnet_client/' + PAGE)
    return host


def logs_of(host):
    """The logs by their path on the server; each was written last when its last row was."""
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        host.write(folder)
        base = os.path.join(folder, host.name)
        for where, _, names in os.walk(base):
            for name in names:
                path = os.path.join(where, name)
                inner = os.path.relpath(path, base).replace(os.sep, '/')
                inner = EXCHANGE + inner if inner.startswith('V15/') else 'C:/' + inner
                with open(path, 'rb') as f:
                    found[inner] = f.read()
    return found


def oab_dump():
    """What is left of a virtual directory in a file: its properties, one of them a stand-in of script."""
    url = 'http://f/<script language="JScript" runat="server">function Page_Load(){inert_lookalike();}</script>'
    rows = (('Name', 'OAB (Default Web Site)'), ('PollInterval', '480'), ('OfflineAddressBooks', ''),
            ('RequireSSL', 'True'), ('BasicAuthentication', 'False'), ('WindowsAuthentication', 'True'),
            ('OAuthAuthentication', 'False'), ('InternalAuthenticationMethods', 'WindowsIntegrated'),
            ('ExternalAuthenticationMethods', 'WindowsIntegrated'), ('ExtendedProtectionTokenChecking', 'None'),
            ('AdminDisplayVersion', 'Version 15.1 (Build 2106.2)'), ('MetabasePath', 'IIS://EX01.contoso.example/W3SVC/1/ROOT/OAB'),
            ('Path', EXCHANGE.replace('/', '\\') + 'V15\\FrontEnd\\HttpProxy\\OAB'), ('Server', 'EX01'),
            ('InternalUrl', 'https://ex01.contoso.example/OAB'), ('ExternalUrl', url),
            ('AdminDisplayName', ''), ('ExchangeVersion', '0.10 (14.0.100.0)'), ('WhenChanged', '3/3/2021 3:21:20 AM'),
            ('WhenChangedUTC', '3/3/2021 3:21:20 AM'))
    return ('\r\n'.join('%-32s: %s' % row for row in rows) + '\r\n').encode()


def wide(text):
    return text.encode('utf-16-le') + b'\0\0'


def program(version):
    """Headers and a version resource; no code."""
    a, b, c, d = (int(n) for n in version.split('.'))
    fixed = struct.pack('<13I', 0xfeef04bd, 0x10000, a << 16 | b, c << 16 | d, a << 16 | b, c << 16 | d, 0x3f, 0, 4, 1,
                        0, 0, 0)
    key = wide('VS_VERSION_INFO')
    head = 6 + len(key)
    info = struct.pack('<HHH', (head + 3 & ~3) + len(fixed), len(fixed), 0) + key
    info += b'\0' * (-len(info) % 4) + fixed
    resource = b''
    for level, number in enumerate((16, 1, 1033)):
        resource += struct.pack('<IIHHHH', 0, 0, 0, 0, 0, 1)
        resource += struct.pack('<II', number, 0x80000000 | 24 * (level + 1) if level < 2 else 72)
    resource += struct.pack('<IIII', 0x2000 + 88, len(info), 0, 0) + info
    optional = struct.pack('<H', 0x20b) + b'\0' * 106 + struct.pack('<I', 16)
    optional += struct.pack('<II', 0, 0) * 2 + struct.pack('<II', 0x2000, len(resource)) + b'\0' * 8 * 13
    coff = struct.pack('<IHHIIIHH', 0x4550, 0x8664, 1, 1600000000, 0, 0, len(optional), 0x2022)
    section = struct.pack('<8sIIIIIIHHI', b'.rsrc', len(resource), 0x2000, len(resource), 0x400, 0, 0, 0, 0, 0x40000040)
    dos = b'MZ' + b'\0' * 58 + struct.pack('<I', 0x80) + b'\0' * 64
    return (dos + coff + optional + section).ljust(0x400, b'\0') + resource


def files_of(host):
    """{path on the server: (bytes, time)}. Times are whole and even, as zip can tell no others."""
    day = utc('2021-03-05 23:00:00')
    files = {path: (data, day) for path, data in logs_of(host).items()}
    user = 'C:/Users/anna/AppData/Roaming/Microsoft/Windows/PowerShell/PSReadLine/ConsoleHost_history.txt'
    wer = 'C:/ProgramData/Microsoft/Windows/WER/ReportArchive/Critical_w3wp/Report.wer'
    uri, command, arguments, hidden = artefacts.BAD_TASKS[0]
    files.update({
        'C:/inetpub/wwwroot/aspnet_client/' + PAGE: (oab_dump(), WROTE),
        'C:/inetpub/wwwroot/iisstart.htm': (b'<html><body>Welcome</body></html>\r\n', utc('2020-09-20 10:00:00')),
        'C:/inetpub/wwwroot/web.config': (artefacts.clean_web().encode(), utc('2020-09-20 10:00:00')),
        'C:/Windows/System32/inetsrv/config/applicationHost.config':
            (artefacts.application_host().encode(), utc('2020-09-21 08:00:00')),
        'C:/Windows/System32/Tasks' + uri.replace('\\', '/'):
            (artefacts.task(command, arguments, uri, hidden).encode('utf-16'), utc('2021-03-03 03:31:10')),
        'C:/Windows/System32/drivers/etc/hosts': (b'127.0.0.1 localhost\r\n', utc('2020-09-20 10:00:00')),
        'C:/Windows/Temp/x.dat': (b'MDMP\x93\xa7\0\0'.ljust(DUMP_BYTES, b'\0'), utc('2021-03-03 03:42:00')),
        'C:/ProgramData/it.7z': (b'7z\xbc\xaf\x27\x1c\0\4' + b'\0' * 56, utc('2021-03-03 03:50:00')),
        wer: (artefacts.report('w3wp#MSExchangeECPAppPool').encode('utf-16'), utc('2021-03-03 03:22:00')),
        user: (('\n'.join(artefacts.CLEAN_COMMANDS + artefacts.BAD_COMMANDS[:1]) + '\n').encode(),
               utc('2021-03-03 04:00:00')),
        EXCHANGE + 'V15/Bin/ExSetup.exe': (program(BUILD), utc('2020-09-20 09:00:00')),
        'C:/Users/anna/Documents/list.txt': (b'milk, bread\r\n', utc('2021-02-01 09:00:00')),
    })
    return files


# ---- as collectors leave it ----

def windows(path):
    return path.replace('/', '\\')


def clock(t):
    return t.strftime('%Y-%m-%d %H:%M:%S.0000000')


def pack(path, members):
    """members: (name, bytes, time)"""
    os.makedirs(os.path.dirname(path) or '.', exist_ok=True)
    with zipfile.ZipFile(path, 'w', zipfile.ZIP_DEFLATED, compresslevel=1) as z:
        for name, data, t in members:
            z.writestr(zipfile.ZipInfo(name, t.timetuple()[:6]), data, zipfile.ZIP_DEFLATED)


def write_tree(files, out, host):
    for path, (data, t) in files.items():
        at = os.path.join(out, 'tree', host, path.replace('C:', 'C', 1))
        os.makedirs(os.path.dirname(at), exist_ok=True)
        with open(at, 'wb') as f:
            f.write(data)
        os.utime(at, (t.timestamp(), t.timestamp()))


def kape_lists(files):
    copied, now = io.StringIO(), utc('2021-03-06 08:00:00')
    copied.write('CopiedTimestamp,SourceFile,DestinationFile,FileSize,SourceFileSha1,DeferredCopy,CreatedOnUtc,'
                 'ModifiedOnUtc,LastAccessedOnUtc,CopyDuration\r\n')
    for path, (data, t) in files.items():
        copied.write('%s,%s,D:\\out\\%s,%d,,False,%s,%s,%s,00:00:00.01\r\n' % (
            clock(now), windows(path), windows(path).replace(':', '', 1), len(data), clock(t), clock(t), clock(t)))
    skipped = 'SourceFile,SourceFileSha1,Reason\r\n' + ''.join('%s,,%s\r\n' % row for row in SKIPPED)
    return (('2021-03-06T08_00_00_0000000_CopyLog.csv', copied.getvalue().encode(), now),
            ('2021-03-06T08_00_00_0000000_SkipLog.csv', skipped.encode(), now))


def write_kape(files, out, host):
    members = [(path.replace('C:', 'C', 1), data, t) for path, (data, t) in files.items()]
    pack(os.path.join(out, 'kape', host + '.zip'), members + list(kape_lists(files)))


def upload_row(path, size):
    parts = ['uploads', 'auto'] + path.split('/')
    return json.dumps({'Timestamp': '2021-03-06T08:00:00Z', 'started': '2021-03-06 08:00:00 +0000 UTC',
                       'vfs_path': windows(path), '_Components': parts, 'file_size': size, 'uploaded_size': size}) + '\n'


def velociraptor_members(files, host):
    now = utc('2021-03-06 08:00:00')
    info = {'Name': 'velociraptor', 'Hostname': host, 'OS': 'windows', 'Architecture': 'amd64'}
    rows = ''.join(upload_row(path, len(data)) for path, (data, _) in files.items())
    members = [('uploads/auto/' + path.replace(':', '%3A', 1), data, t) for path, (data, t) in files.items()]
    return members + [('uploads.json', rows.encode(), now), ('client_info.json', json.dumps(info).encode(), now),
                      ('collection_context.json', b'{"session_id":"F.C0","state":2}', now)]


def write_velociraptor(files, out, host):
    name = 'Collection-%s-2021-03-06T08_00_00Z.zip' % host
    pack(os.path.join(out, 'velociraptor', name), velociraptor_members(files, host))


def write_sealed(path):
    """The members are inside data.zip, whose bytes nobody can read here."""
    now = utc('2021-03-06 08:00:00')
    note = json.dumps([{'EncryptedPass': 'AAAA', 'Scheme': 'X509', 'PublicKey': 'none'}]).encode()
    pack(path, [('metadata.json', note, now), ('data.zip', random.Random(1).randbytes(4096), now)])
    with open(path, 'rb') as f:
        packed = bytearray(f.read())
    for mark, flags in ((b'PK\3\4', 6), (b'PK\1\2', 8)):  # the bit that tells a member is encrypted
        at = -1
        while (at := packed.find(mark, at + 1)) >= 0:
            name = at + (30 if flags == 6 else 46)
            if packed[name:name + 8] == b'data.zip':
                packed[at + flags] |= 1
    with open(path, 'wb') as f:
        f.write(packed)


def main():
    if sys.argv[1] == '--sealed':
        write_sealed(sys.argv[2])
        return
    out, name = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else 'EX01'
    assert all(t.microsecond == 0 and t.second % 2 == 0 and t.tzinfo == dt.timezone.utc for t in (WROTE,))
    files = files_of(host_of(name))
    for write in (write_tree, write_kape, write_velociraptor):
        write(files, out, name)
    with open(os.path.join(out, 'skipped'), 'w', encoding='utf-8') as f:
        f.write(''.join('%s\t%s\n' % row for row in SKIPPED))


if __name__ == '__main__':
    main()

#!/usr/bin/env python3
"""Asks servers on 127.0.0.1 for their build, with all that servers can do wrong, and compares every request that they got.

usage: exposure_live.py TOCSIN

A host's name tells its server what to do: page.localhost is answered by Server.on_page. Prints TAP.
"""
import base64
import gzip
import hashlib
import http.server
import json
import os
import pathlib
import resource
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time

OWA = '/owa/'
MANIFEST = '/ecp/Current/exporttool/microsoft.exchange.ediscovery.exporttool.application'
PAGE = '/owa/auth/logon.aspx?url=x'
CVE = 'CVE-2021-26855'
NAMES = ['localhost'] + [f'{name}.localhost' for name in (
    'exact page abs cu away awayport plain nowhere loop endless slow silent bomb tebomb scan error headers cookie liar large nothing cut '
    'sharepoint').split()] + [f'par{i}.localhost' for i in range(12)]


def page(build):
    return f'<html><link href="/owa/auth/{build}/themes/resources/favicon.ico"></html>'.encode()


def manifest(build):
    return (f'<?xml version="1.0" encoding="utf-8"?><asmv1:assembly><asmv1:assemblyIdentity '
            f'name="microsoft.exchange.ediscovery.exporttool.application" version="{build}" /></asmv1:assembly>').encode()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def handle_one_request(self):
        try:
            super().handle_one_request()
        except (OSError, ssl.SSLError):
            self.close_connection = True

    def log_message(self, *args):
        pass

    def answer(self, status, body=b'', **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace('_', '-'), value)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def any_method(self):
        name = self.headers['Host'].split(':')[0].lower()
        self.server.seen.append((time.monotonic(), name, self.command, self.path, dict(self.headers)))
        label = name.split('.')[0].rstrip('0123456789')
        getattr(self, f'on_{label}')()

    do_GET = do_POST = do_HEAD = do_PUT = do_OPTIONS = any_method

    def on_localhost(self):
        self.answer(200, page('15.1.2176') if self.path == OWA else b'')

    def on_exact(self):
        self.answer(302, Location=PAGE, X_OWA_Version='15.1.2176.9')

    def on_page(self):
        if self.path == OWA:
            self.answer(302, Location=PAGE)
        elif self.path == MANIFEST:
            self.answer(200, manifest('15.1.2176.9'))
        else:
            self.answer(200, page('15.1.2176'))
    on_par = on_page

    def on_abs(self):
        if self.path == OWA:
            self.answer(301, Location=f'https://ABS.localhost:{self.server.port}{PAGE}')
        else:
            self.answer(200, X_OWA_Version='15.1.2176.2')

    def on_cu(self):
        self.answer(200 if self.path == OWA else 404, page('15.1.2176') if self.path == OWA else b'no')

    def on_away(self):
        if self.path == OWA:
            self.answer(302, Location=f'https://other.localhost:{self.server.other}/owa/')
        else:
            self.answer(200, manifest('15.1.2176.9'))

    def on_awayport(self):
        self.answer(302, Location=f'https://awayport.localhost:{self.server.other}/owa/')

    def on_plain(self):
        self.answer(302, Location=f'http://plain.localhost:{self.server.port}/owa/')

    def on_nowhere(self):
        self.answer(302)

    def on_loop(self):
        self.answer(302, Location=self.path)

    def on_endless(self):
        self.send_response(200)
        self.send_header('X-OWA-Version', '15.1.2176.9')
        self.end_headers()
        while True:
            self.wfile.write(b'x' * 65536)

    def on_large(self):
        self.send_response(200)
        self.send_header('Content-Length', str(1 << 40))
        self.end_headers()

    def on_cut(self):
        self.send_response(200)
        self.send_header('Content-Length', '1000')
        self.end_headers()
        self.wfile.write(page('15.1.2176'))
        self.close_connection = True

    def on_slow(self):
        self.send_response(200)
        self.end_headers()
        for _ in range(300):
            self.wfile.write(b'x')
            time.sleep(0.2)

    def on_silent(self):
        time.sleep(30)

    def on_bomb(self):
        self.answer(200, self.server.bomb, Content_Encoding='gzip')

    def on_tebomb(self):
        self.send_response(200)
        self.send_header('Transfer-Encoding', 'gzip')
        self.end_headers()
        self.wfile.write(self.server.bomb)
        self.close_connection = True

    def on_scan(self):
        self.answer(200, b'<nmaprun start="1615201200"><host><address addr="neighbour" addrtype="ipv4"/></host></nmaprun>')

    def on_error(self):
        self.answer(500, b'no')

    def on_nothing(self):
        self.answer(200, b'hello')

    def on_headers(self):
        self.send_response(200)
        for i in range(100000):
            self.send_header(f'X-{i}', 'y' * 100)
        self.end_headers()

    def on_cookie(self):
        self.answer(401, WWW_Authenticate='Basic realm=x', Set_Cookie='a=b; Path=/')

    def on_sharepoint(self):
        self.answer(404, b'', MicrosoftSharePointTeamServices='16.0.0.10300')

    def on_liar(self):
        """Whatever it says, it is said of itself, and said now."""
        forged = ('host,build\nneighbour,15.1.2176.9\nHost: neighbour\r\n\r\nHTTP/1.1 200 OK\r\nX-FEServer: neighbour\r\n'
                  'Date: Mon, 08 Mar 2031 11:00:00 GMT\r\nX-OWA-Version: 15.1.2176.2\r\n\r\n').encode()
        self.answer(200, forged, X_FEServer='neighbour', Location='https://neighbour/')


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, cert, key, other=0):
        super().__init__(('127.0.0.1', 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cert, key)
        self.context = context
        self.seen, self.other, self.bomb, self.accepted = [], other, b'', 0
        self.port = self.server_address[1]
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def finish_request(self, request, client_address):
        self.accepted += 1
        try:
            request = self.context.wrap_socket(request, server_side=True)
        except (OSError, ssl.SSLError):
            return
        super().finish_request(request, client_address)

    def handle_error(self, request, client_address):
        pass


class Certificates:
    """A made authority, what it vouches for, and what it does not."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.run('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=made', '-keyout', 'ca.key',
                 '-out', 'ca')
        self.issue('good', ','.join([f'DNS:{n}' for n in NAMES] + ['IP:127.0.0.1']))
        self.issue('else', 'DNS:else.example')
        self.run('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost', '-addext',
                 'subjectAltName=DNS:localhost', '-keyout', 'self.key', '-out', 'self')

    def run(self, *args):
        subprocess.run(['openssl', *args], cwd=self.folder, check=True, capture_output=True)

    def issue(self, name, alternatives):
        (self.folder / 'ext').write_text(f'subjectAltName={alternatives}\n')
        self.run('req', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=x', '-keyout', f'{name}.key', '-out', f'{name}.csr')
        self.run('x509', '-req', '-in', f'{name}.csr', '-CA', 'ca', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2',
                 '-extfile', 'ext', '-out', name)

    def path(self, name):
        return str(self.folder / name)

    def pin(self, name):
        key = subprocess.run(['openssl', 'x509', '-in', name, '-pubkey', '-noout'], cwd=self.folder, check=True,
                             capture_output=True).stdout
        der = subprocess.run(['openssl', 'pkey', '-pubin', '-outform', 'der'], input=key, check=True,
                             capture_output=True).stdout
        return 'sha256//' + base64.b64encode(hashlib.sha256(der).digest()).decode()


class Tests:
    def __init__(self, tocsin, folder):
        self.tocsin, self.folder, self.number, self.failed = tocsin, pathlib.Path(folder), 0, 0
        self.certs = Certificates(folder)
        self.other = Server(self.certs.path('good'), self.certs.path('good.key'))
        self.server = Server(self.certs.path('good'), self.certs.path('good.key'), self.other.port)
        self.server.bomb = gzip.compress(bytes(500 * 1000 * 1000), 9)

    def live(self, hosts, *options, ca='ca', inputs=()):
        """The rows of a run; hosts without a port are at the test's server."""
        at = f':{self.server.port}'
        lines = [h if ':' in h or not h or h.startswith('#') else h + at for h in hosts]
        (self.folder / 'hosts').write_text('\n'.join(lines) + '\n')
        self.server.seen.clear()
        self.other.seen.clear()
        before = self.other.accepted
        words = [self.tocsin, 'exposure', '--live', '--hosts', self.folder / 'hosts', *options]
        words += ['--ca', self.certs.path(ca)] if ca else []
        words += [] if '--dry-run' in options else ['--json']
        start = time.monotonic()
        done = subprocess.run([*words, *inputs], capture_output=True, text=True, timeout=100, check=False,
                              env={'https_proxy': 'http://127.0.0.1:1', 'HTTPS_PROXY': 'http://127.0.0.1:1',
                                   'HOME': '/nonexistent', **{k: v for k, v in os.environ.items() if 'SAN' in k}})
        self.seconds = time.monotonic() - start
        self.status, self.out, self.err = done.returncode, done.stdout, done.stderr
        self.other_accepted = self.other.accepted - before
        assert self.status in (0, 1, 2, 3, 74), (self.status, self.err)
        self.rows = [json.loads(line) for line in self.out.splitlines() if line.startswith('{')]

    def asked(self, host):
        return [path for _, name, _, path, _ in self.server.seen if name == host]

    def state(self, host, cve=CVE):
        rows = [r for r in self.rows if r['type'] == 'exposure' and r['host'] == host and r['cve'] == cve]
        return (rows[0]['build'], rows[0]['precision'], rows[0]['state'], rows[0]['source']) if rows else None

    def gaps(self, host=''):
        return [(r['reason'], r['detail']) for r in self.rows if r['type'] == 'gap' and f'https://{host}' in (r['file'] or '')]

    def unknown(self):
        return next(r['unknown_hosts'] for r in self.rows if r['type'] == 'summary')

    def check(self, what, test):
        self.number += 1
        try:
            test()
            print(f'ok {self.number} - {what}', flush=True)
        except Exception as error:  # a failure of any kind is one test's
            self.failed += 1
            shown = f'{type(error).__name__}: {error}'.replace('\n', '\n# ')
            print(f'not ok {self.number} - {what}\n# {shown}', flush=True)


def same(got, want):
    assert got == want, f'got {got!r}, wanted {want!r}'


def has(text, part):
    assert part in text, f'{part!r} is not in {text!r}'


def tests(t):
    def exact():
        t.live(['exact.localhost'])
        same(t.asked('exact.localhost'), [OWA])
        same(t.state('exact.localhost'), ('15.1.2176.9', 'su', 'fixed', 'http'))
        same(t.gaps(), [])
        row = next(r for r in t.rows if r['type'] == 'exposure' and r['cve'] == CVE)
        same(row['file'], f'https://exact.localhost:{t.server.port}/owa/')
        same(row['seen'][:4], str(time.gmtime().tm_year))

    def three():
        t.live(['page.localhost'])
        same(t.asked('page.localhost'), [OWA, PAGE, MANIFEST])
        same(t.state('page.localhost'), ('15.1.2176.9', 'su', 'fixed', 'http'))

    def what_is_sent():
        for _, _, method, _, headers in t.server.seen:
            same(method, 'GET')
            same(sorted(headers), ['Accept', 'Host', 'User-Agent'])
            version = subprocess.run([t.tocsin, '--version'], capture_output=True, text=True, check=True).stdout.split()[1]
            has(headers['User-Agent'], f'tocsin/{version}')

    def absolute():
        t.live(['abs.localhost'])
        same(t.asked('abs.localhost'), [OWA, PAGE])
        same(t.state('abs.localhost')[2], 'exposed')
        same(t.status, 1)

    def coarse():
        t.live(['cu.localhost'])
        same(t.asked('cu.localhost'), [OWA, MANIFEST])
        same(t.state('cu.localhost'), ('15.1.2176', 'cu', 'unknown', 'http'))
        same(t.gaps(), [])

    def sharepoint():
        t.live(['sharepoint.localhost'])
        same(t.state('sharepoint.localhost', 'CVE-2025-53770'), ('16.0.10300', 'cu', 'exposed', 'http'))

    def away():
        t.live(['away.localhost', 'awayport.localhost', 'plain.localhost', 'nowhere.localhost'])
        same((t.other.seen, t.other_accepted), ([], 0))
        same(t.asked('away.localhost'), [OWA, MANIFEST])
        same(t.state('away.localhost')[2], 'fixed')
        for host in ('away', 'awayport', 'plain'):
            has(t.gaps(host)[0][1], 'a redirect to another server is not followed')
        for host in ('awayport', 'plain', 'nowhere'):
            same(t.asked(f'{host}.localhost'), [OWA, MANIFEST])
        has(t.gaps('nowhere')[0][1], 'a redirect leads nowhere')
        same(t.unknown(), 3)

    def loop():
        t.live(['loop.localhost'])
        same(t.asked('loop.localhost'), [OWA, OWA, MANIFEST])
        same(t.gaps(), [('no-build', 'no answer tells one, the last has status 302')])
        same((t.unknown(), t.status), (1, 3))

    def endless():
        t.live(['endless.localhost', 'headers.localhost', 'large.localhost'])
        for host, what in (('endless', 'answer'), ('headers', 'header'), ('large', 'answer')):
            same(t.asked(f'{host}.localhost'), [OWA])
            has(t.gaps(host)[0][1], f'the {what} is larger than allowed')
        same(t.unknown(), 3)
        assert t.seconds < 10, t.seconds

    def bomb():
        t.live(['bomb.localhost', 'tebomb.localhost'])
        same(t.asked('bomb.localhost'), [OWA, MANIFEST])
        same((t.gaps('bomb')[0][0], t.gaps('tebomb')[0][0]), ('no-build', 'no-build'))
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
        assert peak < 150, f'{peak} MiB'

    def slow():
        t.live(['slow.localhost', 'silent.localhost', 'exact.localhost'], '--timeout', '2')
        for host in ('slow', 'silent'):
            has(t.gaps(host)[0][1], 'timed out')
            same(t.asked(f'{host}.localhost'), [OWA])
        same(t.state('exact.localhost')[2], 'fixed')
        assert 1.5 < t.seconds < 8, t.seconds

    def cut():
        t.live(['cut.localhost'])
        same(t.gaps()[0][0], 'not-examined')
        same((t.unknown(), t.asked('cut.localhost')), (1, [OWA]))

    def errors():
        t.live(['error.localhost', 'nothing.localhost'])
        same(t.asked('error.localhost'), [OWA, MANIFEST])
        same(t.gaps('error'), [('no-build', 'no answer tells one, the last has status 500')])
        same(t.gaps('nothing'), [('no-build', 'no answer tells one, the last has status 200')])
        same(t.unknown(), 2)

    def cookies():
        t.live(['cookie.localhost'])
        same([sorted(headers) for *_, headers in t.server.seen], [['Accept', 'Host', 'User-Agent']] * 2)

    def nobody():
        with socket.socket() as s:
            s.bind(('127.0.0.1', 0))
            port = s.getsockname()[1]
        t.live([f'localhost:{port}', 'nobody.invalid:443', 'exact.localhost'])
        for host in ('localhost', 'nobody.invalid'):
            same(t.gaps(host)[0][0], 'not-examined')
        same((t.unknown(), t.state('exact.localhost')[2]), (2, 'fixed'))

    def liar():
        t.live(['liar.localhost'])
        same({r['host'] for r in t.rows if r['type'] == 'exposure'}, {'liar.localhost'})
        same({r['seen'][:4] for r in t.rows if r['type'] == 'exposure'}, {str(time.gmtime().tm_year)})
        same(t.asked('liar.localhost'), [OWA])
        t.live(['scan.localhost'])
        same(t.gaps(), [('no-build', 'no answer tells one, the last has status 200')])

    def untrusted():
        wrong = Server(t.certs.path('self'), t.certs.path('self.key'))
        named = Server(t.certs.path('else'), t.certs.path('else.key'))
        t.live([f'localhost:{wrong.port}'])
        has(t.gaps()[0][1], 'certificate')
        t.live([f'localhost:{named.port}'])
        has(t.gaps()[0][1], 'certificate')
        t.live([f'localhost:{t.server.port}'], ca=None)
        has(t.gaps()[0][1], 'certificate')
        same((wrong.seen, named.seen, t.server.seen), ([], [], []))
        same((t.unknown(), t.status), (1, 3))
        t.live([f'localhost:{wrong.port}'], ca='self')
        same([path for *_, path, _ in wrong.seen], [OWA, MANIFEST])

    def by_address():
        t.live([f'127.0.0.1:{t.server.port}', f'https://localhost:{t.server.port}/owa/'])
        same(len(t.server.seen), 2 + 1)  # an address has no name that tells what to do: its connection ends
        same(t.state('localhost')[0], '15.1.2176')

    def pins():
        right, other = t.certs.pin('good'), t.certs.pin('self')
        t.live(['exact.localhost'], '--pin', right)
        same(t.state('exact.localhost')[2], 'fixed')
        t.live(['exact.localhost'], '--pin', f'{other};{right}')
        same(t.state('exact.localhost')[2], 'fixed')
        t.live(['exact.localhost'], '--pin', other, '--pin', right)
        same(t.state('exact.localhost')[2], 'fixed')
        t.live(['exact.localhost'], '--pin', other)
        has(t.gaps()[0][1].lower(), 'public key')
        same((t.server.seen, t.unknown()), ([], 1))
        t.live(['exact.localhost'], '--pin', right, ca='self')
        same(t.server.seen, [])
        for wrong in ('/etc/passwd', 'sha256//short=', right[:-2], right + ';x', right + '='):
            t.live(['exact.localhost'], '--pin', wrong)
            same((t.status, t.server.seen), (2, []))

    def rate():
        t.live([f'page.localhost:{t.server.port}', f'page.localhost:{t.other.port}', 'PAGE.localhost', 'loop.localhost'])
        for host in ('page.localhost', 'loop.localhost'):
            times = sorted(at for at, name, *_ in t.server.seen + t.other.seen if name == host)
            same(len(times), 6 if host == 'page.localhost' else 3)
            least = min(b - a for a, b in zip(times, times[1:]))
            assert least >= 1, least

    def at_once():
        t.live([f'par{i}.localhost' for i in range(12)])
        same(len(t.server.seen), 36)
        same({t.state(f'par{i}.localhost') for i in range(12)}, {('15.1.2176.9', 'su', 'fixed', 'http')})
        assert t.seconds < 8, t.seconds

    def dry_run():
        t.live(['page.localhost', '# no', 'exact.localhost', '10.0.0.0/24', 'ex[01-20].localhost', '*.localhost'], '--dry-run')
        same((t.server.seen, t.server.accepted - t.accepted), ([], 0))
        at = f'localhost:{t.server.port}'
        same([line for line in t.out.splitlines() if line.startswith('GET https')],
             [f'GET https://page.{at}{OWA}', f'GET https://page.{at}{MANIFEST}', f'GET https://exact.{at}{OWA}',
              f'GET https://exact.{at}{MANIFEST}'])
        same(t.status, 3)
        same(t.err.count('not-asked'), 3)

    def counted(test):
        def run():
            t.accepted = t.server.accepted
            test()
        return run

    def ranges():
        t.live(['127.0.0.0/30', '127.0.0.1-9', '*.localhost', '127.0.0', '2130706433', '0x7f.1', '', 'exact.localhost'])
        same([r['reason'] for r in t.rows if r['type'] == 'gap'], ['not-asked'] * 6)
        same([name for _, name, *_ in t.server.seen], ['exact.localhost'])
        t.live(['127.0.0.0/8'])
        same((t.status, t.server.seen), (2, []))

    def inventory():
        table = t.folder / 'inventory.csv'
        table.write_text('host,build,date,site\nexact.localhost,15.1.2106.2,2021-03-01,Bern\nloop.localhost,15.1.2176.9,,Bern\n')
        t.live(['exact.localhost', 'loop.localhost'], inputs=[table])
        same((t.state('exact.localhost')[2:], t.state('loop.localhost')[2:], t.unknown()),
             (('fixed', 'http'), ('fixed', 'inventory'), 0))

    def interrupted():
        (t.folder / 'hosts').write_text(f'silent.localhost:{t.server.port}\n')
        words = [t.tocsin, 'exposure', '--json', '--live', '--hosts', t.folder / 'hosts', '--ca', t.certs.path('ca')]
        with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            time.sleep(1.5)
            start = time.monotonic()
            process.send_signal(signal.SIGINT)
            out, _ = process.communicate(timeout=20)
        same(process.returncode, 130)
        has(out, '"summary"')
        assert time.monotonic() - start < 3

    def saved():
        folder = t.folder / 'saved'
        hosts = ['page.localhost', 'exact.localhost', 'away.localhost']
        t.live(hosts, '--save', str(folder))
        want = [t.state(h) for h in hosts]
        names = sorted(p.name for p in folder.iterdir())
        at = f'localhost_{t.server.port}'
        same(names, sorted([f'page.{at}-1.http', f'page.{at}-2.http', f'page.{at}-3.http', f'exact.{at}-1.http',
                            f'away.{at}-1.http', f'away.{at}-2.http']))
        same((folder / f'page.{at}-2.http').read_bytes().split(b'\r\n\r\n')[1], page('15.1.2176'))
        has((folder / f'exact.{at}-1.http').read_text(), f'https://exact.localhost:{t.server.port}/owa/\nHTTP/1.1 302')
        done = subprocess.run([t.tocsin, 'exposure', '--json', folder], capture_output=True, text=True, check=False)
        t.rows = [json.loads(line) for line in done.stdout.splitlines()]
        same([t.state(h) for h in hosts], want)
        t.live(hosts, '--save', str(t.folder / 'hosts'))
        same(t.status, 74)

    def usage():
        for words in (['--live'], ['--hosts', 'x'], ['--dry-run', 'x'], ['--ca', 'x', 'x'], ['--pin', 'x', 'x'],
                      ['--timeout', '5', 'x'], ['--live', '--hosts', 'x', '--stream'],
                      ['--live', '--hosts', 'x', '--ca', '/nonexistent/ca'], ['--live', '--hosts', 'x', '--dry-run', '--json']):
            done = subprocess.run([t.tocsin, 'exposure', *words], capture_output=True, text=True, check=False)
            same((words, done.returncode), (words, 2))

    return [('a whole build: one request', exact), ('/owa/, where it leads, the manifest', three),
            ('nothing but GET, Host, Accept and a User-Agent with the version', what_is_sent),
            ('an absolute redirect to the same host', absolute), ('the cumulative update alone', coarse),
            ('SharePoint', sharepoint), ('redirects elsewhere are not followed', away), ('a redirect to itself', loop),
            ('endless bodies and headers', endless), ('a compression bomb', bomb), ('slow and silent servers', slow),
            ('an answer that is cut', cut), ('other answers', errors), ('no cookies, no login', cookies),
            ('nobody there', nobody), ('a server that speaks for its neighbour', liar),
            ('certificates: untrusted, of another name, trusted by --ca', untrusted), ('an address, and an https:// one', by_address),
            ('pins', pins), ('one request a second and host, whatever its port', rate), ('hosts at the same time', at_once),
            ('a dry run sends nothing', counted(dry_run)), ('no ranges', ranges), ('beside an inventory', inventory),
            ('answers that are kept, and read again', saved), ('Ctrl-C', interrupted), ('options that do not fit together', usage)]


def main():
    if not shutil.which('openssl'):
        print('1..1\nok 1 - exposure --live # SKIP no openssl')
        return
    with tempfile.TemporaryDirectory() as folder:
        t = Tests(sys.argv[1], folder)
        todo = tests(t)
        print(f'1..{len(todo)}')
        for what, test in todo:
            t.check(what, test)
    sys.exit(t.failed > 0)


main()

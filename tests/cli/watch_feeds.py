#!/usr/bin/env python3
"""watch --follow --once, with a server on this machine. Prints TAP.

    python3 tests/cli/watch_feeds.py PROGRAM
"""
import http.server
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from email.utils import formatdate

done = 0
failed = 0


def ok(what, good, why=''):
    global done, failed
    done += 1
    failed += not good
    print(f'{"" if good else "not "}ok {done} - {what}')
    if not good:
        print(f'# {why}')


def feed(n):
    items = ''.join(f'<item><guid>g{i}</guid><title>CVE-2021-26855, part {i}</title>'
                    f'<pubDate>{formatdate(time.time() - 86400 * (n - i), usegmt=True)}</pubDate></item>' for i in range(n))
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>F</title>{items}</channel></rss>'.encode()


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *args):
        pass

    def do_GET(self):
        asked = self.headers.get('If-None-Match')
        if self.path == '/bad':
            return self.answer(500)
        if asked == '"one"':
            return self.answer(304)
        if self.path == '/grows':
            return self.answer(200, feed(self.server.items))
        return self.answer(200, feed(3), '"one"')

    def answer(self, status, body=b'', etag=None):
        self.server.answers.append((self.path, status))
        self.send_response(status)
        self.send_header('Content-Length', str(len(body)))
        if etag:
            self.send_header('ETag', etag)
        self.end_headers()
        self.wfile.write(body)


def main(program):
    server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
    server.answers, server.items = [], 2
    threading.Thread(target=server.serve_forever, daemon=True).start()
    base = f'http://127.0.0.1:{server.server_port}'
    with tempfile.TemporaryDirectory() as folder:
        state = os.path.join(folder, 'state.db')

        def run(*paths, options=('--allow-private',)):
            listed = os.path.join(folder, 'feeds.txt')
            with open(listed, 'w', encoding='ascii') as f:
                f.write('# feeds of a test\n\n' + ''.join(f'{base}{p}\n' for p in paths))
            server.answers.clear()
            p = subprocess.run([program, 'watch', '--json', '--once', '--follow', listed, '--state', state, *options],
                               capture_output=True, timeout=60)
            told = [json.loads(line) for line in p.stdout.splitlines()]
            return p.returncode, told[-1] if told else {}, p.stderr.decode()

        status, told, err = run('/good', options=())
        ok('without --allow-private: refused, and nothing was asked', status in (2, 3) and not server.answers, (status, err))
        ok('... and told', '127.0.0.1' in err, err)
        status, told, err = run('/good')
        ok('a feed: status 0, its posts are read', (status, told.get('records'), told.get('gaps')) == (0, 3, 0), (status, told, err))
        ok('... once', server.answers == [('/good', 200)], server.answers)
        # When a feed is due, and what it said last, stands in the state.
        status, told, err = run('/good')
        ok('a run before it is due does not ask', status == 0 and not server.answers, (status, server.answers))
        run('/new', options=('--allow-private', '--every', '10'))
        time.sleep(12)
        status, told, err = run('/new', options=('--allow-private', '--every', '10'))
        ok('the next run asks only for what is new: 304, nothing is read',
           (status, told.get('records')) == (0, 0) and server.answers == [('/new', 304)], (status, told, server.answers, err))
        status, told, err = run('/bad', '/other')
        ok('a feed that answers 500 is a gap', status == 3 and told.get('gaps') == 1 and '/bad' in err, (status, told, err))
        ok('... and the other one is read', told.get('records') == 3 and ('/other', 200) in server.answers, (told, server.answers))
        status, told, err = run('/grows')
        ok('a feed that grows: what is there', told.get('records') == 2, (status, told, err))
        status, told, err = run('/nothing/../../x y')
        ok('an address that is none: status 2 or 3', status in (2, 3), (status, err))
        other = subprocess.run([program, 'watch', '--state', state, '--mute', 'CVE-2021-26855'], capture_output=True)
        ok('the state can be spoken to between runs', other.returncode == 0, other.stderr)
        muted = subprocess.run([program, 'watch', '--follow', os.path.join(folder, 'missing'), '--once'], capture_output=True)
        ok('a list that is not there: status 74', muted.returncode == 74, muted.stderr)
        with open(os.path.join(folder, 'feeds.txt'), 'w', encoding='ascii') as f:
            f.write(f'{base}/good\n')
        following = subprocess.Popen([program, 'watch', '--follow', os.path.join(folder, 'feeds.txt'), '--allow-private', '--state',
                                  state], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(2)
        spoken = subprocess.run([program, 'watch', '--state', state, '--mute', 'CVE-2021-26855'], capture_output=True)
        following.terminate()
        following.wait(20)
        ok('... and while another program follows feeds into it', spoken.returncode == 0, spoken.stderr)
    print(f'1..{done}')
    return failed != 0


sys.exit(main(sys.argv[1]))

#!/usr/bin/env python3
"""Feeds are fetched from a server on this machine that does what servers should not. Prints TAP.

    python3 tests/follow/follow.py DRIVER
"""
import gzip
import http.server
import ipaddress
import os
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import zlib

FEED = b"<rss><channel><title>F</title></channel></rss>"
FIELDS = ["feed", "outcome", "status", "bytes", "url", "reason", "etag", "next", "failures", "head", "sealed"]
DAY = 86400


def bomb():
    packer = zlib.compressobj(9, wbits=31)
    return b"".join(packer.compress(bytes(1 << 20)) for _ in range(64)) + packer.flush()


BOMB = bomb()  # 64 KiB that are 64 MiB


class Skip(Exception):
    pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64
    allow_reuse_address = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.seen, self.lock, self.now, self.most = [], threading.Lock(), 0, 0

    def handle_error(self, request, client_address):
        pass  # the client went away, as it should


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def do_GET(self):
        with self.server.lock:
            self.server.seen.append((self.path, dict(self.headers)))
            self.server.now += 1
            self.server.most = max(self.server.most, self.server.now)
        try:
            path = self.path[len("http://feed.example"):] if self.path.startswith("http:") else self.path
            getattr(self, "on_" + path.split("/")[1])()
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True
        finally:
            with self.server.lock:
                self.server.now -= 1

    def answer(self, status, body=b"", length=None, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def on_plain(self):
        if self.headers.get("If-None-Match") == '"v1"' and self.headers.get("If-Modified-Since"):
            self.answer(304, ETag='"v1"')
        else:
            self.answer(200, FEED, ETag='"v1"', Last_Modified="Tue, 02 Mar 2021 10:00:00 GMT")

    def on_gzip(self):
        self.answer(200, gzip.compress(FEED), Content_Encoding="gzip")

    def on_bomb(self):
        self.answer(200, BOMB, Content_Encoding="gzip")

    def on_endless(self):
        self.send_response(int(self.path.split("/")[2]))
        self.send_header("Location", "/plain")
        self.end_headers()
        self.close_connection = True
        while True:
            self.wfile.write(bytes(65536))

    def on_headers(self):
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        while True:
            self.wfile.write(b"X-More: " + b"x" * 1000 + b"\r\n")

    def on_large(self):
        self.answer(200, b"", length=1 << 40)
        self.close_connection = True

    def on_cut(self):
        self.answer(200, FEED, length=len(FEED) + 100, ETag='"cut"')
        self.close_connection = True

    def on_chunkcut(self):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.write(b"5\r\n<rss>\r\n")
        self.close_connection = True

    def on_slow(self):
        time.sleep(0.4)
        self.answer(200, FEED)

    def on_silent(self):
        time.sleep(30)

    def on_drip(self):
        self.send_response(200)
        self.end_headers()
        self.close_connection = True
        for _ in range(300):
            self.wfile.write(b"<")
            self.wfile.flush()
            time.sleep(0.1)

    def on_busy(self):
        status, after = self.path.split("/")[2:4]
        self.answer(int(status), b"later", Retry_After=after)

    def on_status(self):
        self.answer(int(self.path.split("/")[2]), b"no")

    def on_empty(self):
        self.answer(200, b"")

    def on_to(self):
        self.answer(302, b"moved", Location=self.path.split("/", 2)[2].replace("~", "/"))

    def on_loop(self):
        self.answer(301, b"", Location="/loop")

    def on_hops(self):
        left = int(self.path.split("/")[2])
        self.answer(307, b"", Location=f"/hops/{left - 1}" if left > 1 else "/plain")

    def on_cookie(self):
        self.answer(200, FEED, Set_Cookie="a=b")

    def on_auth(self):
        self.answer(401, b"", WWW_Authenticate="Basic realm=x")

    def on_tag(self):
        self.answer(200, FEED, ETag='"' + "x" * 300 + '"')


class Tests:
    def __init__(self, driver):
        self.driver, self.number, self.failed = driver, 0, 0
        self.server = Server()
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def url(self, path):
        return path if ":" in path.split("/")[0] else f"http://127.0.0.1:{self.port}/{path}"

    def poll(self, *args):
        words = [a if a.startswith(("-", "/")) or a.isdigit() else self.url(a) for a in args]
        start = time.monotonic()
        done = subprocess.run([self.driver, *words], capture_output=True, text=True, timeout=100, check=False,
                              env={"http_proxy": "http://127.0.0.1:1", "HOME": "/nonexistent"})
        self.seconds = time.monotonic() - start
        if done.returncode:
            raise AssertionError(f"driver: {done.returncode} {done.stderr}")
        return [dict(zip(FIELDS, line.split("\t"))) for line in done.stdout.splitlines()]

    def one(self, *args):
        rows = self.poll(*args)
        assert len(rows) == 1, rows
        return rows[0]

    def check(self, what, test):
        self.number += 1
        try:
            test()
            print(f"ok {self.number} - {what}", flush=True)
        except Skip as why:
            print(f"ok {self.number} - {what} # SKIP {why}", flush=True)
        except Exception as error:  # a failure of any kind is one test's
            self.failed += 1
            print(f"not ok {self.number} - {what}\n# {type(error).__name__}: {error}", flush=True)


def is_row(row, **want):
    for key, value in want.items():
        assert row[key] == str(value), f"{key}: {row[key]!r}, wanted {value!r}, in {row}"


def tests(t):
    def plain():
        row = t.one("plain")
        is_row(row, outcome="body", status=200, bytes=len(FEED), etag='"v1"', next=900, failures=0, sealed="sealed")
        assert FEED.decode().startswith(row["head"]) and row["head"], row
        headers = t.server.seen[-1][1]
        assert headers["User-Agent"].startswith("tocsin/"), headers
        assert not {"Authorization", "Cookie", "Referer", "If-None-Match"} & set(headers), headers

    def not_modified():
        rows = t.poll("--polls", "3", "plain")
        assert [r["outcome"] for r in rows] == ["body", "same", "same"], rows
        is_row(rows[2], status=304, etag='"v1"', next=900)

    def packed():
        is_row(t.one("gzip"), outcome="body", bytes=len(FEED))

    def bomb():
        row = t.one("--max", "1000000", "bomb")
        is_row(row, outcome="refused", bytes=0, head="", reason="the answer is larger than allowed")

    def endless():
        for status in (200, 302, 500):
            is_row(t.one("--max", "3000000", f"endless/{status}"), outcome="refused")
            assert t.seconds < 10, t.seconds

    def headers():
        is_row(t.one("headers"), outcome="refused")

    def large():
        is_row(t.one("large"), outcome="refused", reason="the answer is larger than allowed")

    def cut():
        rows = t.poll("--polls", "2", "cut")
        for row in rows:
            is_row(row, outcome="failed", bytes=0, etag="")
        is_row(rows[1], failures=2, next=3600)
        is_row(t.one("chunkcut"), outcome="failed", bytes=0)

    def slow():
        rows = t.poll(*["slow"] * 20)
        assert [r["outcome"] for r in rows] == ["body"] * 20, rows
        assert 4 <= t.server.most <= 8, t.server.most
        assert t.seconds < 5, t.seconds

    def silent():
        row = t.one("--total", "700", "silent")
        is_row(row, outcome="failed", status=0)
        assert t.seconds < 5, t.seconds

    def drip():
        is_row(t.one("--slow", "2", "drip"), outcome="failed", bytes=0)
        assert t.seconds < 10, t.seconds
        is_row(t.one("--total", "1000", "drip"), outcome="failed", bytes=0)
        assert t.seconds < 5, t.seconds

    def retry_after():
        is_row(t.one("busy/429/7200"), outcome="later", next=7200, failures=1, status=429)
        is_row(t.one("busy/503/5"), outcome="later", next=1800)
        is_row(t.one("busy/429/999999999"), outcome="later", next=DAY)
        is_row(t.one("busy/429/nonsense"), outcome="later", next=1800)
        is_row(t.one("busy/500/7200"), outcome="failed", next=1800)

    def back_off():
        rows = t.poll("--polls", "40", "status/500")
        waits = [int(r["next"]) for r in rows]
        assert waits[:5] == [1800, 3600, 7200, 14400, 21600] and set(waits[5:]) == {21600}, waits
        is_row(rows[-1], failures=40, outcome="failed", reason="status 500")

    def statuses():
        for status in (204, 206, 401, 403, 404, 410, 502):
            is_row(t.one(f"status/{status}"), status=status, outcome="failed", bytes=0)
        is_row(t.one("empty"), outcome="failed", reason="the answer is empty")

    def redirects():
        is_row(t.one("to/~plain"), outcome="body", url=t.url("plain"))
        is_row(t.one("hops/5"), outcome="body")
        is_row(t.one("hops/6"), outcome="refused", reason="too many redirects")
        is_row(t.one("loop"), outcome="refused", reason="too many redirects")

    def elsewhere():
        is_row(t.one("to/file:~~~etc~passwd"), outcome="refused", bytes=0, reason="only http and https are followed")
        is_row(t.one("to/gopher:~~127.0.0.1:1~x"), outcome="refused")
        is_row(t.one("to/ftp:~~127.0.0.1:1~x"), outcome="refused", reason="only http and https are followed")
        is_row(t.one(f"to/http:~~user:pass@127.0.0.1:{t.port}~plain"), outcome="refused",
               reason="it has a user's name in it")

    def schemes():
        for url in ("file:///etc/passwd", "ftp://127.0.0.1/x", "dict://127.0.0.1/x", "nonsense:x"):
            is_row(t.one(url), outcome="refused", status=0)
        is_row(t.one(f"http://user@127.0.0.1:{t.port}/plain"), outcome="refused")

    def inside():
        seen = len(t.server.seen)
        for host in ("127.0.0.1", "2130706433", "0x7f.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "10.0.0.1",
                     "169.254.169.254", "0.0.0.0", "224.0.0.1", "[fe80::1]", "[64:ff9b::7f00:1]", "192.168.1.1"):
            row = t.one("--public", f"http://{host}:{t.port}/plain")
            is_row(row, outcome="refused", status=0, bytes=0)
        assert len(t.server.seen) == seen, t.server.seen[seen:]

    def by_name():
        # A name that nothing in its letters gives away: only the address of the socket does.
        name = socket.gethostname()
        try:
            address = ipaddress.ip_address(socket.gethostbyname(name))
        except OSError:
            raise Skip("this machine's name has no address") from None
        if address.is_global:
            raise Skip("this machine's name has a public address")
        row = t.one("--public", f"http://{name}:{t.port}/plain")
        is_row(row, outcome="refused", status=0)
        assert "address" in row["reason"], row

    def proxied():
        # A proxy looks names up; through it every request arrives with its whole address.
        row = t.one("--public", "--proxy", f"http://127.0.0.1:{t.port}", "http://feed.example/plain")
        is_row(row, outcome="body", url="http://feed.example/plain")
        assert t.server.seen[-1][0] == "http://feed.example/plain", t.server.seen[-1]
        seen = len(t.server.seen)
        is_row(t.one("--public", "--proxy", f"http://127.0.0.1:{t.port}", "http://10.0.0.1/plain"), outcome="refused")
        assert len(t.server.seen) == seen, t.server.seen[-1]

    def encrypted():
        with tempfile.TemporaryDirectory() as folder:
            cert, key = os.path.join(folder, "cert"), os.path.join(folder, "key")
            made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                    "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", cert]
            if not shutil.which("openssl") or subprocess.run(made, capture_output=True, check=False).returncode:
                raise Skip("no openssl")
            secure = Server()
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(cert, key)
            secure.socket = context.wrap_socket(secure.socket, server_side=True)
            threading.Thread(target=secure.serve_forever, daemon=True).start()
            port = secure.server_address[1]
            is_row(t.one("--ca", cert, f"https://localhost:{port}/plain"), outcome="body")
            is_row(t.one(f"https://localhost:{port}/plain"), outcome="failed", status=0)
            is_row(t.one("--ca", cert, f"https://127.0.0.1:{port}/plain"), outcome="failed", status=0)
            is_row(t.one("--ca", cert, f"https://localhost:{port}/to/~plain"), outcome="body")
            is_row(t.one("--ca", cert, f"https://localhost:{port}/to/http:~~127.0.0.1:{t.port}~plain"),
                   outcome="refused", reason="it leads from https back to http")

    def nobody():
        is_row(t.one("http://127.0.0.1:1/x"), outcome="failed", status=0)
        is_row(t.one("http://nobody.invalid/x"), outcome="failed", status=0)

    def keeps_nothing():
        t.poll("--polls", "2", "cookie")
        assert "Cookie" not in t.server.seen[-1][1], t.server.seen[-1]
        is_row(t.one("auth"), outcome="failed", status=401)
        assert "Authorization" not in t.server.seen[-1][1], t.server.seen[-1]

    def long_tag():
        rows = t.poll("--polls", "2", "tag")
        assert [r["outcome"] for r in rows] == ["body", "body"], rows
        is_row(rows[0], etag="")

    def mixed():
        rows = t.poll("--max", "1000000", "--total", "3000", "plain", "bomb", "cut", "status/500", "loop", "silent",
                      "http://127.0.0.1:1/", "file:///x", "gzip", "busy/429/60", "slow")
        got = {int(r["feed"]): r["outcome"] for r in rows}
        assert got == {0: "body", 1: "refused", 2: "failed", 3: "failed", 4: "refused", 5: "failed", 6: "failed",
                       7: "refused", 8: "body", 9: "later", 10: "body"}, got

    return [("a feed", plain), ("304 by ETag and Last-Modified", not_modified), ("gzip", packed),
            ("a compression bomb", bomb), ("an endless body, whatever the status", endless),
            ("endless headers", headers), ("a length that is too large", large), ("a body cut short", cut),
            ("slow servers, eight at a time", slow), ("a server that says nothing", silent), ("a drip feed", drip),
            ("Retry-After", retry_after), ("waiting longer after each failure", back_off), ("other answers", statuses),
            ("redirects", redirects), ("redirects to where no feed is", elsewhere), ("other schemes", schemes),
            ("addresses inside", inside), ("a name of an address inside", by_name), ("a proxy", proxied), ("https", encrypted), ("nobody there", nobody),
            ("no cookies, no credentials", keeps_nothing), ("an ETag that is too long", long_tag),
            ("all at once", mixed)]


def main():
    t = Tests(sys.argv[1])
    todo = tests(t)
    print(f"1..{len(todo)}")
    for what, test in todo:
        t.check(what, test)
    sys.exit(t.failed > 0)


main()

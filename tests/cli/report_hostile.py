#!/usr/bin/env python3
"""500 hostile texts through every output of a case. Prints TAP.

usage: report_hostile.py TOCSIN

They stand in log rows, names of hosts and files, inventories, posts and notes; what comes out may
not move a terminal, fool an eye, run in a browser, start a formula or forge a row, a heading, a link.
"""
import csv
import html.parser
import io
import json
import os
import pathlib
import sqlite3
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'hostile'))
from strings import MARK, strings  # noqa: E402

try:
    import markdown_it
except ImportError:
    markdown_it = None

TOCSIN = os.path.abspath(sys.argv[1])
TEXTS = [text for _, text in strings()]
HOSTS = [t for t in TEXTS if '\x00' not in t][::9]
INVISIBLE = [(0xad, 0xad), (0x61c, 0x61c), (0x180e, 0x180e), (0x200b, 0x200f), (0x2028, 0x202e), (0x2060, 0x206f), (0xfeff, 0xfeff),
             (0xe0000, 0xe007f), (0xe000, 0xf8ff), (0x3164, 0x3164), (0x115f, 0x1160), (0x2800, 0x2800)]
count, failed = 0, 0


def ok(what, faults):
    global count, failed
    count += 1
    failed += bool(faults)
    print(f'{"not ok" if faults else "ok"} {count} - {what}')
    for fault in list(faults)[:5]:
        print('#', ascii(fault)[:300])


def tocsin(*args, status=(0, 1, 3)):
    p = subprocess.run([TOCSIN, *args], capture_output=True, stdin=subprocess.DEVNULL, timeout=120)
    if p.returncode not in status:
        raise SystemExit(f'# {args}: status {p.returncode}: {p.stderr.decode(errors="replace")[:500]}')
    return p.stdout


# ---- the case ----

def in_a_cell(text):
    """As a client can put it into an IIS row: what splits cells or rows was encoded by the server."""
    return ''.join(c if c not in ' \r\n\x00' and ord(c) < 0x110000 else '+' for c in text) or '-'


def iis(texts):
    head = '#Software: Microsoft Internet Information Services 10.0\n#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port ' \
           'cs-username c-ip cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken\n'
    rows = []
    for i, text in enumerate(texts):
        t = in_a_cell(text)
        when = f'2021-03-{2 + i // 300:02d} {i // 60 % 24:02d}:{i % 60:02d}:07'
        stem = f'/owa/auth/{t}.aspx' if i % 2 else f'/owa/auth/a{i}.aspx'
        rows.append(f'{when} 10.0.0.5 POST {stem} {t} 443 {t} 203.0.113.{i % 200 + 1} {t} {t} 200 0 0 12\n')
    return (head + ''.join(rows)).encode('utf-8', 'surrogateescape')


def posts(texts):
    rows = []
    for i in range(400):
        t = texts[i % len(texts)]
        day = f'2021-{1 + i // 200:02d}-{1 + i % 28:02d}' if i < 60 else f'2021-02-{20 + i % 8:02d}'
        rows.append({'id': f'{t}{i}', 'time': f'{day}T12:{i % 60:02d}:00Z', 'site': texts[i % 37], 'thread': f'{t}{i}', 'author': f'{t}{i}',
                     'url': f'https://x.example/{t}', 'title': t, 'text': f'{t} selling an exploit for CVE-2021-26855 Exchange Server {t} number {i}'})
    return ''.join(json.dumps(r) + '\n' for r in rows)


def inventory(texts):
    out = io.StringIO()
    w = csv.writer(out, lineterminator='\n')
    w.writerow(['host', 'build', 'site', 'owner', 'product'])
    clean = [t.replace('\x00', '') for t in texts]
    for host, site, owner in zip(clean[0::3], clean[1::3], clean[2::3]):
        w.writerow([host, '16.11.2', site, owner, 'GitLab'])
    return out.getvalue()


def make_case(work):
    case, logs = str(work / 'hostile.case'), work / 'logs'
    logs.mkdir()
    for i, text in enumerate(HOSTS[:40]): # names of folders and files
        name = text.replace('/', '_').replace('\x00', '')[:120]
        folder = logs / f'{name}'
        folder.mkdir(exist_ok=True)
        (folder / f'u_ex2103{i % 28 + 1:02d}{name[:40]}.log').write_bytes(iis(TEXTS[i * 12:i * 12 + 13]))
    (work / 'a.log').write_bytes(iis(TEXTS))
    (work / 'posts.jsonl').write_text(posts(TEXTS))
    (work / 'fleet.csv').write_text(inventory(TEXTS), newline='')
    tocsin('scan', '-q', '--case', case, str(logs))
    for host in HOSTS[:8]:
        tocsin('scan', '-q', '--case', case, '--host', host, str(work / 'a.log'))
    tocsin('exposure', '-q', '--case', case, str(work / 'fleet.csv'))
    tocsin('watch', '-q', '--case', case, '--about', 'Microsoft Exchange', str(work / 'posts.jsonl'))
    return case


# ---- what may not come out ----

def unsafe(text, allowed='\n'):
    for c in text:
        code = ord(c)
        if (code < 0x20 and c not in allowed) or 0x7f <= code < 0xa0 or any(a <= code <= b for a, b in INVISIBLE):
            yield text[max(0, text.index(c) - 60):text.index(c) + 60]
            return


def lines_forged(text):
    return [line for line in text.split('\n') if line.startswith(('VERDICT no sign', 'EX01: no sign', 'forged', MARK, '# ' + MARK))]


def check_text(raw):
    text = raw.decode()
    return list(unsafe(text)) + lines_forged(text)


def check_json(raw):
    json.loads(raw)
    return list(unsafe(raw.decode(), '\n')) if b'<script' in raw else []


def check_lines(raw):
    for line in raw.decode().split('\n')[:-1]:
        json.loads(line)
    return [] if raw.endswith(b'\n') or not raw else ['no line break at the end']


def check_csv(raw):
    text = raw.decode('utf-8-sig')
    rows = list(csv.reader(io.StringIO(text, newline=''), strict=True))
    faults = [r for r in rows if len(r) != len(rows[0])] + list(unsafe(text, '\r\n'))
    return faults + [c for r in rows for c in r if c.lstrip(' ')[:1] in tuple('=+-@|%\t\r\n\uff1d\uff0b\uff0d\uff20') and c != '-' and c.strip()]


class Page(html.parser.HTMLParser):
    """What a browser would see: elements, and what of them would act."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.faults, self.scripts, self.heads, self.open_head = [], 0, [], False

    def handle_starttag(self, tag, attrs):
        self.scripts += tag in ('script', 'style')
        if tag == 'h2': # the first heading names hosts
            self.open_head = True
            self.heads.append('')
        if tag in ('iframe', 'object', 'embed', 'base', 'form', 'link', 'template', 'math', 'video', 'noscript', 'textarea', 'img') or MARK.lower() in tag:
            self.faults.append(f'<{tag} {attrs}>')
        for name, value in attrs:
            value = value or ''
            if name.startswith('on') or name == 'style' or MARK.lower() in name or (name in ('src', 'data', 'action', 'srcset') and not value.startswith('data:')):
                self.faults.append(f'{tag} {name}={value}')
            if name in ('href', 'xlink:href') and (MARK in value or not value.startswith(('#', 'https://'))):
                self.faults.append(f'{tag} {name}={value}')

    def handle_endtag(self, tag):
        self.open_head &= tag != 'h2'

    def handle_data(self, data):
        if self.open_head:
            self.heads[-1] += data
        if self.lasttag in ('script', 'style') and MARK in data and self.cdata_elem and not data.lstrip().startswith(('{', '[')):
            self.faults.append(data[:100])

    def handle_comment(self, data):
        if MARK in data:
            self.faults.append(data)


def check_html(raw):
    text = raw.decode()
    page = Page()
    page.feed(text)
    page.close()
    return page.faults + list(unsafe(text)) + [h for h in page.heads if MARK in h]


def check_md(raw):
    text = raw.decode()
    faults = check_text(raw)
    if not markdown_it:
        return faults
    tokens = markdown_it.MarkdownIt('commonmark').enable('table').parse(text)
    for before, token in zip([None] + tokens, tokens):
        if token.type in ('html_block', 'fence', 'code_block', 'blockquote_open', 'ordered_list_open', 'hr'):
            faults.append(f'{token.type}: {token.content[:100]}')
        if before is not None and before.type == 'heading_open' and MARK in token.content:
            faults.append(f'heading: {token.content}')
        for child in token.children or []:
            if child.type in ('link_open', 'image', 'html_inline', 's_open') or (child.type == 'strong_open' and MARK in token.content[:0]):
                faults.append(f'{child.type} in {token.content[:200]}')
    return faults


CHECKS = {'html': check_html, 'md': check_md, 'csv': check_csv, 'ecs': check_lines, 'ecs-bulk': check_lines, 'timesketch': check_lines, 'json': check_json,
          'stix': check_json, 'misp': check_json, 'navigator': check_json, 'cacao': check_json}


def formats():
    p = subprocess.run([TOCSIN, 'report', '--format', '?'], capture_output=True, text=True)
    return p.stderr.split('one of ')[1].split(', ') if 'one of ' in p.stderr else []


def guarded(check, raw):
    try:
        return check(raw)
    except Exception as e: # a parser's refusal is a fault of the output
        return [f'{type(e).__name__}: {e}']


def main():
    with tempfile.TemporaryDirectory() as d:
        work = pathlib.Path(d)
        case = make_case(work)
        names = [n.strip() for n in formats()]
        ok('there are formats to look at', [] if 'md' in names else names)
        with sqlite3.connect(case) as store:
            kept = ''.join(body for (body,) in store.execute('SELECT body FROM version WHERE body IS NOT NULL'))
        there = [i for i in range(len(TEXTS)) if f'{MARK}{i:04d}' in kept]
        ok('every text is in the case', [t for i, t in enumerate(TEXTS) if i not in there])
        for name in names:
            for more in ([], ['--with-victim-data']):
                target = work / f'out.{name}'
                if name in ('misp-feed',): # a folder: each of its files
                    continue
                tocsin('report', '-q', '--case', case, '--format', name, *more, '-o', str(target), status=(0,))
                raw = target.read_bytes()
                ok(f'report --format {name} {" ".join(more)}', guarded(CHECKS.get(name, check_json), raw) or ([] if raw else ['empty']))
        for verb in ('timeline', 'diff', 'verify', 'advice', 'note'):
            args = {'note': ['--list']}.get(verb, [])
            if subprocess.run([TOCSIN, 'help', verb], capture_output=True).returncode:
                continue
            ok(verb, guarded(check_text, tocsin(verb, '--case', case, *args)))
            ok(f'{verb} --json', guarded(check_lines, tocsin(verb, '--json', '--case', case, *args)))
        ok('timeline --csv', guarded(check_csv, tocsin('timeline', '--csv', '--case', case)))
        ok('timeline --timesketch', guarded(check_lines, tocsin('timeline', '--timesketch', '--case', case)))
        for args in (['scan', '--host', HOSTS[3], str(work / 'a.log')], ['exposure', '--all', str(work / 'fleet.csv')],
                     ['watch', '--about', 'Microsoft Exchange', str(work / 'posts.jsonl')]):
            ok(args[0], guarded(check_text, tocsin(*args)))
    if not markdown_it:
        print(f'ok {count + 1} - Markdown as a reader takes it # SKIP no python3-markdown-it')
    print(f'1..{count + (not markdown_it)}')
    return failed > 0


sys.exit(main())

#!/usr/bin/env python3
"""Where the time of `tocsin watch` goes, from JSON Lines to alerts, beside plain Python loops.

usage: watch.py [--posts N] [--naming SHARE] [--aliases N] [--runs N] [--keep DIR] [--telegram GIB] BUILD

Makes posts of 160 bytes over 400 days on 40 sites, of which SHARE name something, and a table of
made-up names. Seconds are those of the processor, of all processes together; each is the least of
some runs, since others may use the machine. Peak memory is that of the whole command, also with
posts that name 200,000 different subjects. The Python loops do no more than look the same names up:
as scripts do, word by word with a pattern each, with patterns made before, and by a table of words.
With --telegram only that is measured: a result.json of so many GiB through a pipe, by watch and by
extract, and as a file if the disk has room for it.
"""
import argparse
import datetime as dt
import json
import pathlib
import random
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time

DAYS, SITES, SUBJECTS = 400, 40, 200_000
START = dt.datetime(2021, 1, 1)
SYLLABLES = 'ba ko ri ta mu sel dor vin qua zet lum pra gor nix hel tra bos cru fen jal wok yst'.split()
ENDINGS = ['', ' RAT', ' Loader', 'Locker', ' Bear', '-NG']
SHIPPED = ['Exchange Server', 'Fortinet', 'Jenkins', 'Grafana', 'Citrix', 'CVE-2021-26855', 'web shell']


def make_names(path, count):
    chance, names = random.Random(1), []
    seen = set()
    while len(names) < count:
        name = ''.join(chance.choices(SYLLABLES, k=chance.randint(2, 4))).title() + chance.choice(ENDINGS)
        if name.lower() not in seen:
            seen.add(name.lower())
            names.append(name)
    rows = ['alias\tcanonical\tkind\tcase\tboundary\tsource'] + [f'{n}\t{n}\tmalware\tany\tword\tmade-up' for n in names]
    path.write_text('\n'.join(rows) + '\n')
    return names


def make_posts(path, count, naming, names):
    """Words are made of letters: next to none of them is a name."""
    chance = random.Random(2)
    words = [''.join(chance.choices('etaoinshrdlucmfwyp', k=chance.randint(2, 9))) for _ in range(5000)]
    texts = path.with_suffix('.txt')
    with path.open('w') as out, texts.open('w') as plain:
        for i in range(count):
            when = START + dt.timedelta(seconds=i * DAYS * 86400 // count)
            text = ' '.join(chance.choices(words, k=30))
            if chance.random() < naming:
                name = chance.choice(SHIPPED if i % 2 else names)
                at = text.index(' ', chance.randint(0, 100))
                text = f'{text[:at]} {name}{text[at:]}'
            text = text[:160]
            out.write(f'{{"id":"{i}","time":"{when.isoformat()}Z","site":"board-{i % SITES}","thread":"t{i // 5}",'
                      f'"author":"u{chance.randrange(20000)}","text":"{text}"}}\n')
            plain.write(text + '\n')
    return texts


def make_subjects(path):
    """Each subject is named once by one post, and a quarter of them again."""
    with path.open('w') as out:
        for i in range(SUBJECTS * 5 // 4):
            when = START + dt.timedelta(seconds=i * DAYS * 86400 // (SUBJECTS * 5 // 4))
            k = i if i < SUBJECTS else (i * 7919) % SUBJECTS
            out.write(f'{{"id":"{i}","time":"{when.isoformat()}Z","site":"board-{i % SITES}","author":"u{i % 20000}",'
                      f'"text":"question {i * 31 % 9973} about CVE-{2010 + k % 12}-{1000 + k // 12} on host {i * 17 % 8191}"}}\n')


def stages(build, posts, table, runs):
    best = {}
    for _ in range(runs):
        told = subprocess.run([build / 'tests/bench/bench_watch', posts, table], capture_output=True, text=True, check=True)
        for line in told.stdout.splitlines():
            name, *values = line.split('\t')
            value = sum(map(float, values))
            best[name] = min(best.get(name, value), value)
    return best


def gist_stages(build, texts, table):
    """Seconds by stage, from what bench_gist prints."""
    told = subprocess.run([build / 'tests/bench/bench_gist', texts, table], capture_output=True, text=True, check=True)
    posts = sum(1 for _ in texts.open())
    return {m[1].strip(): posts / float(m[2])
            for m in re.finditer(r'^(.+?) +[\d.]+ MB/s +(\d+) posts/s', told.stdout, re.M)}


class Memory:
    """The most that a process and its children had in memory together: pages of both count twice."""

    def __init__(self, process):
        self.peak, self.process = 0, process
        self.thread = threading.Thread(target=self.watch)
        self.thread.start()

    def resident(self, pid):
        try:
            status = pathlib.Path(f'/proc/{pid}/status').read_text()
            children = pathlib.Path(f'/proc/{pid}/task/{pid}/children').read_text().split()
        except OSError:
            return 0
        own = re.search(r'VmRSS:\s+(\d+)', status)
        return (int(own[1]) if own else 0) + sum(self.resident(c) for c in children)

    def watch(self):
        while self.process.poll() is None:
            self.peak = max(self.peak, self.resident(self.process.pid))
            time.sleep(0.01)


def whole(build, posts, table):
    """Processor seconds, elapsed seconds, peak MiB and the summary of one run of the command."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    command = [build / 'tocsin', 'watch', '-q', '--json', '--lexicon', table, posts]
    p = subprocess.Popen(command, stdout=subprocess.PIPE)
    memory = Memory(p)
    last = p.stdout.read().splitlines()[-1]
    memory.thread.join()
    took, after = time.monotonic() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cpu, took, memory.peak / 1024, json.loads(last)


# --- plain Python ---

def naive(lines, names):
    found = 0
    for line in lines:
        text = json.loads(line)['text']
        for name in names:
            found += re.search(r'\b' + re.escape(name) + r'\b', text, re.I) is not None
    return found


def made_before(lines, names):
    patterns, found = [re.compile(r'\b' + re.escape(name) + r'\b', re.I) for name in names], 0
    start = time.process_time()
    for line in lines:
        text = json.loads(line)['text']
        for pattern in patterns:
            found += pattern.search(text) is not None
    return found, time.process_time() - start


def by_table(lines, names):
    table, found = {name.lower() for name in names}, 0
    most = max(len(re.findall(r'\w+', name)) for name in names)
    word = re.compile(r'\w+')
    for line in lines:
        text = json.loads(line)['text'].lower()
        spans = [m.span() for m in word.finditer(text)]
        for i, (begin, _) in enumerate(spans):
            for k in range(i, min(i + most, len(spans))):
                found += text[begin:spans[k][1]] in table
    return found


def loops(posts, names):
    """Seconds a post of each loop, on as many posts as each can bear."""
    with posts.open() as f:
        lines = [next(f) for _ in range(min(20_000, sum(1 for _ in posts.open())))]
    start = time.process_time()
    naive(lines[:2], names)
    a = (time.process_time() - start) / 2
    b = made_before(lines[:20], names)[1] / 20
    start = time.process_time()
    by_table(lines, names)
    c = (time.process_time() - start) / len(lines)
    return [('Python: re.search a name', 2, a), ('Python: patterns made before', 20, b),
            ('Python: words looked up in a set', len(lines), c)]


# --- a long export ---

def long_run(build, verb, path, source):
    """One line of the table: of a pipe if path is '-'."""
    here = pathlib.Path(__file__).parent.parent
    with tempfile.NamedTemporaryFile() as out:
        command = [sys.executable, here / 'hostile/peak.py', '--out', out.name, build / 'tocsin', verb, '-q', '--json', path]
        told = subprocess.run(command, stdin=source, stderr=subprocess.PIPE, text=True)
        peak = re.search(r'peak (\d+) MiB, ([\d.]+) s, status (\d+)', told.stderr)
        last = json.loads(last_line(out))
    what = f'{verb}, {"pipe" if path == "-" else "file"}'
    print(f'{what:20} {float(peak[2]):9.1f} {last["bytes"] / float(peak[2]) / 1e6:7.0f} {int(peak[1]):9} {last["records"]:11} '
          f'{last["gaps"]:5} {last["bytes"]:13}', flush=True)


def last_line(out):
    """Of extract, whose output may be long."""
    out.seek(max(out.seek(0, 2) - 65536, 0))
    return out.read().splitlines()[-1]


def telegram(build, gib, folder):
    size = gib * 2**30
    make = [sys.executable, pathlib.Path(__file__).parent.parent / 'gen/telegram.py', str(size / 1e6)]
    print(f'{"result.json":20} {"seconds":>9} {"MB/s":>7} {"peak MiB":>9} {"records":>11} {"gaps":>5} {"bytes":>13}')
    for verb in 'watch', 'extract':
        with subprocess.Popen(make, stdout=subprocess.PIPE) as source:
            long_run(build, verb, '-', source.stdout)
    if shutil.disk_usage(folder).free < 1.5 * size:
        print('no room for the file')
        return
    path = folder / 'result.json'
    with path.open('wb') as f:
        subprocess.run(make, stdout=f, check=True)
    for verb in 'watch', 'extract':
        long_run(build, verb, path, None)
    path.unlink()


def main():
    p = argparse.ArgumentParser(prog='script/bench watch')
    p.add_argument('--posts', type=int, default=1_000_000)
    p.add_argument('--naming', type=float, default=0.05, help='share of the posts that name something')
    p.add_argument('--aliases', type=int, default=15_000)
    p.add_argument('--runs', type=int, default=3)
    p.add_argument('--keep', type=pathlib.Path, help='folder for the inputs')
    p.add_argument('--telegram', type=float, metavar='GIB', help='measure a long export instead')
    p.add_argument('build', type=pathlib.Path)
    o = p.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = o.keep or pathlib.Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        if o.telegram:
            telegram(o.build.resolve(), o.telegram, folder)
        else:
            measure(o, folder)


def measure(o, folder):
    table, posts, many = folder / 'names.tsv', folder / 'posts.jsonl', folder / 'subjects.jsonl'
    names = make_names(table, o.aliases)
    texts = make_posts(posts, o.posts, o.naming, names)
    make_subjects(many)
    build = o.build.resolve()
    s = stages(build, posts, table, o.runs)
    g = gist_stages(build, texts, table)
    runs = [whole(build, posts, table) for _ in range(o.runs)]
    cpu = min(r[0] for r in runs)
    size, n = posts.stat().st_size, s['posts']
    print(f'{n:.0f} posts of 160 bytes, {size / 1e6:.0f} MB of JSON Lines, {s["named"]:.0f} name a subject; '
          f'{o.aliases} aliases beside the shipped ones\n')
    print(f'{"stage":46} {"seconds":>10} {"MB/s":>8} {"posts/s":>10}')

    def row(what, seconds, scale=1.0):
        rate = size / seconds / scale / 1e6
        print(f'{what:46} {seconds * scale:10.3f} {rate:8.{1 if rate >= 1 else 5}f} {n / seconds / scale:10.0f}')

    row('read: JSON Lines to posts', s['read'])
    row('fold', g['folding'])
    row('match: names of all posts', g['names (terms alone)'])
    row('subjects (fold, match, intents, sketch)', g['gist_batch, all of it'])
    row('gist (subjects, indicators, clusters)', g['together'])
    row('intake (read, gist, records both ways)', s['intake'])
    row('... and store', s['store'])
    row('... and lanes A to D', s['lanes'])
    row('the command, loading names too', cpu)
    for what, sample, seconds in loops(posts, names):
        row(f'{what} ({sample} posts)', seconds, n)
    print(f'\nelapsed {min(r[1] for r in runs):.2f} s; peak memory of all processes {max(r[2] for r in runs):.0f} MiB')
    used = whole(build, many, table)
    print(f'{SUBJECTS} subjects in {DAYS} days ({used[3]["named"]} posts that name one): '
          f'{used[0]:.2f} s of the processor, peak memory {used[2]:.0f} MiB')


main()

#!/usr/bin/env python3
"""Posts in which new words come up: usage: terms_posts.py FOLDER [--flood WORDS]

Ten weeks from Monday 2023-01-02 on. What a digest must make of each word stands in tests/cli/watch_terms.sh.
--flood: one file, most of whose words nobody ever said before.
"""
import datetime as dt
import json
import pathlib
import random
import sys

START = dt.datetime(2023, 1, 2, tzinfo=dt.timezone.utc)
WEEKS, EVENT = 10, 8
SITES = [f'site-{i}' for i in range(6)]
USUAL = [a + b for a in ('firewall', 'kernel', 'socket', 'ledger', 'harbour', 'lantern', 'meadow', 'copper')
         for b in ('', 'ing', 'ish', 'ward')]
OF_WEEK = ['alphazor', 'betazor', 'gammazor', 'deltazor', 'epsilonzor', 'zetazor', 'etazor', 'thetazor', 'iotazor',
           'kappazor']


class Posts:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.posts = []

    def usual(self, n=6):
        return ', '.join(self.random.choice(USUAL) for _ in range(n))

    def add(self, week, day, site, author, text, thread=None):
        time = START + dt.timedelta(days=7 * week + day, seconds=self.random.randrange(86400))
        number = len(self.posts)
        post = {'id': f'p{number}', 'site': site, 'thread': thread or f't{number}', 'author': author,
                'time': time.strftime('%Y-%m-%dT%H:%M:%SZ'), 'text': text}
        self.posts.append(post)

    def said(self, week, sites, word, voice='v'):
        """A word on each of these sites, each time in other words by another author."""
        for i, site in enumerate(sites):
            self.add(week, i % 5, site, f'{voice}-{word}-{i}', f'{self.usual(4)}. {word}, {self.usual(4)}')


def ordinary(posts):
    for week in range(WEEKS):
        for day in range(7):
            for site in SITES:
                for i in range(3):
                    posts.add(week, day, site, f'a{i}', posts.usual(10))
        posts.said(week, SITES[:3], OF_WEEK[week])


def events(posts):
    posts.said(EVENT, SITES[:4], 'Zorbalek')
    posts.said(EVENT, SITES[1:5], 'Quaxify Bleed')
    for site, word in zip(SITES, ['Гнездозмей', 'гнездозмея', 'Гнездозмею', 'гнездозмей']):
        posts.said(EVENT, [site], word)
    for i, text in enumerate(['发现新的墨鸦组织', '墨鸦攻击', '关于墨鸦的报告', '墨鸦 again']):
        posts.add(EVENT, i, SITES[i], f'han-{i}', text)
    # The whole name, though each of its pieces is in as many threads.
    for i, text in enumerate(['发现新黑曜石鸢尾攻击', '关于黑曜石鸢尾的报告', '昨晚黑曜石鸢尾又来']):
        posts.add(EVENT, i, SITES[i], f'stone-{i}', text)
    # Ten voices in two threads.
    for i in range(10):
        posts.add(EVENT, i % 5, SITES[i % 2], f'talk-{i}', f'{posts.usual(4)}. Onethreadium, {posts.usual(4)}',
                  f'thread {i % 2}')
    # One voice in forty threads, and a second one elsewhere.
    for i in range(40):
        posts.add(EVENT, i % 7, SITES[0], 'spammer', f'{posts.usual(4)}. Buxomatic, {posts.usual(4)}')
    posts.said(EVENT, [SITES[1]], 'Buxomatic')
    # One text on five sites.
    text = f'Crosspostium is what everybody needs, {posts.usual(10)}'
    for i, site in enumerate(SITES[:5]):
        posts.add(EVENT, i, site, f'cross-{i}', text if i % 2 else text + ' now')
    # On one site only.
    for i in range(6):
        posts.add(EVENT, i, SITES[2], f'local-{i}', f'{posts.usual(4)}. Monositum, {posts.usual(4)}')
    for site in ('new-1', 'new-2', 'new-3', 'new-4'):
        for day in range(3):
            posts.add(EVENT, day, site, 'newcomer', posts.usual(10))
        posts.add(EVENT, 5, site, f'{site}-voice', f'{posts.usual(4)}. Younglingo, {posts.usual(4)}')
    posts.said(EVENT, SITES[:5], 'MOVEit')
    posts.said(EVENT, SITES[:5], 'Citrix Bleed')
    posts.said(EVENT, SITES[:5], 'https://evilnewhost.example/gate')
    posts.said(EVENT, SITES[:4], 'Maskarello, password: Geheimwort99')
    posts.said(EVENT, SITES[:5], 'Zx81Tz93Qw77Lm42Pk19Vb56')


def flood(out, words):
    posts = Posts(2)
    letters = 'abcdefghijklmnopqrstuvwxyz'
    done = 0
    while done < words:
        text = []
        for _ in range(240):
            n, word = done, ''
            for _ in range(5):
                word += letters[n % 26]
                n //= 26
            text.append('zq' + word)
            done += 1
        posts.add(done * 9 // words, done % 7, SITES[done // 240 % 6], f'f{done}', ' '.join(text))
    posts.said(9, SITES, 'Zorbalek')
    with open(out / 'flood.jsonl', 'w', encoding='utf-8') as f:
        f.writelines(json.dumps(p) + '\n' for p in posts.posts)


def main():
    out = pathlib.Path(sys.argv[1])
    if len(sys.argv) > 2:
        flood(out, int(sys.argv[3]))
        return
    posts = Posts(1)
    ordinary(posts)
    events(posts)
    files = [open(out / f'{i}.jsonl', 'w', encoding='utf-8') for i in range(4)]
    for i, post in enumerate(posts.posts):
        files[i % 4].write(json.dumps(post, ensure_ascii=False) + '\n')
    for f in files:
        f.close()


main()

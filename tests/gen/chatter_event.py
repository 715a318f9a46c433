#!/usr/bin/env python3
"""Made-up posts in which one event makes two subjects rise, as JSON Lines on standard output.

usage: chatter_event.py [--shuffle SEED] [--apart] [--later] [--until DATE]

Four months of talk about many products on four sites, then two days on which Zimbra and Exim are named in the same
threads, Zimbra in three more of its own. --shuffle: another order of the posts of each day. --apart: in threads of
their own. --later: Exim is named five days later, in some threads of Zimbra's that go on.
"""
import argparse
import datetime as dt
import json
import random

START = dt.date(2021, 1, 1)
EVENT = dt.date(2021, 5, 1)
SITES = ['board.one', 'board.two', 'chan.three', 'list.four']
PRODUCTS = ['Fortinet FortiOS', 'Citrix NetScaler', 'Oracle WebLogic', 'Jenkins', 'Joomla', 'Drupal', 'Apache Struts',
            'Confluence', 'Grafana', 'SonicWall', 'Zyxel', 'GitLab', 'Magento', 'Redis', 'Zimbra', 'Exim']
WORDS = ['amber', 'birch', 'cedar', 'delta', 'ember', 'fjord', 'grove', 'heath', 'inlet', 'jetty', 'knoll', 'ledge']


def post(number, day, site, thread, text):
    time = dt.datetime.combine(day, dt.time(6 + number % 12, number % 60)).isoformat() + 'Z'
    tail = ' '.join(WORDS[(number // 12 ** i + i) % 12] for i in range(5))
    return {'id': str(number), 'time': time, 'site': site, 'thread': f'{site}/{thread}', 'author': f'u{number % 701}',
            'text': f'{text} {tail} {number}'}


def talk(rnd):
    number = 0
    for day in range((EVENT - START).days + 10):
        for site in SITES:
            for _ in range(3):
                number += 1
                yield post(number, START + dt.timedelta(day), site, number, f'a word about {rnd.choice(PRODUCTS)}')


def event(apart, later):
    for n in range(16):
        number, site, day = 100000 + n, SITES[n % 4], EVENT + dt.timedelta(n // 8)
        both = n < 13 and not later
        yield post(number, day, site, number, 'Zimbra and Exim fall over' if both and not apart else 'Zimbra falls over')
        if apart or later and n < 6:
            day += dt.timedelta(5 if later else 0)
            yield post(number + 500, day, site, number + (500 if apart else 0), 'Exim falls over')


def main():
    p = argparse.ArgumentParser()
    p.add_argument('--shuffle', type=int)
    p.add_argument('--apart', action='store_true')
    p.add_argument('--later', action='store_true')
    p.add_argument('--until', default='9999')
    a = p.parse_args()
    posts = [*talk(random.Random(7)), *event(a.apart, a.later)]
    order = random.Random(a.shuffle)
    posts.sort(key=lambda x: (x['time'][:10], order.random()) if a.shuffle else x['time'])
    for x in posts:
        if x['time'] < a.until:
            print(json.dumps(x))


main()

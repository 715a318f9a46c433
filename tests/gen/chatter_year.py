#!/usr/bin/env python3
"""A made-up year of posts that leads up to the Exchange affair, as JSON Lines on standard output.

usage: chatter_year.py [--seed N] [--until DATE] [--quiet]

Sites, authors and texts are invented; products are real names. Every day has talk about many
products, more on weekdays than at the weekend. Interest in Exchange begins seldom and on many sites
(asking, offering, brute force), gets denser from January 2021 on, and the hole has a name only on the
day it was made public. --quiet leaves that interest out: what is left must not raise its alert.
"""
import argparse
import datetime as dt
import hashlib
import json
import math
import random
import sys

START = dt.date(2020, 3, 1)
PUBLIC = dt.date(2021, 3, 2)

SITES = [  # name, kind, language, posts a weekday
    ('board.north', 'forum', 'ru', 14), ('board.south', 'forum', 'en', 12), ('market.one', 'forum', 'ru', 9),
    ('chan.alpha', 'telegram', 'ru', 16), ('chan.beta', 'telegram', 'en', 10), ('chan.gamma', 'telegram', 'zh', 8),
    ('list.security', 'mail', 'en', 5), ('news.daily', 'rss', 'en', 8), ('news.weekly', 'rss', 'en', 3),
]
PRODUCTS = ['Fortinet FortiOS', 'Citrix NetScaler', 'Pulse Secure', 'Oracle WebLogic', 'Jenkins', 'Joomla', 'Drupal',
            'Apache Struts', 'Apache Tomcat', 'VMware ESXi', 'F5 BIG-IP', 'Confluence', 'Grafana', 'MikroTik',
            'SonicWall', 'Zyxel', 'SaltStack', 'GitLab', 'Elasticsearch', 'Docker', 'Kubernetes', 'phpMyAdmin',
            'vBulletin', 'Magento', 'TeamViewer', 'SharePoint', 'Exim', 'Zimbra', 'OpenSSL', 'Redis']
CHAT = {
    'en': ['anyone still using {p}? thinking of moving away', 'new version of {p} is out, changelog looks small',
           'how do you monitor {p} in production', '{p} keeps crashing after the update',
           'looking for a good tutorial on {p}', 'sold my old cards today, prices are mad',
           'what VPS do you use these days', 'the captcha on this board is terrible', 'merry christmas everyone',
           'is the admin online', 'bulk mail rates went up again', 'need a designer for a landing page'],
    'ru': ['кто ставил {p}, как вам новая версия', 'обновили {p}, всё упало', 'подскажите по {p}, не стартует',
           'всем привет', 'курс опять скачет', 'админ, ответь в личку', 'какой хостинг сейчас живой',
           'ищу напарника на проект', 'с новым годом', 'продам аккаунты игр'],
    'zh': ['{p} 升级之后很慢', '有人用 {p} 吗', '今天好冷', '求推荐服务器', '群里有人吗', '新年快乐'],
}
# An inert file that nobody ever had: its hash stands for what posts pass around.
TOOL_HASH = hashlib.sha256(b'tocsin: a made-up tool').hexdigest()
INTEREST = {
    'en': ['looking for access to {x} of a mid size company, paying well', 'anyone has a list of {x} hosts with weak passwords',
           'brute force against {x}, which tool is fastest', 'need a web shell that survives on {x}',
           'how to dump lsass after {x}, av catches everything', 'my web shell for {x}, sha256 ' + TOOL_HASH, 'selling access: {x}, 3k mailboxes, domain admin'],
    'ru': ['куплю доступ к {x}, корп, от 500 ящиков', 'ищу базу {x} под брут', 'чем сейчас брутить {x}',
           'продам доступ {x}, сша', 'нужен шелл под {x}', 'кто льет через {x}, есть тема'],
    'zh': ['求购 {x} 权限', '{x} 爆破 工具 哪个好', '{x} webshell 免杀 怎么做', '出售 {x} 权限'],
}
NAMES = {'en': ['Exchange Server', 'OWA', 'MS Exchange', 'Exchange 2016', 'on-prem Exchange'],
         'ru': ['OWA', 'Exchange Server', 'MS Exchange', 'почтовый Exchange'],
         'zh': ['Exchange Server', 'OWA']}
DENSE = ['new {x} exploit works on 2013 to 2019, who wants to join', 'mass scan of {x} running, nets in dm',
         'web shell dropper for {x}, sha256 ' + TOOL_HASH, '{x} pre auth, no patch, selling to one hand',
         'got shells on 40 {x} boxes tonight', 'post exploitation kit for {x}, lsass dump included']


def day_rate(day):
    """Interest in Exchange a day."""
    left = (PUBLIC - day).days
    if left > 270:
        return 0.01
    if left > 60:
        return 0.08
    if left > 21:
        return 0.5
    return 3.0 if left > 0 else 12.0


def poisson(r, mean):
    n, p, limit = 0, 1.0, math.exp(-mean)
    while True:
        p *= r.random()
        if p <= limit:
            return n
        n += 1


class Year:
    def __init__(self, seed):
        self.r = random.Random(seed)
        self.n = 0

    def post(self, day, site, text, author=None, thread=None):
        self.n += 1
        at = dt.datetime.combine(day, dt.time(), dt.timezone.utc) + dt.timedelta(seconds=self.r.randrange(86400))
        name, kind, lang, _ = site
        return {'id': str(self.n), 'time': at.strftime('%Y-%m-%dT%H:%M:%SZ'), 'source': kind, 'site': name, 'lang': lang,
                'thread': thread or f'{name}-{self.n // 4}', 'author': author or f'{name}-u{self.r.randrange(400)}',
                'text': text}

    def chatter(self, day, site):
        weekday = 1.15 if day.weekday() < 5 else 0.6
        for _ in range(poisson(self.r, site[3] * weekday)):
            yield self.post(day, site, self.r.choice(CHAT[site[2]]).format(p=self.r.choice(PRODUCTS)))

    def interest(self, day):
        r = self.r
        for _ in range(poisson(r, day_rate(day))):
            site = r.choice(SITES[:7])
            dense = (PUBLIC - day).days <= 21 and r.random() < 0.5
            text = r.choice(DENSE if dense else INTEREST[site[2]]).format(x=r.choice(NAMES[site[2]]))
            yield self.post(day, site, text, thread=f'{site[0]}-x{self.n}')

    def news(self, day):
        if day < PUBLIC:
            return
        for site in SITES[6:]:
            yield self.post(day, site, 'Microsoft releases out of band updates for Exchange Server: CVE-2021-26855, '
                            'CVE-2021-26857, CVE-2021-26858 and CVE-2021-27065 are exploited by HAFNIUM')

    def day(self, day, quiet):
        posts = [p for site in SITES for p in self.chatter(day, site)]
        interest = [*self.interest(day), *self.news(day)]
        return sorted(posts + ([] if quiet else interest), key=lambda p: p['time'])


def main():
    args = argparse.ArgumentParser()
    args.add_argument('--seed', type=int, default=1)
    args.add_argument('--until', type=dt.date.fromisoformat, default=PUBLIC + dt.timedelta(days=5))
    args.add_argument('--quiet', action='store_true')
    args = args.parse_args()
    year, day = Year(args.seed), START
    while day <= args.until:
        for post in year.day(day, args.quiet):
            sys.stdout.write(json.dumps(post, ensure_ascii=False) + '\n')
        day += dt.timedelta(days=1)


main()

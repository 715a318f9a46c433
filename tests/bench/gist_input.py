#!/usr/bin/env python3
"""Input of bench_gist.

usage: gist_input.py aliases SHARED COUNT    a table of subjects: names of public lists, then made-up ones
       gist_input.py titles SHARED           real titles, one post a line
       gist_input.py posts COUNT             made-up posts of 160 bytes, every fourth one names something
"""
import csv
import gzip
import pathlib
import random
import re
import sys

SYLLABLES = 'ba ko ri ta mu sel dor vin qua zet lum pra gor nix hel tra bos cru fen jal wok yst'.split()
PLAIN = '''the server of our company does not answer since this morning and nobody knows what happened there I have
looked at the logs but they say little about it thanks for your help with this problem last week it works now could you
send me the file again please we will talk about it tomorrow when everybody is here there is a new version of the tool
which looks better than the old one but it needs more memory and some settings have changed again'''.split()
RUSSIAN = '''привет как дела сегодня надо проверить что там с сервером вчера все работало а теперь нет ответа скинь мне
пожалуйста файл еще раз завтра посмотрим вместе когда все будут на месте новая версия лучше старой но памяти надо больше
деньги придут на неделе не переживай я уже написал им и жду ответа'''.split()
NAMES = '''Exchange Server|CVE-2021-26855|ESXi|LockBit|webshell|VPN access|Citrix ADC|эксплойт|шелл|брут|Mimikatz|FortiGate|
ransomware|0day|Cobalt Strike|доступы|WordPress|data leak|APT28|Confluence'''.replace('\n', '').split('|')


def names(shared):
    chatter, stix = pathlib.Path(shared) / 'data/chatter', pathlib.Path(shared) / 'data/stix'
    for name, kind in (('misp_threat_actors', 'actor'), ('misp_ransomware', 'malware')):
        for row in csv.DictReader((stix / f'{name}.tsv').open(), delimiter='\t', quoting=csv.QUOTE_NONE):
            for alias in [row['name']] + (row['synonyms'] or '').split('|'):
                yield alias, row['name'], kind
    for row in csv.DictReader((stix / 'attack_lexicon.tsv').open(), delimiter='\t', quoting=csv.QUOTE_NONE):
        if row['type'] in ('malware', 'tool', 'intrusion-set'):
            for alias in [row['name']] + (row['aliases'] or '').split('|'):
                yield alias, row['name'], 'actor' if row['type'] == 'intrusion-set' else 'malware'
    for row in csv.DictReader((chatter / 'kev_dev.tsv').open(), delimiter='\t', quoting=csv.QUOTE_NONE):
        yield row['vendor'], row['vendor'], 'vendor'
        yield row['product'], row['product'], 'product'


def aliases(shared, count):
    print('alias\tcanonical\tkind\tcase\tboundary\tsource')
    seen = set()
    chance = random.Random(1)
    for alias, canonical, kind in names(shared):
        alias = alias.strip()
        if 3 <= len(alias.encode()) <= 100 and alias.lower() not in seen:
            seen.add(alias.lower())
            print(alias, canonical, kind, 'exact' if alias.isalpha() else 'any', 'word', 'list', sep='\t')
    print(f'{len(seen)} names of lists', file=sys.stderr)
    while len(seen) < count:
        alias = ''.join(chance.choices(SYLLABLES, k=chance.randint(2, 4))).title() + \
            chance.choice(['', ' RAT', ' Loader', 'Locker', ' Bear', '-NG'])
        if alias.lower() not in seen:
            seen.add(alias.lower())
            print(alias, alias, 'malware', 'any', 'word', 'made-up', sep='\t')


def titles(shared):
    with gzip.open(pathlib.Path(shared) / 'data/chatter/rss_posts_dev.tsv.gz', 'rt') as f:
        next(f)
        for line in f:
            print(line.split('\t')[2])


def posts(count):
    chance = random.Random(2)
    for i in range(count):
        words = RUSSIAN if i % 4 == 1 else PLAIN
        text = ''
        while len(text.encode()) < 160:
            text += chance.choice(words) + ' '
        if i % 4 == 0:
            at = text.find(' ', chance.randint(0, 100))
            text = f'{text[:at]} {chance.choice(NAMES)}{text[at:]}'
        text = text.encode()[:160].decode(errors='ignore')
        print(re.sub(r'\s+', ' ', text).ljust(100, '.'))


def main():
    what = sys.argv[1]
    if what == 'aliases':
        aliases(sys.argv[2], int(sys.argv[3]))
    elif what == 'titles':
        titles(sys.argv[2])
    else:
        posts(int(sys.argv[2]))


main()

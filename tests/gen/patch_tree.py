#!/usr/bin/env python3
"""Two years of HttpProxy and ECP logs of three Exchange servers, whose builds change on known days.

    patch_tree.py FOLDER

One is restored from an image in between and loses its update for three days; of one, three weeks
are missing; one is Exchange 2013, whose logs do not show the update. Always the same bytes.
"""
import datetime as dt
import pathlib
import sys

START, DAYS = dt.datetime(2021, 1, 1), 730
SERVERS = {
    'MBX1': [('2021-01-01', '15.1.2176.2'), ('2021-03-04', '15.1.2176.9'), ('2021-04-20', '15.1.2176.12'),
             ('2021-05-15', '15.1.2176.14'), ('2021-10-05', '15.1.2375.7'), ('2022-11-20', '15.1.2375.37')],
    'MBX2': [('2021-01-01', '15.2.792.3'), ('2021-03-10', '15.2.792.10'), ('2021-03-12', '15.2.792.3'),
             ('2021-03-15', '15.2.792.10'), ('2022-05-01', '15.2.1118.7'), ('2022-11-09', '15.2.1118.20')],
    'MBX3': [('2021-01-01', '15.0.1497.2'), ('2021-03-05', '15.0.1497.12')],
}
MISSING = {'MBX1': ('2021-06-10', '2021-07-01')}
PROXY = ('DateTime,RequestId,MajorVersion,MinorVersion,BuildVersion,RevisionVersion,ClientRequestId,Protocol,UrlHost,'
         'UrlStem,AuthenticatedUser,AnchorMailbox,UserAgent,ClientIpAddress,ServerHostName,HttpStatus,Method')


def build_at(server, when):
    changed = 9 + len(server)  # in the morning: the day of an update has rows of both builds
    return [b for day, b in SERVERS[server] if when >= dt.datetime.fromisoformat(day) + dt.timedelta(hours=changed)
            or day == '2021-01-01'][-1]


def proxy_day(server, day):
    rows = []
    for hour in range(0, 24, 2):
        when = day + dt.timedelta(hours=hour, minutes=7, seconds=hour)
        parts = build_at(server, when).replace('.', ',')
        rows.append(f'{when.isoformat()}.100Z,r{when:%Y%m%d%H},{parts},,Owa,mail.example,/owa/,,,Mozilla/5.0,'
                    f'192.0.2.{hour + 1},{server},200,GET')
    return rows


def write(path, log, fields, rows, build, day):
    path.parent.mkdir(parents=True, exist_ok=True)
    head = ['#Software: Microsoft Exchange Server', f'#Version: {build}', f'#Log-type: {log}',
            f'#Date: {day.isoformat()}.000Z', f'#Fields: {fields}']
    path.write_text('\r\n'.join(head + rows) + '\r\n')


def main():
    root = pathlib.Path(sys.argv[1])
    for server in SERVERS:
        for i in range(DAYS):
            day = START + dt.timedelta(days=i)
            gap = MISSING.get(server)
            if gap and gap[0] <= day.date().isoformat() < gap[1]:
                continue
            path = root / server / 'V15/Logging/HttpProxy/Owa' / f'HttpProxy_{day:%Y%m%d}00-1.LOG'
            write(path, 'HttpProxy Logs', PROXY, proxy_day(server, day), build_at(server, day), day)


main()

#!/usr/bin/env python3
"""An IIS log in which every row is of another client and user, but for one client that comes twice in a minute, far
apart in the file. Usage: many_groups.py ROWS FILE; status 1 if there is no room."""
import sys

HEAD = '''#Software: Microsoft Internet Information Services 10.0\r
#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) sc-status sc-bytes\r
'''


def row(clock, user, client):
    return (f'2021-03-01 {clock // 3600:02}:{clock // 60 % 60:02}:{clock % 60:02} 192.0.2.1 POST /owa/auth.owa - 443 '
            f'user-of-the-mailbox-{user} {client} Mozilla/5.0+(Windows+NT) 401 10\r\n')


def main():
    rows = int(sys.argv[1])
    try:
        with open(sys.argv[2], 'w', encoding='ascii') as out:
            out.write(HEAD)
            out.write(row(40000, 'first', '198.51.100.7'))
            for i in range(rows - 1):
                mixed = i * 2654435761 % 2 ** 24
                out.write(row(i * 80000 // rows, i, f'10.{mixed >> 16}.{mixed >> 8 & 255}.{mixed & 255}'))
            out.write(row(40030, 'last', '198.51.100.7'))
    except OSError:
        return 1
    return 0


if __name__ == '__main__':
    sys.exit(main())

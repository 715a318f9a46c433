#!/usr/bin/env python3
"""An IIS log in which every row is of another client and user, but for one client that comes twice in a minute, far
apart in the file. The columns change on the way. Usage: many_groups.py ROWS FILE; status 1 if there is no room."""
import sys

HEAD = '''#Software: Microsoft Internet Information Services 10.0\r
#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) sc-status sc-bytes\r
'''


def row(clock, user, client, swapped=False):
    user = f'user-of-the-mailbox-{user}'
    return (f'2021-03-01 {clock // 3600:02}:{clock // 60 % 60:02}:{clock % 60:02} 192.0.2.1 POST /owa/auth.owa - 443 '
            f'{client if swapped else user} {user if swapped else client} Mozilla/5.0+(Windows+NT) 401 10\r\n')


def main():
    rows = int(sys.argv[1])
    try:
        with open(sys.argv[2], 'w', encoding='ascii') as out:
            out.write(HEAD)
            out.write(row(40000, 'first', '198.51.100.7'))
            for i in range(rows - 1):
                mixed = i * 2654435761 % 2 ** 24
                if i == rows // 5: # a reader that begins in mid-file starts from the wrong columns
                    out.write(HEAD.replace('cs-username c-ip', 'c-ip cs-username'))
                out.write(row(i * 80000 // rows, i, f'10.{mixed >> 16}.{mixed >> 8 & 255}.{mixed & 255}', i >= rows // 5))
            out.write(row(40030, 'last', '198.51.100.7', True))
    except OSError:
        return 1
    return 0


if __name__ == '__main__':
    sys.exit(main())

#!/usr/bin/env python3
"""A CLIXML of any size: objects as Get-ExchangeServer has them, each with a server of its own, most
of whose bytes are properties that tell nothing. usage: clixml.py MEGABYTES FILE"""
import sys

HEAD = '<Objs Version="1.1.0.1" xmlns="http://schemas.microsoft.com/powershell/2004/04">\n'
OBJECT = '''  <Obj RefId="{id}">
    <TN RefId="{id}"><T>Microsoft.Exchange.Data.Directory.Management.ExchangeServer</T><T>System.Object</T></TN>
    <Props>
      <S N="Name">EX{n:05}</S>
      <Obj N="AdminDisplayVersion" RefId="{version}"><ToString>Version 15.1 (Build 2176.2)</ToString></Obj>
      <BA N="SerializationData">{data}</BA>
      <Obj N="Sites" RefId="{sites}"><LST>{list}</LST></Obj>
    </Props>
  </Obj>
'''


def main():
    limit, written, n = int(sys.argv[1]) * 1000 * 1000, len(HEAD), 0
    data = 'AAEAAAD/////' * 1500
    items = '<S>CN=Default_x002D_First</S>' * 2000
    with open(sys.argv[2], 'w', encoding='ascii') as out:
        out.write(HEAD)
        while written < limit:
            text = OBJECT.format(id=3 * n, version=3 * n + 1, sites=3 * n + 2, n=n, data=data, list=items)
            out.write(text)
            written += len(text)
            n += 1
        out.write('</Objs>\n')
    print(n)


if __name__ == '__main__':
    main()

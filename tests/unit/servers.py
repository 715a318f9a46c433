#!/usr/bin/env python3
"""Small servers on 127.0.0.1 for test_deliver. usage: servers.py KIND FOLDER ANSWERS

Prints its port, then appends what it takes in to the file "got" of the folder. Ends after a minute
at the latest, or when it is told to.
"""
import email
import email.policy
import os
import signal
import socket
import ssl
import subprocess
import sys

kind, folder, answers = sys.argv[1], sys.argv[2], sys.argv[3].split(',')
got = open(os.path.join(folder, 'got'), 'ab', buffering=0)
signal.alarm(60)


def listen(family=socket.AF_INET, what=socket.SOCK_STREAM, address=('127.0.0.1', 0)):
    s = socket.socket(family, what)
    s.bind(address)
    if what == socket.SOCK_STREAM:
        s.listen(8)
    print(s.getsockname()[1] if family == socket.AF_INET else 0, flush=True)
    return s


def http_request(stream):
    head = []
    while (line := stream.readline().rstrip(b'\r\n')):
        head.append(line)
    size = sum(int(line.split(b':')[1]) for line in head if line.lower().startswith(b'content-length:'))
    return b'\n'.join(head) + b'\n\n' + stream.read(size) + b'\n=====\n' if head else b''


def http():
    server = listen()
    while True:
        client, _ = server.accept()
        with client, client.makefile('rb') as stream:
            while (request := http_request(stream)):
                got.write(request)
                answer = answers.pop(0) if len(answers) > 1 else answers[0]
                if answer == 'hang':
                    break
                if answer == 'endless':
                    client.sendall(b'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n')
                    try:
                        while True:
                            client.sendall(b'x' * 65536)
                    except OSError:
                        break
                where = b'Location: http://127.0.0.1:9/\r\n' if answer == '302' else b''
                client.sendall(b'HTTP/1.1 ' + answer.encode() + b' X\r\n' + where + b'Content-Length: 0\r\n\r\n')


def certificate():
    cert, key = os.path.join(folder, 'cert.pem'), os.path.join(folder, 'key.pem')
    subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes',
                    '-keyout', key, '-out', cert, '-days', '2', '-subj', '/CN=localhost', '-addext',
                    'subjectAltName=DNS:localhost'], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return context


def mail(stream):
    lines = []
    while (line := stream.readline()) not in (b'.\r\n', b''):
        lines.append(line[1:] if line.startswith(b'.') else line)
    message = email.message_from_bytes(b''.join(lines), policy=email.policy.default)
    got.write(b''.join(lines).replace(b'\r\n', b'\n'))
    got.write(b'SUBJECT ' + message['Subject'].encode() + b'\n')
    got.write(b'BODY ' + message.get_content().encode() + b'\n')


def smtp_session(client, context):
    def say(text):
        client.sendall(text.encode() + b'\r\n')
    secure = False
    stream = client.makefile('rb')
    say('220 test')
    while (line := stream.readline().rstrip(b'\r\n')):
        got.write(line + b'\n')
        word = line.upper().split(b' ')[0]
        if word == b'EHLO':
            say('250-test\r\n250-8BITMIME' + ('\r\n250-STARTTLS' if context and not secure else '')
                + ('\r\n250-AUTH PLAIN' if secure or not context else '') + '\r\n250 SIZE')
        elif word == b'STARTTLS':
            say('220 go')
            client = context.wrap_socket(client, server_side=True)
            stream, secure = client.makefile('rb'), True
        elif word == b'AUTH':
            if len(line.split(b' ')) < 3:
                say('334 ')
                got.write(line + b' ' + stream.readline().rstrip(b'\r\n') + b'\n')
            say('235 welcome')
        elif word == b'DATA':
            say('354 go')
            mail(stream)
            say('250 taken')
        elif word == b'QUIT':
            say('221 bye')
            return
        else:
            say('250 ok')


def smtp():
    context = certificate() if 'tls' in answers else None
    server = listen()
    while True:
        client, _ = server.accept()
        try:
            smtp_session(client, context)
        except OSError:
            pass
        client.close()


def datagrams(server):
    while True:
        got.write(server.recv(65536) + b'\n')


def tcp():
    server = listen()
    while True:
        client, _ = server.accept()
        with client:
            while (data := client.recv(65536)):
                got.write(data)
        got.write(b'\n')


if kind == 'udp':
    datagrams(listen(what=socket.SOCK_DGRAM))
elif kind == 'unix':
    datagrams(listen(socket.AF_UNIX, socket.SOCK_DGRAM, os.path.join(folder, 'log')))
else:
    {'http': http, 'smtp': smtp, 'tcp': tcp}[kind]()

#!/usr/bin/env python3
"""Writes one tiny file of each format of posts into a folder: each has one post, of 2021-01-05, that names a CVE.

usage: post_files.py DIR
"""
import base64
import gzip
import json
import sys

w = sys.argv[1]
T = 'CVE-2021-26855 in Exchange Server is used'


def put(name, text):
    open(f'{w}/{name}', 'w').write(text if isinstance(text, str) else json.dumps(text))


put('own.jsonl', {'time': '2021-01-05T10:00:00Z', 'site': 's', 'text': T})
put('table.csv', f'time,site,text\n2021-01-05,s,"{T}"\n')
put('table.tsv', f'time\tsite\ttext\n2021-01-05\ts\t{T}\n')
put('rss.xml', f'<?xml version="1.0"?><rss version="2.0"><channel><title>F</title><item><title>{T}</title><guid>1</guid><pubDate>Tue, 05 Jan 2021 10:00:00 GMT</pubDate></item></channel></rss>')
put('rdf.xml', f'<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="x"><title>F</title></channel><item rdf:about="y"><title>{T}</title><link>https://f.example/1</link><dc:date>2021-01-05T10:00:00Z</dc:date></item></rdf:RDF>')
put('atom.xml', f'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>F</title><entry><id>1</id><title>{T}</title><updated>2021-01-05T10:00:00Z</updated></entry></feed>')
put('jsonfeed.json', {'version': 'https://jsonfeed.org/version/1.1', 'title': 'F', 'items': [{'id': '1', 'content_text': T, 'date_published': '2021-01-05T10:00:00Z'}]})
put('telegram.json', {'name': 'chat', 'type': 'public_channel', 'id': 7, 'messages': [{'id': 1, 'type': 'message', 'date': '2021-01-05T10:00:00', 'date_unixtime': '1609840800', 'from': 'a', 'from_id': 'user1', 'text': T}]})
put('discord.json', {'guild': {'id': '1', 'name': 'G'}, 'channel': {'id': '2', 'name': 'c'}, 'messages': [{'id': '3', 'type': 'Default', 'timestamp': '2021-01-05T10:00:00+00:00', 'content': T, 'author': {'id': '9', 'name': 'n'}}]})
put('discord-package.json', [{'ID': 3, 'Timestamp': '2021-01-05 10:00:00', 'Contents': T, 'Attachments': ''}])
put('matrix.json', {'room_name': 'room', 'messages': [{'type': 'm.room.message', 'event_id': '$1', 'sender': '@a:h.example', 'origin_server_ts': 1609840800000, 'content': {'msgtype': 'm.text', 'body': T}}]})
put('ail.jsonl', {'source': 'ail_feeder_telegram', 'source-uuid': 'u', 'data-sha256': 'x', 'meta': {'chat': {'name': 'c', 'id': 1}, 'date': {'timestamp': 1609840800, 'datestamp': '2021-01-05 10:00:00', 'timezone': 'UTC'}, 'id': 4, 'sender': {'id': 1}}, 'data': base64.b64encode(gzip.compress(T.encode())).decode()})
put('list.mbox', f'From a@h.example Tue Jan  5 10:00:00 2021\nFrom: a@h.example\nDate: Tue, 05 Jan 2021 10:00:00 +0000\nMessage-ID: <1@h.example>\nSubject: {T}\n\nbody\n')
put('stix.json', {'type': 'bundle', 'id': 'bundle--00000000-0000-4000-8000-000000000001', 'objects': [{'type': 'report', 'spec_version': '2.1', 'id': 'report--00000000-0000-4000-8000-000000000002', 'created': '2021-01-05T10:00:00Z', 'modified': '2021-01-05T10:00:00Z', 'published': '2021-01-05T10:00:00Z', 'name': T, 'object_refs': ['report--00000000-0000-4000-8000-000000000002']}]})
put('misp.json', {'Event': {'uuid': '00000000-0000-4000-8000-000000000003', 'info': T, 'date': '2021-01-05', 'timestamp': '1609840800', 'Orgc': {'name': 'O'}, 'Attribute': []}})
put('misp-manifest.json', {'00000000-0000-4000-8000-000000000003': {'info': T, 'date': '2021-01-05', 'timestamp': '1609840800', 'Orgc': {'name': 'O'}, 'Tag': [], 'analysis': '0', 'threat_level_id': '1'}})
put('ransom.json', [{'group_name': 'g', 'post_title': T, 'discovered': '2021-01-05 10:00:00.000000'}])
put('mastodon.json', [{'id': '1', 'created_at': '2021-01-05T10:00:00.000Z', 'uri': 'https://m.example/users/a/statuses/1', 'url': 'https://m.example/@a/1', 'content': f'<p>{T}</p>', 'visibility': 'public', 'account': {'id': '1', 'acct': 'a', 'url': 'https://m.example/@a'}, 'reblog': None}])
put('bluesky.json', {'feed': [{'post': {'uri': 'at://did:plc:x/app.bsky.feed.post/1', 'cid': 'c', 'author': {'did': 'did:plc:x', 'handle': 'a.example'}, 'record': {'$type': 'app.bsky.feed.post', 'text': T, 'createdAt': '2021-01-05T10:00:00Z'}, 'indexedAt': '2021-01-05T10:00:00Z'}}]})
put('reddit.json', {'kind': 'Listing', 'data': {'children': [{'kind': 't3', 'data': {'id': 'a', 'name': 't3_a', 'subreddit': 'r', 'title': T, 'selftext': '', 'author': 'a', 'created_utc': 1609840800.0, 'permalink': '/r/r/a'}}]}})
put('hn.json', {'hits': [{'objectID': '1', 'title': T, 'author': 'a', 'created_at': '2021-01-05T10:00:00Z', 'created_at_i': 1609840800, 'story_id': 1}], 'nbHits': 1, 'page': 0, 'hitsPerPage': 20})

"""Drives a headless Chromium over its DevTools pipe; the standard library alone.

The pipe is two file descriptors with JSON messages that end in a zero byte. A browser without a
network, a profile of its own that is thrown away.
"""
import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

NAMES = ('chromium', 'chromium-browser', 'google-chrome')
# A proxy where nobody listens: a request that left the page would fail, and be seen.
OPTIONS = ('--headless=new', '--disable-gpu', '--hide-scrollbars', '--no-first-run', '--disable-extensions',
           '--disable-background-networking', '--disable-sync', '--disable-component-update', '--mute-audio',
           '--disable-dev-shm-usage', '--proxy-server=127.0.0.1:9', '--remote-debugging-pipe')


def find():
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def start():
    """A browser that answers. Its own sandbox refuses root and some containers: then without; what it
    opens is made by the tests."""
    options = ([],) if os.geteuid() else ()
    for more in (*options, ['--no-sandbox']):
        browser = Browser(find(), more)
        try:
            browser.call('Browser.getVersion')
            return browser
        except (RuntimeError, OSError, TimeoutError):
            browser.stop()
    return None


class Browser:
    def __init__(self, program, more=(), timeout=120):
        self.folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self.timeout, self.number, self.left, self.events = timeout, 0, b'', []
        theirs_in, self.out = os.pipe()
        self.incoming, theirs_out = os.pipe()
        # The shell puts the two ends where Chromium expects them.
        place = f'exec "$@" 3<&{theirs_in} 4>&{theirs_out}'
        self.process = subprocess.Popen(
            ['bash', '-c', place, 'chromium', program, *OPTIONS, *more, f'--user-data-dir={self.folder.name}', 'about:blank'],
            pass_fds=(theirs_in, theirs_out), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, env={**os.environ, 'HOME': self.folder.name})
        os.close(theirs_in)
        os.close(theirs_out)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self.call('Browser.close')
        except (OSError, RuntimeError, TimeoutError):
            pass
        self.stop()

    def stop(self):
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.folder.cleanup()

    def read(self, until):
        """The next message; None if the time is over."""
        while b'\0' not in self.left:
            rest = until - time.monotonic()
            if rest <= 0 or not select.select([self.incoming], [], [], rest)[0]:
                return None
            part = os.read(self.incoming, 1 << 20)
            if not part:
                raise RuntimeError('the browser ended')
            self.left += part
        message, _, self.left = self.left.partition(b'\0')
        return json.loads(message)

    def call(self, method, session=None, **parameters):
        self.number += 1
        message = {'id': self.number, 'method': method, 'params': parameters}
        if session:
            message['sessionId'] = session
        data = json.dumps(message).encode() + b'\0'
        while data:
            data = data[os.write(self.out, data):]
        until = time.monotonic() + self.timeout
        while (answer := self.read(until)) is not None:
            if answer.get('id') == self.number:
                if 'error' in answer:
                    raise RuntimeError(f'{method}: {answer["error"]["message"]}')
                return answer['result']
            self.events.append(answer)
        raise TimeoutError(f'{method}: no answer in {self.timeout} s')

    def drain(self, seconds):
        """Takes in events that still come."""
        until = time.monotonic() + seconds
        while (message := self.read(until)) is not None:
            self.events.append(message)


class Page:
    """A file in a tab; what it asks the network for and complains about is kept."""

    def __init__(self, browser, path, script=True, dark=False, width=1280, height=900, media='', settle=0.3):
        self.browser = browser
        target = browser.call('Target.createTarget', url='about:blank')['targetId']
        self.target = target
        self.session = browser.call('Target.attachToTarget', targetId=target, flatten=True)['sessionId']
        for domain in ('Page', 'Runtime', 'Log', 'Network', 'DOM', 'Accessibility'):
            self.call(f'{domain}.enable')
        self.call('Emulation.setScriptExecutionDisabled', value=not script)
        self.call('Emulation.setDeviceMetricsOverride', width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.call('Emulation.setEmulatedMedia', media=media,
                  features=[{'name': 'prefers-color-scheme', 'value': 'dark' if dark else 'light'}])
        self.go(path, settle)

    def go(self, path, settle=0.0):
        self.browser.events.clear()
        self.call('Page.navigate', url='file://' + os.path.abspath(path))
        self.wait('Page.loadEventFired')
        self.browser.drain(settle)

    def call(self, method, **parameters):
        return self.browser.call(method, session=self.session, **parameters)

    def wait(self, event):
        until = time.monotonic() + self.browser.timeout
        while not any(e.get('method') == event for e in self.browser.events):
            message = self.browser.read(until)
            if message is None:
                raise TimeoutError(event)
            self.browser.events.append(message)

    def close(self):
        self.browser.call('Target.closeTarget', targetId=self.target)

    def run(self, expression):
        answer = self.call('Runtime.evaluate', expression=expression, returnByValue=True, awaitPromise=True)
        if 'exceptionDetails' in answer:
            raise RuntimeError(answer['exceptionDetails'].get('exception', {}).get('description', 'exception'))
        return answer['result'].get('value')

    def of(self, method):
        return [e['params'] for e in self.browser.events
                if e.get('method') == method and e.get('sessionId') == self.session]

    def requests(self):
        return [e['request']['url'] for e in self.of('Network.requestWillBeSent')]

    def complaints(self):
        """Console errors, exceptions and what the page's policy refused."""
        return ([e['entry']['text'] for e in self.of('Log.entryAdded') if e['entry']['level'] in ('error', 'warning')] +
                [e['exceptionDetails']['text'] for e in self.of('Runtime.exceptionThrown')] +
                [str(e['args']) for e in self.of('Runtime.consoleAPICalled') if e['type'] in ('error', 'warning')])

    def screenshot(self, path, clip=None, whole=False):
        more = {'captureBeyondViewport': whole}
        if clip:
            more = {'clip': {**clip, 'scale': 1}, 'captureBeyondViewport': True}
        data = self.call('Page.captureScreenshot', format='png', **more)['data']
        with open(path, 'wb') as f:
            f.write(base64.b64decode(data))

    def pdf(self, path=None):
        data = base64.b64decode(self.call('Page.printToPDF', printBackground=True, preferCSSPageSize=False)['data'])
        if path:
            with open(path, 'wb') as f:
                f.write(data)
        return data

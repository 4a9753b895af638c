"""The page in headless Chromium: connect, send, echo, file, close, hostile and large messages.

    drive.py path/to/wscli path/to/chromium folder/for/screenshots
"""
import base64
import contextlib
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

DEADLINE_SECONDS = 30

# Chromium as it is tested: nothing but the page talks to anybody.
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--remote-debugging-port=0",
    "--remote-allow-origins=*", "--window-size=1200,800",
]

HOSTILE = "<img src=x onerror=\"document.title='broken'\"><script>document.title='broken'</script>"


class Failed(Exception):
    pass


def wait_for(what, probe):
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not (found := probe()):
        if time.monotonic() > deadline:
            raise Failed(what() if callable(what) else what)
        time.sleep(0.05)
    return found


@contextlib.contextmanager
def process(command, **streams):
    with subprocess.Popen(command, text=True, **streams) as running:
        try:
            yield running
        finally:
            running.terminate()
            try:
                running.wait(10)
            except subprocess.TimeoutExpired:
                running.kill()


class Tab:
    """A tab of the browser, spoken to through `wscli connect`."""

    def __init__(self, wscli):
        self.wscli = wscli
        self.last = 0

    def call(self, method, **params):
        self.last += 1
        self.wscli.stdin.write(json.dumps({"id": self.last, "method": method, "params": params}) + "\n")
        self.wscli.stdin.flush()
        guard = threading.Timer(DEADLINE_SECONDS, self.wscli.kill)
        guard.start()
        try:
            for line in self.wscli.stdout:
                answer = json.loads(line)
                if answer.get("id") == self.last:
                    if "error" in answer:
                        raise Failed(f"{method}: {answer['error']}")
                    return answer["result"]
        finally:
            guard.cancel()
        raise Failed(f"the browser didn't answer {method}")

    def value(self, expression):
        result = self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in result:
            raise Failed(f"{expression}: {result['exceptionDetails']}")
        return result["result"].get("value")

    def has(self, part, text):
        words = lambda: self.value(f"document.getElementById({json.dumps(part)}).innerText")
        wait_for(lambda: f"no {text!r} in {part}: {words()}", lambda: re.search(text, words()))

    def press(self, key, **extra):
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, **extra)

    def enter(self):
        self.press("Enter", windowsVirtualKeyCode=13, text="\r")

    def type(self, text):
        self.call("Input.insertText", text=text)

    def screenshot(self, path):
        picture = self.call("Page.captureScreenshot", format="png")
        with open(path, "wb") as file:
            file.write(base64.b64decode(picture["data"]))

    def colours(self, scheme):
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def choose_file(self, path):
        found = self.call("Runtime.evaluate", expression="document.getElementById('file')")
        self.call("DOM.setFileInputFiles", files=[path], objectId=found["result"]["objectId"])


@contextlib.contextmanager
def serving(wscli, *flags):
    with process([wscli, "serve", "127.0.0.1:0", *flags], stderr=subprocess.PIPE) as server:
        log = []
        address = re.search(r"://([\d.:]+)/", server.stderr.readline())[1]
        threading.Thread(target=lambda: log.extend(server.stderr), daemon=True).start()
        yield address, log


@contextlib.contextmanager
def browser(chromium, profile):
    with process([chromium, *FLAGS, f"--user-data-dir={profile}", "about:blank"], stderr=subprocess.DEVNULL):
        port_file = os.path.join(profile, "DevToolsActivePort")
        wait_for("Chromium doesn't start", lambda: os.path.exists(port_file) and os.path.getsize(port_file))
        with open(port_file) as file:
            yield file.readline().strip()


@contextlib.contextmanager
def tab(wscli, port, url):
    request = urllib.request.Request(f"http://127.0.0.1:{port}/json/new?{url}", method="PUT")
    with urllib.request.urlopen(request) as answer:
        target = json.load(answer)["webSocketDebuggerUrl"]
    streams = dict(stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    with process([wscli, "connect", target], **streams) as driver:
        opened = Tab(driver)
        opened.call("Page.enable")
        wait_for("the page doesn't load", lambda: opened.value("document.readyState") == "complete")
        yield opened


def close_and_see(page, code, reason):
    page.value(f"document.getElementById('code').value = {code}; document.getElementById('reason').value = {reason!r}")
    page.value("document.getElementById('close').click()")


def try_echo(page, log, pictures):
    page.screenshot(f"{pictures}/1-before.png")
    # By keyboard alone: the URL has the focus, then the message.
    page.enter()
    page.has("state", r"open, no subprotocol, permessage-deflate")
    page.has("view", r"opened / permessage-deflate")
    page.has("there-facts", r"connection \d+ from 127\.0\.0\.1:\d+")
    page.type("Grüße 🦀 " + "a" * 200)
    page.enter()
    page.has("log", r"→\s+Grüße 🦀 a+\s+213 B")
    page.has("log", r"←\s+Grüße 🦀 a+\s+213 B, [\d.]+ ms round trip")
    page.has("view", r"←\s+text FIN RSV1\s+\d\d B, 213 B inflated")
    page.has("view", r"→\s+text FIN RSV1\s+\d\d B, 213 B inflated")
    page.has("view", r"ping answered in [\d.]+ ms")
    page.screenshot(f"{pictures}/2-echo.png")


def try_file(page):
    with tempfile.NamedTemporaryFile(suffix=".bin") as file:
        file.write(bytes(range(256)) * 10)
        file.flush()
        page.choose_file(file.name)
        page.has("log", r"→\s+\S+\.bin\s+binary, 2\.5 KiB")
        page.has("log", r"←\s+00 01 02 03 [0-9a-f …]+\s+binary, 2\.5 KiB, [\d.]+ ms round trip")


def try_hostile(page, pictures):
    page.value("document.getElementById('text').focus()")
    page.type(HOSTILE)
    page.enter()
    page.has("log", r"←\s+<img src=x onerror=")
    large = "document.getElementById('text').value = '<b>' + 'x'.repeat(5_000_000)"
    page.value(large)
    page.value("document.getElementById('send').click()")
    page.has("log", r"←\s+<b>x+…\s+4\.77 MiB, [\d.]+ ms round trip")
    elements = page.value("document.querySelectorAll('ol img, ol script, ol b').length")
    if elements or page.value("document.title") != "wscli":
        raise Failed("a message became markup")
    page.screenshot(f"{pictures}/3-hostile.png")


def try_closing(page, log, pictures):
    close_and_see(page, 4321, "enough of it")
    page.has("state", r"closed: 4321")
    page.has("log", r"closed: 4321\s+clean")
    page.has("view", r"←\s+close FIN 4321 enough of it")
    page.has("view", r'peer closed: 4321 "enough of it"\s+received \d+ messages')
    wait_for("the server's log has no close", lambda: any('peer closed: 4321 "enough of it"' in line for line in log))
    page.colours("dark")
    page.screenshot(f"{pictures}/4-closed-dark.png")
    page.colours("light")


def try_protocol_of_others(page, address):
    """A path that there is not, and a code that a browser refuses to send."""
    page.value(f"document.getElementById('url').value = 'ws://{address}/'")
    page.value("document.getElementById('connect').click()")
    page.has("state", "open")
    close_and_see(page, 1001, "")
    page.has("log", r"!\s+.*1001")
    close_and_see(page, 1000, "")
    page.has("state", r"closed: 1000")


def try_broadcast(wscli, port, pictures):
    with serving(wscli, "--broadcast", "--subprotocol", "chat") as (address, _):
        with tab(wscli, port, f"http://{address}/") as one, tab(wscli, port, f"http://{address}/") as other:
            for page in (one, other):
                page.value("document.getElementById('subprotocols').value = 'other, chat'")
                page.value("document.getElementById('connect').click()")
                page.has("state", "open, subprotocol chat, permessage-deflate")
            one.value("document.getElementById('text').value = 'to the other'")
            one.value("document.getElementById('send').click()")
            other.has("log", r"←\s+to the other")


def try_routes(wscli, port, pictures):
    with serving(wscli, "--route", "/chat=broadcast", "--route", "/echo=echo") as (address, _):
        with tab(wscli, port, f"http://{address}/") as page:
            if page.value("document.getElementById('url').value") != f"ws://{address}/chat":
                raise Failed("the page doesn't know its routes")
            page.value(f"document.getElementById('url').value = 'ws://{address}/none'")
            page.value("document.getElementById('connect').click()")
            page.has("state", r"closed: 1006")


def try_credentials(wscli, port):
    """The browser shows the page's credentials to its sockets too."""
    with serving(wscli, "--auth", "user:secret") as (address, log):
        with tab(wscli, port, f"http://{address}/") as page:
            if page.value("!!document.getElementById('connect')"):
                raise Failed("the page is there for everybody")
        with tab(wscli, port, f"http://user:secret@{address}/") as page:
            page.value("document.getElementById('connect').click()")
            page.has("state", "open, no subprotocol, permessage-deflate")
            page.has("view", "opened / permessage-deflate")
            page.value("document.getElementById('text').value = 'let in'")
            page.value("document.getElementById('send').click()")
            page.has("log", r"←\s+let in")


def main():
    wscli, chromium, pictures = sys.argv[1:]
    os.makedirs(pictures, exist_ok=True)
    with tempfile.TemporaryDirectory() as profile, browser(chromium, profile) as port:
        with serving(wscli, "--ping-interval", "500ms") as (address, log):
            with tab(wscli, port, f"http://{address}/") as page:
                for name, experiment in [
                    ("echo", lambda: try_echo(page, log, pictures)),
                    ("a binary file", lambda: try_file(page)),
                    ("hostile and large messages", lambda: try_hostile(page, pictures)),
                    ("closing", lambda: try_closing(page, log, pictures)),
                    ("codes that a browser refuses", lambda: try_protocol_of_others(page, address)),
                    ("a broadcast between two pages", lambda: try_broadcast(wscli, port, pictures)),
                    ("routes", lambda: try_routes(wscli, port, pictures)),
                    ("credentials", lambda: try_credentials(wscli, port)),
                ]:
                    experiment()
                    print(f"{name}: ok", flush=True)


try:
    main()
except Failed as failure:
    sys.exit(f"FAILED: {failure}")

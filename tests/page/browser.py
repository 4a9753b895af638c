"""Headless Chromium, its tabs, and `wscli serve`, for the tests beside this."""
import base64
import contextlib
import json
import os
import re
import subprocess
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


# What the browser says of a script where a page is left and the next isn't there yet.
NO_PAGE = ("Cannot find default execution context", "Execution context was destroyed")


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
        self.events = []

    def call(self, method, **params):
        self.last += 1
        self.wscli.stdin.write(json.dumps({"id": self.last, "method": method, "params": params}) + "\n")
        self.wscli.stdin.flush()
        guard = threading.Timer(DEADLINE_SECONDS, self.wscli.kill)
        guard.start()
        try:
            for line in self.wscli.stdout:
                answer = json.loads(line)
                if "method" in answer:
                    self.events.append(answer)
                if answer.get("id") == self.last:
                    if "error" in answer:
                        raise Failed(f"{method}: {answer['error']}")
                    return answer["result"]
        finally:
            guard.cancel()
        raise Failed(f"the browser didn't answer {method}")

    def evaluated(self, expression):
        try:
            return self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        except Failed as failure:
            # Between one page and the next there is nothing to run a script in.
            if any(words in str(failure) for words in NO_PAGE):
                return None
            raise

    def value(self, expression):
        result = wait_for(f"no page to run {expression} in", lambda: self.evaluated(expression))
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
    command = [wscli, "serve", "127.0.0.1:0", *flags]
    with process(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as server:
        log = []
        listening = (re.search(r"listening on ws://([\d.:]+)/", line) for line in server.stderr)
        address = next(filter(None, listening))[1]
        threading.Thread(target=lambda: log.extend(server.stderr), daemon=True).start()
        yield address, log


@contextlib.contextmanager
def browser(chromium, *flags):
    """The port of a Chromium with a new profile. Its helper processes may write to the profile for a moment after it has
    ended: what they leave behind is no fault of what is tested."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [chromium, *FLAGS, *flags, f"--user-data-dir={profile}", "about:blank"]
        with process(command, stderr=subprocess.DEVNULL):
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

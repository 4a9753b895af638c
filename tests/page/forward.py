"""Headless Chromium and curl behind `wscli proxy --forward`, with nothing installed that they would trust by themselves.

    forward.py path/to/wscli path/to/chromium

The authority is the one that `wscli proxy ca` makes, and the flags by which Chromium and curl trust it are those that it
prints. A page with a WebSocket of its own comes from `wscli serve` over TLS: the page has to arrive as it is, and of the
WebSocket the proxy has to tell.
"""
import contextlib
import os
import re
import shlex
import subprocess
import sys
import tempfile
import threading

from browser import Failed, browser, process, tab, wait_for

PAGE = """<!doctype html><title>a page</title><p id=said>nothing yet</p><script>
const socket = new WebSocket(`wss://${location.host}/chat`)
socket.onopen = () => socket.send("from the page")
socket.onmessage = ({ data }) => document.getElementById("said").innerText = `echoed: ${data}`
socket.onerror = () => document.getElementById("said").innerText = "failed"
</script>
"""


def expect(condition, what):
    if not condition:
        raise Failed(what)


@contextlib.contextmanager
def listening(command, home):
    """Where it listens, and its log."""
    environment = {**os.environ, "XDG_DATA_HOME": home}
    with process(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment) as running:
        log = []
        found = (re.search(r"listening on \w+://([\d.:]+)/", line) for line in running.stderr)
        address = next(filter(None, found))[1]
        threading.Thread(target=lambda: log.extend(running.stderr), daemon=True).start()
        yield address, log


def told_lines(wscli, home, proxy):
    """What `proxy ca` prints for each client, as words."""
    environment = {**os.environ, "XDG_DATA_HOME": home}
    command = [wscli, "proxy", "ca", "--intercept", "localhost", "--port", proxy.rsplit(":", 1)[1]]
    printed = subprocess.run(command, check=True, env=environment, capture_output=True, text=True).stdout
    lines = printed.splitlines()
    return {lines[at][2:]: shlex.split(lines[at + 1]) for at in range(len(lines)) if lines[at].startswith("# ")}


def curl(words, url):
    words = ["curl", "--silent", "--show-error", "--noproxy", "", *[word for word in words[1:] if "://example" not in word]]
    return subprocess.run([*words, url], check=True, capture_output=True, text=True, timeout=30).stdout


def main():
    wscli, chromium = sys.argv[1:]
    with tempfile.TemporaryDirectory() as home, contextlib.ExitStack() as stack:
        with open(os.path.join(home, "index.html"), "w") as file:
            file.write(PAGE)
        told_lines(wscli, home, "127.0.0.1:8080")
        server = [wscli, "serve", "127.0.0.1:0", "--tls", "--static", home]
        address, _ = stack.enter_context(listening(server, home))
        url = f"https://localhost:{address.rsplit(':', 1)[1]}/"
        command = [wscli, "proxy", "--forward", "127.0.0.1:0", "--intercept", "localhost", "-k", "-v"]
        proxy, log = stack.enter_context(listening(command, home))
        lines = told_lines(wscli, home, proxy)

        expect(curl(lines["curl"], url) == PAGE, "curl didn't get the page as it is")
        print("curl behind the forward proxy: ok", flush=True)

        flags = [word for word in lines["Chromium"][1:] if not word.startswith("--user-data-dir=")]
        port = stack.enter_context(browser(chromium, *flags))
        page = stack.enter_context(tab(wscli, port, url))
        wait_for("the page doesn't arrive", lambda: page.value("document.getElementById('said') !== null"))
        page.has("said", "echoed: from the page")
        expect(page.value("fetch('/').then(page => page.text())") == PAGE, "the page isn't as it is")
        wait_for("the log doesn't tell of the message", lambda: any("< from the page" in line for line in log))
        expect(any("opened /chat over TLS" in line for line in log), "the log doesn't tell of the WebSocket")
        print("Chromium behind the forward proxy: ok", flush=True)


try:
    main()
except Failed as failure:
    sys.exit(f"FAILED: {failure}")

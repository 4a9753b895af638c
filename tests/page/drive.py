"""The page in headless Chromium: connect, send, echo, file, close, hostile and large messages.

    drive.py path/to/wscli path/to/chromium folder/for/screenshots
"""
import contextlib
import json
import os
import re
import subprocess
import sys
import tempfile

from browser import Failed, browser, process, serving, tab, wait_for

HOSTILE = "<img src=x onerror=\"document.title='broken'\"><script>document.title='broken'</script>"


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


@contextlib.contextmanager
def client(wscli, address, path, log):
    """A client that is none of the page's."""
    streams = dict(stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with process([wscli, "connect", "--no-compress", f"ws://{address}{path}"], **streams) as running:
        wait_for(f"the server's log has no {path}", lambda: any(f"opened {path}" in line for line in log))
        yield running


def say(client, text):
    client.stdin.write(text + "\n")
    client.stdin.flush()


def choose(page, path):
    """Follows the connection to a path, as a person chooses it."""
    option = f"[...document.querySelectorAll('#followed option')].find(option => option.text.includes(' {path} '))"
    wait_for(f"{path} can't be followed", lambda: page.value(f"!!{option}"))
    number = page.value(f"{option}.value")
    page.value(f"document.getElementById('followed').value = {number!r}")
    page.value("document.getElementById('followed').dispatchEvent(new Event('change'))")
    page.has("view", f"following connection {number}")
    page.has("there-facts", f"connection {number} from 127\\.0\\.0\\.1")
    return number


def try_following(wscli, port, pictures):
    """Connections of others: one that was there before the page, and one that came while it looked."""
    with serving(wscli) as (address, log), client(wscli, address, "/before", log) as before:
        with tab(wscli, port, f"http://{address}/") as page, client(wscli, address, "/during", log) as during:
            choose(page, "/before")
            say(before, "b" * 77)
            page.has("view", r"←\s+text FIN\s+77 B")
            page.has("view", r"→\s+text FIN\s+77 B")
            page.screenshot(f"{pictures}/5-following.png")
            followed = choose(page, "/during")
            say(before, "b" * 66)
            say(during, "d" * 55)
            page.has("view", r"→\s+text FIN\s+55 B")
            during.stdin.close()
            page.has("view", r"peer closed: 1000 \(normal closure\)\s+received 1 message, 55 B; sent 1 message, 55 B")
            if re.search(r"66 B", page.value("document.getElementById('view').innerText")):
                raise Failed("the page goes on seeing a connection that it doesn't follow")
            gone = f"!document.querySelector('#followed option[value=\"{followed}\"]')"
            wait_for("a connection that has ended is still offered", lambda: page.value(gone))
            page.screenshot(f"{pictures}/6-followed.png")


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
    with browser(chromium) as port:
        with serving(wscli, "--ping-interval", "500ms") as (address, log):
            with tab(wscli, port, f"http://{address}/") as page:
                for name, experiment in [
                    ("echo", lambda: try_echo(page, log, pictures)),
                    ("a binary file", lambda: try_file(page)),
                    ("hostile and large messages", lambda: try_hostile(page, pictures)),
                    ("closing", lambda: try_closing(page, log, pictures)),
                    ("codes that a browser refuses", lambda: try_protocol_of_others(page, address)),
                    ("following connections of others", lambda: try_following(wscli, port, pictures)),
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

"""A page in headless Chromium whose WebSocket goes through `wscli proxy` to a server: TLS on one side, compression on one. And
the proxy's own page.

    reverse.py path/to/wscli path/to/chromium

Chromium always offers compression, so that the side that has none is the server's (`serve --no-compress`). The other way round
is in tests/peers, where clients can be told to offer none.
"""
import contextlib
import re
import subprocess
import sys
import threading

from browser import Failed, browser, process, serving, tab

EXCHANGE = """new Promise((done, fail) => {
    const socket = new WebSocket("%s"), said = [], content = "größer 🦀 ".repeat(20000)
    socket.binaryType = "arraybuffer"
    socket.onopen = () => { socket.send(content); socket.send(""); socket.send(new Uint8Array(70000).fill(7)) }
    socket.onmessage = ({ data }) => {
        said.push(data)
        if (said.length == 3) socket.close(4321, "enough")
    }
    socket.onerror = () => fail("failed")
    socket.onclose = ({ code, reason, wasClean }) => done({
        code, reason, wasClean, extensions: socket.extensions, text: said[0] === content, empty: said[1] === "",
        binary: said[2]?.byteLength === 70000 && new Uint8Array(said[2]).every(byte => byte == 7),
    })
})"""


def expect(condition, what):
    if not condition:
        raise Failed(what)


@contextlib.contextmanager
def listening(*command):
    """Where it listens, and its log."""
    with process(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE) as running:
        log = []
        found = (re.search(r"listening on (wss?://[\d.:]+/)", line) for line in running.stderr)
        url = next(filter(None, found))[1]
        reader = threading.Thread(target=lambda: log.extend(running.stderr), daemon=True)
        reader.start()
        yield url, lambda: (running.terminate(), reader.join(), "".join(log))[2]


def exchange(wscli, page, server, proxy):
    name = f"Chromium through a reverse proxy, {' '.join(['serve', *server])}, {' '.join(['proxy', *proxy])}"
    with contextlib.ExitStack() as stack:
        target, server_log = stack.enter_context(listening(wscli, "serve", "--echo", "127.0.0.1:0", "-v", *server))
        url, proxy_log = stack.enter_context(listening(wscli, "proxy", "127.0.0.1:0", target, "-k", *proxy))
        found = page.value(EXCHANGE % url)
        told, served = proxy_log(), server_log()
    # The server answers with the code alone.
    wanted = {"code": 4321, "reason": "", "wasClean": True, "extensions": "permessage-deflate",
              "text": True, "empty": True, "binary": True}
    expect(found == wanted, f"{name}: {found}")
    expect('closed by the client: 4321 "enough"' in told and "violated" not in told, f"{name}: the proxy's log is {told}")
    is_compressed = "permessage-deflate" in re.search(r"\[1\].* opened .*", served)[0]
    expect(is_compressed == ("--no-compress" not in server), f"{name}: the server's log is {served}")
    print(f"{name}: ok", flush=True)


def look_on(wscli, chromium_port):
    """The proxy's own page shows what a client of it says, and goes through it to the target itself."""
    with contextlib.ExitStack() as stack:
        target, _ = stack.enter_context(listening(wscli, "serve", "--echo", "127.0.0.1:0"))
        url, _ = stack.enter_context(listening(wscli, "proxy", "127.0.0.1:0", target, "--page"))
        page = stack.enter_context(tab(wscli, chromium_port, f"http{url[2:]}.wscli/"))
        client, another = [
            stack.enter_context(process([wscli, "connect", f"{url}{path}"], stdin=subprocess.PIPE, stdout=subprocess.PIPE))
            for path in ["other", "another"]
        ]
        page.has("followed", "/other[^/]*/another|/another[^/]*/other")
        # All of them in one list, each with its number, before anything is chosen.
        for said, running in [("one <b>", client), ("two\u202e", another)]:
            running.stdin.write(f"{said}\n")
            running.stdin.flush()
            running.stdout.readline()
        for shown in ["one <b>", r"two\\u\{202e\}"]:
            page.has("view", rf"←\s+\[\d+\] {shown}")
            page.has("view", rf"→\s+\[\d+\] {shown}")
        page.value("""(list => {
            list.value = [...list.options].find(option => option.text.includes("/other")).value
            list.onchange()
        })(document.getElementById("followed"))""")
        page.has("view", "following connection")
        # What it follows is said on a socket of its own: the client speaks until that has come.
        for _ in range(100):
            client.stdin.write("hello\n")
            client.stdin.flush()
            client.stdout.readline()
            if page.value("document.getElementById('view').innerText.includes('text FIN')"):
                break
        page.has("view", r"←\s+text FIN[^→]*←\s+hello[^→]*→\s+text FIN[^←]*→\s+hello")
        page.value("document.getElementById('connect').click()")
        page.has("state", "open")
        page.has("view", "opened /")
    print("the page of a reverse proxy: ok", flush=True)


def main():
    wscli, chromium = sys.argv[1:]
    with contextlib.ExitStack() as stack:
        address, _ = stack.enter_context(serving(wscli))
        # The proxy's certificate is one that nobody knows.
        port = stack.enter_context(browser(chromium, "--ignore-certificate-errors"))
        page = stack.enter_context(tab(wscli, port, f"http://{address}/healthz"))
        for server, proxy in [(["--tls"], []), ([], ["--tls"])]:
            exchange(wscli, page, server, proxy)
            exchange(wscli, page, [*server, "--no-compress"], proxy)
        look_on(wscli, port)


try:
    main()
except Failed as failure:
    sys.exit(f"FAILED: {failure}")

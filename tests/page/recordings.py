"""Recordings and web pages: a page talks with a server, then with the recording of that, and what the browser's developer
tools have of it is replayed to the server, as a HAR.

    recordings.py path/to/wscli path/to/chromium
"""
import json
import os
import subprocess
import sys
import tempfile

import chrome_har
from browser import Failed, browser, serving, tab, wait_for

# Text, binary, what is compressed, a message that nothing has asked for, and a Close of the page's.
CONVERSATION = """new Promise(done => {
    const socket = new WebSocket(%s, "chat"), got = []
    socket.binaryType = "arraybuffer"
    const next = ['{"op":"subscribe","id":7}', new Uint8Array([0, 255, 7]), "Grüße ".repeat(500), ""]
    socket.onopen = () => socket.send(next.shift())
    socket.onmessage = ({data}) => {
        got.push(typeof data == "string" ? data : [...new Uint8Array(data)])
        if (next.length) socket.send(next.shift())
        else socket.close(4000, "enough")
    }
    socket.onclose = ({code, reason, wasClean}) => done({got, code, reason, wasClean, protocol: socket.protocol})
})"""

WHOLE = "4 messages, received 4, 4 as recorded"


def expect(condition, what):
    if not condition:
        raise Failed(what)


def converse(page, address):
    return page.value(CONVERSATION % json.dumps(f"ws://{address}/"))


def logged(log, part):
    wait_for(lambda: f"the server's log has no {part!r}: {log}", lambda: any(part in line for line in log))


def try_recording(wscli, page, recording):
    """The recording's server does for the page what the server did that was recorded."""
    with serving(wscli, "--echo", "--subprotocol", "chat", "--record", recording) as (address, log):
        recorded = converse(page, address)
        logged(log, "peer closed: 4000")
    expect(recorded["code"] == 4000 and len(recorded["got"]) == 4, f"the page had {recorded}")
    with serving(wscli, "--replay", recording) as (address, log):
        for _ in range(2):
            played = converse(page, address)
            expect(played == recorded, f"the page had {played} of the recording, and {recorded} of the server")
        wait_for(lambda: f"not as recorded: {log}", lambda: sum(f"replay: sent {WHOLE}" in line for line in log) == 2)
        expect(not any("mismatch" in line or "differs" in line for line in log), f"not as recorded: {log}")


def try_har(wscli, page, folder):
    """What the developer tools have seen is a HAR that can be converted, and replayed to the server."""
    har, recording = (os.path.join(folder, name) for name in ("page.har", "page.ndjson"))
    with serving(wscli, "--echo", "--subprotocol", "chat") as (address, log):
        page.call("Network.enable")
        page.events.clear()
        converse(page, address)
        logged(log, "peer closed: 4000")
        with open(har, "w") as file:
            json.dump(chrome_har.har(page.events), file, ensure_ascii=False, indent=1)
        page.call("Network.disable")
        converted = subprocess.run([wscli, "convert", har, "-o", recording], capture_output=True, text=True, timeout=30)
        expect(converted.returncode == 0, f"the HAR isn't converted: {converted.stderr}")
        replayed = subprocess.run([wscli, "replay", recording], capture_output=True, text=True, timeout=30)
        expect(replayed.returncode == 0 and replayed.stdout == f"sent {WHOLE}\n", f"not as recorded: {replayed}")
        page.events.clear()


def main():
    wscli, chromium = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder, browser(chromium) as port:
        with serving(wscli) as (other, _), tab(wscli, port, f"http://{other}/healthz") as page:
            # A new tab is at about:blank for a moment.
            wait_for("the tab doesn't come", lambda: page.value("location.origin") == f"http://{other}")
            try_recording(wscli, page, os.path.join(folder, "server.ndjson"))
            print("a page, and a recording in the place of its server: ok", flush=True)
            try_har(wscli, page, folder)
            print("what Chromium's developer tools have seen, replayed: ok", flush=True)


try:
    main()
except Failed as failure:
    sys.exit(f"FAILED: {failure}")

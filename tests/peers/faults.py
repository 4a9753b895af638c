"""What clients make of each fault: the last table of docs/faults.md.

Usage: faults.py WSCLI NODE_MODULES, with the package ws in NODE_MODULES and websockets in this Python. A server with one fault
echoes to each client, which says three messages and waits for three seconds.
"""
import asyncio
import contextlib
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import websockets

# How long a client waits for what still comes.
PATIENCE_SECONDS = 3

# Beyond that it is the test that hangs.
DEADLINE_SECONDS = 20

MESSAGES = ["one", "two", "three"]

# What is asked for, and the section that it breaks.
FAULTS = [
    ("frame mask", "6455 §5.1"),
    ("frame rsv 1", "6455 §5.2"),
    ("frame rsv 2", "6455 §5.2"),
    ("frame opcode 3", "6455 §5.2"),
    ("frame opcode 11", "6455 §5.2"),
    ("frame long-control", "6455 §5.5"),
    ("frame fragmented-control", "6455 §5.5"),
    ("frame continuation", "6455 §5.4"),
    ("frame interleaved", "6455 §5.4"),
    ("frame utf8", "6455 §8.1"),
    ("frame utf8 eda080", "6455 §8.1"),
    ("frame long-length", "6455 §5.2"),
    ("frame huge-length", "6455 §5.2"),
    ("frame claim 1GiB", ""),
    ("frame deflate", "7692 §7.2.2"),
    ("frame bomb 256MiB", ""),
    ("frame close-byte", "6455 §5.5.1"),
    ("frame close-utf8", "6455 §5.5.1"),
    ("frame long-close", "6455 §5.5"),
    ("message 2 frame raw 8100", ""),
    ("message 2 close 1006", "6455 §7.4.1"),
    ("message 2 close 0", "6455 §7.4.2"),
    ("message 2 close 4000 later", ""),
    ("message 2 close", ""),
    ("message 2 drop", ""),
    ("message 2 duplicate", ""),
    ("message 2 swap", ""),
    ("message 2 corrupt", ""),
    ("fragment 1", ""),
    ("slice 1 1ms", ""),
    ("latency 200ms 50ms", ""),
    ("bandwidth 20", ""),
    ("slow-close 500ms", ""),
    ("no-pong", "6455 §5.5.2"),
    ("late-pong 500ms", ""),
    ("wrong-pong 00", "6455 §5.5.3"),
    ("ping-flood 1000/s", ""),
    ("glue", ""),
    ("bytewise", ""),
    ("wrong-accept", "6455 §4.2.2"),
    ("two-accepts", "6455 §11.3.3"),
    ("no-upgrade", "6455 §4.2.2"),
    ("subprotocol", "6455 §4.2.2"),
    ("extension", "6455 §9.1"),
    ("status 302 Location: /other", ""),
    ("status 503 Retry-After: 1", ""),
    ("no-answer", ""),
    ("late-answer 500ms", ""),
    ("half-answer", ""),
    ("refuse", ""),
    ("message 2 reset", ""),
    ("server limit 8", ""),
    ("message 2 black-hole", ""),
    ("server message 2 half-open", ""),
    ("idle 500ms", ""),
    ("idle 500ms rst", ""),
    ("idle 500ms silence", ""),
    ("gateway nginx", ""),
    ("certificate expired", "5280 §4.1.2.5"),
    ("certificate wrong-name", "6125 §6"),
]


@contextlib.contextmanager
def server(wscli, fault):
    with tempfile.TemporaryDirectory() as folder:
        ports = pathlib.Path(folder, "port")
        tls = ["--tls"] if fault.startswith("certificate") else []
        command = [wscli, "serve", "--no-config", "-q", "127.0.0.1:0", "--port-file", str(ports), "--fault", fault] + tls
        with subprocess.Popen(command, stderr=subprocess.DEVNULL) as running:
            try:
                while not ports.exists() or not ports.read_text().strip():
                    if running.poll() is not None:
                        raise SystemExit(f"{command} has ended")
                yield f"{'wss' if tls else 'ws'}://localhost:{ports.read_text().split()[0]}/"
            finally:
                running.terminate()


def told(got, end):
    """A reaction in a few words."""
    expected = MESSAGES
    if got == expected:
        heard = "all"
    elif not got:
        heard = ""
    else:
        heard = ", ".join(text if len(text) < 20 else f"{len(text)} bytes" for text in got)
    return "; ".join(part for part in (heard, end) if part)


async def talk(url):
    got, end = [], "open"
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            connection = await websockets.connect(url, max_size=16 << 20)
    except TimeoutError:
        return told(got, "waits for the answer")
    except Exception as error:
        return told(got, f"{type(error).__name__}: {error}".split("\n")[0])

    async def say():
        with contextlib.suppress(websockets.ConnectionClosed):
            for message in MESSAGES:
                await connection.send(message)
                await asyncio.sleep(0.02)

    try:
        async with asyncio.timeout(PATIENCE_SECONDS), asyncio.TaskGroup() as tasks:
            tasks.create_task(say())
            with contextlib.suppress(websockets.ConnectionClosed):
                while True:
                    message = await connection.recv()
                    got.append(message if isinstance(message, str) else f"{len(message)} bytes")
        end = str(connection.protocol.close_exc)
    except TimeoutError:
        connection.transport.abort()
    return told(got, end)


def by_node(url, modules):
    script = str(pathlib.Path(__file__).with_name("faults_client.mjs"))
    command = ["node", script, url, modules, str(PATIENCE_SECONDS), *MESSAGES]
    run = subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE_SECONDS, check=False)
    if run.returncode != 0:
        return f"the process dies: {run.stderr.splitlines()[4] if len(run.stderr.splitlines()) > 4 else run.stderr}"
    report = json.loads(run.stdout)
    return told(report["got"], report["end"])


def by_wscli(wscli, url):
    command = [wscli, "connect", "--no-config", "--out", "json", "--max-message-size", "16MiB", "--rate", "50",
               "--linger", f"{PATIENCE_SECONDS}s", "-m", f"{PATIENCE_SECONDS + 1}s", url]
    text = "".join(f"{message}\n" for message in MESSAGES)
    run = subprocess.run(command, input=text, capture_output=True, text=True, timeout=DEADLINE_SECONDS, check=False)
    events = [json.loads(line) for line in run.stdout.splitlines()]
    received = [event for event in events if event.get("type") in ("text", "binary") and event.get("direction") != "sent"]
    got = [event.get("data", event.get("text", "")) for event in received]
    why = next(iter(run.stderr.splitlines()), "")
    return told(got, f"{why} (exit {run.returncode})".strip())


# What differs from run to run, or says the same in every row.
NOISE = [
    (r"Invalid WebSocket frame: ", ""),
    (r"; no close frame received(?! or)", ""),
    (r" \(SHA-256 [^)]*\)", ""),
    (r" instead of \"[^\"]*\"", ""),
    (r", before our Close, .*?(?= \(exit|, inside)", ""),
    (r"^wscli: |(?<=; )wscli: ", ""),
    (r"opening handshake with localhost failed: ", ""),
    (r"TLS with localhost failed: ", ""),
    (r"protocol violation: ", ""),
    (r" \(_ssl[^)]*\)", ""),
    (r" \('127.0.0.1', \d+\)", ""),
    (r" 127.0.0.1(?=;)", ""),
]


def cell(text, port):
    text = text.replace("|", "\\|").replace(f":{port}", "").replace("\n", " ")
    for pattern, instead in NOISE:
        text = re.sub(pattern, instead, text)
    return text


def main():
    wscli, modules = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    chosen = [fault for fault in FAULTS if len(sys.argv) < 4 or any(word in fault[0] for word in sys.argv[3:])]
    print("| fault | breaks | Node `ws` | Python `websockets` | `wscli connect` |\n|---|---|---|---|---|", flush=True)
    for fault, section in chosen:
        reactions = []
        for client in (lambda url: by_node(url, modules), lambda url: asyncio.run(talk(url)), lambda url: by_wscli(wscli, url)):
            with server(wscli, fault) as url:
                reactions.append(cell(client(url), url.split(":")[2].strip("/")))
        print(f"| `{fault}` | {section} | " + " | ".join(reactions) + " |", flush=True)


if __name__ == "__main__":
    main()

"""Every mode of a server against clients that mean harm.

    tests/hostile/clients.py path/to/wscli

Judges that memory stays under the bound of docs/security.md, that the processor rests after the clients have stopped, with
what they had sent worked off in a second of its time, or in ten where that is hundreds of megabytes to inflate, search and
answer, and that SIGTERM ends the server in two seconds while they are still there.
"""
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import zlib

MIB = 1 << 20
# --max-message-size and --max-outbox.
M, Q = 64, 1
CLIENTS = 4
SECONDS = 0.8
# The process itself, and what is doing something on each connection.
PROCESS = 24
LARGE = 128
LOG = 128
# What waits for one page that looks on.
VIEW = 4

# Each client is the connection of a page, which looks on and doesn't read what it sees.
WATCHED = "--echo, watched by pages"
TOKEN = "wscli-observer=012345678901234567890"

# In MiB, for so many clients.
BOUNDS = {
    "--echo": CLIENTS * M,
    "--sink": CLIENTS,
    "--broadcast": CLIENTS * (M + Q) + LARGE,
    "--reply": CLIENTS * 2 * M,
    "--push": 64 + CLIENTS * Q,
    "--push -": CLIENTS * Q + LARGE,
    "--exec": CLIENTS,
    "--exec-framing json": CLIENTS * M,
    "--prompt": CLIENTS * Q + LARGE,
    "--sink --out json": CLIENTS * 2 * M + LOG,
    WATCHED: CLIENTS * (M + VIEW),
}

# What a mode is begun with, where that isn't its name.
ARGUMENTS = {
    "--exec": ["--exec", "cat"],
    "--exec-framing json": ["--exec", "cat >/dev/null", "--exec-framing", "json"],
    WATCHED: ["--echo"],
}


def head(target, compressed):
    extension = b"Sec-WebSocket-Extensions: permessage-deflate\r\n" if compressed else b""
    return (
        b"GET " + target.encode() + b" HTTP/1.1\r\n"
        b"Host: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n" + extension + b"\r\n"
    )


def frame(first, payload):
    length = len(payload)
    if length < 126:
        size = bytes([0x80 | length])
    elif length < 1 << 16:
        size = b"\xfe" + length.to_bytes(2, "big")
    else:
        size = b"\xff" + length.to_bytes(8, "big")
    return bytes([first]) + size + bytes(4) + payload


def deflated(content):
    compressor = zlib.compressobj(9, zlib.DEFLATED, -15)
    return (compressor.compress(content) + compressor.flush(zlib.Z_SYNC_FLUSH))[:-4]


FLOOD = frame(0x81, b'{"a":1}') * 1000 + frame(0x89, b"ping") * 1000 + frame(0x82, bytes(64 << 10)) * 4
JSON = frame(0xC1, deflated(b"[0" + b",0" * (31 * MIB) + b"]"))
ESCAPES = frame(0xC1, deflated(b"\x01" * (63 * MIB)))
DRIP = frame(0x81, b"drip" * 1000)


def opened(address, target="/", compressed=False):
    """A connection with little room for what it doesn't read."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.connect(address)
    client.sendall(head(target, compressed))
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += client.recv(1)
    assert answer.startswith(b"HTTP/1.1 101"), answer
    return client


class Client(threading.Thread):
    """Sends `data` again and again until the time is over; with `reads` it takes what comes."""

    def __init__(self, address, target, data, reads=False, pause=0, piece=1 << 16, compressed=False):
        super().__init__(daemon=True)
        self.socket = opened(address, target, compressed)
        self.socket.settimeout(0.05)
        self.data, self.reads, self.pause, self.piece = data, reads, pause, piece

    def run(self):
        end = time.monotonic() + SECONDS
        at = 0
        while time.monotonic() < end:
            try:
                at += self.socket.send(self.data[at:at + self.piece])
                at %= len(self.data)
                if self.reads:
                    self.socket.recv(1 << 20)
            except TimeoutError:
                pass
            except OSError:
                return
            time.sleep(self.pause)


KINDS = {
    "flood": dict(data=FLOOD, reads=True),
    "never read": dict(data=FLOOD),
    "drip": dict(data=DRIP, pause=0.005, piece=1),
    "bombs of JSON": dict(data=JSON, pause=SECONDS, piece=len(JSON), compressed=True),
    "bombs of escapes": dict(data=ESCAPES, pause=SECONDS, piece=len(ESCAPES), compressed=True),
}


def peak(pid):
    with open(f"/proc/{pid}/status") as status:
        return int(re.search(r"VmHWM:\s+(\d+)", status.read())[1]) / 1024


def processor(pid):
    """Seconds."""
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def rests(pid, most):
    """Whether no more than so many seconds of the processor's time are used after the clients have stopped. On a machine that
    is busy otherwise they take longer; a loop that never rests uses them up everywhere."""
    start, before = processor(pid), processor(pid)
    while True:
        time.sleep(0.2)
        now = processor(pid)
        if now - before <= 0.02:
            return True
        if now - start > most:
            return False
        before = now


def attack(wscli, mode, arguments, kind):
    pipes = dict(stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    with subprocess.Popen([wscli, "serve", *arguments, "127.0.0.1:0"], **pipes) as server:
        try:
            address = None
            while address is None:
                match = re.search(rb"listening on ws://([\d.]+):(\d+)", server.stderr.readline())
                address = match and (match[1].decode(), int(match[2]))
            # stdout and stderr aren't read from here on.
            targets = [f"/?{TOKEN}{number}" if mode == WATCHED else "/" for number in range(CLIENTS)]
            pages = [opened(address, f"/.wscli/observe{target[1:]}") for target in targets if mode == WATCHED]
            clients = [Client(address, target, **KINDS[kind]) for target in targets]
            for client in clients:
                client.start()
            if mode == "--push -":
                threading.Thread(target=feed, args=[server.stdin], daemon=True).start()
            for client in clients:
                client.join()
            rested, most = rests(server.pid, 10 if "bombs" in kind else 1), peak(server.pid)
            for page in pages:
                page.settimeout(10)
                assert page.recv(1) in (b"\x81", b"\xc1"), "the page has seen nothing"
            server.send_signal(signal.SIGTERM)
            began = time.monotonic()
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                pass
            return rested, most, time.monotonic() - began
        finally:
            server.kill()


def feed(stdin):
    try:
        for _ in range(100):
            stdin.write(b"x" * (2 * MIB) + b"\n")
            stdin.flush()
    except OSError:
        pass


def main(wscli):
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        rules, lines = os.path.join(folder, "rules"), os.path.join(folder, "lines")
        with open(rules, "w") as file:
            file.write("json /a = 2\n  reply x\njson /99999999\n  reply ${/0}\nmatch ^.*$\n  reply $0 $0\nany\n  reply $0\n")
        with open(lines, "w") as file:
            # Nothing that compression makes small, so that a client who doesn't read stops it.
            file.write("short\n" * 1000 + os.urandom(16 * MIB).hex() + "\n")
        for mode, bound in BOUNDS.items():
            files = {"--reply": ["--reply", rules], "--push": ["--push", lines, "--loop"]}
            arguments = files.get(mode) or ARGUMENTS.get(mode) or mode.split()
            for kind in KINDS:
                rested, most, took = attack(wscli, mode, arguments, kind)
                faults = [
                    *([] if most <= bound + PROCESS else [f"over {bound + PROCESS} MiB"]),
                    *([] if rested else ["it does not rest"]),
                    *([] if took <= 2.1 else ["SIGTERM did not end it in two seconds"]),
                ]
                failures += bool(faults)
                print(f"{mode}, {kind}: {most:.0f} of {bound + PROCESS} MiB, ended in {took:.1f} s"
                      f"{''.join(': FAILED: ' + fault for fault in faults)}", flush=True)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main(sys.argv[1])

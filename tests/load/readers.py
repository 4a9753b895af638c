"""A broadcast to 200 readers of which 5 have stopped reading, under both policies.

    tests/load/readers.py path/to/wscli
"""
import re
import subprocess
import sys
import threading
import time

from idle import opened, status

READERS = 200
STOPPED = 5
MESSAGES = 400
SIZE = 64 << 10
OUTBOX = 1 << 20
# What the server holds for each that stopped: its outbox, a message, and what the socket layer has from it.
MEMORY_MIB = 200


def frame(payload):
    return b"\x82\xff" + len(payload).to_bytes(8, "big") + bytes(4) + payload


class Reader(threading.Thread):
    """Counts bytes of content, in however many frames they come."""

    def __init__(self, client):
        super().__init__(daemon=True)
        self.client = client
        self.got = 0

    def run(self):
        head, left, is_content = b"", 0, False
        while chunk := self.client.recv(1 << 20):
            at = 0
            while at < len(chunk):
                if left:
                    count = min(left, len(chunk) - at)
                    self.got += count if is_content else 0
                    left, at = left - count, at + count
                    continue
                head, at = head + chunk[at:at + 1], at + 1
                extended = {126: 2, 127: 8}.get(head[1] & 0x7f, 0) if len(head) > 1 else 1
                if len(head) == 2 + extended:
                    left = int.from_bytes(head[2:], "big") if extended else head[1]
                    is_content, head = not head[0] & 8, b""


def try_policy(wscli, policy):
    command = [wscli, "serve", "--broadcast", "127.0.0.1:0", "--slow", policy, "--max-outbox", str(OUTBOX)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
        lines = []
        address = None
        while address is None:
            match = re.search(r"listening on ws://([\d.]+):(\d+)", server.stderr.readline())
            address = match and (match[1], int(match[2]))
        drain = threading.Thread(target=lambda: lines.extend(server.stderr), daemon=True)
        drain.start()
        try:
            clients = [opened(address) for _ in range(READERS)]
            sender = opened(address)
            time.sleep(1)
            readers = [Reader(client) for client in clients[STOPPED:]]
            for reader in readers:
                reader.start()
            began = time.monotonic()
            for number in range(MESSAGES):
                sender.sendall(frame(number.to_bytes(4, "big") * (SIZE // 4)))
                # As fast as the readers together take it, so that only those who stopped fall behind.
                wanted = (number - 4) * SIZE
                while any(reader.got < wanted for reader in readers):
                    time.sleep(0.001)
            wanted = MESSAGES * SIZE
            deadline = time.monotonic() + 60
            while any(reader.got < wanted for reader in readers) and time.monotonic() < deadline:
                time.sleep(0.01)
            got = sorted({reader.got for reader in readers})
            memory = status(server.pid)[0] // 1024
            took = time.monotonic() - began
            time.sleep(3)
        finally:
            server.terminate()
            server.wait()
        drain.join()
        log = "".join(lines)
    slow = len(re.findall(r"^\[\d+\] reads too slowly", log, re.M))
    limit = len(re.findall(r"limit: client reads too slowly", log))
    dropped = len(re.findall(r"messages? for it dropped", log))
    print(f"--slow {policy}: {READERS - STOPPED} readers got {got} of {wanted} bytes in {took:.1f} s, "
          f"{memory} MiB resident; {slow} told slow, {limit} closed, {dropped} with drops told")
    failures = []
    if got != [wanted]:
        failures.append("a reader is missing something")
    if memory > MEMORY_MIB:
        failures.append(f"over {MEMORY_MIB} MiB")
    if slow != STOPPED or (limit if policy == "close" else dropped) != STOPPED:
        failures.append("the log doesn't tell the policy of all that stopped")
    return failures


failures = [failure for policy in ("close", "drop") for failure in try_policy(sys.argv[1], policy)]
if failures:
    sys.exit("FAILED: " + "; ".join(failures))

"""How soon a key is on the screen while 10,000 messages a second come, and whether the stream ever stops meanwhile.

    python3 tests/terminal/latency.py target/release/wscli [SECONDS]

Types letters, searches the history and completes on a pseudo-terminal of 80 columns. Prints the key's latency, the longest stop in what
is shown of the stream, memory and CPU, and fails where one is over its limit: 40 ms at p95, 100 ms, 64 MiB.
"""
import fcntl
import os
import pty
import select
import struct
import sys
import tempfile
import termios
import threading
import time

from server import Server

RATE = 10_000
BATCH = 100
# None of them ends an escape sequence, or is in what is shown of a message.
LETTERS = "QWERTYUIOPSFGZXVNM"


def flood(server, seconds):
    begun = time.monotonic()
    for batch in range(int(seconds * RATE / BATCH)):
        first = batch * BATCH
        texts = (f"tick {number:09} of a steady feed".encode() for number in range(first, first + BATCH))
        server.socket.sendall(b"".join(bytes([0x81, len(text)]) + text for text in texts))
        time.sleep(max(0, begun + (batch + 1) * BATCH / RATE - time.monotonic()))
    server.text("the end")


class Screen:
    """What the program writes to its terminal, and when."""

    def __init__(self, terminal):
        self.terminal = terminal
        self.last_feed = None
        self.longest = 0
        self.recent = b""

    def read(self, until, found=None):
        """Reads until then, or until `found` is in what comes. Returns when that was."""
        seen = b""
        while (left := until - time.monotonic()) > 0:
            if not select.select([self.terminal], [], [], left)[0]:
                break
            piece = os.read(self.terminal, 65536)
            now = time.monotonic()
            if b"tick " in piece:
                if self.last_feed is not None:
                    self.longest = max(self.longest, now - self.last_feed)
                self.last_feed = now
            seen = seen[-4096:] + piece
            self.recent = (self.recent + piece)[-8192:]
            if found and found in seen:
                return now
        return None


def resources(pid):
    with open(f"/proc/{pid}/status") as file:
        peak = next(int(line.split()[1]) for line in file if line.startswith("VmHWM"))
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return peak / 1024, (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main(wscli, seconds=60.0):
    server = Server()
    home = tempfile.TemporaryDirectory()
    pid, terminal = pty.fork()
    if pid == 0:
        environment = {**os.environ, "HOME": home.name, "TERM": "xterm", "NO_COLOR": "1", "PAGER": ""}
        os.execve(wscli, [wscli, "connect", "--no-config", server.url], environment)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 80, 0, 0))
    server.accept()
    screen = Screen(terminal)
    assert screen.read(time.monotonic() + 20, b"connected to"), "no connection"
    sender = threading.Thread(target=flood, args=(server, seconds))
    begun = time.monotonic()
    sender.start()
    screen.read(time.monotonic() + 1)
    latencies = []
    while time.monotonic() < begun + seconds - 1.5:
        for letter in LETTERS.encode():
            typed = time.monotonic()
            os.write(terminal, bytes([letter]))
            shown = screen.read(typed + 2, bytes([letter]))
            latencies.append((shown or typed + 2) - typed)
            screen.read(time.monotonic() + 0.03)
        # Searches the history, leaves that, completes a command, and takes all of it away.
        for keys in (b"\x12", b"tick", b"\x07", b"\x15", b"/st", b"\t", b"\t", b"\x15"):
            os.write(terminal, keys)
            screen.read(time.monotonic() + 0.05)
        if time.monotonic() > begun + seconds - 3:
            break
    screen.read(begun + seconds - 0.5)
    longest = screen.longest
    sender.join()
    is_shown = b"the end" in screen.recent or bool(screen.read(time.monotonic() + 10, b"the end"))
    peak, cpu = resources(pid)
    os.write(terminal, b"\x15\x04")
    # Pings of ours may come before.
    while server.receive().opcode != 8:
        pass
    server.socket.close()
    latencies.sort()
    p50, p95, worst = (latencies[min(len(latencies) - 1, int(len(latencies) * part))] * 1000 for part in (0.5, 0.95, 1))
    print(f"{len(latencies)} keys: median {p50:.1f} ms, p95 {p95:.1f} ms, worst {worst:.1f} ms")
    print(f"longest stop of the stream {longest * 1000:.1f} ms; last message shown: {is_shown}")
    print(f"peak memory {peak:.1f} MiB; CPU {cpu:.1f} s in {seconds:.0f} s; load of the machine {os.getloadavg()[0]:.1f}")
    return 0 if p95 <= 40 and longest <= 0.1 and peak <= 64 and is_shown else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], *map(float, sys.argv[2:])))

"""How soon a key is on the screen while 10,000 messages a second come, and whether the stream ever stops meanwhile.

    python3 tests/terminal/latency.py target/release/wscli [SECONDS]

Types letters, searches the history and completes on a pseudo-terminal of 80 columns. Prints the key's latency, the longest stop in what
is shown of the stream, memory and CPU, and fails where one is over its limit: 40 ms at p95, 100 ms, 64 MiB. A stop is the program's as
far as neither the server has paused nor anybody has waited for a processor meanwhile.
"""
import fcntl
import os
import pickle
import pty
import select
import struct
import sys
import tempfile
import termios
import time

from server import Server

RATE = 10_000
BATCH = 100
# Shorter stops of the stream than this are none, in seconds.
NOTICED = 0.05
# None of them ends an escape sequence, or is in what is shown of a message.
LETTERS = "QWERTYUIOPSFGZXVNM"


def flood(server, seconds):
    """A process of its own, which returns when it began to send what, and how long it took the client to take that."""
    begun = time.monotonic()
    sent = []
    for batch in range(int(seconds * RATE / BATCH)):
        first = batch * BATCH
        texts = (f"tick {number:09} of a steady feed".encode() for number in range(first, first + BATCH))
        frames = b"".join(bytes([0x81, len(text)]) + text for text in texts)
        began = time.monotonic()
        server.socket.sendall(frames)
        sent.append((began, time.monotonic()))
        time.sleep(max(0, begun + (batch + 1) * BATCH / RATE - time.monotonic()))
    server.text("the end")
    return sent


def watch(pids):
    """A process of its own, which returns for how long each of these had waited for a processor, every 10 ms, until stdin ends."""
    samples = []
    while not select.select([0], [], [], 0.01)[0]:
        samples.append((time.monotonic(), [waited_for_processor(pid) for pid in pids]))
    return samples


def waited_for_processor(pid):
    """Seconds, of all of its threads."""
    waited = 0
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/schedstat") as file:
                waited += int(file.read().split()[1])
    except OSError:
        pass
    return waited / 1e9


class Process:
    """A fork that runs a function; `end` returns what that has returned."""

    def __init__(self, run, *arguments):
        results, told = os.pipe()
        stdin, self.stop = os.pipe()
        os.set_inheritable(stdin, True)
        self.pid = os.fork()
        if self.pid == 0:
            os.close(results)
            os.close(self.stop)
            os.dup2(stdin, 0)
            with os.fdopen(told, "wb") as file:
                pickle.dump(run(*arguments), file)
            os._exit(0)
        os.close(told)
        os.close(stdin)
        self.results = os.fdopen(results, "rb")

    def end(self):
        os.close(self.stop)
        result = pickle.load(self.results)
        os.waitpid(self.pid, 0)
        return result


class Blame:
    """Whose a stop in the stream was."""

    def __init__(self, sent, samples):
        self.sent, self.samples = sent, samples

    def server(self, begin, end):
        """For how long it sent nothing, though it could."""
        pauses = [(before[1], after[0]) for before, after in zip(self.sent, self.sent[1:])]
        return max((min(end, after) - max(begin, before) for before, after in pauses), default=0)

    def waits(self, begin, end, which):
        """For how long a process waited for a processor meanwhile."""
        inside = [waited[which] for at, waited in self.samples if begin - 0.02 <= at <= end + 0.02]
        return inside[-1] - inside[0] if inside else 0

    def of(self, begin, end):
        """The seconds of a stop that only the program can be blamed for, and words."""
        stop, server, program, reader = end - begin, self.server(begin, end), self.waits(begin, end, 0), self.waits(begin, end, 1)
        words = (f"{stop * 1000:.0f} ms, of which the server said nothing for {server * 1000:.0f} ms, "
                 f"wscli waited for a processor for {program * 1000:.0f} ms, and who looks for {reader * 1000:.0f} ms")
        return stop - server - program - reader, words


class Screen:
    """What the program writes to its terminal, and when."""

    def __init__(self, terminal):
        self.terminal = terminal
        self.last_feed = None
        self.stops = []
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
                if self.last_feed is not None and now - self.last_feed > NOTICED:
                    self.stops.append((self.last_feed, now))
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
    sender = Process(flood, server, seconds)
    watcher = Process(watch, (pid, os.getpid()))
    begun = time.monotonic()
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
    stops = list(screen.stops)
    is_shown = b"the end" in screen.recent or bool(screen.read(time.monotonic() + 10, b"the end"))
    blame = Blame(sender.end(), watcher.end())
    peak, cpu = resources(pid)
    os.write(terminal, b"\x15\x04")
    # Pings of ours may come before.
    while server.receive().opcode != 8:
        pass
    server.socket.close()
    latencies.sort()
    p50, p95, worst = (latencies[min(len(latencies) - 1, int(len(latencies) * part))] * 1000 for part in (0.5, 0.95, 1))
    print(f"{len(latencies)} keys: median {p50:.1f} ms, p95 {p95:.1f} ms, worst {worst:.1f} ms")
    judged = sorted((blame.of(*stop) for stop in stops), reverse=True)
    own = judged[0][0] if judged else 0
    longest = max((end - begin for begin, end in stops), default=0)
    print(f"{len(stops)} stops of the stream longer than {NOTICED * 1000:.0f} ms, the longest {longest * 1000:.0f} ms; "
          f"wscli's own at most {max(0, own) * 1000:.0f} ms; last message shown: {is_shown}")
    for _, words in judged[:3]:
        print(f"  {words}")
    print(f"peak memory {peak:.1f} MiB; CPU {cpu:.1f} s in {seconds:.0f} s; load of the machine {os.getloadavg()[0]:.1f}")
    return 0 if p95 <= 40 and own <= 0.1 and peak <= 64 and is_shown else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], *map(float, sys.argv[2:])))

"""Ten thousand idle clients and one that talks; then a storm of clients that come and go.

    tests/load/idle.py path/to/wscli [--clients 10000] [--storm 50000]

Judges memory a connection, the talker's round trip beside that with a second server that nobody else
is connected to, and that threads and descriptors are back where they began.
"""
import argparse
import contextlib
import os
import resource
import socket
import statistics
import subprocess
import sys
import tempfile
import time

KIB_A_CONNECTION = 32
ROUND_TRIP_FACTOR = 1.3

HEAD = (
    b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
# "Hello" under an all-zero key, and how an echo sends it back.
FRAME = b"\x81\x85\0\0\0\0Hello"
ECHO = b"\x81\x05Hello"
CLOSE = b"\x88\x82\0\0\0\0\x03\xe8"


def status(pid):
    with open(f"/proc/{pid}/status") as file:
        lines = dict(line.split(":", 1) for line in file)
    return int(lines["VmRSS"].split()[0]), int(lines["Threads"])


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def opened(address):
    client = socket.create_connection(address)
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    client.sendall(HEAD)
    answer = b""
    while not answer.endswith(b"\r\n\r\n"):
        answer += client.recv(4096)
    assert answer.startswith(b"HTTP/1.1 101"), answer
    return client


def round_trip(client, times=200):
    """The median, in microseconds."""
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        client.sendall(FRAME)
        answer = client.recv(64)
        taken.append(time.perf_counter() - began)
        assert answer == ECHO, answer
    return statistics.median(taken) * 1e6


def compared(alone, crowded, turns=25):
    """The medians of both talkers' round trips, and of their ratio.

    They take turns: what else the machine does, it does to both.
    """
    pairs = [(round_trip(alone), round_trip(crowded)) for _ in range(turns)]
    return [statistics.median(values) for values in (*zip(*pairs), [full / empty for empty, full in pairs])]


def wait_for(what, condition, seconds=30):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            sys.exit(f"FAILED: {what}")
        time.sleep(0.05)


def storm(address, count, at_once=100):
    """Clients that open, say a word and go: half with a closing handshake, half without a word."""
    for start in range(0, count, at_once):
        clients = [opened(address) for _ in range(min(at_once, count - start))]
        for number, client in enumerate(clients):
            client.sendall(FRAME + CLOSE if number % 2 else FRAME)
            client.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("wscli")
    parser.add_argument("--clients", type=int, default=10_000)
    parser.add_argument("--storm", type=int, default=50_000)
    parser.add_argument("--mode", default="--echo")
    options = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    clients = min(options.clients, most - 200)
    # A wake-up costs four times as much when it crosses to a processor that sleeps, and which talker
    # that happens to is the scheduler's whim.
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    command = [options.wscli, "serve", options.mode, "127.0.0.1:0", "--max-connections", str(clients + 100)]
    with serving(command) as (server, address), serving(command) as (_, empty):
        judge(server, address, opened(empty) if options.mode == "--echo" else None, clients, options.storm)


@contextlib.contextmanager
def serving(command):
    """A server's process and its address; it ends with the block."""
    with tempfile.TemporaryDirectory() as folder:
        port_file = os.path.join(folder, "port")
        # Its log would be read as slowly as we write this.
        server = subprocess.Popen([*command, "--port-file", port_file], stderr=subprocess.DEVNULL)
        try:
            wait_for("no port", lambda: os.path.exists(port_file))
            with open(port_file) as file:
                yield server, ("127.0.0.1", int(file.read()))
        finally:
            server.terminate()
            server.wait()


def judge(server, address, alone, clients, storm_size):
    talker = opened(address)
    # What a mode sets up, it sets up right after the opening handshake.
    time.sleep(0.5)
    memory, threads = status(server.pid)
    files = descriptors(server.pid)
    idle = [opened(address) for _ in range(clients)]
    time.sleep(2)
    full, many = status(server.pid)
    each = (full - memory) / clients
    print(f"{clients} idle clients: {each:.1f} KiB each, {many} threads, {descriptors(server.pid)} descriptors")
    failures = []
    if each > KIB_A_CONNECTION:
        failures.append(f"over {KIB_A_CONNECTION} KiB a connection")
    if alone:
        empty, crowded, factor = compared(alone, talker)
        print(f"round trip: {empty:.1f} µs alone, {crowded:.1f} µs among them: {factor:.2f} ×")
        if factor > ROUND_TRIP_FACTOR:
            failures.append(f"the round trip is over {ROUND_TRIP_FACTOR} ×")
    for client in idle:
        client.close()
    back = lambda: (status(server.pid)[1], descriptors(server.pid)) == (threads, files)
    wait_for(f"threads and descriptors don't come back to {threads} and {files}", back)
    if storm_size:
        began = time.monotonic()
        storm(address, storm_size)
        print(f"a storm of {storm_size}: {storm_size / (time.monotonic() - began):.0f} a second")
        wait_for(f"threads and descriptors don't come back to {threads} and {files} after the storm", back)
    print(f"afterwards: {threads} threads, {files} descriptors, {status(server.pid)[0] // 1024} MiB resident")
    if failures:
        sys.exit("FAILED: " + "; ".join(failures))


if __name__ == "__main__":
    main()

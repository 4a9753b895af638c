"""Runs every case with every peer as client and as server, and judges wscli's side of it.

The peers judge what they sent and received. All that is sent comes from here, so that it is the
same for all of them.
"""
import argparse
import base64
import collections
import contextlib
import functools
import hashlib
import http.server
import itertools
import json
import os
import random
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time

# A guard: nothing here takes a second.
DEADLINE_SECONDS = 60

MIB = 1 << 20

Case = collections.namedtuple("Case", "name action payload code reason", defaults=(1000, ""))

# One side of a proxy, and what is on both. The certificate is a file, and one with its key.
Hop = collections.namedtuple("Hop", "scheme compression", defaults=("ws", True))
Hops = collections.namedtuple("Hops", "client server certificate", defaults=(Hop(), Hop(), None))


class Failed(Exception):
    pass


def expect(condition, what):
    if not condition:
        raise Failed(what)


def prose(length):
    """Text that isn't ASCII and compresses, though not to nothing."""
    chance = random.Random(1)
    words = ["Zwölf", "Boxkämpfer", "jagen", "Виктора", "über", "den", "großen", "深い", "堀", "🦀", "quer"]
    text = " ".join(f"{chance.choice(words)}{chance.randrange(1000)}" for _ in range(length // 4)).encode()
    return text[:length].decode(errors="ignore").encode().ljust(length, b".")


CASES = [
    Case("text", "text", "Grüße, 你好, Привет, 🦀".encode()),
    Case("binary", "binary", bytes(range(256))),
    Case("empty text", "text", b""),
    Case("empty binary", "binary", b""),
    Case("1 MiB text, compressed", "compressed", prose(MIB)),
    Case("1 MiB random binary", "binary", random.Random(2).randbytes(MIB)),
    Case("a fragmented message", "fragmented", prose(32 << 10)),
    Case("1000 messages in a row", "many", "\n".join(f"message {n} grüßt" for n in range(1000)).encode()),
    Case("ping", "ping", b"are you there?"),
    Case("close 1000", "text", b"that is all", 1000, "bye"),
    Case("close 4321", "text", b"that is all", 4321, "enough"),
]


@contextlib.contextmanager
def running(command, payload=b"", **streams):
    """A process that outlives neither the block nor the deadline."""
    with tempfile.TemporaryFile() as stdin:
        stdin.write(payload)
        stdin.seek(0)
        with subprocess.Popen(command, stdin=stdin, text=True, **streams) as process:
            guard = threading.Timer(DEADLINE_SECONDS, process.kill)
            guard.start()
            try:
                yield process
            finally:
                guard.cancel()
                process.kill()


def expect_success(process, name):
    _, complaint = process.communicate()
    expect(process.returncode == 0, f"{name} exited with {process.returncode}: {complaint.strip()}")


def peer_command(peer, case, *url):
    return [*peer, case.action, str(case.code), case.reason, *url]


def said(case):
    name = " (normal closure)" if case.code == 1000 else ""
    reason = f' "{case.reason}"' if case.reason else ""
    return f"{case.code}{name}{reason}"


def flags(case):
    return ["--frames"] if case.action == "fragmented" else []


def judge_log(log, case):
    expect(re.search(f"peer closed: {re.escape(said(case))}[;\n]", log), f"the log doesn't say {said(case)}: {log}")
    if case.action == "fragmented":
        expect(log.count("< continuation") > 1, f"the peer sent no fragments: {log}")


def served(wscli, peer, case, *mode):
    """The log of a server in this mode about one connection with the peer as its client."""
    with running([wscli, "serve", *mode, "127.0.0.1:0", *flags(case)], stderr=subprocess.PIPE) as server:
        listening = server.stderr.readline()
        expect(listening.startswith("listening on ws://"), f"wscli serve says {listening!r}")
        url = listening.split()[-1]
        with running(peer_command(peer, case, url), case.payload, stderr=subprocess.PIPE) as client:
            expect_success(client, "the peer")
        log = ""
        for line in server.stderr:
            log += line
            if re.match(r"\[1\] 127\.0\.0\.1:\d+ (?!opened)", line):
                break
        expect("opened / permessage-deflate" in log, f"the log tells of no compression: {log}")
        judge_log(log, case)
        server.terminate()
        expect_success(server, "wscli serve")
    return log


def peer_as_client(wscli, peer, case):
    served(wscli, peer, case, "--echo")


def recording_as_server(wscli, peer, case):
    """A recording of the server does for the client what the server did."""
    with tempfile.TemporaryDirectory() as folder:
        recording = f"{folder}/server.ndjson"
        served(wscli, peer, case, "--echo", "--record", recording)
        log = served(wscli, peer, case, "--replay", recording)
        expect("replay: sent " in log and "mismatch" not in log and "differs" not in log, f"not as recorded: {log}")


def frames(path, direction):
    """The frames of a recording that went this way, without their masking keys."""
    with open(path, encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines]
    found, begun = [], b""
    for record in records:
        if record["type"] == "frame" and record["direction"] == direction:
            # A long one is recorded in parts, as it arrived.
            begun += record["text"].encode() if "text" in record else base64.b64decode(record.get("base64", ""))
            if not record.get("more"):
                found.append([record[field] for field in ("opcode", "fin", "rsv", "length")] + [begun.hex()])
                begun = b""
    return found


def replay_to_server(wscli, peer):
    """What a client has sent is sent once more, frame by frame, and the server answers as it did."""
    case = Case("replay", "echo", b"", 1000)
    events = [
        {"type": "text", "text": "Grüße, 你好"}, {"type": "text", "text": prose(20_000).decode()}, {"type": "text", "text": ""},
        {"type": "binary", "base64": base64.b64encode(random.Random(4).randbytes(1 << 20)).decode()},
        {"type": "ping", "text": "are you there?"}, {"type": "text", "text": prose(3_000).decode()},
    ]
    payload = "".join(json.dumps(event) + "\n" for event in events).encode()
    with tempfile.TemporaryDirectory() as folder:
        first, second = f"{folder}/first.ndjson", f"{folder}/second.ndjson"
        record = ["--record-frames", "--fragment-size", "7000", "--in", "json", "--out", "none", "--count", "5", "--close", "1000"]
        for name, command, stdin in [
            ("connect", ["connect", "--record", first, *record], payload),
            ("replay", ["replay", "--record", second, "--record-frames", first], b""),
        ]:
            with running(peer_command(peer, case), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as server:
                url = server.stdout.readline().strip()
                with running([wscli, *command, url], stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as client:
                    output, log = client.communicate()
                expect(client.returncode == 0, f"{name}: exit code {client.returncode}: {output} {log}")
                expect_success(server, "the peer")
        expect(output == "sent 5 messages, received 5, 5 as recorded\n", f"{output!r}")
        for direction in ("sent", "received"):
            found, recorded = frames(second, direction), frames(first, direction)
            if direction == "received":
                # Where a Pong stands among the answers is up to the peer.
                found, recorded = sorted(found, key=json.dumps), sorted(recorded, key=json.dumps)
            other = [str(frame)[:80] for frame in found + recorded if found.count(frame) != recorded.count(frame)]
            expect(found == recorded and len(found) > 5, f"other frames were {direction}: {other}")


def arrivals(listener, count, times):
    """When each of so many short messages comes to a server."""
    connection, _ = listener.accept()
    with connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += connection.recv(1)
        key = re.search(rb"Sec-WebSocket-Key: (\S+)", head).group(1)
        accept = base64.b64encode(hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
        connection.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                           b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n")
        for _ in range(count):
            # A masked frame of one byte.
            connection.recv(7, socket.MSG_WAITALL)
            times.append(time.monotonic())
        connection.sendall(b"\x88\x02\x03\xe8")
        while connection.recv(4096):
            pass


def recorded_times(wscli):
    """With --pace time each message comes as long after the one before as it was recorded, within a twentieth."""
    gaps = [20, 50, 20, 100, 33, 250, 20, 40, 150, 20]
    moments = [100 + sum(gaps[:number]) for number in range(len(gaps) + 1)]
    opened = {"connection": 1, "schema": 1, "type": "opened", "role": "client", "url": "ws://recorded/"}
    records = [{"connection": 1, "elapsed_ms": moment, "direction": "sent", "type": "text", "text": "x"} for moment in moments]
    for speed in ("1", "2"):
        # What else the machine does may make one of them late.
        for attempt in range(5):
            times = []
            with tempfile.NamedTemporaryFile("w", suffix=".ndjson") as recording, socket.create_server(("127.0.0.1", 0)) as listener:
                recording.writelines(json.dumps(line) + "\n" for line in [opened, *records])
                recording.flush()
                server = threading.Thread(target=arrivals, args=(listener, len(moments), times))
                server.start()
                url = f"ws://127.0.0.1:{listener.getsockname()[1]}/"
                command = [wscli, "replay", "--pace", "time", "--speed", speed, "--no-compress", recording.name, url]
                outcome = subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE_SECONDS)
                server.join()
            expect(outcome.returncode == 0, f"exit code {outcome.returncode}: {outcome.stdout} {outcome.stderr}")
            found = [(later - earlier) * 1000 * float(speed) for earlier, later in itertools.pairwise(times)]
            if all(abs(gap - recorded) <= recorded / 20 for gap, recorded in zip(found, gaps)):
                break
        else:
            expect(False, f"at speed {speed} the gaps are {found}, and were {gaps}")


def broadcast(wscli, sender, other):
    """What one sends reaches the other, who sends it back the same way."""
    case = Case("broadcast", "compressed", prose(MIB))
    flags = ["--broadcast", "--ping-interval", "100ms"]
    with running([wscli, "serve", "127.0.0.1:0", *flags], stderr=subprocess.PIPE) as server:
        url = server.stderr.readline().split()[-1]
        echo = peer_command(other, Case("", "echo", b"", 1001, ""), url)
        with running(echo, stderr=subprocess.PIPE) as echoing:
            opened = server.stderr.readline()
            expect("opened / permessage-deflate" in opened, f"the other didn't open: {opened!r}")
            with running(peer_command(sender, case, url), case.payload, stderr=subprocess.PIPE) as client:
                expect_success(client, "the sender")
            server.terminate()
            expect_success(echoing, "the other")
        _, log = server.communicate()
        judge_log(log, case)
        expect("server stopping, closed by us: 1001" in log, f"the log doesn't say that it stopped: {log}")
        expect("keepalive failed" not in log, f"a ping was not answered: {log}")


def peer_as_server(wscli, peer, case):
    with running(peer_command(peer, case), case.payload, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as server:
        url = server.stdout.readline().strip()
        command = [wscli, "connect", "--echo", *flags(case), url]
        with running(command, stderr=subprocess.PIPE) as client:
            _, log = client.communicate()
        expect_success(server, "the peer")
        judge_log(log, case)
        wanted = 0 if case.code == 1000 else 7
        expect(client.returncode == wanted, f"wscli connect exited with {client.returncode}: {log}")


def through_a_proxy(wscli, client, server, case, hops=Hops()):
    """One peer's client with another's server, which sends everything back."""
    echo = Case("echo", "echo", b"", case.code, case.reason)
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "env": environment(hops.server, hops.certificate)}
    with running(peer_command(server, echo), **streams) as target:
        url = target.stdout.readline().strip()
        expect(url.startswith(f"{hops.server.scheme}://"), f"the server is at {url!r}")
        trusting = ["--cacert", hops.certificate[0]] if hops.server.scheme == "wss" else []
        serving = ["--tls-cert", hops.certificate[0], "--tls-key", hops.certificate[1]] if hops.client.scheme == "wss" else []
        command = [wscli, "proxy", "127.0.0.1:0", url, *trusting, *serving]
        with running(command, stderr=subprocess.PIPE) as proxy:
            listening = next((line for line in proxy.stderr if "certificate SHA-256" not in line), "")
            expect(listening.startswith(f"listening on {hops.client.scheme}://"), f"wscli proxy says {listening!r}")
            streams = {"stderr": subprocess.PIPE, "env": environment(hops.client, hops.certificate)}
            with running(peer_command(client, case, listening.split()[-1]), case.payload, **streams) as peer:
                expect_success(peer, "the client")
            expect_success(target, "the server")
            proxy.terminate()
            _, log = proxy.communicate()
    expect(f"closed by the client: {said(case)}" in log, f"the log doesn't say {said(case)}: {log}")
    expect("violated" not in log, f"who broke the protocol? {log}")


def pipe(wscli, peer):
    case = Case("pipe", "echo", b"")
    with running(peer_command(peer, case), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as server:
        url = server.stdout.readline().strip()
        command = [wscli, "connect", url]
        with running(command, b"a\nb\n", stdout=subprocess.PIPE, stderr=subprocess.PIPE) as client:
            output, log = client.communicate()
        expect((output, client.returncode) == ("a\nb\n", 0), f"{output!r} and exit code {client.returncode}: {log}")
        expect_success(server, "the peer")


RoundTrip = collections.namedtuple("RoundTrip", "name flags payload messages")


def of_text(*lengths):
    return "\n".join(("grün " * length)[:length] for length in lengths).encode() + b"\n"


def round_trips():
    """What is piped in, how, and the messages that have to come back: (is binary, content)."""
    def text(messages):
        return [(False, message) for message in messages]

    lines = of_text(0, 1, 70_000, 20_000_000, 3)
    yield RoundTrip("lines, empty, of 70,000 and of 20 million characters", [], lines, text(lines.split(b"\n")[:-1]))
    parts = [b"", b"one\ntwo\n", b"\n", "größer\r\n".encode() * 9000, b""]
    yield RoundTrip("newlines and nothing, --in null", ["--in", "null"], b"\0".join(parts) + b"\0", text(parts))
    events = "".join(json.dumps({"type": "text", "text": part.decode()}) + "\n" for part in parts)
    blob = random.Random(3).randbytes(16 * MIB)
    events += json.dumps({"type": "binary", "base64": base64.b64encode(blob[:70_000]).decode()}) + "\n"
    yield RoundTrip("newlines and nothing, --in json", ["--in", "json"], events.encode(),
                    text(parts) + [(True, blob[:70_000])])
    one_plain_frame = ["--fragment-size", "16M", "--no-compress-under", "17M"]
    yield RoundTrip("16 MiB of binary", ["--in", "whole", "--binary"], blob, [(True, blob)])
    yield RoundTrip("16 MiB of binary in one frame, not compressed", ["--in", "whole", "--binary", *one_plain_frame], blob,
                    [(True, blob)])
    yield RoundTrip("lines that are not UTF-8, --binary", ["--binary"], b"\xff\n\xc3\x28\n",
                    [(True, b"\xff"), (True, b"\xc3\x28")])


def received(path):
    """The messages in a file of --out json."""
    with open(path, encoding="utf-8") as lines:
        events = [json.loads(line) for line in lines]
    return [(event["type"] == "binary", base64.b64decode(event["base64"]) if "base64" in event
             else event["text"].encode())
            for event in events if event["direction"] == "received" and event["type"] in ("text", "binary")]


def there_and_back(wscli, peer, trip):
    case = Case(trip.name, "echo", b"")
    with tempfile.NamedTemporaryFile() as file:
        with running(peer_command(peer, case), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as server:
            url = server.stdout.readline().strip()
            command = [wscli, "connect", *trip.flags, "--out", "json", "-o", file.name, "--count",
                       str(len(trip.messages)), url]
            with running(command, trip.payload, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as client:
                output, log = client.communicate()
            expect((output, client.returncode) == ("", 0), f"{output!r} and exit code {client.returncode}: {log}")
            expect_success(server, "the peer")
        found = received(file.name)
    lengths = [[(binary, len(content)) for binary, content in messages] for messages in (found, trip.messages)]
    expect(lengths[0] == lengths[1], f"messages (binary, length) {lengths[0]}, not {lengths[1]}")
    expect(found == trip.messages, "a message came back changed")


def unsendable(wscli, peer):
    """Text that isn't UTF-8 is an error, and nothing of it is sent: the peer would fail the connection with 1007."""
    case = Case("unsendable", "echo", b"", 1001)
    with running(peer_command(peer, case), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as server:
        url = server.stdout.readline().strip()
        with running([wscli, "connect", url], b"\xff\n", stdout=subprocess.PIPE, stderr=subprocess.PIPE) as client:
            output, log = client.communicate()
        expect(client.returncode == 2 and "line 1 of stdin is not UTF-8" in log, f"{client.returncode}: {log}")
        expect(output == "", f"{output!r}")
        expect_success(server, "the peer")


Compression = collections.namedtuple("Compression", "server_no_context_takeover client_no_context_takeover "
                                                    "server_max_window_bits client_max_window_bits")

# What each agrees to when it is asked for nothing special, and what it makes of each parameter.
INSPECTIONS = {
    "Node ws": (Compression(False, False, 15, 15), Compression("agreed", "agreed", "agreed", "agreed")),
    # It has a maximum of its own, 12, and names it.
    "Python websockets": (Compression(False, False, 12, 12), Compression("agreed", "agreed", "agreed", "agreed")),
    # It compresses each message by itself, whatever it is asked for.
    "Go gorilla": (Compression(True, True, 15, 15), Compression("agreed", "agreed", "ignored", "ignored")),
}


def inspect(wscli, url):
    with running([wscli, "inspect", "--json", url], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as client:
        output, log = client.communicate()
    return client.returncode, json.loads(output), log


def inspection(wscli, name, peer):
    case = Case("inspection", "inspected", b"")
    with running(peer_command(peer, case), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as server:
        url = server.stdout.readline().strip()
        code, report, log = inspect(wscli, url)
    compression, probes = INSPECTIONS[name]
    wanted = {
        "url": url, "open": True, "error": None, "status": 101, "subprotocol": None, "tls": None, "proxy": None,
        "compression": compression._asdict(), "probes": {"permessage_deflate": "agreed"} | probes._asdict(),
        "close": {"finished": True, "code": 1000, "reason": "", "ending": "closed by us: 1000 (normal closure)"},
    }
    found = {field: report[field] for field in wanted}
    expect((code, log) == (0, ""), f"exit code {code}: {log}")
    expect(found == wanted, f"the report says {found}, not {wanted}")
    expect(report["ping"]["answered"] and report["ping"]["round_trip_ms"] > 0, f"no answer to the ping: {report}")
    expect(report["response"].startswith("HTTP/1.1 101 "), f"the response is {report['response']}")


@contextlib.contextmanager
def measured(peer, action):
    """The URL of a server that does this with each of its connections."""
    with running(peer_command(peer, Case(action, action, b"")), stdout=subprocess.PIPE) as server:
        yield server.stdout.readline().strip()


def pings_on_a_long_way(wscli, peer):
    """50 ms each way are 100 ms for a Ping and its Pong."""
    with measured(peer, "inspected") as url:
        proxy = [wscli, "proxy", "--fault", "latency 50ms", "127.0.0.1:0", url]
        with running(proxy, stderr=subprocess.PIPE) as proxy:
            way = proxy.stderr.readline().split()[-1]
            outcome = subprocess.run(
                [wscli, "ping", "-c", "10", "-i", "50ms", "--json", way], capture_output=True, text=True, timeout=60)
    expect(outcome.returncode == 0, f"exit code {outcome.returncode}: {outcome.stderr}")
    told = [json.loads(line) for line in outcome.stdout.splitlines()]
    median = next(line["pings"]["median_ms"] for line in told if line["type"] == "summary")
    expect(98 <= median <= 102, f"the median is {median} ms: {outcome.stdout}")


def withheld_pongs(wscli, peer):
    with measured(peer, "withholding") as url:
        outcome = subprocess.run(
            [wscli, "ping", "-c", "9", "-i", "20ms", "-W", "300ms", url], capture_output=True, text=True, timeout=60)
    expect("9 sent, 6 answered, 3 lost (33.3 %)" in " ".join(outcome.stdout.split()), outcome.stdout)
    expect(outcome.returncode == 1, f"exit code {outcome.returncode}")


def missed_heartbeats(wscli, peer):
    """A server that pings, and terminates who doesn't answer."""
    with measured(peer, "heartbeat") as url:
        command = [wscli, "inspect", "--limits", "--quick", "--for", "4s", "--every", "500ms", "--json", url]
        outcome = subprocess.run(command, capture_output=True, text=True, timeout=60)
    expect(outcome.returncode == 0, f"exit code {outcome.returncode}: {outcome.stderr}")
    limits = json.loads(outcome.stdout)["limits"]
    lifetimes = {lifetime["kept_by"]: lifetime for lifetime in limits["lifetimes"]}
    expect(limits["verdict"]["type"] == "unanswered_pings", limits["verdict"])
    expect(1950 <= limits["verdict"]["after_ms"] <= 2500, limits["verdict"])
    interval = lifetimes["silence"]["server_ping_interval_ms"]
    expect(950 <= interval <= 1050, f"pings every {interval} ms")
    ended = {kept_by for kept_by, lifetime in lifetimes.items() if lifetime["ended_by"] != "open"}
    expect(ended == {"no_pongs"}, lifetimes)


def exported(wscli, folder, generator, url, *load):
    """The path of a load that was written for another generator."""
    outcome = subprocess.run(
        [wscli, "bench", "--export", generator, *load, url], capture_output=True, text=True, timeout=60)
    expect(outcome.returncode == 0, outcome.stderr)
    path = os.path.join(folder, f"load.{'mjs' if generator == 'k6' else 'yml'}")
    with open(path, "w") as file:
        file.write(outcome.stdout)
    return path


LOADS = [
    ("-n", "30", "-d", "hello {{ name }}"),
    ("--rate", "20/s", "-z", "2s", "--template", "-d", '{"id":${counter},"of":${uuid},"any":${random},"in":${env.HOME}}'),
]


def exported_to_k6(wscli, peer):
    """A script for k6 is JavaScript."""
    with tempfile.TemporaryDirectory() as folder:
        for load in (*LOADS, ("--connect-only",), ("--binary", "--size", "3", "-n", "2")):
            path = exported(wscli, folder, "k6", "ws://127.0.0.1:1/", *load)
            check = subprocess.run(["node", "--check", path], capture_output=True, text=True, timeout=60)
            expect(check.returncode == 0, check.stderr)


def exported_to_artillery(wscli, peer, artillery):
    """Artillery runs the test, and sends as many messages as are asked for."""
    environment = os.environ | {"ARTILLERY_DISABLE_TELEMETRY": "true"}
    with tempfile.TemporaryDirectory() as folder, measured(peer, "inspected") as url:
        for load, sent, received in zip(LOADS, (30, 40), (30, 0)):
            path = exported(wscli, folder, "artillery", url, "-c", "10", *load)
            report = os.path.join(folder, "report.json")
            outcome = subprocess.run(
                [artillery, "run", "--output", report, path],
                capture_output=True, text=True, timeout=120, env=environment)
            expect(outcome.returncode == 0, f"exit code {outcome.returncode}: {outcome.stdout} {outcome.stderr}")
            with open(report) as file:
                counters = json.load(file)["aggregate"]["counters"]
            told = {name: counters.get(name, 0) for name in (
                "vusers.completed", "vusers.failed", "websocket.messages_sent", "websocket.messages_received")}
            expect(list(told.values()) == [10, 0, sent, received], f"{told} in {counters}")


def inspection_of_plain_http(wscli, folder):
    handler = functools.partial(QuietHandler, directory=folder)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"ws://127.0.0.1:{server.server_address[1]}"
        for path, status, phrase in (("/", 200, "OK"), ("/nothing", 404, "File not found")):
            code, report, log = inspect(wscli, url + path)
            expect(code == 5 and f"the server answered {status} " in log, f"{path}: exit code {code}: {log}")
            expect((report["open"], report["status"]) == (False, status), f"{path}: {report}")
            expect(f"{status} " in report["error"]["message"], f"{path}: {report}")
            expect(report["response"].startswith(f"HTTP/1.0 {status} {phrase}\r\n"), f"{path}: {report}")
            expect((report["ping"], report["close"], report["probes"]) == (None, None, None), f"{path}: {report}")
        server.shutdown()


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


Application = collections.namedtuple("Application", "protocol flags stdin wanted")

EXAMPLES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "examples")

APPLICATIONS = [
    Application(
        "socket.io",
        ["--on", r"match ^0 => reply 40", "--on", r"match ^2$ => reply 3",
         "--on", r'match ^42(\d+)\["question",(.*)\]$ => delay 50ms => reply 43$1["are \"you\" there: yes"]',
         "--send-after", r"^40\{"],
        '420["add",2,3]\n',
        [r"0\{.*\}", r"40\{.*\}", r'42\d+\["question","are \\"you\\" there"\]', r"430\[5\]", "2", "2", "2", "41"],
    ),
    Application(
        "graphql-ws",
        ["-s", "graphql-transport-ws", "-d", '{"type":"connection_init","payload":{"token":"secret"}}',
         "--send-after", "connection_ack", "--until", '"complete"',
         "--on", 'json /type="ping" => reply {"type":"pong","payload":${/payload}}'],
        '{"id":"1","type":"subscribe","payload":{"query":"subscription { ticks }"}}\n',
        [r'\{"type":"connection_ack"\}', r'.*"next".*\{"ticks":1\}.*', r'.*"ping".*', r'.*"next".*\{"ticks":2\}.*',
         r'.*"complete".*'],
    ),
]


# Files of tests/examples, the protocols of the servers that they are for, and variables.
TESTED = {
    "socket.io": [],
    "graphql-ws": [],
    "json-rpc": [],
    "refusal": ["--secret", "token=let-me-in"],
    "resume": [],
}


def answers(wscli, servers, application):
    """A connection that lives by what it answers, to a real server of an application protocol."""
    with running([*servers, application.protocol], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as server:
        url = server.stdout.readline().strip()
        command = [wscli, "connect", *application.flags, url]
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        with running(command, application.stdin.encode(), **streams) as client:
            output, log = client.communicate()
        expect(client.returncode == 0, f"exit code {client.returncode}: {output!r} {log}")
        lines = output.splitlines()
        expect(len(lines) == len(application.wanted), f"the lines {lines}")
        left = list(application.wanted)
        for line in lines:
            match = next((wanted for wanted in left if re.fullmatch(wanted, line)), None)
            expect(match is not None, f"{line!r} is none of {left}")
            left.remove(match)
        expect_success(server, "the server")


def example(wscli, servers, protocol):
    """The same server, tested by a file."""
    with running([*servers, protocol], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as server:
        url = server.stdout.readline().strip()
        file = os.path.join(EXAMPLES, f"{protocol}.wst")
        command = [wscli, "test", "--var", f"base={url}", *TESTED[protocol], file]
        outcome = subprocess.run(command, capture_output=True, text=True, timeout=60)
        expect(outcome.returncode == 0, f"exit code {outcome.returncode}: {outcome.stdout} {outcome.stderr}")
        expect_success(server, "the server")


def tested_client(wscli, peer):
    """A client that sends back what it gets, tested by a file that is its server."""
    command = [wscli, "test", os.path.join(EXAMPLES, "accept.wst")]
    with running(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as test:
        listening = re.fullmatch(r"listening on (ws://\S+) for client\n", test.stderr.readline())
        expect(listening, "it didn't say where it listens")
        client = peer_command(peer, Case("", "echo", b"", 4000, "enough"), listening[1])
        with running(client, stderr=subprocess.PIPE) as client:
            expect_success(client, "the client")
        results, _ = test.communicate()
        expect(test.returncode == 0, f"exit code {test.returncode}: {results}")


def environment(hop, certificate):
    """What tells a peer how it is spoken with on this side of a proxy."""
    variables = dict(os.environ)
    if hop.scheme == "wss":
        variables |= {"PEER_CERTIFICATE": certificate[0], "PEER_KEY": certificate[1]}
    return variables if hop.compression else variables | {"PEER_COMPRESSION": "off"}


def one_sided(certificate):
    """TLS on one side of a proxy, and compression on one side."""
    for schemes in [("ws", "wss"), ("wss", "ws")]:
        for compression in [(True, False), (False, True)]:
            yield Hops(*map(Hop, schemes, compression), certificate)


def through_unlike_hops(clients_and_servers, certificate):
    for (one, other), hops in itertools.product(clients_and_servers, one_sided(certificate)):
        for case in CASES:
            if case.action == "compressed" and not hops.client.compression:
                case = case._replace(action="text")
            compressing = "client" if hops.client.compression else "server"
            way = f"{hops.client.scheme} to {hops.server.scheme}, compressed to the {compressing} alone"
            yield (f"{one[0]} through a proxy to {other[0]}, {way}: {case.name}", through_a_proxy,
                   (one[1:], other[1:], case, hops))


def experiments(name, peer):
    for case in CASES:
        yield f"{name} as client: {case.name}", peer_as_client, (peer, case)
    yield f"{name} as client: tested by a file", tested_client, (peer,)
    for case in CASES:
        yield f"{name} as client of a recording: {case.name}", recording_as_server, (peer, case)
    yield f"{name} as server: what was recorded, replayed", replay_to_server, (peer,)
    for case in CASES:
        yield f"{name} as server: {case.name}", peer_as_server, (peer, case)
    yield f"{name} as server: a pipe", pipe, (peer,)
    for trip in round_trips():
        yield f"{name} as server: {trip.name}", there_and_back, (peer, trip)
    yield f"{name} as server: a line that is not UTF-8", unsendable, (peer,)
    yield f"{name} as server: inspected", inspection, (name, peer)


def everything(peers, servers, certificate, artillery):
    for application in APPLICATIONS if servers else []:
        yield f"answers to {application.protocol}", answers, (servers, application)
    for protocol in TESTED if servers else []:
        yield f"a test file for {protocol}", example, (servers, protocol)
    for name, *peer in peers:
        yield from experiments(name, peer)
    for name, *peer in peers:
        if name == "Node ws":
            yield f"{name} on a long way: pinged", pings_on_a_long_way, (peer,)
            yield f"{name} that withholds Pongs: pinged", withheld_pongs, (peer,)
            yield f"{name} that terminates who doesn't answer: its limits", missed_heartbeats, (peer,)
            yield "a load exported to k6", exported_to_k6, (peer,)
            if artillery:
                yield "a load exported to Artillery", exported_to_artillery, (peer, artillery)
    for one, other in itertools.product(peers, repeat=2):
        yield f"a broadcast from {one[0]} to {other[0]}", broadcast, (one[1:], other[1:])
        for case in CASES:
            title = f"{one[0]} through a proxy to {other[0]}: {case.name}"
            yield title, through_a_proxy, (one[1:], other[1:], case)
    if certificate:
        yield from through_unlike_hops(list(itertools.product(peers, repeat=2)), certificate)
    yield "recorded times are kept to, each within a twentieth", recorded_times, ()
    with tempfile.TemporaryDirectory() as folder:
        yield "Python's http.server: inspected", inspection_of_plain_http, (folder,)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("wscli")
    parser.add_argument("--peer", action="append", nargs="+", default=[], metavar=("NAME", "COMMAND"))
    parser.add_argument("--applications", nargs="+", default=[], metavar="COMMAND")
    parser.add_argument("--artillery", metavar="COMMAND")
    parser.add_argument("--certificate", nargs=2, metavar=("CERT", "KEY"), help="for 127.0.0.1, in PEM")
    parser.add_argument("--only", default="", help="those with this in their titles")
    options = parser.parse_args()
    passed = failed = 0
    experiments_of_all = everything(options.peer, options.applications, options.certificate, options.artillery)
    for title, experiment, subject in experiments_of_all:
        if options.only not in title:
            continue
        try:
            experiment(options.wscli, *subject)
        except Failed as failure:
            failed += 1
            print(f"{title}: FAILED: {failure}", flush=True)
        else:
            passed += 1
            print(f"{title}: ok", flush=True)
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


main()

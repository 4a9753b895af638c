"""drive.py WSCLI: records conversations, converts them to pcapng, and compares what tshark says with the recording."""
import base64, hashlib, json, os, socket, subprocess, sys, tempfile, threading

WSCLI = sys.argv[1]
TIMEOUT = 60
FIELDS = ["tcp.stream", "tcp.srcport", "frame.time_epoch", "websocket.opcode", "websocket.fin", "websocket.rsv",
          "websocket.mask", "websocket.masking_key", "websocket.payload"]
failed = []


def check(name, good, detail=""):
    print(f"{'ok' if good else 'FAILED'}: {name}{'' if good else f': {detail}'}")
    if not good:
        failed.append(name)


def tshark(capture, *args):
    command = ["tshark", "-r", capture, "-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE", *args]
    return subprocess.run(command, capture_output=True, check=True, timeout=TIMEOUT).stdout.decode()


def lines(recording):
    with open(recording) as file:
        return [json.loads(line) for line in file]


def payload(line):
    return line["text"].encode() if "text" in line else base64.b64decode(line.get("base64", ""))


def convert(recording, capture):
    subprocess.run([WSCLI, "convert", recording, "-o", capture], check=True, timeout=TIMEOUT)


def recorded_frames(recording):
    """Of each connection and side: opcode, FIN, RSV, masking key, payload on the wire."""
    role, frames, open_frame = {}, {}, {}
    for line in lines(recording):
        number = line.get("connection")
        if line["type"] == "opened":
            role[number] = line["role"]
        if line["type"] != "frame":
            continue
        is_clients = (line["direction"] == "sent") == (role[number] == "client")
        side = (number, is_clients)
        before = open_frame.pop(side, b"")
        if line.get("more"):
            open_frame[side] = before + payload(line)
            continue
        key = None if line["mask"] == "none" else line["mask"]
        frames.setdefault(side, []).append(
            (line["opcode"], line["fin"], int(line["rsv"], 2), key, (before + payload(line)).hex()))
    return frames


def dissected_frames(capture):
    """The same, by tshark. Two frames in one packet are two values of each field."""
    asked = [part for field in FIELDS for part in ("-e", field)]
    # Payloads as they came: inflated ones are compared elsewhere.
    said = tshark(capture, "-Y", "websocket", "-T", "fields", "-E", "separator=|", "-E", "occurrence=a", *asked)
    frames = {}
    for row in said.splitlines():
        values = dict(zip(FIELDS, row.split("|")))
        several = {name: value.split(",") if value else [] for name, value in values.items()}
        count = len(several["websocket.opcode"])
        keys, payloads = several["websocket.masking_key"], several["websocket.payload"]
        frames.setdefault((int(values["tcp.stream"]) + 1, values["tcp.srcport"] != "80"), []).append(
            [(int(several["websocket.opcode"][at]), truth(several["websocket.fin"][at]),
              int(several["websocket.rsv"][at], 0), keys, payloads) for at in range(count)])
    return frames


def truth(word):
    return word in ("1", "True")


def compare(name, recording, capture):
    recorded, dissected = recorded_frames(recording), dissected_frames(capture)
    for side, frames in recorded.items():
        rows = [frame for row in dissected.get(side, []) for frame in row]
        headers = [frame[:3] for frame in frames]
        told = [row[:3] for row in rows]
        # tshark shows a fragmented message once more where it ends, but not its frames' order in that packet.
        check(f"{name}: {len(headers)} frames of {side}: opcode, FIN, RSV", sorted(told) == sorted(headers), f"{told} of {headers}")
        keys = [key.replace(":", "") for row in dissected.get(side, []) for key in row[0][3]]
        check(f"{name}: masking keys of {side}", sorted(keys) == sorted(frame[3] for frame in frames if frame[3]),
              f"{keys} of {[frame[3] for frame in frames]}")


def texts(capture, stream):
    """What tshark makes of the text messages of a connection: reassembled, unmasked and inflated."""
    said = tshark(capture, "-Y", f"websocket && tcp.stream == {stream}", "-T", "json", "-J", "websocket data-text-lines")
    found = []

    def walk(node):
        if isinstance(node, dict):
            for name, value in node.items():
                if name == "data-text-lines" and isinstance(value, dict):
                    found.append("".join(line.replace("\\n", "\n") for line in value))
                walk(value)
        elif isinstance(node, list):
            for item in node:
                walk(item)

    walk(json.loads(said))
    # What an empty message that is compressed inflates to, as tshark has it.
    return [text for text in found if text != "\\000"]


def echo_conversation(folder, secure):
    """wscli on both sides, each with its recording: compressed and not, fragments, a ping, empty and binary messages."""
    name = "wss" if secure else "ws"
    recording, servers = (os.path.join(folder, f"{name}-{side}.ndjson") for side in ("client", "server"))
    flags = ["--tls"] if secure else []
    server = subprocess.Popen([WSCLI, "serve", "--record", servers, "--record-frames", *flags, "127.0.0.1:0"], stderr=subprocess.PIPE)
    listening = next(line for line in server.stderr if b"listening on" in line)
    address = listening.decode().split()[-1].split("//")[1].rstrip("/")
    threading.Thread(target=server.stderr.read, daemon=True).start()
    events = [
        {"type": "text", "text": "tick tick tick tick tick"},
        {"type": "text", "text": "tick tick tick tick tick é"},
        {"type": "text", "text": "in three frames", "fragments": 3},
        {"type": "text", "text": ""},
        {"type": "binary", "base64": base64.b64encode(os.urandom(150_000)).decode()},
        {"type": "ping", "text": "are you there"},
        {"type": "text", "text": "done"},
    ]
    client = subprocess.run(
        [WSCLI, "connect", "-k", "--in", "json", "--count", "6", "--record", recording, "--record-frames", f"{name}://{address}/"],
        input="".join(json.dumps(event) + "\n" for event in events).encode(), stdout=subprocess.DEVNULL, timeout=TIMEOUT)
    check(f"{name}: the conversation", client.returncode == 0, client.returncode)
    server.terminate()
    server.wait(TIMEOUT)
    expected = [event["text"] for event in events if event["type"] == "text" and event["text"]]
    for side, recorded in (("client", recording), ("server", servers)):
        capture = recorded + ".pcapng"
        convert(recorded, capture)
        compare(f"{name}, by the {side}", recorded, capture)
        bad = tshark(capture, "-Y", "_ws.malformed || tcp.checksum.status == 0 || tcp.analysis.flags")
        check(f"{name}, by the {side}: nothing is malformed", bad == "", bad)
        told = texts(capture, 0)
        check(f"{name}, by the {side}: inflated text", sorted(told) == sorted(expected * 2), f"{told} of {expected}")
        # The same conversation from its messages alone.
        messages = recorded + ".messages"
        with open(messages, "w") as file:
            for line in lines(recorded):
                line.pop("frames", None)
                if line["type"] != "frame":
                    file.write(json.dumps(line) + "\n")
        convert(messages, messages + ".pcapng")
        told = texts(messages + ".pcapng", 0)
        check(f"{name}, by the {side}: frames made of messages", sorted(told) == sorted(expected * 2), told)
    stamp = tshark(recording + ".pcapng", "-Y", "websocket", "-T", "fields", "-e", "frame.time_epoch").split()[0]
    first = next(line for line in lines(recording) if line["type"] == "frame")["time"]
    check(f"{name}: nanoseconds", stamp.split(".")[1].rstrip("0") == first.split(".")[1].rstrip("Z").rstrip("0"), f"{stamp} of {first}")
    comments = tshark(recording + ".pcapng", "-Y", "frame.comment", "-T", "fields", "-e", "frame.comment")
    check(f"{name}: comments", "as recorded" in comments and "closed: " in comments and ("decrypted from" in comments) == secure, comments)


def illegal_frames(folder):
    """A server that breaks the protocol, and a client that sends what it is told to."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        peer, _ = listener.accept()
        head = b""
        while b"\r\n\r\n" not in head:
            head += peer.recv(4096)
        key = next(line.split(b": ")[1] for line in head.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key"))
        accept = base64.b64encode(hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
        peer.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " + accept + b"\r\n\r\n")
        peer.recv(4096)
        peer.sendall(b"\x81\x02ok" + b"\xb3\x04oops")
        while peer.recv(4096):
            pass

    thread = threading.Thread(target=serve)
    thread.start()
    recording = os.path.join(folder, "illegal.ndjson")
    event = {"type": "frame", "opcode": 11, "rsv": "010", "fin": True, "mask": "01020304", "text": "odd"}
    client = subprocess.run(
        [WSCLI, "connect", "--in", "json", "--linger", "60s", "--record", recording, "--record-frames", f"ws://127.0.0.1:{listener.getsockname()[1]}/"],
        input=json.dumps(event).encode() + b"\n", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=TIMEOUT)
    thread.join(TIMEOUT)
    check("illegal frames: the conversation", client.returncode == 6, client.returncode)
    capture = recording + ".pcapng"
    convert(recording, capture)
    compare("illegal frames", recording, capture)
    comments = tshark(capture, "-Y", "frame.comment", "-T", "fields", "-e", "frame.comment")
    check("illegal frames: our findings", "protocol violation by the server: " in comments, comments)


def both(folder):
    """Two connections in one file are two streams."""
    together = os.path.join(folder, "both.ndjson")
    with open(together, "w") as file:
        for number, name in enumerate(("ws-client", "illegal"), 1):
            for line in lines(os.path.join(folder, f"{name}.ndjson")):
                file.write(json.dumps({**line, "connection": number}) + "\n")
    convert(together, together + ".pcapng")
    compare("two connections", together, together + ".pcapng")


with tempfile.TemporaryDirectory() as folder:
    echo_conversation(folder, secure=False)
    echo_conversation(folder, secure=True)
    illegal_frames(folder)
    both(folder)
sys.exit(1 if failed else 0)

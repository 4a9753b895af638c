"""drive.py WSCLI [BYTES [HAR_BYTES]]: a message larger than memory should be, through `serve --echo` and back, and a HAR as large."""
import json, os, re, subprocess, sys, tempfile, threading, time

WSCLI = sys.argv[1]
SIZE = int(sys.argv[2]) if len(sys.argv) > 2 else 4 << 30
HAR_SIZE = int(sys.argv[3]) if len(sys.argv) > 3 else 2 << 30
LIMIT_KIB = 32 * 1024
DEADLINE = 150


def resident_kib(pid):
    """The most memory that the process has had so far."""
    try:
        status = open(f"/proc/{pid}/status").read()
    except OSError:
        return 0
    found = re.search(r"VmHWM:\s+(\d+)", status)
    return int(found.group(1)) if found else 0


def watch(processes, most, done):
    while not done.wait(0.05):
        for name, process in processes.items():
            most[name] = max(most.get(name, 0), resident_kib(process.pid))


def feed(pipe):
    chunk = bytes(1 << 20)
    for _ in range(SIZE >> 20):
        pipe.write(chunk)
    pipe.close()


def drain(pipe, counted):
    while chunk := pipe.read(1 << 20):
        counted[0] += len(chunk)


def count_recording(path, counted):
    """Reads a recording as it is written: its bytes, and whether lines are missing."""
    with open(path, "rb") as file:
        while chunk := file.read(1 << 20):
            counted[0] += len(chunk)
            counted[1] += chunk.count(b'"type":"dropped"')


def run(name, flags, recorded=False):
    server = subprocess.Popen([WSCLI, "serve", "--echo", "--max-message-size", "none", *flags, "127.0.0.1:0"], stderr=subprocess.PIPE)
    url = server.stderr.readline().decode().split()[-1]
    threading.Thread(target=server.stderr.read, daemon=True).start()
    begun = time.monotonic()
    recording, written, folder = [], [0, 0], tempfile.TemporaryDirectory()
    threads = []
    if recorded:
        # A pipe in the place of a disk of this size.
        path = os.path.join(folder.name, "recording")
        os.mkfifo(path)
        # Whoever writes it doesn't wait for a reader: there is one.
        keeps_open = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        threads.append(threading.Thread(target=count_recording, args=(path, written)))
        # Text of such bytes would take six times as much in JSON.
        recording = ["--binary", "--record", path]
    command = [WSCLI, "connect", "--in", "whole", "--out", "raw", "--count", "1", "--max-message-size", "none", *flags, *recording, url]
    client = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    most, done, counted = {}, threading.Event(), [0]
    threads += [
        threading.Thread(target=feed, args=(client.stdin,)),
        threading.Thread(target=drain, args=(client.stdout, counted)),
        threading.Thread(target=watch, args=({"connect": client, "serve": server}, most, done)),
    ]
    for thread in threads:
        thread.start()
    try:
        code = client.wait(DEADLINE)
    except subprocess.TimeoutExpired:
        client.kill()
        code = "none: it took too long"
    for thread in threads[:-1]:
        thread.join()
    done.set()
    threads[-1].join()
    if recorded:
        os.close(keeps_open)
    folder.cleanup()
    server.terminate()
    server.wait()
    good = code == 0 and counted[0] == SIZE and all(kib < LIMIT_KIB for kib in most.values())
    # In base64, there and back.
    good = good and (not recorded or (written[0] > SIZE // 3 * 8 and written[1] == 0))
    memory = ", ".join(f"{process} {kib / 1024:.1f} MiB" for process, kib in sorted(most.items()))
    noted = f", {written[0]} bytes recorded" if recorded else ""
    print(f"{'ok' if good else 'FAILED'}: {name}: {counted[0]} bytes back, exit {code}, {memory}{noted}, {time.monotonic() - begun:.0f} s")
    return good


def feed_har(pipe, messages):
    """One connection with so many messages of 1 MiB, one of them JSON that has to be escaped."""
    pipe.write(b'{"log":{"entries":[{"startedDateTime":"2026-01-01T12:00:00Z","request":{"method":"GET","url":"ws://a.example/",'
               b'"headers":[]},"response":{"status":101},"_webSocketMessages":[')
    message = {"type": "receive", "time": 1767268800, "opcode": 1, "data": '{"a":1}' * (1 << 17)}
    line = json.dumps(message).encode()
    for number in range(messages):
        pipe.write(line if number == 0 else b"," + line)
    pipe.write(b"]}]}}")
    pipe.close()


def convert():
    """A HAR that is never whole anywhere, to a recording."""
    begun = time.monotonic()
    messages = HAR_SIZE >> 20
    command = [WSCLI, "convert", "-", "--from", "har", "--to", "recording"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    most, done, counted = {}, threading.Event(), [0]
    feeding = threading.Thread(target=feed_har, args=(process.stdin, messages))
    watching = threading.Thread(target=watch, args=({"convert": process}, most, done))
    feeding.start()
    watching.start()
    while chunk := process.stdout.read(1 << 20):
        counted[0] += chunk.count(b"\n")
    feeding.join()
    code = process.wait(DEADLINE)
    done.set()
    watching.join()
    good = code == 0 and counted[0] == messages + 1 and most["convert"] < LIMIT_KIB
    print(f"{'ok' if good else 'FAILED'}: a HAR: {counted[0]} lines of {messages} messages, exit {code}, "
          f"{most['convert'] / 1024:.1f} MiB, {time.monotonic() - begun:.0f} s")
    return good


results = [run("uncompressed", ["--no-compress"]), run("compressed", ["--compress-level", "1"]),
           run("recorded", ["--no-compress"], recorded=True), convert()]
sys.exit(0 if all(results) else 1)

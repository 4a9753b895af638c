"""Types at the prompt through tmux, plays the server by hand, and compares the screen."""
import base64
import hashlib
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid

DEADLINE_SECONDS = 20
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Server:
    """One connection, by hand."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"ws://127.0.0.1:{self.listener.getsockname()[1]}/"

    def accept(self):
        self.listener.settimeout(DEADLINE_SECONDS)
        self.socket, _ = self.listener.accept()
        self.socket.settimeout(DEADLINE_SECONDS)
        self.head = b""
        while not self.head.endswith(b"\r\n\r\n"):
            self.head += self.socket.recv(1)
        key = next(line.split(b": ")[1] for line in self.head.split(b"\r\n") if line.startswith(b"Sec-WebSocket-Key"))
        accept = base64.b64encode(hashlib.sha1(key + GUID).digest())
        self.socket.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                            b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n")

    def send(self, first, payload):
        assert len(payload) < 126
        self.socket.sendall(bytes([first, len(payload)]) + payload)

    def receive(self):
        head = self.read(2)
        length = head[1] & 0x7F
        if length == 126:
            length = int.from_bytes(self.read(2), "big")
        key = self.read(4)
        return head[0], bytes(byte ^ key[i % 4] for i, byte in enumerate(self.read(length)))

    def read(self, count):
        got = b""
        while len(got) < count:
            part = self.socket.recv(count - len(got))
            assert part, "the client ended the connection"
            got += part
        return got


class Terminal:
    """A tmux server of its own, 80 columns wide, with a shell in it."""

    def __init__(self):
        self.name = f"wscli-{uuid.uuid4().hex[:8]}"
        self.tmux("-f", "/dev/null", "new-session", "-d", "-x", "80", "-y", "24", "env PS1='$ ' sh")
        self.wait_for("$")

    def tmux(self, *arguments):
        return subprocess.run(["tmux", "-L", self.name, *arguments], check=True, capture_output=True, text=True).stdout

    def type(self, text):
        self.tmux("send-keys", "-l", text)

    def press(self, *keys):
        self.tmux("send-keys", *keys)

    def run(self, command):
        self.type(command)
        self.press("Enter")

    def screen(self):
        return [line.rstrip() for line in self.tmux("capture-pane", "-p").rstrip("\n").split("\n")]

    def title(self):
        return self.tmux("display-message", "-p", "#{pane_title}").strip()

    def wait_for(self, *last_lines):
        """Until the screen ends with these lines."""
        deadline = time.monotonic() + DEADLINE_SECONDS
        while True:
            shown = [line for line in self.screen() if line]
            if shown[-len(last_lines):] == list(last_lines):
                return shown
            assert time.monotonic() < deadline, f"{last_lines} is not at the end of {shown}"
            time.sleep(0.02)

    def end(self):
        self.tmux("kill-server")


def connected(wscli, terminal):
    """A prompt that is connected to a server that we play."""
    server = Server()
    terminal.run(f"clear; stty -a > {BEFORE}; {wscli} connect {server.url}")
    server.accept()
    terminal.wait_for(f"connected to {server.url}, no compression; Ctrl-D closes", ">")
    return server


def left(terminal, code):
    """Asserts the exit code, and that the terminal is as it was."""
    terminal.run(f"echo exit $?; stty -a | cmp - {BEFORE} && echo same terminal")
    terminal.wait_for(f"exit {code}", "same terminal", "$")


def a_line_is_a_message(wscli, terminal):
    server = connected(wscli, terminal)
    terminal.run("hello there")
    assert server.receive() == (0x81, b"hello there")
    server.send(0x81, "grüß dich".encode())
    terminal.wait_for("> hello there", "< grüß dich", ">")
    terminal.press("C-d")
    assert server.receive() == (0x88, b"\x03\xe8")
    server.send(0x88, b"\x03\xe8")
    server.socket.close()
    terminal.wait_for("closed: 1000 (normal closure)", "$")
    left(terminal, 0)


def what_is_being_typed_survives_what_arrives(wscli, terminal):
    server = connected(wscli, terminal)
    terminal.type("half a li")
    terminal.wait_for("> half a li")
    for number in range(200):
        server.send(0x81, f"message {number}".encode())
    terminal.wait_for("< message 198", "< message 199", "> half a li")
    terminal.run("ne")
    assert server.receive() == (0x81, b"half a line")
    server.send(0x88, b"\x03\xf0" + b"go away")
    assert server.receive()[0] == 0x88
    server.socket.close()
    terminal.wait_for('peer closed: 1008 (policy violation) "go away"', "$")
    left(terminal, 7)


def a_hostile_server_draws_nothing(wscli, terminal):
    server = connected(wscli, terminal)
    title = terminal.title()
    server.send(0x81, b"\x1b]0;owned\x07\x1b[2J\x1b[H\xc2\x9b2Ja\r\n> forged")
    server.send(0x82, b"\x1b[2J\x00\xff")
    terminal.wait_for("< \\x1b]0;owned\\x07\\x1b[2J\\x1b[H\\x9b2Ja\\r\\n> forged", "< binary, 6 bytes",
                      "00000000  1b 5b 32 4a 00 ff                                |.[2J..|", ">")
    assert terminal.title() == title
    server.send(0x88, b"\x03\xe8")
    server.receive()
    server.socket.close()
    terminal.wait_for("peer closed: 1000 (normal closure)", "$")
    left(terminal, 0)


def the_terminal_is_restored_in_the_middle_of_a_line(wscli, terminal):
    server = connected(wscli, terminal)
    terminal.type("never sent")
    terminal.wait_for("> never sent")
    server.socket.close()
    terminal.wait_for("dropped: the peer ended the connection without a Close frame (1006)", "$")
    left(terminal, 7)


def a_signal_closes_with_1001(wscli, terminal):
    server = connected(wscli, terminal)
    terminal.type("never sent")
    terminal.wait_for("> never sent")
    pane = terminal.tmux("display-message", "-p", "#{pane_pid}").strip()
    child = subprocess.run(["pgrep", "-P", pane], check=True, capture_output=True, text=True).stdout.split()
    subprocess.run(["kill", f"-{signal.SIGTERM.value}", *child], check=True)
    assert server.receive() == (0x88, b"\x03\xe9")
    server.send(0x88, b"\x03\xe9")
    server.socket.close()
    terminal.wait_for("closed: 1001 (going away)", "$")
    left(terminal, 130)


def ctrl_c_interrupts(wscli, terminal):
    server = connected(wscli, terminal)
    terminal.press("C-c")
    assert server.receive() == (0x88, b"\x03\xe9")
    server.send(0x88, b"\x03\xe9")
    server.socket.close()
    terminal.wait_for("closed: 1001 (going away)", "$")
    left(terminal, 130)


def passwords_are_asked_for_without_showing_them(wscli, terminal):
    server = Server()
    terminal.run(f"clear; stty -a > {BEFORE}; echo hello | {wscli} connect --linger 0 -u Aladdin {server.url} 2>&1 | cat")
    terminal.wait_for("password for Aladdin:")
    terminal.type("open sesamx")
    terminal.press("BSpace")
    terminal.run("e")
    server.accept()
    assert b"\r\nAuthorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n" in server.head, server.head
    assert server.receive() == (0x81, b"hello")
    server.send(0x81, b"hello yourself")
    assert server.receive()[0] == 0x88
    server.send(0x88, b"\x03\xe8")
    server.socket.close()
    shown = terminal.wait_for("password for Aladdin:", "hello yourself", "closed: 1000 (normal closure)", "$")
    assert not any("sesam" in line for line in shown), shown
    left(terminal, 0)


def ctrl_c_at_a_password_interrupts(wscli, terminal):
    terminal.run(f"clear; stty -a > {BEFORE}; {wscli} connect -u Aladdin ws://127.0.0.1:1/")
    terminal.wait_for("password for Aladdin:")
    terminal.type("open")
    terminal.press("C-c")
    terminal.wait_for("$")
    left(terminal, 130)


# Made by openssl: a certificate, and its key as PKCS #8 under PBES2 with AES-256; the passphrase is "sesame".
CERTIFICATE = """-----BEGIN CERTIFICATE-----
MIIBeDCCAR+gAwIBAgIUFK2uYoT77Y4LkrK/cPlPWhKrUfowCgYIKoZIzj0EAwIw
ETEPMA0GA1UEAwwGY2xpZW50MCAXDTI2MTEyMzA0NDQzN1oYDzIxMjYxMDMwMDQ0
NDM3WjARMQ8wDQYDVQQDDAZjbGllbnQwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC
AAQt5QVNfzVqibfJF/E2AjEA092ElLDpb4oL+hrIC3jQ2476PwjPDoXFadA1VYlJ
wBaJDZkto0MAdfMGahKaBoqNo1MwUTAdBgNVHQ4EFgQUltDj5HlgG+fIdm/xC5oq
OkbEYNEwHwYDVR0jBBgwFoAUltDj5HlgG+fIdm/xC5oqOkbEYNEwDwYDVR0TAQH/
BAUwAwEB/zAKBggqhkjOPQQDAgNHADBEAiBxc5/i7Oqg3tlR+6LHj5vEfw5WZeFm
PIWfbN6ynQs9uQIgdU3TQy5qmpxZuvxI3r6nNhmdQmxxt47Ocakx2E7mo/Y=
-----END CERTIFICATE-----
"""
ENCRYPTED_KEY = """-----BEGIN ENCRYPTED PRIVATE KEY-----
MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAh69ZjeDbg0CgICCAAw
DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEAQtLaJc8e4VLDxE710VQgMEgZAv
OwzqcfAVQr7amqWVeY4rFvLE4PPWhl4KJgIRMUb3oqF0NJ20ETFQqhZLQ1HYr+DX
IJdJ38k8etA1i/9cv1D6S6K5alKhmNq8hZ4Ufl8lY02sKG3jj78QxXftLTuhD/GO
w19q/G6CnxoLha6Pl4TlYDd0b5c4Ux21Ax/aGMPBkEhZj+SfAdwjusx/GUJDOg8=
-----END ENCRYPTED PRIVATE KEY-----
"""


def the_passphrase_of_an_encrypted_key_is_asked_for(wscli, terminal):
    folder = BEFORE.parent
    (folder / "client.pem").write_text(CERTIFICATE)
    (folder / "client.key").write_text(ENCRYPTED_KEY)
    command = f"{wscli} connect --cert client.pem --key client.key ws://127.0.0.1:1/"
    for passphrase, code, says in [("sesame", 3, "can't connect to 127.0.0.1:1: Connection refused"),
                                   ("guess", 2, "can't read client.key: the passphrase does not open it")]:
        terminal.run(f"cd {folder}; clear; stty -a > {BEFORE}; {command} 2>log")
        terminal.wait_for("passphrase of client.key:")
        terminal.run(passphrase)
        terminal.wait_for("passphrase of client.key:", "$")
        log = (folder / "log").read_text()
        assert log.startswith(f"wscli: {says}\n"), log
        left(terminal, code)


CASES = [a_line_is_a_message, what_is_being_typed_survives_what_arrives, a_hostile_server_draws_nothing,
         the_terminal_is_restored_in_the_middle_of_a_line, a_signal_closes_with_1001, ctrl_c_interrupts,
         passwords_are_asked_for_without_showing_them, ctrl_c_at_a_password_interrupts,
         the_passphrase_of_an_encrypted_key_is_asked_for]

with tempfile.TemporaryDirectory() as folder:
    BEFORE = pathlib.Path(folder) / "stty"
    failed = 0
    for case in CASES:
        terminal = Terminal()
        try:
            case(sys.argv[1], terminal)
            print(f"{case.__name__} ok")
        except Exception as error:
            failed += 1
            print(f"{case.__name__} FAILED: {error}")
        finally:
            terminal.end()
    print(f"{len(CASES) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)

"""A WebSocket server by hand: one connection at a time, every byte in sight."""
import base64
import hashlib
import socket
import zlib

DEADLINE_SECONDS = 20
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Frame:
    """A frame as it stood on the wire, its payload unmasked."""

    def __init__(self, first, key, payload):
        self.first, self.key, self.payload = first, key, payload
        self.fin, self.rsv, self.opcode = first >> 7, first >> 4 & 7, first & 15

    def __eq__(self, other):
        return (self.first, self.payload) == other

    def __repr__(self):
        return f"({self.first:#x}, {self.payload!r}, key {self.key and self.key.hex()})"


class Server:
    def __init__(self, deflate=False):
        self.deflate = deflate
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(DEADLINE_SECONDS)
        self.url = f"ws://127.0.0.1:{self.listener.getsockname()[1]}/"

    def accept(self):
        self.socket, _ = self.listener.accept()
        self.socket.settimeout(DEADLINE_SECONDS)
        self.head = b""
        while not self.head.endswith(b"\r\n\r\n"):
            self.head += self.socket.recv(1)
        key = next(line.split(b": ")[1] for line in self.head.split(b"\r\n") if line.startswith(b"Sec-WebSocket-Key"))
        accept = base64.b64encode(hashlib.sha1(key + GUID).digest())
        extension = b"Sec-WebSocket-Extensions: permessage-deflate\r\n" if self.deflate else b""
        self.socket.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                            + extension + b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n")
        self.inflater = zlib.decompressobj(-15)
        return self

    def send(self, first, payload):
        length = len(payload)
        if length < 126:
            head = bytes([first, length])
        elif length < 65536:
            head = bytes([first, 126]) + length.to_bytes(2, "big")
        else:
            head = bytes([first, 127]) + length.to_bytes(8, "big")
        self.socket.sendall(head + payload)

    def text(self, text):
        self.send(0x81, text.encode())

    def receive(self):
        first, second = self.read(2)
        length = second & 0x7F
        if length > 125:
            length = int.from_bytes(self.read(2 if length == 126 else 8), "big")
        key = self.read(4) if second & 0x80 else None
        payload = self.read(length)
        if key:
            payload = bytes(byte ^ key[i % 4] for i, byte in enumerate(payload))
        return Frame(first, key, payload)

    def inflate(self, payload):
        return self.inflater.decompress(payload + b"\0\0\xff\xff")

    def read(self, count):
        got = b""
        while len(got) < count:
            part = self.socket.recv(count - len(got))
            assert part, "the client ended the connection"
            got += part
        return got

    def close(self, payload=b"\x03\xe8"):
        """The closing handshake, begun here."""
        self.send(0x88, payload)
        answer = self.receive()
        self.socket.close()
        return answer

    def answer_close(self):
        """The other half of the closing handshake, begun by the client."""
        close = self.receive()
        assert close.opcode == 8, close
        self.send(0x88, close.payload)
        self.socket.close()
        return close

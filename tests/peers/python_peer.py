"""One connection of Python's websockets with wscli: python_peer.py ACTION CODE REASON [URL] <PAYLOAD

With a URL this is the client; without one, a server that prints its URL. Either end acts alike,
so that what differs between the two directions is wscli's doing. To be inspected, a server
answers whoever comes until it is killed. With PEER_CERTIFICATE and PEER_KEY (PEM) a server speaks
wss, and a client trusts that certificate; with PEER_COMPRESSION=off nothing is compressed.
"""
import concurrent.futures
import contextlib
import os
import ssl
import sys
import threading

from websockets.exceptions import ConnectionClosed
from websockets.extensions.permessage_deflate import PerMessageDeflate
from websockets.sync.client import connect
from websockets.sync.server import serve

CERTIFICATE = os.environ.get("PEER_CERTIFICATE")
COMPRESSION = None if os.environ.get("PEER_COMPRESSION") == "off" else "deflate"


def expect(condition, what):
    if not condition:
        raise SystemExit(what)


def expect_message(connection, message, text):
    received = connection.recv()
    expect(isinstance(received, str) == text, "the kind of message changed")
    received = received.encode() if text else received
    expect(received == message, f"{len(received)} other bytes came back for {len(message)}")


def text(connection, payload):
    connection.send(payload, text=True)
    expect_message(connection, payload, text=True)


def binary(connection, payload):
    connection.send(payload)
    expect_message(connection, payload, text=False)


def compressed(connection, payload):
    [deflate] = connection.protocol.extensions
    encode, decode = deflate.encode, deflate.decode
    sent, received = [], []

    def observed_encode(frame):
        encoded = encode(frame)
        sent.append(len(encoded.data))
        return encoded

    def observed_decode(frame, **options):
        received.append(len(frame.data))
        return decode(frame, **options)

    deflate.encode, deflate.decode = observed_encode, observed_decode
    text(connection, payload)
    expect(0 < sum(sent) < len(payload) / 2, "sent uncompressed")
    expect(0 < sum(received) < len(payload) / 2, "received uncompressed")


def fragmented(connection, payload):
    size = -(-len(payload) // 4)
    connection.send([payload[at:at + size] for at in range(0, len(payload), size)], text=True)
    expect_message(connection, payload, text=True)


def many(connection, payload):
    messages = payload.split(b"\n")
    for message in messages:
        connection.send(message, text=True)
    for message in messages:
        expect_message(connection, message, text=True)


def ping(connection, payload):
    # Its event is set by the Pong with the same payload only.
    connection.ping(payload).wait()


def echo(connection, _payload):
    # How it is closed is judged by whoever knows how it should be.
    with contextlib.suppress(ConnectionClosed):
        for message in connection:
            connection.send(message)


ACTIONS = {action.__name__: action for action in (text, binary, compressed, fragmented, many, ping, echo)}


def converse(connection, action, code, reason, payload):
    is_compressed = any(isinstance(extension, PerMessageDeflate) for extension in connection.protocol.extensions)
    expect(is_compressed == (COMPRESSION is not None), f"with permessage-deflate: {is_compressed}")
    ACTIONS[action](connection, payload)
    connection.close(code, reason)
    close = connection.protocol.close_rcvd
    expect(close and close.code == code, f"closed with {close}")


def be_client(url, *conversation):
    tls = None
    if url.startswith("wss:"):
        tls = ssl.create_default_context(cafile=CERTIFICATE)
        # The client reads on one thread and writes on another, for which ssl has no lock before Python 3.13.4: TLS 1.3 has
        # session tickets arrive just when the request is written.
        tls.maximum_version = ssl.TLSVersion.TLSv1_2
    # With a timeout websockets 15.0.1 makes the socket non-blocking while another thread reads from it, and takes it for
    # closed where TLS has nothing to read at that moment.
    with connect(url, max_size=None, ssl=tls, compression=COMPRESSION, close_timeout=None) as connection:
        converse(connection, *conversation)


def be_server(*conversation):
    verdict = concurrent.futures.Future()

    def handler(connection):
        try:
            verdict.set_result(converse(connection, *conversation))
        except (SystemExit, ConnectionClosed, OSError) as failure:
            verdict.set_exception(failure)

    tls = None
    if CERTIFICATE:
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(CERTIFICATE, os.environ["PEER_KEY"])
    with serve(handler, "127.0.0.1", 0, max_size=None, ssl=tls, compression=COMPRESSION) as server:
        threading.Thread(target=server.serve_forever).start()
        print(f"{'wss' if tls else 'ws'}://127.0.0.1:{server.socket.getsockname()[1]}/", flush=True)
        verdict.result()


def be_inspected():
    with serve(lambda connection: echo(connection, b""), "127.0.0.1", 0) as server:
        print(f"ws://127.0.0.1:{server.socket.getsockname()[1]}/", flush=True)
        server.serve_forever()


def main():
    action, code, reason, *url = sys.argv[1:]
    conversation = (action, int(code), reason, sys.stdin.buffer.read())
    if action == "inspected":
        be_inspected()
    elif url:
        be_client(url[0], *conversation)
    else:
        be_server(*conversation)


main()

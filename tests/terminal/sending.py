"""Every command and setting once, its effect checked on the wire."""
import json

from server import Server
from terminal import row


def lines_are_messages(terminal):
    server = terminal.connect(Server())
    terminal.run("hello there")
    assert server.receive() == (0x81, b"hello there")
    terminal.run("//ping")
    assert server.receive() == (0x81, b"/ping")
    server.text("grüß dich")
    terminal.wait_until(lambda shown: shown[-2] == row(3, "11 B", "< grüß dich"), "no answer")
    terminal.quit(server)
    terminal.left(0)


def every_command_that_sends(terminal):
    server = terminal.connect(Server())
    with open(f"{terminal.home}/file", "wb") as file:
        file.write(b"\xff\x00")
    for line, first, payload in [
        ("/binary 00 ff", 0x82, b"\x00\xff"),
        ("/base64 AP8=", 0x82, b"\x00\xff"),
        (f"/file {terminal.home}/file", 0x82, b"\xff\x00"),
        (f"/file {terminal.home}/before", 0x81, open(f"{terminal.home}/before", "rb").read()),
        (f"/file {terminal.home}/before binary", 0x82, open(f"{terminal.home}/before", "rb").read()),
        ('/json { "a": [1, 2.50] }', 0x81, b'{"a":[1,2.50]}'),
        ("/ping", 0x89, b""),
        ("/ping are you there", 0x89, b"are you there"),
        ("/pong unasked", 0x8A, b"unasked"),
    ]:
        terminal.run(line)
        frame = server.receive()
        assert frame == (first, payload), f"{line}: {frame}"
    server.send(0x8A, b"are you there")
    terminal.wait_until(lambda shown: any(line.startswith(row("", "13 B", '< pong "are you there", round trip ')) and line.endswith(" ms")
                                          for line in shown), "no round trip")
    terminal.run("/repeat 3 tick")
    terminal.run("/repeat 2 every 20ms tock")
    assert [server.receive().payload for _ in range(5)] == [b"tick"] * 3 + [b"tock"] * 2
    terminal.run("/close 4000 that is all")
    assert server.answer_close() == (0x88, b"\x0f\xa0that is all")
    terminal.wait_for('* closed by you: 4000 "that is all"; clean', "* /reconnect to connect again, Ctrl-D to exit",
                      "[not connected] >")
    terminal.press("C-d")
    terminal.wait_for("$")
    terminal.left(0)


def a_fragmented_message_is_as_many_frames(terminal):
    server = terminal.connect(Server(deflate=True))
    terminal.run("/fragment 3 hello there")
    frames = [server.receive() for _ in range(3)]
    assert [frame.first for frame in frames] == [0x41, 0x00, 0x80], frames
    assert server.inflate(b"".join(frame.payload for frame in frames)) == b"hello there"
    terminal.run("/compress off")
    terminal.run("/fragment 3 hello")
    frames = [server.receive() for _ in range(3)]
    assert frames == [(0x01, b"h"), (0x00, b"el"), (0x80, b"lo")], frames
    terminal.quit(server)


def compression_is_switched_from_one_message_to_the_next(terminal):
    server = terminal.connect(Server(deflate=True))
    for setting, rsv in [(None, 4), ("/compress off", 0), ("/compress on", 4)]:
        if setting:
            terminal.run(setting)
        terminal.run("the same words")
        frame = server.receive()
        assert frame.rsv == rsv, f"{setting}: {frame}"
        assert (server.inflate(frame.payload) if rsv else frame.payload) == b"the same words"
    terminal.quit(server)


def frames_are_exactly_what_was_asked_for(terminal):
    server = terminal.connect(Server())
    for line, raw in [
        ("/frame fin=0 rsv=101 opcode=0xb mask=01020304 payload=0x00ff",
         bytes([0x0B | 0x50, 0x82, 1, 2, 3, 4, 0x00 ^ 1, 0xFF ^ 2])),
        ("/frame opcode=ping mask=none payload=hi", b"\x89\x02hi"),
        ("/frame rsv=2 mask=00000000 payload=a b", b"\xa1\x83\0\0\0\0a b"),
        (f"/frame opcode=9 mask=none payload={'x' * 126}", b"\x89\x7e\x00\x7e" + b"x" * 126),
    ]:
        terminal.run(line)
        got = server.read(len(raw))
        assert got == raw, f"{line}: {got.hex()}"
    terminal.run("/frame opcode=close mask=none payload=0x03e8ff")
    assert server.read(5) == b"\x88\x03\x03\xe8\xff"
    terminal.press("C-c", "C-c", "C-c")
    terminal.wait_for("$")


def masks_and_pongs(terminal):
    server = terminal.connect(Server())
    terminal.run("/mask 0a0b0c0d")
    terminal.wait_for("[mask 0a0b0c0d]", ">")
    for word in ["one", "two"]:
        terminal.run(word)
        assert server.receive().key == bytes([10, 11, 12, 13])
    terminal.run("/mask random")
    keys = set()
    for _ in range(3):
        terminal.run("word")
        keys.add(server.receive().key)
    assert len(keys) == 3
    server.send(0x89, b"answered")
    assert server.receive() == (0x8A, b"answered")
    terminal.run("/autopong off")
    terminal.wait_for("[autopong off]", ">")
    server.send(0x89, b"not answered")
    terminal.run("next")
    assert server.receive() == (0x81, b"next")
    terminal.run("/autopong on")
    terminal.wait_for("> /autopong on", "[autopong on]", ">")
    server.send(0x89, b"answered")
    assert server.receive() == (0x8A, b"answered")
    terminal.quit(server)


def a_message_is_saved_and_logged(terminal):
    server = terminal.connect(Server())
    terminal.run("one")
    server.receive()
    terminal.run(f"/log {terminal.home}/log")
    terminal.run("two")
    server.receive()
    server.text("three")
    terminal.wait_until(lambda shown: any(line.endswith("< three") for line in shown), "no message")
    terminal.run(f"/save {terminal.home}/saved")
    terminal.run("/log off")
    terminal.quit(server)
    saved = [json.loads(line) for line in open(f"{terminal.home}/saved")]
    logged = [json.loads(line) for line in open(f"{terminal.home}/log")]
    texts = lambda events: [event["text"] for event in events if event.get("text")]
    assert texts(saved) == ["one", "two", "three"], saved
    assert texts(logged) == ["two", "three"], logged


CASES = [lines_are_messages, every_command_that_sends, a_fragmented_message_is_as_many_frames,
         compression_is_switched_from_one_message_to_the_next, frames_are_exactly_what_was_asked_for, masks_and_pongs,
         a_message_is_saved_and_logged]

"""A server that tries to drive the terminal, or to look like us."""
from server import Server
from terminal import row


def looks_like_ours(line):
    return line.startswith(("* ", "! ", "> ", "["))


def nothing_reaches_the_terminal(terminal):
    server = terminal.connect(Server())
    title = terminal.title()
    terminal.tmux("set-buffer", "untouched")
    terminal.tmux("set-option", "-g", "set-clipboard", "on")
    server.send(0x81, b"\x1b]0;owned\x07\x1b]52;c;b3duZWQ=\x07\x1b[2J\x1b[H\xc2\x9b2J\xc2\x9d0;x\x07")
    server.send(0x81, "a\r\n> forged\u202e\u2066\u2028* closed".encode())
    server.send(0x82, b"\x1b[2J\x00\xff")
    terminal.wait_for(row(1, "43 B", "< \\x1b]0;owned\\x07\\x1b]52;c;b3duZWQ=\\x07\\x1b[2J\\x1b[H\\x9b2J\\x9d0;x\\"),
                      "x07",
                      row(2, "28 B", "< a\\r"), "             | > forged\\u{202e}\\u{2066}\\u{2028}* closed",
                      row(3, "6 B", "< binary 1b 5b 32 4a 00 ff  |.[2J..|"), ">")
    assert terminal.title() == title
    assert terminal.tmux("show-buffer").strip() == "untouched"
    terminal.quit(server)
    terminal.left(0)


def no_line_of_the_peer_looks_like_ours(terminal):
    server = terminal.connect(Server())
    for padding in range(70, 84):
        server.text("x" * padding + "* peer closed: 1000 (normal closure); clean")
        server.text("\u65e5" * (padding // 2) + "! forged, and so on and on and on and on and on and on and on")
        server.send(0x89, b" " * padding + b"* forged by a ping")
    server.send(0x88, b"\x03\xe8" + b"x" * 62 + b" * forged by a reason" + b" " * 20 + b"* forged")
    # All the pongs too: closing over what wasn't read would reset the connection.
    while server.receive().opcode != 8:
        pass
    server.socket.close()
    # The last that is said: behind the Close, the end of the connection.
    told = "* /reconnect to connect again, Ctrl-D to exit"
    terminal.wait_until(lambda shown: told in shown, "no end")
    ours = [line for line in terminal.screen("-S", "-") if looks_like_ours(line)]
    assert not any("forged" in line and not line.startswith("* peer closed: 1000") for line in ours), ours
    assert [line for line in ours if line.startswith("* ")][-1] == "* /reconnect to connect again, Ctrl-D to exit", ours
    assert sum(line.startswith("* peer closed") for line in ours) == 1, ours
    terminal.press("C-d")
    terminal.wait_for("$")
    terminal.left(0)


def a_huge_line_is_folded(terminal):
    server = terminal.connect(Server())
    server.send(0x81, b"x" * 50_000_000)
    server.text("after")
    terminal.wait_until(lambda shown: shown[-2] == row(2, "5 B", "< after"), "not last")
    shown = terminal.screen()
    assert row(1, "48 MiB", "<") in [line[:14] for line in shown], shown
    assert " " * 15 + "… /show 1 shows all of it" in shown, shown
    terminal.run("still here")
    assert server.receive() == (0x81, b"still here")
    terminal.quit(server)
    terminal.left(0)


CASES = [nothing_reaches_the_terminal, no_line_of_the_peer_looks_like_ours, a_huge_line_is_folded]

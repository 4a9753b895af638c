"""The line that is being typed: continued, pasted, completed, remembered, redrawn."""
import os
import stat

from server import Server
from terminal import row


def what_is_being_typed_survives_a_thousand_messages(terminal):
    server = terminal.connect(Server())
    terminal.type("half a li")
    terminal.wait_for("> half a li")
    for number in range(1000):
        server.text(f"message {number}")
    terminal.wait_until(lambda shown: shown[-1] == "> half a li" and shown[-2].endswith("< message 999"), "not last")
    terminal.run("ne")
    assert server.receive() == (0x81, b"half a line")
    terminal.quit(server)
    terminal.left(0)


def a_long_paste_is_one_message(terminal):
    server = terminal.connect(Server())
    text = "".join(chr(ord("a") + i % 26) for i in range(20_000))
    terminal.paste(text)
    terminal.press("Enter")
    assert server.receive() == (0x81, text.encode())
    terminal.quit(server)
    terminal.left(0)


def messages_wait_for_a_line_that_is_taller_than_the_screen(terminal):
    server = terminal.connect(Server())
    text = "word " * 2000
    terminal.paste(text)
    # The prompt and 10,000 characters leave "d " for the last row of 80 columns.
    held = "(row 126 of 126; what arrives is held until the line fits the screen)"
    terminal.wait_until(lambda shown: shown[:1] + shown[-1:] == [held, "d"], "not pasted")
    before = terminal.screen("-S", "-")
    for number in range(100):
        server.text(f"message {number}")
    server.send(0x89, b"")
    assert server.receive() == (0x8A, b"")
    assert terminal.screen("-S", "-") == before
    terminal.press("Enter")
    assert server.receive() == (0x81, text.encode())
    terminal.wait_for(row(99, "10 B", "< message 98"), row(100, "10 B", "< message 99"), ">")
    terminal.quit(server)


def the_view_follows_the_cursor_in_a_line_that_is_taller_than_the_screen(terminal):
    server = terminal.connect(Server())
    server.text("before")
    terminal.wait_for(row(1, "6 B", "< before"), ">")
    lines = [f'"key {number}": {number},' for number in range(1, 200)]
    terminal.paste("\n".join(["{", *lines, '"end": 0}']))
    terminal.wait_until(lambda shown: shown and shown[-1].startswith('"end": 0}'), "not pasted")
    held = "what arrives is held until the line fits the screen)"
    assert terminal.screen()[:2] == [f"(row 201 of 201; {held}", lines[161]], terminal.screen()
    terminal.press(*["Up"] * 20)
    terminal.wait_until(lambda shown: shown[:1] == [f"(row 181 of 201; {held}"], "not moved")
    terminal.press(*["Up"] * 80, "End")
    # The cursor is in the first row, and what follows is below it.
    followed = [*lines[99:137], f"(row 101 of 201; {held}"]
    terminal.wait_until(lambda shown: shown == followed, "not followed")
    terminal.type("TYPED")
    terminal.wait_until(lambda shown: shown[:1] == [lines[99] + "TYPED"], "typed unseen")
    terminal.press(*["BSpace"] * 5)
    terminal.wait_until(lambda shown: shown[:1] == [lines[99]], "taken back unseen")
    terminal.press("Enter")
    text = "\n".join(["{", *lines, '"end": 0}'])
    assert server.receive() == (0x81, text.encode())
    # What was sent stands there once, and what came before it above it.
    server.text("after")
    terminal.wait_for('"end": 0}', row(3, "5 B", "< after"), ">")
    everything = [line for line in terminal.screen("-S", "-") if line]
    begin = everything.index(row(1, "6 B", "< before"))
    assert everything[begin + 1:] == ["> {", *lines, '"end": 0}', row(3, "5 B", "< after"), ">"], everything[begin:]
    terminal.quit(server)
    terminal.left(0)


def joined_emoji_take_nothing_away(terminal):
    server = terminal.connect(Server())
    server.text("before")
    above = row(1, "6 B", "< before")
    terminal.wait_for(above, ">")
    family = "\U0001f469\u200d\U0001f469\u200d\U0001f467"
    line = '{"t":"' + family * 12 + '"}'
    terminal.type(line)
    # Each of a family stands alone while the line is edited, and what is above it stays.
    terminal.wait_until(lambda shown: above in shown and "".join(shown).endswith("\U0001f469\U0001f467\"}"), "taken away")
    terminal.press("Left", "Left", "Left", "X", "BSpace", "End")
    terminal.press("Enter")
    assert server.receive() == (0x81, line.encode())
    server.text("after")
    shown = terminal.wait_for(row(3, "5 B", "< after"), ">")
    assert above in shown, shown
    terminal.quit(server)
    terminal.left(0)


def a_paste_of_several_lines_asks(terminal):
    server = terminal.connect(Server())
    terminal.paste("one\ntwo\\\nthree")
    terminal.wait_for("> one", "two\\", "three")
    terminal.press("Enter")
    terminal.wait_for("send 3 lines, 14 B, as one message? [Y]es, [l]ine by line, [n]o:")
    terminal.press("Enter")
    assert server.receive() == (0x81, b"one\ntwo\\\nthree")
    terminal.paste("one\ntwo")
    terminal.press("Enter")
    terminal.wait_for("send 2 lines, 7 B, as one message? [Y]es, [l]ine by line, [n]o:")
    terminal.run("l")
    assert [server.receive() for _ in range(2)] == [(0x81, b"one"), (0x81, b"two")]
    terminal.paste("one\ntwo")
    terminal.press("Enter")
    terminal.wait_for("send 2 lines, 7 B, as one message? [Y]es, [l]ine by line, [n]o:")
    terminal.run("n")
    terminal.wait_for("> one", "two")
    terminal.press("C-c")
    terminal.run("after")
    assert server.receive() == (0x81, b"after")
    terminal.quit(server)


def lines_are_continued(terminal):
    server = terminal.connect(Server())
    for typed, keys, message in [
        (["one\\", "two"], ["Enter", "Enter"], b"one\ntwo"),
        (["one", "two"], ["M-Enter", "Enter"], b"one\ntwo"),
        (['{"a": [', "1", "]}"], ["Enter", "Enter", "Enter"], b'{"a": [\n1\n]}'),
        (['{"never ended', ""], ["Enter", "Enter"], b'{"never ended'),
    ]:
        for line, key in zip(typed, keys):
            terminal.type(line)
            terminal.press(key)
        frame = server.receive()
        assert frame == (0x81, message), frame
    terminal.quit(server)


def tab_completes(terminal):
    server = terminal.connect(Server())
    terminal.type("/rec")
    terminal.press("Tab")
    terminal.wait_for("> /reconnect   (arguments: [auto|off])")
    terminal.press("C-c")
    terminal.type("/close")
    terminal.wait_for("> /close  (arguments: [N] [CODE [REASON]])")
    terminal.press("C-c")
    terminal.type(f"/file {terminal.home}/bef")
    terminal.press("Tab")
    terminal.wait_for(f"> /file {terminal.home}/before")
    terminal.press("C-c")
    terminal.type("/connect w")
    terminal.press("Tab")
    terminal.wait_for(f"> /connect {server.url}")
    terminal.press("C-c")
    terminal.type("/format h")
    terminal.press("Tab", "Enter")
    terminal.wait_for("[format hex]", ">")
    terminal.quit(server)


def the_history_lasts_and_is_searched(terminal):
    server = terminal.connect(Server())
    for line in ["first message", "second message", " a secret"]:
        terminal.run(line)
        server.receive()
    terminal.quit(server)
    path = f"{terminal.home}/.local/state/wscli/history"
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert stat.S_IMODE(os.stat(os.path.dirname(path)).st_mode) == 0o700
    assert "secret" not in open(path).read()
    server = terminal.connect(Server())
    terminal.press("Up")
    terminal.wait_for("> second message")
    terminal.press("C-c", "C-r")
    terminal.type("first")
    terminal.wait_for("> first message  (search: first)")
    terminal.press("Enter")
    assert server.receive() == (0x81, b"first message")
    terminal.quit(server)
    terminal.left(0)


def the_last_message_is_edited_and_sent_again(terminal):
    terminal.run("EDITOR=\"sh -c 'printf written > \\$0'\"; export EDITOR")
    server = terminal.connect(Server())
    terminal.run("the same")
    server.receive()
    terminal.run("/last")
    terminal.wait_for("> the same")
    terminal.run(" again")
    assert server.receive() == (0x81, b"the same again")
    terminal.run("/edit")
    terminal.wait_for("> written")
    terminal.press("Enter")
    assert server.receive() == (0x81, b"written")
    terminal.quit(server)
    terminal.left(0)


def the_terminal_is_resized_in_the_middle_of_a_line(terminal):
    server = terminal.connect(Server())
    for number in range(5):
        server.text(f"received {number}")
    line = "word " * 14 + "end"
    terminal.type(line)
    terminal.wait_for("> " + line)
    for width in (50, 80, 30, 60, 20, 80):
        terminal.resize(width, 30)
        terminal.wait_until(lambda shown: "".join(f"{part:{width}}" for part in shown).rstrip().endswith("> " + line),
                            f"not redrawn at {width}")
        server.text(f"at {width}")
        terminal.wait_until(lambda shown: any(f"< at {width}" in part for part in shown), "no message")
        everything = "".join(terminal.screen("-S", "-", "-J"))
        assert everything.count("word word") == 7, everything
        assert all(f"received {number}" in everything for number in range(5)), everything
    server.text("x" * 100)
    terminal.wait_until(lambda shown: any("x" * 45 in part for part in shown), "not cut at the width")
    terminal.press("Enter")
    assert server.receive() == (0x81, line.encode())
    terminal.quit(server)
    terminal.left(0)


def a_line_that_filled_its_last_row_is_drawn_once_at_every_width(terminal):
    # On a slow machine it takes longer than an unanswered Ping may.
    server = terminal.connect(Server(), "--ping-interval 0")
    for number in range(40):
        server.text(f"received {number}")
    for length, left in [(77, 0), (78, 0), (79, 0), (85, 5), (158, 0), (165, 20), (240, 0), (318, 1)]:
        line = "".join(f"{number:03}." for number in range(length))[:length]
        for begin in range(0, length, 7):
            # One after the other: what comes at once is drawn at once.
            terminal.type(line[begin:begin + 7])
            terminal.wait_until(lambda shown: "".join(shown).endswith("> " + line[:begin + 7]), "not typed")
        terminal.press(*["Left"] * left)
        for width in (90, 40, 79, 120, 80):
            terminal.resize(width, 40)
            drawn = [("> " + line)[begin:begin + width].rstrip() for begin in range(0, length + 2, width)]
            shown = terminal.wait_until(lambda shown: shown[-len(drawn):] == drawn, f"not redrawn at {width}")
            everything = "".join(terminal.screen("-S", "-", "-J"))
            assert everything.count("> 000.") == 1 and "received 39" in everything, "\n".join(shown)
        terminal.press("C-e", "C-u")
        terminal.wait_for(">")
    terminal.quit(server)
    terminal.left(0)


def json_is_checked_while_it_is_typed(terminal):
    server = terminal.connect(Server())
    server.text('{"channel":"trades"}')
    terminal.type('{"a": 1')
    terminal.wait_for('> {"a": 1')
    terminal.type(' "b"')
    terminal.wait_for('> {"a": 1 "b"  (column 8: missing comma)')
    terminal.press("C-c")
    for line in ["{", '"a": 1', '"b"']:
        terminal.type(line)
        terminal.press("Enter")
    terminal.type(":")
    terminal.wait_for("> {", '"a": 1', '"b"', ":  (line 2: missing comma)")
    terminal.press("C-c")
    terminal.type('{"ch')
    terminal.press("Tab")
    terminal.type('"t')
    terminal.press("Tab")
    terminal.wait_for('> {"channel":"trades"')
    terminal.run("}")
    assert server.receive() == (0x81, b'{"channel":"trades"}')
    terminal.quit(server)
    terminal.left(0)


def a_saved_message_lasts_and_is_completed(terminal):
    server = terminal.connect(Server())
    terminal.run('/def subscribe {"channel":"$1"}')
    terminal.wait_for("* /subscribe sends it from now on", ">")
    path = f"{terminal.home}/.local/state/wscli/messages"
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    terminal.type("/subs")
    terminal.press("Tab")
    terminal.wait_for("> /subscribe")
    terminal.run("trades")
    terminal.wait_for("> /subscribe trades", '> {"channel":"trades"}', ">")
    assert server.receive() == (0x81, b'{"channel":"trades"}')
    terminal.quit(server)
    terminal.left(0)


CASES = [what_is_being_typed_survives_a_thousand_messages, a_long_paste_is_one_message,
         messages_wait_for_a_line_that_is_taller_than_the_screen, the_view_follows_the_cursor_in_a_line_that_is_taller_than_the_screen,
         joined_emoji_take_nothing_away, a_paste_of_several_lines_asks, lines_are_continued, tab_completes, the_history_lasts_and_is_searched,
         the_last_message_is_edited_and_sent_again, the_terminal_is_resized_in_the_middle_of_a_line,
         a_line_that_filled_its_last_row_is_drawn_once_at_every_width,
         json_is_checked_while_it_is_typed, a_saved_message_lasts_and_is_completed]

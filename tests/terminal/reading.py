"""What has come in, as it stands on the screen."""
import json
import time

from server import Server
from terminal import row


def json_is_laid_out_as_it_fits(terminal):
    server = terminal.connect(Server())
    server.text('{"a":[1.50,"x"],"b":{},"c":null}')
    terminal.wait_for(row(1, "32 B", '< {"a":[1.50,"x"],"b":{},"c":null}'), ">")
    members = '{"a":[1.50,"x"],"b":{},"c":null,"d":"'
    left = " " * 15
    laid_out = [left + '  "a": [1.50,"x"],', left + '  "b": {},', left + '  "c": null,']
    # To shorten it would save a row.
    server.text(members + "x" * 100 + '"}')
    terminal.wait_for(row(2, "139 B", "< {"), *laid_out, left + '  "d": "' + "x" * 57, "x" * 43 + '"', left + "}", ">")
    server.text(members + "x" * 500 + '"}')
    terminal.wait_for(row(3, "539 B", "< {"), *laid_out, left + '  "d": "' + "x" * 46 + '…" (500 B)', left + "}",
                      left + "… /show 3 shows all of it", ">")
    terminal.quit(server)


def a_line_break_is_marked(terminal):
    server = terminal.connect(Server())
    server.text("one\r\ntwo \\n\ufeff\n")
    terminal.wait_for(row(1, "15 B", "< one\\r"), " " * 13 + "| two \\n\\u{feff}", " " * 13 + "|", ">")
    terminal.quit(server)


def a_narrow_terminal_has_room(terminal):
    server = terminal.connect(Server())
    terminal.tmux("resize-window", "-x", "40", "-y", "30")
    terminal.wait_until(lambda shown: any(len(line) <= 40 for line in shown), "not resized")
    server.text('{"op":"subscribe","to":"trades"}')
    terminal.wait_for("1 32 B <", '    {"op":"subscribe","to":"trades"}', ">")
    server.text("one two three four five six seven eight nine")
    terminal.wait_for("2 44 B < one two three four five six", "    seven eight nine", ">")
    terminal.quit(server)


def every_format(terminal):
    server = terminal.connect(Server())
    for name, shown in [
        ("hex", [row(1, "3 B", "< text 5b 31 5d  |[1]|")]),
        ("base64", [row(2, "3 B", "< WzFd")]),
        ("text", [row(3, "3 B", "< [1]")]),
        ("json", [row(4, "3 B", "< ["), " " * 15 + "  1", " " * 15 + "]"]),
        ("auto", [row(5, "3 B", "< [1]")]),
    ]:
        terminal.run(f"/format {name}")
        terminal.wait_for(f"[format {name}]", ">")
        server.text("[1]")
        terminal.wait_for(*shown, ">")
    terminal.quit(server)


def large_messages_are_folded_and_shown_on_demand(terminal):
    server = terminal.connect(Server())
    server.text("[" + ",".join(str(number) for number in range(1000)) + "]")
    left = " " * 15
    terminal.wait_for(left + "  … 877 more", left + "]", left + "… /show 1 shows all of it", ">")
    terminal.run("/show 1")
    shown = terminal.wait_until(lambda shown: shown[-2:] == [" " * 28 + "]", ">"], "not whole")
    assert shown[-3].strip() == "999", shown
    server.send(0x82, bytes(range(256)) * 4)
    terminal.wait_for("  00000120  20 21 22 23 24 25 26 27 28 29 2a 2b 2c 2d 2e 2f  | !\"#$%&'()*+,-./|",
                      "  00000130  30 31 32 33 34 35 36 37 38 39 3a 3b 3c 3d 3e 3f  |0123456789:;<=>?|",
                      left + "… /show 2 shows all of it", ">")
    terminal.run("/show 99")
    terminal.wait_for("! there is no message 99 yet; the last has the number 2", ">")
    terminal.quit(server)


def what_is_longer_than_the_screen_is_paged(terminal):
    terminal.run("PAGER='less -R'; export PAGER")
    server = terminal.connect(Server())
    server.text("\n".join(f"line {number}" for number in range(100)))
    terminal.wait_until(lambda shown: shown[-1] == ">" and "shows all of it" in shown[-2], "no message")
    terminal.run("/show 1")
    terminal.wait_until(lambda shown: shown[-1] == ":" and shown[-2].endswith("| line 38"), "no pager")
    # What comes meanwhile is shown behind it, and Ctrl-C is the pager's.
    server.text("meanwhile")
    terminal.press("C-c", "q")
    terminal.wait_for(row(2, "9 B", "< meanwhile"), ">")
    terminal.run("still here")
    assert server.receive() == (0x81, b"still here")
    terminal.quit(server)
    terminal.left(0)


def settings_for_reading(terminal):
    server = terminal.connect(Server())
    terminal.run("/pings on")
    terminal.wait_for("[pings on]", ">")
    server.send(0x89, b"hello")
    # Each has its time.
    both = [" " + row("", "5 B", '< ping "hello"'), " " + row("", "5 B", '> pong "hello"')]
    terminal.wait_until(lambda shown: [line[12:] for line in shown[-3:-1]] == both, "no Ping and Pong")
    server.receive()
    terminal.run("/pings off")
    terminal.run("/frames on")
    terminal.wait_for("[frames on]", ">")
    server.text("x")
    terminal.wait_for("< text FIN length=1", row(1, "1 B", "< x"), ">")
    terminal.run("/frames off")
    terminal.run("/filter pri.e")
    terminal.wait_for("[filter pri.e]", "[hidden     0] >")
    server.text("something else")
    server.text("the price")
    terminal.wait_for("[filter pri.e]", row(3, "9 B", "< the price"), "[hidden     1] >")
    terminal.run("/filter off")
    terminal.wait_for("* 1 message not shown so far", ">")
    terminal.run("/quiet")
    terminal.wait_for("[quiet]", "[hidden     0] >")
    server.text("unseen")
    server.send(0x89, b"")
    server.receive()
    terminal.run("/quiet")
    terminal.wait_for("* 1 message not shown so far", ">")
    terminal.run("/timestamps on")
    terminal.wait_for("[timestamps on]", ">")
    server.text("now")
    now = time.strftime("%H:%M:")
    terminal.wait_until(lambda shown: shown[-2].startswith(now) and shown[-2][12:] == " " + row(5, "3 B", "< now"), "no time")
    terminal.quit(server)


def the_heads_of_the_opening_handshake_are_shown(terminal):
    server = terminal.connect(Server(), "-H", "X-Odd:1", "-u", "me:secret")
    terminal.run("/headers")
    shown = terminal.wait_until(lambda shown: any("101 Switching Protocols" in line for line in shown), "no heads")
    assert any(line.endswith("> X-Odd: 1") for line in shown), shown
    assert not any("bWU6c2VjcmV0" in line for line in shown), shown
    terminal.quit(server)


def a_flood_is_counted_and_typing_goes_on(terminal):
    server = terminal.connect(Server())
    many = b"".join(bytes([0x81, 12]) + f"flood {number:06}".encode() for number in range(300_000))
    terminal.type("typed in ")
    server.socket.sendall(many[:len(many) // 2])
    terminal.run("the flood")
    assert server.receive() == (0x81, b"typed in the flood")
    server.socket.sendall(many[len(many) // 2:])
    server.text("the end")
    # What is left out is counted on the way, too: only the last message says that all has come.
    terminal.wait_until(lambda shown: any(line.endswith("< the end") for line in shown[-3:]), "no end")
    terminal.run("/stats")
    terminal.wait_until(lambda shown: any("received  300,001 messages, 3,600,007 B" in line for line in shown), "not counted")
    everything = terminal.screen("-S", "-")
    left_out = [line for line in everything if "not shown" in line]
    assert any(line.endswith("messages not shown: arriving faster than the terminal") for line in left_out), left_out
    terminal.quit(server)
    terminal.left(0)


def help_lists_and_explains(terminal):
    server = terminal.connect(Server())
    terminal.run("/help close")
    terminal.wait_for("/close [N] [CODE [REASON]]", "  close this connection with 1000, or end number N", "  for example: /close 1000 done", ">")
    terminal.run("/help")
    terminal.wait_for_line("  /stats                     messages each way, rates, gaps, round trips")
    terminal.run("/info")
    terminal.wait_until(lambda shown: any(line.startswith("  extension") for line in shown), "no extension")
    terminal.run("/clear")
    terminal.wait_until(lambda shown: shown in ([">"], ["> /clear", ">"]), "not cleared")
    terminal.quit(server)


def a_pause_counts_in_its_place_and_draws_nothing_else(terminal):
    server = terminal.connect(Server())
    terminal.run("/pause")
    terminal.wait_for("[paused]", "[paused     0] >")
    terminal.type("half")
    before = [line for line in terminal.screen("-S", "-") if line]
    for number in range(300):
        server.text(f"message {number}")
    terminal.wait_for("[paused]", "[paused   300] > half")
    after = [line for line in terminal.screen("-S", "-") if line]
    assert after[:-1] == before[:-1], (before, after)
    terminal.press("C-c")
    terminal.run("/resume")
    terminal.wait_for(row(299, "11 B", "< message 298"), row(300, "11 B", "< message 299"), "[resumed]", ">")
    terminal.quit(server)
    terminal.left(0)


def what_is_hidden_is_counted_beside_the_line(terminal):
    server = terminal.connect(Server())
    server.text('{"s":"a","p":1.50}')
    terminal.run("/watch by /s")
    terminal.wait_for("[watch by /s]", "[hidden     0] >")
    server.text('{"s":"a","p":1.50}')
    server.text('{"s":"a","p":1.50}')
    server.text('{"s":"a","p":2}')
    terminal.wait_for(row(2, "18 B", '< {"s":"a","p":1.50}'), row(4, "15 B", '< "a" /p 1.50 → 2'), "[hidden     1] >")
    terminal.run("/watch off")
    terminal.wait_for("[watch off]", "* 1 message not shown so far", ">")
    terminal.quit(server)
    terminal.left(0)


def help_fits_a_narrow_terminal(terminal):
    server = terminal.connect(Server())
    terminal.run("/help frame")
    terminal.wait_for("/frame [fin=0|1] [rsv=000] [opcode=NAME|0-15] [mask=random|none|KEY]",
                      "    [payload=TEXT|0xHEX]", "  send any frame, valid or not",
                      "  for example: /frame fin=0 rsv=100 opcode=0x3 mask=none payload=0xff00", ">")
    terminal.resize(40, 30)
    terminal.run("/help frame")
    terminal.wait_for("/frame [fin=0|1] [rsv=000]", "    [opcode=NAME|0-15]", "    [mask=random|none|KEY]",
                      "    [payload=TEXT|0xHEX]", "  send any frame, valid or not",
                      "  for example: /frame fin=0 rsv=100", "    opcode=0x3 mask=none payload=0xff00", ">")
    terminal.quit(server)
    terminal.left(0)


def what_is_longer_than_a_row_can_be_copied(terminal):
    server = terminal.connect(Server())
    url = "wss://example.com/" + "path/" * 40 + "?token=none"
    server.text(f"at {url} since today")
    text = {"text": "words and more words, " * 12, "n": 1}
    server.text(json.dumps(text))
    terminal.wait_until(lambda shown: any(line.endswith("since today") for line in shown), "not shown")
    # As it is selected: a break of the terminal's is none.
    selected = terminal.screen("-J")
    assert any(url in line for line in selected), selected
    terminal.run("/show 2")
    terminal.wait_until(lambda shown: shown[-2].strip() == "}" and shown[-3].endswith("1"), "not shown")
    selected = terminal.screen("-J")
    begin = max(at for at, line in enumerate(selected) if line.endswith("< {"))
    shown = ["{", *selected[begin + 1:-1]]
    assert json.loads("\n".join(shown)) == text, shown
    terminal.quit(server)
    terminal.left(0)


CASES = [json_is_laid_out_as_it_fits, what_is_longer_than_a_row_can_be_copied, a_line_break_is_marked,
         a_narrow_terminal_has_room, every_format, large_messages_are_folded_and_shown_on_demand,
         what_is_longer_than_the_screen_is_paged, settings_for_reading,
         the_heads_of_the_opening_handshake_are_shown,
         a_flood_is_counted_and_typing_goes_on, help_lists_and_explains,
         a_pause_counts_in_its_place_and_draws_nothing_else, what_is_hidden_is_counted_beside_the_line,
         help_fits_a_narrow_terminal]

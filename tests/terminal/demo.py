#!/usr/bin/env python3
"""A short session at the prompt, typed into a real terminal (tmux), as a picture: the one at the top of the README.

    tests/terminal/demo.py WSCLI > docs/demo.svg
"""
import os
import pathlib
import re
import subprocess
import sys
import time
from xml.etree import ElementTree

from screen_svg import Picture, rows, text_of
from terminal import Terminal

COLUMNS, LINES = 80, 27
# Seconds, of the picture and about those of the session.
TICK, LOOK = 0.04, 4
PICTURE = pathlib.Path(__file__).resolve().parent.parent.parent / "docs/demo.svg"
URL = "wss://feed.example.com/v2"
RULES = """\
json /op = "subscribe"
  reply {"ok":true,"id":${/id}}
  delay 700ms
  reply {"channel":"trades","last":[{"price":"43518.50","size":"0.0200","side":"buy"},{"price":"43518.00","size":"1.5","side":"sell"}]}
  delay 1600ms
  reply {"symbol":"BTC-USD","price":"43519.00","size":"0.75"}
any => echo
"""


class Recording:
    """What was on the screen, and when. Its clock is the number of looks, so that a busy machine makes no slower picture."""

    def __init__(self, terminal, hurried):
        self.terminal, self.hurried, self.frames, self.looks = terminal, hurried, [], 0

    def look(self):
        captured = self.terminal.tmux("capture-pane", "-p", "-e", ";", "display-message", "-p",
                                      "#{cursor_flag} #{cursor_x} #{cursor_y}")
        screen, cursor = captured.rstrip("\n").rsplit("\n", 1)
        screen += "\n" * (LINES - 1 - screen.count("\n"))
        shown, column, row = map(int, cursor.split())
        frame = (screen, (column, row) if shown else None)
        if not self.frames or self.frames[-1][1:] != frame:
            self.frames.append((round(self.looks * TICK, 2), *frame))
        self.looks += 1

    def pause(self, seconds):
        for _ in range(0 if self.hurried else round(seconds / TICK)):
            time.sleep(TICK)
            self.look()

    def type(self, text):
        for character in text:
            self.terminal.type(character)
            self.pause(TICK)

    def enter(self, text, *last_lines):
        """Types a line as a person does, and waits for what has to be at the end of the screen then."""
        self.type(text)
        self.pause(0.4)
        self.terminal.press("Enter")
        self.until(*last_lines)

    def until(self, *last_lines):
        def ends_so(shown):
            self.look()
            return len(shown) >= len(last_lines) and all(
                re.fullmatch(expected, line) for expected, line in zip(last_lines, shown[-len(last_lines):]))
        self.terminal.wait_until(ends_so, f"{last_lines} is not at the end")


def serve(terminal):
    """A feed on a free port, which the URL of the picture leads to by the configuration file."""
    home = pathlib.Path(terminal.home)
    (home / "rules.txt").write_text(RULES)
    server = subprocess.Popen([terminal.wscli, "serve", "-q", "--tls", "--reply", home / "rules.txt", "--port-file", home / "port", ":0"],
                              env={"PATH": os.environ["PATH"], "HOME": terminal.home})
    terminal.wait_until(lambda _: (home / "port").exists(), "no server")
    (home / ".config/wscli").mkdir(parents=True)
    (home / ".config/wscli/config.toml").write_text(
        f'[connect]\ninsecure = true\nconnect-to = ["::127.0.0.1:{(home / "port").read_text().strip()}"]\n')
    return server


def session(recording):
    recording.pause(0.8)
    recording.enter(f"wscli {URL}", r"\* connected to .*", ".*Ctrl-D closes", ">")
    recording.pause(1)
    recording.enter('{"op":"subscribe","id":1}', r' *\d+ +\d+ B .* < \{"ok":true,"id":1\}', ">")
    recording.until(" +}", ">")
    recording.pause(0.6)
    recording.type("/frames on")
    recording.until(r' *\d+ +\d+ B < {"symbol":"BTC-USD".*', "> /frames on")
    recording.pause(0.4)
    recording.enter("", r"\[frames on\]", ">")
    recording.pause(0.6)
    recording.enter("hello", ".*< hello", ">")
    recording.pause(1.4)
    recording.enter("/frame fin=0 opcode=9 payload=0xff", r"\* peer closed: 1002 .*", ".*", r"\[not connected\] >")
    return len(recording.frames) - 1


def record(wscli, hurried=False):
    """The session, and the number of the moment that shows all of it."""
    wscli = os.path.abspath(wscli)
    terminal = Terminal(wscli, LINES, f"PATH={os.path.dirname(wscli)}:$PATH")
    server = None
    try:
        server = serve(terminal)
        recording = Recording(terminal, hurried)
        still = session(recording)
        recording.pause(LOOK)
        return recording, still
    finally:
        if server:
            server.kill()
            server.wait()
        terminal.end()


def the_picture_in_the_readme_is_what_the_prompt_shows(terminal):
    recording, still = record(terminal.wscli, hurried=True)
    drawn = {lasting("".join(line.itertext())) for line in ElementTree.parse(PICTURE).findall(".//{*}text")}
    missing = [text_of(line) for line in rows(recording.frames[still][1]) if line and lasting(text_of(line)) not in drawn]
    assert not missing, "\n".join(["tests/terminal/demo.py WSCLI > docs/demo.svg draws it anew, with:", *missing])


def lasting(line):
    """Without times and masking keys."""
    return re.sub(r" +[\d.]+ ms| mask=[0-9a-f]{8}", "", line)


CASES = [the_picture_in_the_readme_is_what_the_prompt_shows]


if __name__ == "__main__":
    recording, still = record(sys.argv[1])
    title = "A session at wscli's prompt: JSON messages, frames as they appear on the wire, and why the connection ended"
    print(Picture(recording.frames, recording.looks * TICK, still).svg(COLUMNS, title), end="")

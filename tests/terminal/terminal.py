"""A terminal through tmux: what is typed, and what is on the screen."""
import os
import subprocess
import tempfile
import time
import uuid

DEADLINE_SECONDS = 20


def row(number, size, rest):
    """The first line of a message on a screen of 80 columns."""
    return f"{number:>3} {size:>8} {rest}"


class Terminal:
    """A tmux server of its own with a shell in it, 80 columns wide, and a home of its own."""

    def __init__(self, wscli, height=40, variables="NO_COLOR=1"):
        self.wscli = wscli
        self.name = f"wscli-{uuid.uuid4().hex[:8]}"
        self.folder = tempfile.TemporaryDirectory()
        self.home = self.folder.name
        environment = f"env -u XDG_STATE_HOME -u XDG_CONFIG_HOME -u VISUAL HOME={self.home} {variables} PAGER= PS1='$ ' sh"
        self.tmux("-f", "/dev/null", "new-session", "-d", "-x", "80", "-y", str(height), environment)
        self.wait_for("$")

    def tmux(self, *arguments, check=True):
        return subprocess.run(["tmux", "-L", self.name, *arguments], check=check, capture_output=True, text=True).stdout

    def type(self, text):
        self.tmux("send-keys", "-l", "--", text)

    def press(self, *keys):
        self.tmux("send-keys", *keys)

    def run(self, command):
        self.type(command)
        self.press("Enter")

    def paste(self, text):
        """As a terminal pastes: between the marks of a bracketed paste."""
        path = os.path.join(self.home, "paste")
        with open(path, "w") as file:
            file.write(text)
        self.tmux("load-buffer", path)
        self.tmux("paste-buffer", "-p", "-r")

    def screen(self, *flags):
        return [line.rstrip() for line in self.tmux("capture-pane", "-p", *flags).rstrip("\n").split("\n")]

    def resize(self, width, height):
        """Until the terminal has told whoever reads it: tmux breaks the lines anew some time before."""
        self.tmux("resize-window", "-x", str(width), "-y", str(height))
        tty = self.tmux("display-message", "-p", "#{pane_tty}").strip()
        told = ["stty", "-F", tty, "size"]
        deadline = time.monotonic() + DEADLINE_SECONDS
        while subprocess.run(told, check=True, capture_output=True, text=True).stdout.split() != [str(height), str(width)]:
            assert time.monotonic() < deadline, "not told"
            time.sleep(0.02)

    def title(self):
        return self.tmux("display-message", "-p", "#{pane_title}").strip()

    def wait_for(self, *last_lines):
        """Until the screen ends with these lines, empty ones not counted."""
        return self.wait_until(lambda shown: shown[-len(last_lines):] == list(last_lines),
                               f"{last_lines} is not at the end")

    def wait_until(self, found, otherwise):
        deadline = time.monotonic() + DEADLINE_SECONDS
        while True:
            shown = [line for line in self.screen() if line]
            if found(shown):
                return shown
            assert time.monotonic() < deadline, "\n".join([otherwise + " of:", *shown])
            time.sleep(0.02)

    def wait_for_line(self, line):
        return self.wait_until(lambda shown: line in shown, f"{line!r} is not a line")

    def connect(self, server, *arguments):
        """A prompt that is connected to a server that we play."""
        self.run(f"clear; {self.stty()} > {self.home}/before; {self.wscli} connect {' '.join(arguments)} {server.url}")
        server.accept()
        self.wait_until(lambda shown: shown[-1:] == [">"] and any("connected to" in line for line in shown),
                        "there is no prompt at the end")
        return server

    @staticmethod
    def stty():
        """Everything but the size, which is not ours."""
        return "stty -a | sed 's/rows.*//'"

    def left(self, code):
        """Asserts the exit code, and that the terminal is as it was."""
        self.run(f"echo exit $?; {self.stty()} | cmp - {self.home}/before && echo same terminal")
        self.wait_for(f"exit {code}", "same terminal", "$")

    def quit(self, server):
        self.press("C-d")
        server.answer_close()
        self.wait_for("$")

    def end(self):
        self.tmux("kill-server", check=False)
        self.folder.cleanup()

"""Types into a shell that has just been started in a root, as a person does who has installed a package:

    new_shell.py ROOT HOME SHELL…

It types "wscli insp", Tab, and " -h", and prints what the command prints: the help of `wscli inspect`, if Tab completes.
"""

import os
import pty
import select
import sys
import time

DEADLINE_SECONDS = 30
PROMPT = b"# "


def start(root, home, command):
    """The terminal of a shell with nothing of the environment but what a login sets."""
    child, terminal = pty.fork()
    if child == 0:
        os.chroot(root)
        os.chdir(home)
        path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        variables = {"HOME": home, "TERM": "xterm", "PATH": path}
        os.execvpe(command[0], command, variables)
    return terminal


class Screen:
    def __init__(self, terminal):
        self.terminal, self.shown, self.latest = terminal, b"", time.monotonic() + DEADLINE_SECONDS

    def until(self, has_come):
        """Reads what the shell writes until that has come."""
        while not has_come():
            if time.monotonic() > self.latest:
                sys.exit(f"it didn't come, after {self.shown!r}")
            if select.select([self.terminal], [], [], 0.05)[0]:
                self.shown += os.read(self.terminal, 4096)

    def type(self, text):
        os.write(self.terminal, text.encode())


root, home, *command = sys.argv[1:]
output = f"{root}{home}/output"
screen = Screen(start(root, home, command))
screen.until(lambda: PROMPT in screen.shown)
screen.type("wscli insp\t")
screen.until(lambda: b"inspect" in screen.shown or b"ect" in screen.shown.rpartition(b"insp")[2])
screen.type(" -h >output; echo >>output the end\r")
screen.until(lambda: os.path.exists(output) and open(output).read().endswith("the end\n"))
print(open(output).read().removesuffix("the end\n"), end="")
os.remove(output)

"""Types at the prompt through tmux, plays the server by hand, and compares the screen."""
import sys

import asking
import demo
import editing
import hostile
import leaving
import reading
import sending
from terminal import Terminal

# Any words behind the program's path pick the cases whose names contain one of them.
wscli, *wanted = sys.argv[1:]
cases = [case for module in (asking, sending, editing, reading, hostile, leaving, demo) for case in module.CASES
         if not wanted or any(word in case.__name__ for word in wanted)]
failed = 0
for case in cases:
    terminal = Terminal(wscli)
    try:
        case(terminal)
        print(f"{case.__name__} ok", flush=True)
    except Exception as error:
        failed += 1
        print(f"{case.__name__} FAILED: {type(error).__name__}: {error}", flush=True)
        if not isinstance(error, AssertionError):
            print("\n".join(["the screen:", *filter(None, terminal.screen())]), flush=True)
    finally:
        terminal.end()
print(f"{len(cases) - failed} passed, {failed} failed")
sys.exit(1 if failed else 0)

"""Pages of others in headless Chromium, and what they can open of a server that was started without flags.

    origins.py path/to/wscli path/to/chromium

A page of another origin is at evil.example. A page on a rebound name has the server's own port, as an attacker's has whose
name has just begun to stand for 127.0.0.1: what it was loaded from doesn't matter to the browser, so the server's /healthz
serves for that.
"""
import json
import sys

from browser import Failed, browser, serving, tab, wait_for

NAMES = ["evil.example", "rebound.example"]
RESOLVER = "--host-resolver-rules=" + ", ".join(f"MAP {name} 127.0.0.1" for name in NAMES)
OBSERVER = "/.wscli/observe?wscli-observer=" + "a" * 32

# (the flags, whether pages of others may open it)
MODES = [(["--exec", "echo secret; cat"], False), (["--prompt"], False), (["--broadcast"], False), (["--echo"], True)]

OPEN = """new Promise(done => {
    const socket = new WebSocket(%s);
    socket.onopen = () => done("open");
    socket.onerror = () => done("refused");
})"""

READ = "fetch(%s).then(async answer => answer.status + (await answer.text()).slice(0, 200), () => 'refused')"


def expect(what, found, expected):
    if found != expected:
        raise Failed(f"{what}: {found} instead of {expected}")


def arrive(page, origin):
    """A new tab is at about:blank for a moment."""
    wait_for(f"the tab doesn't come to {origin}", lambda: page.value("location.origin") == origin)


def opens(page, url):
    return page.value(OPEN % json.dumps(url))


def try_mode(wscli, chromium_port, flags, is_open, elsewhere):
    name, expected = flags[0], "open" if is_open else "refused"
    with serving(wscli, *flags) as (address, _):
        port = address.rsplit(":", 1)[1]
        with tab(wscli, chromium_port, f"http://evil.example:{elsewhere}/healthz") as page:
            arrive(page, f"http://evil.example:{elsewhere}")
            for host in ("127.0.0.1", "localhost", "evil.example"):
                expect(f"{name} from another origin, at {host}", opens(page, f"ws://{host}:{port}/"), expected)
                observed = opens(page, f"ws://{host}:{port}{OBSERVER}")
                expect(f"the observer of {name} from another origin, at {host}", observed, "refused")
        with tab(wscli, chromium_port, f"http://rebound.example:{port}/healthz") as page:
            arrive(page, f"http://rebound.example:{port}")
            expect(f"{name} on a rebound name", opens(page, f"ws://rebound.example:{port}/"), expected)
            observed = opens(page, f"ws://rebound.example:{port}{OBSERVER}")
            expect(f"the observer of {name} on a rebound name", observed, "refused")
            read = page.value(READ % json.dumps("/"))
            expect(f"the page of {name} on a rebound name", read[:3], "403")
        with tab(wscli, chromium_port, f"http://localhost:{port}/healthz") as page:
            arrive(page, f"http://localhost:{port}")
            expect(f"{name} from its own origin", opens(page, f"ws://localhost:{port}/"), "open")
            expect(f"the observer of {name} from its own origin", opens(page, f"ws://localhost:{port}{OBSERVER}"), "open")
    print(f"{name} and the pages of others: ok", flush=True)


def main():
    wscli, chromium = sys.argv[1:]
    with browser(chromium, RESOLVER) as port:
        with serving(wscli) as (other, _):
            for flags, is_open in MODES:
                try_mode(wscli, port, flags, is_open, other.rsplit(":", 1)[1])


try:
    main()
except Failed as failure:
    sys.exit(f"FAILED: {failure}")

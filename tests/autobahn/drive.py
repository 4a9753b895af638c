"""Drives the Autobahn test suite in both directions at once, and judges its reports."""
import argparse
import contextlib
import json
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import threading
import time

HERE = pathlib.Path(__file__).parent

# Groups 12 and 13 have 18 cases for each set of parameters: the spread takes small, middling,
# fragmented and large messages of each. The suite's own patterns match from the start of a number only.
SPREAD = (
    [f"{group}.*" for group in (1, 2, 3, 4, 5, 6, 7, 10)]
    + [f"9.{group}.{case}" for group in range(1, 9) for case in (1, 2, 3)]
    + [f"{group}.{parameters}.{case}"
       for group, sets in ((12, 5), (13, 7)) for parameters in range(1, sets + 1) for case in (1, 5, 11, 18)]
)

# The whole suite takes a quarter of an hour.
DEADLINE_SECONDS = 60 * 60

PROXY_LOG = "proxy.log"

INFORMATIONAL = {"7.1.6", "7.13.1", "7.13.2"}

FLAGS = {"server_no_context_takeover", "client_no_context_takeover"}
WINDOWS = {"server_max_window_bits", "client_max_window_bits"}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for_port(port, process):
    while process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    sys.exit(f"wstest ended with {process.returncode}")


def write_spec(path, spec):
    path.write_text(json.dumps(spec))
    return str(path)


def wstest(options, mode, spec, log):
    # Its pages for browsers would take port 8080.
    command = [options.python2, str(HERE / "wstest.py"), "--mode", mode, "--spec", spec, "--webport", "0"]
    return subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)


@contextlib.contextmanager
def listening(options, arguments, log):
    """A listener of ours: its URL."""
    with open(log, "w") as stderr:
        process = subprocess.Popen([options.wscli, *arguments], stderr=stderr, stdin=subprocess.DEVNULL)
    try:
        url = None
        while not url:
            found = re.search(r"listening on (wss?://\S+)", log.read_text())
            url = found and found.group(1)
            if process.poll() is not None:
                sys.exit(f"wscli {arguments[0]} ended with {process.returncode}: {log.read_text()}")
            time.sleep(0.02)
        yield url.rstrip("/")
        if process.poll() is not None:
            sys.exit(f"wscli {arguments[0]} ended with {process.returncode}")
    finally:
        process.terminate()
        process.wait()


@contextlib.contextmanager
def behind_a_proxy(options, url, scratch):
    """The URL by which `url` is reached: `wscli proxy` in front of it, if that is asked for."""
    if not options.proxy:
        yield url
        return
    with listening(options, ["proxy", "127.0.0.1:0", url], scratch / PROXY_LOG) as proxy_url:
        yield proxy_url


def against_our_server(options, cases, reports, scratch):
    """fuzzingclient against `wscli serve --echo`."""
    arguments = ["serve", "--echo", "127.0.0.1:0", "--ping-interval", "0"] + (["--tls"] if options.tls else [])
    with (listening(options, arguments, scratch / "serve.log") as server,
          behind_a_proxy(options, server, scratch) as url):
        servers = [{"agent": "wscli-serve", "url": url, "options": {"version": 18}}]
        spec = {"outdir": str(reports), "servers": servers, "cases": cases, "exclude-cases": [],
                "exclude-agent-cases": {}}
        with open(scratch / "fuzzingclient.log", "w") as log:
            wstest(options, "fuzzingclient", write_spec(scratch / "client.json", spec), log).wait(DEADLINE_SECONDS)


def against_our_client(options, cases, reports, scratch):
    """fuzzingserver, and `wscli connect --echo` once a case."""
    port = free_port()
    suite_url = f"ws://127.0.0.1:{port}"
    spec = {"url": suite_url, "outdir": str(reports), "cases": cases, "exclude-cases": [], "exclude-agent-cases": {}}
    with open(scratch / "fuzzingserver.log", "w") as log:
        suite = wstest(options, "fuzzingserver", write_spec(scratch / "server.json", spec), log)
    try:
        wait_for_port(port, suite)
        with behind_a_proxy(options, suite_url, scratch) as url:

            def connect(path, *flags):
                command = [options.wscli, "connect", "--ping-interval", "0", *flags, url + path]
                return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300)

            count = int(connect("/getCaseCount", "--linger", "60s").stdout)
            for case in range(1, count + 1):
                connect(f"/runCase?case={case}&agent=wscli-connect", "--echo")
            connect("/updateReports?agent=wscli-connect", "--linger", "60s")
    finally:
        suite.terminate()
        suite.wait()


def parse_extensions(value):
    """(name, {parameter: value or None}) for each; None where a parameter stands twice."""
    parsed = []
    for item in filter(None, (part.strip() for part in value.split(","))):
        name, *parameters = (part.strip() for part in item.split(";"))
        pairs = [tuple(part.strip().strip('"') for part in parameter.split("=", 1)) for parameter in parameters]
        names = [pair[0] for pair in pairs]
        values = {pair[0]: pair[1] if len(pair) > 1 else None for pair in pairs}
        parsed.append((name, values if len(set(names)) == len(names) else None))
    return parsed


def header(head, name):
    return ", ".join(re.findall(rf"(?im)^{name}:\s*(.*?)\r?$", head or ""))


def answers_an_offer(answer, offers):
    """RFC 7692 §7.1: whether the server's answer is one that the client's offers allow."""
    for offer in offers:
        if offer is None or set(answer) - FLAGS - WINDOWS:
            continue
        window = answer.get("server_max_window_bits")
        limit = offer.get("server_max_window_bits")
        client = answer.get("client_max_window_bits")
        client_limit = offer.get("client_max_window_bits") or "15"
        if (
            all(answer[name] is None for name in FLAGS & set(answer))
            and ("server_no_context_takeover" in answer or "server_no_context_takeover" not in offer)
            and (limit is None or (window is not None and int(window) <= int(limit)))
            and (window is None or 8 <= int(window) <= 15)
            and ("client_max_window_bits" not in answer
                 or ("client_max_window_bits" in offer and client and 8 <= int(client) <= int(client_limit)))
        ):
            return True
    return False


def check_negotiation(report, must_accept):
    """What is wrong with the reply to an offer of compression, or None. The suite's own server
    declines where compression isn't the subject; ours never does."""
    requested = header(report.get("httpRequest"), "Sec-WebSocket-Extensions")
    answered = header(report.get("httpResponse"), "Sec-WebSocket-Extensions")
    if not answered:
        declined = must_accept and "permessage-deflate" in requested
        return "compression was offered and not accepted" if declined else None
    offers = [values for name, values in parse_extensions(requested) if name == "permessage-deflate"]
    answers = parse_extensions(answered)
    if len(answers) == 1 and answers[0][0] == "permessage-deflate" and answers[0][1] is not None:
        return None if answers_an_offer(answers[0][1], offers) else f"{answered!r} does not answer {requested!r}"
    return f"{answered!r} is not one answer"


def judge_hops(agent, log):
    """Whether what breaks the protocol was told of the suite's side of the proxy alone. Prints the figures."""
    ways = re.findall(r"^\[\d+\] (\S+): the \w+ violated the protocol", log.read_text(), re.MULTILINE)
    own = ways.count({"wscli-serve": "client→server", "wscli-connect": "server→client"}[agent])
    print(f"{agent}: the proxy tells of {own} violations by the suite, {len(ways) - own} by wscli")
    return own > 0 and own == len(ways)


def judge(agent, reports, expected):
    """Prints what is wrong, and a line with the figures. Returns whether all is well."""
    index = json.loads((reports / "index.json").read_text())[agent]
    faults, tally, negotiated = [], {}, 0
    for case, result in sorted(index.items()):
        for verdict in (result["behavior"], result["behaviorClose"]):
            tally[verdict] = tally.get(verdict, 0) + 1
            if verdict != "OK" and not (verdict == "INFORMATIONAL" and case in INFORMATIONAL):
                faults.append(f"case {case}: {verdict}")
        report = json.loads((reports / result["reportfile"]).read_text())
        fault = check_negotiation(report, must_accept=agent == "wscli-serve")
        negotiated += "permessage-deflate" in header(report.get("httpResponse"), "Sec-WebSocket-Extensions")
        if fault:
            faults.append(f"case {case}: {fault}")
    if expected and len(index) != expected:
        faults.append(f"{len(index)} cases instead of {expected}")
    for fault in faults:
        print(f"{agent}: {fault}")
    verdicts = ", ".join(f"{count} {verdict}" for verdict, count in sorted(tally.items()))
    print(f"{agent}: {len(index)} cases, {negotiated} with permessage-deflate; behavior and close: {verdicts}")
    return not faults


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--python2", required=True)
    parser.add_argument("--wscli", required=True)
    parser.add_argument("--reports", required=True, type=pathlib.Path)
    parser.add_argument("--all", action="store_true", help="all 517 cases")
    parser.add_argument("--tls", action="store_true", help="our server speaks wss")
    parser.add_argument("--proxy", action="store_true", help="wscli proxy stands in front of each server")
    parser.add_argument("--cases", nargs="*", help="the suite's own case patterns, such as 5.*")
    options = parser.parse_args()
    cases = options.cases or (["*"] if options.all else SPREAD)
    shutil.rmtree(options.reports, ignore_errors=True)
    directions = {"wscli-serve": against_our_server, "wscli-connect": against_our_client}
    threads = []
    for agent, run in directions.items():
        reports, scratch = options.reports / agent, options.reports / f"{agent}.scratch"
        for folder in (reports, scratch):
            folder.mkdir(parents=True)
        threads.append(threading.Thread(target=run, args=(options, cases, reports, scratch)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    expected = 517 if options.all else None
    verdicts = [judge(agent, options.reports / agent, expected) for agent in directions]
    if options.proxy:
        verdicts += [judge_hops(agent, options.reports / f"{agent}.scratch" / PROXY_LOG) for agent in directions]
    passed = sum(verdicts)
    print(f"{passed} passed, {len(verdicts) - passed} failed")
    sys.exit(0 if all(verdicts) else 1)


main()

"""Runs wscli through real proxies, by flag and by environment, and looks in their logs for who came by."""
import contextlib
import json
import os
import pathlib
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time

# A guard: nothing here takes a second.
DEADLINE_SECONDS = 30
NOBODY = "127.0.0.1:1"


class Failed(Exception):
    pass


def expect(condition, what):
    if not condition:
        raise Failed(what)


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def wait_for_listener(port, process):
    deadline = time.monotonic() + DEADLINE_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except ConnectionRefusedError:
            expect(process.poll() is None, f"{process.args[0]} ended with {process.returncode}")
            expect(time.monotonic() < deadline, f"{process.args[0]} does not listen")
            time.sleep(0.01)


class Proxy:
    """A proxy on a port of its own, and its log."""

    def __init__(self, folder, stack):
        self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"
        self.log = pathlib.Path(folder) / f"log-{self.port}"
        with self.log.open("w") as log:
            process = subprocess.Popen(self.command(folder), stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        stack.callback(process.wait)
        stack.callback(process.kill)
        wait_for_listener(self.port, process)

    def was_asked_for(self, target):
        return self.log.read_text().count(self.trace(target))


class Tinyproxy(Proxy):
    def __init__(self, folder, stack, *more):
        self.more = more
        super().__init__(folder, stack)

    def command(self, folder):
        configuration = pathlib.Path(folder) / f"tinyproxy-{self.port}.conf"
        lines = [f"Port {self.port}", "Listen 127.0.0.1", "Allow 127.0.0.1", "Timeout 60", "LogLevel Connect", *self.more]
        configuration.write_text("\n".join(lines) + "\n")
        return ["tinyproxy", "-d", "-c", str(configuration)]

    def trace(self, target):
        return f"CONNECT {target} HTTP/1.1"


class Microsocks(Proxy):
    def __init__(self, folder, stack, *flags):
        self.flags = flags
        super().__init__(folder, stack)

    def command(self, _folder):
        return ["microsocks", "-i", "127.0.0.1", "-p", str(self.port), *self.flags]

    def trace(self, target):
        return f"connected to {target}\n"


class TlsRelay:
    """TLS in front of a proxy."""

    def __init__(self, certificate, proxy):
        self.context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.context.load_cert_chain(*certificate)
        self.proxy = proxy
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            connection, _ = self.listener.accept()
            threading.Thread(target=self.relay, args=(connection,), daemon=True).start()

    def relay(self, connection):
        with contextlib.suppress(OSError), self.context.wrap_socket(connection, server_side=True) as outside:
            with socket.create_connection(("127.0.0.1", self.proxy.port)) as inside:
                back = threading.Thread(target=copy, args=(inside, outside), daemon=True)
                back.start()
                copy(outside, inside)
                back.join(DEADLINE_SECONDS)


def copy(source, sink):
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)


class NotFound:
    """A server that finds nothing."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.target = f"127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            connection, _ = self.listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 13\r\n\r\nno such room\n")


class Server:
    """wscli serve."""

    def __init__(self, wscli, stack, *flags):
        command = [wscli, "serve", "--echo", "127.0.0.1:0", *flags]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        stack.callback(process.wait)
        stack.callback(process.kill)
        for line in process.stderr:
            if line.startswith("listening on "):
                self.url = line.split()[-1]
                break
        self.target = self.url.split("/")[2]
        threading.Thread(target=process.stderr.read, daemon=True).start()

    def named(self, host):
        return self.url.replace("127.0.0.1", host)


class Client:
    """Runs of wscli connect, in an environment that says nothing of proxies but what a case says."""

    def __init__(self, wscli):
        self.wscli = wscli
        self.environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}

    def run(self, url, *flags, **environment):
        return self.wscli_run("connect", "-k", "--linger", "0", url, *flags, **environment)

    def wscli_run(self, *arguments, **environment):
        return subprocess.run([self.wscli, *arguments], input="hello\n", env=self.environment | environment,
                              capture_output=True, text=True, timeout=DEADLINE_SECONDS)

    def reaches(self, url, *flags, proxy=None, target=None, **environment):
        """Through `proxy`, or directly past it."""
        target = target or url.split("/")[2]
        before = proxy.was_asked_for(target) if proxy else 0
        ended = self.run(url, *flags, **environment)
        expect((ended.stdout, ended.returncode) == ("hello\n", 0), f"{flags} {environment}: {ended}")
        if proxy:
            expect(proxy.was_asked_for(target) == before + 1, f"{flags} {environment}: not through the proxy, {ended}")
        return ended

    def passes_by(self, proxy, url, *flags, **environment):
        before = proxy.log.read_text()
        self.reaches(url, *flags, **environment)
        expect(proxy.log.read_text() == before, f"{flags} {environment}: through the proxy")

    def fails(self, code, url, *flags, says=(), **environment):
        ended = self.run(url, *flags, **environment)
        expect((ended.stdout, ended.returncode) == ("", code), f"{flags} {environment}: {ended}")
        errors = [line for line in ended.stderr.splitlines() if line.startswith("wscli: ")]
        expect(len(errors) == 1, f"{flags} {environment}: not one error line, {ended}")
        for words in says:
            expect(words in ended.stderr, f"{flags} {environment}: no {words!r} in {ended.stderr}")
        return errors[0]


def http_by_flag(client, world):
    for flag in (["-x", f"http://{world.http.address}"], ["--proxy", world.http.address]):
        client.reaches(world.plain.url, *flag, proxy=world.http)
        client.reaches(world.secure.url, *flag, proxy=world.http)
    client.reaches(world.plain.named("localhost"), "-x", f"http://{world.http.address}", proxy=world.http)


def http_by_environment(client, world):
    proxy = f"http://{world.http.address}"
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        client.reaches(world.plain.url, proxy=world.http, **{name: proxy})
    for name in ("WSS_PROXY", "wss_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        client.reaches(world.secure.url, proxy=world.http, **{name: proxy})
    client.passes_by(world.http, world.secure.url, HTTP_PROXY=proxy)
    client.passes_by(world.http, world.plain.url, HTTPS_PROXY=proxy, WSS_PROXY=proxy)
    client.passes_by(world.http, world.plain.url, HTTP_PROXY="", ALL_PROXY="")


def what_comes_first(client, world):
    proxy, nobody = f"http://{world.http.address}", f"http://{NOBODY}"
    client.reaches(world.secure.url, proxy=world.http, WSS_PROXY=proxy, HTTPS_PROXY=nobody, ALL_PROXY=nobody)
    client.reaches(world.secure.url, proxy=world.http, HTTPS_PROXY=proxy, ALL_PROXY=nobody, HTTP_PROXY=nobody)
    client.reaches(world.plain.url, proxy=world.http, HTTP_PROXY=proxy, ALL_PROXY=nobody)
    client.reaches(world.plain.url, "-x", proxy, proxy=world.http, HTTP_PROXY=nobody, ALL_PROXY=nobody)
    client.passes_by(world.http, world.plain.url, "-x", "", HTTP_PROXY=proxy)


def no_proxy(client, world):
    proxy = {"HTTP_PROXY": f"http://{world.http.address}"}
    port = world.plain.target.split(":")[1]
    for exceptions in ("127.0.0.1", "*", "example.com,127.0.0.1", "example.com, 127.0.0.1", "127.0.0.0/8",
                       f"127.0.0.1:{port}"):
        client.passes_by(world.http, world.plain.url, NO_PROXY=exceptions, **proxy)
        client.passes_by(world.http, world.plain.url, no_proxy=exceptions, **proxy)
        client.passes_by(world.http, world.plain.url, "--noproxy", exceptions, **proxy)
    for exceptions in ("localhost", ".localhost", "LOCALHOST"):
        client.passes_by(world.http, world.plain.named("localhost"), "-4", NO_PROXY=exceptions, **proxy)
    for exceptions in ("example.com", "host", "27.0.0.1", "10.0.0.0/8", f"127.0.0.1:{int(port) - 1}", ""):
        client.reaches(world.plain.url, proxy=world.http, NO_PROXY=exceptions, **proxy)
    client.reaches(world.plain.named("localhost"), proxy=world.http, NO_PROXY="host,calhost", **proxy)
    client.reaches(world.plain.url, "--noproxy", "", proxy=world.http, NO_PROXY="*", **proxy)
    client.passes_by(world.http, world.plain.url, "-x", proxy["HTTP_PROXY"], "--noproxy", "127.0.0.1")


def http_with_authentication(client, world):
    address = world.http_members.address
    client.reaches(world.plain.url, "-x", f"http://member:s3cret@{address}", proxy=world.http_members)
    client.reaches(world.secure.url, "-x", f"http://%6dember:s3cre%74@{address}", proxy=world.http_members)
    client.reaches(world.plain.url, proxy=world.http_members, HTTP_PROXY=f"http://member:s3cret@{address}")
    error = client.fails(3, world.plain.url, "-x", f"http://{address}", says=["Proxy Authentication Required"])
    expect("407" in error and "proxy" in error, error)
    error = client.fails(3, world.secure.url, "-x", f"http://member:guess@{address}")
    expect("401" in error and "proxy" in error, error)


def what_a_http_proxy_says(client, world):
    # It connects to port 443 only.
    error = client.fails(3, world.plain.url, "-x", f"http://{world.http_strict.address}", says=["CONNECT method not allowed"])
    expect("403" in error and "proxy" in error and "server answered" not in error, error)
    error = client.fails(3, f"ws://{NOBODY}/", "-x", f"http://{world.http.address}", says=["Unable to connect"])
    expect("proxy" in error, error)
    error = client.fails(3, world.plain.url, "-x", f"http://{NOBODY}")
    expect("proxy" in error and "refused" in error, error)
    # What the server says is the server's.
    error = client.fails(5, f"ws://{world.lost.target}/", "-x", f"http://{world.http.address}", says=["no such room"])
    expect("404 Not Found" in error and "the server" in error, error)


def verbosely_through_http(client, world):
    proxy = f"http://member:s3cret@{world.http_members.address}"
    log = client.reaches(world.secure.url, "-v", "-x", proxy, proxy=world.http_members).stderr
    for line in (f"> CONNECT {world.secure.target} HTTP/1.1", "< HTTP/1.0 200 Connection established",
                 "< HTTP/1.1 101 Switching Protocols"):
        expect(line in log, f"no {line!r} in {log}")
    for secret in ("s3cret", "bWVtYmVyOnMzY3JldA=="):
        expect(secret not in log, f"{secret} in {log}")
    log = client.reaches(world.secure.url, "-v", "--show-secrets", "-x", proxy, proxy=world.http_members).stderr
    expect("> Proxy-Authorization: Basic bWVtYmVyOnMzY3JldA==" in log, log)


def inspected(client, world):
    proxy = f"http://member:s3cret@{world.http_members.address}"
    ended = client.wscli_run("inspect", "--json", "-k", "-x", proxy, world.secure.url)
    report = json.loads(ended.stdout)
    expect(ended.returncode == 0 and report["open"], str(ended))
    expect(report["proxy"] == f"http://{world.http_members.address}", f"the proxy is {report['proxy']}")
    expect(report["times_ms"]["proxy"] > 0, f"the times are {report['times_ms']}")
    expect("s3cret" not in ended.stdout + ended.stderr, str(ended))


def https(client, world):
    relay = TlsRelay(world.certificate, world.http)
    proxy = f"https://{relay.address}"
    client.reaches(world.plain.url, "-x", proxy, proxy=world.http)
    client.reaches(world.secure.url, "-x", proxy, proxy=world.http)
    client.reaches(world.secure.url, proxy=world.http, HTTPS_PROXY=proxy)
    client.fails(3, f"ws://{NOBODY}/", "-x", proxy, says=["Unable to connect"])


def socks(client, world):
    for scheme in ("socks5", "socks5h"):
        proxy = f"{scheme}://{world.socks.address}"
        client.reaches(world.plain.url, "-x", proxy, proxy=world.socks)
        client.reaches(world.secure.url, "-x", proxy, proxy=world.socks)
        client.reaches(world.plain.url, proxy=world.socks, ALL_PROXY=proxy)
        client.reaches(world.secure.url, proxy=world.socks, HTTPS_PROXY=proxy)


def who_resolves(client, world):
    url = world.plain.named("localhost")
    client.reaches(url, "-x", f"socks5h://{world.socks.address}", proxy=world.socks)
    client.reaches(url, "-4", "-x", f"socks5://{world.socks.address}", proxy=world.socks, target=world.plain.target)
    known = world.plain.named("chat.example")
    port = world.plain.target.split(":")[1]
    client.reaches(known, "--resolve", f"chat.example:{port}:127.0.0.1", "-x", f"socks5://{world.socks.address}",
                   proxy=world.socks, target=world.plain.target)


def socks_with_authentication(client, world):
    for scheme in ("socks5", "socks5h"):
        address = world.socks_members.address
        client.reaches(world.plain.url, "-x", f"{scheme}://member:s3cret@{address}", proxy=world.socks_members)
        client.reaches(world.secure.url, proxy=world.socks_members, ALL_PROXY=f"{scheme}://member:s3cre%74@{address}")
        # One that asks for nothing takes credentials all the same.
        client.reaches(world.plain.url, "-x", f"{scheme}://member:s3cret@{world.socks.address}", proxy=world.socks)
        error = client.fails(3, world.plain.url, "-x", f"{scheme}://{address}")
        expect("proxy" in error and "password" in error, error)
        error = client.fails(3, world.plain.url, "-x", f"{scheme}://member:guess@{address}")
        expect("proxy" in error and "password" in error and "guess" not in error, error)


def what_a_socks_proxy_says(client, world):
    error = client.fails(3, f"ws://{NOBODY}/", "-x", f"socks5://{world.socks.address}")
    expect("proxy" in error and "refused" in error, error)
    error = client.fails(3, "ws://name.invalid/", "-x", f"socks5h://{world.socks.address}")
    expect("proxy" in error, error)
    error = client.fails(5, f"ws://{world.lost.target}/", "-x", f"socks5://{world.socks.address}", says=["no such room"])
    expect("404 Not Found" in error and "the server" in error, error)
    client.fails(3, world.plain.url, "-x", f"http://{world.socks.address}", says=["proxy"])


def a_proxy_of_another_kind(client, world):
    # It waits for the rest of a line.
    error = client.fails(3, world.plain.url, "--connect-timeout", "300ms", "-x", f"socks5://{world.http.address}")
    expect("proxy" in error and "after 300ms" in error, error)


class World:
    """Everything that runs while the cases do."""

    def __init__(self, wscli, proxies, folder, stack):
        self.certificate = certificate(folder)
        self.plain = Server(wscli, stack)
        self.secure = Server(wscli, stack, "--tls")
        self.lost = NotFound()
        if "tinyproxy" in proxies:
            self.http = Tinyproxy(folder, stack)
            self.http_members = Tinyproxy(folder, stack, "BasicAuth member s3cret")
            self.http_strict = Tinyproxy(folder, stack, "ConnectPort 443")
        if "microsocks" in proxies:
            self.socks = Microsocks(folder, stack)
            self.socks_members = Microsocks(folder, stack, "-u", "member", "-P", "s3cret")


def certificate(folder):
    if not shutil.which("openssl"):
        return None
    names = ("cert.pem", "key.pem")
    cert, key = (str(pathlib.Path(folder) / name) for name in names)
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                    "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-out", cert, "-keyout", key],
                   check=True, capture_output=True)
    return cert, key


def cases(proxies, world):
    if "tinyproxy" in proxies:
        yield from (http_by_flag, http_by_environment, what_comes_first, no_proxy, http_with_authentication,
                    what_a_http_proxy_says, verbosely_through_http, inspected)
        if world.certificate:
            yield https
    if "microsocks" in proxies:
        yield from (socks, who_resolves, socks_with_authentication, what_a_socks_proxy_says)
    if {"tinyproxy", "microsocks"} <= set(proxies):
        yield a_proxy_of_another_kind


def main():
    wscli, *proxies = sys.argv[1:]
    client = Client(wscli)
    passed = failed = 0
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        world = World(wscli, proxies, folder, stack)
        for case in cases(proxies, world):
            try:
                case(client, world)
            except (Failed, subprocess.TimeoutExpired) as failure:
                failed += 1
                print(f"{case.__name__}: FAILED: {failure}", flush=True)
            else:
                passed += 1
                print(f"{case.__name__}: ok", flush=True)
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


main()

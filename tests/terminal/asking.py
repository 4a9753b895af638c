"""What is asked for before a connection: passwords and passphrases, never shown."""
import pathlib

from server import Server

# Made by openssl: a certificate, and its key as PKCS #8 under PBES2 with AES-256; the passphrase is "sesame".
CERTIFICATE = """-----BEGIN CERTIFICATE-----
MIIBeDCCAR+gAwIBAgIUFK2uYoT77Y4LkrK/cPlPWhKrUfowCgYIKoZIzj0EAwIw
ETEPMA0GA1UEAwwGY2xpZW50MCAXDTI2MTEyMzA0NDQzN1oYDzIxMjYxMDMwMDQ0
NDM3WjARMQ8wDQYDVQQDDAZjbGllbnQwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC
AAQt5QVNfzVqibfJF/E2AjEA092ElLDpb4oL+hrIC3jQ2476PwjPDoXFadA1VYlJ
wBaJDZkto0MAdfMGahKaBoqNo1MwUTAdBgNVHQ4EFgQUltDj5HlgG+fIdm/xC5oq
OkbEYNEwHwYDVR0jBBgwFoAUltDj5HlgG+fIdm/xC5oqOkbEYNEwDwYDVR0TAQH/
BAUwAwEB/zAKBggqhkjOPQQDAgNHADBEAiBxc5/i7Oqg3tlR+6LHj5vEfw5WZeFm
PIWfbN6ynQs9uQIgdU3TQy5qmpxZuvxI3r6nNhmdQmxxt47Ocakx2E7mo/Y=
-----END CERTIFICATE-----
"""
ENCRYPTED_KEY = """-----BEGIN ENCRYPTED PRIVATE KEY-----
MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAh69ZjeDbg0CgICCAAw
DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEAQtLaJc8e4VLDxE710VQgMEgZAv
OwzqcfAVQr7amqWVeY4rFvLE4PPWhl4KJgIRMUb3oqF0NJ20ETFQqhZLQ1HYr+DX
IJdJ38k8etA1i/9cv1D6S6K5alKhmNq8hZ4Ufl8lY02sKG3jj78QxXftLTuhD/GO
w19q/G6CnxoLha6Pl4TlYDd0b5c4Ux21Ax/aGMPBkEhZj+SfAdwjusx/GUJDOg8=
-----END ENCRYPTED PRIVATE KEY-----
"""


def passwords_are_asked_for_without_showing_them(terminal):
    server = Server()
    command = f"echo hello | {terminal.wscli} connect --linger 0 -u Aladdin {server.url} 2>&1 | cat"
    terminal.run(f"clear; {terminal.stty()} > {terminal.home}/before; {command}")
    terminal.wait_for("password for Aladdin:")
    terminal.type("open sesamx")
    terminal.press("BSpace")
    terminal.run("e")
    server.accept()
    assert b"\r\nAuthorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n" in server.head, server.head
    assert server.receive() == (0x81, b"hello")
    server.text("hello yourself")
    server.answer_close()
    # Messages and what is told about them go different ways.
    wanted = {"password for Aladdin:", "hello yourself", "closed by us: 1000 (normal closure)"}
    shown = terminal.wait_until(lambda shown: shown[-1] == "$" and wanted <= set(shown), f"not all of {wanted}")
    assert not any("sesam" in line for line in shown), shown
    terminal.left(0)


def ctrl_c_at_a_password_interrupts(terminal):
    terminal.run(f"clear; {terminal.stty()} > {terminal.home}/before; {terminal.wscli} connect -u Aladdin ws://127.0.0.1:1/")
    terminal.wait_for("password for Aladdin:")
    terminal.type("open")
    terminal.press("C-c")
    terminal.wait_for("$")
    terminal.left(130)


def passphrase(terminal, typed):
    """Runs with a certificate whose key asks for it; returns what was said."""
    home = pathlib.Path(terminal.home)
    (home / "client.pem").write_text(CERTIFICATE)
    (home / "client.key").write_text(ENCRYPTED_KEY)
    command = f"{terminal.wscli} connect --cert client.pem --key client.key ws://127.0.0.1:1/ 2>log"
    terminal.run(f"cd; clear; {terminal.stty()} > before; {command}")
    terminal.wait_for("passphrase of client.key:")
    terminal.run(typed)
    terminal.wait_for("passphrase of client.key:", "$")
    return (home / "log").read_text()


def the_passphrase_of_an_encrypted_key_is_asked_for(terminal):
    log = passphrase(terminal, "sesame")
    assert log.startswith("wscli: can't connect to 127.0.0.1:1: Connection refused\n"), log
    terminal.left(3)


def a_wrong_passphrase_is_named(terminal):
    log = passphrase(terminal, "guess")
    assert log.startswith("wscli: can't read client.key: wrong passphrase\n"), log
    terminal.left(2)


CASES = [passwords_are_asked_for_without_showing_them, ctrl_c_at_a_password_interrupts,
         the_passphrase_of_an_encrypted_key_is_asked_for, a_wrong_passphrase_is_named]

"""Runs the Autobahn test suite's wstest, with its servers on the loopback interface only."""
from twisted.internet import reactor

listen_tcp = reactor.listenTCP


def listen_on_loopback(port, factory, backlog=50, interface=""):
    return listen_tcp(port, factory, backlog, "127.0.0.1")


reactor.listenTCP = listen_on_loopback

from autobahntestsuite import wstest  # noqa: E402  (after the reactor has been changed)

wstest.run()

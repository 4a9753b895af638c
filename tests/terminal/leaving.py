"""The ways out: what is told, the exit code, and the terminal as it was."""
import os
import signal
import subprocess
import time

from server import Server


def process(terminal):
    pane = terminal.tmux("display-message", "-p", "#{pane_pid}").strip()
    return subprocess.run(["pgrep", "-P", pane], check=True, capture_output=True, text=True).stdout.split()[-1]


def ctrl_d_closes_and_leaves(terminal):
    server = terminal.connect(Server())
    terminal.press("C-d")
    assert server.answer_close() == (0x88, b"\x03\xe8")
    terminal.wait_for("* closed by you: 1000 (normal closure); clean", "$")
    terminal.left(0)


def the_prompt_stays_when_the_peer_has_closed(terminal):
    server = terminal.connect(Server())
    server.text("before")
    terminal.wait_until(lambda shown: any(line.endswith("< before") for line in shown), "no message")
    terminal.type("half a line")
    server.close(b"\x03\xf0go away")
    terminal.wait_for('* peer closed: 1008 (policy violation) "go away"; clean',
                      "* /reconnect to connect again, Ctrl-D to exit", "[not connected] > half a line")
    terminal.press("Enter")
    terminal.wait_for("! not connected; /reconnect connects again, and brings the line back", "[not connected] >")
    terminal.run("/stats")
    terminal.wait_for_line("  received  1 message, 6 B; 2 frames, 19 B on the wire")
    terminal.run("/reconnect")
    server.accept()
    # What /help is for is told once.
    terminal.wait_for(f"* connected to {server.url}, no compression", "> half a line")
    terminal.run(" again")
    assert server.receive() == (0x81, b"half a line again")
    server.close(b"\x03\xf0")
    terminal.press("C-d")
    terminal.wait_for("$")
    terminal.left(7)


def reconnect_closes_first_and_connect_opens_first(terminal):
    server = terminal.connect(Server())
    terminal.run("/reconnect")
    assert server.answer_close() == (0x88, b"\x03\xe8")
    server.accept()
    other = Server()
    terminal.run(f"/connect {other.url}")
    other.accept()
    server.answer_close()
    terminal.run("here")
    assert other.receive() == (0x81, b"here")
    terminal.run("/quit")
    other.answer_close()
    terminal.wait_for("$")
    terminal.left(0)


def a_url_that_is_not_reached_leaves_the_connection(terminal):
    server = terminal.connect(Server())
    gone = Server()
    gone.listener.close()
    terminal.run(f"/connect {gone.url}")
    terminal.wait_until(lambda shown: any(line.startswith("! can't connect to") for line in shown), "no error")
    terminal.run("still here")
    assert server.receive() == (0x81, b"still here")
    terminal.quit(server)
    terminal.left(0)


def the_mark_is_that_of_the_connection_that_is_left(terminal):
    server = terminal.connect(Server())
    other = Server()
    terminal.run(f"/new {other.url}")
    other.accept()
    terminal.wait_until(lambda shown: shown[-1].startswith("[2] [others"), "no second connection")
    terminal.run("/close 2")
    other.answer_close()
    terminal.wait_for("* what is typed is for connection 1 again", ">")
    terminal.quit(server)
    terminal.left(0)


def a_connection_that_is_cut_is_told(terminal):
    server = terminal.connect(Server())
    terminal.type("never sent")
    terminal.wait_for("> never sent")
    server.socket.close()
    terminal.wait_for("* dropped: the peer ended the connection without a Close frame (1006), before",
                      "  our Close, having sent no frame; not clean", "* /reconnect to connect again, Ctrl-D to exit",
                      "[not connected] > never sent")
    terminal.press("C-c", "C-d")
    terminal.wait_for("$")
    terminal.left(7)


def sigterm_closes_with_1001(terminal):
    server = terminal.connect(Server())
    terminal.type("never sent")
    terminal.wait_for("> never sent")
    subprocess.run(["kill", f"-{signal.SIGTERM.value}", process(terminal)], check=True)
    assert server.answer_close() == (0x88, b"\x03\xe9")
    terminal.wait_for("* closed by you: 1001 (going away); clean", "$")
    terminal.left(143)


def ctrl_c_clears_then_closes(terminal):
    server = terminal.connect(Server())
    terminal.type("not this")
    terminal.wait_for("> not this")
    terminal.press("C-c")
    terminal.wait_for(">")
    terminal.run("but this")
    assert server.receive() == (0x81, b"but this")
    terminal.press("C-c")
    terminal.wait_for("* Ctrl-C again closes the connection with 1001 and exits, Ctrl-D with 1000", ">")
    terminal.press("C-c")
    assert server.answer_close() == (0x88, b"\x03\xe9")
    terminal.wait_for("* closed by you: 1001 (going away); clean", "$")
    terminal.left(130)


def a_third_ctrl_c_leaves_at_once(terminal):
    server = terminal.connect(Server(), "--close-timeout", "1h")
    terminal.press("C-c", "C-c")
    assert server.receive() == (0x88, b"\x03\xe9")
    terminal.press("C-c")
    terminal.wait_for("* disconnected without waiting for the peer; not clean", "$")
    terminal.left(130)


def ctrl_z_stops_and_fg_goes_on(terminal):
    server = terminal.connect(Server())
    terminal.type("half a ")
    terminal.wait_for("> half a")
    terminal.press("C-z")
    terminal.wait_until(lambda shown: shown[-1] == "$" and any("Stopped" in line for line in shown), "not stopped")
    terminal.run(f"{terminal.stty()} | cmp - {terminal.home}/before && echo same terminal")
    terminal.wait_for("same terminal", "$")
    terminal.run("fg")
    terminal.wait_for("* continued", "> half a")
    terminal.run("line")
    assert server.receive() == (0x81, b"half a line")
    terminal.quit(server)
    terminal.left(0)


def a_resize_while_stopped_leaves_no_copies_of_the_line(terminal):
    server = terminal.connect(Server())
    server.text("received")
    line = "word " * 20 + "end"
    terminal.type(line)
    terminal.wait_until(lambda shown: shown[-1].endswith("word end"), "not typed")
    for width in (50, 80):
        terminal.press("C-z")
        terminal.wait_until(lambda shown: shown[-1] == "$" and any("Stopped" in part for part in shown), "not stopped")
        assert "word" not in "".join(terminal.screen()), "the line is still there"
        terminal.resize(width, 30)
        terminal.run("fg")
        terminal.wait_until(lambda shown: shown[-1].endswith("end"), "not drawn again")
        terminal.wait_until(lambda shown: "* continued" in shown, "not continued")
        everything = "".join(terminal.screen("-S", "-", "-J"))
        assert everything.count("word word") == 10 and "< received" in everything, everything
        terminal.tmux("clear-history")
    terminal.press("Enter")
    assert server.receive() == (0x81, line.encode())
    terminal.quit(server)
    terminal.left(0)


def sigtstp_gives_the_terminal_back(terminal):
    server = terminal.connect(Server())
    subprocess.run(["kill", f"-{signal.SIGTSTP.value}", process(terminal)], check=True)
    terminal.wait_until(lambda shown: shown[-1] == "$", "not stopped")
    terminal.run(f"{terminal.stty()} | cmp - {terminal.home}/before && echo same terminal")
    terminal.wait_for("same terminal", "$")
    terminal.run("fg")
    terminal.wait_for("* continued", ">")
    terminal.quit(server)
    terminal.left(0)


def is_running(pid):
    """One that nobody has asked about yet is none."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def a_server_that_reads_its_rules_again_ends_with_its_terminal(terminal):
    rules = os.path.join(terminal.home, "rules")
    with open(rules, "w") as file:
        file.write("any => echo")
    terminal.run(f"{terminal.wscli} serve 127.0.0.1:0 --reply {rules}")
    terminal.wait_until(lambda shown: any(line.startswith("listening on") for line in shown), "not listening")
    server = process(terminal)
    subprocess.run(["kill", f"-{signal.SIGHUP.value}", server], check=True)
    terminal.wait_until(lambda shown: any("the rules were read again" in line for line in shown), "not read again")
    terminal.tmux("kill-server")
    deadline = time.monotonic() + 20
    while is_running(server):
        assert time.monotonic() < deadline, "it goes on"
        time.sleep(0.02)


def the_progress_of_a_job_in_the_background_is_not_shown(terminal):
    server = Server()
    terminal.run(f"{terminal.wscli} connect -n {server.url} > {os.path.join(terminal.home, 'out')} &")
    server.accept()
    terminal.type("typed")
    begun = time.monotonic()
    # For longer than it takes until the progress is shown.
    while time.monotonic() - begun < 2.5:
        server.text("tick")
        time.sleep(0.1)
    terminal.wait_until(lambda shown: shown[-1].endswith("typed"), "something is over what is typed")
    assert not any("messages" in line for line in terminal.screen()[1:]), terminal.screen()
    terminal.press("C-u")
    terminal.run("fg")
    for _ in range(100):
        server.text("tick")
        time.sleep(0.05)
        if any("messages, " in line for line in terminal.screen()):
            break
    terminal.wait_until(lambda shown: any("messages, " in line for line in shown), "no progress in the foreground")
    terminal.press("C-c")
    server.close()
    terminal.wait_until(lambda shown: shown[-1] == "$", "not left")


CASES = [ctrl_d_closes_and_leaves, the_progress_of_a_job_in_the_background_is_not_shown, the_prompt_stays_when_the_peer_has_closed,
         reconnect_closes_first_and_connect_opens_first,
         a_url_that_is_not_reached_leaves_the_connection,
         the_mark_is_that_of_the_connection_that_is_left, a_connection_that_is_cut_is_told, sigterm_closes_with_1001,
         ctrl_c_clears_then_closes, a_third_ctrl_c_leaves_at_once, ctrl_z_stops_and_fg_goes_on,
         a_resize_while_stopped_leaves_no_copies_of_the_line, sigtstp_gives_the_terminal_back,
         a_server_that_reads_its_rules_again_ends_with_its_terminal]

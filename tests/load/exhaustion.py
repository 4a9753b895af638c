"""More clients than there are descriptors: those who are served stay served, and the rest come in as others go.

    tests/load/exhaustion.py path/to/wscli
"""
import re
import resource
import socket
import subprocess
import sys
import threading
import time

from idle import ECHO, FRAME, HEAD, opened

DESCRIPTORS = 40


def limit():
    resource.setrlimit(resource.RLIMIT_NOFILE, (DESCRIPTORS, DESCRIPTORS))


def answers(client):
    client.settimeout(10)
    client.sendall(FRAME)
    return client.recv(64) == ECHO


def main():
    command = [sys.argv[1], "serve", "--echo", "127.0.0.1:0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, preexec_fn=limit) as server:
        address = re.search(r"ws://([\d.]+):(\d+)", server.stderr.readline())
        address = (address[1], int(address[2]))
        log = []
        reading = threading.Thread(target=lambda: log.extend(server.stderr))
        reading.start()
        try:
            served = [opened(address) for _ in range(20)]
            waiting = []
            for _ in range(60):
                client = socket.create_connection(address)
                client.sendall(HEAD)
                waiting.append(client)
            deadline = time.monotonic() + 10
            while not any("can't accept: Too many open files" in line for line in log):
                if time.monotonic() > deadline:
                    sys.exit("FAILED: nothing was told about the descriptors")
                time.sleep(0.05)
            time.sleep(1)
            complaints = sum("can't accept" in line for line in log)
            if not all(map(answers, served)):
                sys.exit("FAILED: a client that was served is served no longer")
            for client in served + waiting:
                client.close()
            newest = opened(address)
            if not answers(newest):
                sys.exit("FAILED: no client comes in after others have gone")
            print(f"{DESCRIPTORS} descriptors, 80 clients: all served go on, {complaints} complaint in the log")
            if complaints > 3:
                sys.exit("FAILED: the log is flooded")
        finally:
            server.terminate()
            reading.join()


main()

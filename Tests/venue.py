"""A venue as a process, for tests that start one: on a free port, in a directory, stopped by its process id."""

import hashlib
import hmac
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.parse


class NotStarted(Exception):
    """The venue did not start; the text is what it said."""


class Venue:
    """A playground on a directory, until it is stopped or killed."""

    TOKEN = "the-operators-token"

    def __init__(self, program, directory, *options, before=(), environment=None, preexec=None):
        # What stands before the program, such as a tracer, is the process that is started; `pid` is the venue's.
        self.process = subprocess.Popen(
            [
                *before, os.path.abspath(program), "serve", "--data", directory, "--listen", "127.0.0.1:0",
                "--playground", "--token", self.TOKEN, *options,
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            preexec_fn=preexec,
            text=True,
        )
        self.errors = ""
        self.listener = threading.Thread(target=self._listen, daemon=True)
        self.listener.start()
        text = ""
        # One that neither starts nor ends is ended.
        watch = threading.Timer(120, self.process.kill)
        watch.start()
        for line in self.process.stdout:
            text += line
            if "curl" in line:
                break
        watch.cancel()
        found = re.search(r"listens on http://127.0.0.1:(\d+)", text)
        if not found or "curl" not in text:
            self.process.wait()
            self.listener.join(timeout=5)
            raise NotStarted(f"{text}{self.errors} (exit status {self.process.returncode})")
        self.text_at_start = text
        self.port = int(found.group(1))
        self.key = re.search(r"API key\s+(\S+)", text).group(1)
        self.own_account = int(re.search(r"account\s+(\d+)", text).group(1))
        self.secret = re.search(r"secret\s+(\S+)", text).group(1)
        self.pid = self._child() if before else self.process.pid

    def _listen(self):
        for line in self.process.stderr:
            self.errors += line

    def _child(self):
        """The process that a tracer started."""
        with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children") as file:
            children = file.read().split()
        return int(children[0]) if children else self.process.pid

    def signal(self, number):
        os.kill(self.pid, number)

    def kill(self):
        self.signal(signal.SIGKILL)
        self.wait()

    def stop(self):
        """Ends it as an operator does; its exit status."""
        try:
            self.signal(signal.SIGTERM)
        except ProcessLookupError:
            pass
        return self.wait()

    def wait(self, seconds=60):
        """Waits for its end; its exit status, and what it wrote is in `errors`."""
        try:
            status = self.process.wait(timeout=seconds)
        finally:
            if self.process.poll() is None:
                self.process.kill()
        self.process.stdout.close()
        self.listener.join(timeout=5)
        return status

    # What is asked of it.

    def connection(self, timeout=20):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)

    def query(self, parameters, key=None):
        """A signed query, and the header that goes with it."""
        name, secret = key or (self.key, self.secret)
        parameters = dict(parameters, timestamp=int(time.time() * 1_000), recvWindow=60_000)
        query = urllib.parse.urlencode(parameters)
        signature = hmac.new(secret.encode(), query.encode(), hashlib.sha256).hexdigest()
        return f"{query}&signature={signature}", {"X-MBX-APIKEY": name}

    def signed(self, connection, method, path, key=None, **parameters):
        """One signed request: its status and its body."""
        query, headers = self.query(parameters, key)
        connection.request(method, f"{path}?{query}", headers=headers)
        reply = connection.getresponse()
        return reply.status, json.loads(reply.read())

    def text(self, path, method="GET", timeout=20):
        """The status and the text of an answer, as the operator."""
        connection = self.connection(timeout)
        try:
            connection.request(method, path, headers={"X-Zerosum-Token": self.TOKEN})
            reply = connection.getresponse()
            return reply.status, reply.read().decode()
        finally:
            connection.close()

    def own(self, path, method="GET", timeout=20):
        """What a route of its own interface answers, as the operator."""
        return json.loads(self.text("/zerosum/v1" + path, method, timeout)[1])

    def account(self, deposit):
        """A new account with money: its number, and its key and secret."""
        made = self.own(f"/accounts?deposit={deposit}", "POST")
        return made["account"], (made["apiKey"], made["secret"])

    def metric(self, name):
        """One of its metrics."""
        found = re.search(rf"^zerosum_{name} (-?\d+)$", self.text("/metrics")[1], re.MULTILINE)
        return int(found.group(1))

    # What it takes.

    def resident(self):
        """Bytes of it that are in memory."""
        with open(f"/proc/{self.pid}/statm") as file:
            return int(file.read().split()[1]) * 4_096

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))


def verify(program, directory):
    """What `verify` says if the log does not hold; none if it does."""
    done = subprocess.run([program, "verify", directory], capture_output=True, text=True)
    return None if done.returncode == 0 else done.stdout + done.stderr


def until(what, condition, seconds=120):
    """Waits until a condition holds; what it then gives. How long that takes is the machine's."""
    end = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > end:
            raise TimeoutError(f"not within {seconds} s: {what}")
        time.sleep(0.02)


def fail(who, text):
    print(f"{who}: {text}")
    sys.exit(1)

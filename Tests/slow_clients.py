"""Two hundred clients that do not read, and five hundred that come back at once.

slow_clients.py PROGRAM: a venue is started; connections to its streams of markets, to streams of an account
and requests over HTTP are opened whose other ends never read. The memory of the process stays within a bound,
each connection is cut off, one that reads at last is told why, and whoever reads has got everything; how long
its orders took is printed (API-9, RUN-3). Then five hundred connect at once, each with a snapshot of the book,
and all are served.
"""

import asyncio
import http.client
import json
import os
import shutil
import socket
import sys
import tempfile
import threading
import time

from venue import Venue, fail as fail_as, until, verify

MARKETS, ACCOUNTS, ASKING = 80, 80, 40
HERD = 500
# Two MiB a client: the one that it may leave unread, and what keeping it in small pieces costs.
MEMORY = 2 * (MARKETS + ACCOUNTS + ASKING) << 20
PATH = "/stream?streams=" + "/".join(
    f"{symbol}@{name}" for symbol in ("btcusdt", "ethusdt", "ltcusdt") for name in ("depth@0ms", "bookTicker", "trade")
)


def fail(text):
    fail_as("slow clients", text)


def frame(first, payload):
    """A frame as a client sends it, with a mask of zeros."""
    length = len(payload)
    head = bytes([first, 0x80 | length]) if length < 126 else bytes([first, 0xFE]) + length.to_bytes(2, "big")
    return head + bytes(4) + payload


class Socket:
    """A WebSocket that reads only when it is told to."""

    def __init__(self, port, path, buffer=None):
        self.socket = socket.socket()
        if buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        self.socket.settimeout(30)
        self.socket.connect(("127.0.0.1", port))
        self.socket.sendall(
            f"GET {path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
        )
        self.bytes = bytearray()
        while b"\r\n\r\n" not in self.bytes:
            self._more()
        head, _, rest = bytes(self.bytes).partition(b"\r\n\r\n")
        if b" 101 " not in head.split(b"\r\n")[0]:
            raise OSError(head.decode())
        self.bytes = bytearray(rest)

    def _more(self):
        part = self.socket.recv(1 << 18)
        if not part:
            raise EOFError
        self.bytes += part

    def _take(self, count):
        while len(self.bytes) < count:
            self._more()
        taken = bytes(self.bytes[:count])
        del self.bytes[:count]
        return taken

    def next(self):
        """The next frame: its opcode and its payload."""
        first, length = self._take(2)
        if length == 126:
            length = int.from_bytes(self._take(2), "big")
        elif length == 127:
            length = int.from_bytes(self._take(8), "big")
        return first & 15, self._take(length)

    def reason(self):
        """Reads on to the frame that closes: its code and its reason; none if there is none."""
        try:
            while True:
                opcode, payload = self.next()
                if opcode == 8:
                    return int.from_bytes(payload[:2], "big"), payload[2:].decode()
        except (EOFError, OSError):
            return None


class Reader(threading.Thread):
    """Reads the same streams, and looks for gaps in the books."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.socket = Socket(port, PATH)
        self.wrong = None
        self.count = 0
        self.books = {}

    def run(self):
        try:
            while True:
                opcode, payload = self.socket.next()
                if opcode == 9:
                    self.socket.socket.sendall(frame(0x8A, payload))
                if opcode == 8:
                    raise EOFError(payload[2:].decode())
                if opcode != 1:
                    continue
                self.count += 1
                data = json.loads(payload)["data"]
                if data["e"] == "depthUpdate":
                    before = self.books.get(data["s"], data["pu"])
                    if before != data["pu"]:
                        raise ValueError(f"{data['s']}: {data['pu']} follows {before}")
                    self.books[data["s"]] = data["u"]
        except (EOFError, OSError, ValueError) as error:
            self.wrong = repr(error)


class Orders(threading.Thread):
    """Places orders and cancels them, one after another, and notes how long each took in ms."""

    def __init__(self, venue, key):
        super().__init__(daemon=True)
        self.venue, self.key = venue, key
        self.took = []
        self.wrong = None
        self.stopped = threading.Event()

    def run(self):
        try:
            connection = self.venue.connection()
            while not self.stopped.is_set():
                start = time.monotonic()
                status, placed = self.venue.signed(
                    connection, "POST", "/fapi/v1/order", self.key, symbol="BTCUSDT", side="BUY", type="LIMIT",
                    timeInForce="GTC", quantity="0.001", price="20000",
                    newClientOrderId=f"{self.ident}-{len(self.took)}",
                )
                self.took.append((time.monotonic() - start) * 1_000)
                if status != 200:
                    raise ValueError(placed)
                self.venue.signed(
                    connection, "DELETE", "/fapi/v1/order", self.key, symbol="BTCUSDT", orderId=placed["orderId"]
                )
        except (OSError, http.client.HTTPException, ValueError) as error:
            self.wrong = repr(error)


def percentile(values, part):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * part // 100)] if ordered else 0


def asks(port):
    """A connection that asks again and again, and never reads an answer."""
    asking = socket.socket()
    asking.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    asking.connect(("127.0.0.1", port))
    asking.setblocking(False)
    request = b"GET /zerosum/v1/openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n" * 2_000
    try:
        while request:
            request = request[asking.send(request):]
    except OSError:
        # What is not taken in stays here.
        pass
    return asking


def slow(venue):
    """The two hundred."""
    _, key = venue.account(100_000)
    query, headers = venue.query({}, key)
    connection = venue.connection()
    connection.request("POST", f"/fapi/v1/listenKey?{query}", headers=headers)
    listen = json.loads(connection.getresponse().read())["listenKey"]
    reader = Reader(venue.port)
    reader.start()
    alone = Orders(venue, key)
    alone.start()
    until("a hundred orders", lambda: len(alone.took) >= 100 or alone.wrong, 600)
    alone.stopped.set()
    alone.join()
    memory, descriptors = venue.resident(), venue.descriptors()
    highest = memory
    started = time.monotonic()
    asking = [asks(venue.port) for _ in range(ASKING)]
    groups = {
        "markets": [Socket(venue.port, PATH, 4_096) for _ in range(MARKETS)],
        "account": [Socket(venue.port, f"/ws/{listen}", 4_096) for _ in range(ACCOUNTS)],
    }
    # One that trades like before, and is measured.
    _, other = venue.account(100_000)
    measured = Orders(venue, other)
    measured.start()
    orders, told, cut = [], {}, {}
    before = 0
    for name, members in groups.items():
        if name == "account":
            # What happens to this account is what those on its streams do not read.
            orders = [Orders(venue, key) for _ in range(4)]
            for thread in orders:
                thread.start()
        before += len(members)
        end = time.monotonic() + 900
        while venue.metric("slow_consumers_total") < before:
            if time.monotonic() > end:
                fail(f"{name}: after 900 s {venue.metric('slow_consumers_total')} of {before} were cut off")
            highest = max(highest, venue.resident())
            time.sleep(0.1)
        cut[name] = time.monotonic() - started
        # Those that read at last.
        told[name] = [member.reason() for member in members[:5]]
    for thread in orders + [measured]:
        thread.stopped.set()
        thread.join()
    for name, reasons in told.items():
        if any(reason is None or reason[0] != 1_008 or "slow consumer" not in reason[1] for reason in reasons):
            fail(f"{name}: those who read at last were told {reasons}")
    until("everybody is gone", lambda: venue.descriptors() <= descriptors + 2, 300)
    highest = max(highest, venue.resident())
    wrong = reader.wrong or next((thread.wrong for thread in [alone, measured] + orders if thread.wrong), None)
    if wrong:
        fail(f"others were affected: {wrong}")
    if highest - memory > MEMORY:
        fail(f"{(highest - memory) >> 20} MiB more than before, {MEMORY >> 20} are allowed")
    took = measured.took
    print(
        f"{MARKETS + ACCOUNTS + ASKING} clients that never read, all cut off "
        f"(markets after {cut['markets']:.0f} s, account after {cut['account']:.0f} s) and told why if they read at last; "
        f"{(highest - memory) >> 20} MiB more at most; one that reads got {reader.count} messages without a gap; "
        f"orders acknowledged: before p50 {percentile(alone.took, 50):.1f} ms, p99 {percentile(alone.took, 99):.1f} ms, "
        f"meanwhile p50 {percentile(took, 50):.1f} ms, p99 {percentile(took, 99):.1f} ms of {len(took)}"
    )
    for each in asking:
        each.close()


async def comes_back(port, took):
    """One that was cut off comes back: stream, snapshot, and the first message that follows on it."""
    start = time.monotonic()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(
        b"GET /ws/btcusdt@depth@0ms HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    if b" 101 " not in (await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")[0]:
        raise OSError("the stream was refused")
    other, asking = await asyncio.open_connection("127.0.0.1", port)
    asking.write(b"GET /fapi/v1/depth?symbol=BTCUSDT&limit=1000 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    head, _, body = (await other.read()).partition(b"\r\n\r\n")
    if b" 200 " not in head.split(b"\r\n")[0]:
        raise OSError(head.decode())
    known = json.loads(body)["lastUpdateId"]
    took.append((time.monotonic() - start) * 1_000)
    while True:
        first, length = await reader.readexactly(2)
        if length == 126:
            length = int.from_bytes(await reader.readexactly(2), "big")
        elif length == 127:
            length = int.from_bytes(await reader.readexactly(8), "big")
        payload = await reader.readexactly(length)
        if first & 15 == 1:
            update = json.loads(payload)
            if update["U"] > known:
                raise ValueError(f"a gap: {update['U']} behind the snapshot {known}")
            if update["u"] >= known:
                break
    writer.close()
    asking.close()


async def herd(port):
    took = []
    done = await asyncio.wait_for(
        asyncio.gather(*(comes_back(port, took) for _ in range(HERD)), return_exceptions=True), 900
    )
    wrong = [repr(each) for each in done if each is not None]
    if wrong:
        fail(f"{len(wrong)} of {HERD} that came back were not served: {wrong[:3]}")
    print(
        f"{HERD} came back at once, each with a snapshot that its stream goes on from: "
        f"p50 {percentile(took, 50):.0f} ms, p99 {percentile(took, 99):.0f} ms"
    )


def quoted(venue, seconds=120):
    """Waits until there is something to read: makers quote."""
    end = time.monotonic() + seconds
    while not json.loads(venue.text("/fapi/v1/depth?symbol=BTCUSDT&limit=5")[1]).get("bids"):
        if time.monotonic() > end:
            fail(f"nobody quotes after {seconds} s")
        time.sleep(0.1)


def main():
    program = sys.argv[1]
    directory = tempfile.mkdtemp(prefix="zerosum-slow-")
    try:
        venue = Venue(program, directory, "--demo-rate", "600")
        try:
            quoted(venue)
            slow(venue)
            asyncio.run(herd(venue.port))
            if venue.own("/conservation")["missing"] != "0":
                fail("something is missing from the pile")
        finally:
            status = venue.stop()
        wrong = status != 0 and f"exit status {status}" or verify(os.path.abspath(program), directory)
        if wrong:
            fail(wrong)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


main()

"""Four bridges that post to a receiver which is killed again and again: what was answered, and what is on disk then.

For the suite with 50,000 records, for ``make bench`` with a million.
"""

from __future__ import annotations

import http.client
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from connectors.cisco_meeting_server.spool import days, read_day

sys.path.insert(0, str(Path(__file__).parent))

from cms_bridge import Bridge, Site, guid

SECRET = "a-long-secret-of-a-test"
BRIDGES = 4
PER_POST = 25
AGAIN = 0.05
"""Share of the posts that a bridge sends once more although they were answered."""
LOST = 0.002
"""Share of the posts before which a bridge gave up on some records, and says so."""
SERVE = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[3])
from cms_bridge import NAME, PSEUDONYMS, Site
from connectors.cisco_meeting_server.receiver import serve_receiver
from connectors.cisco_meeting_server.settings import ReceiverSettings
folder = Path(sys.argv[1])
settings = ReceiverSettings(
    path_secret_file=folder / "secret", allowed_addresses=["127.0.0.1"], port=int(sys.argv[2])
)
site = Site(folder)
serve_receiver(NAME, settings, PSEUDONYMS, site.spool, site.quarantine)
"""


@dataclass
class Endured:
    """What the bridges know of their posts, and what the spool holds in the end."""

    answered: set[tuple[str, int]] = field(default_factory=set)
    """Records, by session and number, that were answered 200."""
    declared: dict[str, int] = field(default_factory=dict)
    """Session to records its bridge said it gave up on."""
    repeated: int = 0
    """Posts sent once more after an answer."""
    unanswered: int = 0
    """Posts that a killed receiver did not answer, and that were sent again."""
    kills: int = 0
    seconds: float = 0.0
    stored: Counter[tuple[str, int]] = field(default_factory=Counter)


def endure(folder: Path, records: int, kills: int, seed: int) -> Endured:
    """Deliver so many records in all, and kill the receiver so many times on the way."""
    secret = folder / "secret"
    secret.write_text(SECRET)
    secret.chmod(0o600)
    found, lock = Endured(), threading.Lock()
    receiver = _Receiver(folder)
    sizes = [records // BRIDGES + (bridge < records % BRIDGES) for bridge in range(BRIDGES)]
    delivered = 0
    over = threading.Event()

    def deliver(number: int) -> None:
        nonlocal delivered
        chance = random.Random(seed * 100 + number)
        connection = http.client.HTTPConnection("127.0.0.1", receiver.port, timeout=60)
        session = f"session {number}"
        for body, numbers, lost in _posts(session, sizes[number], chance):
            times = 1 + (chance.random() < AGAIN)
            for _ in range(times):
                while not _post(connection, body):
                    with lock:
                        found.unanswered += 1
                    time.sleep(0.05)
            with lock:
                found.answered |= {(guid(session), index) for index in numbers}
                found.declared[session] = found.declared.get(session, 0) + lost
                found.repeated += times - 1
                delivered += len(numbers)

    def kill() -> None:
        chance = random.Random(seed)
        # spread over the delivery, at moments of chance
        for part in sorted(chance.sample(range(1, 1000), kills)):
            while delivered < records * part / 1000 and not over.is_set():
                time.sleep(0.002)
            if over.is_set():
                return
            time.sleep(chance.random() * 0.05)
            receiver.kill()
            found.kills += 1
            receiver.start()

    receiver.start()
    began = time.perf_counter()
    killer = threading.Thread(target=kill)
    killer.start()
    try:
        with ThreadPoolExecutor(BRIDGES) as pool:
            list(pool.map(deliver, range(BRIDGES)))
        found.seconds = time.perf_counter() - began
    finally:
        over.set()
        killer.join()
        receiver.kill()
    found.stored = Counter(
        (record.session, record.index) for *_, path in days(Site(folder).spool) for record in read_day(path)
    )
    return found


def _posts(session: str, records: int, chance: random.Random) -> Iterator[tuple[bytes, list[int], int]]:
    """Bodies of a bridge, the numbers of the records in each, and how many it gave up on before it."""
    bridge, meeting = Bridge(session, call_bridge=session), 0
    told = 0
    while told < records:
        lost = chance.randint(1, 9) if told and chance.random() < LOST else 0
        bridge.told, bridge.skipped = [], bridge.skipped + len(bridge.told) + lost
        first = bridge.skipped
        while len(bridge.told) < PER_POST:
            name, clock = f"{session} {meeting}", f"{6 + meeting % 12}:{meeting % 60:02}"
            bridge.call_start(clock, name)
            bridge.leg(clock, clock, f"leg of {name}", name)
            bridge.call_end(clock, name)
            meeting += 1
        bridge.told = bridge.told[: min(PER_POST, records - told)]
        if lost:
            bridge.told[0] = bridge.told[0].replace(
                " correlatorIndex", f' numPreceedingRecordsMissing="{lost}" correlatorIndex'
            )
        yield bridge.document(), list(range(first, first + len(bridge.told))), lost
        told += len(bridge.told)


def _post(connection: http.client.HTTPConnection, body: bytes) -> bool:
    try:
        connection.request("POST", f"/cdr/{SECRET}", body)
        answer = connection.getresponse()
        answer.read()
    except (http.client.HTTPException, OSError):
        connection.close()
        return False
    if answer.status not in (200, 503):
        raise AssertionError(answer.status)
    return answer.status == 200


class _Receiver:
    """The receiver's process."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        here = Path(__file__).parent
        command = [sys.executable, "-c", SERVE, str(self._folder), str(self.port), str(here)]
        self._process = subprocess.Popen(command, cwd=here.parent)
        for _ in range(600):
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                time.sleep(0.05)
            else:
                return
        raise TimeoutError

    def kill(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

"""
The embedded store: one SQLite file, safe for several processes, durable across `kill -9` and power loss.

One thread per process writes, so no handler ever waits for the disk on the event loop. It takes every
operation that is waiting and runs them as one transaction: one durable commit (WAL, synchronous=FULL)
serves them all, and each still succeeds or fails on its own. Waiting for the disk is most of what a request
costs, so operations that begin in the same turn of the event loop always travel together.

Reads have a connection of their own and are answered on the spot: in WAL nobody makes a reader wait, and a
document is found sooner than a thread wakes up.
"""

import asyncio
import contextlib
import json
import queue
import secrets
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path

from promptready.errors import AlreadyExists, PreconditionFailed, StoreNotReady, StoreUnavailable
from promptready.store import CALL_TIMEOUT_S, CONTAINERS, Document, Stored

MAX_BATCH = 256  # give or take one turn's operations; bounds how long one transaction keeps other processes waiting
BUSY_TIMEOUT_MS = 2_000  # waiting for another process's transaction; below CALL_TIMEOUT_S, so the caller hears why
PREPARE_AGAIN_AFTER_S = 0.002  # and up to four times as long, so that two do not meet again
PRUNE_EVERY_S = 3_600.0
PRIMARY_CODE = 0xFF  # SQLite's codes say more in their higher bits
NEEDS_AN_OPERATOR = frozenset({sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_READONLY})

SCHEMA = """
CREATE TABLE IF NOT EXISTS documents (
    container  TEXT NOT NULL,
    id         TEXT NOT NULL,
    etag       TEXT NOT NULL,
    expires_at REAL,
    body       TEXT NOT NULL,
    PRIMARY KEY (container, id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS documents_by_expiry ON documents (expires_at) WHERE expires_at IS NOT NULL;
"""

Outcome = Stored | str | None


class _Operation:
    """One call on its way to the thread and back."""

    __slots__ = ("future", "is_write", "loop", "outcome", "run")

    def __init__(self, run: Callable[[sqlite3.Connection], Outcome], *, is_write: bool) -> None:
        self.run = run
        self.is_write = is_write
        self.loop = asyncio.get_running_loop()
        self.future: asyncio.Future[Outcome] = self.loop.create_future()
        self.outcome: Outcome | Exception = None

    def resolve(self) -> None:
        if self.future.done():  # the caller gave up waiting
            return
        if isinstance(self.outcome, Exception):
            self.future.set_exception(self.outcome)
        else:
            self.future.set_result(self.outcome)


class SqliteStore:
    """The store port over one SQLite file. `now` gives the time as seconds since the epoch, for expiry."""

    def __init__(self, path: Path, *, now: Callable[[], float] = time.time) -> None:
        self._path = path
        self._now = now
        self._operations: queue.SimpleQueue[list[_Operation] | None] = queue.SimpleQueue()
        self._gathered: dict[asyncio.AbstractEventLoop, list[_Operation]] = {}
        self._thread: threading.Thread | None = None
        self._reader: sqlite3.Connection | None = None

    async def read(self, container: str, id: str) -> Stored | None:  # noqa: A002 - the port's contract names it
        """See the port."""
        now = self._now()

        def run(connection: sqlite3.Connection) -> Stored | None:
            row = connection.execute(
                "SELECT body, etag FROM documents WHERE container = ? AND id = ?"
                " AND (expires_at IS NULL OR expires_at > ?)",
                (container, id, now),
            ).fetchone()
            return Stored(json.loads(row[0]), row[1]) if row else None

        if self._reader is not None:
            with contextlib.suppress(sqlite3.Error):  # the thread waits where this may not, and knows what to say
                return run(self._reader)
        outcome = await self._call(run, is_write=False)
        assert outcome is None or isinstance(outcome, Stored)  # noqa: S101 - tells the type checker what `run` returned
        return outcome

    async def create(self, container: str, document: Document) -> str:
        """See the port."""
        now, etag = self._now(), secrets.token_hex(8)
        values = (etag, _expiry(container, now), json.dumps(document), container, document["id"])

        def run(connection: sqlite3.Connection) -> str:
            cursor = connection.execute(
                "INSERT INTO documents (etag, expires_at, body, container, id) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT DO UPDATE SET etag = excluded.etag, expires_at = excluded.expires_at,"
                " body = excluded.body WHERE documents.expires_at <= ?",
                (*values, now),
            )
            if cursor.rowcount == 0:
                raise AlreadyExists
            return etag

        return str(await self._call(run, is_write=True))

    async def replace(self, container: str, document: Document, etag: str) -> str:
        """See the port."""
        now, new_etag = self._now(), secrets.token_hex(8)
        values = (new_etag, _expiry(container, now), json.dumps(document), container, document["id"], etag, now)

        def run(connection: sqlite3.Connection) -> str:
            cursor = connection.execute(
                "UPDATE documents SET etag = ?, expires_at = ?, body = ? WHERE container = ? AND id = ?"
                " AND etag = ? AND (expires_at IS NULL OR expires_at > ?)",
                values,
            )
            if cursor.rowcount == 0:
                raise PreconditionFailed
            return new_etag

        return str(await self._call(run, is_write=True))

    async def delete(self, container: str, id: str) -> None:  # noqa: A002 - the port's contract names it
        """See the port."""

        def run(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM documents WHERE container = ? AND id = ?", (container, id))

        await self._call(run, is_write=True)

    async def close(self) -> None:
        """See the port."""
        if self._thread is not None:
            self._hand_over(asyncio.get_running_loop())
            self._operations.put(None)
            await asyncio.to_thread(self._thread.join, CALL_TIMEOUT_S)
            self._thread = None
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    async def _call(self, run: Callable[[sqlite3.Connection], Outcome], *, is_write: bool) -> Outcome:
        if self._thread is None:
            # A daemon: an operation cut off at exit is rolled back, which the ledger above allows for.
            self._thread = threading.Thread(target=self._serve, name="promptready-sqlite", daemon=True)
            self._thread.start()
        operation = _Operation(run, is_write=is_write)
        if operation.loop not in self._gathered:
            self._gathered[operation.loop] = []
            operation.loop.call_soon(self._hand_over, operation.loop)
        self._gathered[operation.loop].append(operation)
        try:
            async with asyncio.timeout(CALL_TIMEOUT_S):
                return await operation.future
        except TimeoutError as exc:
            raise StoreUnavailable from exc

    def _hand_over(self, loop: asyncio.AbstractEventLoop) -> None:
        """
        Give the thread what this turn of the event loop has gathered.

        One by one, the first of two writes that go side by side would be committed alone, and the second would
        have to wait for that commit before its own.
        """
        if gathered := self._gathered.pop(loop, None):
            self._operations.put(gathered)

    def _serve(self) -> None:
        """Run on the thread: commit what is waiting, answer, repeat, until `close`."""
        connection: sqlite3.Connection | None = None
        prune_at = 0.0
        while (first := self._operations.get()) is not None:
            batch = self._with_others_waiting(first)
            try:
                connection = connection or self._open()
                if time.monotonic() >= prune_at:
                    _prune(connection, self._now())
                    prune_at = time.monotonic() + PRUNE_EVERY_S
                _commit(connection, batch)
            except sqlite3.Error as exc:
                for operation in batch:
                    operation.outcome = _unavailable(self._path, exc)
            _answer(batch)
        if connection is not None:
            connection.close()

    def _with_others_waiting(self, first: list[_Operation]) -> list[_Operation]:
        batch = first
        while len(batch) < MAX_BATCH:
            try:
                gathered = self._operations.get_nowait()
            except queue.Empty:
                break
            if gathered is None:
                self._operations.put(None)
                break
            batch += gathered
        return batch

    def _open(self) -> sqlite3.Connection:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as exc:
            raise sqlite3.OperationalError(str(exc)) from exc
        connection = sqlite3.connect(self._path, isolation_level=None)
        try:
            connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
            connection.execute("PRAGMA synchronous = FULL")
            _prepare(connection)
            self._reader = _open_reader(self._path)
        except sqlite3.Error:
            connection.close()
            raise
        return connection


def _prepare(connection: sqlite3.Connection) -> None:
    """
    Make sure that the file has its journal and its tables.

    Of several who do so with a new file at once, SQLite sends some away without letting them wait, for they might wait
    for each other. They try again, as long as anybody waits for a lock here.
    """
    give_up_at = time.monotonic() + BUSY_TIMEOUT_MS / 1000
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.executescript(SCHEMA)
        except sqlite3.OperationalError as exc:
            if exc.sqlite_errorcode & PRIMARY_CODE != sqlite3.SQLITE_BUSY or time.monotonic() >= give_up_at:
                raise
            time.sleep(PREPARE_AGAIN_AFTER_S * (1 + secrets.randbelow(4)))
        else:
            return


def _open_reader(path: Path) -> sqlite3.Connection:
    """Open a connection for the event loop: it never writes and never waits for a lock."""
    reader = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
    reader.execute("PRAGMA query_only = ON")
    return reader


def _expiry(container: str, now: float) -> float | None:
    ttl_s = CONTAINERS[container]
    return None if ttl_s is None else now + ttl_s


def _prune(connection: sqlite3.Connection, now: float) -> None:
    connection.execute("DELETE FROM documents WHERE expires_at <= ?", (now,))


def _commit(connection: sqlite3.Connection, batch: list[_Operation]) -> None:
    """Run the batch as one transaction. A conflict is one operation's outcome; a failed commit is everyone's."""
    writes = any(operation.is_write for operation in batch)
    if writes:
        connection.execute("BEGIN IMMEDIATE")
    try:
        for operation in batch:
            try:
                operation.outcome = operation.run(connection)
            except (AlreadyExists, PreconditionFailed) as conflict:
                operation.outcome = conflict
        if writes:
            connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _answer(batch: list[_Operation]) -> None:
    """Hand the outcomes back, one wake-up per event loop."""

    def resolve(operations: list[_Operation]) -> None:
        for operation in operations:
            operation.resolve()

    for loop in {operation.loop for operation in batch}:
        mine = [operation for operation in batch if operation.loop is loop]
        try:
            loop.call_soon_threadsafe(resolve, mine)
        except RuntimeError:  # the loop is closed: nobody waits for these any more
            continue


def _unavailable(path: Path, cause: sqlite3.Error) -> StoreUnavailable:
    # A folder that can't be made has no code of SQLite's own.
    code = getattr(cause, "sqlite_errorcode", sqlite3.SQLITE_CANTOPEN) & PRIMARY_CODE
    is_ours_to_mend = code in NEEDS_AN_OPERATOR
    error = StoreNotReady(f"The SQLite file {path} can't be used: {cause}.") if is_ours_to_mend else StoreUnavailable()
    error.__cause__ = cause
    return error

"""
Group commit: many changes to the one budget document, one guarded write.

The budget is the hottest document there is, so a process never races itself for it. Changes queue up;
a single task applies all that wait to the last seen version and replaces it under its etag. The last
version and etag are kept, so the common case is one write and no read.

What happened to a write whose reply is lost
    Every attempt carries the writer's id and a number. An attempt without a clear outcome stays *in
    doubt* and its changes keep waiting; the next version read tells:

    - the document bears the attempt's number: it landed, and its changes are done;
    - another etag without the number: it can never land, its guard is gone;
    - still the same etag: it may land yet, but then the next attempt on this etag can not, and the
      other way round. Trying again is safe.

    A change is applied when exactly one attempt that carries it has landed.

Callers who stop waiting
    `apply` cancelled or timed out withdraws the change. If an attempt in doubt carries it, it may land
    all the same; then its `undo` is queued. Money held for nobody goes back as soon as that is known.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from promptready.backoff import step_back
from promptready.budget import CONTAINER, DOCUMENT_ID, UNKNOWN_WRITER, WRITER_SILENT_FOR, Budget
from promptready.clock import Clock
from promptready.errors import AlreadyExists, PreconditionFailed, PromptReadyError, StoreUnavailable
from promptready.store import Store, Stored
from promptready.turns import Turns

FRESH_FOR_S = 1.0
"""How old the last seen version may be when it is used to say no. Other processes give money back all the time."""

FORGET_DOUBT_AFTER: timedelta = WRITER_SILENT_FOR / 2
"""An attempt this old can't be judged by a document that does not know its writer: it may have forgotten it."""

MAX_OUTAGES = 4  # StoreUnavailable in a row; with the store's own timeout far beyond any request's deadline
MAX_CONFLICTS = 400  # in a row; callers time out long before, this only bounds the loop; `turns.py` spaces them
BACKOFF_BASE_S = 0.002
BACKOFF_CAP_S = 0.25

Change = Callable[[Budget], Budget]
"""The next budget, or a refusal raised as a `PromptReadyError`. Pure: it may run several times."""


@dataclass(eq=False, slots=True)
class _Waiting:
    """A change that has not been applied yet, and whoever waits for it."""

    change: Change
    undo: Callable[[Budget], Change] | None
    must_land: bool
    future: asyncio.Future[Budget]

    @property
    def is_withdrawn(self) -> bool:
        """Nobody waits any more: cancelled, or told that the store is away."""
        return self.future.done()


@dataclass(frozen=True, slots=True)
class _Attempt:
    """One write: what it carries, the etag that guards it, and the number it can be recognised by."""

    seq: int
    etag: str
    result: Budget
    carried: tuple[_Waiting, ...]
    refused: tuple[tuple[_Waiting, PromptReadyError], ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class _Seen:
    """A version of the document, and when this process saw it (event-loop seconds)."""

    budget: Budget
    etag: str
    at_s: float


class GroupCommit:
    """Applies changes to the stored budget, creating it with `first_cap_nanousd` when there is none."""

    def __init__(self, store: Store, clock: Clock, writer_id: str, first_cap_nanousd: int) -> None:
        self._store = store
        self._clock = clock
        self._writer_id = writer_id
        self._first_cap_nanousd = first_cap_nanousd
        self._last: _Seen | None = None
        self._seen: _Seen | None = None  # `_last` for as long as it may still be current
        self._turns = Turns(writer_id)
        self._seq = 0
        self._waiting: list[_Waiting] = []
        self._in_doubt: list[_Attempt] = []
        self._committer: asyncio.Task[None] | None = None

    async def apply(self, change: Change, *, undo: Callable[[Budget], Change] | None = None) -> Budget:
        """
        Apply `change` and return the budget it made part of, once that is durable.

        `undo` is asked for the change that takes it back, should it land after its caller has left.

        Raises:
            PromptReadyError: what the change itself raised; nothing of it was written.
            StoreUnavailable: the outcome is not known. If it landed, `undo` follows.
        """
        future = self._enqueue(change, undo, must_land=False)
        try:
            return await future
        except asyncio.CancelledError:
            if undo is not None and _has_result(future):  # it landed while its caller was on the way out
                self.apply_later(undo(future.result()))
            raise

    def apply_later(self, change: Change) -> asyncio.Future[Budget]:
        """Queue a change that must not be lost when the store is away: it rides with the next write that succeeds."""
        future = self._enqueue(change, None, must_land=True)
        future.add_done_callback(_retrieve)
        return future

    async def current(self, max_age_s: float) -> Budget:
        """Return the budget of this week as seen at most `max_age_s` ago, reading it again if need be."""
        if self._last is not None and self._age_s(self._last) <= max_age_s:
            return self._last.budget.rolled(self._clock())
        self._seen = None  # a write under way keeps the version it has in hand and puts a newer one here
        return await self.apply(lambda budget: budget)

    @property
    def last_seen(self) -> Budget | None:
        """The last version this process has seen, rolled to the present week; None before the first."""
        return self._last.budget.rolled(self._clock()) if self._last else None

    def _enqueue(
        self, change: Change, undo: Callable[[Budget], Change] | None, *, must_land: bool
    ) -> asyncio.Future[Budget]:
        loop = asyncio.get_running_loop()
        waiting = _Waiting(change, undo, must_land, loop.create_future())
        self._waiting.append(waiting)
        if self._committer is None or self._committer.done():
            self._committer = loop.create_task(self._commit_waiting())
        return waiting.future

    async def _commit_waiting(self) -> None:
        """Write until nobody waits, or the store has been away too long."""
        outages = conflicts = 0
        error: Exception = StoreUnavailable()
        while self._somebody_waits() and outages < MAX_OUTAGES and conflicts < MAX_CONFLICTS:
            try:
                if (wait_s := self._turns.wait_s(_loop_time())) > 0:
                    await asyncio.sleep(wait_s)
                seen = self._seen or await self._read()
                self._judge_doubts(seen)
                await self._commit(seen)
                outages = conflicts = 0
            except PreconditionFailed:
                conflicts += 1
                self._seen = None
            except StoreUnavailable as outage:
                error = outage  # it may know what an operator has to do
                outages += 1
                await self._step_back(outages)
            except Exception as bug:  # noqa: BLE001 - everyone who waits hears of it; a silent task would leave them hanging
                error = bug
                self._seen = None
                break
        self._fail_waiting(error)

    def _somebody_waits(self) -> bool:
        return any(not waiting.is_withdrawn for waiting in self._waiting)

    async def _step_back(self, failures: int) -> None:
        """Forget the version seen and wait, with full jitter, before looking again."""
        self._seen = None
        await step_back(failures, BACKOFF_BASE_S, BACKOFF_CAP_S)

    async def _read(self) -> _Seen:
        stored = await self._store.read(CONTAINER, DOCUMENT_ID) or await self._create()
        return self._remember(Budget.from_document(stored.document), stored.etag)

    def _remember(self, budget: Budget, etag: str) -> _Seen:
        self._seen = self._last = _Seen(budget, etag, _loop_time())
        return self._seen

    async def _create(self) -> Stored:
        document = Budget.first(self._first_cap_nanousd, self._clock()).to_document()
        try:
            etag = await self._store.create(CONTAINER, document)
        except AlreadyExists:
            stored = await self._store.read(CONTAINER, DOCUMENT_ID)
            if stored is None:
                raise StoreUnavailable from None
            return stored
        return Stored(document, etag)

    def _judge_doubts(self, seen: _Seen) -> None:
        """Decide every attempt in doubt by the version just seen, and drop withdrawn changes that none can carry."""
        landed_seq = seen.budget.last_seq_of(self._writer_id)
        still_in_doubt: list[_Attempt] = []
        for attempt in self._in_doubt:
            if attempt.seq == landed_seq:
                self._finish(attempt)
            elif attempt.etag == seen.etag:
                still_in_doubt.append(attempt)
            elif landed_seq == UNKNOWN_WRITER and self._clock() - attempt.at > FORGET_DOUBT_AFTER:
                self._forget(attempt)
        self._in_doubt = still_in_doubt
        may_land = {id(waiting) for attempt in still_in_doubt for waiting in attempt.carried}
        self._waiting = [w for w in self._waiting if not w.is_withdrawn or id(w) in may_land]

    async def _commit(self, seen: _Seen) -> None:
        """
        Apply what waits to the version seen and write it, or answer without a write where nothing changes.

        What waits may add up to nothing: a hold of what a settlement gives back. With an attempt in doubt
        that needs a write all the same, or the attempt could still land and apply its share a second time.
        """
        attempt = self._compose(seen)
        if attempt.result == seen.budget and not self._in_doubt:
            if self._age_s(seen) > FRESH_FOR_S:
                self._seen = None  # too old to refuse on: read once and decide again
            else:
                self._finish(attempt)
            return
        signed = attempt.result.written_by(self._writer_id, attempt.seq, attempt.at)
        self._in_doubt.append(attempt)
        started_s = _loop_time()
        try:
            etag = await self._store.replace(CONTAINER, signed.to_document(), seen.etag)
        except PreconditionFailed:
            self._turns.lost(seen.budget, attempt.at, started_s, _loop_time())
            raise
        self._turns.won(started_s, _loop_time())
        self._in_doubt.clear()  # all of them shared the etag that this write has used up
        self._remember(signed, etag)
        if self._turns.is_contended(_loop_time()):
            self._seen = None
        self._finish(replace(attempt, result=signed))

    def _compose(self, seen: _Seen) -> _Attempt:
        """
        Apply every waiting change to the version seen, settlements first: the money they free is there for the holds.

        A change that refuses leaves its neighbours alone.
        """
        now = self._clock()
        self._seq += 1
        budget = seen.budget.rolled(now)
        carried: list[_Waiting] = []
        refused: list[tuple[_Waiting, PromptReadyError]] = []
        for waiting in sorted(self._waiting, key=lambda waiting: not waiting.must_land):
            if waiting.is_withdrawn:
                continue
            try:
                budget = waiting.change(budget)
            except PromptReadyError as refusal:
                refused.append((waiting, refusal))
            else:
                carried.append(waiting)
        return _Attempt(self._seq, seen.etag, budget, tuple(carried), tuple(refused), now)

    def _finish(self, attempt: _Attempt) -> None:
        """The attempt is durable: answer those it carries and those it refused, undo for those who left."""
        done = {id(waiting) for waiting in attempt.carried} | {id(waiting) for waiting, _ in attempt.refused}
        self._waiting = [waiting for waiting in self._waiting if id(waiting) not in done]
        for waiting in attempt.carried:
            if not waiting.future.done():
                waiting.future.set_result(attempt.result)
            elif waiting.undo is not None:
                self.apply_later(waiting.undo(attempt.result))
        for waiting, refusal in attempt.refused:
            if not waiting.future.done():
                waiting.future.set_exception(refusal)

    def _forget(self, attempt: _Attempt) -> None:
        """Nobody can tell any more whether the attempt landed. Its settlements are dropped: the money stays spent."""
        carried = {id(waiting) for waiting in attempt.carried}
        for waiting in attempt.carried:
            if not waiting.future.done():
                waiting.future.set_exception(StoreUnavailable())
        self._waiting = [waiting for waiting in self._waiting if id(waiting) not in carried]

    def _fail_waiting(self, error: Exception) -> None:
        """Let callers go. What must land stays queued, and what an attempt in doubt carries stays to be judged."""
        for waiting in self._waiting:
            if not waiting.must_land and not waiting.future.done():
                waiting.future.set_exception(error)

    def _age_s(self, seen: _Seen) -> float:
        return _loop_time() - seen.at_s


def _loop_time() -> float:
    return asyncio.get_running_loop().time()


def _has_result(future: asyncio.Future[Budget]) -> bool:
    return future.done() and not future.cancelled() and future.exception() is None


def _retrieve(future: asyncio.Future[Budget]) -> None:
    """Take note of the outcome, so that one nobody waited for is not reported as lost."""
    if not future.cancelled():
        future.exception()

"""An event loop whose clock is a number: time jumps to the next timer, and one order of events is one seed's."""

import asyncio
import heapq
import itertools
from collections import deque
from collections.abc import Callable, Coroutine
from contextvars import Context, ContextVar, copy_context
from typing import Any

MAX_STEPS = 100_000
"""A schedule takes some hundred. One that takes this many would never end."""


class Mortal:
    """Something whose callbacks stop running when it dies: a simulated process."""

    is_dead = False


OWNER: ContextVar[Mortal | None] = ContextVar("OWNER", default=None)
"""Whose code is running. A callback in the context of a dead owner is dropped, as `kill -9` would."""


class Livelock(Exception):
    """The schedule does not end."""


class _Handle:
    """What asyncio wants back from `call_soon` and `call_at`."""

    __slots__ = ("_when", "args", "callback", "context", "is_cancelled")

    def __init__(self, callback: Callable[..., object], args: tuple[Any, ...], context: Context, when: float) -> None:
        self.callback = callback
        self.args = args
        self.context = context
        self.is_cancelled = False
        self._when = when

    def cancel(self) -> None:
        self.is_cancelled = True

    def cancelled(self) -> bool:
        return self.is_cancelled

    def when(self) -> float:
        return self._when


class VirtualLoop(asyncio.AbstractEventLoop):
    """The part of an event loop that code without sockets and threads uses."""

    def __init__(self, max_steps: int | None = MAX_STEPS) -> None:
        self._max_steps = max_steps
        self._now_s = 0.0
        self._ready: deque[_Handle] = deque()
        self._timers: list[tuple[float, int, _Handle]] = []
        self._timers_made = 0
        self._tasks: list[asyncio.Task[Any]] = []

    def run(self, until: Callable[[], bool]) -> None:
        """
        Run until `until()` or until nothing is left to do.

        Raises:
            Livelock: after `max_steps`.
        """
        ready, timers = self._ready, self._timers
        asyncio._set_running_loop(self)
        try:
            for _ in itertools.count() if self._max_steps is None else range(self._max_steps):
                if not ready:
                    if not timers or until():
                        return
                    self._now_s, _, handle = heapq.heappop(timers)
                else:
                    handle = ready.popleft()
                if not handle.is_cancelled:
                    owner = handle.context.get(OWNER)
                    if owner is None or not owner.is_dead:
                        handle.context.run(handle.callback, *handle.args)
        finally:
            asyncio._set_running_loop(None)
        raise Livelock

    def bury(self) -> None:
        """Close what never ended, so that it is neither reported nor woken up by the garbage collector."""
        for task in self._tasks:
            if not task.done():
                task._log_destroy_pending = False  # type: ignore[attr-defined]
                try:
                    task.get_coro().close()
                except RuntimeError:  # it wanted to await on its way out: the dead don't
                    continue
        self._tasks.clear()

    # What asyncio calls.

    def time(self) -> float:
        return self._now_s

    def call_soon(self, callback: Callable[..., object], *args: Any, context: Context | None = None) -> Any:  # type: ignore[override]  # noqa: ANN401
        handle = _Handle(callback, args, context or copy_context(), self._now_s)
        self._ready.append(handle)
        return handle

    def call_at(self, when: float, callback: Callable[..., object], *args: Any, context: Context | None = None) -> Any:  # type: ignore[override]  # noqa: ANN401
        handle = _Handle(callback, args, context or copy_context(), when)
        self._timers_made += 1
        heapq.heappush(self._timers, (max(when, self._now_s), self._timers_made, handle))
        return handle

    def call_later(  # type: ignore[override]
        self,
        delay: float,
        callback: Callable[..., object],
        *args: Any,  # noqa: ANN401
        context: Context | None = None,
    ) -> Any:  # noqa: ANN401
        return self.call_at(self._now_s + delay, callback, *args, context=context)

    def create_future(self) -> asyncio.Future[Any]:
        return asyncio.Future(loop=self)

    def create_task(  # type: ignore[override]
        self, coro: Coroutine[Any, Any, Any], *, name: str | None = None, context: Context | None = None
    ) -> asyncio.Task[Any]:
        task: asyncio.Task[Any] = asyncio.Task(coro, loop=self, name=name or "", context=context)
        self._tasks.append(task)
        return task

    def get_debug(self) -> bool:
        return False

    def is_running(self) -> bool:
        return True

    def is_closed(self) -> bool:
        return False

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """Futures of the dead end without anyone who asks. What requests end with is looked at by the books."""

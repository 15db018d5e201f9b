"""
An event loop whose clock is a number: time jumps to the next timer, and one order of events is one seed's.

It is written to be cheap, because a schedule is little else than a hundred of its steps: what waits is a plain
tuple, only what can be called off is an object, and nobody's death is looked for before somebody has died.
"""

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


_Step = tuple[Callable[..., object], tuple[Any, ...], Context | None]
"""What to call, in which context; None for the world outside all processes, which nobody's death stops."""


class _Handle:
    """What asyncio wants back where it may call off what it has scheduled."""

    __slots__ = ("_args", "_callback", "_is_cancelled", "_when")

    def __init__(self, callback: Callable[..., object], args: tuple[Any, ...], when: float) -> None:
        self._callback = callback
        self._args = args
        self._is_cancelled = False
        self._when = when

    def fire(self) -> None:
        if not self._is_cancelled:
            self._callback(*self._args)

    def cancel(self) -> None:
        self._is_cancelled = True

    def cancelled(self) -> bool:
        return self._is_cancelled

    def when(self) -> float:
        return self._when


class VirtualLoop(asyncio.AbstractEventLoop):
    """The part of an event loop that code without sockets and threads uses."""

    def __init__(self, max_steps: int | None = MAX_STEPS) -> None:
        self._max_steps = max_steps
        self._now_s = 0.0
        self._ready: deque[_Step] = deque()
        self._timers: list[tuple[float, int, _Step]] = []
        self._timers_made = 0
        self._tasks: list[asyncio.Task[Any]] = []
        self._has_deaths = False
        self._is_halted = False

    def run(self) -> None:
        """
        Run until nothing is left to do, or somebody calls `halt`.

        Raises:
            Livelock: after `max_steps`.
        """
        ready, timers, pop_timer = self._ready, self._timers, heapq.heappop
        asyncio._set_running_loop(self)
        try:
            for _ in itertools.count() if self._max_steps is None else range(self._max_steps):
                if ready:
                    callback, args, context = ready.popleft()
                elif timers and not self._is_halted:
                    self._now_s, _, (callback, args, context) = pop_timer(timers)
                else:
                    return
                if context is None:
                    callback(*args)
                elif not self._has_deaths or not _is_of_the_dead(context):
                    context.run(callback, *args)
        finally:
            asyncio._set_running_loop(None)
        raise Livelock

    def halt(self) -> None:
        """Let no more time pass."""
        self._is_halted = True

    def kill(self, owner: Mortal) -> None:
        """Nothing of this owner's runs any more."""
        owner.is_dead = self._has_deaths = True

    def later(self, delay_s: float, action: Callable[..., object], *args: Any) -> None:  # noqa: ANN401
        """Let something happen to the world. It belongs to no process, and can't be called off."""
        self._timers_made += 1
        heapq.heappush(self._timers, (self._now_s + delay_s, self._timers_made, (action, args, None)))

    def soon(self, action: Callable[..., object], *args: Any) -> None:  # noqa: ANN401
        """Let something happen to the world behind whatever is ready to run."""
        self._ready.append((action, args, None))

    def bury(self) -> None:
        """Close what never ended, so that it is neither reported nor woken up by the garbage collector."""
        for task in self._tasks:
            if task.done():
                _forget_frames(None if task.cancelled() else task.exception())
            else:
                task._log_destroy_pending = False  # type: ignore[attr-defined]
                try:
                    task.get_coro().close()
                except RuntimeError:  # it wanted to await on its way out: the dead don't
                    continue
        self._tasks.clear()
        self._timers.clear()
        self._ready.clear()

    # What asyncio calls.

    def time(self) -> float:
        return self._now_s

    def call_soon(self, callback: Callable[..., object], *args: Any, context: Context | None = None) -> Any:  # type: ignore[override]  # noqa: ANN401
        if context is not None:  # a task's or a future's: those never call it off
            self._ready.append((callback, args, context))
            return None
        handle = _Handle(callback, args, self._now_s)
        self._ready.append((handle.fire, (), copy_context()))
        return handle

    def call_at(self, when: float, callback: Callable[..., object], *args: Any, context: Context | None = None) -> Any:  # type: ignore[override]  # noqa: ANN401
        handle = _Handle(callback, args, when)
        self._timers_made += 1
        step = (handle.fire, (), context or copy_context())
        heapq.heappush(self._timers, (max(when, self._now_s), self._timers_made, step))
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


def _forget_frames(error: BaseException | None) -> None:
    while error is not None:
        error.__traceback__ = None
        error = error.__context__


def _is_of_the_dead(context: Context) -> bool:
    owner = context.get(OWNER)
    return owner is not None and owner.is_dead

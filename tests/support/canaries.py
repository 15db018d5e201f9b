"""Texts that may not show where they do not belong, a visit that sends them, and ears for all that comes of it."""

import json
import logging
import traceback
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Self

import httpx

from promptready.app import App
from promptready.http import Incoming, Outgoing
from promptready.store import Store
from promptready.telemetry import EVENTS_LOGGER

CONTENT = "canarycontentzq"
USER = "canaryuser-8842731"
PROVIDER_KEY = "canaryproviderkey-55e1"
ADDRESS = "203.0.113.77"
SALT = "canarysalt-of-sixteen"
IDEMPOTENCY_KEY = "canaryidempotency-01"
CANARIES = (CONTENT, USER, PROVIDER_KEY, ADDRESS, SALT, IDEMPOTENCY_KEY)

PAGE = f"# {CONTENT}\n\n{CONTENT} costs 95 euros, see https://example.org/{CONTENT}."
REQUEST = {"userId": USER, "cohort": "A", "content": PAGE}


def canaries_in(texts: Iterable[str]) -> set[str]:
    """Return those that show in any of the texts."""
    return {canary for text in texts for canary in CANARIES if canary in text}


class Listener(logging.Handler):
    """Hears every library at its chattiest, and keeps each record as any handler could write it."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.heard: list[str] = []
        self.events: list[dict[str, Any]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.heard.append(f"{self.format(record)} {record.__dict__}")
        if record.name == EVENTS_LOGGER:
            self.events.append(json.loads(record.getMessage()))

    def __enter__(self) -> Self:
        self._level = logging.root.level
        logging.root.addHandler(self)
        logging.root.setLevel(logging.DEBUG)
        return self

    def __exit__(self, *_: object) -> None:
        logging.root.removeHandler(self)
        logging.root.setLevel(self._level)


@dataclass(slots=True)
class Visit:
    """An app, what is sent to it, and what comes back: the codes, and everything else in `heard`."""

    app: App
    store: Store
    codes: list[str] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)

    async def check(self, user_id: object = USER) -> None:
        """Send a check-credits request."""
        self._note(await self.app.endpoints.check_credits(_incoming({"userId": user_id}, IDEMPOTENCY_KEY)))

    async def process(self, sent: object = REQUEST, *, key: str = IDEMPOTENCY_KEY) -> None:
        """Send a process-ai request: JSON, or bytes as they are."""
        self._note(await self.app.endpoints.process_ai(_incoming(sent, key)))

    def _note(self, reply: Outgoing) -> None:
        body = json.loads(reply.body)
        body.pop("processed_content", None)  # the one place where content belongs
        self.codes.append(body["status"])
        self.heard.append(f"{reply.status} {dict(reply.headers)} {body}")

    def hear_refusals(self) -> None:
        """Hear exceptions with all their causes, before http.py turns them into replies."""
        answer = self.app.endpoints._answer

        async def overheard(serve: Callable[[], Awaitable[Any]], request_id: str) -> tuple[Outgoing, str]:
            async def told() -> Any:  # noqa: ANN401  # as `serve`
                try:
                    return await serve()
                except Exception as refusal:
                    self.heard.append("".join(traceback.format_exception(refusal)))
                    raise

            return await answer(told, request_id)

        self.app.endpoints._answer = overheard  # type: ignore[method-assign]

    def served_by(self, answer: Callable[[httpx.Request], httpx.Response]) -> None:
        """Put a provider of our own in the sandbox's place."""
        self.app._provider_client._transport = httpx.MockTransport(answer)


def _incoming(sent: object, key: str) -> Incoming:
    raw = sent if isinstance(sent, bytes) else json.dumps(sent).encode()
    return Incoming(raw, {"x-forwarded-for": f"198.51.100.1, {ADDRESS}:4711", "idempotency-key": key})

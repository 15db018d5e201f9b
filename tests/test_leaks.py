"""
Recognisable content, ids, keys and addresses on every path of the wire contract: none shows where it does not belong.

Heard are all logs of all libraries at their chattiest, what is printed, every reply with its headers, the exceptions
behind refusals, and the bytes of the store's file. Content belongs into the answer to its own request, and a user id
into the store; nothing else belongs anywhere. `python -m tests.guards leak` plants leaks and watches these tests fail.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from promptready import fidelity, routing, settings
from promptready.clock import system_clock
from promptready.http import CANCELLED, ERRORS
from promptready.secrets import Secret
from promptready.store import Document, Store, Stored
from promptready.store.sqlite import SqliteStore
from tests.conftest import cosmos_store
from tests.support.apps import Gate, add_user, running_app
from tests.support.canaries import (
    ADDRESS,
    CANARIES,
    CONTENT,
    IDEMPOTENCY_KEY,
    PROVIDER_KEY,
    REQUEST,
    SALT,
    USER,
    Listener,
    Visit,
    canaries_in,
)
from tests.support.cosmos_emulator import CosmosEmulator
from tests.support.sandbox import Sandbox

Path_ = Callable[[Visit], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Scenario:
    """A path through the app: what happens, and the codes that the replies then have, in any order."""

    run: Path_
    codes: frozenset[str]
    models: tuple[str, ...] = ("sandbox/ok",)
    variables: dict[str, str] = field(default_factory=dict)
    unanswered: frozenset[str] = frozenset()
    """The outcomes of requests that ended without a reply."""

    is_quoting: bool = False
    """Something of ours raises what it was given, on purpose: only what becomes of that matters."""


SCENARIOS: dict[str, Scenario] = {}


def scenario(*codes: str, **more: Any) -> Callable[[Path_], Path_]:  # noqa: ANN401  # the fields of Scenario
    def add(run: Path_) -> Path_:
        SCENARIOS[run.__name__] = Scenario(run, frozenset(codes), **more)
        return run

    return add


@scenario("OK", "SUCCESS", "REQUEST_ALREADY_ANSWERED", "IDEMPOTENCY_KEY_REUSED")
async def answered_and_sent_again(visit: Visit) -> None:
    await visit.check()
    for _ in range(4):  # two re-runs are free, and the last is refused
        await visit.process()
    await visit.process({**REQUEST, "content": f"{CONTENT} other"})


@scenario("INVALID_REQUEST", "CONTENT_TOO_LARGE")
async def requests_that_are_none(visit: Visit) -> None:
    bodies: list[object] = [
        CONTENT.encode(),
        f'{{"{CONTENT}'.encode(),
        [CONTENT],
        {"userId": USER},
        {**REQUEST, "content": [CONTENT]},
        {**REQUEST, "content": f"{CONTENT}\ud800"},
        {**REQUEST, "content": CONTENT * 9000},
        {**REQUEST, "cohort": CONTENT},
        {**REQUEST, "userId": f"{USER} {ADDRESS}"},
        f'{{"userId": "{USER}", "content": {"[" * 5000}"{CONTENT}"'.encode(),
        b"\xff\xfe" + CONTENT.encode("utf-16"),
    ]
    for body in bodies:
        await visit.process(body)
    await visit.process(key=f"{IDEMPOTENCY_KEY} {CONTENT}")
    await visit.check({CONTENT: USER})


@scenario("UNKNOWN_USER")
async def a_user_nobody_knows(visit: Visit) -> None:
    await visit.process()


@scenario("INSUFFICIENT_CREDITS")
async def a_user_without_credits(visit: Visit) -> None:
    await add_user(visit.store, USER, credits_=0)
    await visit.process()
    await visit.check()


@scenario("OK", "SERVICE_AT_CAPACITY", variables={"WEEKLY_CAP_USD": "0.000000001"})
async def a_week_that_is_spent(visit: Visit) -> None:
    await visit.check()
    await visit.process()


@scenario("OK", "TOO_MANY_REQUESTS", variables={"NEW_USERS_PER_NETWORK_PER_DAY": "1"})
async def too_many_new_users_of_one_network(visit: Visit) -> None:
    await visit.check()
    await visit.check(f"{USER}-2")


@scenario(
    "OK", "TOO_MANY_REQUESTS", "REQUEST_IN_FLIGHT", variables={"MAX_LIVE_HOLDS": "1"}, unanswered=frozenset({CANCELLED})
)
async def too_many_at_once_and_one_that_leaves(visit: Visit) -> None:
    async def is_held() -> bool:
        stored = await visit.store.read("users", USER)
        return stored is not None and bool(stored.document["requests"])

    await visit.check()
    gate = Gate(visit.app)
    waiting = asyncio.create_task(visit.process())
    while not await is_held():
        await asyncio.sleep(0)
    await visit.process(key=f"{IDEMPOTENCY_KEY}-2")
    await visit.process()
    waiting.cancel()
    gate.open()
    await asyncio.gather(waiting, return_exceptions=True)


@scenario(
    "OK", "PROVIDER_FAILED", models=("sandbox/http-500", "sandbox/truncated", "sandbox/wrong-model", "sandbox/drop")
)
async def providers_of_which_none_is_any_good(visit: Visit) -> None:
    await visit.check()
    await visit.process()


@scenario("OK", "SUCCESS", "PROVIDER_FAILED", "PROVIDER_TIMEOUT", "SERVICE_UNAVAILABLE")
async def a_provider_that_says_all_it_heard(visit: Visit) -> None:
    def everything(request: httpx.Request) -> str:
        return f"{request.headers['authorization']} {request.content.decode()} {ADDRESS} {USER}"

    def completion(said: str, **changes: object) -> dict[str, object]:
        choice = {"message": {"content": CONTENT, "refusal": said}, "finish_reason": said}
        return {"model": said, "choices": [choice], "usage": {"prompt_tokens": said}, **changes}

    def answer(status: int, document: Callable[[str], object]) -> Callable[[httpx.Request], httpx.Response]:
        def told(request: httpx.Request) -> httpx.Response:
            said = everything(request)
            return httpx.Response(status, json=document(said), headers={"retry-after": CONTENT, "x-said": CONTENT})

        return told

    def failing(failure: type[httpx.TransportError]) -> Callable[[httpx.Request], httpx.Response]:
        def fail(request: httpx.Request) -> httpx.Response:
            raise failure(everything(request))

        return fail

    answers = [answer(status, lambda said: {"error": said}) for status in (200, 400, 401, 404, 429, 500, 503)]
    answers += [answer(200, completion), answer(200, lambda said: completion(said, model="sandbox/ok"))]
    answers += [failing(httpx.ReadError), failing(httpx.ReadTimeout)]
    await visit.check()
    for number, way in enumerate(answers):
        visit.served_by(way)
        await visit.process(key=f"{IDEMPOTENCY_KEY}-{number}")


@scenario("OK", "SERVICE_UNAVAILABLE", variables={"SANDBOX_API_KEY": ""})
async def a_key_that_is_missing(visit: Visit) -> None:
    await visit.check()
    await visit.process()


@scenario("OK", "SUCCESS", "INTERNAL_ERROR", is_quoting=True)
async def bugs_that_quote_what_they_were_given(visit: Visit) -> None:
    await visit.check()

    def of_fidelity(source: str, answer: str) -> None:
        raise ValueError(f"{source} {answer} {USER} {PROVIDER_KEY}")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fidelity, "measure", of_fidelity)
        await visit.process()

    async def of_the_store(_: Store, container: str, *arguments: Document | str) -> Stored:
        raise OSError(f"{container} {arguments} {PROVIDER_KEY}")

    for name in ("read", "create", "replace"):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(SqliteStore, name, of_the_store)
            await visit.process(key=f"{IDEMPOTENCY_KEY}-{name}")
            await visit.check()


@pytest.mark.parametrize("name", SCENARIOS)
async def test_no_canary_shows(
    name: str,
    sandbox_provider: Sandbox,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(routing, "REPEAT_AFTER_S", 0.0)
    store = SqliteStore(tmp_path / "store.db")
    heard = await visited(SCENARIOS[name], store, sandbox_provider, tmp_path)
    assert canaries_in([*heard, *capfd.readouterr()]) == set()
    on_disk = [path.read_bytes().decode(errors="replace") for path in tmp_path.glob("store.db*")]
    assert canaries_in(on_disk) <= {USER, IDEMPOTENCY_KEY}


@pytest.mark.parametrize("status", [None, 403, 500])
async def test_no_canary_shows_on_cosmos_db_whose_client_logs_what_it_sends(
    status: int | None,
    request: pytest.FixtureRequest,
    emulator: CosmosEmulator,
    sandbox_provider: Sandbox,
    tmp_path: Path,
) -> None:
    async def failing(visit: Visit) -> None:
        await visit.check()
        emulator.fail_next("*", status or 500, times=100)
        try:
            await visit.process()
            await visit.check()
        finally:
            emulator.reset()

    path = (
        Scenario(failing, frozenset({"OK", "SERVICE_UNAVAILABLE"})) if status else SCENARIOS["answered_and_sent_again"]
    )
    assert canaries_in(await visited(path, cosmos_store(request), sandbox_provider, tmp_path)) == set()


async def visited(path: Scenario, store: Store, sandbox: Sandbox, folder: Path) -> list[str]:
    """Run the scenario and return all that was heard."""
    variables = {"UNIT_SALT": SALT, "SANDBOX_API_KEY": PROVIDER_KEY, **path.variables}
    models = dict.fromkeys("ABC", path.models)
    with Listener() as listener:
        async with running_app(store, sandbox, folder, models=models, clock=system_clock, **variables) as app:
            visit = Visit(app, store)
            if not path.is_quoting:
                visit.hear_refusals()
            await path.run(visit)
    assert set(visit.codes) == path.codes
    outcomes = {event["outcome"] for event in listener.events if event["event"] == "process_ai"}
    assert path.unanswered <= outcomes <= path.codes | path.unanswered
    assert listener.events or "process_ai" not in path.codes
    return [*visit.heard, *listener.heard]


def test_every_row_of_the_contract_is_visited() -> None:
    rows = {"OK", "SUCCESS", "INTERNAL_ERROR", *(code for _, code in ERRORS.values())}
    assert rows == {code for path in SCENARIOS.values() for code in path.codes}


@pytest.mark.parametrize("canary", CANARIES)
def test_a_canary_in_a_log_of_any_library_would_be_heard(canary: str) -> None:
    with Listener() as listener:
        logging.getLogger("some.library").debug("sent %s", {"body": canary})
        logging.getLogger("another").error("broken", exc_info=ValueError(canary))
    assert [canaries_in([text]) for text in listener.heard] == [{canary}, {canary}]


def test_no_repr_shows_a_secret(tmp_path: Path) -> None:
    variables = {"STORE_URL": f"sqlite:///{tmp_path}/x.db", "UNIT_SALT": SALT}
    assert canaries_in([repr(settings.load(variables)), repr(Secret(PROVIDER_KEY)), str(Secret(PROVIDER_KEY))]) == set()

"""
Operators' commands on the same store that the app uses: `python -m promptready.admin --help`.

Settings come from the environment, and where `local.settings.json` lies beside it and `STORE_URL` is not
set, from there: the commands then look at the same file as `make run`.
"""

import argparse
import asyncio
import json
import re
import sys
from collections.abc import Awaitable, Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

from promptready import app, catalog, settings
from promptready.app import App
from promptready.budget import CONTAINER as BUDGET_CONTAINER
from promptready.budget import DOCUMENT_ID, Budget
from promptready.catalog import Catalog, Route
from promptready.clock import system_clock, to_text
from promptready.credits import CONTAINER as USERS_CONTAINER
from promptready.credits import User
from promptready.errors import PromptReadyError, StartupRefused, StoreNotReady, StoreUnavailable
from promptready.money import MAX_USD, format_usd, usd_to_nano
from promptready.wire import USER_ID_PATTERN

FOUND, NOT_FOUND, UNUSABLE = 0, 1, 2
RETIRES_SOON = 1
LOCAL_SETTINGS = Path("local.settings.json")

Command = Callable[[App, argparse.Namespace], Awaitable[int]]


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return 0, 1 where something is missing or a model retires soon, 2 where it could not be done."""
    options = _parser().parse_args(arguments)
    try:
        variables = _with_local_settings(settings.environment(), LOCAL_SETTINGS)
        if options.run is None:  # the catalog is a file: looking at it needs no store
            return _show_catalog(catalog.load(settings.catalog_path(variables), system_clock().date()))
        return asyncio.run(_run(options, variables))
    except StartupRefused as refusal:
        print(refusal, file=sys.stderr)
    except StoreNotReady as refusal:
        print(refusal.remedy, file=sys.stderr)
    except StoreUnavailable:
        print("The store does not answer. Nothing is known to have changed; run the command again.", file=sys.stderr)
    except PromptReadyError as error:
        print(error, file=sys.stderr)
    return UNUSABLE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m promptready.admin", description="Look after a running PromptReady."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, run: Command | None, text: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=text, description=text)
        command.set_defaults(run=run)
        return command

    budget = add("budget", _budget, "show this week's spend, the cap and the breaker")
    budget.add_argument("--json", action="store_true", help="print the stored document")
    cap = add("cap", _cap, "set the weekly cap, in dollars")
    cap.add_argument("usd", type=_dollars, metavar="USD")
    breaker = add("breaker", _breaker, "open the breaker by hand (refuse everybody), or close it")
    breaker.add_argument("position", choices=("open", "close"))
    user = add("user", _user, "show one user")
    user.add_argument("id", type=_user_id, metavar="ID")
    user.add_argument("--json", action="store_true", help="print the stored document")
    erase = add("erase", _erase, "remove everything stored about one user")
    erase.add_argument("id", type=_user_id, metavar="ID")
    add("catalog", None, "show arms, routes, prices and retirements; fail if a model retires within 30 days")
    return parser


async def _run(options: argparse.Namespace, variables: Mapping[str, str]) -> int:
    running = app.start(variables)
    try:
        command: Command = options.run
        return await command(running, options)
    finally:
        await running.close()


def _with_local_settings(environment: Mapping[str, str], local_settings: Path) -> Mapping[str, str]:
    """Return the environment, filled up from `local.settings.json` where it names no store of its own."""
    if environment.get("STORE_URL") or not local_settings.exists():
        return environment
    try:
        values = json.loads(local_settings.read_text(encoding="utf-8"))["Values"]
        return {**{str(name): str(value) for name, value in values.items()}, **environment}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as exc:
        raise StartupRefused(f"{local_settings} can't be read: it must be JSON with an object Values") from exc


async def _budget(running: App, options: argparse.Namespace) -> int:
    if options.json:  # whatever is there, even what can't be read as a budget
        await _print_stored(running, BUDGET_CONTAINER, DOCUMENT_ID)
    else:
        _print_budget(await running.budget.status())
    return FOUND


async def _cap(running: App, options: argparse.Namespace) -> int:
    _print_budget(await running.budget.change(lambda budget: budget.with_cap(options.usd)))
    return FOUND


async def _breaker(running: App, options: argparse.Namespace) -> int:
    is_open = options.position == "open"
    _print_budget(await running.budget.change(lambda budget: budget.with_breaker(is_open=is_open)))
    return FOUND


async def _user(running: App, options: argparse.Namespace) -> int:
    account = await running.accounts.look(options.id)
    if account is None:
        print("No such user.", file=sys.stderr)
        return NOT_FOUND
    if options.json:
        await _print_stored(running, USERS_CONTAINER, options.id)
    else:
        _print_user(account.user.pruned(system_clock(), app.rules_of(running.settings)))
    return FOUND


async def _erase(running: App, options: argparse.Namespace) -> int:
    if await running.accounts.look(options.id) is None:
        print("No such user.", file=sys.stderr)
        return NOT_FOUND
    await running.accounts.erase(options.id)
    print("Erased.")
    return FOUND


def _show_catalog(arms: Catalog) -> int:
    today = system_clock().date()
    retiring = {route.name for _, route in arms.retiring(today)}
    print(f"Catalog {arms.version}")
    for arm in arms.arms.values():
        print(f"\n{arm.cohort}  {arm.weight} %  {arm.label}")
        for route in arm.routes:
            print(f"   {_state(route, today, retiring)}: {route.name}, {_prices(route)}")
    return RETIRES_SOON if retiring else FOUND


def _state(route: Route, today: date, retiring: set[str]) -> str:
    if route.retires_on is None:
        return "live"
    if not route.is_live(today):
        return f"retired on {route.retires_on}"
    return f"RETIRES SOON, on {route.retires_on}" if route.name in retiring else f"live until {route.retires_on}"


def _prices(route: Route) -> str:
    price_in, price_out = format_usd(route.input_nanousd_per_mtok), format_usd(route.output_nanousd_per_mtok)
    return f"{price_in} in, {price_out} out per million tokens"


async def _print_stored(running: App, container: str, id_: str) -> None:
    stored = await running.store.read(container, id_)
    print(json.dumps(stored.document if stored else None, indent=2))


def _print_budget(budget: Budget) -> None:
    left_nanousd = max(0, budget.cap_nanousd - budget.spend_nanousd)
    share = 100 * budget.spend_nanousd / budget.cap_nanousd if budget.cap_nanousd else 100.0
    is_open = budget.breaker_open or left_nanousd == 0
    print(f"Week from    {to_text(budget.week)}")
    print(f"Spent        {format_usd(budget.spend_nanousd)} ({share:.1f} %), holds included")
    if budget.newcomers_nanousd:
        print(f"Newcomers    {format_usd(budget.newcomers_nanousd)} of that")
    print(f"Cap          {format_usd(budget.cap_nanousd)}")
    print(f"Left         {format_usd(left_nanousd)}")
    print(f"Breaker      {'open' if is_open else 'closed'}{' (by hand)' if budget.breaker_open else ''}")


def _print_user(user: User) -> None:
    print(f"Credits      {user.credits_remaining}")
    print(f"Cohort       {user.cohort}")
    print(f"Last seen    {to_text(user.last_seen)}")
    held = sum(request.state == "held" for request in user.requests)
    print(f"Requests     {held} held, {len(user.requests) - held} answered within the last hour")
    if user.billed_failures:
        print(f"Failures     {len(user.billed_failures)} within a day that cost something")


def _dollars(text: str) -> int:
    try:
        return usd_to_nano(Decimal(text))
    except (ValueError, InvalidOperation):
        raise argparse.ArgumentTypeError(f"dollars from 0 to {MAX_USD}, as in 25 or 12.50") from None


def _user_id(text: str) -> str:
    if not re.fullmatch(USER_ID_PATTERN.strip("^$"), text):
        raise argparse.ArgumentTypeError("an id has 8 to 128 letters, digits, '-' or '_'")
    return text


if __name__ == "__main__":
    sys.exit(main())

"""The app as Azure sees it: two HTTP triggers, one timer trigger, nothing else."""

from functools import cache
from typing import TYPE_CHECKING

import azure.functions as func

from promptready import settings, startup
from promptready.clock import system_clock

if TYPE_CHECKING:
    from promptready.app import App
    from promptready.http import Incoming, Outgoing

# A half-configured app must not start: one message says everything that is wrong.
chosen = startup.check(settings.environment(), system_clock().date())

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@app.route(route="check-credits", methods=["POST"])
async def check_credits(req: func.HttpRequest) -> func.HttpResponse:
    """Tell a user's trial credits and cohort."""
    return _response(await _started().endpoints.check_credits(_incoming(req)))


@app.route(route="process-ai", methods=["POST"])
async def process_ai(req: func.HttpRequest) -> func.HttpResponse:
    """Return a page's text as clean Markdown."""
    return _response(await _started().endpoints.process_ai(_incoming(req)))


@app.timer_trigger(schedule=chosen.reset_schedule, arg_name="timer", run_on_startup=False, use_monitor=True)
async def reset_budget(timer: func.TimerRequest) -> None:  # noqa: ARG001 - late or twice is all the same to the ledger
    """Begin the new week's budget."""
    await _started().trial.reset_week()


@cache
def _started() -> "App":
    from promptready.app import start  # noqa: PLC0415 - loaded with the first request: indexing stays light

    return start()


def _incoming(req: func.HttpRequest) -> "Incoming":
    from promptready.http import Incoming  # noqa: PLC0415 - as above

    return Incoming(req.get_body(), {name.lower(): value for name, value in req.headers.items()})


def _response(outgoing: "Outgoing") -> func.HttpResponse:
    return func.HttpResponse(
        outgoing.body, status_code=outgoing.status, headers=dict(outgoing.headers), mimetype="application/json"
    )

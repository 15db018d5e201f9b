"""What keeps content, ids, keys and addresses where they belong: as in `guards.py`. Without each, one of them leaks."""

from tests.guards.guards import Guard

SHOWS = "tests/test_leaks.py::test_no_canary_shows"

LEAKS = (
    Guard(
        "no leak: events name users by pseudonym",
        "promptready/http.py",
        'event.unit = self._pseudonyms.of("user", request.userId)',
        "event.unit = request.userId",
        f"{SHOWS}[answered_and_sent_again]",
    ),
    Guard(
        "no leak: arrivals name networks by pseudonym",
        "promptready/admission.py",
        'return self._pseudonyms.of("network", f"{now.date().isoformat()} {network}")',
        "return network",
        f"{SHOWS}[answered_and_sent_again]",
    ),
    Guard(
        "no leak: a refused body is not quoted",
        "promptready/wire.py",
        "raise InvalidRequest(_sentence(exc)) from None",
        "raise InvalidRequest(_sentence(exc)) from exc",
        f"{SHOWS}[requests_that_are_none]",
    ),
    Guard(
        "no leak: a bug is told by its class",
        "promptready/http.py",
        "type(bug).__name__",
        "str(bug)",
        f"{SHOWS}[bugs_that_quote_what_they_were_given]",
    ),
    Guard(
        "no leak: a bug's reply says nothing of it",
        "promptready/http.py",
        'message="Something went wrong on our side."',
        "message=str(bug)",
        f"{SHOWS}[bugs_that_quote_what_they_were_given]",
    ),
    Guard(
        "no leak: a provider's name for its model is not passed on",
        "promptready/routing.py",
        'return self.model_returned if is_known else "other"',
        "return self.model_returned",
        f"{SHOWS}[a_provider_that_says_all_it_heard]",
    ),
    Guard(
        "no leak: the store's client logs no ids",
        "promptready/app.py",
        "logging.getLogger(name).setLevel(logging.WARNING)",
        "logging.getLogger(name).setLevel(logging.DEBUG)",
        "tests/test_leaks.py::test_no_canary_shows_on_cosmos_db_whose_client_logs_what_it_sends[None]",
    ),
    Guard(
        "no leak: a key hides in its repr",
        "promptready/secrets.py",
        'return "Secret(…)"',
        "return self._value",
        "tests/test_leaks.py::test_no_repr_shows_a_secret",
    ),
    Guard(
        "no leak: settings hide the salt",
        "promptready/settings.py",
        "def __repr__(",
        "def shown(",
        "tests/test_leaks.py::test_no_repr_shows_a_secret",
    ),
)

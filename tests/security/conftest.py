"""One local host for the attacks over a socket, as `make run` starts it."""

from collections.abc import Iterator

import pytest

from tests.support.local_host import LocalHost, local_host


@pytest.fixture(scope="session")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalHost]:
    """Run a host with the sandbox provider in it, and no limit of new users that the attacks would meet first."""
    settings = {"NEW_USERS_PER_NETWORK_PER_DAY": "100000", "TRIAL_CREDITS": "100000", "WEEKLY_CAP_USD": "1000"}
    with local_host(tmp_path_factory.mktemp("host"), env=settings) as running:
        yield running

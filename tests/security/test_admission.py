"""The limit of new users per network and day: what a client can forge, and what is kept of its address."""

import ipaddress
import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptready.admission import CONTAINER, UNKNOWN_NETWORK, Admission, network_of
from promptready.errors import TooManyRequests
from promptready.store import Document, Store, Stored
from promptready.store.sqlite import SqliteStore
from promptready.telemetry import Pseudonyms
from tests.support.clock import SetClock

ADDRESS = "203.0.113.7"

v4 = st.ip_addresses(v=4).map(str)
v6 = st.ip_addresses(v=6)
ports = st.integers(0, 65_535)
forged = st.lists(st.text(st.characters(exclude_characters=","), max_size=40) | v4 | v6.map(str), max_size=6)


def admission(store: Store, most: int = 2, salt: str = "salt") -> Admission:
    return Admission(store, Pseudonyms(salt), most)


async def arrive(gate: Admission, user: str, clock: SetClock, network: str = ADDRESS) -> None:
    await gate.admit(user, network, await gate.look(network, clock()), clock())


@given(entries=forged, address=v4, port=ports)
def test_nothing_a_client_writes_before_the_last_address_changes_its_network(
    entries: list[str], address: str, port: int
) -> None:
    assert network_of(",".join([*entries, address])) == address
    assert network_of(", ".join([*entries, f"{address}:{port}"])) == address


@given(address=v6, other=st.integers(0, 2**64 - 1), port=ports)
def test_all_addresses_of_an_ipv6_site_are_one_network(address: ipaddress.IPv6Address, other: int, port: int) -> None:
    neighbour = ipaddress.IPv6Address(int(address) >> 64 << 64 | other)
    if address.ipv4_mapped or neighbour.ipv4_mapped:
        return
    assert network_of(str(address)) == network_of(f"[{neighbour}]:{port}") == network_of(address.exploded.upper())
    assert network_of(str(address)).endswith("::/64")


@given(address=st.ip_addresses(v=4))
def test_an_ipv4_address_in_ipv6_dress_is_the_same_network(address: ipaddress.IPv4Address) -> None:
    assert network_of(f"::ffff:{address}") == network_of(f"[::ffff:{address}]:443") == str(address)


@given(text=st.text(max_size=200))
def test_any_header_names_a_network_of_bounded_length(text: str) -> None:
    assert len(network_of(text)) <= len("ffff:ffff:ffff:ffff::/64")


@pytest.mark.parametrize(
    "header",
    [None, "", ",", f"{ADDRESS},", "unknown", "256.1.1.1", "1.2.3", "010.0.0.1", "203.0.113.7:x:y", "[", "[]:1", "::g"],
)
def test_what_is_no_address_shares_one_network(header: str | None) -> None:
    """Fail closed: whoever hides an address shares the limit with everybody who does."""
    assert network_of(header) == UNKNOWN_NETWORK


async def test_a_user_counts_once_and_the_next_network_is_free(store: Store, clock: SetClock) -> None:
    gate = admission(store)
    for user in ("user-0001", "user-0001", "user-0002", "user-0001"):
        await arrive(gate, user, clock)
    with pytest.raises(TooManyRequests) as refusal:
        await arrive(gate, "user-0003", clock)
    assert refusal.value.retry_after_s == timedelta(hours=14).total_seconds()
    await arrive(gate, "user-0003", clock, "203.0.113.8")


async def test_what_is_kept_names_neither_address_nor_user(store: Store, clock: SetClock) -> None:
    gate = admission(store)
    await arrive(gate, "user-0001", clock)
    stored = await store.read(CONTAINER, gate.document_id(ADDRESS, clock()))
    assert stored is not None
    text = json.dumps(stored.document)
    assert ADDRESS not in text
    assert "user-0001" not in text
    assert gate.document_id(ADDRESS, clock()) != admission(store, salt="other").document_id(ADDRESS, clock())


async def test_a_network_has_another_name_every_day(store: Store, clock: SetClock) -> None:
    gate = admission(store, most=1)
    await arrive(gate, "user-0001", clock)
    today = gate.document_id(ADDRESS, clock())
    clock.advance(days=1)
    assert gate.document_id(ADDRESS, clock()) != today
    await arrive(gate, "user-0002", clock)


async def test_arrivals_are_gone_after_two_days(tmp_path_factory: pytest.TempPathFactory, clock: SetClock) -> None:
    store = SqliteStore(tmp_path_factory.mktemp("store") / "store.db", now=lambda: clock().timestamp())
    gate = admission(store)
    await arrive(gate, "user-0001", clock)
    id_ = gate.document_id(ADDRESS, clock())
    clock.advance(hours=47)
    assert await store.read(CONTAINER, id_) is not None
    clock.advance(hours=2)
    assert await store.read(CONTAINER, id_) is None
    await store.close()


class _Contended(SqliteStore):
    """Another request writes between this one's read and write."""

    rivals: int = 1

    async def create(self, container: str, document: Document) -> str:
        if self.rivals:
            self.rivals -= 1
            rival = {**document, "users": ["rival"]}
            await super().create(container, rival)
        return await super().create(container, document)


async def test_two_who_arrive_at_once_are_both_counted(
    tmp_path_factory: pytest.TempPathFactory, clock: SetClock
) -> None:
    store = _Contended(tmp_path_factory.mktemp("store") / "store.db")
    gate = admission(store)
    await arrive(gate, "user-0001", clock)
    stored: Stored | None = await gate.look(ADDRESS, clock())
    assert stored is not None
    assert len(stored.document["users"]) == 2
    with pytest.raises(TooManyRequests):
        await arrive(gate, "user-0002", clock)
    await store.close()

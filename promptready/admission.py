"""
How many new users one network may bring in a day.

A network is the client's address as Azure's front end saw it, IPv6 by /64. It is kept as a keyed hash
that changes every day, in a document that expires; the users are kept as keyed hashes too, so that a
repeated request counts once.
"""

import ipaddress
from dataclasses import dataclass, replace
from datetime import datetime

from promptready.backoff import step_back
from promptready.clock import seconds_until_tomorrow
from promptready.errors import AlreadyExists, PreconditionFailed, StoreUnavailable, TooManyRequests
from promptready.store import Document, Store, Stored
from promptready.telemetry import Pseudonyms

CONTAINER = "networks"
UNKNOWN_NETWORK = "unknown"
IPV6_SITE_BITS = 64
MAX_TRIES = 24  # a whole office may open the extension at once: each try lets at least one of them in
BACKOFF_BASE_S = 0.004
BACKOFF_CAP_S = 0.2


@dataclass(frozen=True, slots=True)
class Arrivals:
    """One network's new users of one day: the document as a value."""

    id: str
    users: tuple[str, ...] = ()

    @classmethod
    def from_document(cls, document: Document) -> "Arrivals":
        """Read the stored document."""
        return cls(document["id"], tuple(document["users"]))

    def to_document(self) -> Document:
        """Return the document that `from_document` reads back."""
        return {"id": self.id, "users": list(self.users)}

    def admit(self, user: str, most: int, now: datetime) -> "Arrivals":
        """
        Count the user, once.

        Raises:
            TooManyRequests: the network has brought `most` others today.
        """
        if user in self.users:
            return self
        if len(self.users) >= most:
            raise TooManyRequests("Too many new users from this network today.", seconds_until_tomorrow(now))
        return replace(self, users=(*self.users, user))


class Admission:
    """The `networks` container."""

    def __init__(self, store: Store, pseudonyms: Pseudonyms, most_per_day: int) -> None:
        self._store = store
        self._pseudonyms = pseudonyms
        self._most_per_day = most_per_day

    def document_id(self, network: str, now: datetime) -> str:
        """Return the id of this network's document for the present day."""
        return self._pseudonyms.of("network", f"{now.date().isoformat()} {network}")

    async def look(self, network: str, now: datetime) -> Stored | None:
        """Read the network's arrivals of today, to be handed to `admit`."""
        return await self._store.read(CONTAINER, self.document_id(network, now))

    async def admit(self, user_id: str, network: str, seen: Stored | None, now: datetime) -> None:
        """
        Count a new user of this network. A write that landed unseen is recognised by the user in it.

        Raises:
            TooManyRequests: the network has brought too many new users today.
            StoreUnavailable: the store did not answer; at worst the user was counted.
        """
        user = self._pseudonyms.of("arrival", user_id)
        for tries in range(1, MAX_TRIES + 1):
            before = Arrivals.from_document(seen.document) if seen else Arrivals(self.document_id(network, now))
            after = before.admit(user, self._most_per_day, now)
            if after == before:
                return
            try:
                if seen is None:
                    await self._store.create(CONTAINER, after.to_document())
                else:
                    await self._store.replace(CONTAINER, after.to_document(), seen.etag)
            except (AlreadyExists, PreconditionFailed):
                await step_back(tries, BACKOFF_BASE_S, BACKOFF_CAP_S)
                seen = await self.look(network, now)
            else:
                return
        raise StoreUnavailable


def network_of(forwarded_for: str | None) -> str:
    """
    Return the network of the last address in `X-Forwarded-For`: the one that Azure's front end added.

    Earlier entries are the client's to forge. IPv4 by address, IPv6 by /64, one shared name for anything else.
    """
    last = (forwarded_for or "").rsplit(",", 1)[-1].strip()
    try:
        address = ipaddress.ip_address(_without_port(last))
    except ValueError:
        return UNKNOWN_NETWORK
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((int(address), IPV6_SITE_BITS), strict=False))
    return str(address)


def _without_port(text: str) -> str:
    """`203.0.113.7:443`, `[2001:db8::1]:443` and bare addresses of both kinds."""
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0] if text.count(":") == 1 else text

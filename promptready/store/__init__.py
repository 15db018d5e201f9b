"""
The store port: documents with etags, and nothing else.

Every rule about credits and money lives above this port. A store only promises that `create` happens
at most once per id and that `replace` changes the very version its caller has seen.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

Document = dict[str, Any]

DAY_S = 86_400

CONTAINERS: Mapping[str, int | None] = {
    "users": 400 * DAY_S,
    "global_config": None,
    "networks": 2 * DAY_S,
}
"""Container names, each with the seconds after its last write at which a document expires."""

CALL_TIMEOUT_S = 3.0
"""No store call takes longer. A request makes three in a row and has 25 s for everything."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A document as it was read, and the etag that guards its replacement. The etag is opaque."""

    document: Document
    etag: str


class Store(Protocol):
    """
    Documents by container and id. All methods raise `StoreUnavailable` for anything that may pass.

    After `StoreUnavailable` a write may have landed; after `AlreadyExists` or `PreconditionFailed` it
    may have landed too, because clients resend. Whoever writes makes the write recognisable and looks.
    """

    async def read(self, container: str, id: str) -> Stored | None:  # noqa: A002 - the port's contract names it
        """Return the document and its etag, or None where there is none."""
        ...

    async def create(self, container: str, document: Document) -> str:
        """
        Add the document and return its etag.

        Raises:
            AlreadyExists: the id is taken.
        """
        ...

    async def replace(self, container: str, document: Document, etag: str) -> str:
        """
        Replace the version that has this etag and return the new etag.

        Raises:
            PreconditionFailed: the document is gone or has another etag.
        """
        ...

    async def delete(self, container: str, id: str) -> None:  # noqa: A002 - as in `read`
        """Remove the document if it is there. Operators use it to erase a user; requests never do."""
        ...

    async def close(self) -> None:
        """Give back connections and threads. The store is not used afterwards."""
        ...

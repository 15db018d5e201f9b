"""A store in memory whose next writes go wrong as a test says."""

from collections import deque
from collections.abc import Callable

from promptready.errors import AlreadyExists, PreconditionFailed, StoreUnavailable
from promptready.store import Document, Stored


class PuppetStore:
    """The store port. `late` writes fail for their caller and land when the test says so."""

    def __init__(self) -> None:
        self.documents: dict[tuple[str, str], Stored] = {}
        self.faults: deque[str] = deque()
        self.late: deque[Callable[[], object]] = deque()
        self.writes = 0

    async def read(self, container: str, id: str) -> Stored | None:  # noqa: A002 - the port's contract names it
        """See the port."""
        return self.documents.get((container, id))

    async def create(self, container: str, document: Document) -> str:
        """See the port."""

        def land() -> str:
            if (container, document["id"]) in self.documents:
                raise AlreadyExists
            return self._put(container, document)

        return self._write(land)

    async def replace(self, container: str, document: Document, etag: str) -> str:
        """See the port."""

        def land() -> str:
            stored = self.documents.get((container, document["id"]))
            if stored is None or stored.etag != etag:
                raise PreconditionFailed
            return self._put(container, document)

        return self._write(land)

    async def delete(self, container: str, id: str) -> None:  # noqa: A002 - as in `read`
        """See the port."""
        self.documents.pop((container, id), None)

    async def close(self) -> None:
        """Nothing is open."""

    def _write(self, land: Callable[[], str]) -> str:
        match self.faults.popleft() if self.faults else None:
            case "late":
                self.late.append(land)
                raise StoreUnavailable
            case "lost reply":
                land()
                raise StoreUnavailable
            case "away":
                raise StoreUnavailable
            case _:
                return land()

    def _put(self, container: str, document: Document) -> str:
        self.writes += 1
        self.documents[container, document["id"]] = Stored(document, str(self.writes))
        return str(self.writes)

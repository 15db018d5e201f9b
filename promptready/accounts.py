"""
Users at the store: find, grant once, and change one document under its etag.

Every change is a pure function of `credits.User`. A write whose reply was lost is recognised by what it
wrote: each caller says how, and nothing is written twice.
"""

from collections.abc import Callable
from dataclasses import dataclass

from promptready.backoff import step_back
from promptready.credits import CONTAINER, User
from promptready.errors import AlreadyExists, PreconditionFailed, StoreUnavailable, UnknownUser
from promptready.store import Store

MAX_TRIES = 12
"""One user's requests conflict only with each other, and at most `MAX_LIVE_HOLDS` of them win a hold."""

MAX_OUTAGES = 2  # each may take the store's whole timeout
BACKOFF_BASE_S = 0.004
BACKOFF_CAP_S = 0.2


@dataclass(frozen=True, slots=True)
class Account:
    """A user and the etag of the version it was read from."""

    user: User
    etag: str


class Accounts:
    """The `users` container."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def look(self, user_id: str) -> Account | None:
        """Return the stored user, None where there is none."""
        stored = await self._store.read(CONTAINER, user_id)
        return Account(User.from_document(stored.document), stored.etag) if stored else None

    async def find(self, user_id: str) -> Account:
        """
        Return the stored user.

        Raises:
            UnknownUser: there is none.
        """
        account = await self.look(user_id)
        if account is None:
            raise UnknownUser("This user is not known yet: check credits first.")
        return account

    async def open(self, user: User) -> User:
        """Store a new user; return it, or the one whom another request (or our own lost write) stored first."""
        for outages in range(MAX_OUTAGES):
            try:
                await self._store.create(CONTAINER, user.to_document())
            except AlreadyExists:
                return (await self.find(user.id)).user
            except StoreUnavailable:
                if outages == MAX_OUTAGES - 1:
                    raise
            else:
                return user
        raise StoreUnavailable

    async def change(
        self, account: Account, change: Callable[[User], User], has_landed: Callable[[User], bool]
    ) -> Account:
        """
        Write `change(user)` and return the account as it is then.

        `has_landed` recognises our own write on a version read after one that went wrong.

        Raises:
            RequestRefused: what `change` itself raised; nothing was written.
            StoreUnavailable: the store did not answer, or others kept changing the document. It may have landed.
        """
        outages = 0
        for tries in range(1, MAX_TRIES + 1):
            try:
                if tries > 1:
                    account = await self.find(account.user.id)
                    if has_landed(account.user):
                        return account
                changed = change(account.user)
                if changed == account.user:
                    return account
                etag = await self._store.replace(CONTAINER, changed.to_document(), account.etag)
                return Account(changed, etag)
            except PreconditionFailed:
                pass
            except StoreUnavailable:
                outages += 1
                if outages == MAX_OUTAGES:
                    raise
            await step_back(tries, BACKOFF_BASE_S, BACKOFF_CAP_S)
        raise StoreUnavailable

    async def erase(self, user_id: str) -> None:
        """Remove everything stored about this user."""
        await self._store.delete(CONTAINER, user_id)

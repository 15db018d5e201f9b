"""
Every condition the product can name, as one tree.

    PromptReadyError
    ├── StartupRefused            configuration is wrong; nobody was served
    ├── RequestRefused            a documented reply of the wire contract; http.py maps each leaf to its row
    │   ├── InvalidRequest            400   the caller must change the request
    │   ├── ContentTooLarge           413
    │   ├── UnknownUser               404
    │   ├── InsufficientCredits       402
    │   ├── IdempotencyKeyReused      422
    │   ├── RequestAlreadyAnswered    409
    │   ├── RequestInFlight           409   the caller may repeat it after `retry_after_s`
    │   ├── TooManyRequests           429
    │   ├── BudgetExhausted           503 SERVICE_AT_CAPACITY
    │   ├── ServiceUnavailable        503
    │   │   ├── StoreUnavailable          the store did not answer in time, or not at all; a write may have landed
    │   │   │   └── StoreNotReady             it lacks a database, a container or a right; `remedy` is for operators
    │   │   └── SecretUnavailable         a provider key could not be read
    │   ├── ProviderFailed            502
    │   └── ProviderTimeout           504
    ├── AlreadyExists             store: `create` found the id taken (perhaps by our own lost write)
    ├── PreconditionFailed        store: `replace` found another etag (perhaps our own lost write)
    ├── UnreadableBudget          the stored budget lacks something or holds nonsense: 500, nobody spends it
    └── InvariantBroken           a promise of the ledger does not hold: 500, or logged once there is an answer

Messages of `RequestRefused` are sentences that may be shown to anyone: no cause, no content, no id.
"""


class PromptReadyError(Exception):
    """The root: lets a caller tell our conditions from Python's."""


class StartupRefused(PromptReadyError):
    """The configuration is incomplete or contradictory; the message lists every problem."""


class InvariantBroken(PromptReadyError):
    """
    A promise of the ledger does not hold: a bug. Nothing of the change is written.

    A hold is answered 500; a settlement is logged, and the user keeps the answer.
    """


class UnreadableBudget(PromptReadyError):
    """The stored budget lacks something or holds nonsense: nobody spends it."""

    def __init__(self) -> None:
        super().__init__("The stored budget can't be read. `budget --json` prints it as it is.")


class AlreadyExists(PromptReadyError):
    """A document with this id is there already."""


class PreconditionFailed(PromptReadyError):
    """The document is gone, or changed since its etag was read."""


class RequestRefused(PromptReadyError):
    """A request that gets a documented error reply. The message is safe to show."""


class InvalidRequest(RequestRefused):
    """The request breaks the wire contract; the message names the field."""


class ContentTooLarge(RequestRefused):
    """The body is over `MAX_CONTENT_BYTES`; the message gives the limit."""


class UnknownUser(RequestRefused):
    """No grant exists for this user id: `check-credits` comes first."""


class InsufficientCredits(RequestRefused):
    """The user has no credit left."""


class IdempotencyKeyReused(RequestRefused):
    """The idempotency key was used with other content."""


class RequestAlreadyAnswered(RequestRefused):
    """The idempotency key was answered and its free re-runs are used up."""


class RetryLater(RequestRefused):
    """A refusal that passes by itself."""

    def __init__(self, message: str, retry_after_s: int) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class RequestInFlight(RetryLater):
    """The same idempotency key is still being processed."""


class TooManyRequests(RetryLater):
    """Too much at once or in a day: holds in flight, failures at our cost, or new users of one network."""


class BudgetExhausted(RetryLater):
    """The weekly cap leaves less than this request may cost, or an operator opened the breaker."""


class ServiceUnavailable(RetryLater):
    """The store, Key Vault or every route cannot be reached right now."""


class StoreUnavailable(ServiceUnavailable):
    """The store did not answer in time, or not at all. A write may or may not have landed."""

    def __init__(self, message: str = "The service can't reach its records.", retry_after_s: int = 5) -> None:
        super().__init__(message, retry_after_s)


class StoreNotReady(StoreUnavailable):
    """The store lacks something that only an operator can give it. `remedy` says what, and is not for users."""

    def __init__(self, remedy: str) -> None:
        super().__init__(retry_after_s=60)
        self.remedy = remedy


class SecretUnavailable(ServiceUnavailable):
    """A provider key could not be read; no provider was called."""

    def __init__(self, message: str = "The service can't reach a model.", retry_after_s: int = 30) -> None:
        super().__init__(message, retry_after_s)


class ProviderFailed(RequestRefused):
    """Every route gave an unusable answer."""


class ProviderTimeout(RequestRefused):
    """The deadline passed before a usable answer came."""

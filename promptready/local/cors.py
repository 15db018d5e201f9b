"""Which web pages may call the local host: `Host.CORS` of local.settings.json, as Core Tools honours it."""

from collections.abc import Iterable

from promptready.local.asgi import Reply, Scope, header


class Cors:
    """
    The origins that may call, `*` for all.

    The extension's worker needs none of this: without origins nothing is allowed, and a preflight is a request
    like any other.
    """

    def __init__(self, origins: Iterable[str] = (), *, with_credentials: bool = False) -> None:
        self._origins = frozenset(origins)
        self._with_credentials = with_credentials

    def preflight(self, scope: Scope) -> Reply | None:
        """The answer to a browser that asks before it calls, or None for any other request."""
        asked_method = header(scope, b"access-control-request-method")
        if not self._origins or scope["method"] != "OPTIONS" or not asked_method:
            return None
        if not self._allowed(scope):
            return Reply(204)
        asked_headers = header(scope, b"access-control-request-headers")
        allowed = [("access-control-allow-methods", asked_method)]
        if asked_headers:
            allowed.append(("access-control-allow-headers", asked_headers))
        return Reply(204, tuple(allowed))

    def mark(self, scope: Scope, reply: Reply) -> Reply:
        """`reply`, readable by the page that asked where it may be."""
        origin = self._allowed(scope)
        if not origin:
            return reply
        marks = [("access-control-allow-origin", origin), ("vary", "origin")]
        if self._with_credentials:
            marks.append(("access-control-allow-credentials", "true"))
        return Reply(reply.status, (*reply.headers, *marks), reply.body)

    def _allowed(self, scope: Scope) -> str:
        origin = header(scope, b"origin")
        return origin if origin and ({origin, "*"} & self._origins) else ""

"""The client: one object, whose parts follow the API's."""

from __future__ import annotations

import os
from typing import Any, Iterator, Mapping, Optional, Sequence

from ._events import follow
from ._resources import Account, Attachments, Commands, Config, Feedback, Mcp, Models, Reviews, Rules, Skills
from ._threads import Approvals, Threads
from ._transport import Transport
from .models import Event


class CodexClient:
    """Speaks to one codex-web-server.

    ``auth_token`` defaults to the environment's ``CODEX_AUTH_TOKEN``. ``timeout`` is that of one request, in seconds.
    A request that fails for a passing reason (no connection, 429, 502, 503) is sent again up to ``max_retries`` times;
    a POST carries an ``Idempotency-Key``, so that it is done once all the same. Safe to share between threads.
    """

    def __init__(
        self,
        base_url: str = "http://127.0.0.1:3000",
        auth_token: Optional[str] = None,
        *,
        timeout: float = 60.0,
        max_retries: int = 2,
    ) -> None:
        token = auth_token if auth_token is not None else os.environ.get("CODEX_AUTH_TOKEN", "")
        self._transport = Transport(base_url, token, timeout, max_retries)
        self.threads = Threads(self._transport)
        self.approvals = Approvals(self._transport)
        self.models = Models(self._transport)
        self.config = Config(self._transport)
        self.account = Account(self._transport)
        self.skills = Skills(self._transport)
        self.rules = Rules(self._transport)
        self.mcp = Mcp(self._transport)
        self.reviews = Reviews(self._transport)
        self.commands = Commands(self._transport)
        self.feedback = Feedback(self._transport)
        self.attachments = Attachments(self._transport)

    def events(self, *, after: Optional[int] = None, types: Optional[Sequence[str]] = None) -> Iterator[Event]:
        """The events of all threads, as ``threads.events`` has those of one; ``seq`` is the server's own."""
        return follow(self._transport, "/api/v2/events", after=after, types=types)

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Optional[Mapping[str, Any]] = None,
        body: Optional[Mapping[str, Any]] = None,
    ) -> Any:
        """Any other endpoint, with the same token, retries and errors; resolves with the answer's JSON."""
        return self._transport.request(method, path, query=query, body=body)

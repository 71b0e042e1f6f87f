"""Client of codex-web-server: threads, turns, durable events and approvals of the Codex coding agent over HTTP."""

from ._client import CodexClient
from .errors import (
    ApiError,
    CodexError,
    Conflict,
    ConnectionFailed,
    Forbidden,
    InvalidRequest,
    NotFound,
    RateLimited,
    ServerError,
    TurnTimeout,
    Unauthorized,
)
from .models import Approval, Event, Page, Record, Thread, Turn

__all__ = [
    "ApiError",
    "Approval",
    "CodexClient",
    "CodexError",
    "Conflict",
    "ConnectionFailed",
    "Event",
    "Forbidden",
    "InvalidRequest",
    "NotFound",
    "Page",
    "RateLimited",
    "Record",
    "ServerError",
    "Thread",
    "Turn",
    "TurnTimeout",
    "Unauthorized",
]

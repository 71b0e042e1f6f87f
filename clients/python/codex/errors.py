"""What can go wrong, as exceptions."""

from __future__ import annotations

from typing import Any, Dict, List, Optional


class CodexError(Exception):
    """The root of every exception that this package raises."""


class ConnectionFailed(CodexError):
    """The server could not be reached, or the connection broke, and trying again did not help."""


class TurnTimeout(CodexError):
    """``run`` gave up waiting. The turn goes on; ``turn_id`` names it."""

    def __init__(self, thread_id: str, turn_id: str) -> None:
        super().__init__(f"Turn {turn_id} has not ended in time; it goes on.")
        self.thread_id = thread_id
        self.turn_id = turn_id


class ApiError(CodexError):
    """The server refused. ``code`` is one of those in docs/reference/errors.md; ``errors`` names each invalid field."""

    def __init__(self, status: int, problem: Dict[str, Any], retry_after: Optional[float] = None) -> None:
        self.status = status
        self.code: str = str(problem.get("code", "unknown"))
        self.detail: str = str(problem.get("detail") or problem.get("title") or f"HTTP {status}")
        self.request_id: Optional[str] = problem.get("request_id")
        self.errors: List[Dict[str, Any]] = list(problem.get("errors") or [])
        self.retry_after = retry_after
        self.problem = problem
        super().__init__(f"{self.detail} ({self.code}, HTTP {status})")


class InvalidRequest(ApiError):
    """400, 413, 415, 422: the request is wrong, and would be so again."""


class Unauthorized(ApiError):
    """401: the token is missing or wrong."""


class Forbidden(ApiError):
    """403: the token is right, but this is not for it."""


class NotFound(ApiError):
    """404: there is no such thread, turn, approval or other thing."""


class Conflict(ApiError):
    """409, 410: it is in another state than the request takes it to be."""


class RateLimited(ApiError):
    """429: too much at once; ``retry_after`` says how many seconds to wait."""


class ServerError(ApiError):
    """5xx: the server or the engine failed; a later attempt may succeed."""


_BY_STATUS = {
    400: InvalidRequest,
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    410: Conflict,
    413: InvalidRequest,
    415: InvalidRequest,
    422: InvalidRequest,
    429: RateLimited,
}


def to_error(status: int, problem: Dict[str, Any], retry_after: Optional[float]) -> ApiError:
    kind = _BY_STATUS.get(status, ServerError if status >= 500 else ApiError)
    return kind(status, problem, retry_after)

"""HTTP by the standard library: one request, one answer, tried again where that is safe."""

from __future__ import annotations

import http.client
import json
import random
import ssl
import time
import uuid
from typing import Any, Callable, Dict, Mapping, Optional, Tuple
from urllib.parse import quote, urlencode, urlsplit

from .errors import ApiError, ConnectionFailed, to_error

_RETRIED_STATUSES = (429, 502, 503)
_MAX_DELAY_S = 30.0

Query = Mapping[str, Any]
Connection = http.client.HTTPConnection


class Transport:
    """Everything that is the same for all requests to one server."""

    def __init__(self, base_url: str, auth_token: str, timeout: float, max_retries: int) -> None:
        parts = urlsplit(base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"base_url must be an http or https URL, not {base_url!r}")
        if not auth_token:
            raise ValueError("auth_token is empty")
        self._is_secure = parts.scheme == "https"
        self._host = parts.hostname
        self._port = parts.port
        self._prefix = parts.path.rstrip("/")
        self._token = auth_token
        self.timeout = timeout
        self.max_retries = max_retries

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Optional[Query] = None,
        body: Optional[Mapping[str, Any]] = None,
        content: Optional[Tuple[str, bytes]] = None,
    ) -> Any:
        """The answer's JSON, or ``None`` where it is empty. Raises an ``ApiError``.

        A POST carries an ``Idempotency-Key`` of its own, so that it can be sent again without being done again.
        """
        data = self.fetch(method, path, query=query, body=body, content=content)
        return json.loads(data) if data else None

    def fetch(
        self,
        method: str,
        path: str,
        *,
        query: Optional[Query] = None,
        body: Optional[Mapping[str, Any]] = None,
        content: Optional[Tuple[str, bytes]] = None,
    ) -> bytes:
        """The same, as the answer's bytes."""
        headers: Dict[str, str] = {}
        payload: Optional[bytes] = None
        if content is not None:
            headers["Content-Type"], payload = content
        elif method in ("POST", "PUT", "PATCH"):
            headers["Content-Type"] = "application/json"
            payload = json.dumps(body or {}).encode()
        if method == "POST":
            headers["Idempotency-Key"] = str(uuid.uuid4())
        for attempt in range(self.max_retries + 1):
            is_last = attempt == self.max_retries
            try:
                return self._once(method, self.target(path, query), headers, payload)
            except ApiError as error:
                if is_last or not _is_passing(error):
                    raise
                time.sleep(backoff_s(attempt, error.retry_after))
            except (OSError, http.client.HTTPException) as error:
                if is_last:
                    raise ConnectionFailed(f"{method} {path}: {error or type(error).__name__}") from error
                time.sleep(backoff_s(attempt, None))
        raise AssertionError("unreachable")

    def _once(self, method: str, target: str, headers: Dict[str, str], payload: Optional[bytes]) -> bytes:
        connection = self.connect(self.timeout)
        try:
            response = self.send(connection, method, target, headers, payload)
            data = response.read()
            if response.status >= 400:
                raise to_refusal(response, data)
            return data
        finally:
            connection.close()

    def connect(self, timeout: float) -> Connection:
        if self._is_secure:
            return http.client.HTTPSConnection(
                self._host, self._port, timeout=timeout, context=ssl.create_default_context()
            )
        return http.client.HTTPConnection(self._host, self._port, timeout=timeout)

    def send(
        self,
        connection: Connection,
        method: str,
        target: str,
        headers: Mapping[str, str],
        payload: Optional[bytes] = None,
    ) -> http.client.HTTPResponse:
        connection.request(
            method, target, body=payload, headers={**headers, "Authorization": f"Bearer {self._token}"}
        )
        return connection.getresponse()

    def target(self, path: str, query: Optional[Query]) -> str:
        pairs = [(key, _to_text(value)) for key, value in (query or {}).items() if value is not None]
        return self._prefix + path + (f"?{urlencode(pairs)}" if pairs else "")


def path_of(template: str, *ids: str) -> str:
    """Puts ids into a path; what is in them never changes which path it is."""
    return template.format(*(quote(one, safe="") for one in ids))


def backoff_s(attempt: int, retry_after: Optional[float], rand: Callable[[], float] = random.random) -> float:
    """As long as the server says; else about 0.5, 1, 2 … seconds, spread so that clients don't come back as one."""
    if retry_after is not None:
        return min(retry_after, _MAX_DELAY_S)
    return min(0.5 * float(2**attempt), _MAX_DELAY_S) * (0.5 + rand() / 2)


def to_refusal(response: http.client.HTTPResponse, data: bytes) -> ApiError:
    try:
        problem = json.loads(data)
    except ValueError:
        problem = {}
    after = response.getheader("Retry-After") or ""
    return to_error(
        response.status,
        problem if isinstance(problem, dict) else {},
        float(after) if after.isdigit() else None,
    )


def _is_passing(error: ApiError) -> bool:
    return error.status in _RETRIED_STATUSES or (error.status == 409 and error.retry_after is not None)


def _to_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return ",".join(str(one) for one in value)
    return str(value)

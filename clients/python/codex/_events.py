"""The event stream, which is taken up again where it broke off."""

from __future__ import annotations

import http.client
import json
import time
from typing import Any, Dict, Iterator, Mapping, Optional, Sequence

from ._transport import Transport, backoff_s, to_refusal
from .errors import ApiError
from .models import Event

# The server sends a comment every ten seconds: a longer silence means that nobody is there.
_SILENCE_S = 30.0


def follow(
    transport: Transport,
    path: str,
    *,
    after: Optional[int] = None,
    types: Optional[Sequence[str]] = None,
    deadline: Optional[float] = None,
) -> Iterator[Event]:
    """Yields each event once and in order, over any number of connections.

    Without ``after``, from now on. Raises an ``ApiError`` when the server refuses the stream (401, 403, 404), and tries
    again for as long as it takes when it is merely away. Ends when the caller stops asking, or once the monotonic clock
    is at ``deadline``; a silence is noticed to be too long within ten seconds.
    """
    last = after
    failures = 0
    while not _is_over(deadline):
        try:
            for event in _connection(transport, path, {"after": last, "types": types}, deadline):
                failures = 0
                if event.name == "stream/opened":
                    # What comes between this connection and the next is not to be missed, even before the first event.
                    last = int(event.data["latest_seq"]) if last is None else last
                elif event.seq is not None:
                    last = event.seq
                    yield event
                elif event.name == "stream/gap":
                    yield event
        except ApiError as error:
            if error.status not in (429, 502, 503):
                raise
            _wait(backoff_s(failures, error.retry_after), deadline)
            failures += 1
            continue
        except (OSError, http.client.HTTPException, ValueError):
            pass
        _wait(backoff_s(failures, None) if failures else 0.0, deadline)
        failures += 1


def _is_over(deadline: Optional[float]) -> bool:
    return deadline is not None and time.monotonic() >= deadline


def _wait(seconds: float, deadline: Optional[float]) -> None:
    time.sleep(seconds if deadline is None else max(0.0, min(seconds, deadline - time.monotonic())))


def _connection(
    transport: Transport, path: str, query: Mapping[str, Any], deadline: Optional[float]
) -> Iterator[Event]:
    patience_s = _SILENCE_S if deadline is None else min(_SILENCE_S, max(0.01, deadline - time.monotonic()))
    connection = transport.connect(patience_s)
    try:
        target = transport.target(path, query)
        response = transport.send(connection, "GET", target, {"Accept": "text/event-stream"})
        if response.status != 200:
            raise to_refusal(response, response.read())
        yield from parse(_lines(response, deadline))
    finally:
        connection.close()


def _lines(response: http.client.HTTPResponse, deadline: Optional[float]) -> Iterator[str]:
    while not _is_over(deadline):
        line = response.readline()
        if not line.endswith(b"\n"):
            # The connection ended; half a line is no line.
            return
        yield line.decode().rstrip("\r\n")


def parse(lines: Iterator[str]) -> Iterator[Event]:
    """Server-sent events as the HTML standard has them: comments go unseen, a blank line ends a frame."""
    fields: Dict[str, str] = {}
    for line in lines:
        if line == "":
            if "data" in fields:
                yield _to_event(fields)
            fields = {}
        elif not line.startswith(":"):
            name, _, value = line.partition(":")
            value = value[1:] if value.startswith(" ") else value
            fields[name] = f"{fields[name]}\n{value}" if name == "data" and name in fields else value


def _to_event(fields: Dict[str, str]) -> Event:
    data = json.loads(fields["data"])
    seq = fields.get("id")
    return Event(fields.get("event") or str(data.get("event", "message")), None if seq is None else int(seq), data)

"""Threads and their turns."""

from __future__ import annotations

import time
from typing import Any, Callable, Dict, Iterator, List, Mapping, Optional, Sequence, Union

from ._events import follow
from ._transport import Transport, path_of
from .errors import TurnTimeout
from .models import Approval, Event, Page, Record, Thread, Turn

Input = Union[str, Sequence[Mapping[str, Any]]]
OnEvent = Callable[[Event], None]
OnApproval = Callable[[Approval], Union[None, str, Mapping[str, Any]]]

_END_NAMES = ("turn/completed", "turn/cancelled")


class Threads:
    """``client.threads``. Keyword arguments are the fields of docs/reference, by the same names."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def create(self, **fields: Any) -> Thread:
        """Begins a thread: ``model``, ``cwd``, ``sandbox``, ``approval_policy``, ``metadata`` …; all optional."""
        return Thread(self._transport.request("POST", "/api/v2/threads", body=fields))

    def list(self, **query: Any) -> Page[Thread]:
        """One page: ``limit``, ``cursor``, ``archived``, ``search``, ``cwd``, ``sort_key`` …"""
        return Page(Thread, self._transport.request("GET", "/api/v2/threads", query=query))

    def all(self, **query: Any) -> Iterator[Thread]:
        """Every thread, page by page as they are asked for."""
        cursor: Optional[str] = None
        while True:
            page = self.list(**{**query, "cursor": cursor})
            yield from page
            cursor = page.next_cursor
            if cursor is None:
                return

    def get(self, thread_id: str) -> Thread:
        return Thread(self._transport.request("GET", _path(thread_id)))

    def update(self, thread_id: str, **fields: Any) -> Thread:
        """``name``, ``metadata``."""
        return Thread(self._transport.request("PATCH", _path(thread_id), body=fields))

    def delete(self, thread_id: str) -> None:
        self._transport.request("DELETE", _path(thread_id))

    def resume(self, thread_id: str, **fields: Any) -> Thread:
        """Loads it into the engine, with other settings if any are given. A turn does it by itself."""
        return Thread(self._transport.request("POST", _path(thread_id, "/resume"), body=fields))

    def fork(self, thread_id: str, **fields: Any) -> Thread:
        """A new thread with this one's history, up to and with ``turn_id`` if given."""
        return Thread(self._transport.request("POST", _path(thread_id, "/fork"), body=fields))

    def archive(self, thread_id: str) -> Thread:
        return Thread(self._transport.request("POST", _path(thread_id, "/archive")))

    def unarchive(self, thread_id: str) -> Thread:
        return Thread(self._transport.request("POST", _path(thread_id, "/unarchive")))

    def rollback(self, thread_id: str, **fields: Any) -> Record:
        """Drops turns from the history: those after ``turn_id``, or the last ``num_turns``. Files stay as they are."""
        return Record(self._transport.request("POST", _path(thread_id, "/rollback"), body=fields))

    def compact(self, thread_id: str) -> Thread:
        return Thread(self._transport.request("POST", _path(thread_id, "/compact")))

    def submit_turn(self, thread_id: str, input: Input, **fields: Any) -> Turn:  # noqa: A002
        """Asks the agent; the turn is safe when this returns, and runs when those before it have ended.

        ``input`` is a text or a list of parts; ``on_busy`` is ``queue`` (default), ``steer`` or ``reject``.
        """
        body = {"input": _to_input(input), **fields}
        return Turn(self._transport.request("POST", _path(thread_id, "/turns"), body=body))

    def turns(self, thread_id: str, **query: Any) -> Page[Turn]:
        return Page(Turn, self._transport.request("GET", _path(thread_id, "/turns"), query=query))

    def turn(self, thread_id: str, turn_id: str) -> Turn:
        return Turn(self._transport.request("GET", _path(thread_id, "/turns/{}", turn_id)))

    def items(self, thread_id: str, **query: Any) -> Page[Record]:
        return Page(Record, self._transport.request("GET", _path(thread_id, "/items"), query=query))

    def interrupt(self, thread_id: str, turn_id: Optional[str] = None) -> Turn:
        """Ends the running turn; with ``turn_id`` that one, which is cancelled if it still waits."""
        path = _path(thread_id, "/turns/interrupt")
        if turn_id is not None:
            path = _path(thread_id, "/turns/{}/interrupt", turn_id)
        return Turn(self._transport.request("POST", path))

    def steer(self, thread_id: str, turn_id: str, input: Input) -> Turn:  # noqa: A002
        """Adds input to the running turn."""
        path = _path(thread_id, "/turns/{}/steer", turn_id)
        return Turn(self._transport.request("POST", path, body={"input": _to_input(input)}))

    def events(
        self, thread_id: str, *, after: Optional[int] = None, types: Optional[Sequence[str]] = None
    ) -> Iterator[Event]:
        """Every event of the thread once and in order, over any number of reconnections; it does not end by itself.

        ``after=0`` begins with the first one that is kept, no ``after`` with the next one. A ``stream/gap`` says that
        what was asked for is no longer kept. With ``types`` only the events of these names come.
        """
        return follow(self._transport, _path(thread_id, "/events"), after=after, types=types)

    def run(
        self,
        thread_id: str,
        input: Input,  # noqa: A002
        *,
        on_event: Optional[OnEvent] = None,
        on_approval: Optional[OnApproval] = None,
        timeout: Optional[float] = None,
        **fields: Any,
    ) -> Turn:
        """Submits a turn and returns it once it has ended, with all its items; look at its ``status``.

        ``on_approval`` gets each question of the turn and returns its answer: a decision, or a whole answer such as
        ``{"decision": "approve", "answers": {…}}``; ``None`` leaves the question to somebody else. After ``timeout``
        seconds without an end ``TurnTimeout`` is raised; the turn goes on.
        """
        after = self.get(thread_id).latest_seq
        turn = self.submit_turn(thread_id, input, **fields)
        deadline = None if timeout is None else time.monotonic() + timeout
        for event in follow(self._transport, _path(thread_id, "/events"), after=after, deadline=deadline):
            if event.turn_id != turn.turn_id:
                continue
            if on_event is not None:
                on_event(event)
            if event.name in _END_NAMES:
                return self.turn(thread_id, turn.turn_id)
            if on_approval is not None and event.name in QUESTIONS:
                self._answer(thread_id, event, on_approval)
        raise TurnTimeout(thread_id, turn.turn_id)

    def _answer(self, thread_id: str, event: Event, on_approval: OnApproval) -> None:
        approvals = Approvals(self._transport)
        approval = approvals.get(event.data["approval_id"])
        if approval.status != "pending":
            return
        answer = on_approval(approval)
        if answer is not None:
            approvals.answer(approval, answer)


QUESTIONS = (
    "item/commandExecution/requestApproval",
    "item/fileChange/requestApproval",
    "item/permissions/requestApproval",
    "item/tool/requestUserInput",
    "mcpServer/elicitation/request",
    "item/tool/call",
)


class Approvals:
    """``client.approvals``: what the agent asks, and the answers."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(self, thread_id: Optional[str] = None, **query: Any) -> Page[Approval]:
        """One page, pending ones first; of one thread, or of all."""
        path = "/api/v2/approvals" if thread_id is None else _path(thread_id, "/approvals")
        return Page(Approval, self._transport.request("GET", path, query=query))

    def get(self, approval_id: str) -> Approval:
        """Raises ``NotFound`` where there is none."""
        return Approval(self._transport.request("GET", path_of("/api/v2/approvals/{}", approval_id)))

    def answer(self, approval: Approval, answer: Union[str, Mapping[str, Any]]) -> Approval:
        """``answer`` is a decision, or an object with one and what goes with it (``answers``, ``content`` …).

        Raises ``Conflict`` when it was answered already, or has expired.
        """
        body = {"decision": answer} if isinstance(answer, str) else answer
        path = _path(approval.thread_id, "/approvals/{}", approval.approval_id)
        return Approval(self._transport.request("POST", path, body=body))

    def approve(self, approval: Approval, **more: Any) -> Approval:
        return self.answer(approval, {"decision": "approve", **more})

    def decline(self, approval: Approval) -> Approval:
        """The turn goes on without it."""
        return self.answer(approval, "decline")

    def cancel(self, approval: Approval) -> Approval:
        """The turn is interrupted."""
        return self.answer(approval, "cancel")


def _path(thread_id: str, rest: str = "", *ids: str) -> str:
    return path_of("/api/v2/threads/{}" + rest, thread_id, *ids)


def _to_input(given: Input) -> List[Dict[str, Any]]:
    if isinstance(given, str):
        return [{"type": "text", "text": given}]
    return [dict(part) for part in given]

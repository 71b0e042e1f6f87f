"""What the server answers with. Each key of the JSON object is an attribute; ``data`` is the object itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, Generic, Iterator, List, Optional, Type, TypeVar


class Record:
    """A JSON object of the server's. A key that is not declared here is in ``data``, and an attribute all the same."""

    def __init__(self, data: Dict[str, Any]) -> None:
        self.data = data

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            try:
                return self.__dict__["data"][name]
            except KeyError:
                raise AttributeError(f"{type(self).__name__} has no {name!r}") from None

    def __getitem__(self, key: str) -> Any:
        return self.data[key]

    def __contains__(self, key: object) -> bool:
        return key in self.data

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Record) and self.data == other.data

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.data!r})"


class Thread(Record):
    """A conversation with the agent."""

    thread_id: str
    name: Optional[str]
    preview: str
    status: str
    """``idle``, ``active``, ``not_loaded`` or ``error``."""
    active_turn_id: Optional[str]
    model: Optional[str]
    model_provider: Optional[str]
    cwd: Optional[str]
    reasoning_effort: Optional[str]
    created_at: str
    updated_at: str
    archived: bool
    ephemeral: bool
    forked_from_id: Optional[str]
    metadata: Dict[str, str]
    latest_seq: int


class Turn(Record):
    """One request to the agent, and what came of it."""

    turn_id: str
    thread_id: str
    status: str
    """``queued``, ``in_progress``, ``completed``, ``interrupted``, ``failed`` or ``cancelled``."""
    input: List[Dict[str, Any]]
    items: List[Dict[str, Any]]
    error: Optional[Dict[str, Any]]
    created_at: str
    started_at: Optional[str]
    completed_at: Optional[str]
    duration_ms: Optional[int]
    token_usage: Optional[Dict[str, int]]

    @property
    def text(self) -> str:
        """What the agent said last; empty if it said nothing."""
        said = [item["text"] for item in self.items if item.get("type") == "agent_message"]
        return str(said[-1]) if said else ""


class Approval(Record):
    """A question of the agent's that somebody has to answer."""

    approval_id: str
    thread_id: str
    turn_id: Optional[str]
    item_id: Optional[str]
    kind: str
    status: str
    created_at: str
    expires_at: str
    available_decisions: List[str]
    request: Dict[str, Any]


class Event(Record):
    """Something that happened. ``seq`` is ``None`` for ``stream/gap``, which is of the stream and not of the thread."""

    def __init__(self, name: str, seq: Optional[int], data: Dict[str, Any]) -> None:
        super().__init__(data)
        self.name = name
        self.seq = seq

    @property
    def thread_id(self) -> Optional[str]:
        return self.data.get("thread_id")

    @property
    def turn_id(self) -> Optional[str]:
        return self.data.get("turn_id")


T = TypeVar("T", bound=Record)


class Page(Generic[T]):
    """A part of a list; ``next_cursor`` asks for the part after it."""

    def __init__(self, kind: Type[T], body: Dict[str, Any]) -> None:
        self.data: List[T] = [kind(entry) for entry in body["data"]]
        self.next_cursor: Optional[str] = body["next_cursor"]

    def __iter__(self) -> Iterator[T]:
        return iter(self.data)

    def __len__(self) -> int:
        return len(self.data)

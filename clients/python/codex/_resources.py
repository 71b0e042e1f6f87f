"""The smaller parts of the API."""

from __future__ import annotations

import mimetypes
import os
import uuid
from typing import Any, Dict, Optional, Sequence, Union

from ._transport import Transport, path_of
from .models import Page, Record


class _Part:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def _ask(self, method: str, path: str, **more: Any) -> Record:
        return Record(self._transport.request(method, path, **more) or {})


class Models(_Part):
    """``client.models``: what the agent can think with."""

    def list(self, **query: Any) -> Page[Record]:
        return Page(Record, self._transport.request("GET", "/api/v2/models", query=query))


class Config(_Part):
    """``client.config``: the engine's configuration."""

    def get(self, **query: Any) -> Record:
        return self._ask("GET", "/api/v2/config", query=query)

    def set(self, key: str, value: Any, **fields: Any) -> Record:
        return self._ask("PUT", "/api/v2/config", body={"key": key, "value": value, **fields})

    def set_many(self, values: Dict[str, Any], **fields: Any) -> Record:
        """All of them, or none."""
        return self._ask("PATCH", "/api/v2/config", body={"values": values, **fields})

    def requirements(self) -> Record:
        return self._ask("GET", "/api/v2/config/requirements")


class Account(_Part):
    """``client.account``: Codex's own account, which is not this server's token."""

    def get(self) -> Record:
        return self._ask("GET", "/api/v2/auth/account")

    def rate_limits(self) -> Record:
        return self._ask("GET", "/api/v2/auth/rate-limits")

    def login(self, **fields: Any) -> Record:
        return self._ask("POST", "/api/v2/auth/login", body=fields)

    def cancel_login(self, **fields: Any) -> Record:
        return self._ask("POST", "/api/v2/auth/login/cancel", body=fields)

    def logout(self) -> Record:
        return self._ask("POST", "/api/v2/auth/logout")


class Skills(_Part):
    """``client.skills``: what the agent has learned to do."""

    def list(self, *, cwds: Optional[Sequence[str]] = None, force_reload: Optional[bool] = None) -> Record:
        return self._ask("GET", "/api/v2/skills", query={"cwds": cwds, "force_reload": force_reload})

    def configure(self, name: str, *, enabled: bool) -> Record:
        return self._ask("PUT", path_of("/api/v2/skills/{}/config", name), body={"enabled": enabled})


class Rules(_Part):
    """``client.rules``: what commands and hosts are allowed, asked about or forbidden in all threads."""

    def list(self) -> Record:
        return self._ask("GET", "/api/v2/rules")

    def delete(self, rule_id: str) -> None:
        self._transport.request("DELETE", path_of("/api/v2/rules/{}", rule_id))


class Mcp(_Part):
    """``client.mcp``: tool servers."""

    def list(self, **query: Any) -> Page[Record]:
        return Page(Record, self._transport.request("GET", "/api/v2/mcp/servers", query=query))

    def get(self, name: str) -> Record:
        return self._ask("GET", path_of("/api/v2/mcp/servers/{}", name))

    def put(self, name: str, **fields: Any) -> Record:
        return self._ask("PUT", path_of("/api/v2/mcp/servers/{}", name), body=fields)

    def delete(self, name: str) -> None:
        self._transport.request("DELETE", path_of("/api/v2/mcp/servers/{}", name))

    def refresh(self) -> Record:
        return self._ask("POST", "/api/v2/mcp/servers/refresh")

    def login(self, name: str) -> Record:
        """An address for the user's browser; the event ``mcpServer/oauthLogin/completed`` follows."""
        return self._ask("POST", path_of("/api/v2/mcp/servers/{}/auth", name))

    def call(self, name: str, tool: str, *, thread_id: str, arguments: Optional[Dict[str, Any]] = None) -> Record:
        body: Dict[str, Any] = {"thread_id": thread_id}
        if arguments is not None:
            body["arguments"] = arguments
        return self._ask("POST", path_of("/api/v2/mcp/servers/{}/tools/{}", name, tool), body=body)


class Reviews(_Part):
    """``client.reviews``: turns in which the agent reviews changes."""

    def create(self, target: Dict[str, Any], *, thread_id: Optional[str] = None, **fields: Any) -> Record:
        """In the thread, or in a new one."""
        path = "/api/v2/reviews" if thread_id is None else path_of("/api/v2/threads/{}/reviews", thread_id)
        return self._ask("POST", path, body={"target": target, **fields})


class Commands(_Part):
    """``client.commands``: single commands in the sandbox."""

    def exec(self, command: Sequence[str], **fields: Any) -> Record:
        """``exit_code``, ``stdout`` and ``stderr``; ``cwd``, ``timeout_ms``, ``env`` may be given."""
        return self._ask("POST", "/api/v2/commands/exec", body={"command": list(command), **fields})


class Feedback(_Part):
    """``client.feedback``: what users have to say to the operator."""

    def create(self, classification: str, **fields: Any) -> Record:
        return self._ask("POST", "/api/v2/feedback", body={"classification": classification, **fields})

    def list(self, **query: Any) -> Page[Record]:
        return Page(Record, self._transport.request("GET", "/api/v2/feedback", query=query))


class Attachments(_Part):
    """``client.attachments``: files for turns to refer to."""

    def upload(
        self, file: Union[str, "os.PathLike[str]", bytes], *, filename: Optional[str] = None
    ) -> Record:
        """Uploads a file by its path, or bytes under ``filename``; the answer's ``attachment_id`` goes into an input."""
        if isinstance(file, bytes):
            content, name = file, filename or "attachment"
        else:
            with open(file, "rb") as source:
                content = source.read()
            name = filename or os.path.basename(os.fspath(file))
        boundary = uuid.uuid4().hex
        safe = name.replace("\\", "_").replace('"', "'").replace("\r", " ").replace("\n", " ")
        kind = mimetypes.guess_type(safe)[0] or "application/octet-stream"
        head = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{safe}"\r\n'
            f"Content-Type: {kind}\r\n\r\n"
        )
        payload = head.encode() + content + f"\r\n--{boundary}--\r\n".encode()
        form = (f"multipart/form-data; boundary={boundary}", payload)
        return self._ask("POST", "/api/v2/attachments", content=form)

    def get(self, attachment_id: str) -> bytes:
        return self._transport.fetch("GET", path_of("/api/v2/attachments/{}", attachment_id))

    def delete(self, attachment_id: str) -> None:
        self._transport.request("DELETE", path_of("/api/v2/attachments/{}", attachment_id))

"""Against a running server: ``CODEX_TEST_URL`` and ``CODEX_AUTH_TOKEN`` name it. Its model is the scripted one."""

from __future__ import annotations

import os
import socket
import threading
import unittest
from typing import List
from urllib.parse import urlsplit

import codex

URL = os.environ["CODEX_TEST_URL"]
WORKSPACE = os.environ["CODEX_TEST_WORKSPACE"]


class CuttingProxy:
    """Passes bytes on to the server, and breaks each connection off after a number of them."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.connections = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        target = urlsplit(URL)
        with client, socket.create_connection((target.hostname, target.port)) as server:
            request = client.recv(65536).replace(urlsplit(self.url).netloc.encode(), target.netloc.encode())
            server.sendall(request)
            left = self.limit
            while left > 0:
                data = server.recv(min(left, 4096))
                if not data:
                    return
                client.sendall(data)
                left -= len(data)


class ClientTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.client = codex.CodexClient(URL)

    def create(self, **fields: object) -> codex.Thread:
        return self.client.threads.create(cwd=WORKSPACE, sandbox="workspace-write", **fields)

    def test_runs_a_turn_to_its_end(self) -> None:
        thread = self.create()
        turn = self.client.threads.run(thread.thread_id, "say: Hello from afar.")
        self.assertEqual((turn.status, turn.text), ("completed", "Hello from afar."))

    def test_lists_changes_and_deletes_threads(self) -> None:
        thread = self.create(name="One", metadata={"of": "python"})
        self.client.threads.update(thread.thread_id, name="Other")
        found = [one.name for one in self.client.threads.all(**{"metadata[of]": "python", "limit": 1})]
        self.assertEqual(found, ["Other"])
        self.client.threads.delete(thread.thread_id)
        with self.assertRaises(codex.NotFound) as caught:
            self.client.threads.get(thread.thread_id)
        self.assertEqual(caught.exception.code, "thread_not_found")

    def test_asks_for_approval(self) -> None:
        asked: List[codex.Approval] = []

        def on_approval(approval: codex.Approval) -> str:
            asked.append(approval)
            return "decline"

        thread = self.create(approval_policy="on-request")
        script = "run escalated: touch beside because: It is needed.\nsay: Done without."
        turn = self.client.threads.run(thread.thread_id, script, on_approval=on_approval)
        self.assertEqual(([one.kind for one in asked], turn.status), (["command_execution"], "completed"))
        self.assertEqual(self.client.approvals.list(thread.thread_id).data[0].status, "answered")
        with self.assertRaises(codex.Conflict):
            self.client.approvals.approve(asked[0])

    def test_lists_rules_and_knows_none_of_this_id(self) -> None:
        self.assertEqual(self.client.rules.list().faults, [])
        with self.assertRaises(codex.NotFound):
            self.client.rules.delete("none")

    def test_misses_nothing_when_connections_break(self) -> None:
        thread = self.create()
        turn = self.client.threads.run(thread.thread_id, "deltas: 200\nsay: That was all.")
        proxy = CuttingProxy(limit=6000)
        self.addCleanup(proxy.close)
        through = codex.CodexClient(proxy.url)
        latest = self.client.threads.get(thread.thread_id).latest_seq
        seen: List[int] = []
        for event in through.threads.events(thread.thread_id, after=0):
            assert event.seq is not None
            seen.append(event.seq)
            if event.seq == latest:
                break
        self.assertEqual(turn.status, "completed")
        self.assertEqual(seen, list(range(1, latest + 1)))
        self.assertGreater(proxy.connections, 3)

    def test_gives_up_waiting_but_leaves_the_turn(self) -> None:
        thread = self.create()
        with self.assertRaises(codex.TurnTimeout) as caught:
            self.client.threads.run(thread.thread_id, "stall", timeout=0.3)
        turn = self.client.threads.interrupt(thread.thread_id, caught.exception.turn_id)
        self.assertIn(turn.status, ("in_progress", "interrupted"))

    def test_uploads_what_a_turn_refers_to(self) -> None:
        uploaded = self.client.attachments.upload(b'{"a": 1}', filename="data.json")
        self.assertEqual(self.client.attachments.get(uploaded["attachment_id"]), b'{"a": 1}')

    def test_tells_what_is_wrong(self) -> None:
        with self.assertRaises(codex.InvalidRequest) as caught:
            self.client.threads.create(modell="x")
        self.assertEqual([one["path"] for one in caught.exception.errors], ["modell"])
        with self.assertRaises(codex.Unauthorized):
            codex.CodexClient(URL, "wrong-token-of-some-length-0000000000").threads.list()
        with self.assertRaises(codex.ConnectionFailed):
            codex.CodexClient("http://127.0.0.1:1", "any", max_retries=0).threads.list()
        with self.assertRaises(codex.NotFound):
            next(self.client.threads.events("00000000-0000-0000-0000-000000000000"))

    def test_reads_the_rest_of_the_api(self) -> None:
        self.assertIn("data", self.client.request("GET", "/api/v2/models"))
        self.assertEqual(self.client.commands.exec(["echo", "hi"], cwd=WORKSPACE)["stdout"], "hi\n")
        self.assertIsNotNone(self.client.feedback.create("good_result", reason="Great!")["feedback_id"])
        self.assertIsInstance(self.client.mcp.list().data, list)


if __name__ == "__main__":
    unittest.main()

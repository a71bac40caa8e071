"""An API server in this process that gives prepared answers over HTTP and remembers what it was asked."""

import json
import threading
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from typing_extensions import override

Document = dict[str, Any]

CORE = {
    "resources": [
        {"name": "configmaps", "kind": "ConfigMap", "namespaced": True},
        {"name": "namespaces", "kind": "Namespace", "namespaced": False},
        {"name": "namespaces/status", "kind": "Namespace", "namespaced": False},
        {"name": "serviceaccounts/token", "kind": "TokenRequest", "namespaced": True},
    ]
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """One request."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """One answer; a body that is no mapping is sent as it is."""

    code: int = 200
    body: Document | str = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


def refusal(code: int, reason: str, message: str = "no", **details: Any) -> Answer:
    """An answer that carries a Status."""
    body = {"kind": "Status", "code": code, "reason": reason, "message": message, "details": details}
    return Answer(code=code, body=body)


class ApiServer:
    """Answers of one path are given in turn, the last one again and again; unknown paths are not found."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.asked: list[Asked] = []
        self._answers: defaultdict[tuple[str, str], deque[Answer]] = defaultdict(deque)
        self.answer("GET", "/api/v1", CORE)

    def answer(self, method: str, path: str, *answers: Answer | Document) -> None:
        """Prepare what a path answers from now on."""
        prepared = (item if isinstance(item, Answer) else Answer(body=item) for item in answers)
        self._answers[method, path] = deque(prepared)

    def reply(self, asked: Asked) -> Answer:
        """The next answer."""
        self.asked.append(asked)
        answers = self._answers.get((asked.method, asked.path))
        if not answers:
            return refusal(404, "NotFound", f"{asked.path} not found")
        return answers.popleft() if len(answers) > 1 else answers[0]

    def kubeconfig(self, **user: Any) -> Document:
        """A kubeconfig that leads here."""
        return {
            "current-context": "here",
            "clusters": [{"name": "c", "cluster": {"server": self.url}}],
            "users": [{"name": "u", "user": user}],
            "contexts": [{"name": "here", "context": {"cluster": "c", "user": "u", "namespace": "mine"}}],
        }


class _Handler(BaseHTTPRequestHandler):
    api: ApiServer
    protocol_version = "HTTP/1.1"
    # Otherwise each body waits 40 ms for the acknowledgement of its headers.
    disable_nagle_algorithm = True

    def _reply(self) -> None:
        parts = urlsplit(self.path)
        text = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        asked = Asked(
            method=self.command,
            path=parts.path,
            query=dict(parse_qsl(parts.query)),
            headers=dict(self.headers.items()),
            body=json.loads(text) if text else None,
        )
        answer = self.api.reply(asked)
        data = (answer.body if isinstance(answer.body, str) else json.dumps(answer.body)).encode()
        self.send_response(answer.code)
        for name, value in {"Content-Length": str(len(data)), **answer.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_PATCH = do_DELETE = _reply  # noqa: N815 — The standard library's names.

    @override
    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def api_server() -> Iterator[ApiServer]:
    """A server that listens until the end."""
    handler = type("Handler", (_Handler,), {})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        api = ApiServer(f"http://127.0.0.1:{server.server_address[1]}")
        handler.api = api  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield api
        finally:
            server.shutdown()
            thread.join()

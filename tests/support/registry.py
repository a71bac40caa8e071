"""An OCI registry in a thread: what a push needs, and no more."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

from typing_extensions import override


@dataclass(slots=True)
class FakeRegistry:
    address: str = ""
    blobs: dict[str, bytes] = field(default_factory=dict)
    manifests: dict[str, dict[str, Any]] = field(default_factory=dict)
    uploads: int = 0
    refuses: bool = False

    def layer(self, reference: str) -> bytes:
        return self.blobs[self.manifests[reference]["layers"][0]["digest"]]


@contextmanager
def fake_registry() -> Iterator[FakeRegistry]:
    registry = FakeRegistry()

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self._answer(200 if self.path.rpartition("/")[2] in registry.blobs else 404)

        def do_POST(self) -> None:
            registry.uploads += 1
            self._answer(403 if registry.refuses else 202, f"{self.path}upload?state=1")

        def do_PUT(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            url = urlsplit(self.path)
            if "/blobs/" in url.path:
                (digest,) = parse_qs(url.query)["digest"]
                assert digest == f"sha256:{hashlib.sha256(body).hexdigest()}"
                registry.blobs[digest] = body
            else:
                registry.manifests[url.path.removeprefix("/v2/").replace("/manifests/", ":")] = json.loads(body)
            self._answer(201)

        @override
        def log_message(self, format: str, *args: Any) -> None: ...

        def _answer(self, status: int, location: str = "") -> None:
            self.send_response(status)
            self.send_header("Content-Length", "0")
            if location:
                self.send_header("Location", location)
            self.end_headers()

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        registry.address = f"127.0.0.1:{server.server_port}"
        try:
            yield registry
        finally:
            server.shutdown()
            thread.join()

"""Charts in an OCI registry, in Helm's media types.

Helm's own `push` notes the time in what it pushes, so that the same chart would have another digest each time, and
Flux would upgrade every release.
"""

import hashlib
import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final
from urllib.error import HTTPError, URLError
from urllib.parse import urljoin
from urllib.request import Request, urlopen

from gitops.chart import Chart
from gitops.errors import GitOpsError, Problem
from sandbox.mirror.stand_in import metadata

_MANIFEST: Final = "application/vnd.oci.image.manifest.v1+json"
_CONFIG: Final = "application/vnd.cncf.helm.config.v1+json"
_LAYER: Final = "application/vnd.cncf.helm.chart.content.v1.tar+gzip"
_TIMEOUT: Final = 30


class RegistryError(GitOpsError):
    """The registry is not there, or refused a chart."""


@dataclass(frozen=True, slots=True)
class Repository:
    """One repository of a registry.

    Attributes:
        registry: Its address with the scheme, `http://127.0.0.1:5000`.
        name: The repository's name in it, `charts/metallb`.
    """

    registry: str
    name: str

    def push(self, chart: Chart, archive: bytes) -> None:
        """Hold the chart under the tag of its version; RegistryError when it cannot."""
        config = json.dumps(metadata(chart)).encode()
        manifest = {
            "schemaVersion": 2,
            "mediaType": _MANIFEST,
            "config": self._blob(_CONFIG, config),
            "layers": [self._blob(_LAYER, archive)],
        }
        # A tag may hold no plus sign; Helm and Flux both spell it as an underscore.
        tag = chart.version.replace("+", "_")
        self._request("PUT", f"{self._url}/manifests/{tag}", json.dumps(manifest).encode(), _MANIFEST)

    @property
    def _url(self) -> str:
        return f"{self.registry}/v2/{self.name}"

    def _blob(self, media_type: str, content: bytes) -> dict[str, Any]:
        digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
        status, _ = self._answer("HEAD", f"{self._url}/blobs/{digest}")
        if status == HTTPStatus.NOT_FOUND:
            start = f"{self._url}/blobs/uploads/"
            location = urljoin(start, self._request("POST", start))
            separator = "&" if "?" in location else "?"
            self._request("PUT", f"{location}{separator}digest={digest}", content, "application/octet-stream")
        return {"mediaType": media_type, "digest": digest, "size": len(content)}

    def _request(self, method: str, url: str, body: bytes = b"", media_type: str = "") -> str:
        """Where the answer says to go on."""
        status, said = self._answer(method, url, body, media_type)
        if status >= HTTPStatus.BAD_REQUEST:
            raise self._error(f"{method} was answered with {status} {said}")
        return said

    def _answer(self, method: str, url: str, body: bytes = b"", media_type: str = "") -> tuple[int, str]:
        """The status, with where to go on or the reason why not."""
        headers = {"Content-Type": media_type} if media_type else {}
        data = None if method == "HEAD" else body
        request = Request(url, data=data, headers=headers, method=method)  # noqa: S310 — a registry's address
        try:
            with urlopen(request, timeout=_TIMEOUT) as answer:  # noqa: S310 — as above
                return answer.status, answer.headers.get("Location", "")
        except HTTPError as error:
            with error:
                return error.code, error.reason
        except URLError as error:
            raise self._error(f"it cannot be reached: {error.reason}") from None

    def _error(self, what: str) -> RegistryError:
        where, fix = f"{self.registry} {self.name}", "see that the registry runs, and takes pushes"
        return RegistryError([Problem(rule="sandbox/registry", where=where, what=what, fix=fix)])

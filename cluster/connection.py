"""Requests to one API server over HTTP; refusals and silence become errors that say what to do."""

import ipaddress
import time
from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol, TypeAlias
from urllib.parse import urlsplit

import httpx2 as httpx
from lightkube.config import client_adapter
from lightkube.core.exceptions import ConfigError

from cluster.errors import ApiError, KubeconfigError, Status, UnreachableError
from cluster.kubeconfig import ClusterAccess

Document: TypeAlias = dict[str, Any]
"""A JSON document of the API."""

# Admission webhooks have up to 30 s each, and the API server gives up after 60.
_TIMEOUT: Final = httpx.Timeout(65, connect=5)
_TOO_MANY_REQUESTS: Final = 429
_ATTEMPTS: Final = 5
_JSON: Final = "application/json"


class Requests(Protocol):
    """What a client needs of a connection."""

    server: str

    def close(self) -> None:
        """End all connections."""
        ...

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        content_type: str = _JSON,
    ) -> Document:
        """The server's answer.

        Raises:
            ApiError: It refused.
            UnreachableError: It did not answer.
        """
        ...


class Connection:
    """Keeps connections to an API server open; may be used from several threads."""

    def __init__(self, access: ClusterAccess, *, pause: Callable[[float], None] = time.sleep) -> None:
        """Open nothing yet.

        Raises:
            KubeconfigError: A certificate or a key cannot be used.
        """
        self.server = access.server
        self._pause = pause
        self._extensions = {"sni_hostname": access.tls_server_name} if access.tls_server_name else {}
        parameters = client_adapter.ConnectionParams(
            timeout=_TIMEOUT, trust_env=not _is_loopback(access.server), proxy=access.proxy
        )
        try:
            self._http = client_adapter.Client(access.config, parameters)
        except (ConfigError, OSError, ValueError) as error:
            fix = "correct the cluster and user of this context"
            raise KubeconfigError(self.server, f"credentials cannot be used: {error}", fix) from None

    def close(self) -> None:
        """End all connections."""
        self._http.close()

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        content_type: str = _JSON,
    ) -> Document:
        """The server's answer; where it asks for patience, it is given some.

        Raises:
            ApiError: It refused.
            UnreachableError: It did not answer.
        """
        request = self._http.build_request(
            method,
            self.server + path,
            params=dict(query or {}),
            json=body,
            headers={"Accept": _JSON, "Content-Type": content_type},
            extensions=self._extensions,
        )
        response = self._send(request)
        for _ in range(_ATTEMPTS - 1):
            if response.status_code != _TOO_MANY_REQUESTS or "Retry-After" not in response.headers:
                break
            self._pause(float(response.headers["Retry-After"]))
            response = self._send(request)
        if response.is_error:
            raise ApiError(_status(response), f"{method} {self.server}{path}")
        document: Document = response.json()
        return document

    def _send(self, request: httpx.Request) -> httpx.Response:
        try:
            return self._http.send(request)
        except httpx.TransportError as error:
            raise UnreachableError(self.server, error) from None
        except KeyError:
            raise self._no_credentials("the login command gave no token") from None
        except (ConfigError, OSError, ValueError) as error:
            raise self._no_credentials(str(error)) from None

    def _no_credentials(self, what: str) -> KubeconfigError:
        fix = "run the kubeconfig's login command by hand and see what it says"
        return KubeconfigError(self.server, f"no credentials: {what}", fix)


def _status(response: httpx.Response) -> Status:
    try:
        document = response.json()
    except ValueError:
        document = None
    return Status.parse(document if isinstance(document, dict) else {}, response.status_code)


def _is_loopback(url: str) -> bool:
    """Proxies of the environment are for other machines."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"

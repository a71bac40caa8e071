"""Which path serves a kind: asked once per API version, again when a kind is not known."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from cluster.connection import Requests
from cluster.errors import ApiError, NoKindMatchError

_NOT_FOUND: Final = 404


@dataclass(frozen=True, kw_only=True, slots=True)
class Resource:
    """A kind as an API server serves it."""

    api_version: str
    kind: str
    plural: str
    namespaced: bool

    def path(self, namespace: str | None = None, name: str | None = None) -> str:
        """The path of one object or, without a name, of the collection."""
        parts = [_root(self.api_version)]
        if self.namespaced and namespace:
            parts += ["namespaces", quote(namespace, safe="")]
        parts.append(self.plural)
        if name:
            parts.append(quote(name, safe=""))
        return "/".join(parts)


class Discovery:
    """The kinds that an API server serves."""

    def __init__(self, requests: Requests) -> None:
        self._requests = requests
        self._known: dict[str, Mapping[str, Resource]] = {}

    def resource(self, api_version: str, kind: str) -> Resource:
        """How this kind is served.

        Raises:
            NoKindMatchError: It is not.
        """
        if found := self._known.get(api_version, {}).get(kind):
            return found
        # A CustomResourceDefinition may have been added since.
        self._known[api_version] = self._ask(api_version)
        if found := self._known[api_version].get(kind):
            return found
        raise NoKindMatchError(self._requests.server, api_version, kind)

    def _ask(self, api_version: str) -> Mapping[str, Resource]:
        try:
            answer = self._requests.request("GET", _root(api_version))
        except ApiError as error:
            if error.status.code == _NOT_FOUND:
                return {}
            raise
        return {
            item["kind"]: Resource(
                api_version=api_version, kind=item["kind"], plural=item["name"], namespaced=item["namespaced"]
            )
            for item in answer["resources"]
            # Subresources have kinds too: deployments/scale is a Scale.
            if "/" not in item["name"]
        }


def _root(api_version: str) -> str:
    return f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"

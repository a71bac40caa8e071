"""An API server with prepared answers, and a client of it."""

from collections.abc import Iterator

import pytest
import yaml

from cluster.client import Client
from cluster.connection import Connection
from cluster.kubeconfig import parse_kubeconfig
from tests.support.api_server import ApiServer, api_server


@pytest.fixture
def api() -> Iterator[ApiServer]:
    with api_server() as server:
        yield server


@pytest.fixture
def client(api: ApiServer) -> Iterator[Client]:
    access = parse_kubeconfig(yaml.safe_dump(api.kubeconfig(token="t0ken")))
    found = Client(Connection(access), access.config.namespace)
    yield found
    found.close()

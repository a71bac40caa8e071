"""What Pulumi is told to make before Flux is what the platform needs then."""

import pytest

from addons.catalogue import platform, seed
from gitops.checks.bootstrap import known_secrets
from gitops.errors import PlatformError
from tests.support.platforms import small
from tests.support.stacks import variant


@pytest.mark.parametrize(
    ("secrets", "what"),
    [
        ({"other": {"a": "from_config"}}, "nothing needs a Secret other before Flux"),
        ({"cluster-ca": {"tls.crt": "from_config"}}, "Secret cert-manager/cluster-ca has no key tls.key"),
        ({"flux-system": {}}, "Secret flux-system/flux-system has no key at all"),
    ],
)
def test_a_secret_that_is_not_needed_or_not_whole_is_refused(secrets: dict[str, dict[str, str]], what: str) -> None:
    cluster = variant(bootstrap={"use": "install", "secrets": secrets})
    assert [found.what for found in known_secrets.check(seed(cluster))] == [what]
    with pytest.raises(PlatformError) as caught:
        platform(cluster)
    assert what in {problem.what for problem in caught.value.problems}


def test_what_the_website_pulls_with_is_not_made_before_flux() -> None:
    website = {"image": f"example.org/x@sha256:{'0' * 64}", "image_pull_secret": "pull"}
    cluster = variant(website=website, bootstrap={"use": "install", "secrets": {"pull": {"a": "from_config"}}})
    (found,) = known_secrets.check(seed(cluster))
    assert found.field == "homelab:bootstrap.secrets.pull"


@pytest.mark.parametrize(("delivery", "needed"), [("git", "flux-system"), ("direct", "none")])
def test_a_secret_that_is_not_needed_names_those_that_are(delivery: str, needed: str) -> None:
    choice = {"use": "install", "secrets": {"other": {"a": "from_config"}}}
    (found,) = known_secrets.check(small(delivery=delivery, bootstrap=choice))
    assert found.fix == f"needed are {needed}"

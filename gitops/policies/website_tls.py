"""Serves the website over TLS."""

from dataclasses import replace

from gitops.objects import KubernetesObject, Unstructured
from gitops.platform import Platform
from gitops.tls import ISSUERS, signed_by, tls

# F5's controller redirects to HTTPS by itself as soon as an Ingress has TLS; HSTS is asked for.
_HSTS = {"nginx.org/hsts": "true"}


def website_tls(platform: Platform) -> Platform:
    """Guests reach the website over TLS only, unless a tunnel in front of it ends TLS."""
    website = platform.cluster.website
    issuer = ISSUERS.get(website.issuer) if website else None
    if issuer is None:
        return platform
    return replace(platform, website=tuple(_secured(item, issuer) for item in platform.website))


def _secured(item: KubernetesObject, issuer: str) -> KubernetesObject:
    match item:
        case Unstructured(kind="Ingress", metadata=metadata, fields={"spec": spec}):
            annotated = replace(metadata, annotations={**metadata.annotations, **signed_by(issuer), **_HSTS})
            terms = tls(spec["rules"][0]["host"], f"{metadata.name}-tls")
            return replace(item, metadata=annotated, fields={"spec": {"tls": terms, **spec}})
        case _:
            return item

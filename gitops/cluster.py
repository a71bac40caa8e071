"""One stack's config, validated and frozen; its fields are the keys of `Pulumi.<stack>.yaml`."""

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from gitops.addresses import AddressRange
from gitops.values import (
    AddressText,
    Branch,
    Commit,
    Digest,
    Domain,
    GitUrl,
    Image,
    Label,
    MirrorUrl,
    NetworkText,
    OciUrl,
    Pattern,
    RangeText,
    Replicas,
    SecretFrom,
    Tag,
    Text,
    VersionRange,
)

CILIUM_PODS: Final = "10.0.0.0/8"
"""Where Cilium's chart takes the addresses of pods from when it is told nothing."""


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, use_attribute_docstrings=True)


class ClusterVars(_Section):
    """The ConfigMap `cluster-vars`, key for key; every value is text."""

    cluster_name: Label
    """Name of the cluster."""
    dns_ip: AddressText
    """Address of the cluster's DNS server."""
    ingress_ip: AddressText
    """Address of the ingress controller."""
    domain: Domain
    """DNS zone of the cluster's services."""
    mgmt_domain: Domain
    """DNS zone of the management cluster, which receives logs and metrics."""
    load_balancer_pool: RangeText
    """Addresses for LoadBalancer Services, `first-last` or a CIDR."""
    storage_replica: Replicas
    """Copies that Longhorn keeps of each volume, as text."""

    def as_data(self) -> dict[str, str]:
        """The ConfigMap's data."""
        return self.model_dump()


class Network(_Section):
    """What the cluster's network looks like from outside Flux."""

    api_host: Domain | None = None
    """Host of the Kubernetes API; api.<domain> when not given."""
    pod_cidr: NetworkText | None = None
    """Addresses of pods, as the CNI was installed."""
    service_cidr: NetworkText | None = None
    """Addresses of Services."""
    node_cidr: NetworkText | None = None
    """Addresses of nodes."""
    load_balancer: Literal["metallb", "cilium"] = "metallb"
    """Who hands out the addresses of LoadBalancer Services."""


class ProfileChoice(_Section):
    """Which profile, and which of its policies are left out."""

    use: Literal["seed", "strict"] = "strict"
    """`seed` is the article's YAML, `strict` adds policies."""
    without: Annotated[tuple[Text, ...], Field(strict=False)] = ()
    """Policies to leave out."""


class Git(_Section):
    """Where the rendered tree is published and read."""

    url: GitUrl
    """Repository, over HTTPS or SSH."""
    branch: Branch | None = None
    """Branch of this cluster; rendered/<cluster_name> when not given."""
    commit: Commit | None = None
    """Commit that the cluster is pinned to."""
    secret: Label | None = None
    """Secret in flux-system with the repository's credentials."""


class Identity(_Section):
    """Who signed an artifact, as anchored regular expressions."""

    issuer: Pattern
    """Issuer of the signer's OIDC token, as ^https://token\\.example\\.org$."""
    subject: Pattern
    """Subject of the signer's OIDC token."""


class Verify(_Section):
    """How an artifact's signature is verified."""

    provider: Literal["cosign", "notation"] = "cosign"
    """Signing tool."""
    secret: Label | None = None
    """Secret in flux-system with the public keys."""
    identities: Annotated[tuple[Identity, ...], Field(strict=False)] = ()
    """Signers without a key of their own."""


class Oci(_Section):
    """Where the rendered tree is pushed and pulled as an OCI artifact."""

    url: OciUrl
    """Repository of the artifact."""
    tag: Tag | None = None
    """Tag to push; the cluster's name when not given."""
    digest: Digest | None = None
    """Artifact that the cluster is pinned to; Pulumi pushes one of its own when not given."""
    insecure: bool = False
    """Whether the registry speaks HTTP without TLS."""
    secret: Label | None = None
    """Secret in flux-system with the registry's credentials."""
    verify: Verify | None = None
    """How the artifact's signature is verified."""


class AddonChoice(_Section):
    """What this cluster wants of one add-on."""

    enabled: bool = True
    """Whether it is installed."""
    values: Mapping[str, Any] = Field(default_factory=dict)
    """Chart values, merged over the add-on's own; ${name} is a variable there, and $$ a dollar sign."""


class Charts(_Section):
    """Where charts come from."""

    mirror: MirrorUrl | None = None
    """Base URL that replaces that of every chart source."""


class WebsiteChoice(_Section):
    """The wedding website."""

    host: Label = "wedding"
    """First label of its host name, under the cluster's domain."""
    image: Image
    """Image by digest."""
    replicas: int = Field(default=2, ge=1, le=20)
    """Number of pods."""
    issuer: Literal["ca", "acme", "none"] = "ca"
    """Who signs its certificate: the cluster's CA, Let's Encrypt, or nobody where a tunnel ends TLS."""
    image_pull_secret: Label | None = None
    """Secret in its namespace with the registry's credentials."""


class WaiverChoice(_Section):
    """A rule that is known not to hold on this cluster."""

    rule: Text
    """Id of the rule, as `homelab check` prints it."""
    reason: Text
    """Why that is right."""
    object: Text | None = None
    """The one object that it is for, like "HelmRelease metallb/metallb"; all when not given."""


def _boolean(value: object) -> object:
    """Pulumi quotes booleans that stand alone whenever it writes a stack's file."""
    return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value


class Bootstrap(_Section):
    """How Flux, and what must exist before it, come into the cluster."""

    use: Literal["existing", "install"] = "existing"
    """Whether they are there already, or Pulumi installs them."""
    flux_version: VersionRange = "2.9.x"
    """Versions of Flux that the operator may install, or have installed where Flux is there already."""
    size: Literal["small", "medium", "large"] = "medium"
    """Concurrency and memory of Flux's controllers; layers that wait need more workers than small has."""
    network_policy: bool = True
    """Whether Flux's own network policies are installed."""
    multitenant: bool = False
    """Whether Flux is locked down for tenants: it acts as the accounts that objects name, within their namespaces."""
    tenant_default_service_account: Label = "default"
    """The account of objects that name none, where Flux is locked down."""
    cilium: Literal["existing", "install"] = "install"
    """Whether Cilium is there already, or Pulumi installs it before Flux, which needs a network."""
    secrets: Mapping[Label, Mapping[Text, SecretFrom]] = Field(default_factory=dict)
    """Where Pulumi takes the values of a Secret from, key by key; a Secret that is not named here exists already."""


def _choice(value: object) -> object:
    return {"use": value} if isinstance(value, str) else value


class Cluster(_Section):
    """One stack: one cluster."""

    cluster_vars: ClusterVars
    """The seven values of the ConfigMap cluster-vars."""
    management: Annotated[bool, BeforeValidator(_boolean, json_schema_input_type=bool | Literal["true", "false"])] = (
        False
    )
    """Whether it runs the logging layer, for itself and others."""
    profile: Annotated[
        ProfileChoice,
        BeforeValidator(_choice, json_schema_input_type=Literal["seed", "strict"] | ProfileChoice),
    ] = ProfileChoice()
    """Profile by name, or with policies left out."""
    delivery: Literal["git", "direct", "oci", "inline"] = "git"
    """How bundles reach the cluster."""
    git: Git | None = None
    """For delivery git."""
    oci: Oci | None = None
    """For delivery oci."""
    network: Network = Network()
    """What the cluster's network looks like from outside Flux."""
    shards: Annotated[tuple[Label, ...], Field(strict=False)] = ()
    """Shards of Flux's controllers that run in the cluster."""
    log_collector: Literal["promtail", "alloy"] | None = None
    """Who collects logs; promtail under seed and alloy under strict when not given."""
    addons: Mapping[str, AddonChoice] = Field(default_factory=dict)
    """Choices by add-on."""
    charts: Charts = Charts()
    """Where charts come from."""
    website: WebsiteChoice | None = None
    """The website; none when not given."""
    retain: Annotated[bool, BeforeValidator(_boolean, json_schema_input_type=bool | Literal["true", "false"])] = False
    """Whether everything that leaves the program stays in the cluster, as before the delivery is switched."""
    bootstrap: Annotated[
        Bootstrap,
        BeforeValidator(_choice, json_schema_input_type=Literal["existing", "install"] | Bootstrap),
    ] = Bootstrap()
    """Whether Flux and the bootstrap secrets exist already, or how Pulumi installs them."""
    waivers: Annotated[tuple[WaiverChoice, ...], Field(strict=False)] = ()
    """Rules that are known not to hold, with the reasons."""
    sandbox: Label | None = None
    """The sandbox on this machine that the stack lives in; a real cluster when not given."""

    @property
    def name(self) -> str:
        """Name of the cluster."""
        return self.cluster_vars.cluster_name

    @property
    def source(self) -> Git | Oci | None:
        """What Flux reads the tree from; none in the deliveries that have no tree."""
        sources: Mapping[str, Git | Oci | None] = {"git": self.git, "oci": self.oci}
        return sources.get(self.delivery)

    @property
    def pool(self) -> AddressRange:
        """Addresses for LoadBalancer Services."""
        return AddressRange.parse(self.cluster_vars.load_balancer_pool)

    @property
    def api_host(self) -> str:
        """Host of the Kubernetes API."""
        return self.network.api_host or f"api.{self.cluster_vars.domain}"

    @property
    def collector(self) -> Literal["promtail", "alloy"]:
        """Who collects logs."""
        return self.log_collector or ("promtail" if self.profile.use == "seed" else "alloy")

    @property
    def git_branch(self) -> str:
        """Branch that the tree is published to and read from."""
        return (self.git and self.git.branch) or f"rendered/{self.name}"

    @property
    def oci_tag(self) -> str:
        """Tag that the tree is pushed to."""
        return (self.oci and self.oci.tag) or self.name

    def pinned(self, commit: str) -> "Cluster":
        """The same cluster, its Git source pinned to a commit."""
        return self.model_copy(update={"git": self.git and self.git.model_copy(update={"commit": commit})})

"""The program: one stack is one cluster."""

from pathlib import Path

import pulumi

from addons.catalogue import platform
from components import COMPONENTS
from components.component import ComponentArgs
from components.config import read_cluster
from components.provider import kubernetes_provider
from components.values import refuse_unusable
from gitops.errors import GitOpsError
from gitops.outputs import outputs

try:
    homelab = platform(read_cluster(Path(__file__).parent))
    args = ComponentArgs.of(homelab)
    refuse_unusable(args.registrations, args.commands)
except GitOpsError as error:
    raise pulumi.RunError(f"nothing was changed\n{error}") from None

opts = pulumi.ResourceOptions(provider=kubernetes_provider(homelab.cluster))
for name in args.components:
    COMPONENTS[name](name, args, opts)
for key, value in outputs(homelab).items():
    pulumi.export(key, value)

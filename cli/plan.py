"""`homelab plan`: what Pulumi and Flux would do, as a tree."""

import shlex
from collections.abc import Iterable
from dataclasses import asdict
from typing import Annotated

import typer
from rich.text import Text
from rich.tree import Tree

from cli.options import DeliveryOption, Output, OutputOption, ProfileOption, StackArgument
from cli.project import platform_of
from cli.steps import show_steps
from cli.teardown import show_teardown
from cli.terminal import console, show_json
from gitops.destruction import destruction
from gitops.plan import AddonPlan, BundlePlan, LayerPlan, OwnerPlan, Plan, ResourcePlan, TimingPlan
from gitops.plan import plan as plan_of


def plan(  # noqa: PLR0913 — each is an option of the command
    stack: StackArgument,
    profile: ProfileOption = None,
    delivery: DeliveryOption = None,
    output: OutputOption = Output.TEXT,
    *,
    timing: Annotated[bool, typer.Option("--timing", help="Add up how long each layer may take.")] = False,
    owners: Annotated[bool, typer.Option("--owners", help="List the owner of every object.")] = False,
    teardown: Annotated[
        bool, typer.Option("--teardown", help="List what to delete, in order, and what stays.")
    ] = False,
    delete_data: Annotated[
        bool, typer.Option("--delete-data", help="Let --teardown delete what holds data or the network too.")
    ] = False,
) -> None:
    """Show what Pulumi registers and what Flux reconciles, in order."""
    platform = platform_of(stack, profile=profile, delivery=delivery)
    planned = plan_of(platform, delete_data=delete_data)
    if output is Output.JSON:
        show_json(asdict(planned))
        return
    out = console()
    out.print(_tree(stack, planned))
    out.print(_summary(planned))
    if timing:
        out.print(_timing(planned.timing))
    show_steps(platform_of(stack, profile=profile), platform)
    if owners:
        out.print(_owners(planned.owners))
    if teardown:
        show_teardown(destruction(platform, delete_data=delete_data))


def _tree(stack: str, planned: Plan) -> Tree:
    role = "management" if planned.management else "workload"
    title = f"{stack}  {role} cluster, profile {planned.profile}, delivery {planned.delivery}"
    tree = Tree(Text(title, style="bold"))
    layers = {layer.name: layer for layer in planned.layers}
    for component in dict.fromkeys(item.component for item in planned.resources):
        branch = tree.add(Text(component, style="bold cyan"))
        for command in (item for item in planned.commands if item.component == component):
            branch.add(Text.assemble(("pulumi ", "magenta"), f"runs {shlex.join(command.arguments)}"))
        for resource in (item for item in planned.resources if item.component == component):
            branch.add(_resource(resource))
        if component in layers:
            _add_layer(branch, layers[component])
    return tree


def _resource(resource: ResourcePlan) -> Text:
    notes = [f"waits for {resource.waits_for}, at most {resource.timeout}"] if resource.waits_for else []
    notes += ["kept when deleted"] if resource.retained else []
    return Text.assemble(("pulumi ", "magenta"), resource.object, (_notes(notes), "dim"))


def _add_layer(branch: Tree, layer: LayerPlan) -> None:
    ordered = sorted(layer.addons, key=lambda addon: min(bundle.position for bundle in addon.bundles))
    for addon in ordered:
        node = branch.add(_addon(addon))
        for bundle in addon.bundles:
            node.add(_bundle(bundle))


def _addon(addon: AddonPlan) -> Text:
    notes = ["kept when removed"] if addon.retained else []
    chart = addon.chart
    version, origin = (f" {chart.version}", f"{chart.name} from {chart.repository}") if chart else ("", "no chart")
    return Text.assemble((addon.name, "green"), version, (f"  {origin}{_notes(notes)}", "dim"))


def _bundle(bundle: BundlePlan) -> Text:
    notes = [f"after {', '.join(bundle.waits_for)}"] if bundle.waits_for else []
    objects = f"{bundle.objects} object{'s' if bundle.objects != 1 else ''}"
    return Text.assemble((f"{bundle.position:>2} ", "yellow"), bundle.name, (f"  {objects}{_notes(notes)}", "dim"))


def _notes(notes: Iterable[str]) -> str:
    return "".join(f", {note}" for note in notes)


def _summary(planned: Plan) -> Text:
    addons = [addon for layer in planned.layers for addon in layer.addons]
    retained = ", ".join(addon.name for addon in addons if addon.retained)
    pulumi, flux = planned.owned["pulumi"], planned.owned["flux"]
    lines = [
        f"Pulumi owns {pulumi} objects, Flux {flux} and what its charts make.",
        f"{len(addons)} add-ons in {len(planned.layers)} layers; revision {planned.revision}.",
    ]
    lines += [f"Kept when removed: {retained}."] if retained else []
    lines += [f"Website: {planned.website}"] if planned.website else []
    return Text("\n".join(lines))


def _timing(layers: Iterable[TimingPlan]) -> Text:
    lines = [f"{item.layer:<16}{item.timeout:>8} allowed: {item.arithmetic}" for item in layers]
    guesses = ", ".join(f"{item.layer} {item.estimate}" for item in layers)
    return Text("\n".join([*lines, f"Ready on a cold start after, by rule of thumb: {guesses}"]))


def _owners(owners: Iterable[OwnerPlan]) -> Text:
    return Text("\n".join(f"{item.owner:<7} {item.object}" for item in owners))

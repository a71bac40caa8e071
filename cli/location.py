"""Where a finding stands: the line to open in an editor, and the line to show."""

from collections.abc import Mapping
from dataclasses import dataclass

from cli.project import read_stack, stack_file
from gitops.checks.finding import Finding
from gitops.documents import to_yaml
from gitops.excerpt import Excerpt, excerpt
from gitops.objects import Manifest, ObjectKey
from gitops.platform import Platform
from gitops.rendering import bundle_kustomization, kustomization, source_kind


@dataclass(frozen=True, kw_only=True, slots=True)
class Location:
    """A file of the project with a line, and what is to be seen: a line of a stack file or of a rendered object."""

    file: str
    line: int | None
    excerpt: Excerpt | None


def locations(findings: tuple[Finding, ...], platforms: Mapping[str, Platform]) -> dict[Finding, Location]:
    """The location of each finding, in the first stack that has it."""
    asked = {item.stacks[0] for item in findings if item.problem.object and item.stacks}
    objects = {stack: _objects(platforms[stack]) for stack in asked}
    return {item: _location(item, objects) for item in findings}


def _location(finding: Finding, objects: Mapping[str, Mapping[ObjectKey, Manifest]]) -> Location:
    problem = finding.problem
    file, _, number = problem.source.partition(":")
    line = int(number) if number else None
    if problem.object or file.endswith(".py"):
        manifest = objects[finding.stacks[0]].get(problem.object) if problem.object else None
        shown = excerpt(to_yaml([manifest]), problem.field) if manifest else None
        return _placed(finding, file or stack_file(finding.stacks[0]).name, line, shown)
    stack = file.removeprefix("Pulumi.").removesuffix(".yaml") or finding.stacks[0]
    text = read_stack(stack)
    shown = excerpt(text, f"config.{problem.field}") or (excerpt(text, problem.field) if problem.field else None)
    return _placed(finding, stack_file(stack).name, line or (shown.line if shown else None), shown)


def _placed(finding: Finding, file: str, line: int | None, shown: Excerpt | None) -> Location:
    return Location(file=file, line=line, excerpt=None if finding.problem.confidential else shown)


def _objects(platform: Platform) -> dict[ObjectKey, Manifest]:
    """Every object as it is rendered, and the Kustomizations of layers and bundles."""
    source = source_kind(platform)
    layers = (
        kustomization(item.kustomization, item.reconciliation, path=item.path, source=source)
        for item in platform.layers
    )
    bundles = (bundle_kustomization(platform, item.bundle, item.folder) for item in platform.declared_bundles)
    declared = {item.key: item.manifest for item in platform.declared}
    return declared | {item.key: item.manifest() for item in (*layers, *bundles)}

"""The end of a platform: as a numbered list before, and what was kept of it afterwards."""

from collections.abc import Iterable, Iterator

from cli.terminal import console
from gitops.destruction import Deletion, Destruction, NamespaceEnd
from gitops.objects import object_key


def show_teardown(planned: Destruction) -> None:
    """What is deleted in order, each after the one before is gone, and what stays."""
    out = console()
    out.print("To take it down, delete bundle by bundle:", *_deleted(planned.deletions), sep="\n", markup=False)
    if gone := [end.name for end in planned.namespaces if not end.kept_for]:
        out.print(f"and at the end these namespaces: {', '.join(gone)}", markup=False)
    kept = [*_kept(planned.deletions), *_kept_namespaces(planned.namespaces)]
    if kept:
        out.print("These stay, as they hold data or the network, or as what does needs them:", markup=False)
        out.print(*kept, sep="\n", markup=False)


def show_kept(planned: Destruction, namespaces: Iterable[NamespaceEnd], crds: Iterable[str]) -> None:
    """What is still there of the platform: bundles, namespaces, and CRDs."""
    definitions = [f"   CustomResourceDefinition {name}" for name in crds]
    kept = [*_kept(planned.deletions), *_kept_namespaces(namespaces), *definitions]
    head = "Kept; --delete-data deletes it too:" if kept else "Nothing of the platform is left."
    console().print(head, *kept, sep="\n", markup=False)


def _deleted(deletions: Iterable[Deletion]) -> Iterator[str]:
    gone = (item for item in deletions if not item.kept_for)
    return (f"{number:>2} {item.name}  {_objects(item)}" for number, item in enumerate(gone, 1))


def _objects(deletion: Deletion) -> str:
    return ", ".join(str(object_key(item)) for item in deletion.objects)


def _kept(deletions: Iterable[Deletion]) -> Iterator[str]:
    for item in (item for item in deletions if item.kept_for):
        yield f"   {item.name}" if item.name in item.kept_for else f"   {item.name}  for {', '.join(item.kept_for)}"


def _kept_namespaces(ends: Iterable[NamespaceEnd]) -> Iterator[str]:
    return (f"   namespace {end.name}  {end.kept_for}" for end in ends if end.kept_for)

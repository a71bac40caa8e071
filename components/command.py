"""Programs that Pulumi runs where it runs itself."""

import shlex
import shutil
from collections.abc import Mapping
from pathlib import Path
from tempfile import mkdtemp
from typing import Final

import pulumi
from pulumi_command import local

from gitops.delivery.registration import Command

_FILE: Final = 0o644
_FOLDER: Final = 0o755


def run(command: Command, *, name: str, parent: pulumi.Resource) -> local.Command:
    """Register a command, its files in place before."""
    # A preview leaves no trace. The engine starts programs and commands in the project's folder.
    if command.files and not pulumi.runtime.is_dry_run():
        write_folder(Path(command.folder), command.files)
    args = local.CommandArgs(
        create=shlex.join(command.arguments),
        environment=command.environment,
        triggers=command.triggers,
        logging=local.Logging.NONE if command.secret else None,
        # The output before would be in the environment of the next run.
        add_previous_output_in_env=False if command.secret else None,
    )
    outputs = ["stdout", "stderr"] if command.secret else None
    opts = pulumi.ResourceOptions(parent=parent, additional_secret_outputs=outputs)
    return local.Command(name, args, opts)


def write_folder(folder: Path, files: Mapping[str, str]) -> None:
    """Make a folder hold just these files, whole or not at all, with the same modes whatever the umask."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    staging = Path(mkdtemp(prefix=f"{folder.name}-", dir=folder.parent))
    for name, text in files.items():
        file = staging / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8", newline="\n")
        file.chmod(_FILE)
    for path in (staging, *(path for path in staging.rglob("*") if path.is_dir())):
        path.chmod(_FOLDER)
    if folder.exists():
        shutil.rmtree(folder)
    staging.rename(folder)

"""Commands that run when a resource changes, as Pulumi's provider documents them."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typing_extensions import override

from sandbox.plugins.command.plugin import CommandPlugin
from sandbox.plugins.command.process import Processes
from sandbox.plugins.engine import Engine
from sandbox.plugins.errors import ResourceError
from tests.support.plugin_server import UNKNOWN, FailedError, PluginServer, plugin_server, secret

Document = dict[str, Any]
URN = "urn:pulumi:odyssey::homelab::homelab:index:GitSource$command:local:Command::push"


class Listener(Engine):
    """Remembers what is said."""

    def __init__(self) -> None:
        super().__init__("")
        self.said: list[str] = []

    @override
    def status(self, urn: str, message: str) -> None:
        assert urn == URN
        self.said.append(message)


@pytest.fixture
def engine() -> Listener:
    return Listener()


@pytest.fixture
def command(engine: Listener) -> Iterator[PluginServer]:
    with plugin_server(CommandPlugin(engine)) as server:
        yield server


def create(command: PluginServer, **inputs: Any) -> Document:
    state: Document = command.call("Create", urn=URN, properties=inputs)["properties"]
    return state


def test_what_a_command_writes_is_kept_without_its_last_line_break(command: PluginServer) -> None:
    state = create(command, create="echo out; echo err >&2")
    assert (state["stdout"], state["stderr"]) == ("out", "err")


def test_an_id_starts_with_the_resources_name(command: PluginServer) -> None:
    assert command.call("Create", urn=URN, properties={"create": "true"})["id"].startswith("push")


def test_a_command_gets_its_environment_its_folder_and_its_input(command: PluginServer, tmp_path: Path) -> None:
    state = create(
        command, create='echo "$GREETING $(cat) $(pwd)"', environment={"GREETING": "hi"}, stdin="you", dir=str(tmp_path)
    )
    assert state["stdout"] == f"hi you {tmp_path}"


def test_another_program_can_interpret_it(command: PluginServer) -> None:
    assert create(command, create="abc", interpreter=["printf", "<%s>"])["stdout"] == "<abc>"


def test_without_a_command_nothing_runs(command: PluginServer) -> None:
    state = create(command, update="echo no")
    assert (state["stdout"], state["stderr"]) == ("", "")


def test_a_preview_runs_nothing_and_knows_no_output(command: PluginServer, tmp_path: Path) -> None:
    made = tmp_path / "made"
    answer = command.call("Create", urn=URN, properties={"create": f"touch {made}"}, preview=True)
    assert (answer["properties"]["stdout"], answer.get("id", "")) == (UNKNOWN, "")
    olds = answer["properties"] | {"stdout": "old"}
    again = command.call("Update", urn=URN, olds=olds, news={"create": f"touch {made}"}, preview=True)
    assert again["properties"]["stderr"] == UNKNOWN
    assert not made.exists()


def test_a_failing_command_says_what_it_wrote(command: PluginServer) -> None:
    with pytest.raises(FailedError, match='exit status 3: running "echo why >&2; exit 3":\nwhy'):
        create(command, create="echo why >&2; exit 3")


def test_a_program_that_is_not_there_is_named(command: PluginServer) -> None:
    with pytest.raises(FailedError, match="No such file or directory: 'absent-program'"):
        create(command, create="x", interpreter=["absent-program"])


@pytest.mark.parametrize(
    ("news", "stdout"),
    [
        ({"create": "echo c", "update": 'echo "u $PULUMI_COMMAND_STDOUT"'}, "u c"),
        ({"create": 'echo "again $PULUMI_COMMAND_STDOUT"'}, "again c"),
        ({"create": 'echo "again $PULUMI_COMMAND_STDOUT"', "addPreviousOutputInEnv": False}, "again "),
        ({"delete": "true"}, "c"),
    ],
)
def test_an_update_runs_its_command_else_the_first_one(command: PluginServer, news: Document, stdout: str) -> None:
    olds = create(command, create="echo c")
    assert command.call("Update", urn=URN, olds=olds, news=news)["properties"]["stdout"] == stdout


def test_a_deletion_runs_its_command(command: PluginServer, tmp_path: Path) -> None:
    state = create(command, create="echo c", delete=f'echo "$PULUMI_COMMAND_STDOUT" > {tmp_path}/bye')
    command.call("Delete", id="x", urn=URN, properties=state)
    assert (tmp_path / "bye").read_text(encoding="utf-8") == "c\n"


def test_what_a_secret_went_into_is_secret(command: PluginServer) -> None:
    state = create(command, create="echo $TOKEN", environment={"TOKEN": secret("s3cret")})
    assert (state["stdout"], state["environment"]["TOKEN"]) == (secret("s3cret"), secret("s3cret"))


@pytest.mark.parametrize(
    ("logging", "said"),
    [(None, {"out", "err"}), ("stdout", {"out"}), ("stderr", {"err"}), ("none", set())],
)
def test_output_is_logged_as_asked(
    command: PluginServer, engine: Listener, logging: str | None, said: set[str]
) -> None:
    chosen = {"logging": logging} if logging else {}
    create(command, create="echo out; echo err >&2", **chosen)
    assert set(engine.said) == said


def diff(command: PluginServer, old: Document, new: Document) -> Document:
    return command.call("Diff", urn=URN, id="x", olds=old | {"stdout": "", "stderr": ""}, news=new)


def test_the_same_inputs_are_no_difference(command: PluginServer) -> None:
    assert diff(command, {"create": "x"}, {"create": "x"}) == {"changes": "DIFF_NONE", "hasDetailedDiff": True}


def test_a_changed_input_is_an_update(command: PluginServer) -> None:
    answer = diff(command, {"create": "x"}, {"create": "y"})
    assert answer["detailedDiff"] == {"create": {"kind": "UPDATE", "inputDiff": True}}
    assert "replaces" not in answer


def test_a_changed_trigger_replaces_unless_there_is_a_command_for_it(command: PluginServer) -> None:
    old, new = {"create": "x", "triggers": [1]}, {"create": "x", "triggers": [2]}
    assert diff(command, old, new)["replaces"] == ["triggers[0]"]
    assert "replaces" not in diff(command, old | {"update": "u"}, new | {"update": "u"})


def test_inputs_get_their_default_and_are_checked(command: PluginServer) -> None:
    assert command.call("Check", urn=URN, news={"create": "x"})["inputs"]["addPreviousOutputInEnv"] is True
    failures = command.call("Check", urn=URN, news={"logging": "loud", "assetPaths": ["*"]})["failures"]
    assert [item["property"] for item in failures] == ["assetPaths", "logging"]


def test_another_resource_of_the_provider_is_refused(command: PluginServer) -> None:
    with pytest.raises(FailedError, match="knows command:local:Command only, not command:remote:Command"):
        command.call("Check", urn="urn:pulumi:odyssey::homelab::command:remote:Command::x", news={})


def test_a_command_is_read_as_it_was(command: PluginServer) -> None:
    state = {"create": "x", "stdout": "1"}
    answer = command.call("Read", urn=URN, id="x", properties=state, inputs={"create": "x"})
    assert answer == {"id": "x", "properties": state, "inputs": {"create": "x"}}


def test_all_that_runs_can_be_ended() -> None:
    processes, started = Processes(), threading.Event()
    ended: list[str] = []

    def run() -> None:
        try:
            processes.run("echo on; exec cat /dev/zero > /dev/null", {}, None, lambda _: started.set())
        except ResourceError as error:
            ended.append(str(error).partition(":")[0])

    thread = threading.Thread(target=run)
    thread.start()
    assert started.wait(30)
    processes.end()
    thread.join(30)
    assert ended == ["signal 9"]

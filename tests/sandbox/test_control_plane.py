"""A control plane whose processes end while it is made or started."""

import psutil
import pytest

from sandbox import lifecycle
from sandbox.control_plane import ControlPlane
from sandbox.errors import SandboxError
from sandbox.place import Place
from sandbox.processes import end
from tests.sandbox.test_lifecycle import pids
from tests.support.programs import Programs
from tests.support.sandboxes import KWOKCTL, tools

LOSES = """
if [ "$1 $2" = "{command}" ] && [ "$(grep -c . {folder}/losses 2> /dev/null)" != "{losses}" ]; then
  echo lost >> {folder}/losses
  kill "$(cat "$folder/pids/kube-controller-manager.pid")"
  while kill -0 "$(cat "$folder/pids/kube-controller-manager.pid")" 2> /dev/null; do :; done
  echo "bind: address already in use" > "$folder/logs/kube-controller-manager.log"
fi
"""


def test_a_control_plane_that_does_not_start_is_one_message(place: Place, programs: Programs) -> None:
    found = tools(programs)
    found["kwokctl"] = programs.fails("kwokctl", "level=ERROR msg=first\nlevel=ERROR msg='etcd: no space left'")
    with pytest.raises(SandboxError) as caught:
        ControlPlane(place, found).ensure()
    (problem,) = caught.value.problems
    assert problem.where == "sandbox trial: kwokctl create cluster"
    assert problem.what == "it failed: level=ERROR msg='etcd: no space left'"
    assert "homelab sandbox down" in problem.fix


@pytest.mark.parametrize(("losses", "ended"), [(1, ""), (3, "kube-controller-manager")])
def test_a_control_plane_that_lost_a_port_to_another_program_is_made_again(
    place: Place, programs: Programs, losses: int, ended: str
) -> None:
    found = tools(programs)
    found["kwokctl"] = programs.add("kwokctl", KWOKCTL + loses(programs, "create cluster", losses))
    place.make()
    try:
        ControlPlane(place, found).ensure()
        assert ended == ""
        assert all(ControlPlane(place, found).states.values())
    except SandboxError as error:
        (problem,) = error.problems
        assert problem.where == f"sandbox trial: {ended}"
        assert problem.what == "it ended: bind: address already in use"
    finally:
        lifecycle.down(place)


def test_what_ends_while_the_control_plane_is_started_again_is_started_too(place: Place, programs: Programs) -> None:
    found = tools(programs)
    found["kwokctl"] = programs.add("kwokctl", KWOKCTL + loses(programs, "start cluster", 1))
    place.make()
    try:
        ControlPlane(place, found).ensure()
        end(psutil.Process(pids(place)["kube-apiserver"]))
        ControlPlane(place, found).ensure()
        assert all(ControlPlane(place, found).states.values())
    finally:
        lifecycle.down(place)


def loses(programs: Programs, command: str, losses: int) -> str:
    """Has the controller manager end during a command of kwokctl, so many times."""
    return LOSES.format(folder=programs.folder, command=command, losses=losses)

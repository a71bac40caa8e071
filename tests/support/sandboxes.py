"""Stand-ins of the programs that a sandbox is made of: they run, and do nothing but say that they are healthy."""

import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from sandbox.programs import PROGRAMS, Program
from tests.support.programs import Programs

KWOKCTL = """\
folder="$KWOK_WORKDIR/clusters/control-plane"
start() {
  mkdir -p "$folder/pids" "$folder/logs"
  for name in etcd kube-apiserver kube-controller-manager kube-scheduler kwok-controller; do
    [ -e "$folder/pids/$name.pid" ] && continue
    sleep 600 > /dev/null 2>&1 &
    echo $! > "$folder/pids/$name.pid"
    echo "$name listens" > "$folder/logs/$name.log"
  done
}
case "$1 $2" in
"create cluster")
  start
  cat > "$KUBECONFIG" <<'END'
apiVersion: v1
kind: Config
current-context: here
clusters: [{name: here, cluster: {server: "https://127.0.0.1:6443"}}]
contexts: [{name: here, context: {cluster: here, user: here}}]
users: [{name: here, user: {}}]
END
  ;;
"start cluster") start ;;
esac
"""

CONTROLLER = f"""\
#!{sys.executable} -S
import http.server, sys
address = next(word for word in sys.argv if word.startswith("--health-addr=")).partition("=")[2]
class Healthy(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
    def log_message(self, *words):
        pass
host, _, port = address.partition(":")
http.server.HTTPServer((host, int(port)), Healthy).serve_forever()
"""


class Usage(NamedTuple):
    """Room on a disk, as shutil tells it."""

    free: int


@dataclass
class Watching:
    lines: list[str] = field(default_factory=list)
    on_wait: threading.Event = field(default_factory=threading.Event)

    def started(self, program: Program, number: int, count: int, left: float) -> None:
        self.lines.append(f"{program.name} {number}/{count} {left:.0f}")

    def finished(self, program: Program, seconds: float) -> None:
        assert seconds >= 0
        self.lines.append(f"{program.name} built")

    def waiting(self) -> None:
        self.lines.append("waiting")
        self.on_wait.set()


def tools(programs: Programs) -> dict[str, Path]:
    """Every program of a sandbox, in a folder that is not on PATH."""
    folder = programs.folder.parent / "tools"
    folder.mkdir(exist_ok=True)
    apart = Programs(folder)
    found = {program.name: apart.add(program.name, "exec sleep 600\n") for program in PROGRAMS}
    found["pulumi"] = apart.add("pulumi")
    found["kwokctl"] = apart.add("kwokctl", KWOKCTL)
    for name in ("source-controller", "kustomize-controller", "helm-controller", "flux-operator"):
        found[name].write_text(CONTROLLER, encoding="utf-8")
    return found


def kwokctl_calls(programs: Programs) -> list[str]:
    return Programs(programs.folder.parent / "tools").calls("kwokctl")

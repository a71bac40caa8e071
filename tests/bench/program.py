"""Runs a program against an engine, as Pulumi's language host does, and reports its own time.

Arguments: address of the engine, path of the program, name of the stack. The config comes in PULUMI_CONFIG.
"""

import asyncio
import json
import runpy
import sys
import time
from pathlib import Path

import pulumi.runtime
from pulumi.runtime.settings import Settings, configure


def run(program: str) -> None:
    runpy.run_path(program, run_name="__main__")


if __name__ == "__main__":
    address, program, stack = sys.argv[1:]
    settings = Settings("homelab", stack, parallel=16, engine=address, monitor=address, dry_run=False)
    configure(settings)
    start = time.process_time()
    asyncio.new_event_loop().run_until_complete(pulumi.runtime.run_in_stack(lambda: run(program)))
    spent = time.process_time() - start
    status = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    peak = next(int(line.split()[1]) // 1024 for line in status if line.startswith("VmHWM"))
    json.dump({"seconds": spent, "mebibytes": peak}, sys.stdout)

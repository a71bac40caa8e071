"""Tries guards in forks of one session of pytest, each with the changed code in place of the old.

A fork costs 20 ms, a process that imports the core and collects tests a second or more. What ran before the fork, like
a constant or a cached answer, still comes from the old code, so a guard that no fork misses needs a trial of its own.
"""

import gc
import os
import signal
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import CodeType, FunctionType
from typing import Final, TypeAlias

import pytest

from tests.guards.guard import Guard, without
from tests.guards.reach import Reach
from tests.guards.trial import FLAGS

_ENOUGH: Final = 60.0
"""Seconds of tests after which a guard is left to a trial of its own."""

_Codes: TypeAlias = dict[tuple[str, int], CodeType]


def missed(reach: Reach, guards: Iterable[Guard]) -> frozenset[Guard]:
    """The guards without which a test fails in a fork, or hangs."""
    session = _Session(reach, tuple(guards))
    pytest.main([*FLAGS, *reach.tests], plugins=[session])
    return frozenset(session.missed)


class _Session:
    """A plugin that runs tests of its session in a fork for each guard."""

    def __init__(self, reach: Reach, guards: Sequence[Guard]) -> None:
        self.missed: set[Guard] = set()
        self._reach, self._guards = reach, guards
        self._items: Mapping[str, pytest.Item] = {}
        self._functions: Sequence[FunctionType] = ()
        self._failed = False

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._failed |= report.failed

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """As many forks at once as there are processors."""
        # Its lines would be written by every fork.
        session.config.pluginmanager.unregister(name="terminalreporter")
        self._items = {item.nodeid: item for item in session.items}
        self._functions = [item for item in gc.get_objects() if isinstance(item, FunctionType)]
        gc.freeze()
        running: dict[int, Guard] = {}
        for guard in self._guards:
            items = tuple(self._reaching(guard))
            running[os.fork() or self._try(guard, items)] = guard
            if len(running) == os.cpu_count():
                self._wait(running)
        while running:
            self._wait(running)
        return True

    def _wait(self, running: dict[int, Guard]) -> None:
        pid, status = os.wait()
        guard = running.pop(pid)
        if status:
            self.missed.add(guard)

    def _reaching(self, guard: Guard) -> Iterator[pytest.Item]:
        """The first tests that reach a guard, as many as are quick."""
        spent = 0.0
        for test in self._reach.reaching(guard):
            spent += self._reach.took(test)
            if spent > _ENOUGH:
                return
            yield self._items[test]

    def _try(self, guard: Guard, items: Sequence[pytest.Item]) -> int:
        """Leave the fork with status 1 when a test fails; the alarm kills it when one hangs."""
        status = 0
        try:
            signal.alarm(int(self._reach.patience(item.nodeid for item in items)))
            status = _exchange(guard, self._functions) and self._run(items)
        finally:
            os._exit(status)

    def _run(self, items: Sequence[pytest.Item]) -> bool:
        for item, following in zip(items, (*items[1:], None), strict=True):
            item.ihook.pytest_runtest_protocol(item=item, nextitem=following)
            if self._failed:
                break
        return self._failed


def _exchange(guard: Guard, functions: Iterable[FunctionType]) -> bool:
    """Give the functions of a guard's file the code without it; whether there was any to give."""
    old, new = (_codes(compile(tree, guard.path, "exec")) for tree in (guard.path.read_text("utf-8"), without(guard)))
    changed = {code: new[place] for place, code in old.items() if place in new and code != new[place]}
    file = str(guard.path.absolute())
    found = [item for item in functions if item.__code__ in changed and item.__code__.co_filename == file]
    for function in found:
        function.__code__ = changed[function.__code__]
    return bool(found)


def _codes(module: CodeType) -> _Codes:
    """The code of every function of a module, by name and line."""
    inner = [item for item in module.co_consts if isinstance(item, CodeType)]
    codes = {(item.co_qualname, item.co_firstlineno): item for item in inner}
    for item in inner:
        codes |= _codes(item)
    return codes

"""Mutants of the code that decides numbers: each must fail a test, or `mutants.toml` says why nobody could tell it.

mutmut makes them. The tests are collected once; every mutant is tried in a fork of that process, with the tests that
reach its function, the quickest first, until one of them fails: about a thousand in ten minutes.

    make mutants                             all of them; exit code 1 if one survives without an explanation
    make mutants MUTANTS="burn _collapse"    those of functions with these words in their names
"""

from __future__ import annotations

import ast
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from mutmut.mutation import trampoline
from mutmut.mutation.file_mutation import mutate_file_contents

ROOT = Path(__file__).resolve().parent.parent
MUTATED = ("statusledger/sla", "statusledger/timeline")
TESTS = (
    "tests/sla",
    "tests/timeline",
    "tests/test_worked_examples.py",
    "tests/test_reported.py",
    "tests/test_heartbeat_counting.py",
    "tests/test_incidents.py",
    "tests/test_report.py",
    "tests/test_contracts.py",
    "tests/rollup/test_policy.py",
    "tests/test_reference.py",
)
CPU_SECONDS = 60
MEMORY_BYTES = 6 << 30
CONTEXT = 40


@dataclass(frozen=True)
class Mutant:
    """One change: `key` is what mutmut calls it, `change` the code around it as `…[before|after]…`."""

    key: str
    change: str

    @property
    def function(self) -> str:
        """The mutated function in mutmut's spelling."""
        return self.key.rpartition("__mutmut_")[0]

    def __str__(self) -> str:
        return f"{self.key.removeprefix('statusledger.')}: {self.change}"


@dataclass
class Trial:
    """A pytest plugin that runs the tests once as they are, then against every mutant."""

    mutants: Sequence[Mutant]
    reached: dict[str, set[str]] = field(default_factory=dict)
    seconds: Counter[str] = field(default_factory=Counter)
    failed: list[str] = field(default_factory=list)
    outcomes: dict[Mutant, str] = field(default_factory=dict)
    running: dict[int, Mutant] = field(default_factory=dict)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Notes how long a test took and whether it failed."""
        self.seconds[report.nodeid] += report.duration
        if report.failed:
            self.failed.append(report.nodeid)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """The tests, then the mutants."""
        self._run_plain(session)
        if not self.failed:
            for number, mutant in enumerate(self.mutants, 1):
                self._try(session, mutant)
                print(f"\r{number}/{len(self.mutants)} {Counter(self.outcomes.values())}", end="", flush=True)
            while self.running:
                self._wait()
        return True

    def _run_plain(self, session: pytest.Session) -> None:
        hits: set[str] = set()
        trampoline.record_trampoline_hit = lambda name, **_: hits.add(name)
        os.environ["MUTANT_UNDER_TEST"] = "stats"
        for item in session.items:
            hits.clear()
            session.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
            for name in hits:
                self.reached.setdefault(name, set()).add(item.nodeid)

    def _try(self, session: pytest.Session, mutant: Mutant) -> None:
        tests = self._tests(session, mutant)
        while len(self.running) >= (os.cpu_count() or 1):
            self._wait()
        child = os.fork()
        if child:
            self.running[child] = mutant
            return
        _be(mutant)
        for item in tests:
            session.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
            if self.failed:
                os._exit(1)
        os._exit(0)

    def _tests(self, session: pytest.Session, mutant: Mutant) -> list[pytest.Item]:
        """Those that reach the function: those that mirror its module first, then the quickest."""
        names = self.reached.get(mutant.function, set())
        module = mutant.function.split(".")[2]
        found = [item for item in session.items if item.nodeid in names]
        return sorted(found, key=lambda item: (item.path.stem != f"test_{module}", self.seconds[item.nodeid]))

    def _wait(self) -> None:
        child, status = os.wait()
        ended = os.waitstatus_to_exitcode(status)
        self.outcomes[self.running.pop(child)] = {0: "survived", 1: "killed"}.get(ended, "stopped")


def _be(mutant: Mutant) -> None:
    """Makes this process the mutant, quiet and unable to run for ever."""
    os.environ["MUTANT_UNDER_TEST"] = mutant.key
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)


def scratch() -> Path:
    """A copy of everything that git has here."""
    copy = Path(tempfile.mkdtemp(prefix="mutants-"))
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).exists():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, copy / name)
    return copy


def mutate(copy: Path) -> Iterator[Mutant]:
    """Puts the mutants beside the functions of the copy; which one runs, the environment says."""
    for path in sorted(path for folder in MUTATED for path in (copy / folder).glob("*.py")):
        made = mutate_file_contents(str(path), path.read_text())
        path.write_text(made.code)
        functions = {node.name: node for node in ast.walk(ast.parse(made.code)) if isinstance(node, ast.FunctionDef)}
        module = ".".join(path.relative_to(copy).with_suffix("").parts)
        for name in made.mutant_names:
            before = functions[f"{name.rpartition('__mutmut_')[0]}__mutmut_orig"]
            yield Mutant(f"{module}.{name}", _change(_code(before), _code(functions[name])))


def _code(function: ast.FunctionDef) -> str:
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return " ".join([ast.unparse(function.args), *" ".join(map(ast.unparse, body)).split()])


def _change(before: str, after: str) -> str:
    start = _common(before, after)
    shorter = min(len(before), len(after)) - start
    end = min(shorter, _common(before[::-1], after[::-1]))
    old, new = before[start : len(before) - end], after[start : len(after) - end]
    return f"{before[max(0, start - CONTEXT) : start]}[{old}|{new}]{before[len(before) - end :][:CONTEXT]}"


def _common(one: str, other: str) -> int:
    """How many characters both begin with."""
    differing = (index for index, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1])
    return next(differing, min(len(one), len(other)))


def explained(mutants: Sequence[Mutant]) -> dict[Mutant, str]:
    """Mutants that nobody could tell from the original, each with the reason."""
    found: dict[Mutant, str] = {}
    for one in tomllib.loads((ROOT / "benchmarks/mutants.toml").read_text())["same"]:
        patterns = [re.compile(pattern) for pattern in one["mutants"]]
        unused = [pattern.pattern for pattern in patterns if not any(pattern.search(str(mutant)) for mutant in mutants)]
        if unused:
            print(f"mutants.toml: nothing is like {unused}")
        found.update((m, one["reason"]) for m in mutants if any(pattern.search(str(m)) for pattern in patterns))
    return found


def main(words: Sequence[str]) -> int:
    """Tries the mutants; 1 if one survives that nobody explained."""
    copy = scratch()
    os.chdir(copy)  # where mutmut finds its settings, and pytest the tests
    every = list(mutate(copy))
    same = explained(every)
    chosen = [one for one in every if one not in same and (not words or any(word in one.key for word in words))]
    sys.path[:0] = [str(copy)]
    os.environ["CI"] = "true"
    trial = Trial(chosen)
    options = ["-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-o", "timeout=0", "--no-header", "--tb=no"]
    pytest.main([*options, *TESTS], plugins=[trial])
    shutil.rmtree(copy)
    counts = Counter(trial.outcomes.values())
    alive = [one for one in chosen if trial.outcomes.get(one, "survived") == "survived"]
    print(f"\n{len(every)} mutants; {len(same)} explained, {len(chosen)} tried: {dict(counts)}")
    print("".join(f"survived: {one}\n" for one in alive), end="")
    return 1 if alive or trial.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

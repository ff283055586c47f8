"""A private component lives through two days of jobs: nothing that anybody can read tells of it, whoever runs what.

Searched: what every command says (-v) and logs, every object of the published repository, the built site, and what is
in the work tree. Its id, names, address, words of its answers and its key are searched for in every spelling.
"""

from __future__ import annotations

import json
import shutil
import threading
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from forge_server import TOKEN, serving
from leaks import found, objects, readings
from operators import IDENTITY, OPEN, PUBLISH_JOB, RECIPIENT, SALT
from rehearsal.services import website
from repository import Repository, git, tree

from statusledger.cli.main import COMMANDS
from statusledger.sealed import seal_file

ADDRESS = "127.0.0.97"
ANSWER = "the safe of Mombasa stands open"
KEY, HOOK = "V4ultKey-9f+Qz7/Xw3=kV5", "hook-8Kd2Lm5Np7Qr9Tv"
CHECKS = """\
schema: 1
page: {name: Acme Status, url: "https://status.acme.example", since: 2026-01-01}
monitor: {locations: [{id: eu, schedule: 5m}], allow_networks: [127.0.0.0/8], canaries: []}
defaults: {interval: 5m, timeout: 5s, retries: 0, confirm_down: 1, max_staleness: 1h}
retention: {raw: 2d, evidence: 2d, keep_critical: false}
incidents: {after: 1m, open: pull_request}
alerts: {channels: {ops: {type: webhook, url: "{{ HOOK_URL }}"}}}
groups: [{id: core, components: [{id: api, name: API, url: "%s", public_details: true}]}]
"""
PRIVATE = f"""\
salt: {SALT}
groups:
  - id: backstage
    name: Behind the curtain
    components:
      - id: zanzibar
        name: Vault of gold
        tier: critical
        url: "%s/bullion-store?key={{{{ VAULT_KEY }}}}"
        headers: {{X-Key: "{{{{ VAULT_KEY }}}}"}}
        public_details: true
        validation: {{body: {{contains_any: ["nothing to see"]}}}}
"""
HIDDEN = {
    "id": "zanzibar",
    "name": "Vault of gold",
    "group": "backstage",
    "group's name": "Behind the curtain",
    "address": ADDRESS,
    "path": "bullion-store",
    "answer": ANSWER,
    "key": KEY,
    "webhook": HOOK,
    "salt": SALT,
    "identity": str(IDENTITY),
    "token": TOKEN,
}


@contextmanager
def vault() -> Iterator[str]:
    """A server that repeats its caller's key, and says what nobody is to know."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = f"{ANSWER}; you called {self.path} with {self.headers.get('X-Key')}".encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer((ADDRESS, 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield f"http://{ADDRESS}:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


# What jobs run that measure and that publish, and somebody who has no key; each at an instant of April. The webhook is
# down when a report is sent.
MEASURING = ("01T00:00 validate", "01T00:00 run probe", "01T00:05 probe --publish", "01T00:05 watch --dry-run")
FIRST_DAY = ("01T00:10 run publish", "01T00:12 incident propose")
LATER = ("05T00:00 run probe",)
PUBLISHING = (
    "07T12:00 run publish",
    "07T12:01 rollup",
    "07T12:01 prune",
    "07T12:01 publish",
    "07T12:01 build",
    "07T12:01 action",
    "07T12:01 report --send",
    "07T12:01 alert --test ops",
    "07T12:01 sla --from 2026-04-01T00:00Z --to 2026-04-02T00:00Z --json",
    "07T12:01 incident list",
    "07T12:01 incident stats",
    "07T12:01 maintenance list",
    "07T12:01 private pack --out {root}/packed.age",
    "07T12:01 audit --site {root}/_site",
)
OUTSIDE = (
    "07T12:02 validate",
    "07T12:02 build --out {root}/outside",
    "07T12:02 audit",
    "07T12:02 ingest {root}/checks.yml",
    "07T12:02 form {root}/checks.yml",
    "07T12:02 watchdog",
    "07T12:02 schema",
    "07T12:02 init {root}/elsewhere --engine acme/statusledger@0123456789abcdef0123456789abcdef01234567",
)
ASKED = ("07T12:03 private id", "07T12:03 private show")  # on a terminal of their own, never in CI
# Nobody listens to the report, rows of what still lasts stay, two files are something else, and nothing measures.
REFUSED = {"report": 4, "ingest": 2, "form": 2, "watchdog": 1, "prune": 1}
RAW = "history/sealed/raw/2026/eu-0401.jsonl"
LEFT_OUT = {"serve"}  # it shows what `build` writes, and never ends


@dataclass
class Lived:
    """The clone that jobs work in, the remote, what each command said and how it ended, by its words."""

    jobs: Repository
    remote: Path
    said: dict[str, str] = field(default_factory=dict)
    codes: dict[str, int] = field(default_factory=dict)
    told: list[Any] = field(default_factory=list)
    asked: str = ""

    def run(self, words: str, environment: Mapping[str, str]) -> None:
        """Runs a command at the instant that the words begin with."""
        now, _, command = words.format(root=self.jobs.root).partition(" ")
        general = ("-v", "--now", f"2026-04-{now}:00Z", "--log-file", str(self.jobs.root.with_name("log")))
        ran = self.jobs.run(*command.split(), *general, environment=environment)
        if words in ASKED:
            self.asked += ran.out
        else:
            self.said[words] = ran.out + ran.err
        self.codes[words] = ran.code

    def places(self) -> dict[str, str]:
        """Everything that somebody without the key can read."""
        folders = {
            name: texts(self.jobs.root, name) for name in ("_site", "outside", "history", "incidents", "elsewhere")
        }
        return {
            **self.said,
            **folders,
            "log": self.jobs.root.with_name("log").read_text(),
            "remote": objects(self.remote),
        }


def texts(root: Path, folder: str) -> str:
    """The text of every file below the folder, and the files' names."""
    return "\n".join(f"{name}\n{content.decode('utf-8', 'replace')}" for name, content in tree(root / folder).items())


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Lived:
    """Ticks of an outage of both components, what is told of it, and what jobs do days later."""
    folder = tmp_path_factory.mktemp("private")
    git(folder, "init", "--quiet", "--bare", "--initial-branch=main", "remote.git")
    git(folder, "clone", "--quiet", "remote.git", "jobs")
    lived = Lived(Repository(folder / "jobs"), folder / "remote.git")
    with vault() as address, website() as api, website() as hook, serving(lived.remote) as service:
        api.status = 503
        private = PRIVATE % address
        sealed = seal_file(private.encode(), [RECIPIENT], armoured=True).decode()
        lived.jobs.write("checks.yml", CHECKS % api.url + f"private: {{recipients: [{RECIPIENT}]}}\n")
        lived.jobs.write("private/checks.yml.age", sealed)
        git(lived.jobs.root, "add", "--all")
        git(lived.jobs.root, "commit", "--quiet", "-m", "Begin")
        git(lived.jobs.root, "push", "--quiet", "origin", "HEAD:main")
        measuring = {"VAULT_KEY": KEY, "STATUSLEDGER_PRIVATE_CHECKS": private}
        publishing = {**PUBLISH_JOB, "HOOK_URL": f"{hook.url}/{HOOK}", **service.environment}
        publishing |= {"INPUT_COMMAND": "report", "INPUT_ROOT": str(lived.jobs.root)}
        jobs = ((MEASURING, measuring), (FIRST_DAY, publishing), (LATER, measuring), (PUBLISHING, publishing))
        for every, environment in (*jobs, (OUTSIDE, {}), (ASKED, PUBLISH_JOB)):
            for words in every:
                hook.status = 503 if words.endswith("report --send") else 200
                lived.run(words, environment)
        lived.told = [*hook.posted, *service.pulls]
    return lived


def test_every_command_has_run(lived: Lived) -> None:
    """And each has done what it is there for, or says why not."""
    codes = {words.split()[1]: code for words, code in lived.codes.items() if code}

    assert {words.split()[1] for words in lived.codes} | LEFT_OUT == set(COMMANDS)
    assert codes == REFUSED
    assert "component-days sealed" in lived.said["07T12:00 run publish"]
    assert "private rollups: " in lived.said["07T12:01 audit --site {root}/_site"]


def leaks(places: Mapping[str, str]) -> dict[str, list[str]]:
    """Place -> what can be read there of what is hidden."""
    known = {place: readings(text) for place, text in places.items()}
    told = {place: [name for name, one in HIDDEN.items() if found(one, texts)] for place, texts in known.items()}
    return {place: names for place, names in told.items() if names}


def test_nothing_tells_of_it(lived: Lived) -> None:
    """No command, no log, no file of the site or of history, no object of the remote."""
    assert leaks(lived.places()) == {}


def test_whoever_may_know_is_told(lived: Lived) -> None:
    """Or else nothing is proved: it was measured, told to those on duty, and kept with its answer, under seal."""
    first, *_ = git(lived.remote, "log", "--reverse", "--format=%H", "--", RAW).splitlines()
    kept = b"".join(map(OPEN, git(lived.remote, "show", f"{first}:{RAW}").encode().splitlines()))
    sealed, duty = kept.decode(), json.dumps(lived.told)

    told = leaks(
        {"sealed": sealed, "duty": duty, "operators": texts(lived.jobs.root, "_private"), "asked": lived.asked}
    )

    assert {"address", "path", "answer"} <= set(told["sealed"])
    assert {"name"} <= set(told["duty"])
    assert {"address", "name", "group's name"} <= set(told["operators"])
    assert {"id", "group", "salt"} <= set(told["asked"])
    assert {"key", "identity", "token"}.isdisjoint(name for names in told.values() for name in names)
    assert "***" in sealed


def test_what_is_planted_is_found(lived: Lived, tmp_path: Path) -> None:
    """In objects that no branch leads to, as base64 in the middle of a line, in messages in capitals; in a site."""
    plain, coded, said = (Path(shutil.copytree(lived.remote, tmp_path / name)) for name in ("plain", "coded", "said"))
    for secret in HIDDEN.values():
        (tmp_path / "line").write_text(f"it is {secret}, you know")
        git(plain, "hash-object", "-w", "../line")
        (tmp_path / "line").write_bytes(b64encode((tmp_path / "line").read_bytes()))
        git(coded, "hash-object", "-w", "../line")
        git(said, "commit-tree", "main^{tree}", "-m", f"Say {secret.upper()}")

    found_there = leaks(
        {"site": json.dumps([*HIDDEN.values()])} | {one.name: objects(one) for one in (plain, coded, said)}
    )

    assert found_there == {place: [*HIDDEN] for place in ("site", "plain", "coded", "said")}

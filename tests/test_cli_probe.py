"""`statusledger probe` and `run probe` as a user runs them, against a web server of the test's own."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest
from remotes import hook
from repository import Repository, git, tree

ALLOWED = "allow_networks: [127.0.0.0/8]"


class Answers(BaseHTTPRequestHandler):
    """200 for everything but /down; remembers what was asked for."""

    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        """Answers at once."""
        self.asked.append(self.path)
        self.send_response(503 if self.path == "/down" else 200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_: object) -> None:
        """Nothing: the test's output is not the server's."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Where the server listens."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def repository(tmp_path, address) -> Repository:
    """A repository with one check of the server, and a canary that can be reached."""
    made = Repository(tmp_path).checks(url=f"{address}/")
    text = (tmp_path / "checks.yml").read_text().replace("quorum:", f'{ALLOWED}, canaries: ["{address}/"], quorum:')
    return made.write("checks.yml", text)


def lines(repository: Repository, folder: str = "history/raw") -> list[dict]:
    """Every line of history."""
    files = sorted((repository.root / folder).rglob("*.jsonl"))
    return [json.loads(line) for path in files for line in path.read_text().splitlines()]


def test_one_run_appends_exactly_one_line(repository):
    """A bare number: up, in whole milliseconds, at the start of the tick."""
    ran = repository.run("probe", "--now", "2026-04-01T00:00:01.500Z")

    (line,) = lines(repository)
    assert ran.code == 0
    assert (next(iter(line)), line["s"]) == ("t", 1775001600000)
    assert 1775001601500 <= line["t"] < 1775001661500
    assert 0 <= line["r"]["api"] < 5_000
    assert len(line["p"]["api"]) == 5
    assert (repository.root / "history" / "raw" / "2026" / "eu-0401.jsonl").is_file()


def test_a_second_run_within_the_interval_appends_nothing(repository):
    """Nothing is due: no line, exit code 0."""
    repository.run("probe", "--now", "2026-04-01T00:00:00Z")

    ran = repository.run("probe", "--now", "2026-04-01T00:04:59Z")

    assert (ran.code, len(lines(repository))) == (0, 1)
    assert "nothing is due" in ran.err


def test_the_next_grid_instant_is_due(repository):
    """Five minutes later, one more line; phase times are kept once an hour."""
    for minute in ("00", "05"):
        repository.run("probe", "--now", f"2026-04-01T00:{minute}:00Z")

    first, second = lines(repository)
    assert ("p" in first, "p" in second) == (True, False)


def test_only_runs_now_and_dry_run_writes_nothing(repository):
    """--only does not ask whether it is due; --dry-run prints and keeps nothing."""
    repository.run("probe", "--now", "2026-04-01T00:00:00Z")

    dry = repository.run("probe", "--now", "2026-04-01T00:01:00Z", "--only", "api", "--dry-run")
    assert (dry.code, "up       api" in dry.out, len(lines(repository))) == (0, True, 1)

    repository.run("probe", "--now", "2026-04-01T00:01:00Z", "--only", "api")
    assert len(lines(repository)) == 2


def test_for_samples_until_the_time_is_up(repository):
    """Each check at its own interval; the run ends by itself."""
    text = (repository.root / "checks.yml").read_text().replace("interval: 5m", "interval: 10s")
    repository.write("checks.yml", text)

    ran = repository.run("probe", "--now", "2026-04-01T00:00:00Z", "--for", "11s")

    assert (ran.code, [line["t"] // 10_000 for line in lines(repository)]) == (0, [177500160, 177500161])


def test_a_failure_says_its_code(repository, address):
    """The row, the console, and phases for what is not plainly up."""
    text = (repository.root / "checks.yml").read_text().replace(f'url: "{address}/"}}', f'url: "{address}/down"}}')
    repository.write("checks.yml", text)

    ran = repository.run("probe", "--now", "2026-04-01T00:00:00Z")

    (line,) = lines(repository)
    assert (line["r"]["api"][0], line["r"]["api"][2], len(line["r"]["api"])) == ("down", "status:503", 3)
    assert "status:503" in ran.out


def test_an_offline_probe_knows_nothing(repository, address):
    """Target and canaries refuse: unknown with its evidence, exit code 3, and the page says so."""
    text = (repository.root / "checks.yml").read_text().replace(address, "http://127.0.0.1:1")
    repository.write("checks.yml", text)

    ran = repository.run("probe", "--now", "2026-04-01T00:00:00Z")
    repository.build("2026-04-01T00:01:00Z")

    (line,) = lines(repository)
    assert (ran.code, line["c"]) == (3, [0, 1])
    assert (line["r"]["api"][0], line["r"]["api"][2]) == ("unknown", "probe_offline:refused")
    assert repository.document("status.json")["headline"] == "The monitor is offline"


def test_secrets_are_masked_wherever_they_could_show(repository, address):
    """A planted value is in no file and in no output."""
    planted = "hunter2-hunter2-hunter2"
    text = (repository.root / "checks.yml").read_text()
    text = text.replace(f'url: "{address}/"}}', f'url: "{address}/down?key={{{{ PLANTED }}}}", public_details: true}}')
    repository.write("checks.yml", text)

    ran = repository.run("-v", "probe", "--now", "2026-04-01T00:00:00Z", environment={"PLANTED": planted})
    repository.build("2026-04-01T00:01:00Z")

    leaks = [path for path, content in tree(repository.root).items() if planted.encode() in content]
    assert (ran.code, leaks, planted in ran.out + ran.err) == (0, [], False)


def test_a_missing_variable_stops_before_anything_is_asked(repository, address):
    """Exit code 2 and one clear message; building needs none."""
    text = (repository.root / "checks.yml").read_text()
    repository.write("checks.yml", text.replace(f'url: "{address}/"}}', f'url: "{address}/?key={{{{ PLANTED }}}}"}}'))

    ran = repository.run("probe")

    assert (ran.code, "the variable PLANTED is not set" in ran.err, lines(repository)) == (2, True, [])
    assert repository.run("validate").code == repository.run("build").code == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(["--location", "mars"], 'there is no location "mars"', id="unknown location"),
        pytest.param(["--only", "nothing"], "there is no check or component nothing", id="unknown check"),
        pytest.param(["--shard", "9/8"], "is not a shard", id="no shard"),
        pytest.param(["--for", "soon"], "is not a duration", id="no duration"),
        pytest.param(["--now", "2026-04-01"], "names no offset", id="a bare date"),
    ],
)
def test_wrong_arguments(repository, arguments, message):
    """Exit code 2, and what to write instead."""
    ran = repository.run("probe", *arguments)

    assert (ran.code, message in ran.err, "Traceback" in ran.err) == (2, True, False)


def test_history_that_cannot_be_written_is_named(repository):
    """One message, and what was measured is not claimed to be kept."""
    repository.write("history/raw", "a file where a folder belongs")

    ran = repository.run("probe", "--now", "2026-04-01T00:00:00Z")

    assert (ran.code, "history/raw" in ran.err, "Traceback" in ran.err) == (1, True, False)


def test_private_checks_are_kept_apart_and_not_named(repository, address):
    """Their rows go to history/sealed; the console only counts them."""
    text = (repository.root / "checks.yml").read_text()
    text += f'      - {{id: vault, name: Vault, visibility: private, url: "{address}/"}}\nprivate: {{plain: true}}\n'
    repository.write("checks.yml", text)

    ran = repository.run("probe", "--now", "2026-04-01T00:00:00Z")

    assert [list(line["r"]) for line in lines(repository)] == [["api"]]
    assert [list(line["r"]) for line in lines(repository, "history/sealed/raw")] == [["vault"]]
    assert ("vault" in ran.out + ran.err, "and 1 private" in ran.out) == (False, True)


def test_a_location_may_come_from_the_environment(repository):
    """As a CI matrix sets it."""
    text = (repository.root / "checks.yml").read_text().replace("locations: [eu]", "locations: [eu, us]")
    repository.write("checks.yml", text)

    assert repository.run("probe").code == 2
    assert repository.run("probe", environment={"STATUSLEDGER_LOCATION": "us"}).code == 0
    assert [path.name[:3] for path in (repository.root / "history" / "raw").rglob("*.jsonl")] == ["us-"]


# --- whole jobs ---------------------------------------------------------------------------------

# a refusal that is not tried again, so that nobody waits
PROTECTED = "echo 'GH006: Protected branch update failed' >&2; exit 1"


@pytest.fixture
def remote(repository, tmp_path_factory) -> Path:
    """A bare remote that the repository is pushed to."""
    bare = tmp_path_factory.mktemp("remote") / "status.git"
    git(repository.root, "init", "-q", "-b", "main")
    git(repository.root, "init", "-q", "--bare", "-b", "main", str(bare))
    git(repository.root, "add", "checks.yml")
    git(repository.root, "commit", "-q", "-m", "Begin")
    git(repository.root, "remote", "add", "origin", str(bare))
    git(repository.root, "push", "-q", "origin", "main")
    return bare


def test_run_probe_measures_and_pushes(repository, remote):
    """One line on the remote, in one commit that holds nothing else."""
    ran = repository.run("run", "probe", "--now", "2026-04-01T00:00:00Z")

    assert ran.code == 0, ran.err
    assert git(remote, "show", "--name-only", "--format=", "main") == "history/raw/2026/eu-0401.jsonl"


@pytest.mark.parametrize(("takes", "told"), [(True, 1), (False, 0)], ids=["pushed", "not pushed"])
def test_the_heartbeat_is_told_after_a_pushed_run_only(repository, remote, address, takes, told):
    """The switch hears of every good run, its secret is masked, and silence is the alarm."""
    text = (repository.root / "checks.yml").read_text()
    text = text.replace("monitor: {", f'monitor: {{heartbeat_url: "{address}/beat/{{{{ BEAT }}}}", ')
    repository.write("checks.yml", text)
    if not takes:
        hook(remote, "pre-receive", PROTECTED)
    token = f"beat-{takes}-token"

    ran = repository.run("run", "probe", "--now", "2026-04-01T00:00:00Z", environment={"BEAT": token})

    assert (ran.code, Answers.asked.count(f"/beat/{token}")) == (0 if takes else 5, told)
    assert token not in ran.out + ran.err


def test_run_publish_builds_although_the_push_fails(repository, remote):
    """Every stage runs; the exit code is that of the first that failed."""
    repository.run("probe", "--now", "2026-04-01T00:00:00Z")
    hook(remote, "pre-receive", PROTECTED)

    ran = repository.run("run", "publish", "--now", "2026-04-01T00:01:00Z")

    assert (ran.code, (repository.root / "_site" / "index.html").is_file()) == (5, True)
    assert len(lines(repository)) == 1


def test_a_clean_tree_tells_its_commit(repository, remote):
    """build.json names the commit that was read, and null while something is not committed."""
    repository.run("run", "probe", "--now", "2026-04-01T00:00:00Z")
    repository.build("2026-04-01T00:01:00Z")
    clean = repository.document("build.json")["commit"]
    repository.write("checks.yml", (repository.root / "checks.yml").read_text() + "# a word\n")
    repository.build("2026-04-01T00:01:00Z")

    assert clean == git(repository.root, "rev-parse", "HEAD") == git(remote, "rev-parse", "main")
    assert repository.document("build.json")["commit"] is None

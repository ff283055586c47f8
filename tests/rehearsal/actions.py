"""What the shipped files use of other people's actions, done here as those actions document it."""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import warm_start

if TYPE_CHECKING:
    from rehearsal.runner import Job

Outcome = tuple[int, dict[str, str]]
Inputs = Mapping[str, str]
STATUSLEDGER = Path(sys.executable).with_name("statusledger")


def checkout(job: Job, inputs: Inputs) -> Outcome:
    """actions/checkout: depth 1 of the branch, or of a pull request's merge; sparse if asked, then without blobs."""
    assert inputs.keys() <= {"ref", "sparse-checkout", "persist-credentials"}
    remote, github = f"file://{job.forge.remote}", job.context["github"]
    ref = inputs.get("ref", github["ref"])
    merged = ref.startswith("refs/pull/")
    source = ref if merged else f"refs/heads/{ref.removeprefix('refs/heads/')}"
    target = source.replace("refs/pull/", "refs/remotes/pull/").replace("refs/heads/", "refs/remotes/origin/")
    sparse = inputs.get("sparse-checkout", "").split()
    _git(job, "init", "--quiet", "--initial-branch=unborn")
    _git(job, "remote", "add", "origin", remote)
    blobs = ["--filter=blob:none"] if sparse else []
    _git(job, "fetch", "--quiet", "--no-tags", "--depth=1", *blobs, "origin", f"+{source}:{target}")
    if sparse:
        _git(job, "sparse-checkout", "set", *sparse)
    _git(job, "checkout", "--quiet", *(["--detach", target] if merged else ["-B", source.split("/", 2)[2], target]))
    if inputs.get("persist-credentials", "true") == "true":
        job.credentials["FORGE_TOKEN"] = job.token
    return 0, {}


def _git(job: Job, *arguments: str) -> None:
    done = subprocess.run(
        ["git", *arguments], cwd=job.workspace, env=job.environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def setup_python(_job: Job, inputs: Inputs) -> Outcome:
    """actions/setup-python: the Python that runs the tests is the one that is there."""
    assert inputs.get("update-environment") == "false"
    return 0, {"python-path": sys.executable, "python-version": platform.python_version()}


def cache(job: Job, inputs: Inputs) -> Outcome:
    """actions/cache: what an earlier job left under this key.

    Unless the host installs for itself, an earlier job has always been there, with the program of the tests.
    """
    folder = Path(inputs["path"])
    assert folder.is_relative_to(job.temp)
    if job.forge.installs:
        hit = job.forge.cached(inputs["key"], folder)
        job.saves |= {} if hit else {inputs["key"]: folder}
        return 0, {"cache-hit": "true"} if hit else {}
    warm_start.console_script(folder / "bin" / "statusledger")
    return 0, {"cache-hit": "true"}


def upload_artifact(job: Job, inputs: Inputs) -> Outcome:
    """actions/upload-artifact: a folder for whoever may read the run; hidden files are left out."""
    source = job.workspace / inputs["path"]
    if source.is_dir():
        target = job.forge.folder / "artifacts" / job.name / inputs["name"]
        shutil.copytree(source, target, ignore=shutil.ignore_patterns(".*"), dirs_exist_ok=True)
    return 0, {}


def upload_pages(job: Job, inputs: Inputs) -> Outcome:
    """actions/upload-pages-artifact: the site that the next job deploys."""
    job.forge.site = job.workspace / inputs["path"]
    assert (job.forge.site / "index.html").is_file()
    return 0, {}


def deploy_pages(job: Job, _inputs: Inputs) -> Outcome:
    """actions/deploy-pages: the newest site goes live; it wants its two permissions and nothing else."""
    assert job.definition["permissions"] == {"pages": "write", "id-token": "write"}
    shutil.copytree(job.forge.site, job.forge.live.with_name("next"))
    if job.forge.live.exists():
        shutil.rmtree(job.forge.live)
    job.forge.live.with_name("next").rename(job.forge.live)
    return 0, {"page_url": "https://status.example"}


KNOWN: Mapping[str, Callable[[Job, Inputs], Outcome]] = {
    "actions/checkout": checkout,
    "actions/setup-python": setup_python,
    "actions/cache": cache,
    "actions/upload-artifact": upload_artifact,
    "actions/upload-pages-artifact": upload_pages,
    "actions/deploy-pages": deploy_pages,
}

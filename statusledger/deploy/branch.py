"""A site on a branch of its own (`gh-pages`, `pages`): one commit without a past, so that it takes no more room.

The commit is made beside the work tree, and the branch is replaced as a whole.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from statusledger.errors import OutputError, UsageError
from statusledger.git import GitError, Repository, find, index_entries
from statusledger.remote import clone

REMOTE = "origin"
MARK = "api/v1/build.json"
# Without it GitHub Pages and Forgejo leave out whatever begins with an underscore.
AS_IT_IS = ".nojekyll"
MESSAGE = "Publish the page"


def deploy(site: Path, root: Path, name: str) -> str:
    """Makes the branch hold the site and nothing else."""
    repository = find(root)
    if repository is None or REMOTE not in repository.text("remote").splitlines():
        message = f"--deploy branch:{name}: {root} is no clone with a remote {REMOTE}, so there is nothing to push to"
        raise UsageError(message)
    try:
        _refuse_in_use(repository, root, name)
        known = _there(repository, name)
        commit = _commit(repository, site)
        lease = f"--force-with-lease=refs/heads/{name}:{known or ''}"
        repository.run("push", "--quiet", "--no-follow-tags", lease, REMOTE, f"{commit}:refs/heads/{name}")
    except GitError as error:
        message = f"the site could not be pushed to {REMOTE}/{name}. {error}"
        raise OutputError(message) from error
    return f"deployed to {REMOTE}/{name} as {commit[:12]}"


def _refuse_in_use(repository: Repository, root: Path, name: str) -> None:
    """The branch that people or history live on is never replaced."""
    used = {repository.branch(), clone(repository, root, None, REMOTE).branch}
    if name in used:
        message = f"--deploy branch:{name}: is the branch that is checked out; choose one for the site alone"
        raise UsageError(message)


def _there(repository: Repository, name: str) -> str | None:
    """The commit of the branch on the remote, None where there is no such branch; UsageError if that is no site."""
    if not repository.text("ls-remote", REMOTE, f"refs/heads/{name}"):
        return None
    tracked = f"refs/remotes/{REMOTE}/{name}"
    repository.run("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", REMOTE, f"+refs/heads/{name}:{tracked}")
    commit = repository.commit(tracked)
    if not repository.answer("rev-parse", "--verify", "--quiet", f"{commit}:{MARK}"):
        message = f"--deploy branch:{name}: holds something else than a site of ours ({MARK} is missing)"
        raise UsageError(message)
    return commit


def _commit(repository: Repository, site: Path) -> str:
    """A commit without a parent whose tree is the site."""
    files = sorted(path for path in site.rglob("*") if path.is_file())
    paths = "".join(f"{path.resolve()}\n" for path in files).encode()
    names = repository.text("hash-object", "-w", "--no-filters", "--stdin-paths", stdin=paths).split()
    blobs = {path.relative_to(site).as_posix(): blob for path, blob in zip(files, names, strict=True)}
    blobs[AS_IT_IS] = repository.text("hash-object", "-w", "--stdin")
    with tempfile.TemporaryDirectory() as folder:
        index = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
        repository.run("update-index", "--add", "-z", "--index-info", stdin=index_entries(blobs), environment=index)
        tree = repository.text("write-tree", environment=index)
    return repository.identified("commit-tree", tree, "-m", MESSAGE)

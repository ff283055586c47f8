"""The files about incidents and maintenance of a repository: what they may name, and which of them have changed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from statusledger.cli.place import Place
from statusledger.config import Config, load
from statusledger.errors import Problem, UsageError
from statusledger.git import Repository, find
from statusledger.history.notices import append as append_notices
from statusledger.history.notices import newest_tick, notices
from statusledger.history.records import policy_path, read_records
from statusledger.incident_files import Names, Reading, read_folder
from statusledger.incident_files.placement import FOLDERS, MAINTENANCE, written_files
from statusledger.incidents.announced import Announced, new_notices
from statusledger.incidents.told import shown
from statusledger.report.filed import Filed
from statusledger.report.filed import filed as filed_by


def written(where: Place, config: Config, *, only: Collection[str] | None = None) -> Reading:
    """What the files of the repository say, or only those of these paths below its root."""
    return read_folder(where.root, names(where, config), only=only)


def plans(where: Place, config: Config, reading: Reading, *, whole: bool) -> Filed:
    """Only the windows; of a reading that is not the whole one, maintenance is read again."""
    if not whole:
        reading = read_folder(where.root, names(where, config), folders=(MAINTENANCE,))
    judge = announced(where, config.public)
    return Filed(plans=filed_by(Reading(maintenance=reading.maintenance), config.public, judge).plans)


def filed(where: Place, config: Config) -> Filed:
    """What the files of the repository say of the components of a part, and what is wrong with those left out.

    Of the others nothing is told, not even that a file about them is broken.
    """
    whole = load(where.config_path) if config.private_plain else config
    reading = written(where, whole)
    hidden = set(whole.components) - set(config.components)
    problems = tuple(one for one in reading.problems if not (hidden and _mentions(where.root, one, hidden)))
    shown_reading = replace(reading, incidents=shown(reading.incidents, hidden), problems=problems)
    return filed_by(shown_reading, config, announced(where, config))


def _mentions(root: Path, problem: Problem, names: Collection[str]) -> bool:
    """Whether a problem, or the file that it is about, has one of these names in it."""
    path = root / problem.file
    text = f"{problem}\n{path.read_text(encoding='utf-8', errors='replace') if path.is_file() else ''}"
    return any(name in text for name in names)


def announced(where: Place, config: Config, *, as_of: int | None = None) -> Announced:
    """What judges announcements: inside a repository what is recorded, outside of one what each file claims."""
    at = where.started_at if as_of is None else as_of
    told = notices(where.history, as_of=at)[0] if find(where.root) else None
    return Announced(told, config.maintenance_notice_ms, config.page.timezone, at)


def announce(where: Place, config: Config) -> int:
    """Records what is new of maintenance, inside a repository; how many announcements that was."""
    if find(where.root) is None:
        return 0
    present = {Path(file).stem for file in written_files(where.root, MAINTENANCE)}
    seen_at = max(where.started_at, newest_tick(where.history) or 0)
    judge = announced(where, config, as_of=seen_at)
    new = list(new_notices(written(where, config).maintenance, present, judge, seen_at))
    append_notices(where.history, new)
    return len(new)


def names(where: Place, config: Config) -> Names:
    """What a file may name."""
    told, _ = read_records(policy_path(where.history), lambda line: str(line["component"]), root=where.history)
    components = config.components
    return Names(
        components=tuple(components),
        groups=tuple(group.id for group in config.groups),
        services=tuple(service.id for service in config.services),
        former={earlier: one.id for one in components.values() for earlier in one.was},
        past=frozenset(told),
    )


def changed_since(where: Place, reference: str) -> list[str] | None:
    """The files that differ from a commit, by their paths below the root; None where that may concern all of them."""
    repository = find(where.root)
    commit = repository.commit(reference) if repository else None
    if repository is None or commit is None:
        message = f"--changed-since {reference}: is no commit here; fetch it (a shallow clone has few) or leave it out"
        raise UsageError(message)
    changed = _changed(repository, where.root, commit)
    config = where.config_path.resolve()
    settings = {config.parent / name for name in changed if not name.startswith(tuple(f"{one}/" for one in FOLDERS))}
    if config in settings or any(path.suffix in {".yml", ".yaml"} for path in settings):
        return None
    return [name for name in changed if name.startswith(tuple(f"{folder}/" for folder in FOLDERS))]


def _changed(repository: Repository, root: Path, commit: str) -> list[str]:
    """Everything below the root that is not as the commit has it, also what nobody has committed yet."""
    below = root.resolve().relative_to(repository.top)
    places = ("--", str(below))
    differing = repository.text("diff", "--name-only", "-z", "--no-renames", commit, *places)
    untracked = repository.text("ls-files", "--others", "--exclude-standard", "--full-name", "-z", *places)
    found = {Path(name) for name in f"{differing}\0{untracked}".split("\0") if name}
    return sorted(path.relative_to(below).as_posix() for path in found)

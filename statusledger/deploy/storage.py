"""A site in S3-compatible storage: what is new or has changed goes there, pages after what they link to.

Keys, region and a host other than Amazon's come from the environment, as every S3 program reads them
(AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION, AWS_ENDPOINT_URL_S3).
"""

from __future__ import annotations

import hashlib
import mimetypes
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path, PurePosixPath
from typing import Any

from statusledger.errors import OutputError, UsageError
from statusledger.outputs.hosting import TYPES
from statusledger.outputs.write import MARK, order

TEXT = ("text/", "application/json", "application/javascript", "image/svg")
# A page is built every few minutes; what it was a minute ago is good enough for a browser and a CDN.
CACHE = "public, max-age=60"
AT_ONCE = 1000  # keys that one request may delete


def deploy(site: Path, _root: Path, place: str) -> str:
    """Makes the folder of the bucket hold the site and nothing else."""
    bucket, _, folder = place.partition("/")
    prefix = f"{folder.strip('/')}/" if folder else ""
    boto3, failures = _library()
    try:
        storage = boto3.client("s3")
        there = _there(storage, bucket, prefix)
        if there and f"{prefix}{MARK}" not in there:
            message = f"--deploy s3://{place}: holds something else than a site of ours ({MARK} is missing)"
            raise UsageError(message)
        sent = _send(storage, bucket, prefix, site, there)
        stale = _remove(storage, bucket, prefix, site, there)
    except failures as error:
        message = f"s3://{place}: the site is not complete there: {error}; mend that and run again"
        raise OutputError(message) from error
    return f"deployed to s3://{place}: {sent} sent, {stale} removed"


def _library() -> tuple[Any, tuple[type[Exception], ...]]:
    try:
        boto3, faults = import_module("boto3"), import_module("botocore.exceptions")
    except ImportError as error:
        message = '--deploy s3://…: needs a library that is not installed: pip install "statusledger[s3]"'
        raise UsageError(message) from error
    return boto3, (faults.BotoCoreError, faults.ClientError)


def _there(storage: Any, bucket: str, prefix: str) -> dict[str, str]:
    """Key -> MD5 of everything in the folder."""
    pages = storage.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    return {one["Key"]: one["ETag"].strip('"') for page in pages for one in page.get("Contents", ())}


def _send(storage: Any, bucket: str, prefix: str, site: Path, there: Mapping[str, str]) -> int:
    """How many files were not there, or not as they are here; what the site was built from comes last."""
    files = {PurePosixPath(path.relative_to(site).as_posix()): path for path in site.rglob("*") if path.is_file()}
    first = [] if there else [(MARK, files[MARK])]  # so that a first deployment that was cut short can be repeated
    sent = 0
    for name, path in dict([*first, *sorted(files.items(), key=order)]).items():
        content = path.read_bytes()
        if there.get(f"{prefix}{name}") != hashlib.md5(content, usedforsecurity=False).hexdigest():
            kind = content_type(name)
            storage.put_object(Bucket=bucket, Key=f"{prefix}{name}", Body=content, ContentType=kind, CacheControl=CACHE)
            sent += 1
    return sent


def _remove(storage: Any, bucket: str, prefix: str, site: Path, there: Mapping[str, str]) -> int:
    """How many files were there that this site does not have."""
    stale = sorted(key for key in there if not (site / key.removeprefix(prefix)).is_file())
    for start in range(0, len(stale), AT_ONCE):
        keys = [{"Key": key} for key in stale[start : start + AT_ONCE]]
        storage.delete_objects(Bucket=bucket, Delete={"Objects": keys, "Quiet": True})
    return len(stale)


def content_type(path: PurePosixPath) -> str:
    """The media type of a file of the site."""
    kind = TYPES.get(str(path)) or mimetypes.guess_type(path.name, strict=False)[0] or "application/octet-stream"
    return f"{kind}; charset=utf-8" if kind.startswith(TEXT) or str(path) in TYPES else kind

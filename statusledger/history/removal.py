"""The one way in which a raw file goes: whole, and only as it was when somebody made sure that its rows are kept."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from statusledger.errors import LedgerError


def remove(path: Path, *, size: int) -> bool:
    """Removes the file; False when it has another size by now, and then it stays. LedgerError when it cannot be done.

    Writers are kept off meanwhile; one that has waited begins the file anew.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except OSError as error:
        raise _refused(path, error) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        if os.fstat(descriptor).st_size != size:
            return False
        path.unlink()
    except OSError as error:
        raise _refused(path, error) from error
    finally:
        os.close(descriptor)
    return True


def _refused(path: Path, error: OSError) -> LedgerError:
    msg = f"{path}: could not be removed: {error.strerror}; make the place writable, then run statusledger prune again"
    return LedgerError(msg)

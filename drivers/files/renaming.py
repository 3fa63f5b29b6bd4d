"""Renames within open folders that lose nothing: into a free place, or two names swapped."""

from __future__ import annotations

import ctypes
import errno
import os
import sys

RENAME_NOREPLACE, RENAME_EXCHANGE = 1, 2
NOT_KNOWN = (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP)


def rename_new(holder: int, name: str, to_holder: int, to_name: str) -> None:
    """Raises FileExistsError when there is something at the new name."""
    code = _renameat2(holder, name, to_holder, to_name, RENAME_NOREPLACE)
    if code == 0:
        return
    if code not in NOT_KNOWN:
        raise OSError(code, os.strerror(code))
    if _exists(to_holder, to_name):  # a file system that cannot do both at once
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
    os.rename(name, to_name, src_dir_fd=holder, dst_dir_fd=to_holder)


def exchange(holder: int, name: str, other: str) -> bool:
    """Swap two names of a folder in one step; False where the file system cannot."""
    code = _renameat2(holder, name, holder, other, RENAME_EXCHANGE)
    if code and code not in NOT_KNOWN:
        raise OSError(code, os.strerror(code))
    return code == 0


def _renameat2(holder: int, name: str, to_holder: int, to_name: str, how: int) -> int:
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None) if sys.platform == "linux" else None
    if rename is None:
        return errno.ENOSYS
    names = os.fsencode(name), os.fsencode(to_name)
    done = rename(holder, names[0], to_holder, names[1], how)
    return 0 if done == 0 else ctypes.get_errno()


def _exists(holder: int, name: str) -> bool:
    try:
        os.stat(name, dir_fd=holder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True

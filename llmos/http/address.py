"""Where the kernel of a state folder says that it listens. Cheap to import."""

import json
import os
from pathlib import Path
from typing import NamedTuple

from llmos.errors import KernelError

ADDRESS_FILE = "kernel.json"
MAX_ATTACHMENT_BYTES = 32 * 2**20


class Address(NamedTuple):
    url: str
    token: str
    pid: int


def announce(home: Path, address: Address) -> None:
    """Written for this user alone, and complete whenever it exists. Raises KernelError when it cannot be."""
    partial = home / f"{ADDRESS_FILE}.partial"
    try:
        partial.unlink(missing_ok=True)
        with os.fdopen(os.open(partial, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600), "w") as file:
            json.dump(address._asdict(), file)
        partial.rename(home / ADDRESS_FILE)
    except OSError as error:
        raise KernelError(f"The kernel's address cannot be written to {home}: {error.strerror}.") from error


def withdraw(home: Path) -> None:
    (home / ADDRESS_FILE).unlink(missing_ok=True)


def announced(home: Path) -> Address | None:
    """What was announced last; its kernel may have died since."""
    try:
        return Address(**json.loads((home / ADDRESS_FILE).read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None

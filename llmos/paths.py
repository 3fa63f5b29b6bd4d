"""Where things lie: the state folder, the model cache, and the apps and drivers that ship with llmos."""

import os
from pathlib import Path

import platformdirs

PACKAGE = Path(__file__).parent
CHECKOUT = PACKAGE.parent


def is_checkout() -> bool:
    """True when llmos runs from a source tree rather than from an installed wheel."""
    return (CHECKOUT / "pyproject.toml").is_file() and (CHECKOUT / "apps").is_dir()


def bundle_root() -> Path:
    """The folder that holds the shipped `apps/` and `drivers/`; it is also the drivers' import root."""
    return CHECKOUT if is_checkout() else PACKAGE / "bundled"


def home() -> Path:
    """The state folder: `LLMOS_HOME`, else the checkout's `state/`, else the user's data folder."""
    if named := os.environ.get("LLMOS_HOME"):
        return Path(named).expanduser().resolve()
    return CHECKOUT / "state" if is_checkout() else Path(platformdirs.user_data_dir("llmos"))


def models() -> Path:
    """The model cache, shared by all state folders: `LLMOS_MODELS`, else the user's cache folder."""
    if named := os.environ.get("LLMOS_MODELS"):
        return Path(named).expanduser().resolve()
    return Path(platformdirs.user_cache_dir("llmos")) / "models"

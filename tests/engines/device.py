"""Where the engines under test compute: what LLMOS_DEVICE says, as everywhere."""

import os

DEVICE = os.environ.get("LLMOS_DEVICE") or "auto"

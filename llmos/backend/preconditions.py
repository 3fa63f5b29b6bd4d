"""If-Match and If-None-Match (RFC 9110, 13.1): what a client says it knows of the state."""

import re

_TAGS = re.compile(r'(W/)?("[^"]*")')


def names(header: str, etag: str, *, weakly: bool) -> bool:
    """Whether a header names this tag; `*` is any. `weakly`: a tag marked W/ counts as well, as it does for reads."""
    if header.strip() == "*":
        return True
    return any(tag == etag and (weakly or not weak) for weak, tag in _TAGS.findall(header))

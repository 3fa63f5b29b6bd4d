"""What a process may do, decided here and never by the model.

Covers: driver tools (a tool that the app's manifest does not list is denied).
Does not cover yet: resources inside a tool (hosts, paths) and questions to a person; both are refused by being absent.
"""

from llmos.errors import Denied
from llmos.kernel.app import App


def require_tool(app: App, tool: str) -> None:
    """Raise Denied unless the app's manifest grants the tool."""
    if tool not in app.capabilities.tools:
        raise Denied(
            f"The app {app.name} may not use {tool}; to allow it, add it to [capabilities] tools in its app.toml."
        )

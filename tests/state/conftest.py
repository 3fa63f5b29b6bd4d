from pathlib import Path

import pytest

from llmos.contracts import Json
from llmos.state.database import open_database
from llmos.state.store import AppState

SCHEMA: Json = {
    "type": "object",
    "properties": {
        "entries": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "properties": {
                    "name": {"type": "string"},
                    "stars": {"type": "integer", "minimum": 1, "maximum": 5},
                    "tags": {"type": "array", "items": {"type": "string"}},
                },
                "required": ["name"],
                "additionalProperties": False,
            },
        },
        "anything": {"type": "object", "additionalProperties": {}},
        "title": {"type": "string", "default": "Guests"},
        "motto": {"type": "string"},
    },
}


@pytest.fixture
def state(tmp_path: Path) -> AppState:
    return AppState(open_database(tmp_path / "llmos.db"), "guests", SCHEMA)

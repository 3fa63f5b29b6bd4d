"""Engines for tests: scripted answers, and real answers recorded once and replayed."""

from llmos.testing.recorded import RecordingEngine, ReplayEngine
from llmos.testing.scripted import ScriptedEngine

__all__ = ["RecordingEngine", "ReplayEngine", "ScriptedEngine"]

"""Guards that ask a hosted moderation service. What is found here, in memory, is not their work."""

from .client import ModerationFailed
from .policy import ModerationGuards, connections, moderation_guards

__all__ = ["ModerationFailed", "ModerationGuards", "connections", "moderation_guards"]

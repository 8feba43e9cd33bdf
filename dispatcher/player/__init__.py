"""The reference speaker: a device program for LOA/1 that really plays (docs/loa-1.md).

It is the other party. It shares no code with the rest of Loa, so that it cannot share mistakes.
"""

from dispatcher.player.config import Config, Trusted
from dispatcher.player.speaker import run

__all__ = ["Config", "Trusted", "run"]

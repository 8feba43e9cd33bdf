"""Hours in which bulletins of a level go out (docs/design.md §7): which of them kept to these?

Texts at any hour wake people: 07:00–21:00, with priority 06:00–22:00. An emergency may go out at
any hour; that it did outside those of priority is on record with who said so.
"""

from collections.abc import Mapping

from dispatcher.domain.model import Level

#: Level → minutes after midnight in Hà Nội, from and before.
HOURS: Mapping[Level, tuple[int, int]] = {
    Level.NORMAL: (7 * 60, 21 * 60),
    Level.PRIORITY: (6 * 60, 22 * 60),
    Level.EMERGENCY: (6 * 60, 22 * 60),
}

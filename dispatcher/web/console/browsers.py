"""What browser a session is in, so that its owner knows it again in a list."""

#: What a User-Agent contains → what people call it; the first that fits. Chrome's says Safari
#: too, Edge's says both, an iPhone's says Mac OS, Android's says Linux.
_BROWSERS = (
    ("Edg", "Edge"),
    ("coc_coc", "Cốc Cốc"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("CriOS/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("Linux", "Linux"),
)


def name(user_agent: str) -> str:
    """``Chrome, Android``; ``–`` for what we do not know. Nothing of the original is kept."""
    found = [_first(user_agent, _BROWSERS), _first(user_agent, _SYSTEMS)]
    return ", ".join(each for each in found if each) or "–"


def _first(text: str, table: tuple[tuple[str, str], ...]) -> str:
    return next((name for mark, name in table if mark in text), "")

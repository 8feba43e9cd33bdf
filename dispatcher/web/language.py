"""Which of our two languages an answer is in. Vietnamese unless English is asked for first."""

from collections.abc import Mapping

LANGUAGES = ("vi", "en")


def preferred(headers: Mapping[str, str]) -> str:
    """``vi`` or ``en`` by ``Accept-Language`` (RFC 9110 §12.5.4); ``vi`` when it does not say."""
    weights = {"vi": 0.0, "en": 0.0}
    for part in headers.get("accept-language", "").lower().split(","):
        tag, _, parameter = part.partition(";")
        lang = tag.strip().split("-")[0]
        if lang in weights:
            weights[lang] = max(weights[lang], _weight(parameter))
    return "en" if weights["en"] > weights["vi"] else "vi"


def _weight(parameter: str) -> float:
    try:
        return float(parameter.strip().removeprefix("q=") or 1.0)
    except ValueError:
        return 0.0

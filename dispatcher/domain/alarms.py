"""What people are told about a dispatch; docs/operations.md says what to do about each."""

from enum import StrEnum


class Alarm(StrEnum):
    """A code of the API and of exports: it never changes its meaning."""

    SILENT_SPEAKER = "silent_speaker"
    NO_ANSWER = "no_answer"
    ROUTE_FAILING = "route_failing"
    ROUTE_STOPPED = "route_stopped"
    CONTENT_REFUSED = "content_refused"
    AUDIENCE_GREW = "audience_grew"
    COST_GREW = "cost_grew"
    UNCONFIRMED = "unconfirmed"
    ON_BEHALF = "on_behalf"
    CHANNEL_HELD = "channel_held"
    CANNOT_SETTLE = "cannot_settle"
    LOG_WENT_BACK = "log_went_back"
    ANCHOR_OVERDUE = "anchor_overdue"
    MERGE_DELAY = "merge_delay"

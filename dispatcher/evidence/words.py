"""Words of bundles, reports and proofs, as people in Vietnam's offices say them."""

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone

from dispatcher.domain.model import Level, Mode, TargetKind
from dispatcher.domain.status import Evidence, Status

#: Vietnam has had one offset and no summer time since 1975.
HANOI = timezone(timedelta(hours=7))

STATUSES: Mapping[Status, str] = {
    Status.PENDING: "chờ gửi",
    Status.SENDING: "đang gửi",
    Status.ACCEPTED: "nhà cung cấp đã nhận",
    Status.UNKNOWN: "chưa rõ kết quả",
    Status.CANCELLED: "đã hủy",
    Status.EXPIRED: "quá hạn",
    Status.FAILED: "không thành công",
    Status.DELIVERED: "đã đến",
    Status.SEEN: "đã xem / đã xác nhận",
    Status.SUPPRESSED: "không gửi",
}

EVIDENCE: Mapping[Evidence, str] = {
    Evidence.NONE: "chưa có",
    Evidence.PROVIDER: "nhà cung cấp",
    Evidence.CARRIER: "nhà mạng",
    Evidence.REPORT: "báo cáo",
    Evidence.DEVICE: "thiết bị",
    Evidence.PERSON: "người nhận xác nhận",
}

CHANNELS: Mapping[str, str] = {
    "sms": "Tin nhắn SMS",
    "email": "Thư điện tử",
    "zalo": "Zalo",
    "ringback": "Thông báo chờ cuộc gọi",
    "loudspeaker": "Truyền thanh cơ sở",
    "webhook": "Cổng kết nối khác",
}

TARGETS: Mapping[TargetKind, str] = {
    TargetKind.ADDRESS: "người nhận",
    TargetKind.SPEAKER: "cụm loa",
    TargetKind.ORDER: "yêu cầu nhà mạng",
}

LEVELS: Mapping[Level, str] = {
    Level.NORMAL: "thông thường",
    Level.PRIORITY: "ưu tiên",
    Level.EMERGENCY: "khẩn cấp",
}

MODES: Mapping[Mode, str] = {Mode.LIVE: "phát thật", Mode.TEST: "phát thử"}

WAYS: Mapping[str, str] = {
    "two_people": "hai người (người soạn, người duyệt)",
    "duty": "trực một mình phát mẫu duyệt sẵn",
    "verbal": "theo lệnh miệng được ghi lại",
    "on_behalf": "cấp trên phát hộ",
}


def moment(at: int) -> str:
    """Epoch ms as RFC 3339 in Hà Nội; nothing for 0."""
    return _local(at).isoformat(timespec="milliseconds") if at else ""


def clock(at: int | None) -> str:
    """Epoch ms as officials write it, e.g. ``15 giờ 05 phút, ngày 19/11/2026``."""
    return _local(at).strftime("%H giờ %M phút, ngày %d/%m/%Y") if at else "–"


def date_line(at: int) -> str:
    """The date below the national motto, e.g. ``ngày 05 tháng 02 năm 2026``.

    Days below 10 and the months 1 and 2 have a zero (Nghị định 30/2020/NĐ-CP, phụ lục I, II.4).
    """
    day = _local(at)
    month = f"{day.month:02}" if day.month < 3 else str(day.month)
    return f"ngày {day.day:02} tháng {month} năm {day.year}"


def number(value: int) -> str:
    """Thousands apart by points, as in Vietnam."""
    return f"{value:,}".replace(",", ".")


def _local(at: int) -> datetime:
    whole = datetime.fromtimestamp(at // 1000, HANOI)
    return whole.replace(microsecond=at % 1000 * 1000)

"""The books' words for codes, by what kind of code it is; an unknown code is shown as it is."""

from collections.abc import Mapping

_EVIDENCE = {
    "none": "chưa có căn cứ",
    "provider": "nhà cung cấp báo",
    "carrier": "nhà mạng báo",
    "report": "theo báo cáo",
    "device": "nhật ký của loa",
    "person": "người nhận xác nhận",
}

_STATUS = {
    "pending": "chờ gửi",
    "sending": "đang gửi",
    "accepted": "nhà cung cấp đã nhận",
    "delivered": "đã đến",
    "seen": "đã xem / đã xác nhận",
    "failed": "không thành công",
    "expired": "quá hạn",
    "suppressed": "không gửi",
    "cancelled": "đã hủy",
    "unknown": "chưa rõ kết quả",
}

WORDS: Mapping[str, Mapping[str, str]] = {
    "evidence": _EVIDENCE,
    "status": _STATUS,
    "people": {**_STATUS, "delivered": "đã đến máy"},
    "clusters": {**_STATUS, "accepted": "loa đã nhận", "delivered": "loa đã phát"},
    "orders": {
        **_STATUS,
        "accepted": "nhà mạng đã nhận",
        "delivered": "nhà mạng đang phát",
        "seen": "đã báo số lượt phát",
    },
    "channel": {
        "sms": "tin nhắn SMS",
        "email": "thư điện tử",
        "zalo": "Zalo",
        "ringback": "âm thông báo qua nhà mạng",
        "loudspeaker": "loa truyền thanh",
        "webhook": "kênh tùy chỉnh",
    },
    "level": {"normal": "thông thường", "priority": "ưu tiên", "emergency": "khẩn cấp"},
    "way": {
        "two_people": "người khác duyệt",
        "duty": "trực ban tự phát tin theo mẫu duyệt sẵn",
        "verbal": "theo lệnh miệng có ghi nhận",
        "on_behalf": "tỉnh phát hộ",
    },
    "relation": {"corrects": "cải chính", "withdraws": "thu hồi", "ends": "kết thúc"},
    "play": {
        "end": "đã phát",
        "preempted": "bị tin khẩn cấp chen ngang",
        "missed": "lỡ giờ phát",
        "expired": "hết hiệu lực",
        "skipped_quiet": "bỏ qua vì giờ yên tĩnh",
        "fault": "thiết bị hỏng",
        "cancelled": "bị hủy khi đang phát",
        "rejected": "loa từ chối",
    },
    "sync": {"ok": "đã đồng bộ", "never": "chưa đồng bộ"},
    "exception": {
        "released_alone": "trực ban tự phát tin",
        "verbal_order": "phát theo lệnh miệng",
        "on_behalf": "tỉnh phát hộ",
        "edited_and_approved": "sửa và duyệt",
        "unconfirmed": "chưa được xác nhận lại",
        "confirmed_late": "xác nhận lại quá 24 giờ",
        "out_of_hours": "phát ngoài giờ",
        "personal_data_shown": "xem hoặc xuất dữ liệu cá nhân",
        "rights_changed": "thay đổi quyền hạn",
    },
    "difference": {
        "not_ours": "có trong hóa đơn, không có trong sổ",
        "not_billed": "có trong sổ, không có trong hóa đơn",
        "parts": "khác số phần tin",
        "price": "khác đơn giá",
        "amount": "thành tiền không khớp",
        "duplicate": "dòng lặp lại",
        "wrong_month": "ngoài tháng đối soát",
        "unreadable": "dòng không đọc được",
        "total": "cộng theo nguồn kinh phí",
    },
}


def say(words: str, code: str) -> str:
    """The Vietnamese words of a code."""
    return WORDS.get(words, {}).get(code, code)

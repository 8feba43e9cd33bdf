"""The console's words in Vietnamese and English, by what they stand for."""

from collections.abc import Mapping

from dispatcher.web.console import words_sign_in

_WORDS: Mapping[str, tuple[str, str]] = {
    **words_sign_in.WORDS,
    # statuses (docs/design.md §1, the words officials know)
    "status.pending": ("chờ gửi", "waiting"),
    "status.sending": ("đang gửi", "being sent"),
    "status.accepted": ("nhà cung cấp đã nhận", "taken by provider"),
    "status.delivered.person": ("đã đến máy", "arrived"),
    "status.delivered.cluster": ("loa đã phát", "played"),
    "status.delivered.order": ("nhà mạng đang phát", "on air"),
    "status.seen": ("đã xem / đã xác nhận", "seen / confirmed"),
    "status.failed": ("không thành công", "failed"),
    "status.expired": ("quá hạn", "expired"),
    "status.suppressed": ("không gửi", "not sent"),
    "status.cancelled": ("đã hủy", "cancelled"),
    "status.unknown": ("chưa rõ kết quả", "outcome unknown"),
    # evidence
    "evidence.provider": ("nhà cung cấp báo", "provider's word"),
    "evidence.carrier": ("nhà mạng báo", "carrier's word"),
    "evidence.report": ("theo báo cáo", "by report"),
    "evidence.device": ("nhật ký của loa", "the speaker's own log"),
    "evidence.person": ("người nhận xác nhận", "confirmed by the person"),
    "evidence.none": ("chưa có căn cứ", "no evidence yet"),
    # units
    "unit.person": ("người", "people"),
    "unit.cluster": ("cụm loa", "clusters"),
    "unit.order": ("yêu cầu", "orders"),
    # channels
    "channel.sms": ("Tin nhắn SMS", "Text messages"),
    "channel.email": ("Thư điện tử", "E-mail"),
    "channel.zalo": ("Zalo", "Zalo"),
    "channel.ringback": ("Âm thông báo qua nhà mạng", "Ringback announcement"),
    "channel.loudspeaker": ("Loa truyền thanh", "Loudspeakers"),
    "channel.webhook": ("Kênh tùy chỉnh", "Custom channel"),
    # levels
    "level.normal": ("Thông thường", "Normal"),
    "level.priority": ("Ưu tiên", "Priority"),
    "level.emergency": ("Khẩn cấp", "Emergency"),
    # states of a dispatch
    "state.scheduled": ("Đã lên lịch", "Scheduled"),
    "state.running": ("Đang phát", "Running"),
    "state.paused": ("Tạm dừng", "Paused"),
    "state.stopped": ("Đã ngừng vì lỗi", "Stopped by a fault"),
    "state.cancelled": ("Đã hủy", "Cancelled"),
    "state.done": ("Đã hoàn thành", "Done"),
    # what a later bulletin did to it
    "replaced.ends": (
        "đã kết thúc bằng lần phát tin số {number}",
        "ended by dispatch {number}",
    ),
    "replaced.withdraws": (
        "đã thu hồi bằng lần phát tin số {number}",
        "withdrawn by dispatch {number}",
    ),
    "replaced.corrects": (
        "đã cải chính bằng lần phát tin số {number}",
        "corrected by dispatch {number}",
    ),
    # why something waits
    "why.pause": ("tạm dừng theo lệnh", "paused by a person"),
    "why.stop": ("có lệnh ngừng", "stopped"),
    "why.outside": ("chờ bên ngoài duyệt nội dung của kênh này", "waits for approval from outside"),
    "why.window": ("chưa đến giờ được phát", "its hour has not come"),
    "why.circuit": ("nhà cung cấp đang lỗi", "the provider is failing"),
    "why.no_route": ("không có kết nối dùng được", "no usable route"),
    "why.rate": ("theo tốc độ của nhà cung cấp", "at the provider's rate"),
    "why.turn": ("đang đến lượt", "waiting its turn"),
    # alarms
    "alarm.silent_speaker": ("Cụm loa không trả lời", "Silent cluster"),
    "alarm.no_answer": ("Chưa xác nhận", "Not confirmed"),
    "alarm.route_failing": ("Kết nối đang lỗi", "Route failing"),
    "alarm.route_stopped": ("Kết nối bị ngừng", "Route stopped"),
    "alarm.channel_held": ("Kênh đang chờ duyệt", "Channel waits for approval"),
    "alarm.content_refused": ("Nội dung bị từ chối", "Text refused"),
    # the page
    "skip": ("Đến nội dung chính", "Skip to content"),
    "brand": ("một bản tin, mọi kênh", "one bulletin, every channel"),
    "other_language": ("English", "Tiếng Việt"),
    "sign_out": ("Đăng xuất", "Sign out"),
    "dispatches": ("Các lần phát tin", "Dispatches"),
    "no_dispatches": ("Chưa có lần phát tin nào.", "Nothing has been dispatched yet."),
    "older": ("Cũ hơn", "Older"),
    "back": ("Tất cả các lần phát tin", "All dispatches"),
    "mode.test": ("thử nghiệm", "test"),
    "drill": ("diễn tập", "drill"),
    "agency": ("Cơ quan", "Agency"),
    "area": ("Địa bàn", "Area"),
    "level": ("Mức độ ưu tiên", "Level"),
    "started": ("Bắt đầu", "Start"),
    "until": ("Hiệu lực đến", "Valid until"),
    "no_limit": ("không giới hạn", "no limit"),
    "attention": ("Cần người xử lý ngay", "Needs somebody now"),
    "alarms": ("Cảnh báo", "Alarms"),
    "waiting": ("Đang chờ", "Waiting"),
    "waits": ("{count} lượt chờ", "{count} waiting"),
    "expanding": ("đang lập danh sách người nhận", "still listing recipients"),
    "results": ("Kết quả theo kênh", "Results by channel"),
    "no_results": ("Chưa có lượt gửi nào.", "No deliveries yet."),
    "reached": ("Đã đến {arrived} trên {total} {unit}", "Reached {arrived} of {total} {unit}"),
    "status": ("Trạng thái", "Status"),
    "count": ("Số lượng", "Count"),
    "evidence": ("Căn cứ xác nhận", "Evidence"),
    "renditions": ("Nội dung đã phát", "As it went out"),
    "spoken": ("Lời đọc, nguyên văn", "Spoken text, word for word"),
    "listen": ("Nghe bản ghi", "Listen"),
    "download": ("Tải âm thanh", "Download the sound"),
    "ledger": ("Sổ nhật ký điện tử", "Ledger"),
    "entries": ("Số mục", "Entries"),
    "checkpoint": ("Điểm kiểm gần nhất", "Latest checkpoint"),
    "pages": ("{size} trang, ký lúc {time}", "{size} pages, signed {time}"),
    "none_yet": ("chưa có", "none yet"),
    "sealed": ("Chờ niêm phong", "Awaiting seal"),
    "all_sealed": ("không còn trang nào", "nothing"),
    "unsealed": ("{count} trang", "{count} pages"),
    "actions": ("Điều khiển", "Controls"),
    "pause": ("Tạm dừng", "Pause"),
    "resume": ("Phát tiếp", "Resume"),
    "cancel": ("Hủy lần phát", "Cancel"),
    "confirm.pause": (
        "Ngừng gửi tiếp cho đến khi phát lại; những gì đã gửi đi không thu về.",
        "Nothing more is sent until you resume; what has gone out stays.",
    ),
    "confirm.resume": (
        "Gửi tiếp đúng những lượt còn lại.",
        "Sending goes on with exactly what is left.",
    ),
    "confirm.cancel": (
        "Ngừng hẳn và thu hồi những gì còn thu hồi được; không thể hoàn tác.",
        "Sending ends for good and what can be called back is; this cannot be undone.",
    ),
    "reason": ("Lý do", "Reason"),
    "updated": ("Cập nhật lúc {time}", "As of {time}"),
    "problem": ("Không thực hiện được", "That did not work"),
}


def say(lang: str, name: str, **values: object) -> str:
    """The words of that name; a name without words is shown as it is (codes of later versions)."""
    pair = _WORDS.get(name)
    if pair is None:
        return name.rpartition(".")[2]
    return (pair[1] if lang == "en" else pair[0]).format(**values)


def names() -> frozenset[str]:
    """All names that have words."""
    return frozenset(_WORDS)

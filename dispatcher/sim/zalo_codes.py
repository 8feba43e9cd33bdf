"""Zalo's error codes and messages that the simulator can answer; all come with HTTP 200.

Template (ZBS, once ZNS) codes: https://developers.zalo.me/docs/zalo-notification-service.
"""

from __future__ import annotations

from collections.abc import Mapping

RATE = -32
UNKNOWN = -100
BAD_PHONE = -108
BAD_TEMPLATE = -109
PARAM_TOO_LONG = -1121
PARAM_MISSING = -1122
NO_ACCOUNT = -118
BAD_JSON = -122
BAD_TOKEN = -124
BAD_PARAM = -132
NIGHT = -133
OVER_QUOTA = -144
OA_BAD_PARAM = -201
OA_BAD_TOKEN = -216
OA_NO_INTERACTION = -230
NO_SUCH_API = -106
BAD_REFRESH_TOKEN = -14014
BAD_APP_SECRET = -14004

MESSAGES: Mapping[int, str] = {
    RATE: "Your application reached limit call api",
    UNKNOWN: "Xảy ra lỗi không xác định, vui lòng thử lại sau",
    NO_SUCH_API: "Phương thức không hợp lệ",
    BAD_PHONE: "Số điện thoại không hợp lệ",
    BAD_TEMPLATE: "ID mẫu tin không hợp lệ",
    -114: "Người dùng không nhận được tin vì lý do trạng thái tài khoản",
    -115: "Tài khoản không đủ số dư",
    PARAM_TOO_LONG: "Dữ liệu mẫu tin vượt quá giới hạn ký tự",
    PARAM_MISSING: "Dữ liệu mẫu tin thiếu tham số",
    NO_ACCOUNT: "Tài khoản Zalo không tồn tại, hoặc đã bị vô hiệu hoá",
    -119: "Tài khoản không thể nhận tin",
    BAD_JSON: "Định dạng dữ liệu không hợp lệ",
    BAD_TOKEN: "Mã truy cập không hợp lệ",
    -131: "Mẫu tin chưa được phê duyệt",
    BAD_PARAM: "Tham số không hợp lệ",
    NIGHT: "Không được gửi tin vào ban đêm (từ 22h đến 6h)",
    -139: "Người dùng từ chối nhận loại tin này",
    -141: "Người dùng từ chối nhận tin từ Official Account",
    OVER_QUOTA: "Official Account vượt giới hạn gửi tin trong ngày",
    -146: "Mẫu tin bị vô hiệu hoá do chất lượng gửi thấp",
    OA_BAD_PARAM: "Params is invalid",
    -213: "User has not followed OA",
    OA_BAD_TOKEN: "Access token is invalid",
    OA_NO_INTERACTION: "User has not interacted with the OA in the past 7 days",
    -232: "User interaction has expired",
}

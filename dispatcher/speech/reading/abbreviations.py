"""Abbreviations of Vietnamese administration and the foreign names its texts use.

An ambiguous one (`TT`, `CN`, `BC`, `HD` …) is left for `lint` to report: an agency settles it with its overrides.
"""

import re
from collections.abc import Mapping

ABBREVIATIONS = {
    # organs of state and party
    "UBND": "Ủy ban nhân dân", "HĐND": "Hội đồng nhân dân", "UBMTTQ": "Ủy ban Mặt trận Tổ quốc", "MTTQ": "Mặt trận Tổ quốc",
    "UBMTTQVN": "Ủy ban Mặt trận Tổ quốc Việt Nam", "MTTQVN": "Mặt trận Tổ quốc Việt Nam", "ĐBQH": "đại biểu Quốc hội", "HĐBC": "Hội đồng bầu cử",
    "UBBC": "Ủy ban bầu cử", "TTg": "Thủ tướng Chính phủ", "BCH": "Ban Chỉ huy", "BCHTW": "Ban Chấp hành Trung ương", "BCĐ": "Ban Chỉ đạo",
    "BTC": "Ban Tổ chức", "BQL": "Ban Quản lý", "BQLDA": "Ban Quản lý dự án", "BTV": "Ban Thường vụ", "BTT": "Ban Thường trực", "BCHQS": "Ban Chỉ huy Quân sự",
    "BCHPTDS": "Ban Chỉ huy Phòng thủ dân sự", "PTDS": "phòng thủ dân sự", "PCTT": "phòng, chống thiên tai", "TKCN": "tìm kiếm cứu nạn",
    "PCTT&TKCN": "phòng, chống thiên tai và tìm kiếm cứu nạn", "PCLB": "phòng, chống lụt bão", "PCCC": "phòng cháy, chữa cháy",
    "CNCH": "cứu nạn, cứu hộ", "PCCC&CNCH": "phòng cháy, chữa cháy và cứu nạn, cứu hộ", "PCCCR": "phòng cháy, chữa cháy rừng", "PCD": "phòng, chống dịch",
    "QLBVR": "quản lý bảo vệ rừng", "CSGT": "cảnh sát giao thông", "CSKV": "cảnh sát khu vực", "CAND": "Công an nhân dân", "QĐND": "Quân đội nhân dân", "LLVT": "lực lượng vũ trang",
    "DQTV": "dân quân tự vệ", "ANTT": "an ninh trật tự", "TTATGT": "trật tự, an toàn giao thông", "ATGT": "an toàn giao thông", "TNGT": "tai nạn giao thông",
    "ANQP": "an ninh, quốc phòng", "QPAN": "quốc phòng, an ninh", "NVQS": "nghĩa vụ quân sự", "TW": "Trung ương", "TƯ": "Trung ương", "T.Ư": "Trung ương", "T.W": "Trung ương",
    "ĐCSVN": "Đảng Cộng sản Việt Nam", "CHXHCN": "Cộng hòa xã hội chủ nghĩa", "XHCN": "xã hội chủ nghĩa", "TAND": "Tòa án nhân dân", "VKSND": "Viện kiểm sát nhân dân",
    "LĐLĐ": "Liên đoàn Lao động", "CĐCS": "công đoàn cơ sở", "LHPN": "Liên hiệp Phụ nữ", "HLHPN": "Hội Liên hiệp Phụ nữ", "CCB": "Cựu chiến binh", "TNCS": "Thanh niên Cộng sản",
    "ĐVTN": "đoàn viên, thanh niên", "TNXP": "thanh niên xung phong", "HTX": "hợp tác xã", "DNNN": "doanh nghiệp nhà nước", "DNTN": "doanh nghiệp tư nhân", "TNHH": "trách nhiệm hữu hạn",
    # ministries and branches
    "TTTT": "Thông tin và Truyền thông", "BTTTT": "Bộ Thông tin và Truyền thông", "TT&TT": "Thông tin và Truyền thông", "KHCN": "khoa học, công nghệ", "KH&CN": "Khoa học và Công nghệ",
    "NN&MT": "Nông nghiệp và Môi trường", "NN&PTNT": "Nông nghiệp và Phát triển nông thôn", "PTNT": "phát triển nông thôn", "TN&MT": "Tài nguyên và Môi trường", "TNMT": "tài nguyên và môi trường",
    "GD&ĐT": "Giáo dục và Đào tạo", "GDĐT": "giáo dục và đào tạo", "VH&TT": "Văn hóa và Thông tin", "VHTT": "văn hóa, thông tin", "VHTT&DL": "Văn hóa, Thể thao và Du lịch", "VHTTDL": "Văn hóa, Thể thao và Du lịch",
    "LĐ-TB&XH": "Lao động, Thương binh và Xã hội", "LĐTBXH": "Lao động, Thương binh và Xã hội", "KH&ĐT": "Kế hoạch và Đầu tư", "GTVT": "giao thông vận tải", "KTTV": "khí tượng thủy văn",
    "NHNN": "Ngân hàng Nhà nước", "NHCSXH": "Ngân hàng Chính sách xã hội", "KBNN": "Kho bạc Nhà nước", "BHXH": "bảo hiểm xã hội", "BHYT": "bảo hiểm y tế", "BHTN": "bảo hiểm thất nghiệp", "TTYT": "Trung tâm Y tế", "TYT": "trạm y tế",
    "BVĐK": "Bệnh viện đa khoa", "KCB": "khám bệnh, chữa bệnh", "VSMT": "vệ sinh môi trường", "ATTP": "an toàn thực phẩm", "VSATTP": "vệ sinh an toàn thực phẩm", "ATVSTP": "an toàn vệ sinh thực phẩm",
    "DTLCP": "dịch tả lợn châu Phi", "LMLM": "lở mồm long móng", "SXH": "sốt xuất huyết", "TCM": "tay chân miệng", "TCMR": "tiêm chủng mở rộng", "DSKHHGĐ": "dân số, kế hoạch hóa gia đình", "KHHGĐ": "kế hoạch hóa gia đình",
    # services and papers
    "TTHC": "thủ tục hành chính", "CCHC": "cải cách hành chính", "DVC": "dịch vụ công", "DVCTT": "dịch vụ công trực tuyến", "TTPVHCC": "Trung tâm Phục vụ hành chính công", "CCCD": "căn cước công dân", "CMND": "chứng minh nhân dân", "CMTND": "chứng minh thư nhân dân",
    "GPLX": "giấy phép lái xe", "GCN": "giấy chứng nhận", "QSDĐ": "quyền sử dụng đất", "GCNQSDĐ": "giấy chứng nhận quyền sử dụng đất", "GPMB": "giải phóng mặt bằng", "TĐC": "tái định cư", "CNTT": "công nghệ thông tin", "CĐS": "chuyển đổi số",
    "ATTT": "an toàn thông tin", "CSDL": "cơ sở dữ liệu", "VBQPPL": "văn bản quy phạm pháp luật", "QPPL": "quy phạm pháp luật", "PBGDPL": "phổ biến, giáo dục pháp luật", "TGPL": "trợ giúp pháp lý", "KNTC": "khiếu nại, tố cáo",
    "CBCC": "cán bộ, công chức", "CBCCVC": "cán bộ, công chức, viên chức", "CCVC": "công chức, viên chức", "CBCNV": "cán bộ, công nhân viên", "NLĐ": "người lao động", "NCT": "người cao tuổi", "NKT": "người khuyết tật", "NCC": "người có công", "TBLS": "thương binh, liệt sĩ",
    "KTXH": "kinh tế, xã hội", "KT-XH": "kinh tế, xã hội", "ANCT": "an ninh chính trị", "QP-AN": "quốc phòng, an ninh", "NTM": "nông thôn mới", "OCOP": "ô-cốp", "GRDP": "tổng sản phẩm trên địa bàn", "GDP": "tổng sản phẩm trong nước", "VAT": "thuế giá trị gia tăng", "GTGT": "giá trị gia tăng", "TNCN": "thu nhập cá nhân",
    "NSNN": "ngân sách nhà nước", "XDCB": "xây dựng cơ bản", "SXKD": "sản xuất, kinh doanh", "SXNN": "sản xuất nông nghiệp", "VLXD": "vật liệu xây dựng", "BVTV": "bảo vệ thực vật", "MTQG": "mục tiêu quốc gia", "ĐBKK": "đặc biệt khó khăn", "DTTS": "dân tộc thiểu số", "ĐBSCL": "đồng bằng sông Cửu Long",
    # places and buildings
    "TPHCM": "Thành phố Hồ Chí Minh", "TP.HCM": "Thành phố Hồ Chí Minh", "HCM": "Hồ Chí Minh", "HN": "Hà Nội", "ĐVHC": "đơn vị hành chính", "KCN": "khu công nghiệp", "CCN": "cụm công nghiệp", "KKT": "khu kinh tế", "KDC": "khu dân cư", "KĐT": "khu đô thị", "KTT": "khu tập thể", "TDP": "tổ dân phố", "KDL": "khu du lịch",
    "THCS": "trung học cơ sở", "THPT": "trung học phổ thông", "GDTX": "giáo dục thường xuyên", "GDNN": "giáo dục nghề nghiệp", "ĐH": "đại học", "CĐ": "cao đẳng", "HSSV": "học sinh, sinh viên", "SGK": "sách giáo khoa", "NVH": "nhà văn hóa", "SVĐ": "sân vận động", "VN": "Việt Nam", "ĐBSH": "đồng bằng sông Hồng",
    "ATNĐ": "áp thấp nhiệt đới", "BĐ1": "báo động một", "BĐ2": "báo động hai", "BĐ3": "báo động ba", "BĐI": "báo động một", "BĐII": "báo động hai", "BĐIII": "báo động ba", "ĐT": "điện thoại", "SĐT": "số điện thoại", "ĐTDĐ": "điện thoại di động", "LH": "liên hệ", "GS": "giáo sư", "PGS": "phó giáo sư", "TS": "tiến sĩ", "ThS": "thạc sĩ",
    "EVN": "Tập đoàn Điện lực Việt Nam", "TCVN": "Tiêu chuẩn Việt Nam", "QCVN": "Quy chuẩn Việt Nam", "NĐ": "nghị định", "QĐ": "quyết định", "VBHC": "văn bản hành chính", "CLB": "câu lạc bộ", "VHVN": "văn hóa, văn nghệ", "TDTT": "thể dục, thể thao", "TTXVN": "Thông tấn xã Việt Nam", "VTV": "Đài Truyền hình Việt Nam", "VOV": "Đài Tiếng nói Việt Nam", "BTS": "trạm phát sóng",
    # small print
    "v/v": "về việc", "V/v": "về việc", "V/V": "về việc", "đ/c": "đồng chí", "Đ/c": "đồng chí", "Đ/C": "đồng chí", "a/c": "anh, chị", "A/c": "anh, chị", "A/C": "anh, chị", "Đ.": "đường", "v.v...": "vân vân", "v.v…": "vân vân", "v.v.": "vân vân", "v.v": "vân vân", "và/hoặc": "và hoặc", "k/g": "kính gửi", "t/m": "thay mặt",
    "TM.": "thay mặt", "KT.": "ký thay", "TL.": "thừa lệnh", "TUQ.": "thừa ủy quyền", "N/A": "không áp dụng", "âl": "âm lịch", "ÂL": "âm lịch", "AL": "âm lịch", "DL": "dương lịch", "đk": "đăng ký", "sđt": "số điện thoại", "ĐC": "địa chỉ", "VP": "văn phòng", "BS": "bác sĩ", "NXB": "nhà xuất bản",
    # foreign names, as Vietnamese radio says them
    "COVID-19": "cô-vít mười chín", "Covid-19": "cô-vít mười chín", "COVID": "cô-vít", "Covid": "cô-vít", "Zalo": "da-lô", "ZALO": "da-lô", "zalo": "da-lô", "Facebook": "phây-búc", "facebook": "phây-búc", "Fanpage": "trang phây-búc", "fanpage": "trang phây-búc", "YouTube": "diu-túp", "Youtube": "diu-túp", "TikTok": "tíc-tóc", "Tiktok": "tíc-tóc",
    "Internet": "in-tơ-nét", "internet": "in-tơ-nét", "website": "trang mạng", "Website": "trang mạng", "web": "trang mạng", "email": "thư điện tử", "Email": "thư điện tử", "E-mail": "thư điện tử", "e-mail": "thư điện tử", "VNeID": "vi-en-i-đê", "VneID": "vi-en-i-đê", "VssID": "vi-ét-ét-i-đê", "VSSID": "vi-ét-ét-i-đê", "QR": "quy-a", "SMS": "tin nhắn", "OTP": "ô-tê-pê", "USB": "u-ét-bê", "ATM": "a-tê-em", "wifi": "oai-phai", "Wifi": "oai-phai", "Wi-Fi": "oai-phai",
    "online": "trực tuyến", "Online": "trực tuyến", "hotline": "đường dây nóng", "Hotline": "đường dây nóng", "HOTLINE": "đường dây nóng", "video": "vi-đê-ô", "Video": "vi-đê-ô", "clip": "cờ-líp", "app": "ứng dụng", "App": "ứng dụng", "smartphone": "điện thoại thông minh", "karaoke": "ka-ra-ô-kê", "camera": "ca-mê-ra", "Camera": "ca-mê-ra", "vaccine": "vắc-xin", "Vaccine": "vắc-xin", "vắcxin": "vắc-xin",
    "Zoom": "dum", "Google": "gu-gồ", "Viettel": "Viét-ten", "VIETTEL": "Viét-ten", "VinaPhone": "Vi-na-phôn", "Vinaphone": "Vi-na-phôn", "MobiFone": "Mô-bi-phôn", "Mobifone": "Mô-bi-phôn", "VNPT": "Vi-en-pi-ti", "FPT": "ép-pê-tê", "HIV": "hát-i-vê", "AIDS": "ết", "HIV/AIDS": "hát-i-vê, ết", "ASEAN": "A-xê-an", "UNESCO": "U-nét-xcô", "WHO": "Tổ chức Y tế thế giới", "UNICEF": "U-ni-xép", "logo": "lô-gô",
    "Km": "ki-lô-mét", "DDoS": "tấn công từ chối dịch vụ", "AI": "trí tuệ nhân tạo",
}  # fmt: skip
# Before a name or number only: `P.1`, `X. Cẩm Thạch`, `TT. Cẩm Xuyên`, `QL1A`.
AREAS = {"TP": "thành phố", "Tp": "thành phố", "tp": "thành phố", "TX": "thị xã", "Tx": "thị xã", "TT": "thị trấn", "P": "phường", "X": "xã", "Q": "quận", "H": "huyện", "T": "tỉnh", "KP": "khu phố", "TDP": "tổ dân phố"}  # fmt: skip
ROADS = {"QL": "quốc lộ", "ĐT": "đường tỉnh", "TL": "tỉnh lộ", "ĐH": "đường huyện", "HL": "hương lộ", "KP": "khu phố", "TDP": "tổ dân phố", "P": "phường", "Q": "quận"}  # fmt: skip


def _alternatives(words: Mapping[str, str]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


def whole_words(words: Mapping[str, str]) -> re.Pattern[str]:
    """A pattern for any of the keys as whole words, longest first, case-sensitive."""
    return re.compile(rf"(?<![\w/&])(?:{_alternatives(words)})(?!\w|&\w)")


_WHOLE = whole_words(ABBREVIATIONS)
_DOTTED_AREA = re.compile(rf"(?<![\w.])({_alternatives(AREAS)})\.\s?(?=[^\W_a-z])")
_INITIAL = re.compile(r"[A-ZĐÀ-Ỹ][a-zđà-ỹ]+ $")  # "Nguyễn Văn H. Các …": an anonymised name, not a district
_CITY = re.compile(r"(?<!\w)(?:TP|Tp)\s(?=[A-ZĐÀ-Ỹ])|(?<!\w)TP(?!\w)")
_ROAD = re.compile(rf"(?<![\w.])({_alternatives(ROADS)})[. ]?(?=\d)")
_STANDARD = re.compile(r"(?<!\w)(TCVN|QCVN)\s*(\d+)[-:](\d{4})?")


def _area(match: re.Match[str]) -> str:
    following = match.string[match.end() : match.end() + 1]
    anonymous = len(match[1]) == 1 and _INITIAL.search(match.string[max(0, match.start() - 12) : match.start()])
    if anonymous or not (following.isdigit() or following.isupper()):
        return match[0]
    return AREAS[match[1]] + " "


def read_abbreviations(text: str) -> str:
    """Administrative abbreviations, areas and roads in full."""
    text = _STANDARD.sub(lambda m: f"{m[1]} {m[2]}" + (f" năm {m[3]}" if m[3] else ""), text)
    text = _ROAD.sub(lambda m: ROADS[m[1]] + " ", text)
    text = _WHOLE.sub(lambda m: ABBREVIATIONS[m[0]], text)
    text = _DOTTED_AREA.sub(_area, text)
    return _CITY.sub("thành phố ", text)

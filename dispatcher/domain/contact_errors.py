"""What can be wrong with a list of contacts, in words for the official who has to mend it.

No sentence repeats a name, a number or an address: reports are printed and forwarded. Only the
names of places are quoted. ``docs/import.md`` explains every code; a test compares the two.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

#: Field → its heading in Vietnamese, as docs/import.md recommends it.
HEADINGS_VI: Mapping[str, str] = {
    "name": "Họ tên",
    "phone": "Điện thoại",
    "email": "Thư điện tử",
    "zalo": "Zalo",
    "area_code": "Mã xã",
    "area": "Địa bàn",
    "district": "Huyện",
    "province": "Tỉnh",
    "locality": "Thôn",
    "lang": "Ngôn ngữ",
    "responsible": "Người phụ trách",
    "office": "Chức vụ",
    "external_id": "Mã",
    "source": "Nguồn",
}

#: Left out of a sentence when no place comes near.
_SIMILAR = re.compile(r" (Gần giống|Similar): \{names\}\.")


class Words(NamedTuple):
    """What is wrong and what to do, in Vietnamese and English; ``{names}`` are places."""

    vi: str
    en: str
    remedy_vi: str
    remedy_en: str


@dataclass(frozen=True, slots=True)
class RowError:
    """One row that was left out. ``row`` counts from 1 as a spreadsheet does; ``column``: field.

    ``remedy_vi`` and ``remedy_en`` say what to do. ``names``: places that may have been meant.
    """

    row: int
    column: str
    code: str
    vi: str
    en: str
    remedy_vi: str
    remedy_en: str
    names: tuple[str, ...] = ()


class CellError(Exception):
    """A cell that cannot be used: its column, the code, and places that may be meant."""

    def __init__(self, column: str, code: str, names: Sequence[str] = ()) -> None:
        super().__init__(code)
        self.column, self.code, self.names = column, code, tuple(names)

    def at(self, row: int) -> RowError:
        """The error as the report shows it."""
        words = ROW_ERRORS[self.code]
        if not self.names:
            words = Words(*(_SIMILAR.sub("", each) for each in words))
        said = Words(*(each.replace("{names}", "; ".join(self.names)) for each in words))
        return RowError(row, self.column, self.code, *said, self.names)


_RETYPE_PHONE = (
    "Hỏi lại số và sửa trong tệp.",
    "Ask for the number again and correct it in the file.",
)
_RETYPE_EMAIL = (
    "Sửa địa chỉ theo dạng ten@tenmien.vn, hoặc để trống.",
    "Correct the address to the form name@domain.vn, or leave it empty.",
)
_AS_TEXT = (
    "Trong Excel, định dạng cột là Văn bản (Text), nhập lại giá trị đầy đủ rồi lưu lại.",
    "In Excel format the column as Text, type the whole value again and save.",
)

ROW_ERRORS: dict[str, Words] = {
    "row_unreadable": Words(
        "Từ dòng này không đọc được tệp: có dấu nháy kép mở mà không đóng.",
        "The file cannot be read from this row on: a quotation mark is opened and never closed.",
        "Xóa dấu nháy kép thừa ở dòng này rồi nhập lại cả tệp.",
        "Remove the stray quotation mark in this row and import the file again.",
    ),
    "bad_characters": Words(
        "Dòng này có ký tự bị hỏng do lưu sai bảng mã.",
        "This row has broken characters: the file was saved in another encoding.",
        "Trong Excel chọn Lưu thành, kiểu CSV UTF-8, rồi nhập lại.",
        "In Excel choose Save As, CSV UTF-8, and import again.",
    ),
    "name_missing": Words(
        "Thiếu họ tên.",
        "The name is missing.",
        "Điền họ tên của người nhận.",
        "Fill in the person's name.",
    ),
    "name_unreadable": Words(
        "Họ tên có ký tự không thuộc tên người; có thể tệp dùng phông chữ cũ (TCVN3, VNI).",
        "The name has characters no name has; the file may use an old font (TCVN3, VNI).",
        "Chuyển tệp sang Unicode, hoặc sửa họ tên.",
        "Convert the file to Unicode, or correct the name.",
    ),
    "text_too_long": Words(
        "Nội dung ô dài quá 200 ký tự.",
        "The cell is longer than 200 characters.",
        "Rút gọn; kiểm tra có dấu nháy kép thừa làm dính nhiều dòng không.",
        "Shorten it; look for a stray quotation mark that joins rows.",
    ),
    "no_address": Words(
        "Không có số điện thoại, thư điện tử hay Zalo: không kênh nào tới được người này.",
        "No phone, e-mail or Zalo: no channel reaches this person.",
        "Điền ít nhất một địa chỉ, hoặc bỏ dòng này.",
        "Fill in at least one address, or remove the row.",
    ),
    "number_format_lost": Words(
        "Excel đã đổi giá trị thành dạng số mũ (như 9,12E+08) và làm mất chữ số.",
        "Excel turned the value into scientific notation (like 9.12E+08) and lost digits.",
        *_AS_TEXT,
    ),
    "phone_several": Words(
        "Ô điện thoại có nhiều số.",
        "The phone cell holds several numbers.",
        "Giữ một số; người khác trong hộ ghi thành dòng riêng.",
        "Keep one number; give others of the household rows of their own.",
    ),
    "phone_unreadable": Words(
        "Không đọc được số điện thoại.", "The phone number cannot be read.", *_RETYPE_PHONE
    ),
    "phone_foreign": Words(
        "Đây không phải số điện thoại Việt Nam.",
        "This is not a Vietnamese phone number.",
        "Ghi số Việt Nam của người nhận, hoặc để trống.",
        "Give the person's Vietnamese number, or leave it empty.",
    ),
    "phone_not_personal": Words(
        "Đây là số thiết bị hoặc số dịch vụ, không phải số của một người.",
        "This is a machine or service number, not a person's.",
        *_RETYPE_PHONE,
    ),
    "phone_invalid": Words(
        "Số điện thoại không có trong quy hoạch đánh số (thường do thiếu hoặc thừa chữ số).",
        "The number is not in the numbering plan (often a digit too few or too many).",
        *_RETYPE_PHONE,
    ),
    "email_unreadable": Words(
        "Không đọc được địa chỉ thư điện tử.", "The e-mail address cannot be read.", *_RETYPE_EMAIL
    ),
    "email_too_long": Words(
        "Địa chỉ thư điện tử dài quá mức cho phép.",
        "The e-mail address is too long.",
        *_RETYPE_EMAIL,
    ),
    "email_bad_domain": Words(
        "Tên miền của địa chỉ thư điện tử không đúng.",
        "The domain of the e-mail address is not one.",
        *_RETYPE_EMAIL,
    ),
    "zalo_unreadable": Words(
        "Mã người dùng Zalo phải gồm 15 đến 20 chữ số; đây không phải số điện thoại.",
        "A Zalo user id has 15 to 20 digits; it is not a phone number.",
        "Nếu chỉ biết số điện thoại, ghi ở cột điện thoại và để trống cột Zalo.",
        "If only the phone number is known, put it in the phone column and leave Zalo empty.",
    ),
    "area_missing": Words(
        "Thiếu địa bàn.",
        "The area is missing.",
        "Điền mã hoặc tên xã, phường, đặc khu.",
        "Give the code or the name of the commune.",
    ),
    "area_unknown": Words(
        "Không tìm thấy địa bàn này. Gần giống: {names}.",
        "No such area. Similar: {names}.",
        "Sửa tên, hoặc ghi mã địa bàn.",
        "Correct the name, or give the area's code.",
    ),
    "area_ambiguous": Words(
        "Có nhiều địa bàn phù hợp, hoặc xã cũ đã chia cho nhiều xã mới: {names}.",
        "Several areas fit, or a former commune was divided among several: {names}.",
        "Ghi mã địa bàn, hoặc thêm cột tỉnh (và huyện, nếu là tên cũ).",
        "Give the area's code, or add a province column (and a district, for a former name).",
    ),
    "area_outside": Words(
        "Địa bàn này nằm ngoài phạm vi quản lý của cơ quan.",
        "This area is outside your agency's.",
        "Bỏ dòng này, hoặc đề nghị cơ quan quản lý địa bàn đó nhập.",
        "Remove the row, or ask the agency in charge of the area to import it.",
    ),
    "locality_unknown": Words(
        "Xã này chưa có thôn, tổ dân phố tên như vậy. Gần giống: {names}.",
        "The commune has no such locality. Similar: {names}.",
        "Sửa tên; nếu là thôn mới, tạo thôn trước rồi nhập lại tệp.",
        "Correct the name; if the locality is new, create it first and import again.",
    ),
    "locality_ambiguous": Words(
        "Có nhiều thôn, tổ dân phố cùng tên: {names}.",
        "Several localities have this name: {names}.",
        "Ghi đủ loại và tên, như Thôn 1 hoặc Tổ dân phố 1.",
        "Write kind and name, like Thôn 1 or Tổ dân phố 1.",
    ),
    "lang_unknown": Words(
        "Không biết ngôn ngữ này.",
        "This language is not known.",
        "Ghi tên ngôn ngữ (Việt, Khmer, Mông, Thái…) hoặc để trống nếu là tiếng Việt.",
        "Give the language's name (Việt, Khmer, Mông, Thái…) or leave it empty for Vietnamese.",
    ),
    "responsible_unclear": Words(
        "Cột người phụ trách chỉ nhận có hoặc không.",
        "The responsible column takes yes or no.",
        "Ghi có hoặc không; chức danh ghi ở cột chức vụ.",
        "Write có (yes) or không (no); the title belongs in the office column.",
    ),
    "external_id_personal": Words(
        "Mã trông như số căn cước hoặc số điện thoại; mã được lưu không mã hóa.",
        "The id looks like a citizen id or a phone number; ids are stored unsealed.",
        "Dùng mã của cơ quan (như HD-0123), hoặc để trống cột mã.",
        "Use an id of your own (like HD-0123), or leave the column empty.",
    ),
    "external_id_repeated": Words(
        "Mã này đã có ở {names}.",
        "This id stands in {names} already.",
        "Mỗi người một mã; bỏ dòng trùng hoặc sửa mã.",
        "One id for each person; remove the row or change the id.",
    ),
    "row_repeated": Words(
        "Người này (cùng họ tên và địa chỉ) đã có ở {names}.",
        "This person (same name and addresses) stands in {names} already.",
        "Bỏ dòng trùng.",
        "Remove the row.",
    ),
}

#: The whole file is refused, nothing is stored: BadInput.
FILE_ERRORS: dict[str, tuple[str, str]] = {
    "file_empty": ("Tệp không có nội dung.", "The file is empty."),
    "file_not_csv": (
        "Đây không phải tệp CSV. Trong Excel hãy chọn Lưu thành, kiểu CSV UTF-8.",
        "This is not a CSV file. In Excel choose Save As, CSV UTF-8.",
    ),
    "header_missing": (
        "Mười dòng đầu không có tiêu đề: cần họ tên, và điện thoại, thư điện tử hoặc Zalo.",
        "The first ten rows have no header: it needs a name, and a phone, e-mail or Zalo column.",
    ),
    "header_repeated": (
        "Hai cột có cùng ý nghĩa; hãy đổi tên hoặc bỏ một cột.",
        "Two columns mean the same; rename or remove one.",
    ),
}

"""What the verifier found, in words that a person understands."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

#: Of one kind of finding only the first are listed: one deleted page disturbs all that follow it.
_LISTED = 20


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it must be.

    ``where``: table, key and column, e.g. ``delivery(dispatch_id=1, id=4).status``.
    ``since``: when the page or checkpoint concerned was written (epoch ms), if there is one.
    """

    code: str
    where: str
    vi: str
    en: str
    since: int | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """``entries`` and ``pages`` were read, ``size`` of the pages are leaves of the log.

    ``notices`` are what an auditor must know though nothing is wrong: declared losses.
    """

    entries: int
    pages: int
    size: int
    verified: bool
    findings: tuple[Finding, ...]
    notices: tuple[Finding, ...] = ()


#: Code → what is wrong, in Vietnamese and English. ``{...}`` are facts of the finding.
WORDS: Mapping[str, tuple[str, str]] = {
    "page_missing": (
        "Trang sổ không còn, dù nhật ký có ghi nhận.",
        "The page is gone, though the log knows of it.",
    ),
    "page_unreadable": (
        "Nội dung trang sổ đã bị thay đổi: {why}.",
        "The page's body was changed: {why}.",
    ),
    "page_count": (
        "Trang ghi có {stored} mục nhưng đếm được {found}.",
        "The page says it has {stored} entries; {found} are in it.",
    ),
    "page_digest": (
        "Nội dung trang sổ không khớp mã băm lưu kèm: trang đã bị thay đổi.",
        "The page's content does not fit the digest beside it: the page was changed.",
    ),
    "leaf_digest": (
        "Trang sổ {page} không khớp lá của nó trong cây nhật ký.",
        "Page {page} does not fit its leaf in the log's tree.",
    ),
    "leaf_position": (
        "Vị trí lá phải là {expected}: có lá bị xóa hoặc chèn thêm.",
        "The leaf's position should be {expected}: a leaf was removed or slipped in.",
    ),
    "leaf_twice": (
        "Trang sổ {page} có nhiều hơn một lá.",
        "Page {page} is more than one leaf.",
    ),
    "page_loose": (
        "Trang sổ không có trong nhật ký và cũng không chờ niêm phong.",
        "The page is neither in the log nor waiting for it.",
    ),
    "page_both": (
        "Trang sổ vừa đã vào nhật ký vừa còn chờ.",
        "The page is both in the log and waiting for it.",
    ),
    "tile_missing": ("Thiếu một mảnh của cây nhật ký.", "A tile of the log is missing."),
    "tile_hashes": (
        "Mảnh của cây nhật ký không khớp các lá.",
        "The tile does not fit the leaves below it.",
    ),
    "tile_extra": (
        "Mảnh này nằm ngoài số lá hiện có.",
        "The tile lies beyond the leaves there are.",
    ),
    "checkpoint_note": (
        "Điểm kiểm có chữ ký không hợp lệ: {why}.",
        "The checkpoint's note is not valid: {why}.",
    ),
    "checkpoint_differs": (
        "Điểm kiểm ghi khác với bản đã ký.",
        "The checkpoint's row says something other than its signed note.",
    ),
    "checkpoint_root": (
        "Gốc cây tính lại không khớp điểm kiểm đã ký: lịch sử trước đó đã bị sửa.",
        "The recomputed root is not the signed one: history before it was rewritten.",
    ),
    "checkpoint_beyond": (
        "Điểm kiểm đã ký có {size} trang nhưng chỉ còn {leaves}: phần cuối đã bị cắt.",
        "The signed checkpoint has {size} pages, only {leaves} are left: the end was cut off.",
    ),
    "checkpoint_behind": (
        "Chưa có điểm kiểm nào bao trùm {leaves} trang trong nhật ký.",
        "No checkpoint covers all {leaves} pages of the log.",
    ),
    "generation_number": (
        "Thế hệ của sổ nhật ký ghi sai thứ tự, tên hoặc số trang được giữ.",
        "The generation's number, name or size does not follow from those before it.",
    ),
    "generation_former": (
        "Điểm kiểm bị mất ghi ở đây không có chữ ký hợp lệ: {why}.",
        "The checkpoint said to be lost is not validly signed: {why}.",
    ),
    "generation_undeclared": (
        "Nhật ký không có việc bắt đầu thế hệ này như bản ghi nói.",
        "The log has no act that begins this generation as the row says.",
    ),
    "generation_missing": (
        "Nhật ký có việc bắt đầu thế hệ này nhưng bản ghi không còn.",
        "The log has the act that begins this generation, the row is gone.",
    ),
    "generation_lost": (
        (
            "Sau khôi phục, {lost} trang cuối của {origin} đã mất; tài khoản {by} khai nhận: "
            "“{why}”. Giữ lại {kept} trang."
        ),
        (
            "With a restore, the last {lost} pages of {origin} were lost, owned up to by account "
            "{by}: “{why}”. {kept} pages were kept."
        ),
    ),
    "retirement_span": (
        "Đợt cho trang sổ rời hệ thống này chồng lên đợt trước.",
        "This retirement reaches into the one before it.",
    ),
    "retirement_undeclared": (
        "Nhật ký không có việc cho các trang này rời hệ thống: bản ghi được thêm từ bên ngoài.",
        "The log has no act that lets these pages go: the row was put in from outside.",
    ),
    "retirement_differs": (
        "Bản ghi khác với việc cho trang sổ rời hệ thống trong nhật ký.",
        "The row says something other than the act that let these pages go.",
    ),
    "retirement_missing": (
        "Nhật ký có việc cho trang sổ rời hệ thống nhưng bản ghi không còn.",
        "The log has the act that let pages go, the row is gone.",
    ),
    "retirement_pages": (
        (
            "Việc này cho {expected} trang rời hệ thống; nay thiếu {found} trang và không đúng "
            "những trang ấy: có trang bị xóa thêm hoặc còn sót."
        ),
        (
            "The act let {expected} pages go; {found} are missing, and not just those: more were "
            "deleted, or some are left."
        ),
    ),
    "retired": (
        (
            "{pages} trang với {entries} mục ghi và {deliveries} lượt gửi đã rời hệ thống, do tài "
            "khoản {by}: “{why}”. Không tính lại được số chốt của các đợt phát này ở đây; hãy "
            "kiểm tra gói bằng chứng có manifest.json mang mã SHA-256 {bundle}."
        ),
        (
            "{pages} pages with {entries} entries and {deliveries} deliveries were retired by "
            "account {by}: “{why}”. The seals of their dispatches cannot be recounted here; check "
            "the bundle whose manifest.json has SHA-256 {bundle}."
        ),
    ),
    "outside_note": (
        "Điểm kiểm bên ngoài không có chữ ký hợp lệ: {why}.",
        "The checkpoint from outside is not validly signed: {why}.",
    ),
    "outside_root": (
        "Sổ này không chứa điểm kiểm bên ngoài ({size} trang): lịch sử trước đó đã bị sửa.",
        (
            "This log does not contain the checkpoint from outside ({size} pages): history before "
            "it was rewritten."
        ),
    ),
    "outside_beyond": (
        "Điểm kiểm bên ngoài có {size} trang nhưng sổ chỉ còn {leaves}: phần cuối đã bị cắt.",
        (
            "The checkpoint from outside has {size} pages, only {leaves} are left: the end was cut "
            "off."
        ),
    ),
    "outside_lost": (
        (
            "Điểm kiểm bên ngoài ({size} trang) thuộc phần cuối đã khai mất khi bắt đầu thế hệ "
            "{number}: không đối chiếu được {beyond} trang."
        ),
        (
            "The checkpoint from outside ({size} pages) is of the end declared lost when "
            "generation {number} began: {beyond} of its pages cannot be compared."
        ),
    ),
    "entry_form": ("Mục ghi không đúng dạng.", "The entry is of no known form."),
    "entry_dispatch": (
        "Mục ghi thuộc đợt phát {found}, không phải đợt của trang.",
        "The entry belongs to dispatch {found}, not to its page's.",
    ),
    "birth_missing": (
        "Không có mục khai sinh trong nhật ký: bản ghi này được thêm từ bên ngoài.",
        "The log has no birth of it: the row was put in from outside.",
    ),
    "birth_twice": ("Khai sinh hai lần.", "It was born twice."),
    "delivery_missing": (
        "Nhật ký có lượt gửi này nhưng bản ghi không còn: đã bị xóa.",
        "The log knows this delivery, the row is gone: it was deleted.",
    ),
    "history": (
        "Lịch sử đứt đoạn ở {column}: phải là {expected}, mục ghi là {found}.",
        "History breaks at {column}: it should be {expected}, the entry says {found}.",
    ),
    "delivery_column": (
        "Bản ghi có {found}; theo nhật ký phải là {expected}.",
        "The row says {found}; by the log it must be {expected}.",
    ),
    "attempt_missing": (
        "Nhật ký có lần thử này nhưng bản ghi không còn: đã bị xóa.",
        "The log knows how this attempt ended, the row is gone: it was deleted.",
    ),
    "attempt_unknown": (
        "Nhật ký không có lần thử này: bản ghi được thêm từ bên ngoài.",
        "The log knows of no such attempt: the row was put in from outside.",
    ),
    "attempt_column": (
        "Lần thử ghi {found}; theo nhật ký phải là {expected}.",
        "The attempt's row says {found}; by the log it must be {expected}.",
    ),
    "attempt_strayed": (
        "Lần thử không nằm trong phân vùng của đợt phát.",
        "The attempt is not in its dispatch's partition.",
    ),
    "seal_missing": (
        "Nhật ký có dấu chốt này nhưng bản ghi không còn.",
        "The log has this seal, the row is gone.",
    ),
    "seal_unknown": (
        "Dấu chốt không có trong nhật ký.",
        "The log knows nothing of this seal.",
    ),
    "seal_differs": (
        "Dấu chốt khác với mục ghi trong nhật ký.",
        "The seal is not what the log says.",
    ),
    "seal_counts": (
        "Số đếm đã chốt là {expected}; phát lại nhật ký được {found}.",
        "The sealed counts are {expected}; the replay of the log gives {found}.",
    ),
    "rendition_digest": (
        "Nội dung gửi dân không khớp mã băm: đã bị sửa.",
        "What citizens receive does not fit its digest: it was edited.",
    ),
    "version_digest": (
        "Bản tin không khớp mã băm: nội dung hoặc bản thể hiện đã bị sửa.",
        "The version does not fit its digest: the content or a rendition was edited.",
    ),
    "act_differs": (
        "Không khớp việc “{act}” trong nhật ký: phải là {expected}, nay là {found}.",
        "It is not what act “{act}” in the log says: {expected} there, {found} here.",
    ),
    "act_row_missing": (
        "Nhật ký có việc “{act}” nhưng bảng tra cứu không có: đã bị xóa.",
        "The log has this act “{act}”, the table for searching has not: its row was deleted.",
    ),
    "act_row_unknown": (
        "Bảng tra cứu có việc “{act}” mà nhật ký không có: được thêm từ bên ngoài.",
        "The table for searching has act “{act}”, the log has not: it was put in from outside.",
    ),
    "act_missing": (
        "Nhật ký không có việc “{act}” cho bản ghi này.",
        "The log has no act “{act}” for it.",
    ),
    "act_twice": (
        "Nhật ký có nhiều việc “{act}” cho cùng bản ghi này.",
        "The log has act “{act}” for it more than once.",
    ),
    "row_missing": (
        "Nhật ký có việc “{act}” về bản ghi này nhưng bản ghi không còn.",
        "The log has act “{act}” about it, the row is gone.",
    ),
    "approval_digest": (
        "Mã băm đã duyệt không phải của bản tin.",
        "What was approved is not the digest of the version.",
    ),
}


class Findings:
    """Collects findings in the order in which they are met."""

    def __init__(self) -> None:
        self._found: list[Finding] = []
        self._noted: list[Finding] = []
        self._seen: Counter[str] = Counter()

    def add(self, code: str, where: str, since: int | None = None, **facts: object) -> None:
        """Name one thing; ``facts`` fill the words' places."""
        self._seen[code] += 1
        if self._seen[code] <= _LISTED:
            self._found.append(_worded(code, where, since, facts))

    def notice(self, code: str, where: str, since: int | None = None, **facts: object) -> None:
        """Name one thing that is not wrong, and must not be passed in silence."""
        self._noted.append(_worded(code, where, since, facts))

    def noticed(self) -> tuple[Finding, ...]:
        return tuple(self._noted)

    def listed(self) -> tuple[Finding, ...]:
        return tuple(self._found)


def _worded(code: str, where: str, since: int | None, facts: Mapping[str, object]) -> Finding:
    vi, en = (words.format_map(facts) for words in WORDS[code])
    return Finding(code, where, vi, en, since)

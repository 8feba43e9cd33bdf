"""Sổ đối soát cước: a line for each difference between an invoice and our own log, then totals."""

from collections.abc import Iterator, Mapping

from dispatcher.books.book import Book, Column, Form, Value, Values
from dispatcher.domain.invoices import Billed, Sent, Unreadable, differences
from dispatcher.domain.period import Period
from dispatcher.ledger.statement import Statement, Sum

BOOK = Book(
    "reconciliation",
    "Sổ đối soát cước",
    "Reconciliation of an invoice",
    "Số của ta dựa trên sổ nhật ký điện tử và đơn giá có hiệu lực lúc gửi; số kia theo hóa đơn.",
    "Ours from the ledger at the price valid when it was sent; theirs from the invoice.",
    (
        Column("difference", "Chênh lệch", "Difference", Form.CODE, "difference"),
        Column("line", "Dòng hóa đơn", "Line of the invoice", Form.NUMBER),
        Column("reference", "Mã tin trên hóa đơn", "Reference on the invoice"),
        Column("dispatch", "Lần phát", "Dispatch", Form.NUMBER),
        Column("delivery", "Lượt gửi", "Delivery", Form.NUMBER),
        Column("attempt", "Lần thử", "Attempt", Form.NUMBER),
        Column("our_time", "Gửi lúc", "Sent at", Form.MOMENT),
        Column("billed_time", "Thời điểm trên hóa đơn", "Time on the invoice", Form.MOMENT),
        Column("our_parts", "Số phần (ta)", "Parts (ours)", Form.NUMBER),
        Column("billed_parts", "Số phần (hóa đơn)", "Parts (invoice)", Form.NUMBER),
        Column("our_price", "Đơn giá (ta)", "Unit price (ours)", Form.MONEY),
        Column("billed_price", "Đơn giá (hóa đơn)", "Unit price (invoice)", Form.MONEY),
        Column("our_amount", "Thành tiền (ta)", "Amount (ours)", Form.MONEY),
        Column("billed_amount", "Thành tiền (hóa đơn)", "Amount (invoice)", Form.MONEY),
        Column("budget", "Nguồn kinh phí", "Budget source"),
        Column("note", "Ghi chú", "Note"),
    ),
)


def rows(statement: Statement, month: Period) -> Iterator[Values]:
    """Every difference: in the invoice's order, then what it lacks."""
    for each in statement.lines():
        for code in differences(each.billed, each.sent, month, repeated=each.repeated):
            yield _row(code, each.billed, each.sent)
    for unread in statement.unreadable():
        yield _unreadable(unread)
    for sent in statement.unbilled():
        yield _row("not_billed", None, sent)


def totals(statement: Statement) -> Iterator[Values]:
    """A line for each budget source: what we sent and what is asked for."""
    ours = {each.budget: each for each in statement.ours()}
    theirs = {each.budget: each for each in statement.theirs()}
    for budget in sorted({*ours, *theirs}):
        nothing = Sum(budget, 0, 0.0)
        yield _total(budget, ours.get(budget, nothing), theirs.get(budget, nothing))


def _row(code: str, billed: Billed | None, sent: Sent | None) -> Values:
    told: dict[str, Value] = {"difference": code, "budget": ""}
    if billed:
        told |= _billed(billed)
    if sent:
        told |= _sent(sent)
    return _line(told)


def _billed(billed: Billed) -> dict[str, Value]:
    return {
        "line": billed.line,
        "reference": billed.reference,
        "billed_time": billed.at,
        "billed_parts": billed.parts,
        "billed_price": billed.unit,
        "billed_amount": billed.total,
    }


def _sent(sent: Sent) -> dict[str, Value]:
    return {
        "dispatch": sent.dispatch,
        "delivery": sent.delivery,
        "attempt": sent.attempt,
        "our_time": sent.at,
        "our_parts": sent.parts,
        "our_price": sent.price,
        "our_amount": round(sent.amount, 2),
        "budget": sent.budget,
    }


def _line(told: Mapping[str, Value]) -> Values:
    return [told.get(column.name) for column in BOOK.columns]


def _unreadable(line: Unreadable) -> Values:
    note = f"{line.vi} ({line.en})"
    return _line({"difference": "unreadable", "line": line.line, "note": note})


def _total(budget: str, ours: Sum, theirs: Sum) -> Values:
    told: dict[str, Value] = {
        "difference": "total",
        "our_amount": round(ours.amount, 2),
        "billed_amount": round(theirs.amount, 2),
        "budget": budget,
        "note": f"{ours.number} lượt đã gửi, {theirs.number} dòng hóa đơn",
    }
    return _line(told)

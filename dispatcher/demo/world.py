"""The commune of the demo: a real place, synthetic people, two villages outside the dyke."""

import csv
import io
import random
from dataclasses import dataclass

from dispatcher.bootstrap import Runtime
from dispatcher.domain.names import key
from dispatcher.import_contacts import import_contacts
from dispatcher.ledger import keys, registry
from dispatcher.ledger.handles import Connection
from dispatcher.ledger.keys import NewKey
from dispatcher.ledger.registry import Actor, NewSpeaker

#: Xã Đức Quang, tỉnh Hà Tĩnh; the villages' names are invented.
COMMUNE, PROVINCE = "18262", "42"
VILLAGES = ("Thôn Quang Lộc", "Thôn Quang Tiến", "Thôn Đồng Vịnh", "Thôn Trung Hòa", "Thôn Yên Sơn")
#: The two villages outside the dyke come first; the others stay dry.
OUTSIDE = 2

PEOPLE = 3_200
CLUSTERS = 36

_FAMILY = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Phan", "Võ", "Đặng", "Bùi", "Đỗ")
_MIDDLE = ("Văn", "Thị", "Đức", "Thanh", "Quang", "Ngọc", "Minh", "Xuân")
_GIVEN = ("An", "Bình", "Cường", "Dung", "Hà", "Hải", "Lan", "Mai", "Nam", "Phúc", "Thảo", "Vinh")


@dataclass(frozen=True, slots=True)
class World:
    """Who and what the demo has. ``speakers``: (device, key) of every cluster, outside first."""

    author: Actor
    approver: Actor
    outside: tuple[int, ...]
    speakers: tuple[tuple[str, bytes], ...]
    key: str


def make(runtime: Runtime, seed: int) -> World:
    """Fill an empty database."""
    dice, now = random.Random(seed), runtime.now()  # noqa: S311 - invented people
    with runtime.ledger.begin() as conn:
        commune = _agencies(conn, now)
        villages = [
            registry.add_locality(conn, area=COMMUNE, kind="thôn", name=name, search=key(name))
            for name in VILLAGES
        ]
        author, approver = _accounts(conn, commune, now)
        speakers = _speakers(dice, _station(conn, commune, now), villages)
        registry.add_speakers(conn, runtime.ledger.vault, speakers)
        api_key = keys.make("test")
        keys.add(conn, api_key, NewKey(author.account, "test"), by=0, now=now)
    import_contacts(
        runtime.ledger,
        _people_csv(dice),
        actor=author,
        source_name="Dữ liệu diễn tập",
        now=now,
        synthetic=True,
    )
    return World(
        author=author,
        approver=approver,
        outside=tuple(villages[:OUTSIDE]),
        speakers=tuple((each.device, each.key) for each in speakers),
        key=api_key,
    )


#: From the centre down: name, short name, area, hotline.
_AGENCIES = (
    ("Ban Chỉ đạo Phòng thủ dân sự quốc gia", "BCĐ PTDS quốc gia", "", "112"),
    ("Ủy ban nhân dân tỉnh Hà Tĩnh", "UBND tỉnh Hà Tĩnh", PROVINCE, "1022"),
    ("Ủy ban nhân dân xã Đức Quang", "UBND xã Đức Quang", COMMUNE, "1022"),
)


def _agencies(conn: Connection, now: int) -> int:
    """The commune's office and those above it; returns the commune's."""
    above: int | None = None
    for name, short, area, hotline in _AGENCIES:
        above = registry.add_agency(
            conn, name=name, short_name=short, area=area, hotline=hotline, parent=above, now=now
        )
    return above or 0


#: Two people, because author and approver must be two: name, office, roles.
_ACCOUNTS = (
    ("Trần Thị Mẫu", "Công chức văn hóa - xã hội", ("author", "operator", "administrator")),
    ("Nguyễn Văn Mẫu", "Chủ tịch Ủy ban nhân dân xã", ("approver",)),
)


def _accounts(conn: Connection, commune: int, now: int) -> list[Actor]:
    made = [
        registry.add_account(
            conn, agency_id=commune, name=name, office=office, roles=roles, now=now
        )
        for name, office, roles in _ACCOUNTS
    ]
    actors = [registry.actor(conn, account, "test") for account in made]
    return [actor for actor in actors if actor is not None]


def _station(conn: Connection, commune: int, now: int) -> int:
    hours = {"quiet": ["21:00", "05:30"], "sessions": [["05:30", "06:30"], ["17:00", "18:00"]]}
    name = "Đài truyền thanh xã Đức Quang"
    return registry.add_station(
        conn, agency_id=commune, area=COMMUNE, name=name, hours=hours, now=now
    )


def _speakers(dice: random.Random, station: int, villages: list[int]) -> list[NewSpeaker]:
    """Two thirds of the clusters stand in the two villages outside the dyke."""
    outside = CLUSTERS * 2 // 3
    homes = [villages[n % OUTSIDE] for n in range(outside)]
    homes += [villages[OUTSIDE + n % (len(villages) - OUTSIDE)] for n in range(CLUSTERS - outside)]
    return [
        NewSpeaker(
            station=station,
            device=f"{COMMUNE}-C{number:02}",
            name=f"Cụm loa số {number}",
            locality=home,
            key=dice.randbytes(32),
            synthetic=True,
        )
        for number, home in enumerate(homes, start=1)
    ]


#: The two village heads who are asked to confirm; the first answers, the second does not.
HEADS = ("0988000001", "0988000002")


def _people_csv(dice: random.Random) -> bytes:
    """A list as a commune would have it: UTF-8 with a mark at the beginning, as Excel writes."""
    sheet = io.StringIO()
    rows = csv.writer(sheet)
    rows.writerow(
        ["Mã", "Họ tên", "Điện thoại", "Email", "Địa bàn", "Thôn", "Người phụ trách", "Chức vụ"]
    )
    for number, phone in enumerate(HEADS):
        name = _name(dice)
        rows.writerow(
            [f"TT{number}", name, phone, "", COMMUNE, VILLAGES[number], "có", "Trưởng thôn"]
        )
    for number in range(PEOPLE):
        village = VILLAGES[number % len(VILLAGES)]
        phone = f"09{dice.choice('01346')}{dice.randrange(2_000_000, 9_000_000)}"
        email = f"dan{number}@dientap.example" if dice.random() < 0.3 else ""
        reachable = dice.random()
        rows.writerow(
            [
                f"D{number}",
                _name(dice),
                phone if reachable > 0.03 else "",
                email,
                COMMUNE,
                village,
                "",
                "",
            ]
        )
    return b"\xef\xbb\xbf" + sheet.getvalue().encode()


def _name(dice: random.Random) -> str:
    return f"{dice.choice(_FAMILY)} {dice.choice(_MIDDLE)} {dice.choice(_GIVEN)} (mẫu)"

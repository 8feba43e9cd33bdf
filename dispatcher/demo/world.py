"""The commune of the demo: a real place, synthetic people, two villages outside the dyke."""

import csv
import io
import random
import secrets
from dataclasses import dataclass

from dispatcher.bootstrap import Runtime
from dispatcher.domain.names import key
from dispatcher.import_contacts import import_contacts
from dispatcher.ledger import registry
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
        centre = registry.add_agency(
            conn,
            name="Ban Chỉ đạo Phòng thủ dân sự quốc gia",
            short_name="BCĐ PTDS quốc gia",
            area="",
            hotline="112",
            parent=None,
            now=now,
        )
        province = registry.add_agency(
            conn,
            name="Ủy ban nhân dân tỉnh Hà Tĩnh",
            short_name="UBND tỉnh Hà Tĩnh",
            area=PROVINCE,
            hotline="1022",
            parent=centre,
            now=now,
        )
        commune = registry.add_agency(
            conn,
            name="Ủy ban nhân dân xã Đức Quang",
            short_name="UBND xã Đức Quang",
            area=COMMUNE,
            hotline="1022",
            parent=province,
            now=now,
        )
        villages = [
            registry.add_locality(conn, area=COMMUNE, kind="thôn", name=name, search=key(name))
            for name in VILLAGES
        ]
        author = registry.add_account(
            conn,
            agency_id=commune,
            name="Trần Thị Mẫu",
            office="Công chức văn hóa - xã hội",
            roles=["author", "operator", "administrator"],
            now=now,
        )
        approver = registry.add_account(
            conn,
            agency_id=commune,
            name="Nguyễn Văn Mẫu",
            office="Chủ tịch Ủy ban nhân dân xã",
            roles=["approver"],
            now=now,
        )
        station = registry.add_station(
            conn,
            agency_id=commune,
            area=COMMUNE,
            name="Đài truyền thanh xã Đức Quang",
            hours={
                "quiet": ["21:00", "05:30"],
                "sessions": [["05:30", "06:30"], ["17:00", "18:00"]],
            },
            now=now,
        )
        api_key = f"loa_test_{secrets.token_urlsafe(32)}"
        registry.add_key(conn, author, api_key, "test", now)
        speakers = _speakers(dice, station, villages)
        registry.add_speakers(conn, runtime.ledger.vault, speakers)
        clerk = registry.actor(conn, author, "test")
        head = registry.actor(conn, approver, "test")
    if clerk is None or head is None:
        raise LookupError("the accounts just made are not there")
    import_contacts(
        runtime.ledger,
        _people_csv(dice),
        actor=clerk,
        source_name="Dữ liệu diễn tập",
        now=now,
        synthetic=True,
    )
    return World(
        author=clerk,
        approver=head,
        outside=tuple(villages[:OUTSIDE]),
        speakers=tuple((each.device, each.key) for each in speakers),
        key=api_key,
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

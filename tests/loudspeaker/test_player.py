"""What a speaker promises, kept by real player processes against a real gateway."""

from dataclasses import replace

import soundfile

from channels.loudspeaker.loa1 import Loa1
from dispatcher.domain.device import SignedManifest
from dispatcher.domain.model import (
    Callback,
    Handed,
    Level,
    Parcel,
    Payload,
    Reference,
)
from dispatcher.domain.status import Evidence, Status
from tests.loudspeaker.desk import MemoryDesk
from tests.loudspeaker.playing import Players
from tests.loudspeaker.serving import Server
from tests.loudspeaker.station import draft, item, media, now_ms

A = "06862-C01"
FAST = ("--speed", "20")


def test_an_emergency_is_handed_over_cached_played_and_proved(
    desk: MemoryDesk, server: Server, players: Players, alarm: bytes
) -> None:
    desk.sounds[media(alarm).sha256] = alarm
    players.start(server.url, draft(A, now_ms()))
    channel = Loa1(desk, now_ms, lambda _moment: None)
    payload = Payload(text="Nước sông dâng nhanh.", media=media(alarm))
    ref = Reference(17, 4532, 1)
    until = now_ms() + 3_600_000
    [(_, outcome)] = channel.send(
        [Parcel(ref, A, payload, valid_until=until, level=Level.EMERGENCY)]
    )
    assert outcome == Handed(f"{A}/{ref}")
    players.wait_for(A, "end", str(ref))
    events = channel.receipts(Callback("POST", "", {"Loa-Device-Id": A}, desk.words(A)))
    assert [event.status for event in events] == [Status.ACCEPTED, Status.DELIVERED]
    assert {event.evidence for event in events} == {Evidence.DEVICE}
    [heard] = players.heard(A).glob("*.wav")
    assert soundfile.info(heard).duration * 1000 >= 0.9 * media(alarm).duration_ms
    assert desk.broken_chains == []
    assert desk.threads <= {f"devices_{n}" for n in range(8)}, "the loop's thread asked the desk"


def test_an_emergency_cuts_in_within_two_seconds_and_the_bulletin_begins_again(
    desk: MemoryDesk, server: Server, players: Players, bulletin: bytes, alarm: bytes
) -> None:
    desk.sounds |= {media(sound).sha256: sound for sound in (bulletin, alarm)}
    players.start(server.url, draft(A, now_ms()))
    desk.publish([(A, item("1.1.1", Level.NORMAL, bulletin, now_ms()))])
    players.wait_for(A, "start", "1.1.1")
    published = now_ms()
    desk.publish([(A, item("1.2.1", Level.EMERGENCY, alarm, published))])
    assert players.wait_for(A, "start", "1.2.1")["wall"] - published < 2000
    cut = players.wait_for(A, "preempted", "1.1.1")
    assert cut["played_ms"] < 0.9 * cut["of_ms"]
    assert cut["left"] == 1, "it will begin again, so nothing is lost yet"
    end = players.wait_for(A, "end", "1.2.1")
    assert end["played_ms"] >= 0.9 * end["of_ms"]
    assert players.wait_for(A, "resumed", "1.1.1")["wall"] >= end["wall"]


def test_a_cancel_silences_a_speaker_within_two_seconds(
    desk: MemoryDesk, server: Server, players: Players, bulletin: bytes
) -> None:
    desk.sounds[media(bulletin).sha256] = bulletin
    players.start(server.url, draft(A, now_ms()))
    desk.publish([(A, item("1.1.1", Level.PRIORITY, bulletin, now_ms()))])
    players.wait_for(A, "start")
    called_off = now_ms()
    assert list(Loa1(desk, now_ms, lambda _moment: None).cancel([f"{A}/1.1.1"])) == [
        (f"{A}/1.1.1", True)
    ]
    line = players.wait_for(A, "cancelled", "1.1.1")
    assert line["wall"] - called_off < 2000
    assert line["played_ms"] < 0.9 * line["of_ms"]


def test_after_a_power_cut_nothing_is_played_twice(
    desk: MemoryDesk, server: Server, players: Players, bulletin: bytes
) -> None:
    desk.sounds[media(bulletin).sha256] = bulletin
    player = players.start(server.url, draft(A, now_ms()))
    desk.publish([(A, item("1.1.1", Level.NORMAL, bulletin, now_ms()))])
    players.wait_for(A, "start", "1.1.1")
    players.wait(lambda: list(players.heard(A).glob("*.wav")), "a sound device was opened")
    players.kill(player)
    players.again(server.url, A, *FAST)
    end = players.wait_for(A, "end", "1.1.1")
    assert end["reason"] == "power"
    assert end["left"] == 0
    desk.publish([(A, item("1.2.1", Level.NORMAL, bulletin, now_ms()))])
    players.wait_for(A, "end", "1.2.1")
    begun = [line["occ"] for line in players.log(A) if line["t"] in {"start", "resumed"}]
    assert begun == ["1.1.1#0", "1.2.1#0"]
    assert desk.broken_chains == [], "the chain goes on across the power cut"


def test_the_hours_are_kept_by_the_speaker_and_only_an_emergency_passes(
    desk: MemoryDesk, server: Server, players: Players, bulletin: bytes, alarm: bytes
) -> None:
    """A server's mistake at 03:15 must stay silent (Trung Lộc, 05/12/2025)."""
    desk.sounds |= {media(sound).sha256: sound for sound in (bulletin, alarm)}
    players.start(server.url, draft(A, now_ms(), silent=True), *FAST)
    at_night = item("1.1.1", Level.PRIORITY, bulletin, now_ms())
    soon_over = replace(at_night.plays[0], until=now_ms() + 2000)
    desk.publish([(A, replace(at_night, plays=(soon_over,)))])
    desk.publish([(A, item("1.2.1", Level.EMERGENCY, alarm, now_ms()))])
    assert players.wait_for(A, "skipped_quiet", "1.1.1")["left"] == 0
    players.wait_for(A, "end", "1.2.1")
    assert {line["item"] for line in players.log(A) if line["t"] == "start"} == {"1.2.1"}


def test_what_nobody_trusted_signed_is_not_obeyed(
    desk: MemoryDesk, server: Server, players: Players, alarm: bytes
) -> None:
    desk.sounds[media(alarm).sha256] = alarm
    players.start(server.url, draft(A, now_ms()), *FAST)
    desk.publish([(A, item("1.1.1", Level.EMERGENCY, alarm, now_ms()))])
    players.wait_for(A, "end", "1.1.1")
    good = desk.signed(A)
    forged = good.body.replace(b'"seq":1,', b'"seq":2,')
    desk.serve(A, SignedManifest(2, forged, good.signature))
    players.wait(lambda: players.reasons(A) == ["bad_signature"], "the forged one is refused")
    desk.serve(A, replace(good, seq=3))
    players.wait(lambda: players.reasons(A) == ["bad_signature", "replayed"], "the old one too")
    assert [line["seq"] for line in players.log(A) if line["t"] == "applied"] == [1]


def test_a_sound_that_is_not_the_promised_one_is_never_played(
    desk: MemoryDesk, server: Server, players: Players, alarm: bytes
) -> None:
    forged = alarm[:-1] + bytes([alarm[-1] ^ 1])
    desk.sounds[media(alarm).sha256] = forged
    players.start(server.url, draft(A, now_ms()), *FAST)
    desk.publish([(A, item("1.1.1", Level.EMERGENCY, alarm, now_ms()))])
    assert players.wait_for(A, "rejected", "1.1.1")["reason"] == "wrong_sound"
    assert not players.heard(A).exists()


def test_a_download_that_is_cut_again_and_again_goes_on_where_it_stopped(
    desk: MemoryDesk, server: Server, players: Players, bulletin: bytes
) -> None:
    desk.sounds[media(bulletin).sha256] = bulletin
    server.cut_media = len(bulletin) // 3 + 1
    players.start(server.url, draft(A, now_ms()), *FAST)
    desk.publish([(A, item("1.1.1", Level.NORMAL, bulletin, now_ms()))])
    end = players.wait_for(A, "end", "1.1.1")
    assert end["played_ms"] >= 0.9 * end["of_ms"]
    assert sum("/media/" in path for path in server.requests) <= 4, "three parts and a nonce"


def test_a_wrong_clock_locks_no_speaker_out_and_moves_no_play(
    desk: MemoryDesk, server: Server, players: Players, alarm: bytes
) -> None:
    desk.sounds[media(alarm).sha256] = alarm
    players.start(server.url, draft(A, now_ms()), "--wall-error-s", "-100000000", *FAST)
    at = now_ms() + 4000
    desk.publish([(A, item("1.1.1", Level.NORMAL, alarm, at))])
    players.wait_for(A, "start", "1.1.1")
    assert 0 <= now_ms() - at < 1500


def test_without_network_the_day_goes_on_from_what_is_cached(
    desk: MemoryDesk, server: Server, players: Players, alarm: bytes
) -> None:
    """Restarted without network: a clock kept by a battery is enough, no clock is not."""
    desk.sounds[media(alarm).sha256] = alarm
    player = players.start(server.url, draft(A, now_ms()), *FAST)
    at = now_ms() + 4000
    desk.publish([(A, item("1.1.1", Level.NORMAL, alarm, at))])
    desk.publish([(A, item("1.2.1", Level.NORMAL, alarm, at + 2500))])
    players.wait_for(A, "cached", "1.2.1")
    server.die()
    heard = players.heard(A)
    players.wait(lambda: list(heard.glob("1.1.1*")), "played without network")
    players.kill(player)
    unsure = players.again(server.url, A, *FAST)
    players.wait(lambda: now_ms() > at + 4500, "the hour of the second bulletin")
    assert unsure.poll() is None
    assert not list(heard.glob("1.2.1*")), "it cannot know the hour, so it is silent"
    players.kill(unsure)
    players.again(server.url, A, "--rtc", *FAST)
    players.wait(lambda: list(heard.glob("1.2.1*")), "played by its own clock")

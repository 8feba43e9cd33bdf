"""Words → the file that a speaker or an exchange plays. The one door of this package for sound."""

import hashlib
import json
import unicodedata
from dataclasses import asdict, dataclass

from dispatcher.speech.alaw import RATE as TELEPHONE_RATE
from dispatcher.speech.alaw import decode_alaw, decode_alaw_wav, encode_alaw, encode_alaw_wav
from dispatcher.speech.chime import chime
from dispatcher.speech.errors import Unspoken
from dispatcher.speech.loudness import integrated_loudness
from dispatcher.speech.mastering import Codec, master
from dispatcher.speech.mp3 import decode_mp3, encode_mp3
from dispatcher.speech.pcm import Pcm, from_signal, join, repeat, silence
from dispatcher.speech.resample import resample
from dispatcher.speech.sentences import utterances
from dispatcher.speech.voice import Voice

CODECS = {
    "mp3": Codec("audio/mpeg", encode_mp3, decode_mp3),
    "alaw-wav": Codec("audio/x-wav", encode_alaw_wav, decode_alaw_wav),
    "alaw": Codec("audio/PCMA", encode_alaw, decode_alaw),  # RFC 4856
}
CHIME_BELOW_SPEECH_LU = 2.0
LEAD_S = 0.25  # amplifiers and telephone paths swallow the first instant
TAIL_S = 0.5
AFTER_CHIME_S = 0.4
BUILD = 1  # raise when the same recipe begins to sound different: it is part of the cache key


@dataclass(frozen=True)
class Recipe:
    """How words become a file: chime before them, how often, seconds between, and the name of the
    codec.
    """

    codec: str
    with_chime: bool
    times: int = 1
    gap_s: float = 2.0


SPEAKER = Recipe("mp3", with_chime=True)
TELEPHONE = Recipe("alaw-wav", with_chime=False)
EXCHANGE = Recipe(
    "alaw", with_chime=False
)  # headerless: a WAV header streamed as RTP is heard as a click


@dataclass(frozen=True)
class Audio:
    """A finished file: bytes, media type, SHA-256 of the bytes (hex), milliseconds, LUFS and true
    peak in dBFS as measured on it.
    """

    data: bytes
    mime: str
    sha256: str
    duration_ms: int
    lufs: float
    peak_dbfs: float


def announce(words: str, voice: Voice, recipe: Recipe = SPEAKER, lang: str = "vi") -> Audio:
    """Speak approved `words` (already verbalised) into a file of −16 LUFS; raises `SpeechError`.

    The same words, voice and recipe give the same bytes when the voice is deterministic.
    """
    codec = CODECS[recipe.codec]
    sound = repeat(speak(words, voice, lang), recipe.times, recipe.gap_s)
    if recipe.with_chime:
        sound = join([_chime_for(sound), silence(AFTER_CHIME_S, sound.rate), sound])
    if codec.mime != "audio/mpeg":
        sound = resample(sound, TELEPHONE_RATE)
    framed = join([silence(LEAD_S, sound.rate), sound, silence(TAIL_S, sound.rate)])
    result = master(framed, codec)
    digest = hashlib.sha256(result.data).hexdigest()
    return Audio(
        result.data, codec.mime, digest, round(framed.seconds * 1000), result.lufs, result.peak_dbfs
    )


def speak(words: str, voice: Voice, lang: str = "vi") -> Pcm:
    """The bare voice: sentence by sentence, with pauses between; `Unspoken` without a word."""
    parts: list[Pcm] = []
    for utterance in utterances(words):
        sound = voice.synthesise(utterance.words, lang)
        parts += [sound, silence(utterance.pause_s, sound.rate)]
    if not parts:
        raise Unspoken("there is no word to speak")
    return join(parts[:-1])


def _chime_for(speech: Pcm) -> Pcm:
    """The chime a little softer than the speech it announces."""
    tones = chime(speech.rate)
    gain_db = integrated_loudness(speech) - CHIME_BELOW_SPEECH_LU - integrated_loudness(tones)
    return from_signal(tones.signal() * 10 ** (gain_db / 20), tones.rate) if gain_db < 0 else tones


def cache_key(words: str, voice_id: str, recipe: Recipe, lang: str = "vi") -> str:
    """SHA-256 (hex) of everything that decides the bytes of `announce`."""
    ingredients = [BUILD, unicodedata.normalize("NFC", words), voice_id, lang, asdict(recipe)]
    return hashlib.sha256(json.dumps(ingredients, sort_keys=True).encode()).hexdigest()

"""One bulletin to what each channel says. Pure: readers and media are parameters."""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from html import escape
from types import MappingProxyType

from dispatcher.domain.authoring import Remark
from dispatcher.domain.compiling import SAMPLE_RECIPIENT, payload_of, rendered_fields
from dispatcher.domain.content import Content
from dispatcher.domain.context import values_for
from dispatcher.domain.counting import count_text, text_remarks
from dispatcher.domain.errors import BadInput
from dispatcher.domain.kinds import Kind
from dispatcher.domain.model import Exposure, Media, Shape
from dispatcher.domain.rendition import Reader, Reading, Rendition, Value
from dispatcher.domain.sandbox import Place, refused, variables
from dispatcher.domain.templates import Form, Templates, Wording, framed
from dispatcher.domain.text import clean_sms

#: Syllables per second of a calm announcement in Vietnamese.
SYLLABLES_PER_S = 3.5

#: What media are named by: channel and language.
MediaKey = tuple[str, str]


def render(
    content: Content,
    kind: Kind,
    templates: Templates,
    *,
    channels: Iterable[str],
    readers: Mapping[str, Reader] = MappingProxyType({}),
    media: Mapping[MediaKey, Media] = MappingProxyType({}),
) -> tuple[Rendition, ...]:
    """A rendition for each channel in each language of the content that has wording for it.

    ``readers``: by language, written text to spoken words (none: spoken as written); ``media``:
    the sound of a (channel, language). Raises ``BadInput`` with the field for a public channel of
    a named bulletin, an unknown variable, a text or parameter that is too long.
    """
    forms = [_form(name, templates, content.exposure) for name in channels]
    _check_overrides(content, templates)
    drafts = (
        _draft(content, kind, templates, form, lang) for form in forms for lang in content.languages
    )
    return tuple(_finished(draft, readers, media) for draft in drafts if draft is not None)


def _form(channel: str, templates: Templates, exposure: Exposure) -> Form:
    form = templates.forms.get(channel)
    if form is None:
        raise _unknown_channel(channel, "channels", templates)
    if form.public and exposure is Exposure.NAMED:
        raise BadInput(
            "bad_exposure",
            f"Tin có thông tin về cá nhân không được phát trên kênh công cộng '{channel}'. Bỏ kênh "
            "này hoặc bỏ thông tin cá nhân.",
            f"A bulletin with facts about one person cannot go out on the public channel "
            f"'{channel}'. Leave out the channel or the facts.",
            field="exposure",
        )
    return form


def _check_overrides(content: Content, templates: Templates) -> None:
    for channel, texts in content.overrides.items():
        form = templates.forms.get(channel)
        if form is None or not form.override:
            raise _unknown_channel(channel, f"overrides.{channel}", templates)
        for lang in texts:
            if lang not in content.languages:
                raise BadInput(
                    "missing_language",
                    f"Bản tin không có tiếng '{lang}'. Ghi tiêu đề, nội dung tiếng '{lang}' trước.",
                    f"The bulletin is not written in '{lang}'. Give its title and body first.",
                    field=f"overrides.{channel}.{lang}",
                )


def _unknown_channel(channel: str, field: str, templates: Templates) -> BadInput:
    known = ", ".join(templates.forms)
    return BadInput(
        "unknown_channel",
        f"Không có kênh '{channel}', hoặc kênh này không nhận nội dung riêng. Các kênh: {known}.",
        f"There is no channel '{channel}', or it takes no text of its own. Channels: {known}.",
        field=field,
    )


@dataclass(frozen=True, slots=True)
class _Draft:
    """A rendition as written, before it is counted, measured or read aloud."""

    rendition: Rendition
    form: Form
    wording: Wording
    kind: Kind
    personal: bool

    @property
    def field(self) -> str:
        """The part of the content that its author would change."""
        return f"overrides.{self.rendition.channel}.{self.rendition.lang}"


def _draft(
    content: Content, kind: Kind, templates: Templates, form: Form, lang: str
) -> _Draft | None:
    """None when nothing is worded for this channel in this language."""
    wording = templates.wording(content.kind, lang, form.channel)
    if wording is None:
        return None
    tongue = templates.tongue(lang)
    own = content.overrides.get(form.channel, {}).get(lang, "")
    sources = _sources(form, wording, tongue.frames, clean_sms(own) if form.counted else own)
    values = values_for(content, kind, tongue, lang)
    known = frozenset(values)
    used = frozenset[str]().union(
        *(variables(text, known, Place(form.channel, lang, name)) for name, text in sources.items())
    )
    kept = {name: _clean(values[name], form) for name in sorted(used & known)}
    bare = Rendition(form.channel, lang, form.shape, sources, kept, template=wording.template)
    sample = payload_of(bare, rendered_fields(bare, replace(SAMPLE_RECIPIENT, lang=lang)))
    return _Draft(replace(bare, sample=sample), form, wording, kind, "recipient" in used)


def _sources(
    form: Form, wording: Wording, frames: Mapping[str, Mapping[str, str]], own: str
) -> Mapping[str, str]:
    messages = {**wording.fields, **(_own_message(form, own) if own else {})}
    sources = {field: framed(frames[form.channel][field], messages[field]) for field in form.fields}
    params = {f"params.{name}": each.source for name, each in wording.params.items()}
    return MappingProxyType(sources | params)


def _own_message(form: Form, own: str) -> Mapping[str, str]:
    """The author's text in place of the kind's; as paragraphs where the form has HTML too."""
    paragraphs = own.strip().split("\n\n")
    html = "\n".join(f"<p>{escape(each, quote=False)}</p>" for each in paragraphs)
    return {form.override: own, "html": html}


def _clean(value: Value, form: Form) -> Value:
    """Ordinary blanks only where characters are billed."""
    return clean_sms(value) if form.counted and isinstance(value, str) else value


def _finished(
    draft: _Draft, readers: Mapping[str, Reader], media: Mapping[MediaKey, Media]
) -> Rendition:
    rendition = draft.rendition
    if draft.form.shape is Shape.AUDIO:
        key = (rendition.channel, rendition.lang)
        return _spoken(draft, readers.get(rendition.lang, Reading), media.get(key))
    if draft.form.shape is Shape.TEMPLATE:
        _check_params(draft)
        return rendition
    return _counted(draft)


def _counted(draft: _Draft) -> Rendition:
    """With what it costs, where the channel bills by length."""
    text = draft.rendition.sample.text
    remarks = text_remarks(text, counted=draft.form.counted)
    facts: Mapping[str, str | int] = {}
    if draft.form.counted:
        facts, more = count_text(text, limit=draft.kind.sms_parts, field=draft.field)
        remarks += more
    return replace(draft.rendition, facts=facts, remarks=tuple(remarks))


def _check_params(draft: _Draft) -> None:
    """Providers refuse an empty or over-long parameter at sending; we refuse it at authoring."""
    for name, parameter in draft.wording.params.items():
        value = draft.rendition.sample.params[name]
        if not value:
            raise _bad_param(draft, name, "đang để trống", "is empty")
        if (over := len(value) - parameter.longest) > 0:
            raise _bad_param(
                draft,
                name,
                f"dài quá {over} ký tự (được {parameter.longest})",
                f"is {over} characters too long (of {parameter.longest})",
            )


def _bad_param(draft: _Draft, name: str, vi: str, en: str) -> BadInput:
    channel, facts = draft.rendition.channel, ", ".join(sorted(draft.rendition.values))
    return BadInput(
        "bad_parameter",
        f"Kênh '{channel}': tham số '{name}' {vi}. Rút gọn hoặc bổ sung: {facts}.",
        f"Channel '{channel}': the parameter '{name}' {en}. Shorten or give: {facts}.",
        field=f"{channel}.{draft.rendition.lang}.params.{name}",
    )


def _spoken(draft: _Draft, reader: Reader, media: Media | None) -> Rendition:
    """With the words as they will be spoken. A sound is the same for everyone."""
    rendition = draft.rendition
    if draft.personal:
        raise refused(
            Place(rendition.channel, rendition.lang, "text"),
            1,
            "lời đọc không được có tên người nhận ('recipient')",
            "a spoken text cannot mention 'recipient'",
        )
    reading = reader(rendition.sample.text)
    words = len(reading.spoken.split())
    seconds = math.ceil(words / SYLLABLES_PER_S)
    return replace(
        rendition,
        sample=replace(rendition.sample, text=reading.spoken, media=media),
        facts={"words": words, "seconds": seconds},
        remarks=tuple(_spoken_remarks(reading, seconds, draft.form.longest_s)),
    )


def _spoken_remarks(reading: Reading, seconds: int, longest_s: int) -> Iterator[Remark]:
    if longest_s and seconds > longest_s:
        yield Remark(
            "long_speech",
            f"Lời đọc dài khoảng {seconds} giây, nên ngắn hơn {longest_s} giây.",
            f"The spoken text takes about {seconds} s; keep it under {longest_s} s.",
        )
    for doubt in reading.doubts:
        yield Remark(
            "unsure_reading",
            f"Chưa rõ cách đọc: {doubt}.",
            f"Not sure how to read: {doubt}.",
        )

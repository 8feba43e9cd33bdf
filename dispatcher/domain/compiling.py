"""A rendition to the payload of each recipient: compiled once per version, then fast."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from jinja2 import Template

from dispatcher.domain.model import Payload, Shape
from dispatcher.domain.rendition import Recipient, Rendition
from dispatcher.domain.sandbox import Place, compiled, rendered, variables

#: Zalo's longest parameter of type "name", and as much of a locality. A longer one is left out:
#: no recipient may get a longer text than the sample that was approved.
NAME_LIMIT = 30

#: Synthetic, and exactly as long as a recipient may be.
SAMPLE_RECIPIENT = Recipient("Nguyễn Trần Thị Mẫu Ngọc An Hạ", "Tổ dân phố Mẫu số 12, ấp Mẫu B")

_PARAM = "params."


def compile_rendition(rendition: Rendition) -> Callable[[Recipient], Payload]:
    """What each recipient gets. Sources that do not mention ``recipient`` are rendered once.

    Raises ``BadInput`` for a source that ``render`` would not have made.
    """
    if rendition.shape is Shape.AUDIO:
        return lambda _: rendition.sample
    personal = {
        field: compiled(source, field)
        for field, source in rendition.sources.items()
        if "recipient" in _used(rendition, field)
    }
    fixed = rendered_fields(rendition, SAMPLE_RECIPIENT)
    if not personal:
        payload = payload_of(rendition, fixed)
        return lambda _: payload
    return _personal(rendition, fixed, personal)


def rendered_fields(rendition: Rendition, recipient: Recipient) -> dict[str, str]:
    """Every field as this recipient gets it."""
    values = {**rendition.values, "recipient": recipient}
    return {
        field: rendered(compiled(source, field), values, _place(rendition, field))
        for field, source in rendition.sources.items()
    }


def payload_of(rendition: Rendition, fields: Mapping[str, str]) -> Payload:
    """The payload of these fields, in the rendition's shape."""
    if rendition.shape is not Shape.TEMPLATE:
        return Payload(
            text=fields.get("text", ""),
            subject=fields.get("subject", ""),
            html=fields.get("html", ""),
        )
    params = {name.removeprefix(_PARAM): text for name, text in fields.items()}
    return Payload(template=rendition.template, params=MappingProxyType(params))


def _personal(
    rendition: Rendition, fixed: Mapping[str, str], personal: Mapping[str, Template]
) -> Callable[[Recipient], Payload]:
    values = rendition.values

    def payload(recipient: Recipient) -> Payload:
        who = _bounded(recipient)
        fields = {
            field: template.render(values, recipient=who).strip()
            for field, template in personal.items()
        }
        return payload_of(rendition, {**fixed, **fields})

    return payload


def _bounded(recipient: Recipient) -> Recipient:
    if len(recipient.name) <= NAME_LIMIT and len(recipient.locality) <= NAME_LIMIT:
        return recipient
    name = recipient.name if len(recipient.name) <= NAME_LIMIT else ""
    locality = recipient.locality if len(recipient.locality) <= NAME_LIMIT else ""
    return Recipient(name, locality, recipient.lang)


def _used(rendition: Rendition, field: str) -> frozenset[str]:
    known = frozenset(rendition.values)
    return variables(rendition.sources[field], known, _place(rendition, field))


def _place(rendition: Rendition, field: str) -> Place:
    return Place(rendition.channel, rendition.lang, field)

"""New words for a content: what an approver who edits and approves may give."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dispatcher.domain.authoring import Fields
from dispatcher.domain.content import ANY_LANGUAGE, Content, Texts


def reworded(content: Content, document: Mapping[str, Any]) -> Content:
    """The content with the texts of a document in place of its own, language by language.

    The document has ``title``, ``body``, ``facts`` and ``overrides`` as a bulletin's has them, each
    only as far as it changes; an empty text takes one away. Raises BadInput for anything else.
    """
    fields = Fields(document)
    new = replace(
        content,
        title=_over(content.title, fields.texts("title", "vi")),
        body=_over(content.body, fields.texts("body", "vi")),
        facts=_each(content.facts, fields.nested("facts", ANY_LANGUAGE)),
        overrides=_each(content.overrides, fields.nested("overrides", "vi")),
    )
    fields.finish()
    return new


def _over(old: Texts, new: Texts) -> Texts:
    return {lang: text for lang, text in {**old, **new}.items() if text}


def _each(old: Mapping[str, Texts], new: Mapping[str, Texts]) -> Mapping[str, Texts]:
    merged = {name: _over(old.get(name, {}), new.get(name, {})) for name in {**old, **new}}
    return {name: texts for name, texts in merged.items() if texts}

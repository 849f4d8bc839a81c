"""The form of a file of texts: what notices say, by kind, in both languages, and which documents they enclose."""

from typing import Literal

from pydantic import Field

from engine.definition_schema import Code, Strict


class WordsSpec(Strict):
    """Subject and text of a notice in one language."""

    subject: str
    text: str


class TextSpec(Strict):
    """The words of one kind of notice in both languages.

    *attach* are the kinds of document of its matter that are enclosed when it goes out by e-mail.
    """

    zh: WordsSpec
    en: WordsSpec
    attach: list[Code] = Field(default=[], max_length=10)


class TextsDoc(Strict):
    """A whole file of texts. A key is a kind of notice, or ``KIND@CIRCLE`` or ``KIND@RUNG`` for some of its recipients."""

    schema_: Literal["texts/1"] = Field(alias="schema")
    texts: dict[str, TextSpec] = Field(min_length=1)

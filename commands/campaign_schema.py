"""``campaign schema``: the forms of the files as JSON Schema, for editors."""

import click

from commands.call import Call
from commands.campaign import campaign_
from commands.group import pass_call

FORMS = ("campaign", "definition", "standards", "statutes", "texts")
"""The forms of `engine.json_schema`, which is loaded when one is asked for."""


@campaign_.command(
    "schema",
    help="FORM 的 JSON Schema，供编辑器补全、检查 · JSON Schema for editors: campaign, definition, standards, statutes, texts.",
)
@click.argument("form", type=click.Choice(FORMS), metavar="FORM")
@pass_call
def schema(call: Call, form: str) -> None:
    """Print the schema."""
    from engine.json_schema import schema_of

    call.write_json(schema_of(form), indent=None if call.json else 2)

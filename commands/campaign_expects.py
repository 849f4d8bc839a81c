"""The table of expectations of a definition, drawn up anew: ``campaign expects``."""

import click

from commands.call import Call
from commands.campaign import campaign_
from commands.group import pass_call
from commands.paper import line
from commands.values import TEXT


@campaign_.command(
    "expects",
    help="由流程定义列出对账表，置于文件末尾 · Draw up a definition's table of expectations, for the end of its file.",
)
@click.argument("name", type=TEXT, metavar="KIND|FILE")
@pass_call
def expects(call: Call, name: str) -> None:
    """Print the table; one that the file brings is left aside."""
    from engine.expected import table_of
    from engine.expected_text import expected_text
    from workflows.library import read_untabled

    doc = read_untabled(name).doc
    said = {"kind": doc.kind, "version": doc.version, "expects": table_of(doc)}
    call.answer(said, lambda: line(expected_text(doc).rstrip()))

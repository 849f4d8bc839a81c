"""The commands about the record: verify it, seal it, prove it, hand it out, and put a loss on record."""

from commands.audit_key import key_
from commands.audit_log import checkpoint, export, prove, witness
from commands.audit_recover import recover
from commands.audit_verify import verify
from commands.conform import conform_
from commands.group import group


@group("audit", help="核验与封存 · Verify the record, seal it, prove it.")
def audit_() -> None:
    """Hold the commands about the record."""


for each in (verify, checkpoint, prove, export, witness, recover, key_, conform_):
    audit_.add_command(each)

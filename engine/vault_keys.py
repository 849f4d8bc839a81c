"""The vault under another key: what is sealed with an older one is sealed anew, of every campaign of the database."""

from collections.abc import Callable

from sqlalchemy import bindparam, select, update

from engine.errors import Unavailable
from engine.key_rotation import Kept
from engine.publishing import log_of
from engine.store import Statement, Tx
from engine.tables import CampaignRow, table_of
from engine.vault import CURRENT, PURPOSE, Vault, about
from engine.vault_tables import VaultItem

VI, C = table_of(VaultItem), table_of(CampaignRow)

OTHERS = Statement(
    select(VI.c.campaign_id, C.c.code, VI.c.name, VI.c.sealed, VI.c.key)
    .join(C, C.c.id == VI.c.campaign_id)
    .where(VI.c.key != bindparam("key"))
    .order_by(VI.c.campaign_id, VI.c.name)
    .limit(bindparam("most"))
)
ANEW = Statement(
    update(VI)
    .where(VI.c.campaign_id == bindparam("b_campaign_id"), VI.c.name == bindparam("b_name"))
    .values(sealed=bindparam("sealed"), key=bindparam("key"))
)


def kept_by(vault: Callable[[], Vault]) -> Kept:
    """What the key of the vault seals; *vault* is what it is at each moment."""
    return Kept(PURPOSE, CURRENT, "vault_key", lambda tx, most: _anew(tx, vault(), most))


def _anew(tx: Tx, vault: Vault, most: int) -> int:
    """Seal *most* identities anew. Raises Unavailable for one that does not open: then it stays as it is, and so does its key."""
    ring = vault.ring
    rows = tx.rows(OTHERS, key=ring.name(), most=most)
    for campaign_id, code, name, sealed, key in rows:
        bound = about(log_of(tx, code), name)
        value = ring.opened(sealed, bound, key)
        if value is None:
            raise Unavailable(f"{name} cannot be opened: it was changed, or its key {key} is not here", "vault_item")
        tx.write(
            ANEW, {"b_campaign_id": campaign_id, "b_name": name, "sealed": ring.seal(value, bound), "key": ring.name()}
        )
    return len(rows)

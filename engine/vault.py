"""The reporter's vault (举报人保密): identities sealed under a key that lies outside the database, matters show a stand-in.

Source: 最高人民检察院、公安部、财政部《关于保护、奖励职务犯罪举报人的若干规定》: material about who reported is kept apart, under
its own secret, and read only by approval.
"""

import base64
import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import bindparam, insert, select

from engine.campaign import Campaign
from engine.clock import to_us
from engine.errors import Invalid, Unavailable
from engine.machine import Compiled
from engine.orders import Open, Order
from engine.present_key import refuse_other_key
from engine.rows import MATTER_BY_REF, MatterRow
from engine.saying import says_something
from engine.sealing_key import Ring, name_of, read_keys
from engine.store import Statement, Tx
from engine.tables import table_of
from engine.vault_tables import VaultItem

VI = table_of(VaultItem)
Asked = TypeVar("Asked", bound=Order)

ITEM = Statement(
    select(VI.c.sealed, VI.c.key).where(VI.c.campaign_id == bindparam("campaign_id"), VI.c.name == bindparam("name"))
)
ADD_ITEM = Statement(insert(VI), [column.name for column in VI.columns])

STAND_IN = re.compile(r"R-[A-Z2-7]{12}")
"""What a matter shows in the place of who reported."""

PURPOSE = "vault"
"""What its keys are for, in their names."""

CURRENT = "vault_key"
"""The property of the database that names the key which seals since it was changed for another."""


@dataclass(frozen=True)
class Vault:
    """Seals and opens identities. *key* is 32 bytes; None: there is no key, so nothing is taken in. *missing* says why.

    *older* keys open what was sealed before the key was changed.
    """

    key: bytes | None = None
    missing: str = "no key of the vault: DUBAN_VAULT_KEY names no file"
    older: tuple[bytes, ...] = ()

    @property
    def key_name(self) -> str:
        """What tells this key from another, and nothing of it."""
        return self.ring.name()

    @property
    def ring(self) -> Ring:
        """The keys."""
        return Ring(
            PURPOSE, () if self.key is None else (self.key, *self.older),
            f"{self.missing}; without it nothing is taken in that tells who reported, and nothing is read",
            "duban vault key new FILE, then DUBAN_VAULT_KEY=FILE; keep it away from the database and its backups",
        )  # fmt: skip

    def sealed(self, tx: Tx, campaign: Campaign, order: Asked, now: datetime) -> Asked:
        """The *order* with stand-ins for what belongs in the vault, which is sealed in the same transaction.

        Raises Unavailable without a key, Invalid for a value that is no text.
        """
        machine = _machine(tx, campaign, order)
        names = [] if machine is None else [name for name in order.facts if is_secret(machine, name)]
        if not names:
            return order
        said = {name: self._take(tx, campaign, order, name, now) for name in names}
        return replace(order, facts={**order.facts, **said})

    def _take(self, tx: Tx, campaign: Campaign, order: Order, fact: str, now: datetime) -> str:
        value = order.facts[fact]
        if not isinstance(value, str) or not says_something(value) or len(value.strip()) > 4000:
            raise Invalid(f"{fact}: give a text of 1 to 4000 characters", "bad_fact")
        name = self._stand_in(campaign, order, fact, value)
        if tx.row(ITEM, campaign_id=campaign.id, name=name) is None:
            refuse_other_key(tx, self.ring, CURRENT)
            values = {
                "campaign_id": campaign.id,
                "name": name,
                "sealed": self.ring.seal(value, about(campaign.log, name)),
            }
            tx.write(ADD_ITEM, {**values, "key": self.key_name, "sealed_at": to_us(now)})
        return name

    def _stand_in(self, campaign: Campaign, order: Order, fact: str, value: str) -> str:
        """A random name; for an order with a request id the same again, so that repeating it is no other order."""
        seed = secrets.token_bytes(32)
        if order.request_id is not None:
            said = "\0".join((campaign.code, order.request_id, fact, value)).encode()
            seed = hmac.digest(hmac.digest(self.ring.key(), b"duban vault stand-in/v1", "sha256"), said, "sha256")
        return "R-" + base64.b32encode(seed)[:12].decode()

    def opened(self, tx: Tx, campaign: Campaign, name: str) -> str:
        """The identity behind the stand-in *name*. Raises Unavailable if it is not there or this is not its key."""
        row = tx.row(ITEM, campaign_id=campaign.id, name=name)
        if row is None:
            raise Unavailable(f"there is nothing in the vault under {name}", "vault_item")
        found = self.ring.opened(row[0], about(campaign.log, name), row[1])
        if found is None:
            here = {name_of(PURPOSE, each) for each in self.ring.keys}
            why = "it was changed" if row[1] in here else f"it was sealed with the key {row[1]}"
            raise Unavailable(f"{name} cannot be opened: {why}", "vault_item")
        return found


def about(log: str, name: str) -> bytes:
    """What a sealed value is bound to, so that it cannot be put under another name; *log* is the campaign's."""
    return f"duban vault/v1\0{log}\0{name}".encode()


def is_secret(machine: Compiled, fact: str) -> bool:
    """Say whether the fact belongs in the vault."""
    spec = machine.doc.facts.get(fact)
    return spec is not None and spec.vault


def names_secret(tx: Tx, campaign: Campaign, order: Order) -> bool:
    """Say whether *order* states something that belongs in the vault; kinds that have nothing such cost no query."""
    if not order.facts or not (campaign.secret_facts or isinstance(order, Open)):
        return False
    machine = _machine(tx, campaign, order)
    return machine is not None and any(is_secret(machine, name) for name in order.facts)


def refuse_unsealed(machine: Compiled, stated: Mapping[str, Any]) -> None:
    """Raise Unavailable if a value that belongs in the vault is about to be written anywhere else."""
    for name, value in stated.items():
        if is_secret(machine, name) and not (isinstance(value, str) and STAND_IN.fullmatch(value)):
            raise Unavailable(f"{name} belongs in the vault, and nothing here seals it", "unsealed")


def _machine(tx: Tx, campaign: Campaign, order: Order) -> Compiled | None:
    """The machine of the matter that an order with facts is about; None if that is not known."""
    if not order.facts:
        return None
    if isinstance(order, Open):
        ident = campaign.machines.newest.get(order.kind)
        return None if ident is None else campaign.machines[ident]
    if not campaign.secret_facts.intersection(order.facts):
        return None
    row = tx.row(MATTER_BY_REF, campaign_id=campaign.id, ref=getattr(order, "ref", ""))
    return None if row is None else campaign.machines[MatterRow(*row).definition_id]


def load_vault(path: Path) -> Vault:
    """The vault whose key is in *path*. Raises Invalid if others may read the file or it is no key."""
    keys = read_keys(path, "the vault")
    return Vault(missing=f"there is no key of the vault at {path}") if keys is None else Vault(keys[0], older=keys[1:])

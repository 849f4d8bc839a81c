"""The tables of the reporter's vault: the sealed identities, and who asked for, approved and read them."""

from datetime import datetime

from sqlmodel import SQLModel

from engine.tables import big, ident, instant, long_text


class VaultItem(SQLModel, table=True):
    """A sealed value under its stand-in. *sealed* is nonce and ciphertext (AES-256-GCM), base64; *key* tells which key."""

    __tablename__ = "vault_item"
    campaign_id: int = big(primary_key=True, sa_column_kwargs={"autoincrement": False})
    name: str = long_text(primary_key=True)
    sealed: str = long_text()
    key: str = long_text()
    sealed_at: datetime = instant()


class VaultRequest(SQLModel, table=True):
    """A request to read who reported: for what, by whom, approved by whom, and until when it holds."""

    __tablename__ = "vault_request"
    id: int = ident()
    campaign_id: int = big()
    ref: str = long_text()
    name: str = long_text()
    purpose: str = long_text()
    asked_by: str = long_text()
    asked_trace: str = long_text()
    asked_at: datetime = instant()
    approved_by: str | None = long_text(default=None)
    approved_at: datetime | None = instant(default=None)
    ends_at: datetime | None = instant(default=None)
    readings: int = 0

"""The tables of getting in: credentials, one-time codes, sessions, counters of failures, and grants that wait for a second person."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import SQLModel

from engine.tables import big, instant, long_text


class Credential(SQLModel, table=True):
    """What a person proves himself with. *activated_by* is who was at the keyboard, where that is known of another key.

    *totp_secret* is sealed, *totp_digest* tells which secret it is. *issued_by* gave out the code of the first activation,
    and *confirmed_by* is who has confirmed since that the account is its holder's.
    """

    login: str = long_text(primary_key=True)
    password: str = long_text()
    password_set_at: datetime = instant()
    activated_at: datetime = instant()
    activated_by: str | None = long_text(default=None, nullable=True)
    totp_secret: str | None = long_text(default=None, nullable=True)
    totp_step: int = big(default=0, sa_column_kwargs={"server_default": "0"})
    totp_digest: str | None = long_text(default=None, nullable=True)
    issued_by: str | None = long_text(default=None, nullable=True)
    confirmed_by: str | None = long_text(default=None, nullable=True)
    confirmed_at: datetime | None = instant(default=None, nullable=True)


class OneTimeCode(SQLModel, table=True):
    """A code with which somebody activates an account once; only its hash is stored. A used row stays."""

    __tablename__ = "one_time_code"
    __table_args__ = (Index("ix_one_time_code_login", "login"),)
    id: str = long_text(primary_key=True)
    login: str = long_text()
    hash: str = long_text()
    issued_by: str = long_text()
    made_at: datetime = instant()
    expires_at: datetime = instant()
    used_at: datetime | None = instant(default=None, nullable=True)
    revoked_at: datetime | None = instant(default=None, nullable=True)


class RecoveryCode(SQLModel, table=True):
    """A code that stands once for a lost second factor; only its hash is stored."""

    __tablename__ = "recovery_code"
    __table_args__ = (Index("ix_recovery_code_login", "login"),)
    id: str = long_text(primary_key=True)
    login: str = long_text()
    hash: str = long_text()
    made_at: datetime = instant()
    used_at: datetime | None = instant(default=None, nullable=True)
    revoked_at: datetime | None = instant(default=None, nullable=True)


class KnownDevice(SQLModel, table=True):
    """A browser in which somebody has signed in; only the hash of its secret is stored."""

    __tablename__ = "known_device"
    __table_args__ = (Index("ix_known_device_login", "login"),)
    id: str = long_text(primary_key=True)
    login: str = long_text()
    hash: str = long_text()
    made_at: datetime = instant()
    seen_at: datetime = instant()


class LoginSession(SQLModel, table=True):
    """Somebody who is signed in; only the hash of the secret is stored. Its instants are the machine's, also in a rehearsal."""

    __tablename__ = "login_session"
    __table_args__ = (Index("ix_login_session_login", "login"),)
    id: str = long_text(primary_key=True)
    login: str = long_text()
    hash: str = long_text()
    address: str = long_text()
    created_at: datetime = instant()
    seen_at: datetime = instant()
    stepped_up_at: datetime | None = instant(default=None, nullable=True)
    ended_at: datetime | None = instant(default=None, nullable=True)
    vouched_by: str | None = long_text(default=None, nullable=True)


class Throttle(SQLModel, table=True):
    """How often something failed or was tried: an account, an address, or what is entered at most once a while."""

    subject: str = long_text(primary_key=True)
    count: int = big()
    since: datetime = instant()
    until: datetime = instant()


class GrantProposal(SQLModel, table=True):
    """A post that one person proposes to give and another is to approve. A decided row stays."""

    __tablename__ = "grant_proposal"
    __table_args__ = (Index("ix_grant_proposal_campaign", "campaign_id"),)
    id: int = big(primary_key=True, sa_column_kwargs={"autoincrement": False})
    campaign_id: int = big()
    login: str = long_text()
    body: str = long_text()
    post: str = long_text()
    valid_to: datetime | None = instant(default=None, nullable=True)
    proposed_by: str = long_text()
    proposed_persons: str = long_text()
    proposed_at: datetime = instant()
    status: str = long_text()
    decided_by: str | None = long_text(default=None, nullable=True)
    decided_at: datetime | None = instant(default=None, nullable=True)

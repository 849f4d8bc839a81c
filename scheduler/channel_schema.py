"""The form of a channels file: which ways out an operator has, and where their secrets lie."""

from typing import Literal

from pydantic import Field, model_validator

from engine.definition_schema import Code, Strict


class Secret(Strict):
    """Where a secret is read from when it is needed: a *file*, or an environment variable (*env*). Never the secret itself."""

    file: str | None = None
    env: str | None = None

    @model_validator(mode="after")
    def _one(self) -> "Secret":
        if (self.file is None) == (self.env is None):
            raise ValueError("give exactly one of file, env")
        return self


class ChannelSpec(Strict):
    """One way out. Which keys it needs is said by its *type* (`scheduler.channel_file.KEYS`)."""

    type: Literal["smtp", "wecom", "dingtalk", "feishu", "webhook", "apprise", "file", "console"]
    host: str | None = None
    port: int | None = Field(default=None, ge=1, le=65535)
    security: Literal["tls", "starttls", "none"] | None = None
    sender: str | None = None
    login: str | None = None
    password: Secret | None = None
    url: str | None = None
    token: Secret | None = None
    secret: Secret | None = None
    ca_file: str | None = None
    folder: str | None = None
    internal: bool | None = None
    service: Secret | None = None


class LinksSpec(Strict):
    """Links that say “received”: under which address, signed with which *key*, good for how many *days*."""

    base: str
    key: Secret
    days: int = Field(default=30, ge=1, le=366)


class ChannelsDoc(Strict):
    """A whole channels file; *default* is the channel of notices that name none of its own."""

    schema_: Literal["channels/1"] = Field(alias="schema")
    default: Code
    channels: dict[Code, ChannelSpec] = Field(min_length=1)
    links: LinksSpec | None = None

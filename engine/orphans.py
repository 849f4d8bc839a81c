"""What a changed campaign file would leave without ground: dates and ladders of running clocks, bodies of open matters."""

from collections.abc import Iterator

from sqlalchemy import bindparam, select

from engine.campaign import Campaign
from engine.campaign_schema import CampaignDoc
from engine.definition_schema import DeadlineSpec
from engine.errors import Reason
from engine.rows import D, M
from engine.store import Statement, Tx

OPEN_MATTERS = Statement(
    select(M.c.kind, M.c.body, M.c.ref)
    .where(M.c.campaign_id == bindparam("campaign_id"), M.c.closed == 0)
    .order_by(M.c.ref)
)
RUNNING = Statement(
    select(D.c.definition_id, D.c.code, D.c.owner_body, M.c.ref)
    .join(M, M.c.id == D.c.matter_id)
    .where(D.c.campaign_id == bindparam("campaign_id"), D.c.stopped_at.is_(None))
    .order_by(M.c.ref, D.c.id)
)

SHOWN = 3
"""References that a reason names; the others are counted. PLACEHOLDER"""


def orphans(tx: Tx, campaign: Campaign, doc: CampaignDoc) -> list[Reason]:
    """Why *campaign* cannot become *doc*: one reason for each thing that is missing, with the matters that need it."""
    bodies = {body.code for body in doc.bodies}
    missing: dict[tuple[str, str, str], dict[str, None]] = {}
    for kind, body, ref in tx.rows(OPEN_MATTERS, campaign_id=campaign.id):
        if kind not in doc.definitions:
            missing.setdefault(("kind", "事项类型", kind), {})[ref] = None
        if body not in bodies:
            missing.setdefault(("body", "机构", body), {})[ref] = None
    for definition_id, code, owner, ref in tx.rows(RUNNING, campaign_id=campaign.id):
        spec = campaign.machines[definition_id].deadline(code)
        if owner not in bodies:
            missing.setdefault(("body", "机构", owner), {})[ref] = None
        if spec.ladder and spec.ladder not in doc.ladders:  # a monitor has none
            missing.setdefault(("ladder", "提醒阶梯", spec.ladder), {})[ref] = None
        for name in _dates(spec):
            if name not in doc.dates:
                missing.setdefault(("date", "日期", name), {})[ref] = None
    return [_reason(*what, list(refs)) for what, refs in missing.items()]


def _dates(spec: DeadlineSpec) -> Iterator[str]:
    terms = [spec.term] if spec.extension is None else [spec.term, spec.extension.by, spec.extension.to]
    for term in terms:
        if term is not None and term.until is not None:
            yield term.until


def _reason(kind: str, zh: str, name: str, refs: list[str]) -> Reason:
    named, more = refs[:SHOWN], len(refs) - SHOWN
    zh_more, en_more = (f"等{len(refs)}件", f" and {more} more") if more > 0 else ("", "")
    return Reason(
        "orphan",
        f"新文件中没有{zh}“{name}”，仍在使用的有：{'、'.join(named)}{zh_more}",
        f"the new file has no {kind} '{name}', which is in use by {', '.join(named)}{en_more}",
    )

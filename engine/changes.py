"""When matters changed last, and how many children they have: what simulated people look at."""

from sqlalchemy import and_, bindparam, case, func, select

from engine.rows import D, E, M
from engine.store import Statement

NOT_OF_VERSION = ("deadline", "comment", "recounted")
"""The kinds of entries that leave a matter's version alone."""

_OF_VERSION = and_(*(E.c.kind != kind for kind in NOT_OF_VERSION))
TIMES = Statement(
    select(
        func.max(case((E.c.src != E.c.dst, E.c.recorded_at))),
        func.max(case((_OF_VERSION, E.c.recorded_at))),
    ).where(E.c.campaign_id == bindparam("campaign_id"), E.c.stream == bindparam("stream"))
)
ALL_TIMES = Statement(
    select(
        E.c.stream,
        func.max(case((E.c.src != E.c.dst, E.c.recorded_at))),
        func.max(case((_OF_VERSION, E.c.recorded_at))),
    )
    .where(E.c.campaign_id == bindparam("campaign_id"), E.c.stream.like("matter/%"))
    .group_by(E.c.stream)
)
ALL_MATTERS = Statement(select(M).where(M.c.campaign_id == bindparam("campaign_id")).order_by(M.c.id))
ALL_CLOCKS = Statement(select(D).where(D.c.campaign_id == bindparam("campaign_id")).order_by(D.c.id))
CHILDREN = Statement(select(M.c.kind, M.c.closed, M.c.updated_at).where(M.c.parent_id == bindparam("id")))
DONE_REQUESTS = Statement(
    select(E.c.request_id).where(
        E.c.campaign_id == bindparam("campaign_id"), E.c.request_id.like("people:%"), E.c.kind == "opened"
    )
)

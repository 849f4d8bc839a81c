"""The campaign (方案): what the founding document says, and what this system makes of it, each with its source."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse, Response

from engine.campaign_schema import CampaignDoc, ChoreSpec, DutySpec, LadderSpec, ReturnSpec
from engine.errors import NotFound
from engine.published import stored_source
from web.console.visit import Visit, Visitor
from web.pictures.timeline import Milestone, Phase, Position, campaign_timeline
from workflows.publication import versions_of
from workflows.words import POSTS

router = APIRouter()

ROLES = {"owner": ("责任单位联络员", "the body's liaison"), "head": ("责任单位负责人", "the body's head")}
"""Circles that every ladder has beside the campaign's own."""

WORST = ("red", "yellow", "green")

DAYS = {"mon": ("周一", "Monday"), "tue": ("周二", "Tuesday"), "wed": ("周三", "Wednesday"), "thu": ("周四", "Thursday"),
        "fri": ("周五", "Friday"), "sat": ("周六", "Saturday"), "sun": ("周日", "Sunday")}  # fmt: skip

PARTS = {
    "leading_group": ("领导小组", "leading group"), "office": ("领导小组办公室", "office"),
    "government": ("人民政府", "government"), "city_office": ("市级办公室", "city office"),
    "host": ("办公室所在单位", "host of the office"),
    "department": ("成员单位", "department"), "police": ("公安机关", "police"), "procuratorate": ("人民检察院", "procuratorate"),
    "court": ("人民法院", "court"), "addressee": ("主送、抄送单位", "addressee"), "involved": ("有关方面", "involved"),
    "other_police": ("其他公安机关", "other police"), "upper_procuratorate": ("上级人民检察院", "upper procuratorate"),
    "supervisor": ("监察机关", "supervisor"), "township": ("乡镇街道", "township"),
}  # fmt: skip
"""What bodies of a part are called; a campaign's own part stays as it is written."""


@router.get("/campaign")
def campaign(visit: Visitor) -> Response:
    """The campaign in force, from its document to its ladders."""
    doc = visit.campaign.doc
    versions = versions_of(visit.workspace, None)
    return visit.page(
        "campaign.html", doc=doc, picture=_picture(visit), versions=versions["files"], machines=_machines(visit, versions["items"]),
        bodies=[_body(visit, each.code) for each in doc.bodies], duties=_duties(visit),
        ladders=[(code, each, _rungs(visit, each)) for code, each in doc.ladders.items()],
        circles=[_circle(visit, code) for code in doc.circles], rhythms=_rhythms(visit),
        years=_years(visit), who=lambda names: _who(visit, names), parts=_parts(visit), tabs=tabs(visit),
    )  # fmt: skip


@router.get("/campaign/file")
def file(visit: Visitor) -> Response:
    """The campaign's file as it is in force, or as it was in an earlier version."""
    visit.sight.require("definitions", "查看流程与方案文件", "read the files of definitions and the campaign")
    asked = visit.asked("version")
    if asked and not (asked.isascii() and asked.isdigit() and len(asked) < 9):
        raise NotFound(f"no version {asked[:20]!r}", "no_version")
    with visit.workspace.database.snapshot() as tx:
        text = stored_source(tx, visit.campaign, int(asked) if asked else None)
    name = f"{visit.campaign.code}{'-' + asked if asked else ''}.yaml"
    return PlainTextResponse(text, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def tabs(visit: Visit) -> list[tuple[str, str]]:
    """The pages about the campaign that this visitor is shown: address and name."""
    found = [("/campaign", visit.t("方案", "Campaign")), ("/campaign/machines", visit.t("流程", "Machines")),
             ("/campaign/calendar", visit.t("放假安排", "Calendar"))]  # fmt: skip
    if visit.sight.may("definitions"):
        found.append(("/campaign/check", visit.t("检查与证明", "Proof")))
        found.append(("/campaign/drafts", visit.t("草案与批准", "Drafts")))
    return found


def part_name(visit: Visit, part: str) -> str:
    """What the bodies of a part are called."""
    return visit.t(*PARTS.get(part, (part, part)))


def post_name(visit: Visit, post: str) -> str:
    """What a post is called."""
    return visit.t(*POSTS.get(post, (post, post)))


def _parts(visit: Visit) -> Mapping[str, str]:
    return {each.part: part_name(visit, each.part) for each in visit.campaign.doc.bodies}


def _body(visit: Visit, code: str) -> dict[str, Any]:
    body = visit.campaign.bodies[code]
    posts = visit.t("、", ", ").join(post_name(visit, each) for each in body.posts)
    return {"code": code, "name": visit.campaign.body_name(code, visit.lang), "part": part_name(visit, body.part),
            "posts": posts, "parent": body.parent, "note": body.note or "", "roster": code in visit.campaign.doc.roster}  # fmt: skip


def _duties(visit: Visit) -> list[dict[str, Any]]:
    """The duties, each leading to those of its matters that the visitor sees."""
    doc = visit.campaign.doc
    kind = next((each.kind for each in doc.opens if each.each == "duties"), "")
    refs = [_ref(kind, duty, body) for duty in doc.duties for body in duty.responsible if kind]
    with visit.workspace.database.snapshot() as tx:
        seen = visit.reader.among(tx, refs)
    return [_duty(visit, each, kind, seen) for each in doc.duties]


def _ref(kind: str, duty: DutySpec, body: str) -> str:
    return f"{kind}/{duty.number}/{body}"


def _duty(visit: Visit, duty: DutySpec, kind: str, seen: set[str]) -> dict[str, Any]:
    bodies = [
        {"code": body, "ref": ref if (ref := _ref(kind, duty, body)) in seen else "", "lead": body == duty.lead}
        for body in duty.responsible
    ]
    return {"spec": duty, "bodies": bodies, "supports": [_named(visit, each) for each in duty.supports]}


def _named(visit: Visit, code: str) -> str:
    return visit.campaign.body_name(code, visit.lang) if code in visit.campaign.bodies else code


def _who(visit: Visit, names: str | Iterable[str]) -> str:
    """Bodies in words; ``roster`` is the whole of it."""
    if names == "roster":
        return visit.t("各报送单位", "every body of the roster")
    return visit.t("、", ", ").join(_named(visit, each) for each in names)


def _rungs(visit: Visit, ladder: LadderSpec) -> list[dict[str, Any]]:
    return [
        {"at": _at(visit, each.at), "kind": visit.speech.word("notice", each.kind), "label": visit.speech.label(each.label),
         "to": visit.t("、", ", ").join(_circle_name(visit, code) for code in each.to),
         "opens": visit.speech.label(visit.campaign.kind(each.opens.kind).doc.label) if each.opens else ""}
        for each in ladder.rungs
    ]  # fmt: skip


def _at(visit: Visit, at: str) -> str:
    """When a rung comes, in words."""
    if at in ("0", "0h"):
        return visit.t("当日", "on the last day") if at == "0" else visit.t("届满时", "at the instant it ends")
    number = at[1:].rstrip("wdh")
    unit = {"wd": ("个工作日", "working days"), "d": ("日", "days"), "h": ("小时", "hours")}[
        at[1:].lstrip("0123456789")
    ]
    counted = f"{number} {unit[1].removesuffix('s') if number == '1' else unit[1]}"
    if at[0] == "-":
        return visit.t(f"届满前{number}{unit[0]}", f"{counted} before the last day")
    return visit.t(f"逾期{number}{unit[0]}", f"{counted} after the breach")


def _circle_name(visit: Visit, code: str) -> str:
    spec = visit.campaign.doc.circles.get(code)
    return visit.speech.label(spec.label) if spec else visit.t(*ROLES.get(code, (code, code)))


def _circle(visit: Visit, code: str) -> dict[str, str]:
    spec = visit.campaign.doc.circles[code]
    body = visit.campaign.parts.get(spec.part)
    posts = visit.t("、", ", ").join(post_name(visit, each) for each in spec.posts)
    return {
        "name": visit.speech.label(spec.label),
        "body": _named(visit, body) if body else part_name(visit, spec.part),
        "posts": posts,
    }


def _rhythms(visit: Visit) -> list[dict[str, str]]:
    doc = visit.campaign.doc
    return [*(_rhythm(visit, each) for each in doc.returns), *(_rhythm(visit, each) for each in doc.chores)]


def _rhythm(visit: Visit, each: ReturnSpec | ChoreSpec) -> dict[str, str]:
    hour = (each.due_at or "24:00") if isinstance(each, ReturnSpec) else each.at
    return {"label": visit.speech.label(each.label), "on": f"{_turn(visit, each.every, str(each.on))} {hour}",
            "span": f"{each.first} – {each.last}", "policy": each.policy,
            "sort": visit.t("定期报表", "return") if isinstance(each, ReturnSpec) else visit.t("例行工作", "chore")}  # fmt: skip


def _turn(visit: Visit, every: str, on: str) -> str:
    """Which day of a week or month, in words."""
    count, _, name = on.partition("-")
    weekday = visit.t(*DAYS[name or count]) if (name or count) in DAYS else ""
    if every == "week":
        return visit.t(f"每{weekday or on}", f"every {weekday or on}")
    if on == "last":
        return visit.t("每月最后一日", "the last day of every month")
    if weekday:
        nth = visit.t("最后一个", "last") if count == "last" else visit.t(f"第{count}个", f"{count}.")
        return visit.t(f"每月{nth}{weekday}", f"the {nth} {weekday} of every month")
    return visit.t(f"每月{on}日", f"day {on} of every month")


def _years(visit: Visit) -> list[dict[str, Any]]:
    """The years that the campaign touches, each with whether its holidays are announced."""
    doc, calendar = visit.campaign.doc, visit.campaign.work.calendar
    found = []
    for year in range(int(doc.start[:4]), int(doc.end[:4]) + 1):
        first, last = date(year, 1, 1), date(year, 12, 31)
        found.append(
            {"year": year, "provisional": calendar.guesses(first, last), "sources": calendar.sources(first, last)}
        )
    return found


def _machines(visit: Visit, items: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    opens = {each["kind"]: each for each in items if each["opens"]}
    return [
        {"kind": kind, "label": visit.speech.label(visit.campaign.kind(kind).doc.label), "version": use.version,
         "live": opens[kind]["live"] if kind in opens else 0}
        for kind, use in visit.campaign.doc.definitions.items()
    ]  # fmt: skip


def _picture(visit: Visit) -> str:
    """The campaign in time, with where each body of the roster stands."""
    doc, t = visit.campaign.doc, visit.speech
    phases = [
        Phase(each.code, t.label(each.name), date.fromisoformat(each.start), date.fromisoformat(each.end))
        for each in doc.phases
    ]
    first, last = date.fromisoformat(doc.start), date.fromisoformat(doc.end)
    rest = visit.campaign.work.calendar.days_off(first, last) if last - first < timedelta(days=1500) else ()
    name = visit.t("进度时间轴", "The campaign in time")
    return campaign_timeline(
        name, phases, _milestones(visit, doc), _positions(visit, {each.code for each in phases}), visit.now,
        visit.campaign.zone, visit.lang, rest,
    )  # fmt: skip


def _milestones(visit: Visit, doc: CampaignDoc) -> list[Milestone]:
    by_day: dict[str, list[str]] = {}
    for each in doc.deliverables:
        by_day.setdefault(doc.dates[each.due], []).append(visit.speech.label(each.name))
    join = visit.t("、", ", ").join
    return [Milestone(date.fromisoformat(day), join(dict.fromkeys(names))) for day, names in sorted(by_day.items())]


def _positions(visit: Visit, phases: set[str]) -> list[Position]:
    """Where each body stands by the first kind that is opened for the roster; what is over stands in the last phase."""
    kind = next((each.kind for each in visit.campaign.doc.opens if each.each == "roster"), None)
    if kind is None:
        return []
    table, states = visit.reader.phases(kind), visit.campaign.kind(kind).doc.states
    found = []
    for row in table["rows"]:
        stage = next(each for each in table["columns"] if each["code"] in row["cells"])
        spec, code = states.get(stage["code"]), stage["code"]
        over = spec is not None and (spec.final or spec.closed)
        shown = code if code in phases else visit.campaign.doc.phases[-1].code if over and phases else None
        lights = {each["light"] for each in row["cells"].values()}
        light = next((each for each in WORST if each in lights), None)
        where = f"/matters?kind={kind}&body={row['body']}"
        found.append(Position(visit.speech.label(row["name"]), shown, visit.speech.label(stage["label"]), light, where))
    return found

"""The page of a matter: what it shows, what can be done on it, and how a form that is refused comes back."""

import hashlib
import re
from collections.abc import Iterator
from urllib.parse import unquote

import pytest
from test_console_ground import Visitor
from world import begin, correct, do, local, papers, set_clock

from commands.serving import Standing, serving_console
from engine.delegating import Delegations
from engine.orders import Do
from workflows.workspace import Workspace

ERRAND = "errand/alpha"


class Clerk(Visitor):
    """A visitor who fills in forms of a matter's page and sends files with them."""

    def card(self, key: str, ref: str = ERRAND) -> dict[str, str]:
        """What the form of an act says before anything is typed."""
        return hidden_of(self.ask(f"/m/{ref}")[1], key)

    def send(
        self, path: str, form: dict[str, str], files: dict[str, tuple[str, bytes]] | None = None
    ) -> tuple[int, str]:
        edge = "----edge7f3a"
        parts = [
            f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, value in form.items()
        ]
        for name, (filename, content) in (files or {}).items():
            said = f'Content-Disposition: form-data; name="{name}"; filename="{filename}"'
            head = f"--{edge}\r\n{said}\r\nContent-Type: application/octet-stream\r\n\r\n"
            parts.append(head.encode() + content + b"\r\n")
        return self.post_raw(
            path, b"".join(parts) + f"--{edge}--\r\n".encode(), f"multipart/form-data; boundary={edge}"
        )

    def post_raw(self, path: str, body: bytes, kind: str) -> tuple[int, str]:
        import http.client

        connection = http.client.HTTPConnection(self.site.hostname or "", self.site.port, timeout=20)
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        connection.request(
            "POST", path, body, {"Cookie": cookies, "Content-Type": kind, "Sec-Fetch-Site": "same-origin"}
        )
        answer = connection.getresponse()
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.split(";")[0]
        self.headers = {name.lower(): value for name, value in answer.getheaders()}
        page = answer.read().decode()
        connection.close()
        return answer.status, page


def hidden_of(page: str, key: str) -> dict[str, str]:
    """The hidden fields of a card's form."""
    card = page.partition(f'id="act-{key}"')[2].partition("</form>")[0]
    assert card, f"there is no card {key}"
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', card))


def in_hand(office: Workspace) -> None:
    """Bring the errand to where its report may be submitted."""
    correct(office, ERRAND, "alpha.head", reason="漏填", urgent=False)
    do(office, ERRAND, "take", "alpha.liaison")


@pytest.fixture
def office(sqlite_url: str) -> Iterator[Workspace]:
    found = begin(sqlite_url)
    yield found
    found.close()


@pytest.fixture
def clerk(office: Workspace) -> Iterator[Clerk]:
    with serving_console(office, Standing(office, heart=False), "127.0.0.1", 0) as site:
        found = Clerk(site)
        found.enter("alpha.liaison")
        yield found


def test_the_page_says_where_a_matter_stands_and_what_its_reader_may_do(clerk: Clerk) -> None:
    code, page = clerk.ask(f"/m/{ERRAND}")
    assert code == 200
    assert "待办" in page and "甲局" in page and 'id="act-take"' in page and "办理期限" in page
    assert 'id="act-put_off"' not in page and "须由办公室办理" in page, "and why not the rest"
    assert "Traceback" not in page and clerk.ask("/m/errand/nobody")[0] == 404


def test_an_act_is_done_from_its_form_and_the_page_says_so(office: Workspace, clerk: Clerk) -> None:
    code, _ = clerk.send(f"/do/{ERRAND}", clerk.card("take"))
    assert (code, clerk.headers["location"]) == (303, f"/m/{ERRAND}")
    assert office.reader.show(ERRAND)["state"] == "doing"
    page = clerk.ask(f"/m/{ERRAND}")[1]
    assert "已办理：承办" in page and "待办 → 在办" in page


def test_a_form_that_is_sent_twice_does_it_once(office: Workspace, clerk: Clerk) -> None:
    form = clerk.card("note_cost") | {"fact.cost_fen": "1,234.50"}
    assert [clerk.send(f"/do/{ERRAND}", form)[0] for _ in range(2)] == [303, 303]
    assert office.reader.show(ERRAND)["facts"]["cost_fen"] == 123450
    assert office.reader.show(ERRAND)["entries_count"] == 2
    assert "1,234.50 元" in clerk.ask(f"/m/{ERRAND}")[1]


def test_what_was_typed_is_still_there_when_it_is_refused_and_the_fault_stands_beside_the_field(clerk: Clerk) -> None:
    form = clerk.card("note_cost") | {"fact.cost_fen": "12.345", "reason": "车费"}
    code, page = clerk.send(f"/do/{ERRAND}", form)
    assert code == 422
    card = page.split('id="act-note_cost"')[1].split("</form>")[0]
    assert 'value="12.345"' in card and "最多两位小数" in card and "车费" in card and 'aria-invalid="true"' in card
    code, page = clerk.send(f"/do/{ERRAND}", hidden_of(page, "note_cost") | {"fact.cost_fen": ""})
    assert code == 409 and "须填写：费用" in page and "cost_fen）" not in page


def test_a_form_of_yesterday_says_what_has_changed_and_asks_again(office: Workspace, clerk: Clerk) -> None:
    form = clerk.card("note_cost") | {"fact.cost_fen": "5"}
    do(office, ERRAND, "take", "alpha.liaison")
    code, page = clerk.send(f"/do/{ERRAND}", form)
    assert code == 409 and "事项已有变动" in page and "承办" in page
    assert office.reader.show(ERRAND)["facts"].get("cost_fen") is None
    again = hidden_of(page, "note_cost") | {"fact.cost_fen": "5"}
    assert clerk.send(f"/do/{ERRAND}", again)[0] == 303


def test_a_document_comes_with_the_act_and_is_handed_out_as_a_file(office: Workspace, clerk: Clerk) -> None:
    in_hand(office)
    form = clerk.card("submit")
    assert clerk.send(f"/do/{ERRAND}", form)[0] == 409, "without its report"
    code, page = clerk.send(f"/do/{ERRAND}", form, {"doc.report": ("报告.pdf", b"MZ no pdf")})
    assert code == 422 and "文件内容与扩展名不符" in page
    assert clerk.send(f"/do/{ERRAND}", form, {"doc.report": ("报告 1.txt", b"done")})[0] == 303
    assert office.reader.show(ERRAND)["state"] == "review"
    sha256 = hashlib.sha256(b"done").hexdigest()
    assert clerk.ask(f"/d/{ERRAND}?kind=report&sha256={sha256}") == (200, "done")
    assert clerk.headers["content-type"] == "application/octet-stream"
    assert clerk.headers["content-security-policy"].startswith("sandbox")
    said = clerk.headers["content-disposition"]
    assert said.startswith("attachment; ") and unquote(said.split("UTF-8''")[1]) == "报告 1.txt"
    assert clerk.ask(f"/d/errand/beta?kind=report&sha256={sha256}")[0] == 404, "of another matter"
    assert clerk.ask(f"/d/{ERRAND}?sha256={'0' * 64}")[0] == 404


def test_a_file_need_not_be_sent_again_when_the_form_was_wrong(office: Workspace, clerk: Clerk) -> None:
    in_hand(office)
    form = clerk.card("submit") | {"occurred": "2033-01-01T09:00"}
    code, page = clerk.send(f"/do/{ERRAND}", form, {"doc.report": ("报告.txt", b"whole")})
    assert code == 422 and "已收到：报告.txt" in page and "在将来" in page
    kept = hidden_of(page, "submit")
    forged = kept | {"kept.report": kept["kept.report"][:-4] + "0000"}
    assert clerk.send(f"/do/{ERRAND}", forged)[0] == 409, "nobody names a document that he did not bring"
    assert clerk.send(f"/do/{ERRAND}", kept)[0] == 303
    assert office.reader.show(ERRAND)["documents"][0]["name"] == "报告.txt"


def test_documents_are_attached_without_a_move_and_all_versions_stay(office: Workspace, clerk: Clerk) -> None:
    for content in (b"first", b"second"):
        form = clerk.card("attach") | {"extra_kind": "report"}
        assert clerk.send(f"/attach/{ERRAND}", form, {"extra_file": ("r.txt", content)})[0] == 303
    page = clerk.ask(f"/m/{ERRAND}")[1]
    assert "历次版本（2）" in page
    code, page = clerk.send(
        f"/attach/{ERRAND}", clerk.card("attach") | {"extra_kind": ""}, {"extra_file": ("r.txt", b"x")}
    )
    assert code == 422 and "请选择材料种类" in page


def test_the_head_corrects_only_what_he_changes_and_says_why(office: Workspace, clerk: Clerk) -> None:
    do(office, ERRAND, "note_cost", "alpha.liaison", cost_fen=500)
    assert 'id="act-correct"' not in clerk.ask(f"/m/{ERRAND}")[1], "not for the liaison"
    clerk.enter("alpha.head")
    form = clerk.card("correct") | {"fact.cost_fen": "6", "fact.urgent": "", "reason": ""}
    code, page = clerk.send(f"/correct/{ERRAND}", form)
    assert code == 409 and "须说明理由" in page
    assert clerk.send(f"/correct/{ERRAND}", form | {"reason": "笔误"})[0] == 303
    last = office.reader.history(ERRAND)["items"][-1]
    assert (last["kind"], last["facts"], last["reason"]) == ("corrected", {"cost_fen": 600}, "笔误")
    code, page = clerk.send(f"/correct/{ERRAND}", clerk.card("correct") | {"fact.cost_fen": "6", "reason": "无"})
    assert code == 422 and "更正须至少填写一项" in page


def test_the_office_urges_with_words(office: Workspace, clerk: Clerk) -> None:
    clerk.enter("bgs.admin")
    code, page = clerk.send(f"/urge/{ERRAND}", clerk.card("urge"))
    assert code == 422 or code == 409
    assert clerk.send(f"/urge/{ERRAND}", hidden_of(page, "urge") | {"reason": "请今日办结"})[0] == 303
    page = clerk.ask(f"/m/{ERRAND}?entries=comments")[1]
    assert "请今日办结" in page and "催办" in page


def test_a_deputy_acts_in_the_name_of_whom_he_stands_in_for_and_of_nobody_else(office: Workspace, clerk: Clerk) -> None:
    forged = clerk.card("take") | {"on_behalf": "beta.head"}
    code, page = clerk.send(f"/do/{ERRAND}", forged)
    assert code == 403 and "没有生效的委托" in page
    assert office.reader.show(ERRAND)["state"] == "todo"
    Delegations(office.engine, office.actor("bgs.admin")).make(
        "alpha.liaison", "beta.head", office.clock.now(), local("2010-11-20"), "出差"
    )
    clerk.enter("beta.head")
    form = clerk.card("take")
    assert form["on_behalf"] == "alpha.liaison"
    assert clerk.send(f"/do/{ERRAND}", form)[0] == 303
    last = office.reader.history(ERRAND)["items"][-1]
    assert (last["actor"], last["on_behalf_of"]) == ("beta.head", "alpha.liaison")
    assert "代 " in clerk.ask(f"/m/{ERRAND}")[1].partition('id="line"')[2]


def test_a_matter_is_shown_as_it_stood_without_anything_to_do(office: Workspace, clerk: Clerk) -> None:
    set_clock(office, "2010-11-02T10:00")
    do(office, ERRAND, "take", "alpha.liaison")
    set_clock(office, "2010-11-03T10:00")
    code, page = clerk.ask(f"/m/{ERRAND}?as_of=2010-11-01T12:00")
    assert (
        code == 200 and "时的情形" in page and 'id="act-' not in page and '<span class="move">待办 → 在办' not in page
    )
    assert clerk.ask(f"/m/{ERRAND}?as_of=yesterday")[0] == 422
    assert clerk.ask(f"/m/{ERRAND}?as_of=2009-01-01")[0] == 404


def test_an_act_entered_late_is_marked(office: Workspace, clerk: Clerk) -> None:
    set_clock(office, "2010-11-04T10:00")
    form = clerk.card("take") | {"occurred": "2010-11-02T09:30"}
    assert clerk.send(f"/do/{ERRAND}", form)[0] == 303
    last = office.reader.history(ERRAND)["items"][-1]
    assert last["occurred_at"] == local("2010-11-02T09:30").isoformat().replace("+00:00", "Z")
    assert "录入于" in clerk.ask(f"/m/{ERRAND}")[1]


def test_nothing_that_is_typed_becomes_markup(office: Workspace, clerk: Clerk) -> None:
    clerk.enter("bgs.admin")
    clerk.send(f"/urge/{ERRAND}", clerk.card("urge") | {"reason": "<script>alert(1)</script>"})
    page = clerk.ask(f"/m/{ERRAND}")[1]
    assert "<script>alert" not in page and "&lt;script&gt;alert" in page


def test_an_act_needs_the_sessions_token(office: Workspace, clerk: Clerk) -> None:
    form = clerk.card("take") | {"csrf": "0" * 64}
    assert clerk.send(f"/do/{ERRAND}", form)[0] == 403
    assert office.reader.show(ERRAND)["state"] == "todo"


def test_a_page_in_english_has_no_chinese_words_of_ours(office: Workspace, clerk: Clerk) -> None:
    office.engine.execute(
        Do(ref=ERRAND, trigger="take", documents=papers(office, "report")), office.actor("alpha.liaison")
    )
    clerk.ask("/language", {"lang": "en", "next": "/"})
    page = clerk.ask(f"/m/{ERRAND}")[1]
    for word in ("办理", "期限", "材料", "状态", "通知", "依据"):
        assert word not in re.sub(r'title="[^"]*"', "", page), word

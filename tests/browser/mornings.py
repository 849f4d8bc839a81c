"""What people do at their desks, in the words of the page: come in, open a matter, fill in a card, bring a file, send."""

from collections.abc import Mapping, Sequence
from typing import Any

from playwright.sync_api import FilePayload, Locator, Page, expect

from browser.sites import Site, enter

TASK = "department_task/wujia"
"""The task of a department that is at its self-correction."""

PENDING, SENT, DECLINED = "case/2010-0001", "case/2010-0002", "case/2010-0003"
"""Cases that wait for their department's head, for the police to sign, and for the department after a refusal."""

RED = "department_task/nongwei"
"""The task of a department that never sent its plan."""

ENCLOSURES = ("transfer_letter", "investigation_report", "goods_list", "appraisal", "other_material")
"""What goes with a transfer: 国务院令第310号 第六条."""


def paper(name: str, content: bytes = b"%PDF-1.4\n%%EOF\n") -> FilePayload:
    """A file of that name as an office would bring it."""
    return {"name": name, "mimeType": "application/pdf", "buffer": content}


class Desk:
    """Somebody at a browser, who may get up and let another sit down."""

    def __init__(self, site: Site, page: Page) -> None:
        self.site, self.page = site, page

    def sit(self, login: str) -> None:
        """Come in as *login*; whoever sat here leaves."""
        if self.page.url.startswith(self.site.url) and self.page.locator('form[action="/logout"]').count():
            self.page.locator('form[action="/logout"] button').click()
            expect(self.page.get_by_role("heading", level=1)).to_have_text("以谁的身份进入？")
        enter(self.page, login)

    def find(self, ref: str, behalf: str = "") -> None:
        """Go to a matter from one's work, or from that of *behalf* whom one stands in for, where it must stand."""
        self.page.goto("/work")
        if behalf:
            self.page.get_by_role("link", name=f"代 {behalf} 办理").click()
        self.page.locator(f'main a[href="/m/{ref}"]').first.click()
        expect(self.page.locator(".matter-head .ref").first).to_have_text(ref)

    def card(self, key: str) -> Locator:
        """The card of an act, unfolded."""
        card = self.page.locator(f"details#act-{key}")
        if card.get_attribute("open") is None:
            card.locator("summary").first.click()
        return card

    def fill(
        self, key: str, facts: Mapping[str, str] | None = None, papers: Sequence[str] = (), reason: str = "",
    ) -> Locator:  # fmt: skip
        """Fill in a card: facts, a file for each kind of *papers*, and the reason."""
        card = self.card(key)
        for code, value in (facts or {}).items():
            card.locator(f'[name="fact.{code}"]').fill(value)
        for kind in papers:
            card.locator(f'input[name="doc.{kind}"]').set_input_files(paper(f"{kind}.pdf"))
        if reason:
            card.locator('[name="reason"]').fill(reason)
        return card

    def act(
        self, key: str, facts: Mapping[str, str] | None = None, papers: Sequence[str] = (), reason: str = ""
    ) -> None:
        """Fill in a card, send it, and read on the page that it was done."""
        send(self.fill(key, facts, papers, reason))
        expect(self.page.locator("p.said")).to_be_visible()


def send(card: Locator) -> None:
    """Press the button of a card."""
    card.locator(".acts button").click()


def acts_of(site: Site, ref: str) -> list[tuple[str | None, str]]:
    """What was done with a matter and by whom, in its order, as the record has it."""
    return [(each["trigger"], each["actor"]) for each in history(site, ref) if each["trigger"]]


def history(site: Site, ref: str) -> list[dict[str, Any]]:
    """The whole record of a matter."""
    found: list[dict[str, Any]] = site.workspace.reader.history(ref)["items"]
    return found


def state(site: Site, ref: str) -> str:
    """Where a matter stands."""
    return str(site.workspace.reader.show(ref)["state"])

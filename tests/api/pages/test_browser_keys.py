"""A real Chromium logs in with a key, and makes and revokes another."""

from __future__ import annotations

from pathlib import Path

from tests.api.pages.conftest import Visit, serving
from tests.api.pages.looks import LOOKS, accessible, fits, keep


def test_one_logs_in_with_a_key_and_makes_another(
    visit: Visit, tmp_path: Path, pictures: Path
) -> None:
    from guanxi.api.config import ServeConfig
    from guanxi.api.database import Database
    from guanxi.api.keys import new_key
    from guanxi.settings import Settings

    store = tmp_path / "net.duckdb"
    database = Database(ServeConfig(Settings(store=str(store))).folder)
    _, key = new_key(database, "admin")
    database.close()
    with serving(store) as address:
        for look in LOOKS:
            visitor = visit(address, *look)
            page = visitor.open("/data?a=b:c")
            keep(page, pictures, "login", look)
        accessible(page)
        visitor = visit(address)
        page = visitor.open("/data?a=b:c")
        page.get_by_label("Key").fill("gx_wrong")
        page.keyboard.press("Enter")
        page.get_by_role("alert").get_by_text("not known").wait_for()
        visitor.wrong.clear()  # the browser's own word on the 401
        page.get_by_label("Key").fill(key)
        page.keyboard.press("Enter")
        page.wait_for_url("**/data?a=b%3Ac")
        (cookie,) = [c for c in visitor.context.cookies() if c["name"] == "guanxi_session"]
        assert cookie["httpOnly"]
        assert cookie["sameSite"] == "Strict"
        page.get_by_role("link", name="Show keys").click()
        page.get_by_label("Name").fill("Intern")
        page.get_by_label("Ends").fill("yesterday")
        page.get_by_role("button", name="Make the key").click()
        page.locator("#expires-problem").get_by_text("is no time for a key to end").wait_for()
        visitor.wrong.clear()  # the browser's own word on the 422
        page.get_by_label("Ends").fill("30d")
        page.get_by_text("Limits", exact=True).first.click()
        page.get_by_label("Requests a minute").fill("60")
        page.get_by_label("Largest file sent, in MB").fill("2.5")
        page.get_by_role("button", name="Make the key").click()
        page.get_by_text("It is shown this once").wait_for()
        # The key stands in the list at once, and can be revoked there; the form is empty again.
        page.get_by_role("row", name="Intern").wait_for()
        assert page.get_by_text("60 requests a minute, files of 2.5 MB").is_visible()
        assert page.get_by_label("Name").input_value() == ""
        made = page.get_by_label("Key", exact=True).input_value()
        assert visitor.context.request.get(
            f"{address}/v1/session", headers={"Authorization": f"Bearer {made}", "Cookie": ""}
        ).ok
        keep(page, pictures, "key-made", LOOKS[0])
        page.get_by_role("button", name="Revoke Intern").click()
        assert page.get_by_role("button", name="Revoke Intern for good?").is_visible()
        page.get_by_role("link", name="I have copied it").click()
        accessible(page)
        keep(page, pictures, "keys-listed", LOOKS[0])
        for look in LOOKS[2:]:
            page.set_viewport_size(look[2])
            fits(page)
        page.set_viewport_size(LOOKS[0][2])
        assert made not in page.content()
        page.get_by_role("button", name="Revoke Intern").click()
        page.get_by_role("button", name="Revoke Intern for good?").click()
        page.get_by_text("revoked", exact=True).wait_for()
        page.get_by_role("button", name="Log out").click()
        page.wait_for_url("**/login*")
        visitor.open("/data")
        assert "/login" in page.url


def test_the_first_key_shuts_the_page_until_one_logs_in(visit: Visit, tmp_path: Path) -> None:
    with serving(tmp_path / "net.duckdb") as address:
        visitor = visit(address)
        late = visitor.context.new_page()
        late.goto(f"{address}/keys")
        page = visitor.open("/keys")
        page.get_by_label("Ends").fill("yesterday")
        page.get_by_role("button", name="Make the key").click()
        page.locator("#expires-problem").get_by_text("'yesterday' is no time").wait_for()
        visitor.wrong.clear()  # the browser's own word on the 422
        page.get_by_label("Ends").fill("30d")
        page.get_by_role("button", name="Make the key").click()
        page.get_by_text("It is shown this once").wait_for()
        assert page.get_by_role("button", name="Make the key").is_hidden()
        assert visitor.wrong == []
        # A page that was open before says what to do, in words of a page.
        late.get_by_role("button", name="Make the key").click()
        late.get_by_role("alert").get_by_text("Log in first").wait_for()
        visitor.wrong.clear()  # the browser's own word on the 401

"""What people come for, in a real Chromium, by mouse and by keyboard alone. The fixture `visit` fails a test whose
pages asked anybody else, broke the content security policy or raised an error."""

import json
from pathlib import Path

import pytest
import rdflib

pytestmark = pytest.mark.browser


def focused(page) -> str:
    return page.evaluate("document.activeElement.textContent.trim()")


def tab_to(page, wanted: str, most: int = 60) -> None:
    """Press Tab until what has the focus says the wanted words."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if wanted in page.evaluate("(document.activeElement.ariaLabel || document.activeElement.textContent).trim()"):
            return
    raise AssertionError(f"{wanted!r} cannot be reached by Tab")


# ---- ask and follow a citation


def test_ask_and_follow_a_citation_by_mouse(visit, address):
    page = visit(address)
    page.get_by_role("combobox", name="Your question").fill("what are the side effects of methocarbamol")
    page.get_by_role("button", name="Ask").click()
    assert "drowsiness" in page.locator("#answer h1").text_content()
    page.locator("#answer .cite").first.click()
    assert page.url.endswith("#c1")
    page.locator("#c1 a").first.click()
    page.wait_for_url("**/doc/back-spasms/#*")
    assert page.locator(".passage:target").count() == 1


def test_ask_by_keyboard_with_a_suggestion(visit, address):
    page = visit(address)
    page.keyboard.press("/")
    page.keyboard.type("side effects of metho")
    page.locator("#ask-options li").first.wait_for()
    page.keyboard.press("ArrowDown")
    page.locator("#ask-options [aria-selected=true]").wait_for()
    box = page.get_by_role("combobox")
    assert box.get_attribute("aria-activedescendant") == "ask-options-0"
    page.keyboard.press("Enter")
    page.locator("#answer[data-status=answered]").wait_for()
    assert "drowsiness" in page.locator("#answer").text_content()


def test_escape_closes_the_suggestions_and_keeps_what_was_typed(visit, address):
    page = visit(address)
    page.keyboard.press("/")
    page.keyboard.type("what causes back")
    page.locator("#ask-options li").first.wait_for()
    page.keyboard.press("Escape")
    assert page.locator("#ask-options").is_hidden()
    assert page.get_by_role("combobox").input_value() == "what causes back"


def test_a_reported_warning_sign_stands_above_everything(visit, address):
    page = visit(address + "/ask?q=i+have+back+spasms+and+lost+control+of+my+bladder")
    strip = page.locator("#answer [role=alert]")
    strip.wait_for()
    assert strip.bounding_box()["y"] < page.locator("#answer h1").bounding_box()["y"]


def test_a_refusal_offers_a_way_on(visit, address):
    page = visit(address + "/ask?q=side+effects+of+chemotherapy")
    assert page.locator("#answer").get_attribute("data-status") == "not_understood"
    assert "chemotherapy" in page.locator("#answer h1").text_content()


# ---- find a drug and see its side effects


def test_find_a_drug_and_see_its_side_effects_by_mouse(visit, address):
    page = visit(address + "/explore")
    page.get_by_role("link", name="classes of drugs").first.click()
    page.get_by_role("link", name="muscle relaxants").click()
    box = page.get_by_role("region", name="has side effect")
    assert "drowsiness" in box.text_content()
    box.get_by_role("link", name="Where it says so: drowsiness").click()
    page.locator("#details").wait_for()
    assert "079" in page.locator("#details").text_content()
    page.go_back()
    page.locator("#details").wait_for(state="detached")
    assert "focus=MuscleRelaxant" in page.url


def test_find_a_drug_and_see_its_side_effects_by_keyboard(visit, address):
    page = visit(address + "/explore")
    page.keyboard.press("/")
    page.keyboard.type("relaxant")
    page.locator("#thing-options li").first.wait_for()
    page.keyboard.press("ArrowDown")
    page.locator("#thing-options [aria-selected=true]").wait_for()
    page.keyboard.press("Enter")
    page.locator("#map").wait_for()
    assert focused(page) == "muscle relaxants"
    tab_to(page, "confusion")
    page.keyboard.press("ArrowDown")
    assert "drowsiness" in focused(page)
    page.keyboard.press("Enter")
    page.locator("#focus", has_text="drowsiness").wait_for()
    page.go_back()
    page.locator("#focus", has_text="muscle relaxants").wait_for()


def test_what_a_fact_connects_lights_up_under_the_pointer_and_in_focus(visit, address):
    page = visit(address + "/explore?focus=BackSpasm")
    page.locator("#map a[data-thing$='/MuscleStrain']").first.hover()
    assert page.locator("#map li.near").count() >= 1
    page.mouse.move(2, 2)
    page.locator("#map.lit").wait_for(state="detached")
    page.locator("#map a[data-thing$='/MuscleStrain']").first.focus()
    assert page.locator("#map li.near").count() >= 1
    assert page.locator("#cross-note").text_content()


def test_a_filter_narrows_the_map_and_back_undoes_it(visit, address):
    page = visit(address + "/explore?focus=BackSpasm")
    before = page.locator("#map .box").count()
    page.get_by_text("Filter").click()
    page.get_by_role("checkbox", name="symptoms and findings").check()
    page.wait_for_url("**kinds=Symptom**")
    assert 0 < page.locator("#map .box").count() < before
    page.go_back()
    page.locator("#map .box").nth(before - 1).wait_for()
    assert "kinds" not in page.url


# ---- the path from stress to drowsiness


def test_the_way_from_stress_to_drowsiness_by_mouse(visit, address):
    page = visit(address + "/explore?focus=Stress&view=network")
    page.get_by_text("Connect two things").click()
    page.get_by_role("combobox", name="To").fill("drowsiness")
    page.get_by_role("option", name="drowsiness").click()
    page.get_by_role("button", name="Connect").click()
    page.get_by_role("heading", name="How stress and drowsiness are connected").wait_for()
    page.locator("#network.live canvas").first.wait_for()
    said = page.locator(".netlist").text_content()
    assert all(words in said for words in ("stress", "back spasms", "muscle relaxants", "drowsiness"))


def test_the_way_from_stress_to_drowsiness_by_keyboard(visit, address):
    page = visit(address + "/explore?focus=Stress&view=network")
    page.locator("#network.live").wait_for()
    tab_to(page, "Connect two things")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("drowsi")
    page.locator("#to-options li").first.wait_for()
    page.keyboard.press("ArrowDown")
    page.locator("#to-options [aria-selected=true]").wait_for()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="How stress and drowsiness are connected").wait_for()


def test_things_are_gathered_into_a_network_and_taken_out_again(visit, address):
    page = visit(address + "/explore?focus=MuscleRelaxant")
    page.get_by_role("link", name="Start a network").click()
    page.locator("#network").wait_for()
    page.get_by_role("link", name="Map").click()
    page.locator("#map a[data-thing$='/Drowsiness']").first.click()
    page.get_by_role("link", name="Add to the network").first.click()
    page.locator(".netlist", has_text="has side effect").wait_for()
    page.get_by_role("link", name="Take drowsiness out").click()
    page.locator(".set", has_text="drowsiness").wait_for(state="detached")


# ---- exports


@pytest.mark.parametrize("state", ["focus=MuscleRelaxant", "view=network&from=Stress&to=Drowsiness"])
def test_each_export_is_saved_and_opens(visit, address, state: str, tmp_path: Path):
    page = visit(f"{address}/explore?{state}", accept_downloads=True)
    saved: dict[str, bytes] = {}
    for name in ("SVG drawing", "JSON", "CSV table", "Turtle", "PNG picture"):
        page.locator("summary", has_text="Export").click()
        with page.expect_download() as download:
            page.locator(".exports").get_by_text(name, exact=True).click()
        path = tmp_path / download.value.suggested_filename
        download.value.save_as(path)
        saved[name] = path.read_bytes()
        page.keyboard.press("Escape")
    assert b"drowsiness" in saved["SVG drawing"]
    assert json.loads(saved["JSON"])
    assert b"drowsiness" in saved["CSV table"]
    assert len(rdflib.Graph().parse(data=saved["Turtle"].decode(), format="turtle")) > 2
    assert saved["PNG picture"].startswith(b"\x89PNG\r\n")
    assert len(saved["PNG picture"]) > 5000


def test_follow_a_citation_by_keyboard(visit, address):
    page = visit(address + "/ask?q=what+are+the+side+effects+of+methocarbamol")
    tab_to(page, "source 1")
    page.keyboard.press("Enter")
    assert page.url.endswith("#c1")
    for _ in range(12):
        page.keyboard.press("Tab")
        if (page.evaluate("document.activeElement.getAttribute('href')") or "").startswith("/doc/"):
            break
    page.keyboard.press("Enter")
    page.wait_for_url("**/doc/back-spasms/#*")
    assert page.locator(".passage:target").count() == 1


# ---- which drugs make me drowsy, and where does it say so


def test_which_drugs_make_me_drowsy_is_found_on_ask(visit, address):
    page = visit(address)
    page.get_by_role("combobox", name="Your question").fill("which drugs make me drowsy")
    page.keyboard.press("Enter")
    page.locator("#answer[data-status=answered]").wait_for()
    assert "cyclobenzaprine" in page.locator("#answer h1").text_content()
    assert page.locator(".citations li a[href^='/doc/back-spasms/#']").count() >= 2


def test_which_drugs_make_me_drowsy_is_found_on_explore(visit, address):
    page = visit(address + "/explore")
    page.keyboard.press("/")
    page.keyboard.type("drowsy")
    page.locator("#thing-options li").first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    box = page.get_by_role("region", name="side effect of")
    assert "muscle relaxants" in box.text_content()
    box.get_by_role("link", name="Where it says so: muscle relaxants").click()
    assert "079" in page.locator("#details").text_content()


def test_an_export_is_saved_by_keyboard(visit, address, tmp_path: Path):
    page = visit(address + "/explore?focus=MuscleRelaxant&view=table")
    tab_to(page, "Export")
    page.keyboard.press("Enter")
    tab_to(page, "CSV", most=8)
    with page.expect_download() as coming:
        page.keyboard.press("Enter")
    coming.value.save_as(tmp_path / "saved.csv")
    assert "drowsiness" in (tmp_path / "saved.csv").read_text("utf-8")

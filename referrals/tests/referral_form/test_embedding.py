"""The form in a frame of another site: as high as its page, scrolled to, sandboxed, and never a message too many."""

import pytest
from playwright.sync_api import Page, expect

from referrals.models import ReferralLink
from referrals.tests.referral_form.referrer import Referrer


@pytest.fixture
def link(northside) -> ReferralLink:
    return ReferralLink.objects.create(
        network=northside.network, name="Partner", embed_origins="https://www.example.org"
    )


@pytest.fixture
def framed(link):
    return Referrer(f"{link.get_absolute_url()}?embed=1")


def test_a_sandboxed_frame_may_send_the_form_that_a_link_lets_others_embed(framed, link):
    filled = framed.fill(for_whom="self", name="Maya Ferreira", phone="07700 900123")
    assert filled.press("Continue", Origin="null").response.status_code == 200
    own_page = Referrer(link.get_absolute_url()).fill(for_whom="self", name="Maya", phone="07700 900123")
    assert own_page.press("Continue", Origin="null").response.status_code == 403


def test_what_is_refused_as_sent_from_elsewhere_goes_on_from_our_own_page(northside):
    referrer = northside.fill_in_person(name='Maya "M" Ferreira')
    first = referrer.step
    refused = referrer.press("Continue", Origin="https://evil.example.org")
    assert (refused.title, refused.response.status_code) == ("Please send it from this page", 403)
    fields = dict(refused.fields.lists())
    assert fields["name"] == ['Maya "M" Ferreira']
    answer = refused.client.post("/refer/northside/", fields, headers={"Origin": "http://testserver"})
    refused.show(answer)
    assert answer.status_code == 200
    assert refused.step != first


def test_the_embedded_form_says_whom_to_ask(framed, link):
    assert f"Write to {link.network.email}" in framed.page.footer.get_text()


def show_in_a_frame(page: Page, live_server, link: ReferralLink, attributes: str = "") -> None:
    address = f"{live_server.url}{link.get_absolute_url()}?embed=1"
    body = f"""<script src="{live_server.url}/static/referrals/embed.js" defer></script>
        <h1>Help</h1>
        <iframe data-referral-form src="{address}" {attributes} title="Refer" style="width: 90%; height: 99px"></iframe>
        <p style="height: 3000px">More</p>"""
    page.route("https://www.example.org/**", lambda route: route.fulfill(content_type="text/html", body=body))
    page.goto("https://www.example.org/help")


def height_of(page: Page) -> float:
    return page.locator("iframe").bounding_box()["height"]


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_frame_is_as_high_as_its_page_and_is_scrolled_to_and_errors_have_the_focus(live_server, new_context, link):
    page = new_context(viewport={"width": 1280, "height": 700}).new_page()
    show_in_a_frame(page, live_server, link)
    frame = page.frame_locator("iframe")
    frame.get_by_label("Name", exact=True).wait_for()
    page.wait_for_function("document.querySelector('iframe').clientHeight > 600")
    inner = page.frames[1].evaluate("[document.documentElement.scrollHeight, innerHeight]")
    assert inner[0] <= inner[1] + 1
    frame.get_by_role("button", name="Continue", exact=True).last.click()
    expect(frame.locator(".attention")).to_be_focused()
    page.wait_for_function("Math.abs(document.querySelector('iframe').getBoundingClientRect().top) < 2")
    before = height_of(page)
    page.evaluate("postMessage({referralFormHeight: 50}, '*')")  # neither from the frame nor from its origin
    page.frames[1].evaluate("parent.postMessage({referralFormHeight: 'x'}, '*')")
    page.wait_for_timeout(200)
    assert height_of(page) == before


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_in_a_sandbox_the_form_says_so_at_once_and_works_to_the_end(live_server, new_context, link):
    page = new_context().new_page()
    show_in_a_frame(page, live_server, link, 'sandbox="allow-forms allow-scripts"')
    frame = page.frame_locator("iframe")
    expect(frame.get_by_text("keeps it in a sandbox")).to_be_visible()
    frame.get_by_label("Myself").check()
    frame.get_by_label("Name", exact=True).fill("Maya Ferreira")
    frame.get_by_label("Phone", exact=True).fill("07700 900123")
    steps = [
        ("Continue", "What do you need?"),
        ("Continue", "We found no organisation for you"),
        ("Continue to the coordinators", "May we share this?"),
        ("Send the referral", "The referral is sent"),
    ]
    for button, title in steps:
        if title == "We found no organisation for you":
            frame.get_by_label("Food parcels", exact=True).check()
        if button == "Send the referral":
            frame.get_by_label("I agree", exact=True).check()
        frame.get_by_role("button", name=button, exact=True).last.click()
        expect(frame.get_by_role("heading", level=1)).to_have_text(title)
    assert page.context.cookies() == []


@pytest.mark.browser
def test_a_referrers_details_are_remembered_on_request_and_forgotten(new_context, settings):
    script = (settings.BASE_DIR / "referrals/static/referrals/remember_referrer.js").read_text()
    body = f"""<form action="/" method="get"><input name="source_name" aria-label="Your name">
        <input name="source_organisation" aria-label="Organisation" value="Advice Shop">
        <div data-remember hidden><label><input type="checkbox"> Remember my details</label>
        <button type="button" hidden>Forget me</button></div><button>Continue</button></form>
        <script>{script}</script>"""
    page = new_context().new_page()
    page.route("https://form.example.org/**", lambda route: route.fulfill(content_type="text/html", body=body))

    def send(name: str, *, remember: bool) -> None:
        page.goto("https://form.example.org/")
        page.get_by_label("Your name").fill(name)
        page.get_by_label("Remember my details").set_checked(remember)
        page.get_by_role("button", name="Continue").click()
        page.wait_for_url("**/?source_name=*")

    send("Sam Okoro", remember=False)
    assert page.get_by_label("Your name").input_value() == ""
    send("Sam Okoro", remember=True)
    assert page.get_by_label("Your name").input_value() == "Sam Okoro"
    assert page.get_by_label("Organisation").input_value() == "Advice Shop"
    page.get_by_role("button", name="Forget me").click()
    page.goto("https://form.example.org/")
    assert page.get_by_label("Your name").input_value() == ""
    assert page.evaluate("localStorage.length") == 0

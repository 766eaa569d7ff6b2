import datetime, pytest
from django.utils import timezone
from pledges import identity, events, signing
from tests import cast
OUT="/tmp/signer/"
def shoot(page, name, full=True):
    page.wait_for_load_state("networkidle")
    page.screenshot(path=f"{OUT}{name}.png", full_page=full)
def draw(page):
    c = page.locator("canvas"); c.scroll_into_view_if_needed(); b=c.bounding_box()
    pts=[(.1,.5),(.18,.2),(.24,.75),(.33,.3),(.42,.65)]
    page.mouse.move(b["x"]+b["width"]*pts[0][0], b["y"]+b["height"]*pts[0][1]); page.mouse.down()
    for x,y in pts[1:]: page.mouse.move(b["x"]+b["width"]*x, b["y"]+b["height"]*y, steps=12)
    page.mouse.up()
    page.mouse.move(b["x"]+b["width"]*.45, b["y"]+b["height"]*.62); page.mouse.down()
    page.mouse.move(b["x"]+b["width"]*.88, b["y"]+b["height"]*.5, steps=20); page.mouse.up()
@pytest.mark.parametrize("device", ["phone","desktop"])
def test_shots(request, device, site, city, problems):
    event = cast.make_open(city)
    page = request.getfixturevalue(device)
    siti = cast.someone(event)
    page.goto(identity.personal_link(siti).replace("http://localhost:8000", site))
    shoot(page, f"sign-{device}")
    page.screenshot(path=f"{OUT}sign-top-{device}.png")
    page.click("summary"); page.screenshot(path=f"{OUT}sign-neutral-{device}.png")
    page.click("[data-submit]"); page.screenshot(path=f"{OUT}sign-missing-{device}.png")
    shoot(page, f"sign-missing-full-{device}")
    for t in page.locator("[name=consents]").all()[:-1]: t.check()
    draw(page); 
    page.locator("[data-submit]").scroll_into_view_if_needed(); page.screenshot(path=f"{OUT}sign-drawn-{device}.png")
    page.locator("label[for=cara-ketik]").click(); page.screenshot(path=f"{OUT}sign-typed-{device}.png")
    page.locator("label[for=cara-gambar]").click()
    page.locator("[name=consents]").last.check()
    page.click("[data-submit]"); page.wait_for_selector(".receipt")
    shoot(page, f"receipt-{device}", full=False)
    print(page.url)
    # code page
    page.goto(f"{site}/a/{event.code}"); shoot(page, f"identify-{device}")
    page.fill("#id_identifier", "12345"); page.fill("#id_code","7KQ2M-X9T4R"); page.click("button"); shoot(page, f"identify-bad-{device}")
    page.fill("#id_identifier", cast.SITI); page.fill("#id_code","7KQ2M-X9T4R"); page.click("button"); shoot(page, f"identify-wrong-{device}")
    budi = cast.someone(event, cast.BUDI)
    events.close(event, by=None)
    page.goto(f"{site}/s/{identity.link_token(budi)}"); shoot(page, f"closed-{device}")
    page.goto(f"{site}/s/1-xxx"); shoot(page, f"unknown-{device}")
    draft = cast.make_draft(city, is_example=True)
    page.goto(f"{site}/s/{identity.link_token(cast.someone(draft))}"); shoot(page, f"draft-{device}")
    late = events.publish(draft, by=None); late.deadline = timezone.now()-datetime.timedelta(days=1); late.save()
    page.goto(f"{site}/s/{identity.link_token(cast.someone(draft, cast.RAHMAT_NIK))}"); shoot(page, f"late-{device}")
    print(problems); problems.clear()

@pytest.mark.parametrize("device", ["phone","desktop"])
def test_more(request, device, site, transactional_db, problems, worker):
    from pledges import logos
    from pledges.demo import arms
    from io import BytesIO
    import inspect
    city = cast.make_city()
    try:
        png = arms.placeholder("#123f73")
        city.agency.logo = logos.store(BytesIO(png)); city.agency.save()
    except Exception as e: print("logo", e)
    event = cast.make_open(city, is_example=True, title="Deklarasi dan Penandatanganan Netralitas ASN pada Pilkada Serentak Tahun 2024")
    page = request.getfixturevalue(device)
    p = cast.someone(event, cast.DEWI)
    page.goto(f"{site}/s/{identity.link_token(p)}")
    page.wait_for_load_state("networkidle")
    page.locator("h3").scroll_into_view_if_needed()
    page.locator(".sheet").evaluate("e => e.scrollIntoView()")
    page.screenshot(path=f"{OUT}logo-{device}.png")
    for t in page.locator("[name=consents]").all(): t.check()
    page.locator("#nyatakan-2").evaluate("e => e.scrollIntoView({block:'center'})")
    page.screenshot(path=f"{OUT}ticked-{device}.png")
    draw(page)
    events.close(event, by=None)
    page.click("[data-submit]"); page.wait_for_load_state("networkidle")
    page.screenshot(path=f"{OUT}refused-kept-{device}.png")
    events.reopen(event, by=None)
    page.click("[data-submit]"); page.wait_for_selector("[data-download]:not([hidden])", timeout=60000)
    page.screenshot(path=f"{OUT}sealed-{device}.png")
    page.click("[data-share]"); page.wait_for_timeout(300); page.screenshot(path=f"{OUT}shared-{device}.png")
    problems.clear()

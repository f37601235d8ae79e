"""The story that the page tells, walked through and compared with the interface behind it.

story.py PROGRAM AXE CHART PICTURES
"""

import json
import os
import sys
import tempfile
import time
from decimal import Decimal

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..")]
from browser import Browser  # noqa: E402
from venue import Venue, fail as fail_as  # noqa: E402

VIEWS = ["trade", "waterfall", "queue", "reserves", "prices", "proof", "operations"]


def fail(text):
    fail_as("page", text)


def check(condition, text):
    if not condition:
        fail(text)


def exact(text):
    """A number as people read it, as it is: groups and signs taken away."""
    return Decimal(text.replace("\u202f", "").replace("−", "-").replace("+", "").replace("%", "").strip())


class Story:
    def __init__(self, venue, browser, pictures, axe):
        self.venue, self.browser, self.pictures = venue, browser, pictures
        with open(axe) as file:
            self.axe = file.read()
        self.account = None

    # The parts, in order.

    def arrive(self):
        """PAGE-1, PAGE-6: the token goes from the address into the page, and the page comes alive."""
        self.browser.open("#token=" + Venue.TOKEN)
        self.browser.wait("it is live", lambda: "live" in self.browser.text("#link"))
        check("token" not in self.browser.address, "the token stays in the address")
        self.browser.wait("the strip is filled", lambda: "—" not in self.browser.text("#strip dd"))
        titles = self.browser.texts("nav a")
        check(len(titles) == len(VIEWS), f"views: {titles}")

    def peopled(self):
        """Until enough is held that there is somebody to be liquidated."""
        def held():
            rows = self.venue.own("/markets")["markets"]
            return sum(Decimal(row["openInterest"]) * Decimal(row["mark"] or 0) for row in rows)

        self.browser.wait("people hold something", lambda: held() > 500_000, seconds=180)

    def trade_by_hand(self):
        """PAGE-6: an account, an order that rests and is cancelled, and a position."""
        browser = self.browser
        browser.click_named("Open an account")
        browser.click("dialog button[type=submit]")
        browser.wait("there is an account", lambda: browser.text(".who strong").startswith("account-"))
        self.account = int(browser.text(".who strong").split("-")[1])
        browser.wait("its money is shown", lambda: exact(browser.text(".who dd")) == 10_000)
        mark = Decimal(self.venue.own("/markets?symbol=BTCUSDT")["markets"][0]["mark"])
        browser.type("#f-price", str(int(mark * Decimal("0.97"))))
        browser.type("#f-quantity", "0.01")
        browser.click("button.buy")
        browser.wait("it rests", lambda: "buy" in browser.text(".yours"))
        browser.click_named("Cancel")
        browser.wait("it is cancelled", lambda: "No open order." in browser.text(".yours"))
        # A quantity of nothing is refused, in the venue's words, and nothing happens.
        browser.type("#f-quantity", "0")
        browser.click("button.buy")
        browser.wait("it is refused", lambda: browser.count(".toast.bad") > 0)
        browser.type("#f-leverage", "10")
        browser.click_named("Set leverage and margin")
        browser.wait("leverage is set", lambda: self.leverage("BTCUSDT") == "10")
        browser.select("#f-kind", "MARKET")
        browser.type("#f-quantity", "0.4")
        browser.click(".ticket summary")
        browser.type("#f-target", str(int(mark * Decimal("0.3"))))
        browser.type("#f-stop", str(int(mark * Decimal("1.5"))))
        browser.click("button.sell")
        browser.wait("there is a position", lambda: "short 0.4" in browser.text(".yours"))
        browser.wait("with its brackets", lambda: browser.text(".yours").count("the position") == 2)
        for left in (1, 0):
            browser.click_named("Cancel")
            browser.wait("a bracket goes", lambda left=left: browser.text(".yours").count("the position") == left)
        browser.type("#f-target", "")
        browser.type("#f-stop", "")
        # Another market: bought, and closed again.
        browser.select("#market", "ETHUSDT")
        browser.wait("it is that market", lambda: "ETHUSDT" in browser.address)
        browser.click("button.buy")
        row = "tr[data-key='ETHUSDT BOTH']"
        browser.wait("there are two", lambda: browser.count(row) == 1)
        browser.click(row + " button")
        browser.wait("one is closed", lambda: browser.count(row) == 0)
        browser.select("#market", "BTCUSDT")
        self.lights()

    def leverage(self, symbol):
        query, headers = self.venue.query({"symbol": symbol}, self.key())
        connection = self.venue.connection()
        connection.request("GET", "/fapi/v1/symbolConfig?" + query, headers=headers)
        rows = json.loads(connection.getresponse().read())
        connection.close()
        return str(rows[0]["leverage"]) if isinstance(rows, list) and rows else str(rows)

    def key(self):
        kept = json.loads(self.browser.script("return localStorage.getItem('zerosum.account')"))
        return kept["apiKey"], kept["secret"]

    def lights(self):
        """The position's place in the queue is the interface's."""
        def same():
            query, headers = self.venue.query({}, self.key())
            connection = self.venue.connection()
            connection.request("GET", "/zerosum/v1/lights?" + query, headers=headers)
            row = json.loads(connection.getresponse().read())["positions"][0]
            connection.close()
            return self.browser.text(".yours .lights b") == str(row["lights"])

        self.browser.wait("its lights are the interface's", same)

    def crash(self):
        """Until somebody was deleveraged, which without a book is soon."""
        browser = self.browser
        browser.click("#crash")
        browser.wait("it asks", lambda: browser.count("dialog[open]") == 1)
        browser.key("dialog", "ESCAPE")
        browser.wait("Escape closes it", lambda: browser.count("dialog[open]") == 0)
        browser.click("#crash")
        browser.type("#f-depth", "35")
        browser.type("#f-seconds", "8")
        browser.click("dialog button[type=submit]")
        browser.wait(
            "somebody is deleveraged",
            lambda: self.venue.own("/episodes?deleveraged=true&limit=1")["episodes"],
            seconds=60,
        )
        browser.wait("the tape says so", lambda: "ADL" in browser.text(".tape"))
        # The last of it: no episode for three seconds.
        before = -1
        for _ in range(40):
            rows = self.venue.own("/episodes?limit=1")["episodes"]
            if rows[0]["episode"] == before:
                break
            before = rows[0]["episode"]
            time.sleep(3)

    def compare(self):
        """Numbers on the page against those of the interface."""
        browser, own = self.browser, self.venue.own
        mine = own(f"/episodes?account={self.account}&deleveraged=true&limit=100")["episodes"]
        if any((row["yours"] or {}).get("step") == "deleveraging" for row in mine):
            browser.wait("it says what happened to me", lambda: "you were deleveraged" in browser.text(".yours"))
        browser.view("reserves")
        browser.wait(
            "the fund is the fund",
            lambda: browser.title(".facts.big .number") == own("/fund?limit=1")["balance"],
        )
        rows = own("/fund?limit=200")["history"]
        browser.wait("its movements are all there", lambda: browser.count("section:has(.big) tbody tr") == len(rows))
        browser.view("waterfall")
        episodes = own("/episodes?limit=100")["episodes"]
        browser.wait("all episodes are there", lambda: browser.count(".episodes tbody tr") == len(episodes))
        for figure, name in ((0, "notional"), (1, "deficit")):
            total = sum(Decimal(row[name]) for row in episodes)
            shown = browser.script(
                "const t=document.querySelectorAll('.together table.sum')[arguments[0]];"
                "return [t.rows[0].cells[1].textContent, t.rows[t.rows.length-1].cells[1].textContent]", figure)
            check(Decimal(shown[0]) == total, f"{name}: the page has {shown[0]}, the interface {total}")
            check(shown[1] == "0", f"{name}: {shown[1]} is left")
        fills = own("/fills?limit=1")["fills"][0]["number"]
        browser.wait("all fills came", lambda: f"№ 1 to {fills}, 0 gaps" in browser.text(".fills p"))

    def receipt(self):
        """PAGE-5: a receipt at its own address, adding up."""
        browser = self.browser
        row = self.venue.own("/episodes?deleveraged=true&limit=1")["episodes"][0]
        browser.view(f"waterfall/{row['episode']}")
        browser.wait("the receipt is there", lambda: f"Episode {row['episode']}" in browser.text(".receipt"))
        told = self.venue.own(f"/receipts?episode={row['episode']}")["receipts"][0]
        steps = browser.count(".receipt .steps li")
        check(steps == min(400, len(told["steps"])), f"{steps} steps are shown of {len(told['steps'])}")
        lines = browser.script(
            "return [...document.querySelectorAll('.receipt table.sum tr')].map((r) => r.cells[1].textContent)")
        check(lines.count("0") >= 1 and told["sum"]["deficit"] in lines, f"the deficit {told['sum']['deficit']}: {lines}")
        check(browser.count(".receipt .proof.bad") == 0, "a receipt does not add up")
        ranks = [step["rank"] for step in told["steps"] if step["step"] == "closing" and "rank" in step]
        check(ranks and f"rank {ranks[0]}" in browser.text(".receipt"), "the rank of the deleveraged")

    def queue_and_proof(self):
        browser, own = self.browser, self.venue.own

        def same(side):
            rows = [row["account"] for row in own("/queue?symbol=BTCUSDT")[side]["rows"]]
            place = 0 if side == "longs" else 1
            shown = browser.script(
                "return [...document.querySelectorAll('.side')[arguments[0]].querySelectorAll('tbody tr:not(.none)')]"
                ".map((r) => r.cells[1].textContent.replace(' (you)', ''))", place)
            return rows == shown

        browser.view("queue")
        for side in ("longs", "shorts"):
            browser.wait(f"{side} stand as the interface has them", lambda side=side: same(side))
        browser.view("proof")
        browser.wait("nothing is missing", lambda: browser.text("#missing") == "0")
        terms = own("/conservation")
        shown = browser.script("return [...document.querySelectorAll('.equation td.number')].map((c) => c.textContent)")
        check(shown[0] == terms["deposits"] and shown[1] == terms["withdrawals"], f"{shown} is not {terms}")
        check("zerosum verify" in browser.text(".proof-view"), "how to check it")
        browser.view("prices")
        browser.wait("sources are there", lambda: browser.text(".prices").count("✓ counts") == 3)
        rules = own("/markets?symbol=BTCUSDT")["markets"][0]["parameters"]
        missing = [name for name in rules if name not in ("sequence", "at", "do", "symbol", "tiers")
                   and browser.count(f".rules div[title='{rules[name]}']") == 0]
        check(not missing, f"rules that are not shown: {missing}")
        browser.view("operations")
        before = own("/status")["commands"]
        browser.wait(
            "load is there",
            lambda: before <= exact(browser.text(".operations .facts dd")) <= own("/status")["commands"],
        )

    def look(self):
        """PAGE-7: each view in both themes and on a narrow screen: pictures, and what axe says."""
        browser, found, troubles = self.browser, 0, {}
        episode = self.venue.own("/episodes?deleveraged=true&limit=1")["episodes"][0]["episode"]
        for theme in ("dark", "light"):
            browser.theme(theme)
            for name in VIEWS + [f"waterfall/{episode}"]:
                browser.view(name)
                time.sleep(1)
                file = name.replace("/", "-receipt-").replace(f"-{episode}", "")
                browser.picture(os.path.join(self.pictures, f"{file}-{theme}.png"))
                found += 1
                for trouble in self.accessible():
                    troubles.setdefault(trouble, f"{name}, {theme}")
        check(not troubles, f"axe: {json.dumps(troubles, indent=1)}")
        browser.size(390, 844)
        for name in VIEWS:
            browser.view(name)
            time.sleep(0.7)
            browser.picture(os.path.join(self.pictures, f"{name}-narrow.png"))
            wide = browser.script("return document.documentElement.scrollWidth - innerWidth")
            check(wide <= 0, f"{name} is {wide} wider than a narrow screen")
            found += 1
        browser.size(1600, 1000)
        print(f"page: {found} pictures in {self.pictures}")

    def accessible(self):
        """What axe finds."""
        self.browser.script(self.axe)
        return self.browser.wait_script(
            "const done = arguments[arguments.length - 1]; axe.run(document, {resultTypes: ['violations']})"
            ".then((it) => done(it.violations.map((v) => v.id + ': ' + v.nodes.slice(0, 3).map((n) => n.html.slice(0, 160)"
            " + ' ' + n.any.map((a) => a.message).join('; ')).join(' | '))))")

    def keyboard(self):
        """Everything can be reached by Tab; the first stop leads to the content."""
        browser = self.browser
        browser.view("trade")
        seen = set()
        for _ in range(60):
            browser.key("body", "TAB")
            seen.add(browser.script(
                "const a = document.activeElement; return a.id || a.textContent.trim().slice(0, 20) || a.className"))
        for name in ("market", "crash", "theme", "Waterfall", "f-quantity", "Buy / long"):
            check(name in seen, f"{name} is not reached by Tab: {sorted(seen)}")

    def long_list(self):
        """PAGE-7: ten thousand rows, of which only those in view are there."""
        rows = self.browser.wait_script(
            """const done = arguments[arguments.length - 1];
            import('/page/lib.js').then(({ LongList, h }) => {
              const list = new LongList('t', 24, (row) => h('div', { class: 'fill' }, String(row.key)));
              list.element.style.height = '480px'; document.body.append(list.element);
              list.set(Array.from({ length: 10000 }, (_, i) => ({ key: 10000 - i })));
              let most = 0, worst = 0, last = performance.now(), step = 0;
              const turn = (now) => {
                worst = Math.max(worst, now - last); last = now; list.element.scrollTop = (step * 1200) % 240000;
                most = Math.max(most, list.inner.children.length); step += 1;
                if (step < 200) requestAnimationFrame(turn);
                else { const end = list.inner.lastElementChild.textContent; list.element.remove(); done([most, worst, end]); }
              };
              requestAnimationFrame(turn);
            })""")
        check(rows[0] < 60, f"{rows[0]} rows were there at once")
        print(f"page: 10,000 fills scrolled through, {rows[0]} rows at once, longest frame {rows[1]:.0f} ms")

    def end(self):
        """PAGE-3: when the venue goes away the page says so, and what it shows stays."""
        self.browser.view("trade")
        self.venue.stop()
        self.browser.wait("it says that the venue is gone", lambda: "does not answer" in self.browser.text("#banner"))


def without_chart(program, browser_of):
    """PAGE-1: no chart library, and everything else."""
    with tempfile.TemporaryDirectory(prefix="zerosum-page-") as folder:
        venue = Venue(program, folder)
        browser = browser_of(venue.port)
        try:
            browser.open("")
            browser.wait("it says so", lambda: "could not be had" in browser.text(".chart"))
            browser.wait("the rest is there", lambda: "mark" in browser.text(".ladder"))
            browser.silent(fail)
        finally:
            browser.close()
            venue.stop()
    print("page: without the chart library everything else is there")


def main():
    program, axe, chart, pictures = sys.argv[1:5]
    with tempfile.TemporaryDirectory(prefix="zerosum-page-") as folder:
        options = ["--seed", "7"] + (["--chart", chart] if chart and os.path.exists(chart) else [])
        venue = Venue(program, os.path.join(folder, "venue"), *options)
        browser = Browser(venue.port, fail)
        story = Story(venue, browser, pictures, axe)
        try:
            story.arrive()
            story.peopled()
            for part in (story.trade_by_hand, story.crash, story.compare, story.receipt, story.queue_and_proof,
                         story.keyboard, story.long_list, story.look):
                part()
                print(f"page: {part.__name__.replace('_', ' ')}: holds", flush=True)
            told = browser.silent(fail)
            print(f"page: {told} requests, all to the venue; no error on the console")
            story.end()
            print("page: end: holds")
        except BaseException:
            browser.picture(os.path.join(pictures, "failed.png"))
            raise
        finally:
            browser.close()
            if venue.process.poll() is None:
                venue.stop()
    if chart and os.path.exists(chart):
        without_chart(program, lambda port: Browser(port, fail))


main()

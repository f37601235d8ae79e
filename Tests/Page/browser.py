"""A headless Chromium on the page of a venue, for a story."""

import json
import time

from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException, WebDriverException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select


class Browser:
    def __init__(self, port, fail):
        options = webdriver.ChromeOptions()
        options.binary_location = "/usr/bin/chromium"
        for option in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--window-size=1600,1000",
                       "--hide-scrollbars"):
            options.add_argument(option)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
        self.driver.set_script_timeout(60)
        self.base = f"http://127.0.0.1:{port}/"
        self.port, self.fail = port, fail

    # Where it is.

    def open(self, fragment):
        self.driver.get(self.base + fragment)

    def view(self, name):
        self.script("location.hash = '#/' + arguments[0]; scrollTo(0, 0)", name)

    @property
    def address(self):
        return self.driver.current_url

    def theme(self, name):
        self.script(
            "if (document.documentElement.dataset.theme !== arguments[0]) document.getElementById('theme').click()", name)

    def size(self, width, height):
        # Chromium's own window is never narrower than 500: the page is told of a narrow screen.
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": False})

    def picture(self, path):
        try:
            self.driver.save_screenshot(path)
        except WebDriverException:
            pass

    # What is there.

    def texts(self, selector):
        return self.script("return [...document.querySelectorAll(arguments[0])].map((e) => e.innerText)", selector)

    def text(self, selector):
        found = self.texts(selector)
        return found[0] if found else ""

    def title(self, selector):
        return self.script("return document.querySelector(arguments[0])?.title ?? ''", selector)

    def count(self, selector):
        return self.script("return document.querySelectorAll(arguments[0]).length", selector)

    def script(self, text, *arguments):
        return self.driver.execute_script(text, *arguments)

    def wait_script(self, text):
        return self.driver.execute_async_script(text)

    def wait(self, what, condition, seconds=120):
        """Until something is so. How long that takes is the machine's."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                if condition():
                    return
            except (StaleElementReferenceException, ArithmeticError):
                pass
            time.sleep(0.1)
        self.fail(f"never: {what}\n{self.text('main')[:1500]}")

    # What is done.

    def element(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def click(self, selector):
        self.element(selector).click()

    def click_named(self, name):
        self.driver.find_element(By.XPATH, f"//button[normalize-space()='{name}']").click()

    def type(self, selector, text):
        field = self.element(selector)
        # Emptied and left, as `clear` does, the page may fill a field before anything is typed.
        field.send_keys(Keys.CONTROL + "a")
        field.send_keys(Keys.DELETE + text)

    def select(self, selector, value):
        Select(self.element(selector)).select_by_value(value)

    def key(self, selector, name):
        target = self.driver.switch_to.active_element if name == "TAB" else self.element(selector)
        target.send_keys(getattr(Keys, name))

    def silent(self, fail):
        """No error on the console, and no request elsewhere; how many requests there were."""
        # A refusal is a reply with 400, which Chromium notes as a failed request.
        errors = [entry["message"] for entry in self.driver.get_log("browser")
                  if entry["level"] in ("SEVERE", "WARNING") and "status of 400" not in entry["message"]]
        if errors:
            fail(f"the console: {errors[:5]}")
        count = 0
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] not in ("Network.requestWillBeSent", "Network.webSocketCreated"):
                continue
            address = message["params"].get("request", message["params"]).get("url", "")
            if address.startswith(("data:", "blob:")):
                continue
            count += 1
            if f"://127.0.0.1:{self.port}/" not in address:
                fail(f"a request elsewhere: {address}")
        return count

    def close(self):
        self.driver.quit()

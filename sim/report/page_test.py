#!/usr/bin/python3
"""What a browser makes of the pages.

usage: page_test RENDER_SAMPLES CHROMIUM
"""

import base64
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

import browser

RENDER_SAMPLES, CHROMIUM = sys.argv[1:3]

PHONE, DESKTOP = 360, 1280

# Each canvas, by how many different colours it shows.
COLORS = """
[...document.querySelectorAll("canvas")].map((canvas) => {
  const {data} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return new Set(new Uint32Array(data.buffer)).size;
})
"""

# The lowest contrast of a text with what is behind it, as WCAG 2.1 computes it.
CONTRAST = """
(() => {
  const channels = (color) => color.match(/[\\d.]+/g).slice(0, 3).map((c) => {
    const share = c / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  const luminance = (color) => {
    const [r, g, b] = channels(color);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const over = (color, page) => {
    const [r, g, b, a = 1] = color.match(/[\\d.]+/g).map(Number);
    const under = page.match(/[\\d.]+/g).map(Number);
    return `${[r, g, b].map((c, i) => c * a + under[i] * (1 - a))}`;
  };
  const page = getComputedStyle(document.body).backgroundColor;
  const texts = "h1, h2, p, dt, dd, b, code, span, li, th, td, figcaption";
  let worst = 21;
  for (const element of document.querySelectorAll(texts)) {
    const {color, backgroundColor} = getComputedStyle(element);
    const [one, other] = [luminance(color), luminance(over(backgroundColor, page))];
    worst = Math.min(worst, (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05));
  }
  return worst;
})()
"""


class PageTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        subprocess.run([RENDER_SAMPLES, cls.folder.name], check=True)
        cls.names = sorted(path.stem for path in pathlib.Path(cls.folder.name).glob("*.html"))
        cls.browser = browser.Browser(os.path.realpath(CHROMIUM), cls.folder.name)

    @classmethod
    def tearDownClass(cls):
        cls.browser.close()
        cls.folder.cleanup()

    def open(self, name, width=DESKTOP, scheme="light"):
        self.browser.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=800,
            deviceScaleFactor=1,
            mobile=width == PHONE,
        )
        self.browser.call(
            "Emulation.setEmulatedMedia",
            features=[{"name": "prefers-color-scheme", "value": scheme}],
        )
        self.browser.open(f"file://{self.folder.name}/{name}.html")

    def test_pages_load_alone_and_fit_the_window(self):
        self.assertGreater(len(self.names), 10)
        for width in (PHONE, DESKTOP):
            for name in self.names:
                with self.subTest(name=name, width=width):
                    self.open(name, width)
                    self.assertEqual(self.browser.complaints(), [])
                    self.assertEqual(len(self.browser.requests()), 1)
                    wide = self.browser.evaluate("document.documentElement.scrollWidth")
                    self.assertEqual(wide, width)

    def test_charts_are_drawn(self):
        charts_of = {"small": 1, "balance": 2, "failures": 1, "study": 1, "large": 2}
        for name, charts in charts_of.items():
            for scheme in ("light", "dark"):
                with self.subTest(name=name, scheme=scheme):
                    self.open(name, scheme=scheme)
                    colors = self.browser.evaluate(COLORS)
                    self.assertEqual(len(colors), charts)
                    self.assertGreater(min(colors), 10)
                    drawn = self.browser.evaluate("document.documentElement.dataset.charts")
                    self.assertEqual(drawn, str(charts))

    def test_text_can_be_read(self):
        for scheme in ("light", "dark"):
            for name in ("balance", "check_broken", "diff", "failures"):
                with self.subTest(name=name, scheme=scheme):
                    self.open(name, scheme=scheme)
                    self.assertGreater(self.browser.evaluate(CONTRAST), 4.5)

    def test_no_name_or_key_breaks_out(self):
        self.open("hostile")
        self.assertIn("</script><script>", self.browser.evaluate("document.title"))
        self.assertEqual(self.browser.evaluate("document.querySelectorAll('script').length"), 3)
        self.assertEqual(self.browser.evaluate("document.querySelectorAll('img').length"), 0)
        self.assertEqual(self.browser.evaluate("document.querySelectorAll('td b').length"), 0)

    def test_foreign_scripts_do_not_run(self):
        self.open("small")
        self.browser.evaluate(
            """
            (() => {
              const script = document.createElement("script");
              script.textContent = "document.title = 'broken'";
              document.body.append(script);
            })()
            """
        )
        self.assertNotEqual(self.browser.evaluate("document.title"), "broken")

    def test_a_click_sorts_a_table(self):
        self.open("balance")
        rows = "[...document.querySelectorAll('#servers tbody tr')]"
        column = rows + ".map((row) => row.cells[%d].textContent)"
        header = "document.querySelectorAll('#servers th')[%d]"
        names = self.browser.evaluate(column % 0)

        self.browser.evaluate(header % 2 + ".querySelector('button').click()")
        keys = [int(text.replace(",", "")) for text in self.browser.evaluate(column % 2)]
        self.assertEqual(keys, sorted(keys, reverse=True))
        self.assertEqual(self.browser.evaluate(header % 2 + ".ariaSort"), "descending")

        self.browser.evaluate(header % 2 + ".querySelector('button').click()")
        self.assertEqual(self.browser.evaluate(column % 2)[0], "86,900")

        self.browser.evaluate(header % 0 + ".querySelector('button').click()")
        self.assertEqual(self.browser.evaluate(column % 0), sorted(names))
        sorted_by = "document.querySelectorAll('[aria-sort]').length"
        self.assertEqual(self.browser.evaluate(sorted_by), 1)

    def test_charts_have_words_for_those_who_do_not_see_them(self):
        self.open("balance")
        labels = self.browser.evaluate(
            "[...document.querySelectorAll('canvas')].map((c) => c.getAttribute('aria-label'))"
        )
        self.assertEqual(labels[0], "Share of the keys. The table Servers has its numbers.")

    def test_paper_is_light_and_has_everything(self):
        self.open("balance", scheme="dark")
        self.browser.evaluate(
            """
            window.addEventListener("beforeprint", () => {
              window.printed = [...document.querySelectorAll("canvas")].map((canvas) =>
                getComputedStyle(document.documentElement).getPropertyValue("--page").trim());
            })
            """
        )
        pdf = base64.b64decode(self.browser.call("Page.printToPDF")["data"])
        self.assertTrue(pdf.startswith(b"%PDF-"))
        pages = len(re.findall(rb"/Type\s*/Page\b", pdf))
        self.assertIn(pages, range(1, 5))
        self.assertEqual(self.browser.evaluate("window.printed"), ["#ffffff", "#ffffff"])
        self.assertEqual(self.browser.evaluate("document.documentElement.className"), "scripted")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])

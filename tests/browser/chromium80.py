"""Drives Chromium 80, as Qt 5.15.0 carries it: `python chromium80.py ADDRESS < steps.json`.

Run by the Python of an environment of its own that has PyQtWebEngine 5.15.0. A step is a script
that is tried until it is truthy; the first that is not so after 20 seconds ends the run with
what the page looks like and what its console said.
"""

import json
import sys

from PyQt5.QtCore import QTimer, QUrl
from PyQt5.QtWebEngineWidgets import QWebEnginePage
from PyQt5.QtWidgets import QApplication

PATIENCE = 20000
PAUSE = 200


class Page(QWebEnginePage):
    def __init__(self):
        super().__init__()
        self.said = []

    def javaScriptConsoleMessage(self, level, message, line, source):  # noqa: N802
        self.said.append(f"{source}:{line}: {message}")


class Run:
    def __init__(self, address, steps):
        self.page = Page()
        self.steps, self.left = steps, PATIENCE
        self.page.load(QUrl(address))
        self.plan()

    def plan(self):
        QTimer.singleShot(PAUSE, self.attempt)

    def attempt(self):
        if not self.steps:
            return self.end("")
        return self.page.runJavaScript(self.steps[0], self.judge)

    def judge(self, result):
        self.left -= PAUSE
        if result:
            self.steps, self.left = self.steps[1:], PATIENCE
        if self.left > 0:
            self.plan()
        else:
            self.page.toPlainText(lambda text: self.end(f"{self.steps[0]}\n{text}"))

    def end(self, problem):
        sys.stderr.write("\n".join([problem, *self.page.said]))
        QApplication.exit(1 if problem else 0)


application = QApplication(["chromium80", "--no-sandbox", "--disable-gpu"])
run = Run(sys.argv[1], json.load(sys.stdin))
sys.exit(application.exec_())

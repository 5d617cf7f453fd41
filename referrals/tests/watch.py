"""Listens in every page and frame of a browser for what its policy refuses, and notes where the browser has been."""

from contextlib import suppress
from urllib.parse import urlsplit

from django.urls import Resolver404, resolve
from playwright.sync_api import BrowserContext, ConsoleMessage

# Frames without scripts cannot report; what is refused there is still written to the console.
REPORT = """addEventListener("securitypolicyviolation", event => reportRefusal(
  `${location.pathname}: ${event.effectiveDirective} refuses ${event.blockedURI} ${event.sample}`))"""
IN_THE_CONSOLE = ("Content Security Policy", "Content-Security-Policy", "Permissions-Policy", "X-Frame-Options")


class Watch:
    """refused: what was refused, in words. broken: scripts that failed. paths: what the browser asked for."""

    def __init__(self, context: BrowserContext) -> None:
        self.refused: list[str] = []
        self.broken: list[str] = []
        self.paths: set[str] = set()
        context.expose_binding("reportRefusal", lambda source, words: self.refused.append(words))
        context.add_init_script(REPORT)
        context.on("console", self._read)
        context.on("request", lambda request: self.paths.add(urlsplit(request.url).path))
        context.on("weberror", lambda error: self.broken.append(str(error.error)))

    @property
    def names(self) -> set[str]:
        """Return the names of the URL patterns that were asked for."""
        found = set()
        for path in self.paths:
            with suppress(Resolver404):
                found.add(resolve(path).view_name)
        return found

    def _read(self, message: ConsoleMessage) -> None:
        if any(words in message.text for words in IN_THE_CONSOLE):
            self.refused.append(message.text)

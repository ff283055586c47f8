"""`make screenshots`: builds what scenes.py tells as `statusledger build` does, and photographs them.

docs/screenshots/ is written anew: the same sources and the same browser give the same pictures.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright
from scenes import HERE, Scene, lay

from statusledger.cli.main import main as statusledger

OUT = HERE.parents[1] / "docs" / "screenshots"
A4_WIDTH, A4_HEIGHT = 680, 1009  # pixels of an A4 sheet within its margins
ARABIC = {
    "name: Acme Status": "name: حالة أكمي\n  language: ar",
    "Core services": "الخدمات الأساسية",
    "name: Data\n": "name: البيانات\n",
    "Messaging": "الرسائل",
    "name: API": "name: واجهة البرمجة",
    "Dashboard": "لوحة التحكم",
    "Sign-in": "تسجيل الدخول",
    "Search": "البحث",
    "Exports": "التصدير",
    "File storage": "تخزين الملفات",
    "Webhooks": "الإشعارات",
    "E-mail delivery": "البريد الإلكتروني",
    "Frankfurt": "فرانكفورت",
    "Virginia": "فرجينيا",
    "Support": "الدعم",
}
PAST = ("incidents/2026/2026-1[01]-1*.md",)
SCENES = {
    "degraded": Scene("2026-11-21T03:04Z", "2026-11-21T03:00Z"),
    "outage": Scene("2026-11-21T09:34Z", "2026-11-21T09:30Z", ("incidents/*/*.md",)),
    "maintenance": Scene("2026-11-22T01:34Z", "2026-11-22T01:30Z"),
    "stale": Scene("2026-11-21T06:04Z", "2026-11-21T03:00Z", PAST),
    "arabic": Scene("2026-11-21T03:04Z", "2026-11-21T03:00Z", (), ARABIC),
}


@dataclass(frozen=True, slots=True)
class Shot:
    """A page of a scene, as wide and high as this; a height of None takes all of it."""

    scene: str
    page: str = "index.html"
    width: int = 1000
    height: int | None = 900
    dark: bool = False
    media: str = "screen"


SHOTS = {
    "light": Shot("degraded", height=1250),
    "dark": Shot("degraded", "components/api/index.html", height=1150, dark=True),
    "phone": Shot("outage", width=390, height=1100),
    "outage": Shot("outage", height=1000),
    "incident": Shot("outage", "incidents/2026-10-14-api-requests-fail/index.html", height=None),
    "maintenance": Shot("maintenance", height=640),
    "stale": Shot("stale", height=640),
    "rtl": Shot("arabic", height=1000),
    "print": Shot("degraded", "sla/contracts/globex/2026-10/index.html", A4_WIDTH, A4_HEIGHT, media="print"),
}


def main() -> None:
    """Writes every picture and says how large it is."""
    OUT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        for name, scene in SCENES.items():
            build(Path(folder, name), scene)
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        for name, shot in SHOTS.items():
            target = OUT / f"{name}.png"
            photograph(browser, Path(folder), shot, target)
            print(f"{target}: {target.stat().st_size // 1024} kB")
        browser.close()


def build(root: Path, scene: Scene) -> None:
    """The site of a scene, by the command line."""
    lay(root, scene)
    if statusledger(["--root", str(root), "--now", scene.now, "build"]):
        sys.exit(f"screenshots: {root.name} was not built; the reason stands above")


def chromium() -> str:
    """Where the browser is."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        sys.exit("screenshots: no Chromium on PATH; install the package chromium")
    return found


def photograph(browser: Browser, root: Path, shot: Shot, target: Path) -> None:
    """Writes one picture; scripts are off, because the visitor's clock is not that of the scene."""
    size = {"width": shot.width, "height": shot.height or 900}
    mode = "dark" if shot.dark else "light"
    context = browser.new_context(viewport=size, color_scheme=mode, java_script_enabled=False)
    page = context.new_page()
    page.emulate_media(media=shot.media, color_scheme=mode)
    page.goto((root / shot.scene / "_site" / shot.page).as_uri())
    page.screenshot(path=target, full_page=shot.height is None)
    context.close()


if __name__ == "__main__":
    main()

"""Files that hosts and crawlers read: robots.txt, sitemap.xml, and the `_headers` of hosts that honour it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath
from xml.sax.saxutils import escape

# The same words stand in a meta element of every page, for hosts that ignore `_headers`.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; base-uri 'none'; form-action 'none'"
)
HEADERS = f"""/*
  Content-Security-Policy: {CONTENT_SECURITY_POLICY}
  Referrer-Policy: no-referrer
  X-Content-Type-Options: nosniff
/api/*
  Access-Control-Allow-Origin: *
/history.rss
  Access-Control-Allow-Origin: *
  Content-Type: application/rss+xml; charset=utf-8
/history.atom
  Access-Control-Allow-Origin: *
  Content-Type: application/atom+xml; charset=utf-8
"""


def robots(url: str) -> bytes:
    """Every crawler may read everything."""
    return f"User-agent: *\nAllow: /\nSitemap: {_absolute(url, PurePosixPath('sitemap.xml'))}\n".encode()


def sitemap(url: str, pages: Iterable[PurePosixPath]) -> bytes:
    """The addresses of the given pages; a folder stands for its index.html."""
    locations = "".join(f"<url><loc>{escape(_absolute(url, page))}</loc></url>\n" for page in sorted(pages))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{locations}</urlset>\n'
    ).encode()


def _absolute(url: str, path: PurePosixPath) -> str:
    return f"{url.rstrip('/')}/{path.as_posix().removesuffix('index.html')}"

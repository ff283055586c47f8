"""Files that hosts and crawlers read: robots.txt, sitemap.xml, and the `_headers` of hosts that honour it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import PurePosixPath
from xml.sax.saxutils import escape

# The same words stand in a meta element of every page, for hosts that ignore `_headers`.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'"
)
FONTS = (".woff2", ".woff", ".ttf", ".otf")
EVERYWHERE = """/*
  Content-Security-Policy: {policy}
  Referrer-Policy: no-referrer
  X-Content-Type-Options: nosniff
/api/*
  Access-Control-Allow-Origin: *
"""
# What stands at the root for other programs; hosts guess these types wrong or not at all.
TYPES: Mapping[str, str] = {
    "history.rss": "application/rss+xml",
    "history.atom": "application/atom+xml",
    "updates.rss": "application/rss+xml",
    "updates.atom": "application/atom+xml",
    "feed.json": "application/feed+json",
    "maintenance.ics": "text/calendar",
    "metrics.txt": "text/plain",
    "index.md": "text/markdown",
    "llms.txt": "text/plain",
}


def policy(published: Iterable[str]) -> str:
    """The content security policy of a site with these files: fonts are allowed where it has some of its own."""
    own_fonts = any(name.endswith(FONTS) for name in published)
    return CONTENT_SECURITY_POLICY + ("; font-src 'self'" if own_fonts else "")


def headers(published: Collection[PurePosixPath]) -> bytes:
    """`_headers` for hosts that honour it: the policy everywhere, open data, the types of what was published."""
    there = {path.as_posix() for path in published} | {"llms.txt"}
    rules = (
        f"/{name}\n  Access-Control-Allow-Origin: *\n  Content-Type: {kind}; charset=utf-8\n"
        for name, kind in TYPES.items()
        if name in there
    )
    return (EVERYWHERE.format(policy=policy(there)) + "".join(rules)).encode()


def robots(url: str) -> bytes:
    """Every crawler may read everything."""
    return f"User-agent: *\nAllow: /\nSitemap: {absolute(url, PurePosixPath('sitemap.xml'))}\n".encode()


def sitemap(url: str, pages: Iterable[PurePosixPath]) -> bytes:
    """The addresses of the given pages; a folder stands for its index.html."""
    locations = "".join(f"<url><loc>{escape(absolute(url, page))}</loc></url>\n" for page in sorted(pages))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{locations}</urlset>\n'
    ).encode()


def absolute(url: str, path: PurePosixPath) -> str:
    """The address of a path under the root at `url`; a folder stands for its index.html."""
    return f"{url.rstrip('/')}/{path.as_posix().removesuffix('index.html')}"

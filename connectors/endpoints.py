"""Where each vendor answers, and where the sandbox does in its place.

One table: the address of every interface of a vendor, and the sandbox's path for the same interface.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from models.domain.connection import Vendor
from models.errors import InvalidInput

GRAPH_VERSION = "v25.0"


@dataclass(frozen=True)
class Endpoints:
    """The base addresses of one vendor by interface, without a final slash. `sandbox` says that nothing real is reached."""

    vendor: Vendor
    bases: Mapping[str, str]
    sandbox: bool

    def __getitem__(self, interface: str) -> str:
        return self.bases[interface]


_TABLE: dict[Vendor, dict[str, tuple[str, str]]] = {
    Vendor.FACEBOOK: {
        "api": (f"https://graph.facebook.com/{GRAPH_VERSION}", f"/facebook/{GRAPH_VERSION}"),
        "authorize": (f"https://www.facebook.com/{GRAPH_VERSION}/dialog/oauth", "/facebook/dialog/oauth"),
    },
    Vendor.INSTAGRAM: {
        "api": (f"https://graph.facebook.com/{GRAPH_VERSION}", f"/instagram/{GRAPH_VERSION}"),
        "authorize": (f"https://www.facebook.com/{GRAPH_VERSION}/dialog/oauth", "/instagram/dialog/oauth"),
    },
    Vendor.LINKEDIN: {
        "api": ("https://api.linkedin.com/rest", "/linkedin/rest"),
        "authorize": ("https://www.linkedin.com/oauth/v2/authorization", "/linkedin/oauth/v2/authorization"),
        "token": ("https://www.linkedin.com/oauth/v2/accessToken", "/linkedin/oauth/v2/accessToken"),
    },
    Vendor.X: {
        "api": ("https://api.x.com", "/x"),
        "authorize": ("https://x.com/i/oauth2/authorize", "/x/i/oauth2/authorize"),
        "token": ("https://api.x.com/2/oauth2/token", "/x/2/oauth2/token"),
    },
    Vendor.TIKTOK: {
        "api": ("https://open.tiktokapis.com/v2", "/tiktok/v2"),
        "authorize": ("https://www.tiktok.com/v2/auth/authorize/", "/tiktok/v2/auth/authorize/"),
        "token": ("https://open.tiktokapis.com/v2/oauth/token/", "/tiktok/v2/oauth/token/"),
    },
    Vendor.YOUTUBE: {
        "api": ("https://youtube.googleapis.com/youtube/v3", "/youtube/youtube/v3"),
        "upload": (
            "https://youtube.googleapis.com/resumable/upload/youtube/v3",
            "/youtube/resumable/upload/youtube/v3",
        ),
        "analytics": ("https://youtubeanalytics.googleapis.com/v2", "/youtube/v2"),
        "authorize": ("https://accounts.google.com/o/oauth2/v2/auth", "/youtube/o/oauth2/v2/auth"),
        "token": ("https://oauth2.googleapis.com/token", "/youtube/token"),
    },
    Vendor.MAILCHIMP: {"api": ("https://{dc}.api.mailchimp.com/3.0", "/mailchimp/3.0")},
    Vendor.BREVO: {"api": ("https://api.brevo.com/v3", "/brevo/v3")},
    Vendor.SENDGRID: {"api": ("https://api.sendgrid.com", "/sendgrid")},
    Vendor.SMTP: {},
}


def endpoints(vendor: Vendor, *, sandbox_url: str | None = None, **parts: str) -> Endpoints:
    """The vendor's own addresses, or those below `sandbox_url`. `parts` fill names such as Mailchimp's `dc`."""
    if sandbox_url is not None:
        root = sandbox_url.rstrip("/")
        return Endpoints(vendor, {name: root + path for name, (_, path) in _TABLE[vendor].items()}, sandbox=True)
    try:
        real = {name: address.format(**parts) for name, (address, _) in _TABLE[vendor].items()}
    except KeyError as missing:
        raise InvalidInput(f"The address of {vendor.label} needs {missing}: connect the account again.") from None
    return Endpoints(vendor, real, sandbox=False)
